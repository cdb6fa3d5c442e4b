"""Where people walk and ride: a graph of pavements and crossings, and the bicycle lanes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np
import shapely
from jaxtyping import Float64

from drivegen.opendrive.crossing_signals import CrossingSignals
from drivegen.opendrive.evaluate import NetworkGeometry, RoadCurve
from drivegen.opendrive.model import DRIVABLE, WALKABLE, LaneSection, LaneType, RoadNetwork
from drivegen.opendrive.surfaces.lane_kinds import KERB_HEIGHT_M, DroppedKerbs, long_box, object_outline
from drivegen.opendrive.surfaces.plan import ring_area, union

_STEP_M = 2.0
_NARROWEST_M = 0.8
_JOIN_M = 1.5
"""Ends of pavements nearer than this are one node."""
_REACH_M = 12.0
"""A crossing joins a pavement whose middle is this near to its kerb."""
_SHORTEST_M = 0.3


class EdgeKind(StrEnum):
    """What an edge of the graph leads over."""

    PAVEMENT = "pavement"
    CROSSING = "crossing"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PavementEdge:
    """A stretch that is walked in both directions."""

    start: int
    """Index of a node."""
    end: int
    kind: EdgeKind
    centre_m: Float64[np.ndarray, "n 3"]
    """On the ground, from `start` to `end`. A crossing has exactly two points, at the kerbs."""
    width_m: float
    signal_ids: tuple[str, ...]
    """Of a crossing: OpenDRIVE ids of the signals that hold the traffic which it cuts. Turns on a light that
    also serves traffic straight on are not among them: that traffic gives way to people on the crossing."""

    @property
    def length_m(self) -> float:
        """Along the centre."""
        return float(np.sum(np.linalg.norm(np.diff(self.centre_m, axis=0), axis=1)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BicycleLane:
    """The centre of a bicycle lane in its direction of travel."""

    road_id: int
    lane_id: int
    centre_m: Float64[np.ndarray, "n 3"]
    width_m: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pavements:
    """The graph. Nodes are ends of pavements, kerb points of crossings, and where crossings branch off."""

    nodes_m: Float64[np.ndarray, "k 3"]
    edges: tuple[PavementEdge, ...]
    edges_of_node: tuple[tuple[int, ...], ...]
    """Indexes of the edges at each node, ascending."""
    bicycle_lanes: tuple[BicycleLane, ...]

    def other_end(self, edge: int, node: int) -> int:
        """The node across an edge."""
        found = self.edges[edge]
        return found.end if found.start == node else found.start

    def points_from(self, edge: int, node: int) -> Float64[np.ndarray, "n 3"]:
        """The edge's centre, walked away from a node."""
        found = self.edges[edge]
        return found.centre_m if found.start == node else found.centre_m[::-1]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Line:
    centre_m: Float64[np.ndarray, "n 3"]
    width_m: float
    kind: EdgeKind = EdgeKind.PAVEMENT
    signal_ids: tuple[str, ...] = ()


def pavements(network: RoadNetwork) -> Pavements:
    """The graph of a network; empty where it has no pavements."""
    geometry = NetworkGeometry(network)
    drops = DroppedKerbs(geometry)
    lines = _pavement_lines(geometry, drops)
    crossings, cuts = _crossings(geometry, lines)
    pieces = [p for i, line in enumerate(lines) for p in _cut(line, cuts.get(i, []))]
    return _graph([*pieces, *crossings], _bicycle_lanes(geometry))


def _stations(first: float, last: float) -> Float64[np.ndarray, "n"]:
    return np.linspace(first, last, max(2, int(np.ceil((last - first) / _STEP_M)) + 1))


def _pavement_lines(geometry: NetworkGeometry, drops: DroppedKerbs) -> list[_Line]:
    carriageway = _junction_carriageways(geometry)
    out = []
    for road in geometry.network.roads:
        curve = geometry.curve(road.id)
        for index, section in enumerate(road.lane_sections):
            first, last = curve.section_range(index)
            if last - first < _SHORTEST_M:
                continue
            stations = _stations(first, last)
            for group in _side_by_side(section):
                centre, width = _middle(curve, index, group, stations)
                if float(np.median(width)) < _NARROWEST_M:
                    continue
                blocked = carriageway.get(road.junction) if road.junction is not None else None
                if blocked is not None:
                    covered = shapely.contains_xy(blocked, centre[:, 0], centre[:, 1])
                    if np.mean(covered) > 0.3:
                        continue
                centre[:, 2] += KERB_HEIGHT_M * drops.factor(centre[:, :2])
                out.append(_Line(centre_m=centre, width_m=float(np.median(width))))
    return out


