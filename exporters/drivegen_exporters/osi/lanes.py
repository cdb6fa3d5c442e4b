"""osi3.Lane of the road around the ego's way (ASAM OSI 3.8, osi_lane.proto).

A lane of one lane section of OpenDRIVE is a lane; the roads of a junction together are one, of the type
intersection, as OSI has it. Points run along the road's reference line, and left and right are meant so;
antecessors and successors are meant in the direction of travel.
Numbers of lanes depend on the road alone, those of boundaries also on what of it is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any

import numpy as np
import shapely
from jaxtyping import Float64
from osi3.osi_groundtruth_pb2 import GroundTruth
from osi3.osi_lane_pb2 import Lane as OsiLane
from osi3.osi_lane_pb2 import LaneBoundary
from scipy.spatial import cKDTree

from drivegen.core.geometry import Vec3
from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import DRIVABLE, WALKABLE, Lane, LaneType, Road, RoadNetwork
from drivegen.opendrive.signals import SignalHead
from drivegen.opendrive.surfaces.plan import ring_area, union
from drivegen.opendrive.topology import LaneRef, Topology
from drivegen_exporters.osi.borders import SHORTEST_M, Line, Stretch, boundary, stretches

FIRST_LANE_ID = 1 << 34
FIRST_INTERSECTION_ID = 1 << 35
FIRST_BOUNDARY_ID = 1 << 36
_NARROWEST_M = 0.1
"""Lanes that are nowhere wider are left out."""
_LEVEL_M = 1.5
"""Who stands on a lane is within this of its height."""
_JUNCTION_STEP_M = 1.0
_SIMPLER_M = 0.02
"""How far the outline of an intersection may lie from that of its lanes; OSI allows 5 cm."""

_Kind = OsiLane.Classification
_SUBTYPES = {
    LaneType.DRIVING: _Kind.SUBTYPE_NORMAL,
    LaneType.BIDIRECTIONAL: _Kind.SUBTYPE_NORMAL,
    LaneType.ENTRY: _Kind.SUBTYPE_ENTRY,
    LaneType.EXIT: _Kind.SUBTYPE_EXIT,
    LaneType.ON_RAMP: _Kind.SUBTYPE_ONRAMP,
    LaneType.OFF_RAMP: _Kind.SUBTYPE_OFFRAMP,
    LaneType.CONNECTING_RAMP: _Kind.SUBTYPE_CONNECTINGRAMP,
    LaneType.BIKING: _Kind.SUBTYPE_BIKING,
    LaneType.PARKING: _Kind.SUBTYPE_PARKING,
    LaneType.STOP: _Kind.SUBTYPE_STOP,
    LaneType.RESTRICTED: _Kind.SUBTYPE_RESTRICTED,
    LaneType.BORDER: _Kind.SUBTYPE_BORDER,
    LaneType.SHOULDER: _Kind.SUBTYPE_SHOULDER,
    **dict.fromkeys(WALKABLE, _Kind.SUBTYPE_SIDEWALK),
}
_THROUGH = DRIVABLE | {LaneType.BIKING}
"""Lanes of a junction that are parts of the intersection."""

_Line = Float64[np.ndarray, "n 3"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A lane that is told."""

    ref: LaneRef
    lane: Lane
    left: LaneRef | None
    right: LaneRef | None


