"""Traffic lights and signs with the lanes they govern."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from jaxtyping import Float64

from drivegen.core.geometry import Pose, Vec3
from drivegen.opendrive.evaluate import NetworkGeometry, RoadCurve
from drivegen.opendrive.model import DRIVABLE, LaneValidity, Road, RoadNetwork, Signal
from drivegen.opendrive.sign_faces import SignFace, face_of
from drivegen.opendrive.signal_forms import ROUND, HeadForm, form_of
from drivegen.opendrive.topology import LaneRef, Topology

LIGHT_TYPES = frozenset({"1000001", "1000002", *(str(n) for n in range(1000007, 1000021))})
"""Signal types that the CARLA 0.9.16 client knows as lights."""
_FOOT_BELOW_M = 2.0
"""A light whose zOffset is less than this gives the foot of its pole, as RoadRunner's files do."""
_HEAD_ABOVE_FOOT_M = 5.0
_PLATE_ABOVE_FOOT_M = 2.2
_SIGN_FOOT_BELOW_M = 1.0
_LINE_AHEAD_M = 8.0
_LINE_BEHIND_M = 15.0


class SignKind(StrEnum):
    """Signs that CARLA knows."""

    STOP = "stop"
    YIELD = "yield"
    SPEED = "speed"
    OTHER = "other"


_KINDS = {"206": SignKind.STOP, "205": SignKind.YIELD, "274": SignKind.SPEED}
_KIND_OF_FACE = {
    SignFace.STOP: SignKind.STOP,
    SignFace.YIELD: SignKind.YIELD,
    SignFace.SPEED_LIMIT: SignKind.SPEED,
}
"""Signs of other catalogues that mean the same; CARLA's own reader knows only the numbers above."""
_MOST_LANES = 64
_OBJECT_LANES = {
    "+": LaneValidity(from_lane=1, to_lane=_MOST_LANES),
    "-": LaneValidity(from_lane=-_MOST_LANES, to_lane=-1),
}
_MPS = {"mph": 0.44704, "m/s": 1.0, "km/h": 1.0 / 3.6, "": 1.0 / 3.6}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StopLine:
    """Where one lane's traffic waits for a signal: on the painted line where there is one."""

    road_id: int
    lane_id: int
    s_m: float
    """On `road_id`, clamped to its end where the painted line lies just inside the junction."""
    start_m: Vec3
    """Left end as the traffic sees it."""
    end_m: Vec3
    """Right end."""
    heading_rad: float
    """Direction of travel."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SignalHead:
    """One traffic light."""

    index: int
    """Place in the list, in the order of the file: stable for equal files."""
    signal_id: str
    """OpenDRIVE's id."""
    pose: Pose
    """Centre of the head; x points at the traffic that shall see it."""
    foot_m: Vec3
    """Where its pole stands: below the head, at the height of the road."""
    controller_id: str | None
    junction_id: int | None
    sequence: int
    """Place of the controller in the junction's cycle; 0 where there is none."""
    stop_lines: tuple[StopLine, ...]
    form: HeadForm = ROUND
    """Its lenses."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RoadSign:
    """A stop, yield, speed or other sign."""

    index: int
    """Place in the list, in the order of the file."""
    signal_id: str
    kind: SignKind
    type: str
    value: float | None
    """Speed limit in m/s for SPEED, else the file's value."""
    pose: Pose
    """Centre of the plate; x points at the traffic that shall see it."""
    foot_m: Vec3
    stop_lines: tuple[StopLine, ...]
    """Where the traffic that it governs waits; for signs that stop nobody, where it passes them."""
    face: SignFace = SignFace.PLAIN
    """What the plate shows."""
    text: str = ""
    """The number or words on it; of SPEED km/h."""


def signal_heads(network: RoadNetwork) -> tuple[SignalHead, ...]:
    """All traffic lights (OpenDRIVE types that CARLA takes for lights), in the order of the file."""
    return _heads(network, _Finder(network))


def signals_of(network: RoadNetwork) -> tuple[tuple[SignalHead, ...], tuple[RoadSign, ...]]:
    """All traffic lights and all signs: as `signal_heads` and `road_signs`, in less time than both."""
    finder = _Finder(network)
    return _heads(network, finder), _signs(network, finder)


