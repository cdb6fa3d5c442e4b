"""One agent in the exchange: its clock, where it believes it is, and what it perceives."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from drivegen.capture.frame import EGO, AgentFrame
from drivegen.core.agents import AgentErrors, Clock, Sky
from drivegen.core.cooperation import Belief, Detection
from drivegen.core.plans import ScenePlan
from drivegen.core.sensors import Rig
from drivegen.core.v2x_plan import DetectorPlan
from drivegen.v2x.clocks import AgentClock
from drivegen.v2x.covers import Covers
from drivegen.v2x.detector import Detector
from drivegen.v2x.evidence import Scene
from drivegen.v2x.localisation import PoseErrors


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Role:
    """What a plan says of an agent."""

    name: str
    rig: Rig
    errors: AgentErrors
    is_unit: bool
    """A roadside unit; else a vehicle."""
    junction_id: int | None = None

    @property
    def exact(self) -> bool:
        """Whether it is wrong in nothing."""
        errors = self.errors
        return errors.clock == Clock() and errors.localisation.sky is Sky.EXACT and not errors.believed_mounts


def roles(plan: ScenePlan) -> tuple[Role, ...]:
    """The agents of a plan, by name."""
    found = [Role(name=EGO, rig=plan.ego.rig, errors=plan.ego.errors, is_unit=False)]
    found += [Role(name=c.name, rig=c.rig, errors=c.errors, is_unit=False) for c in plan.connected]
    found += [
        Role(name=u.name, rig=u.rig, errors=u.errors, is_unit=True, junction_id=u.junction_id)
        for u in plan.roadside
    ]
    return tuple(sorted(found, key=lambda r: r.name))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Percept:
    """What an agent detected in a frame."""

    seen_ns: int
    ready_ns: int
    """When the detector had done its work."""
    belief: Belief
    detections: tuple[Detection, ...]


class Station:
    """An agent through a scene."""

    def __init__(self, seed: int, role: Role, detector: DetectorPlan | None, first_ns: int) -> None:
        """`detector` is none where nobody talks; then the agent perceives nothing here."""
        self.role = role
        self.clock = AgentClock(seed, role.name, role.errors.clock, first_ns)
        self._pose = PoseErrors(seed, role.name, role.errors.localisation, first_ns)
        self._plan = detector
        self._detector = (
            None if detector is None else Detector(seed, role.name, role.rig, role.errors, detector, first_ns)
        )
        self._percepts: deque[Percept] = deque()

    def believe(self, time_ns: int, agent: AgentFrame, covers: Covers) -> Belief:
        """What it holds to be so in a frame."""
        exact = self.role.errors.localisation.sky is Sky.EXACT
        covered = not exact and covers.over(agent.map_agent.position_m)
        fix = self._pose.fix(time_ns, agent.map_agent, covered)
        channels = sorted({*agent.images, *agent.sweeps, *agent.radars, *agent.gnss, *agent.imu})
        return Belief(
            stamp_ns=self.clock.stamp_ns(time_ns),
            channel_stamps_ns={c: self.clock.stamp_ns(time_ns, c) for c in channels},
            map_agent=fix.map_agent,
            position_sigma_m=fix.position_sigma_m,
        )

    def perceive(
        self, time_ns: int, agent: AgentFrame, scene: Scene, belief: Belief
    ) -> tuple[Detection, ...] | None:
        """What it detects in a frame; none where its sensors did not deliver.

        An agent with LiDARs detects when one of them delivers, others when a camera does.
        """
        if self._detector is None or self._plan is None:
            return None
        lidars = {s.name for s in self.role.rig.lidars}
        due = bool(lidars & agent.sweeps.keys()) if lidars else bool(agent.images)
        if not due:
            if agent.images:
                self._detector.look(time_ns, scene)
            return None
        found = self._detector.detect(time_ns, scene, agent.map_agent, agent.track_id, belief)
        ready_ns = time_ns + round(1e9 * self._plan.latency_s)
        self._percepts.append(Percept(seen_ns=time_ns, ready_ns=ready_ns, belief=belief, detections=found))
        return found

    def newest(self, time_ns: int) -> Percept | None:
        """The last that the detector had ready by a time and that was not asked for before; times ascend."""
        found = None
        while self._percepts and self._percepts[0].ready_ns <= time_ns:
            found = self._percepts.popleft()
        return found
