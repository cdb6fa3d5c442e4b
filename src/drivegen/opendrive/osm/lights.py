"""Traffic lights: one head for each stream of an approach, and a controller for each phase.

netconvert writes a signal for every pair of lanes and every lane of bicycles, all of one controller, so that
a junction would be green at once for everybody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.lane_tips import LaneTip, lane_tip
from drivegen.opendrive.model import (
    DRIVABLE,
    Connection,
    ContactPoint,
    Controller,
    ElementKind,
    Junction,
    JunctionController,
    LaneType,
    LaneValidity,
    Road,
    RoadNetwork,
    RoadObject,
    Signal,
    SignalReference,
)
from drivegen.opendrive.signal_forms import STRAIGHT_RAD
from drivegen.opendrive.signals import LIGHT_TYPES
from drivegen.opendrive.topology import LaneRef

_SAME_AXIS_RAD = np.radians(35.0)
_BESIDE_M = 0.7
_APART_M = 1.2
_BEFORE_END_M = 1.0
_CARRIAGEWAY = DRIVABLE | {LaneType.BIKING, LaneType.SHOULDER}
_STOP_LINE_M = 0.4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Stream:
    """One lane of a connecting road, as its approach sees it."""

    from_lane: int
    connecting: Road
    to_lane: int
    outgoing: int
    turn_rad: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Approach:
    """The traffic that enters a junction from one road."""

    road: Road
    heading_rad: float
    streams: tuple[_Stream, ...]

    @property
    def left_only(self) -> frozenset[int]:
        """Lanes from which every way turns left."""
        lanes = {s.from_lane for s in self.streams}
        others = {s.from_lane for s in self.streams if s.turn_rad < STRAIGHT_RAD}
        return frozenset(lanes - others) if others else frozenset()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Head:
    signal: Signal
    at_road: int
    references: tuple[tuple[int, SignalReference], ...]
    """(connecting road, reference)."""


def group_lights(network: RoadNetwork) -> RoadNetwork:
    """The network with new lights, controllers and stop lines where it had lights before.

    Opposite approaches are green together. Lanes that only turn left have a head and a phase of their own,
    after the other lanes of their axis; other left turns give way.
    """
    geometry = NetworkGeometry(network)
    lit = _lit(network)
    heads: list[_Head] = []
    controllers: list[Controller] = []
    entered: set[int] = set()
    junctions = []
    for junction in network.junctions:
        approaches = _approaches(geometry, junction) if junction.id in lit else []
        entered.update(a.road.id for a in approaches)
        phases: list[str] = []
        for members in _axes(approaches):
            for left in (False, True):
                built = [h for a in members if (h := _head(geometry, a, len(heads) + 1, left)) is not None]
                # Numbers follow the order in which heads are made: one by one within a phase.
                built = [_numbered(h, len(heads) + 1 + i) for i, h in enumerate(built)]
                if built:
                    heads += built
                    identity = str(len(controllers) + 1)
                    phases.append(identity)
                    controllers.append(_controller(identity, built, len(phases) - 1, left, members))
        entries = tuple(JunctionController(id=p, sequence=i) for i, p in enumerate(phases))
        junctions.append(replace(junction, controllers=entries))
    roads = tuple(_dressed(geometry, road, heads, road.id in entered) for road in network.roads)
    return RoadNetwork(
        name=network.name,
        geo_reference=network.geo_reference,
        roads=roads,
        junctions=tuple(junctions),
        controllers=tuple(controllers),
        source=network.source,
    )


def _lit(network: RoadNetwork) -> set[int]:
    """Junctions that a road with lights leads into."""
    out = set()
    for road in network.roads:
        for signal in road.signals:
            if signal.type in LIGHT_TYPES:
                link = road.predecessor if signal.orientation == "-" else road.successor
                if link is not None and link.kind is ElementKind.JUNCTION:
                    out.add(link.id)
    return out


def _approaches(geometry: NetworkGeometry, junction: Junction) -> list[_Approach]:
    by_road: dict[int, list[tuple[_Stream, LaneTip]]] = {}
    for connection in junction.connections:
        for stream, tip in _streams(geometry, connection):
            by_road.setdefault(connection.incoming_road, []).append((stream, tip))
    roads = geometry.network.road_by_id
    return [
        _Approach(
            road=roads[road_id],
            heading_rad=found[0][1].heading_rad,
            streams=tuple(stream for stream, _ in found),
        )
        for road_id, found in sorted(by_road.items())
    ]


def _streams(geometry: NetworkGeometry, connection: Connection) -> Iterable[tuple[_Stream, LaneTip]]:
    road = geometry.network.road_by_id[connection.connecting_road]
    ahead = road.successor if connection.contact is ContactPoint.START else road.predecessor
    for link in connection.lane_links:
        lane = road.lane_sections[0].lane(link.to_lane)
        if lane is None or lane.type not in DRIVABLE or ahead is None:
            continue
        ref = LaneRef(road_id=road.id, section=0, lane_id=lane.id)
        first, last = (lane_tip(geometry, ref, leaving=leaving) for leaving in (False, True))
        if first is not None and last is not None:
            stream = _Stream(
                from_lane=link.from_lane,
                connecting=road,
                to_lane=lane.id,
                outgoing=ahead.id,
                turn_rad=first.turn_to_rad(last),
            )
            yield stream, first


def _axes(approaches: list[_Approach]) -> list[list[_Approach]]:
    """Approaches that share a phase: those of one axis, in the order of their roads."""
    out: list[tuple[float, list[_Approach]]] = []
    for approach in approaches:
        axis = approach.heading_rad % np.pi
        for known, members in out:
            apart = abs(axis - known)
            if min(apart, np.pi - apart) <= _SAME_AXIS_RAD:
                members.append(approach)
                break
        else:
            out.append((axis, [approach]))
    return [members for _, members in out]


def _head(geometry: NetworkGeometry, approach: _Approach, number: int, left: bool) -> _Head | None:
    """A head on the far side, where a road leads straight on, else beside the end of the approach."""
    own = [s for s in approach.streams if (s.from_lane in approach.left_only) == left]
    if not own:
        return None
    across = min(approach.streams, key=lambda s: (abs(s.turn_rad), s.connecting.id))
    outgoing = geometry.network.road_by_id[across.outgoing]
    if abs(across.turn_rad) < STRAIGHT_RAD and outgoing.id != approach.road.id:
        road, s, turned = outgoing, min(_BEFORE_END_M, 0.5 * outgoing.length_m), np.pi
    else:
        road, s, turned = approach.road, max(approach.road.length_m - _BEFORE_END_M, 0.0), 0.0
    t = _kerb_m(geometry, road, s) - _BESIDE_M - (_APART_M if left else 0.0)
    validities: dict[int, list[int]] = {}
    for stream in own:
        validities.setdefault(stream.connecting.id, []).append(stream.to_lane)
    return _Head(
        signal=_light(number, s, t, turned),
        at_road=road.id,
        references=tuple(
            (
                road_id,
                SignalReference(
                    signal_id=str(number),
                    s_m=0.0,
                    t_m=0.0,
                    orientation="+",
                    validities=tuple(LaneValidity(from_lane=i, to_lane=i) for i in sorted(set(lanes))),
                ),
            )
            for road_id, lanes in validities.items()
        ),
    )


def _kerb_m(geometry: NetworkGeometry, road: Road, s_m: float) -> float:
    """t of the outer border of the carriageway on the right."""
    section = road.section_at(s_m)
    lanes = [lane for lane in road.lane_sections[section].right if lane.type in _CARRIAGEWAY]
    if not lanes:
        return 0.0
    return float(geometry.curve(road.id).lane_bounds(section, lanes[-1].id, np.array([s_m]))[1][0])


def _light(number: int, s_m: float, t_m: float, h_offset_rad: float) -> Signal:
    """A light on a pole whose foot is at (s, t)."""
    return Signal(
        id=str(number),
        name="Signal_3Light_Post01",
        s_m=s_m,
        t_m=t_m,
        z_offset_m=0.0,
        h_offset_rad=float(h_offset_rad),
        orientation="+",
        dynamic=True,
        type="1000001",
        subtype="-1",
        country="OpenDRIVE",
        width_m=0.4,
        height_m=1.2,
        # It governs only where a connecting road refers to it.
        validities=(LaneValidity(from_lane=0, to_lane=0),),
    )


def _numbered(head: _Head, number: int) -> _Head:
    return replace(
        head,
        signal=replace(head.signal, id=str(number)),
        references=tuple((r, replace(v, signal_id=str(number))) for r, v in head.references),
    )


def _controller(
    identity: str, heads: list[_Head], sequence: int, left: bool, members: list[_Approach]
) -> Controller:
    names = dict.fromkeys(a.road.name for a in members if a.road.name)
    return Controller(
        id=identity,
        name=" / ".join(names) + (" left" if left else ""),
        signal_ids=tuple(h.signal.id for h in heads),
        sequence=sequence,
    )


def _dressed(geometry: NetworkGeometry, road: Road, heads: list[_Head], entered: bool) -> Road:
    """The road with its new signals, references, and a stop line where lights hold its traffic."""
    kept = tuple(s for s in road.signals if s.type not in LIGHT_TYPES)
    references = tuple(r for h in heads for road_id, r in h.references if road_id == road.id)
    objects = (*road.objects, *(_stop_line(geometry, road) if entered else ()))
    return replace(
        road,
        signals=(*kept, *(h.signal for h in heads if h.at_road == road.id)),
        signal_references=references,
        objects=objects,
    )


def _stop_line(geometry: NetworkGeometry, road: Road) -> tuple[RoadObject, ...]:
    section = len(road.lane_sections) - 1
    lanes = [lane.id for lane in road.lane_sections[section].right if lane.type in DRIVABLE]
    s = road.length_m - _STOP_LINE_M / 2.0 - 0.1
    if not lanes or s < 0.0:
        return ()
    curve = geometry.curve(road.id)
    bounds = [curve.lane_bounds(section, lane, np.array([s])) for lane in (lanes[0], lanes[-1])]
    left, right = float(bounds[0][0][0]), float(bounds[1][1][0])
    return (
        RoadObject(
            id="",
            name="StopLine",
            type="roadMark",
            s_m=s,
            t_m=0.5 * (left + right),
            heading_rad=float(np.pi / 2.0),
            orientation="+",
            length_m=left - right - 0.2,
            width_m=_STOP_LINE_M,
        ),
    )