def _heads(network: RoadNetwork, finder: _Finder) -> tuple[SignalHead, ...]:
    order = {c.id: (j.id, c.sequence) for j in network.junctions for c in j.controllers}
    controller = {s: c for c in reversed(network.controllers) for s in c.signal_ids}
    out: list[SignalHead] = []
    for road, signal in _signals(network):
        if signal.type not in LIGHT_TYPES:
            continue
        lines = finder.stop_lines(signal)
        own = controller.get(signal.id)
        junction, sequence = order.get(own.id, (None, own.sequence)) if own else (None, 0)
        foot, pose = finder.place(road, signal, lines)
        out.append(
            SignalHead(
                index=len(out),
                signal_id=signal.id,
                pose=pose,
                foot_m=foot,
                controller_id=own.id if own else None,
                junction_id=junction if junction is not None else finder.junction_of(signal),
                sequence=sequence,
                stop_lines=lines,
                form=form_of(signal, finder.turns_rad(signal)),
            )
        )
    return tuple(out)


def road_signs(network: RoadNetwork) -> tuple[RoadSign, ...]:
    """All other signals that stand beside the road, in the order of the file; not what is painted on it."""
    return _signs(network, _Finder(network))


def _signs(network: RoadNetwork, finder: _Finder) -> tuple[RoadSign, ...]:
    out: list[RoadSign] = []
    for road, signal in _signals(network):
        if signal.type in LIGHT_TYPES or _is_painted(signal):
            continue
        face, text = face_of(signal)
        kind = _KINDS.get(signal.type, _KIND_OF_FACE.get(face, SignKind.OTHER))
        lines = finder.stop_lines(signal, painted=kind in {SignKind.STOP, SignKind.YIELD})
        foot, pose = finder.place(road, signal, lines)
        value = signal.value
        if kind is SignKind.SPEED:
            shown = value if value is not None else _number(signal.subtype)
            value = shown * _MPS.get(signal.unit, 1.0 / 3.6) if shown is not None else None
        out.append(
            RoadSign(
                index=len(out),
                signal_id=signal.id,
                kind=kind,
                type=signal.type,
                value=value,
                pose=pose,
                foot_m=foot,
                stop_lines=lines,
                face=face,
                text=f"{value * 3.6:.0f}" if kind is SignKind.SPEED and value is not None else text,
            )
        )
    return tuple(out)


def _signals(network: RoadNetwork) -> list[tuple[Road, Signal]]:
    return [(road, signal) for road in network.roads for signal in (*road.signals, *_speed_signs(road))]


def _speed_signs(road: Road) -> list[Signal]:
    """Signs that RoadRunner writes as objects named Speed_60; CARLA's reader makes signals of them.

    As there, "+" governs the lanes left of the reference line, "-" those right of it. The number is km/h, as
    in the name of the actor that CARLA has there (its landmarks call it mph).
    """
    out = []
    for item in road.objects:
        number = re.fullmatch(r"speed_(\d+)", item.name.lower())
        if number is None or item.orientation not in _OBJECT_LANES:
            continue
        out.append(
            Signal(
                id=item.id,
                name=item.name,
                s_m=item.s_m,
                t_m=item.t_m,
                z_offset_m=0.0,
                h_offset_rad=item.heading_rad,
                orientation=item.orientation,
                dynamic=False,
                type="274",
                subtype=number[1],
                value=float(number[1]),
                unit="km/h",
                validities=(_OBJECT_LANES[item.orientation],),
            )
        )
    return out


def _is_painted(signal: Signal) -> bool:
    """Stop lines and symbols that RoadRunner writes among the signals."""
    name = signal.name.lower().replace("_", "").replace(" ", "")
    return signal.type == "roadMark" or "stopline" in name or name.startswith("stencil")


def _number(text: str) -> float | None:
    return float(text) if text.replace(".", "", 1).isdigit() else None