class RoadLanes:
    """The lanes around a way. Those that lie within reach of it are told whole.

    Args:
        network: The road.
        way_m: Where the ego was.
        reach_m: How far around that the lanes go, along x and y.
        source: Name of the OpenDRIVE file.
    """

    def __init__(
        self, network: RoadNetwork, way_m: Float64[np.ndarray, "k 2"], reach_m: float, source: str
    ) -> None:
        self._network = network
        self._topology = Topology(network)
        self._geometry = NetworkGeometry(network)
        self._low, self._high = way_m.min(axis=0) - reach_m, way_m.max(axis=0) + reach_m
        self._source = source
        self._message = GroundTruth()
        self._areas: list[shapely.Geometry] = []
        self._edges: list[_Line] = []
        self._junctions: dict[int, list[LaneRef]] = {}
        numbers = self._numbers()
        rows, junctions = self._told()
        self._ids = {row.ref: numbers[row.ref] for row in rows}
        self._ids |= {
            ref: FIRST_INTERSECTION_ID + place
            for place, junction in enumerate(sorted(self._junctions))
            if junction in junctions
            for ref in self._junctions[junction]
        }
        for section, group in _grouped(rows):
            self._add_section(section, group)
        for junction in sorted(junctions):
            self._add_intersection(junction)
        self._tree = shapely.STRtree(self._areas)

    def add(self, message: Any, host_m: Vec3) -> None:
        """Writes all lanes and boundaries into a ground truth that has none, and which are the host's.

        Args:
            message: osi3.GroundTruth.
            host_m: Where the host vehicle touches the ground.
        """
        message.MergeFrom(self._message)
        own = set(self.under(host_m))
        for lane in message.lane:
            lane.classification.is_host_vehicle_lane = lane.id.value in own

    def under(self, foot_m: Vec3) -> tuple[int, ...]:
        """Ids of the lanes on which something stands, in ascending order."""
        found = []
        for place in self._tree.query(shapely.points(foot_m[:2]), predicate="intersects"):
            edge = self._edges[place]
            nearest = edge[np.argmin(np.linalg.norm(edge[:, :2] - foot_m[:2], axis=1))]
            if abs(nearest[2] - foot_m[2]) < _LEVEL_M:
                found.append(int(self._message.lane[int(place)].id.value))
        return tuple(sorted(found))

    def held_by(self, head: SignalHead) -> tuple[int, ...]:
        """Ids of the lanes whose traffic waits for a light, in ascending order."""
        refs = (
            LaneRef(
                road_id=line.road_id,
                section=self._network.road_by_id[line.road_id].section_at(line.s_m),
                lane_id=line.lane_id,
            )
            for line in head.stop_lines
        )
        return self._known(refs)

    def _numbers(self) -> dict[LaneRef, int]:
        """Ids of all lanes of the whole network; gathers the lanes of junctions meanwhile."""
        out: dict[LaneRef, int] = {}
        for road in self._network.roads:
            for index, section in enumerate(road.lane_sections):
                for lane in section.lanes:
                    ref = LaneRef(road_id=road.id, section=index, lane_id=lane.id)
                    if lane.id != 0 and road.junction is None:
                        out[ref] = FIRST_LANE_ID + len(out)
                    elif lane.id != 0 and road.junction is not None and lane.type in _THROUGH:
                        self._junctions.setdefault(road.junction, []).append(ref)
        return out

    def _told(self) -> tuple[list[_Row], set[int]]:
        """Lanes within reach outside junctions, and junctions within reach."""
        rows: list[_Row] = []
        junctions: set[int] = set()
        for road in self._network.roads:
            curve = self._geometry.curve(road.id)
            for index, section in enumerate(road.lane_sections):
                first, last = curve.section_range(index)
                if last - first <= SHORTEST_M or not self._in_reach(road, index):
                    continue
                if road.junction is not None:
                    if road.junction in self._junctions:
                        junctions.add(road.junction)
                    continue
                stations = curve.stations(index)
                lanes = sorted((x for x in section.lanes if x.id != 0), key=lambda x: -x.id)
                wide = [x for x in lanes if curve.width(index, x.id, stations)[0].max() >= _NARROWEST_M]
                refs = [LaneRef(road_id=road.id, section=index, lane_id=x.id) for x in wide]
                beside = [None, *refs, None]
                rows += [
                    _Row(ref=ref, lane=lane, left=beside[i], right=beside[i + 2])
                    for i, (ref, lane) in enumerate(zip(refs, wide, strict=True))
                ]
        return rows, junctions

    def _in_reach(self, road: Road, index: int) -> bool:
        curve = self._geometry.curve(road.id)
        stations = curve.stations(index)
        borders = curve.border_offsets(index, stations).values()
        at = np.concatenate([curve.points(stations, t) for t in borders])[:, :2]
        return bool(((at >= self._low) & (at <= self._high)).all(axis=1).any())

    def _add_section(self, section: tuple[int, int], rows: list[_Row]) -> None:
        borders: dict[tuple[int, str], list[int]] = {}
        for row in rows:
            number = row.ref.lane_id
            left, right = (number, number - 1) if number > 0 else (number + 1, number)
            # To the lane on its left a border is the right one.
            sides = (
                self._border(borders, section, left, "right"),
                self._border(borders, section, right, "left"),
            )
            self._add_lane(row, *sides)

    def _border(
        self, known: dict[tuple[int, str], list[int]], section: tuple[int, int], border: int, lane_at: str
    ) -> list[int]:
        """Ids of a border's boundaries as the lane on one side of it has them."""
        if (border, lane_at) not in known:
            curve = self._geometry.curve(section[0])
            found = list(stretches(curve, section[1], border))
            if all(each.left == each.right for each in found):
                ids = [self._add_boundary(section, border, each, each.left) for each in found]
                known[border, "left"] = known[border, "right"] = ids
            else:
                known[border, lane_at] = [
                    self._add_boundary(section, border, each, each.left if lane_at == "left" else each.right)
                    for each in found
                ]
        return known[border, lane_at]

    def _add_boundary(self, section: tuple[int, int], border: int, stretch: Stretch, line: Line) -> int:
        return self._keep(boundary(self._geometry.curve(section[0]), section[1], border, stretch, line))

    def _keep(self, made: Any) -> int:
        made.id.value = FIRST_BOUNDARY_ID + len(self._message.lane_boundary)
        self._message.lane_boundary.append(made)
        return int(made.id.value)

    def _add_lane(self, row: _Row, left: list[int], right: list[int]) -> None:
        ref, lane = row.ref, row.lane
        curve = self._geometry.curve(ref.road_id)
        stations = curve.stations(ref.section)
        item = self._new(self._ids[ref])
        kind = item.classification
        kind.subtype = _SUBTYPES.get(lane.type, _Kind.SUBTYPE_OTHER)
        kind.type = _Kind.TYPE_DRIVING if lane.type in DRIVABLE else _Kind.TYPE_NONDRIVING
        if lane.type in DRIVABLE:
            kind.centerline_is_driving_direction = lane.id < 0
            for x, y, z in curve.lane_centre(ref.section, lane.id, stations).position_m.tolist():
                kind.centerline.add(x=x, y=y, z=z)
        for number in left:
            kind.left_lane_boundary_id.add(value=number)
        for number in right:
            kind.right_lane_boundary_id.add(value=number)
        if row.left is not None:
            kind.left_adjacent_lane_id.add(value=self._ids[row.left])
        if row.right is not None:
            kind.right_adjacent_lane_id.add(value=self._ids[row.right])
        before: tuple[int | None, ...] = self._known(self._topology.predecessors(ref)) or (None,)
        after: tuple[int | None, ...] = self._known(self._topology.successors(ref)) or (None,)
        _pair(kind, product(before, after))
        start_m = self._network.road_by_id[ref.road_id].lane_sections[ref.section].s_m
        item.source_reference.add(
            reference=self._source,
            type="net.asam.opendrive",
            identifier=[str(ref.road_id), repr(start_m), str(lane.id)],
        )
        sides = self._sides(ref, stations)
        self._areas.append(_area(sides))
        self._edges.append(np.concatenate(sides))

    def _add_intersection(self, junction: int) -> None:
        item = self._new(self._ids[self._junctions[junction][0]])
        item.classification.type = _Kind.TYPE_INTERSECTION
        item.classification.subtype = _Kind.SUBTYPE_OTHER
        item.source_reference.add(
            reference=self._source, type="net.asam.opendrive", identifier=[f"junction {junction}"]
        )
        sides = []
        for ref in self._junctions[junction]:
            first, last = self._geometry.curve(ref.road_id).section_range(ref.section)
            steps = np.linspace(first, last, max(2, int(np.ceil((last - first) / _JUNCTION_STEP_M)) + 1))
            sides.append(self._sides(ref, steps))
        edges = np.concatenate([side for pair in sides for side in pair])
        area = union(_area(pair) for pair in sides)
        heights = cKDTree(edges[:, :2])
        for part in shapely.get_parts(area):
            ring = shapely.get_coordinates(shapely.simplify(shapely.get_exterior_ring(part), _SIMPLER_M))
            made = LaneBoundary()
            made.classification.type = LaneBoundary.Classification.TYPE_NO_LINE
            made.classification.color = LaneBoundary.Classification.COLOR_NONE
            for (x, y), near in zip(ring.tolist(), heights.query(ring)[1], strict=True):
                point = made.boundary_line.add(width=0.0, height=0.0)
                point.position.x, point.position.y, point.position.z = x, y, float(edges[near, 2])
            item.classification.free_lane_boundary_id.add(value=self._keep(made))
        _pair(item.classification, self._ways_through(junction))
        self._areas.append(area)
        self._edges.append(edges)

    def _ways_through(self, junction: int) -> Iterable[tuple[int | None, int | None]]:
        """Which lanes the junction leads from and to; none for a lane that is not told."""
        inside = set(self._junctions[junction])
        pairs: set[tuple[int, int]] = set()
        for ref in self._junctions[junction]:
            before = [r for r in self._topology.predecessors(ref) if r not in inside]
            ahead, seen = [ref], {ref}
            while before and ahead:
                for after in self._topology.successors(ahead.pop()):
                    if after not in inside:
                        pairs |= {(self._ids.get(r, 0), self._ids.get(after, 0)) for r in before}
                    elif after not in seen:
                        seen.add(after)
                        ahead.append(after)
        return [(first or None, last or None) for first, last in sorted(pairs)]

    def _sides(self, ref: LaneRef, stations: Float64[np.ndarray, "n"]) -> tuple[_Line, _Line]:
        curve = self._geometry.curve(ref.road_id)
        inner, outer, _ = curve.lane_bounds(ref.section, ref.lane_id, stations)
        return curve.points(stations, inner), curve.points(stations, outer)

    def _new(self, number: int) -> Any:
        item = self._message.lane.add()
        item.id.value = number
        return item

    def _known(self, refs: Iterable[LaneRef]) -> tuple[int, ...]:
        return tuple(sorted({self._ids[ref] for ref in refs if ref in self._ids}))


def _grouped(rows: list[_Row]) -> list[tuple[tuple[int, int], list[_Row]]]:
    """By road and section, in their order."""
    cuts = [0, *(i for i, (a, b) in enumerate(pairwise(rows), 1) if _section(a) != _section(b)), len(rows)]
    return [(_section(rows[a]), rows[a:b]) for a, b in pairwise(cuts) if a < b]


def _section(row: _Row) -> tuple[int, int]:
    return row.ref.road_id, row.ref.section


def _area(sides: tuple[_Line, _Line]) -> shapely.Geometry:
    return ring_area(np.concatenate([sides[0], sides[1][::-1]])[:, :2])


def _pair(kind: Any, pairs: Iterable[tuple[int | None, int | None]]) -> None:
    for before, after in pairs:
        if before is None and after is None:
            continue
        item = kind.lane_pairing.add()
        if before is not None:
            item.antecessor_lane_id.value = before
        if after is not None:
            item.successor_lane_id.value = after
