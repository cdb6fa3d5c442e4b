"""Ways straight over a carriageway, where there is no crossing: for jaywalkers and for who darts out."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from scipy.spatial import cKDTree

from drivegen.core.plans import Begin, Crossing
from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import DRIVABLE, LaneType, RoadNetwork
from drivegen_generators.pedestrians.dice import Dice
from drivegen_generators.pedestrians.footways import Footways, Point
from drivegen_generators.pedestrians.walks import Trail, half_width_m, stretch

FROM_CROSSING_M = 15.0
"""Nobody jaywalks nearer to a crossing: there one takes it."""

KERB_M = 0.45
"""From the kerb, before and after."""

HALF_WIDTH_M = 1.0
"""Of the strip that is walked."""

ACROSS_M = 4.5
_LANE_STEP_M = 3.0
_ON_LANE_M = 2.6
_SPOT_M = 12.0
"""Between places to jaywalk."""
_WIDEST_M = 80.0
_BEFORE_M = (3.0, 15.0)
_AFTER_M = (10.0, 40.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """Where a ray meets the middle of a pavement."""

    distance_m: float
    edge: int
    along_m: float
    """From the edge's start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A place to cross away from crossings."""

    kerb: Point
    direction: tuple[float, float]
    along_m: float
    """From the start of the edge."""
    across: Hit
    width_m: float
    """Of the carriageway with all that lies between both pavements."""


class Straight:
    """Finds what lies across the road."""

    def __init__(self, network: RoadNetwork, footways: Footways) -> None:
        self._footways = footways
        graph = footways.graph
        self._edges = [
            i for i in range(len(graph.edges)) if not footways.crosses[i] and i not in footways.links
        ]
        self._shapes = [
            shapely.linestrings([p[:2] for p in footways.line(e, graph.edges[e].start).points])
            for e in self._edges
        ]
        self._tree = shapely.STRtree(self._shapes)
        crossings = [
            shapely.linestrings(e.centre_m[:, :2]) for i, e in enumerate(graph.edges) if footways.crosses[i]
        ]
        self._crossings = shapely.STRtree(crossings)
        self._lanes = cKDTree(_lane_points(network))
        self._medians = shapely.STRtree(_medians(network))
        self._spots: dict[int, list[Spot]] = {}

    def hit(
        self, x_m: float, y_m: float, ux: float, uy: float, reach_m: float, nearest_m: float = ACROSS_M
    ) -> Hit | None:
        """The first pavement along a ray that is far enough away, usually to lie across."""
        hits = self._hits(x_m, y_m, ux, uy, reach_m, nearest_m)
        return min(hits, key=lambda h: h.distance_m, default=None)

    def beside(
        self, x_m: float, y_m: float, ux: float, uy: float, reach_m: float
    ) -> tuple[float, float] | None:
        """Distance along a ray, and height, of a place on the next pavement just behind its kerb."""
        ways = self._footways
        hits = self._hits(x_m, y_m, ux, uy, reach_m, nearest_m=0.0)
        if not hits:
            return None
        hit = min(hits, key=lambda h: h.distance_m)
        line = ways.line(hit.edge, ways.graph.edges[hit.edge].start)
        place = stretch(line, hit.along_m, hit.along_m, 0.0)
        back = hit.distance_m - max(0.0, ways.half_m[hit.edge] - KERB_M)
        return (max(back, 0.0), place[0][2]) if place else None

    def _hits(
        self, x_m: float, y_m: float, ux: float, uy: float, reach_m: float, nearest_m: float
    ) -> list[Hit]:
        ray = shapely.linestrings([(x_m, y_m), (x_m + reach_m * ux, y_m + reach_m * uy)])
        out = []
        for k in np.sort(self._tree.query(ray, predicate="intersects")):
            for px, py in shapely.get_coordinates(shapely.intersection(ray, self._shapes[k])):
                distance = math.hypot(px - x_m, py - y_m)
                if distance >= nearest_m:
                    along = float(shapely.line_locate_point(self._shapes[k], shapely.points(px, py)))
                    out.append(Hit(distance_m=distance, edge=self._edges[k], along_m=along))
        return out

    def to_median(self, x_m: float, y_m: float, ux: float, uy: float, length_m: float) -> float | None:
        """How far it is to what divides a carriageway, where railings and plants may stand; None: nothing."""
        ray = shapely.linestrings([(x_m, y_m), (x_m + length_m * ux, y_m + length_m * uy)])
        found = self._medians.query(ray, predicate="intersects")
        if not len(found):
            return None
        here = shapely.points(x_m, y_m)
        parts = shapely.intersection(ray, self._medians.geometries[found])
        return float(np.min(shapely.distance(parts, here)))

    def is_carriageway(self, x_m: float, y_m: float, ux: float, uy: float, length_m: float) -> bool:
        """Whether a stretch lies on driving lanes outside junctions for the most part."""
        count = max(3, int(length_m / 2.0))
        share = (np.arange(count) + 0.5) / count * length_m
        points = np.stack([x_m + share * ux, y_m + share * uy], axis=1)
        return bool(np.mean(self._lanes.query(points)[0] < _ON_LANE_M) > 0.5)

    def jaywalk(self, dice: Dice, edge: int, widest_m: float) -> Trail | None:
        """From a pavement to the one across; None where no place of this pavement will do."""
        if edge not in self._spots:
            self._spots[edge] = self._spots_of(edge)
        found = [s for s in self._spots[edge] if s.width_m <= widest_m]
        if not found:
            return None
        spot = dice.choice(found)
        ways = self._footways
        onto = dice.chance(0.5)
        node = ways.graph.edges[edge].start if onto else ways.graph.edges[edge].end
        line = ways.line(edge, node)
        place = spot.along_m if onto else line.length_m - spot.along_m
        trail = Trail()
        for point in stretch(line, max(0.0, place - dice.between(*_BEFORE_M)), place, 0.0):
            trail.add(point, half_width_m(ways.half_m[edge]))
        self.cross(trail, dice, spot.kerb, spot.direction, spot.across, _GAP)
        return trail

    def _spots_of(self, edge: int) -> list[Spot]:
        ways = self._footways
        line = ways.line(edge, ways.graph.edges[edge].start)
        out = []
        for place in np.arange(_SPOT_M / 2, line.length_m, _SPOT_M).tolist():
            middle = stretch(line, place, place, 0.0)
            if not middle or self._by_crossing(middle[0]):
                continue
            for side in (1.0, -1.0):
                kx, ky, kz = stretch(line, place, place, side * max(0.1, ways.half_m[edge] - KERB_M))[0]
                mx, my, _ = middle[0]
                far = math.hypot(kx - mx, ky - my)
                ux, uy = (kx - mx) / far, (ky - my) / far
                across = self.hit(kx, ky, ux, uy, _WIDEST_M)
                if across is None:
                    continue
                width = across.distance_m - ways.half_m[across.edge]
                open_ = self.to_median(kx, ky, ux, uy, across.distance_m) is None
                if open_ and self.is_carriageway(kx, ky, ux, uy, width):
                    out.append(
                        Spot(
                            kerb=(kx, ky, kz), direction=(ux, uy), along_m=place, across=across, width_m=width
                        )
                    )
        return out

    def cross(
        self, trail: Trail, dice: Dice, kerb: Point, along: tuple[float, float], across: Hit, as_: Crossing
    ) -> None:
        """Lays the crossing, and some way along the pavement on the other side."""
        ways = self._footways
        half = ways.half_m[across.edge]
        found = ways.graph.edges[across.edge]
        length = across.distance_m - max(0.0, half - KERB_M)
        onto = dice.chance(0.5)
        line = ways.line(across.edge, found.start if onto else found.end)
        place = across.along_m if onto else line.length_m - across.along_m
        end = stretch(line, place, place, 0.0)
        z = end[0][2] if end else kerb[2]
        far = (kerb[0] + length * along[0], kerb[1] + length * along[1], z)
        trail.add_crossing(kerb, far, HALF_WIDTH_M, as_)
        for point in stretch(line, place, min(line.length_m, place + dice.between(*_AFTER_M)), 0.0):
            trail.add(point, half_width_m(half))

    def _by_crossing(self, point: Point) -> bool:
        here = shapely.points(point[:2])
        return len(self._crossings.query(here, predicate="dwithin", distance=FROM_CROSSING_M)) > 0