def _governs(lane: int, orientation: str, validities: tuple[LaneValidity, ...]) -> bool:
    """By the lanes named; by the orientation only where they leave the direction open.

    RoadRunner names lanes and writes "+" for either direction.
    """
    named = [v for v in validities if v.holds(lane)]
    if validities and not named:
        return False
    if any(v.from_lane * v.to_lane > 0 for v in named):
        return True
    return not ((orientation == "+" and lane > 0) or (orientation == "-" and lane < 0))


class _Finder:
    def __init__(self, network: RoadNetwork) -> None:
        self._network = network
        self._geometry = NetworkGeometry(network)
        self._topology = Topology(network)
        self._uses: dict[str, list[tuple[Road, float, str, tuple[LaneValidity, ...]]]] = {}
        for road in network.roads:
            for s in (*road.signals, *_speed_signs(road)):
                self._uses.setdefault(s.id, []).append((road, s.s_m, s.orientation, s.validities))
            for r in road.signal_references:
                self._uses.setdefault(r.signal_id, []).append((road, r.s_m, r.orientation, r.validities))
        lines = _painted_lines(self._geometry)
        self._painted_m = np.array([centre for centre, _, _ in lines]).reshape(-1, 3)
        self._painted_along = np.array([direction for _, direction, _ in lines]).reshape(-1, 2)
        self._painted_half_m = np.array([half for _, _, half in lines])

    def junction_of(self, signal: Signal) -> int | None:
        """The junction of the roads that refer to a signal."""
        return next((u[0].junction for u in self._uses[signal.id] if u[0].junction is not None), None)

    def turns_rad(self, signal: Signal) -> list[float]:
        """How much each path through a junction that a light controls turns, to the left positive."""
        out = []
        for road, _, orientation, validities in self._uses[signal.id]:
            if road.junction is None:
                continue
            heading = self._geometry.curve(road.id).reference(np.array([0.0, road.length_m]))[1]
            turn = float((heading[1] - heading[0] + np.pi) % (2.0 * np.pi) - np.pi)
            lanes = [
                v.id
                for section in road.lane_sections
                for v in section.lanes
                if v.type in DRIVABLE and _governs(v.id, orientation, validities)
            ]
            # Lanes left of the reference line are driven against it: what turns left there turns right.
            out += [turn if lane < 0 else -turn for lane in lanes]
        return out

    def stop_lines(self, signal: Signal, *, painted: bool = True) -> tuple[StopLine, ...]:
        """One for each lane that leads up to the signal; on the painted line, or beside the signal."""
        found: dict[LaneRef, float] = {}
        uses = self._uses[signal.id]
        for road, s, orientation, validities in uses:
            if not validities and any(u[3] for u in uses):
                continue  # it stands here, and governs where it is referred to
            section = road.section_at(s)
            for lane in road.lane_sections[section].lanes:
                if lane.type not in DRIVABLE or not _governs(lane.id, orientation, validities):
                    continue
                ref = LaneRef(road_id=road.id, section=section, lane_id=lane.id)
                if road.junction is None:
                    found.setdefault(ref, s)
                    continue
                for entry in self._entries(ref):
                    first, last = self._geometry.curve(entry.road_id).section_range(entry.section)
                    found.setdefault(entry, last if entry.lane_id < 0 else first)
        return tuple(self._line(ref, found[ref], painted=painted) for ref in sorted(found))

    def _entries(self, ref: LaneRef) -> list[LaneRef]:
        """Lanes outside the junction from which a lane inside is reached."""
        seen, queue, out = {ref}, [ref], []
        while queue:
            for before in self._topology.predecessors(queue.pop()):
                if before in seen:
                    continue
                seen.add(before)
                if self._network.road_by_id[before.road_id].junction is None:
                    out.append(before)
                else:
                    queue.append(before)
        return out

    def _line(self, ref: LaneRef, s: float, *, painted: bool) -> StopLine:
        curve = self._geometry.curve(ref.road_id)
        centre = curve.lane_centre(ref.section, ref.lane_id, np.array([s]))
        heading = float(centre.heading_rad[0])
        along = np.array([np.cos(heading), np.sin(heading)])
        left = np.array([-along[1], along[0]])
        shift = self._painted_ahead(centre.position_m[0], along, left) if painted else 0.0
        slope = float(curve.elevation(np.array([s]))[1][0]) * (1.0 if ref.lane_id < 0 else -1.0)
        middle = centre.position_m[0] + np.array([*(shift * along), shift * slope])
        half = 0.5 * float(centre.width_m[0]) * np.array([*left, 0.0])
        first, last = curve.section_range(ref.section)
        return StopLine(
            road_id=ref.road_id,
            lane_id=ref.lane_id,
            s_m=float(np.clip(s + (shift if ref.lane_id < 0 else -shift), first, last)),
            start_m=middle + half,
            end_m=middle - half,
            heading_rad=float(np.arctan2(along[1], along[0])),
        )

    def _painted_ahead(
        self, at: Vec3, along: Float64[np.ndarray, "2"], left: Float64[np.ndarray, "2"]
    ) -> float:
        """How far ahead of a point its painted stop line lies; 0 if it has none."""
        delta = self._painted_m - at
        ahead, beside = delta[:, :2] @ along, np.abs(delta[:, :2] @ left)
        fits = (
            (np.abs(self._painted_along @ left) > 0.8)
            & (ahead > -_LINE_BEHIND_M)
            & (ahead < _LINE_AHEAD_M)
            & (beside < self._painted_half_m + 0.3)
            & (np.abs(delta[:, 2]) < 2.0)
        )
        if not fits.any():
            return 0.0
        return float(ahead[np.argmin(np.where(fits, np.abs(ahead), np.inf))])

    def place(self, road: Road, signal: Signal, lines: tuple[StopLine, ...]) -> tuple[Vec3, Pose]:
        """(foot of the pole, pose of head or plate)."""
        curve = self._geometry.curve(road.id)
        s = np.array([np.clip(signal.s_m, 0.0, road.length_m)])
        foot = curve.points(s, np.array([signal.t_m]))[0]
        is_light = signal.type in LIGHT_TYPES
        threshold = _FOOT_BELOW_M if is_light else _SIGN_FOOT_BELOW_M
        above = _HEAD_ABOVE_FOOT_M if is_light else _PLATE_ABOVE_FOOT_M
        rise = above if signal.z_offset_m < threshold else signal.z_offset_m + signal.height_m / 2.0
        heading = float(curve.reference(s)[1][0])
        yaw = _facing(heading, signal, lines)
        x, y, z = (float(v) for v in foot)
        return foot, Pose.from_xyz_rpy(x, y, z + rise, yaw_rad=yaw)


