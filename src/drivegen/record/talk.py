"""What agents believe and tell one another, added to the frames of a live scene."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drivegen.capture.frame import Frame
from drivegen.core.geometry import Vec3
from drivegen.core.plans import ScenePlan
from drivegen.opendrive.model import RoadNetwork
from drivegen.record.agents import Carried
from drivegen.record.line_of_sight import LinesOfSight
from drivegen.record.timings import Timings
from drivegen.v2x.exchange import Exchanger

Paths = Mapping[tuple[str, str], str]


class Talk:
    """The cooperation of a scene; costs nothing where nobody talks and everybody knows the truth."""

    def __init__(
        self,
        plan: ScenePlan,
        network: RoadNetwork,
        world: Any,
        antennas_m: Mapping[str, Vec3],
        timings: Timings,
    ) -> None:
        """Takes the scene, the world that it is in, and where the antennas of roadside units are."""
        self._exchanger = Exchanger(plan, network)
        self._period_ns = 0 if plan.v2x is None else round(1e9 / plan.v2x.rate_hz)
        self._lines = LinesOfSight(world, antennas_m) if plan.v2x is not None else None
        self._paths: Paths | None = None
        self._next_ns = 0
        self._timings = timings

    def paths(self, time_ns: int, carried: Mapping[str, Carried]) -> Paths | None:
        """What stands between agents, as of the last instant of messages; none where nobody talks.

        No tick may be under way. Raises RuntimeError as the client does.
        """
        if self._lines is not None and time_ns >= self._next_ns:
            with self._timings.stage("lines of sight"):
                self._paths = self._lines.paths(carried)
            self._next_ns = (time_ns // self._period_ns + 1) * self._period_ns
        return self._paths

    def step(self, frame: Frame, paths: Paths | None, left_s: Mapping[str, float]) -> Frame:
        """The frame with beliefs and the exchange; frames come in the order of time."""
        if self._exchanger.idle:
            return frame
        with self._timings.stage("exchange"):
            return self._exchanger.step(frame, paths, left_s)
