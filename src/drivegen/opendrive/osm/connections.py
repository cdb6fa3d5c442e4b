"""Ways through junctions: each lane arrives where its successor begins, and none ends without a way on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.lane_tips import LaneTip, lane_tip
from drivegen.opendrive.model import (
    DRIVABLE,
    Connection,
    ContactPoint,
    Cubic,
    ElementKind,
    Geometry,
    Junction,
    Lane,
    LaneLink,
    LaneSection,
    LaneSpeed,
    LaneType,
    Line,
    ParamPoly3,
    Road,
    RoadLink,
    RoadNetwork,
)
from drivegen.opendrive.osm.lengths import curve_length_m, measured
from drivegen.opendrive.topology import LaneRef

_TOUCH_M = 0.005
_KINK_RAD = np.radians(8.0)
_TIGHTEST = 0.3
"""Of a lane's border on the inner side of a bend, as a share of the reference line's length there."""
_STRAIGHT_M = 1e-3
_STRAIGHT_RAD = 1e-3
_SHORTEST_M = 0.2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Way:
    """One lane through a junction."""

    incoming: Road
    from_lane: int
    outgoing: Road
    outgoing_contact: ContactPoint
    to_lane: int
    lane: Lane
    """Type and speed of the lane between."""


class _Ways:
    """Finds the ends of lanes at junctions, and builds roads between them."""

    def __init__(self, network: RoadNetwork) -> None:
        self.network = network
        self._geometry = NetworkGeometry(network)
        self._next_id = 1 + max(road.id for road in network.roads)

    def of(self, connection: Connection) -> list[_Way]:
        """The lanes of a connection that lead from road to road."""
        incoming = self.network.road_by_id[connection.incoming_road]
        road = self.network.road_by_id[connection.connecting_road]
        ahead = road.successor if connection.contact is ContactPoint.START else road.predecessor
        if ahead is None or ahead.kind is not ElementKind.ROAD or ahead.contact is None:
            return []
        outgoing = self.network.road_by_id.get(ahead.id)
        out = []
        for link in connection.lane_links:
            lane = road.lane_sections[0].lane(link.to_lane)
            if lane is None or outgoing is None:
                continue
            to_lane = lane.successor if connection.contact is ContactPoint.START else lane.predecessor
            if to_lane is not None:
                way = _Way(
                    incoming=incoming,
                    from_lane=link.from_lane,
                    outgoing=outgoing,
                    outgoing_contact=ahead.contact,
                    to_lane=to_lane,
                    lane=lane,
                )
                out.append(way)
        return out

    def tips(self, way: _Way) -> tuple[LaneTip, LaneTip] | None:
        """Where a way begins and ends; None where one of its lanes is not there."""
        incoming = LaneRef(
            road_id=way.incoming.id,
            section=len(way.incoming.lane_sections) - 1 if way.from_lane < 0 else 0,
            lane_id=way.from_lane,
        )
        at_start = way.outgoing_contact is ContactPoint.START
        outgoing = LaneRef(
            road_id=way.outgoing.id,
            section=0 if at_start else len(way.outgoing.lane_sections) - 1,
            lane_id=way.to_lane,
        )
        for road, ref in ((way.incoming, incoming), (way.outgoing, outgoing)):
            if road.lane_sections[ref.section].lane(ref.lane_id) is None:
                return None
        first = lane_tip(self._geometry, incoming, leaving=True)
        last = lane_tip(self._geometry, outgoing, leaving=False)
        return None if first is None or last is None else (first, last)

    def fits(self, connection: Connection, way: _Way) -> bool:
        """True if the lane between touches both ends and is nowhere inside out."""
        ends = self.tips(way)
        if ends is None:
            return True
        road_id, lane_id = connection.connecting_road, way.lane.id
        ref = LaneRef(road_id=road_id, section=0, lane_id=lane_id)
        begin = lane_tip(self._geometry, ref, leaving=False)
        end = lane_tip(self._geometry, ref, leaving=True)
        if begin is None or end is None:
            return False
        for a, b in ((ends[0], begin), (end, ends[1])):
            apart = float(np.linalg.norm(a.centre_m - b.centre_m))
            if apart > _TOUCH_M or abs(a.turn_to_rad(b)) > _KINK_RAD:
                return False
        curve = self._geometry.curve(road_id)
        stations = np.linspace(0.0, curve.road.length_m, 33)
        _, _, curvature = curve.reference(stations)
        inner, outer, _ = curve.lane_bounds(0, lane_id, stations)
        return bool(min(np.min(1.0 - curvature * inner), np.min(1.0 - curvature * outer)) > _TIGHTEST)

    def turn_rad(self, way: _Way) -> float:
        """By how much a way turns, to the left positive; infinite where it is not known."""
        ends = self.tips(way)
        return np.inf if ends is None else ends[0].turn_to_rad(ends[1])

    def build(self, way: _Way, junction: int, connection_id: int) -> tuple[Road, Connection] | None:
        """A connecting road of one lane, as smooth as its ends allow, and its connection."""
        ends = self.tips(way)
        if ends is None or np.linalg.norm(ends[1].centre_m - ends[0].centre_m) < _SHORTEST_M:
            return None
        first, last = ends
        geometry = _smooth(first, last)
        length = geometry.length_m
        road_id, self._next_id = self._next_id, self._next_id + 1
        slope = (last.width_m - first.width_m) / length
        rise = float(last.centre_m[2] - first.centre_m[2])
        lane = replace(
            way.lane,
            id=-1,
            widths=(Cubic(s_m=0.0, a=first.width_m, b=slope),),
            borders=(),
            predecessor=way.from_lane,
            successor=way.to_lane,
        )
        road = Road(
            id=road_id,
            name="",
            length_m=length,
            junction=junction,
            geometries=(geometry,),
            lane_sections=(LaneSection(s_m=0.0, lanes=(Lane(id=0, type=LaneType.NONE), lane)),),
            lane_offsets=(Cubic(s_m=0.0, a=0.5 * first.width_m, b=0.5 * slope),),
            elevations=(Cubic(s_m=0.0, a=float(first.centre_m[2]), b=rise / length),),
            predecessor=RoadLink(
                kind=ElementKind.ROAD,
                id=way.incoming.id,
                contact=ContactPoint.END if way.from_lane < 0 else ContactPoint.START,
            ),
            successor=RoadLink(kind=ElementKind.ROAD, id=way.outgoing.id, contact=way.outgoing_contact),
        )
        connection = Connection(
            id=connection_id,
            incoming_road=way.incoming.id,
            connecting_road=road_id,
            contact=ContactPoint.START,
            lane_links=(LaneLink(from_lane=way.from_lane, to_lane=-1),),
        )
        return road, connection


def _smooth(first: LaneTip, last: LaneTip) -> Geometry:
    """A cubic between two ends with their directions; over a circle's arc it is that arc to 0.1 %.

    The tangents have the length that makes a Hermite cubic follow an arc: chord / cos^2(turn / 4).
    """
    delta = last.centre_m[:2] - first.centre_m[:2]
    c, s = np.cos(first.heading_rad), np.sin(first.heading_rad)
    u1, v1 = float(c * delta[0] + s * delta[1]), float(c * delta[1] - s * delta[0])
    turn = first.turn_to_rad(last)
    heading = float((first.heading_rad + np.pi) % (2.0 * np.pi) - np.pi)
    x, y = float(first.centre_m[0]), float(first.centre_m[1])
    if abs(v1) < _STRAIGHT_M and abs(turn) < _STRAIGHT_RAD and u1 > 0.0:
        return Geometry(s_m=0.0, x_m=x, y_m=y, heading_rad=heading, length_m=u1, shape=Line())
    tangent = float(np.hypot(u1, v1)) / np.cos(turn / 4.0) ** 2
    du, dv = tangent * np.cos(turn), tangent * np.sin(turn)
    shape = ParamPoly3(
        u=(0.0, tangent, float(3.0 * u1 - 2.0 * tangent - du), float(tangent + du - 2.0 * u1)),
        v=(0.0, 0.0, float(3.0 * v1 - dv), float(dv - 2.0 * v1)),
        normalized=True,
    )
    length = curve_length_m(shape)
    return Geometry(s_m=0.0, x_m=x, y_m=y, heading_rad=heading, length_m=length, shape=shape)


def mend_connections(network: RoadNetwork) -> RoadNetwork:
    """Gives lanes that miss their successors connecting roads of their own, and lanes that end a way on."""
    network = replace(network, roads=tuple(measured(road) for road in network.roads))
    ways = _Ways(network)
    roads = {road.id: road for road in network.roads}
    junctions = []
    for junction in network.junctions:
        connections: list[Connection] = []
        number = 1 + max((c.id for c in junction.connections), default=0)
        new: list[_Way] = []
        for connection in junction.connections:
            lanes = ways.of(connection)
            if not lanes or all(ways.fits(connection, way) for way in lanes):
                connections.append(connection)
                continue
            new += lanes
            roads.pop(connection.connecting_road, None)
        new += _missing(ways, junction)
        for way in new:
            built = ways.build(_typed(way), junction.id, number)
            if built is not None:
                roads[built[0].id] = built[0]
                connections.append(built[1])
                number += 1
        junctions.append(replace(junction, connections=tuple(connections)))
    return RoadNetwork(
        name=network.name,
        geo_reference=network.geo_reference,
        roads=tuple(roads.values()),
        junctions=tuple(junctions),
        controllers=network.controllers,
        source=network.source,
    )


def _typed(way: _Way) -> _Way:
    """A lane from or to a bicycle lane is one for bicycles."""
    section = way.incoming.lane_sections[-1 if way.from_lane < 0 else 0]
    at_start = way.outgoing_contact is ContactPoint.START
    target = way.outgoing.lane_sections[0 if at_start else -1].lane(way.to_lane)
    source = section.lane(way.from_lane)
    kinds = {lane.type for lane in (source, target) if lane is not None}
    if LaneType.BIKING in kinds:
        return replace(way, lane=replace(way.lane, type=LaneType.BIKING))
    return way


def _missing(ways: _Ways, junction: Junction) -> Iterator[_Way]:
    """Ways for driving lanes that no connection takes on: to where the nearest lane beside them goes."""
    known = [way for c in junction.connections for way in ways.of(c) if way.lane.type in DRIVABLE]
    for road in ways.network.roads:
        for link, sign, index in ((road.successor, -1, -1), (road.predecessor, 1, 0)):
            if link != RoadLink(kind=ElementKind.JUNCTION, id=junction.id):
                continue
            beside = [w for w in known if w.incoming.id == road.id and w.from_lane * sign > 0]
            taken = {w.from_lane for w in beside}
            for lane in road.lane_sections[index].lanes:
                if lane.id * sign <= 0 or lane.type not in DRIVABLE or lane.id in taken or not beside:
                    continue
                nearest = min(
                    beside,
                    key=lambda w: (abs(w.from_lane - lane.id), abs(ways.turn_rad(w))),
                )
                speeds = nearest.lane.speeds or (LaneSpeed(s_offset_m=0.0, max_mps=30.0 / 3.6),)
                yield replace(nearest, from_lane=lane.id, lane=replace(nearest.lane, speeds=speeds))