def _facing(heading: float, signal: Signal, lines: tuple[StopLine, ...]) -> float:
    """Exporters count hOffset from the road or from the facing side: take the one that is seen."""
    stated = heading + signal.h_offset_rad
    if lines:
        wanted = mean_heading_rad(lines) + np.pi
    elif signal.orientation == "-":
        wanted = heading
    else:
        wanted = heading + np.pi
    return stated if np.cos(stated - wanted) >= 0.0 else stated + np.pi


def mean_heading_rad(lines: Sequence[StopLine]) -> float:
    """Direction of the traffic over some stop lines."""
    headings = np.array([line.heading_rad for line in lines])
    return float(np.arctan2(np.sin(headings).sum(), np.cos(headings).sum()))


def _painted_lines(geometry: NetworkGeometry) -> list[tuple[Vec3, Float64[np.ndarray, "2"], float]]:
    """Those of all roads."""
    return [
        line for road in geometry.network.roads for line in painted_lines_of(geometry.curve(road.id), road)
    ]


def painted_lines_of(curve: RoadCurve, road: Road) -> list[tuple[Vec3, Float64[np.ndarray, "2"], float]]:
    """(centre, direction along the line, half its length) of a road's stop-line objects."""
    out = []
    for item in road.objects:
        if "stopline" not in item.name.lower().replace("_", "").replace(" ", ""):
            continue
        s = np.array([item.s_m])
        centre = curve.points(s, np.array([item.t_m]))[0]
        angle = float(curve.reference(s)[1][0]) + item.heading_rad
        long, wide = item.length_m, item.width_m
        if wide > long:
            angle, long = angle + np.pi / 2.0, wide
        out.append((centre, np.array([np.cos(angle), np.sin(angle)]), long / 2.0))
    return out