def _side_by_side(section: LaneSection) -> list[tuple[int, ...]]:
    """Groups of neighbouring pavement lanes; towns split wide pavements into several lanes."""
    out: list[tuple[int, ...]] = []
    for side in (section.left, section.right):
        group: list[int] = []
        for lane in side:
            if lane.type in WALKABLE:
                group.append(lane.id)
            elif group:
                out.append(tuple(group))
                group = []
        if group:
            out.append(tuple(group))
    return out


def _middle(
    curve: RoadCurve, section: int, lanes: tuple[int, ...], stations: Float64[np.ndarray, "n"]
) -> tuple[Float64[np.ndarray, "n 3"], Float64[np.ndarray, "n"]]:
    inner = curve.lane_bounds(section, lanes[0], stations)[0]
    outer = curve.lane_bounds(section, lanes[-1], stations)[1]
    return curve.points(stations, 0.5 * (inner + outer)), np.abs(outer - inner)


def _junction_carriageways(geometry: NetworkGeometry) -> dict[int, shapely.Geometry]:
    shapes: dict[int, list[shapely.Geometry]] = {}
    for road in geometry.network.roads:
        if road.junction is None:
            continue
        curve = geometry.curve(road.id)
        for index, section in enumerate(road.lane_sections):
            first, last = curve.section_range(index)
            if last - first < _SHORTEST_M:
                continue
            stations = _stations(first, last)
            for lane in section.lanes:
                if lane.id != 0 and lane.type in DRIVABLE:
                    inner, outer, _ = curve.lane_bounds(index, lane.id, stations)
                    if float(np.max(np.abs(outer - inner))) < 0.1:
                        continue
                    ring = [curve.points(stations, inner), curve.points(stations, outer)[::-1]]
                    shapes.setdefault(road.junction, []).append(ring_area(np.concatenate(ring)[:, :2]))
    return {junction: union(parts) for junction, parts in shapes.items()}


def _crossings(geometry: NetworkGeometry, lines: list[_Line]) -> tuple[list[_Line], dict[int, list[float]]]:
    """Crossings with the ways to their kerbs, and where along each pavement they branch off."""
    signals = CrossingSignals(geometry)
    shapes = [shapely.linestrings(line.centre_m[:, :2]) for line in lines]
    tree = shapely.STRtree(shapes)
    out: list[_Line] = []
    cuts: dict[int, list[float]] = {}
    for road in geometry.network.roads:
        for item in road.objects:
            if item.type != "crosswalk" or len(item.outline) < 3:
                continue
            outline = object_outline(geometry, road.id, item)
            centre, along, _, length, width = long_box(outline)
            z = float(np.mean(outline[:, 2]))
            kerbs = [np.array([*(centre + side * length * along), z]) for side in (-1.0, 1.0)]
            found = [_nearest(tree, shapes, lines, kerb) for kerb in kerbs]
            for kerb, hit in zip(kerbs, found, strict=True):
                if hit is None:
                    continue
                index, place, point = hit
                cuts.setdefault(index, []).append(place)
                if np.linalg.norm(point - kerb) > 1e-3:
                    out.append(_Line(centre_m=np.stack([point, kerb]), width_m=2.0 * width))
            if any(hit is not None for hit in found):
                lights = signals.of(shapely.convex_hull(shapely.multipoints(outline[:, :2])))
                out.append(
                    _Line(
                        centre_m=np.stack(kerbs),
                        width_m=2.0 * width,
                        kind=EdgeKind.CROSSING,
                        signal_ids=lights,
                    )
                )
    return out, cuts


def _nearest(
    tree: shapely.STRtree, shapes: list[shapely.Geometry], lines: list[_Line], kerb: Float64[np.ndarray, "3"]
) -> tuple[int, float, Float64[np.ndarray, "3"]] | None:
    """(line, distance along it, its point) of the pavement next to a kerb on the same level."""
    here = shapely.points(kerb[:2])
    best = None
    for index in np.sort(tree.query(here, predicate="dwithin", distance=_REACH_M)):
        place = float(shapely.line_locate_point(shapes[index], here))
        point = _at(lines[index].centre_m, place)
        gap = float(np.linalg.norm(point[:2] - kerb[:2]))
        if abs(point[2] - kerb[2]) < 1.5 and (best is None or gap < best[0] - 1e-6):
            best = (gap, int(index), place, point)
    return None if best is None else best[1:]


