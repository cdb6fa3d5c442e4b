"""What agents say, and when: drafts of messages before the air takes them.

Vehicles send BSM and SSM, roadside units RSM, SPAT, MAP and RSI. Each agent keeps a phase of its own within
the period. RSM and SSM carry what the detector had last ready, once: where sensors are slower than the rate,
a turn without news passes in silence.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from drivegen.capture.frame import EGO, AgentFrame, Frame
from drivegen.core.cooperation import Detection, MessageKind
from drivegen.core.geometry import Box, Pose, Vec3
from drivegen.core.labels import ObjectLabel
from drivegen.core.v2x_plan import V2xPlan
from drivegen.v2x.builders.roads import RoadMessages
from drivegen.v2x.builders.states import OwnState, build_bsm, build_rsm, build_ssm
from drivegen.v2x.codec import Message
from drivegen.v2x.detector import position_sigmas_m
from drivegen.v2x.draws import Draws
from drivegen.v2x.fusion import Report
from drivegen.v2x.map_message import MapMessage
from drivegen.v2x.ssm import Equipment
from drivegen.v2x.stamps import identity_of
from drivegen.v2x.station import Percept, Station

SLOW_NS = 1_000_000_000
"""Period of MAP and RSI."""
SIGNS_WITHIN_M = 200.0
"""RSI tells of the signs so near to its unit."""
OWN_LEAST_M = 0.05
"""A position is never taken to be better than this."""
OWN_SPEED_MPS = 0.15
"""Standard deviation that the cloud grants a vehicle's own speed."""
ORDER = tuple(MessageKind)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Draft:
    """A message as its sender has made it."""

    sender: str
    kind: MessageKind
    made_ns: int
    part: int
    """Of those of its kind that were made together."""
    count: int
    """Of the sender's messages of this kind, from 0 without going round."""
    message: Message
    reports: tuple[Report, ...] = ()
    """What the cloud will make of it."""
    signals: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Moment:
    """What senders know at a frame."""

    time_ns: int
    own: dict[str, OwnState]
    """Of vehicles, by name."""
    own_track: dict[str, int]
    signals: Mapping[str, str]
    left_s: Mapping[str, float]


