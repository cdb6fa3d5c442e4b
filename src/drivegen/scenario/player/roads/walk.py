"""Along a lane: by how much s grows, which lane comes next, where the road ends."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from drivegen.opendrive.topology import LaneRef
from drivegen.scenario.player.roads.angles import wrapped
from drivegen.scenario.player.roads.links import RoadEnd
from drivegen.scenario.player.roads.space import RoadSpace
from drivegen.scenario.player.roads.spot import Spot

_LONGEST_STEP_M = 2.0
_MOST_LANES = 10_000
_AT_END_M = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A stretch of lane with the direction in which it is gone."""

    road_id: int
    section: int
    lane_id: int
    direction: int
    """1: along s, -1: against it."""


Choice = Callable[[Way, list[Way]], Way]


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """Where a walk came to."""

    spot: Spot
    flipped: bool
    """True if s runs the other way there than where the walk began."""
    left_m: float
    """What could not be walked because the road ended."""


class LaneWalk:
    """Walks along lanes, keeping the offset from the lane's centre."""

    def __init__(self, space: RoadSpace) -> None:
        self._space = space

    def walk(self, spot: Spot, distance_m: float, direction: int, choose: Choice | None = None) -> Walked:
        """Goes `distance_m` (not negative), measured at the place's own t, with s (1) or against it (-1).

        At forks `choose` picks; without it the straightest lane. Stops at the end of the road.
        """
        points = self._space.points(spot.road_id)
        way = Way(
            road_id=spot.road_id,
            section=points.section(spot.s_m),
            lane_id=spot.lane_id,
            direction=direction,
        )
        s, offset, left, flipped = spot.s_m, spot.offset_m, distance_m, False
        for _ in range(_MOST_LANES):
            s, left = self._within(way, s, offset, left)
            if left <= _AT_END_M and not self._at_last(way, s):
                break
            ways = self.following(way)
            if not ways:
                break
            chosen = ways[0]
            if len(ways) > 1:
                chosen = choose(way, ways) if choose is not None else self.straightest(ways)
            offset = self._offset_on(way, s, offset, chosen)
            if chosen.direction != way.direction:
                flipped = not flipped
            ends = self._space.points(chosen.road_id).section_ends(chosen.section)
            s, way = ends[0] if chosen.direction > 0 else ends[1], chosen
        points = self._space.points(way.road_id)
        centre, _, _ = points.lane_centre(way.section, way.lane_id, s)
        end = Spot(road_id=way.road_id, s_m=s, t_m=centre + offset, lane_id=way.lane_id, offset_m=offset)
        return Walked(spot=end, flipped=flipped, left_m=left if left > _AT_END_M else 0.0)

    def _at_last(self, way: Way, s_m: float) -> bool:
        """Whether s is where the next section's lanes begin, which may have other numbers."""
        return way.direction > 0 and s_m >= self._space.points(way.road_id).section_ends(way.section)[1]

    def _offset_on(self, way: Way, s_m: float, offset_m: float, chosen: Way) -> float:
        """The offset in the lane that follows; a lane that a route demands may lie beside the one left."""
        flip = -1.0 if chosen.direction != way.direction else 1.0
        if any(chosen == other for other in self.following(way)):
            return flip * offset_m
        here = self._space.points(way.road_id)
        t = here.lane_centre(way.section, way.lane_id, s_m)[0] + offset_m
        there = self._space.points(chosen.road_id)
        ends = there.section_ends(chosen.section)
        s = ends[0] if chosen.direction > 0 else ends[1]
        return flip * t - there.lane_centre(chosen.section, chosen.lane_id, s)[0]

    def _within(self, way: Way, s_m: float, offset_m: float, left_m: float) -> tuple[float, float]:
        """(s, what is left) after going on in one lane section."""
        points = self._space.points(way.road_id)
        first, last = points.section_ends(way.section)
        end = last if way.direction > 0 else first
        s, left = s_m, left_m
        while left > _AT_END_M:
            step = min(left, _LONGEST_STEP_M)
            # Midpoint rule: exact where curvature is constant, of second order on clothoids.
            first_rate = self._stretch(way, s, offset_m)
            rate = self._stretch(way, s + 0.5 * way.direction * step / first_rate, offset_m)
            ds = way.direction * step / rate
            if (s + ds - end) * way.direction >= 0.0:
                return end, left - abs(end - s) * rate
            s, left = s + ds, left - step
        return s, 0.0

    def _stretch(self, way: Way, s_m: float, offset_m: float) -> float:
        """Length of the lane (at an offset) over that of the reference line."""
        points = self._space.points(way.road_id)
        centre, slope, _ = points.lane_centre(way.section, way.lane_id, s_m)
        along = 1.0 - points.line(s_m).curvature_pm * (centre + offset_m)
        return max(math.hypot(along, slope), 0.05)

    def straightest(self, ways: list[Way]) -> Way:
        """The way that turns least over its whole road; of equals the first in the file."""
        return min(ways, key=lambda other: round(abs(self._turn(other)), 6))

    def following(self, way: Way) -> list[Way]:
        """Lanes that the file links to this one's end; where it links none, the lane of the same number."""
        ref = LaneRef(road_id=way.road_id, section=way.section, lane_id=way.lane_id)
        with_traffic = (way.lane_id < 0) == (way.direction > 0)
        topology = self._space.topology
        linked = topology.successors(ref) if with_traffic else topology.predecessors(ref)
        out = [
            Way(
                road_id=other.road_id,
                section=other.section,
                lane_id=other.lane_id,
                direction=1 if (other.lane_id < 0) == with_traffic else -1,
            )
            for other in linked
        ]
        return out or self._unlinked(way)

    def _unlinked(self, way: Way) -> list[Way]:
        """The lane of the same number in the next section or road, as pavements without links need it."""
        road = self._space.road(way.road_id)
        section = way.section + way.direction
        if 0 <= section < len(road.lane_sections):
            return [replace(way, section=section)] if self._has(way.road_id, section, way.lane_id) else []
        out: list[Way] = []
        for end in self._space.links.meets(RoadEnd(road_id=road.id, at_end=way.direction > 0)):
            there = self._space.road(end.road_id)
            direction = -1 if end.at_end else 1
            lane = way.lane_id if direction == way.direction else -way.lane_id
            index = len(there.lane_sections) - 1 if end.at_end else 0
            if there.junction is None and self._has(end.road_id, index, lane):
                out.append(Way(road_id=end.road_id, section=index, lane_id=lane, direction=direction))
        return out

    def _has(self, road_id: int, section: int, lane_id: int) -> bool:
        return lane_id == 0 or self._space.road(road_id).lane_sections[section].lane(lane_id) is not None

    def _turn(self, way: Way) -> float:
        """By how much the road of a way turns in all, radians."""
        points = self._space.points(way.road_id)
        return wrapped(points.line(points.road.length_m).heading_rad - points.line(0.0).heading_rad)