def _lengths(centre: Float64[np.ndarray, "n 3"]) -> Float64[np.ndarray, "n"]:
    steps = np.linalg.norm(np.diff(centre[:, :2], axis=0), axis=1)
    return np.concatenate([[0.0], np.cumsum(steps)])


def _at(centre: Float64[np.ndarray, "n 3"], place: float) -> Float64[np.ndarray, "3"]:
    along = _lengths(centre)
    return np.array([np.interp(place, along, centre[:, k]) for k in range(3)])


def _cut(line: _Line, places: list[float]) -> list[_Line]:
    """The line in pieces that end at the given distances."""
    along = _lengths(line.centre_m)
    inner = [p for p in sorted(places) if _SHORTEST_M < p < along[-1] - _SHORTEST_M]
    stops = [0.0]
    for place in inner:
        if place - stops[-1] > 1e-3:
            stops.append(place)
    stops.append(float(along[-1]))
    out = []
    for first, last in pairwise(stops):
        middle = line.centre_m[(along > first + 1e-6) & (along < last - 1e-6)]
        ends = _at(line.centre_m, first)[None], _at(line.centre_m, last)[None]
        out.append(_Line(centre_m=np.concatenate([ends[0], middle, ends[1]]), width_m=line.width_m))
    return out


def _graph(lines: list[_Line], bicycles: tuple[BicycleLane, ...]) -> Pavements:
    ends = np.array([p for line in lines for p in (line.centre_m[0], line.centre_m[-1])]).reshape(-1, 3)
    node_of = _cluster(ends)
    count = int(node_of.max()) + 1 if len(node_of) else 0
    nodes = np.zeros((count, 3))
    for node in range(count):
        nodes[node] = ends[np.flatnonzero(node_of == node)[0]]
    edges: list[PavementEdge] = []
    at_node: list[list[int]] = [[] for _ in range(count)]
    for i, line in enumerate(lines):
        start, end = int(node_of[2 * i]), int(node_of[2 * i + 1])
        if start == end:
            continue
        centre = line.centre_m.copy()
        centre[0], centre[-1] = nodes[start], nodes[end]
        for node in (start, end):
            at_node[node].append(len(edges))
        edges.append(
            PavementEdge(
                start=start,
                end=end,
                kind=line.kind,
                centre_m=centre,
                width_m=line.width_m,
                signal_ids=line.signal_ids,
            )
        )
    return Pavements(
        nodes_m=nodes,
        edges=tuple(edges),
        edges_of_node=tuple(tuple(v) for v in at_node),
        bicycle_lanes=bicycles,
    )


def _cluster(ends_m: Float64[np.ndarray, "n 3"]) -> np.ndarray:
    """Node numbers of points, in order of first appearance; near points share one."""
    out = np.full(len(ends_m), -1, dtype=np.int64)
    seeds: list[int] = []
    for i, point in enumerate(ends_m):
        if seeds:
            gap = np.abs(ends_m[seeds] - point)
            distance = np.hypot(gap[:, 0], gap[:, 1]) + 0.5 * gap[:, 2]
            nearest = int(np.argmin(distance))
            if distance[nearest] < _JOIN_M:
                out[i] = nearest
                continue
        out[i] = len(seeds)
        seeds.append(i)
    return out


def _bicycle_lanes(geometry: NetworkGeometry) -> tuple[BicycleLane, ...]:
    out = []
    for road in geometry.network.roads:
        curve = geometry.curve(road.id)
        for index, section in enumerate(road.lane_sections):
            first, last = curve.section_range(index)
            if last - first < _SHORTEST_M:
                continue
            for lane in section.lanes:
                if lane.type is LaneType.BIKING:
                    centre = curve.lane_centre(index, lane.id, _stations(first, last))
                    points = centre.position_m if lane.id < 0 else centre.position_m[::-1]
                    out.append(
                        BicycleLane(
                            road_id=road.id,
                            lane_id=lane.id,
                            centre_m=points,
                            width_m=float(np.median(centre.width_m)),
                        )
                    )
    return tuple(out)
