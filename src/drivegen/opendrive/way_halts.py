"""Where a way through the network, of a bicycle for one, must wait for which lights.

`drivegen.opendrive.signals` gives the stop lines of driving lanes. A way may also lead along bicycle lanes,
or against the direction of a lane; then the lights count that govern the connecting road which it follows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from jaxtyping import Float64

from drivegen.opendrive.evaluate import RoadCurve
from drivegen.opendrive.model import DRIVABLE, LaneType, Road, RoadNetwork
from drivegen.opendrive.signals import LIGHT_TYPES, painted_lines_of

RIDDEN_LANES = DRIVABLE | {LaneType.BIKING}

ASIDE_M = 1.6
"""A way follows a lane if it keeps so near to its middle."""

PAINTED_WITHIN_M = 25.0
"""A stop line so far before the junction counts; else the junction's edge does."""

ZEBRA_M = 9.0
"""Who comes against the direction of the lanes waits so far before the junction: there the zebra lies."""

_SAMPLES = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class WayHalt:
    """A place on a way where lights may hold who follows it."""

    at_m: float
    """Along the way, from its first point."""
    signal_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Movement:
    road: Road
    line_m: Float64[np.ndarray, "n 2"]
    """The lane's middle in the direction of travel."""
    signal_ids: tuple[str, ...]


class WayHalts:
    """Finds the halts of ways. Evaluates connecting roads near a way only, and each once."""

    def __init__(self, network: RoadNetwork) -> None:
        self._network = network
        lights = {s.id for r in network.roads for s in r.signals if s.type in LIGHT_TYPES}
        self._governed = [
            (road, {r.signal_id for r in road.signal_references if r.signal_id in lights})
            for road in network.roads
            if road.junction is not None and any(r.signal_id in lights for r in road.signal_references)
        ]
        starts = [(road.geometries[0].x_m, road.geometries[0].y_m) for road, _ in self._governed]
        self._starts = np.array(starts, np.float64).reshape(-1, 2)
        self._movements: dict[int, list[_Movement]] = {}
        self._painted: dict[int, list[shapely.LineString]] = {}

    def of(self, way_m: Float64[np.ndarray, "n 2"]) -> tuple[WayHalt, ...]:
        """The halts along a polyline, in its order; n is 2 or more."""
        line = shapely.LineString(way_m)
        near = shapely.distance(shapely.points(self._starts), line) < 60.0 if len(self._starts) else []
        found: dict[float, set[str]] = {}
        for index in np.flatnonzero(near):
            for movement in self._of_road(int(index)):
                at = self._halt(line, movement)
                if at is not None:
                    found.setdefault(round(at, 2), set()).update(movement.signal_ids)
        return tuple(WayHalt(at_m=at, signal_ids=tuple(sorted(found[at]))) for at in sorted(found))

    def _of_road(self, index: int) -> list[_Movement]:
        if index not in self._movements:
            road, _ = self._governed[index]
            curve = RoadCurve(road)
            found = []
            for number, section in enumerate(road.lane_sections):
                for lane in section.lanes:
                    if lane.type not in RIDDEN_LANES or lane.id == 0:
                        continue
                    first, last = curve.section_range(number)
                    held = {
                        r.signal_id
                        for r in road.signal_references
                        if r.signal_id in self._governed[index][1]
                        and (not r.validities or any(v.holds(lane.id) for v in r.validities))
                    }
                    if held:
                        centre = curve.lane_centre(number, lane.id, np.linspace(first, last, _SAMPLES))
                        points = centre.position_m[:, :2]
                        ids = tuple(sorted(held))
                        ahead = points if lane.id < 0 else points[::-1]
                        found.append(_Movement(road=road, line_m=ahead, signal_ids=ids))
            self._movements[index] = found
        return self._movements[index]

    def _halt(self, way: shapely.LineString, movement: _Movement) -> float | None:
        """Station on the way, or none where it does not follow the movement from its beginning."""
        points = shapely.points(movement.line_m)
        if np.any(shapely.distance(points, way) > ASIDE_M):
            return None
        at = shapely.line_locate_point(way, points)
        length = float(shapely.length(shapely.LineString(movement.line_m)))
        if abs(abs(float(at[-1] - at[0])) - length) > 0.3 * length + 2.0:
            return None
        if at[-1] < at[0]:
            return float(at[-1]) - ZEBRA_M if at[-1] > ZEBRA_M else None
        entry = float(at[0])
        return entry - self._painted_before(way, entry, movement) if entry > 0.5 else None

    def _painted_before(self, way: shapely.LineString, entry_m: float, movement: _Movement) -> float:
        """How far before the junction's edge a painted stop line crosses the way; 0 without one."""
        link = movement.road.predecessor
        road = self._network.road_by_id.get(link.id) if link is not None else None
        if road is None:
            return 0.0
        if road.id not in self._painted:
            self._painted[road.id] = [
                shapely.LineString([centre[:2] - half * along, centre[:2] + half * along])
                for centre, along, half in painted_lines_of(RoadCurve(road), road)
            ]
        best = 0.0
        for line in self._painted[road.id]:
            for part in shapely.get_parts(shapely.intersection(way, line)):
                before = entry_m - float(shapely.line_locate_point(way, shapely.centroid(part)))
                if 0.0 < before < PAINTED_WITHIN_M:
                    best = max(best, before)
        return best