_GAP = Crossing(first=0, signal_ids=(), begin=Begin.GAP, speed_mps=1.6)
"""Jaywalkers walk fast over the carriageway."""


_DIVIDERS = frozenset({LaneType.MEDIAN, LaneType.NONE, LaneType.CURB, LaneType.RESTRICTED})
_NARROWEST_M = 0.3


def _medians(network: RoadNetwork) -> list[shapely.Geometry]:
    """Outlines of lanes that divide carriageways, each between lanes for traffic."""
    geometry = NetworkGeometry(network)
    out = []
    for road in network.roads:
        curve = geometry.curve(road.id)
        for index, section in enumerate(road.lane_sections):
            first, last = curve.section_range(index)
            if last - first < 0.05:
                continue
            stations = np.linspace(first, last, max(2, int((last - first) / _LANE_STEP_M) + 1))
            for lane in section.lanes:
                if lane.id == 0 or lane.type not in _DIVIDERS:
                    continue
                inner, outer, _ = curve.lane_bounds(index, lane.id, stations)
                if float(np.max(np.abs(outer - inner))) >= _NARROWEST_M:
                    ring = [curve.points(stations, inner), curve.points(stations, outer)[::-1]]
                    out.append(shapely.linestrings(np.concatenate(ring)[:, :2]))
    return out


def _lane_points(network: RoadNetwork) -> np.ndarray:
    """Middles of driving lanes outside junctions."""
    geometry = NetworkGeometry(network)
    out = [np.full((1, 2), 1e9)]
    for road in network.roads:
        if road.junction is not None:
            continue
        curve = geometry.curve(road.id)
        for index, section in enumerate(road.lane_sections):
            first, last = curve.section_range(index)
            if last - first < 0.05:
                continue
            stations = np.linspace(first, last, max(2, int((last - first) / _LANE_STEP_M) + 1))
            out += [
                curve.lane_centre(index, lane.id, stations).position_m[:, :2]
                for lane in section.lanes
                if lane.id != 0 and lane.type in DRIVABLE
            ]
    return np.concatenate(out)