class Broadcaster:
    """Makes the messages of a scene."""

    def __init__(
        self,
        seed: int,
        plan: V2xPlan,
        stations: Mapping[str, Station],
        roads: RoadMessages,
        first_ns: int,
    ) -> None:
        self._plan, self._stations, self._roads, self._first_ns = plan, stations, roads, first_ns
        self._ids = {name: identity_of(name) for name in stations}
        fast = round(1e9 / plan.rate_hz)
        phases = roads.nodes.phases
        self._lights = {
            name: {s for p in phases(s_id) for s in p.signal_ids}
            for name, station in stations.items()
            if (s_id := station.role.junction_id) is not None and station.role.is_unit
        }
        self._turns: list[tuple[str, MessageKind, int, int]] = []
        """Sender, kind, period and phase."""
        for name in sorted(stations):
            for kind, period in self._kinds(name, fast):
                phase = int(Draws(seed, "message phase", name, kind.value).uniform(0) * period)
                self._turns.append((name, kind, period, phase))
        self._counts: dict[tuple[str, MessageKind], int] = {}
        self._maps: dict[str, MapMessage] = {}
        self._before: _Moment | None = None

    def periods_ns(self) -> dict[tuple[str, str], int]:
        """How often each agent sends what, by sender and kind."""
        return {(name, kind.value): period for name, kind, period, _ in self._turns}

    def _kinds(self, name: str, fast_ns: int) -> list[tuple[MessageKind, int]]:
        role = self._stations[name].role
        if not role.is_unit:
            return [(MessageKind.BSM, fast_ns), (MessageKind.SSM, fast_ns)]
        out = [(MessageKind.RSM, fast_ns), (MessageKind.RSI, SLOW_NS)]
        if role.junction_id is not None:
            out.append((MessageKind.MAP, SLOW_NS))
            if self._lights[name]:
                out.append((MessageKind.SPAT, fast_ns))
        return out

    def drafts(self, frame: Frame, left_s: Mapping[str, float]) -> list[Draft]:
        """Those made since the frame before, up to this one, by made time, sender and kind."""
        now = _moment(frame, left_s)
        last_ns = frame.time_ns - 1 if self._before is None else self._before.time_ns
        due = []
        for name, kind, period, phase in self._turns:
            if name not in frame.agents:
                continue
            first = self._first_ns + phase
            k = max(0, (last_ns - first) // period + 1)
            while first + k * period <= frame.time_ns:
                due.append((first + k * period, name, ORDER.index(kind)))
                k += 1
        out: list[Draft] = []
        for made_ns, name, kind_index in sorted(due):
            out += self._made(made_ns, self._stations[name], ORDER[kind_index], frame, now)
        self._before = now
        return out

    def _made(
        self, made_ns: int, station: Station, kind: MessageKind, frame: Frame, now: _Moment
    ) -> list[Draft]:
        if kind is MessageKind.BSM:
            return self._bsm(made_ns, station, now)
        if kind in (MessageKind.RSM, MessageKind.SSM):
            percept = station.newest(made_ns)
            return [] if percept is None else self._shared(made_ns, station, kind, percept)
        if kind is MessageKind.SPAT:
            return self._spat(made_ns, station, now)
        return self._road(made_ns, station, kind, frame.agents[station.role.name])

    def _drafted(
        self,
        made_ns: int,
        station: Station,
        kind: MessageKind,
        messages: tuple[Message, ...],
        reports: tuple[tuple[Report, ...], ...] = (),
        signals: Mapping[str, str] | None = None,
    ) -> list[Draft]:
        name = station.role.name
        count = self._counts.get((name, kind), 0)
        self._counts[name, kind] = count + len(messages)
        return [
            Draft(
                sender=name,
                kind=kind,
                made_ns=made_ns,
                part=part,
                count=count + part,
                message=message,
                reports=reports[part] if reports else (),
                signals=signals,
            )
            for part, message in enumerate(messages)
        ]

    def _count(self, station: Station, kind: MessageKind) -> int:
        return self._counts.get((station.role.name, kind), 0)

    def _bsm(self, made_ns: int, station: Station, now: _Moment) -> list[Draft]:
        name = station.role.name
        state = now.own.get(name)
        if state is None:
            return []
        before = self._before
        if made_ns < now.time_ns and before is not None and name in before.own:
            share = (made_ns - before.time_ns) / (now.time_ns - before.time_ns)
            state = _between(before.own[name], state, share)
        state = replace(state, stamp_ns=station.clock.stamp_ns(made_ns, MessageKind.BSM.value))
        message = build_bsm(
            state,
            self._roads.projection,
            sender_id=self._ids[name],
            count=self._count(station, MessageKind.BSM),
        )
        report = Report(
            source=name,
            number=-1,
            track_id=now.own_track[name],
            object_class=state.object_class,
            position_m=state.box.pose.position_m,
            yaw_rad=state.box.pose.yaw_rad,
            size_m=state.box.size_m,
            velocity_mps=state.velocity_mps,
            sigma_m=max(state.position_sigma_m, OWN_LEAST_M),
            speed_sigma_mps=OWN_SPEED_MPS,
            time_ns=_on_air(state.stamp_ns),
            seen_ns=made_ns,
        )
        return self._drafted(made_ns, station, MessageKind.BSM, (message,), ((report,),))

    def _shared(self, made_ns: int, station: Station, kind: MessageKind, percept: Percept) -> list[Draft]:
        name, belief = station.role.name, percept.belief
        sigma = math.hypot(belief.position_sigma_m, self._plan.detector.position_sigma_m)
        found, count = percept.detections, self._count(station, kind)
        if kind is MessageKind.SSM:
            many = build_ssm(
                found,
                self._roads.projection,
                sender_id=self._ids[name],
                equipment=Equipment.OBU,
                sensor=belief,
                count=count,
                sigma_m=sigma,
            )
            return self._drafted(made_ns, station, kind, many)
        several = build_rsm(
            found,
            self._roads.projection,
            sender_id=self._ids[name],
            reference=belief.map_agent,
            count=count,
            sigma_m=sigma,
        )
        reports, at = [], 0
        for message in several:
            some = found[at : at + len(message.participants)]
            reports.append(tuple(self._report(station, percept, d) for d in some))
            at += len(some)
        return self._drafted(made_ns, station, kind, several, tuple(reports))

    def _report(self, station: Station, percept: Percept, detection: Detection) -> Report:
        """As the platform takes a participant: its precision follows from its range, which both know."""
        belief, box = percept.belief, detection.box
        away = np.linalg.norm(box.pose.position_m[:2] - belief.map_agent.position_m[:2])
        lidar = np.array([bool(station.role.rig.lidars)])
        along, across = position_sigmas_m(
            self._plan.detector, np.array([max(float(away), 1.0)]), np.zeros(1), lidar
        )
        own = max(belief.position_sigma_m, OWN_LEAST_M)
        return Report(
            source=station.role.name,
            number=detection.detection_id,
            track_id=detection.track_id,
            object_class=detection.object_class,
            position_m=box.pose.position_m,
            yaw_rad=box.pose.yaw_rad,
            size_m=box.size_m,
            velocity_mps=detection.velocity_mps,
            sigma_m=math.sqrt(own**2 + 0.5 * float(along[0] ** 2 + across[0] ** 2)),
            speed_sigma_mps=self._plan.detector.speed_sigma_mps,
            time_ns=_on_air(detection.stamp_ns),
            seen_ns=percept.seen_ns,
        )

    def _spat(self, made_ns: int, station: Station, now: _Moment) -> list[Draft]:
        junction = station.role.junction_id
        shown = now if made_ns >= now.time_ns or self._before is None else self._before
        lights = self._lights[station.role.name]
        states = {s: state for s, state in shown.signals.items() if s in lights}
        if junction is None or not states:
            return []
        passed_s = (made_ns - shown.time_ns) * 1e-9
        message = self._roads.spat(
            junction,
            states,
            stamp_ns=station.clock.stamp_ns(made_ns, MessageKind.SPAT.value),
            count=self._count(station, MessageKind.SPAT),
            left_s={s: max(left - passed_s, 0.0) for s, left in shown.left_s.items() if s in lights},
        )
        return self._drafted(made_ns, station, MessageKind.SPAT, (message,), signals=states)

    def _road(self, made_ns: int, station: Station, kind: MessageKind, agent: AgentFrame) -> list[Draft]:
        name, junction = station.role.name, station.role.junction_id
        count = self._count(station, kind)
        if kind is MessageKind.MAP:
            if junction is None:
                return []
            if name not in self._maps:
                self._maps[name] = self._roads.map_message((junction,), count=0)
            return self._drafted(made_ns, station, kind, (replace(self._maps[name], count=count % 128),))
        signs = self._roads.rsi(
            agent.map_agent.position_m,
            radius_m=SIGNS_WITHIN_M,
            sender_id=self._ids[name],
            count=count,
        )
        return self._drafted(made_ns, station, kind, signs)


def _moment(frame: Frame, left_s: Mapping[str, float]) -> _Moment:
    labels = {label.track_id: label for label in frame.objects}
    own: dict[str, OwnState] = {}
    track: dict[str, int] = {}
    for name, agent in frame.agents.items():
        body = body_of(name, agent, labels)
        if body is not None and agent.belief is not None:
            own[name] = OwnState.of(agent, body)
            track[name] = body.track_id
    return _Moment(
        time_ns=frame.time_ns, own=own, own_track=track, signals=frame.signals, left_s=dict(left_s)
    )


def body_of(name: str, agent: AgentFrame, labels: Mapping[int, ObjectLabel]) -> ObjectLabel | None:
    """The label of the vehicle that carries an agent; `labels`: of the frame, by track id."""
    if name == EGO:
        return agent.body
    return None if agent.track_id is None else labels.get(agent.track_id)


def _between(before: OwnState, after: OwnState, share: float) -> OwnState:
    """A vehicle's state between two frames."""

    def mixed(a: Vec3, b: Vec3) -> Vec3:
        return np.asarray((1.0 - share) * a + share * b)

    one, other = before.box.pose, after.box.pose
    near = other.orientation_wxyz * (1.0 if one.orientation_wxyz @ other.orientation_wxyz >= 0.0 else -1.0)
    turned = (1.0 - share) * one.orientation_wxyz + share * near
    turned = turned / np.linalg.norm(turned) * (1.0 if turned[0] >= 0.0 else -1.0)
    return replace(
        after,
        box=Box(
            pose=Pose(position_m=mixed(one.position_m, other.position_m), orientation_wxyz=turned),
            size_m=after.box.size_m,
        ),
        velocity_mps=mixed(before.velocity_mps, after.velocity_mps),
        acceleration_mps2=mixed(before.acceleration_mps2, after.acceleration_mps2),
        yaw_rate_radps=(1.0 - share) * before.yaw_rate_radps + share * after.yaw_rate_radps,
    )


def _on_air(stamp_ns: int) -> int:
    """A stamp as far as messages carry it: whole milliseconds."""
    return stamp_ns // 1_000_000 * 1_000_000
