"""Ways through the network from waypoint to waypoint."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from drivegen.core.errors import ScenarioError
from drivegen.scenario.player.roads.space import RoadSpace
from drivegen.scenario.player.roads.spot import Spot
from drivegen.scenario.player.roads.walk import Choice, LaneWalk, Way

_CHANGE_COST_M = 20.0
_MOST_STATES = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A stretch of a route on one road."""

    road_id: int
    direction: int
    from_s_m: float
    to_s_m: float

    @property
    def length_m(self) -> float:
        """Along the reference line."""
        return abs(self.to_s_m - self.from_s_m)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadRoute:
    """A way through the network, road by road, and its waypoints."""

    legs: tuple[Leg, ...]
    waypoints: tuple[Spot, ...]
    closed: bool = False

    @property
    def length_m(self) -> float:
        """Along the reference lines."""
        return sum(leg.length_m for leg in self.legs)

    def choose(self, walk: LaneWalk, way: Way, ways: list[Way]) -> Way:
        """The way that stays on the route: the next leg's road; off the route the straightest."""
        for index, leg in enumerate(self.legs[:-1]):
            following = self.legs[index + 1]
            if leg.road_id == way.road_id and leg.direction == way.direction:
                for other in ways:
                    if other.road_id == following.road_id and other.direction == following.direction:
                        return other
        return walk.straightest(ways)

    def next_road(self, way: Way) -> tuple[int, int] | None:
        """(road, direction) that follows a road of the route; None at its end and off it."""
        for index, leg in enumerate(self.legs[:-1]):
            if leg.road_id == way.road_id and leg.direction == way.direction:
                following = self.legs[index + 1]
                return following.road_id, following.direction
        return None

    def place(self, distance_m: float) -> tuple[int, float, int]:
        """(road, s, direction) at a distance from the route's first waypoint."""
        left = distance_m
        for leg in self.legs:
            if left <= leg.length_m:
                return leg.road_id, leg.from_s_m + leg.direction * left, leg.direction
            left -= leg.length_m
        last = self.legs[-1]
        return last.road_id, last.to_s_m, last.direction

    def distance_of(self, spot: Spot) -> float | None:
        """How far along the route a place lies; None off it."""
        gone = 0.0
        for leg in self.legs:
            low, high = min(leg.from_s_m, leg.to_s_m), max(leg.from_s_m, leg.to_s_m)
            if leg.road_id == spot.road_id and low - 1e-6 <= spot.s_m <= high + 1e-6:
                return gone + abs(spot.s_m - leg.from_s_m)
            gone += leg.length_m
        return None


def choice_of(route: RoadRoute | None, walk: LaneWalk) -> Choice | None:
    """How who follows a route picks at forks; None without one."""
    return None if route is None else lambda way, ways: route.choose(walk, way, ways)


class RoutePlanner:
    """Shortest ways between places, over lanes, with changes of lane to neighbours that run the same way."""

    def __init__(self, space: RoadSpace, walk: LaneWalk) -> None:
        self._space = space
        self._walk = walk

    def route(
        self, waypoints: Sequence[Spot], *, closed: bool = False, fewest_junctions: bool = False
    ) -> RoadRoute:
        """Joins waypoints in their order; ScenarioError where no lane leads from one to the next."""
        places = [*waypoints, waypoints[0]] if closed and len(waypoints) > 1 else list(waypoints)
        legs: list[Leg] = []
        for start, goal in pairwise(places):
            for leg in self._between(start, goal, fewest_junctions):
                _append(legs, leg)
        if not legs:
            at = places[0]
            direction = -1 if at.lane_id > 0 else 1
            legs = [Leg(road_id=at.road_id, direction=direction, from_s_m=at.s_m, to_s_m=at.s_m)]
        return RoadRoute(legs=tuple(legs), waypoints=tuple(waypoints), closed=closed)

    def _between(self, start: Spot, goal: Spot, fewest: bool) -> list[Leg]:
        first = self._way(start)
        found = self._search(first, start, goal, fewest)
        if found is None:
            raise ScenarioError(
                f"no lane leads from road {start.road_id} lane {start.lane_id} s={start.s_m:.1f} to road "
                f"{goal.road_id} lane {goal.lane_id} s={goal.s_m:.1f}: move the waypoints to lanes that meet"
            )
        legs: list[Leg] = []
        for index, way in enumerate(found):
            low, high = self._space.points(way.road_id).section_ends(way.section)
            begin, end = (low, high) if way.direction > 0 else (high, low)
            if index == 0:
                begin = start.s_m
            if index == len(found) - 1:
                end = goal.s_m
            _append(legs, Leg(road_id=way.road_id, direction=way.direction, from_s_m=begin, to_s_m=end))
        return legs

    def _way(self, spot: Spot) -> Way:
        section = self._space.points(spot.road_id).section(spot.s_m)
        direction = 1 if spot.lane_id <= 0 else -1
        return Way(road_id=spot.road_id, section=section, lane_id=spot.lane_id, direction=direction)

    def _search(self, first: Way, start: Spot, goal: Spot, fewest: bool) -> list[Way] | None:
        """Dijkstra over lanes; the goal is its road and station, in any lane that runs its way."""
        goal_section = self._space.points(goal.road_id).section(goal.s_m)
        heap: list[tuple[float, int, Way]] = [(0.0, 0, first)]
        came: dict[Way, Way | None] = {first: None}
        cost = {first: 0.0}
        done: set[Way] = set()
        number = 0
        while heap and number < _MOST_STATES:
            so_far, _, way = heapq.heappop(heap)
            if way in done:
                continue
            done.add(way)
            if self._reaches(way, first, start, goal, goal_section):
                return _chain(came, way)
            for other, price in self._moves(way, first, start, fewest):
                total = so_far + price
                if other not in done and total < cost.get(other, float("inf")) - 1e-9:
                    cost[other], came[other] = total, way
                    number += 1
                    heapq.heappush(heap, (total, number, other))
        return None

    def _reaches(self, way: Way, first: Way, start: Spot, goal: Spot, goal_section: int) -> bool:
        if (way.road_id, way.section) != (goal.road_id, goal_section):
            return False
        same_stretch = (way.road_id, way.section, way.direction) == (
            first.road_id,
            first.section,
            first.direction,
        )
        return not same_stretch or (goal.s_m - start.s_m) * way.direction >= -1e-6

    def _moves(self, way: Way, first: Way, start: Spot, fewest: bool) -> Iterable[tuple[Way, float]]:
        low, high = self._space.points(way.road_id).section_ends(way.section)
        length = high - low
        if way == first:
            length = high - start.s_m if way.direction > 0 else start.s_m - low
        road = self._space.road(way.road_id)
        if fewest and road.junction is not None:
            length += 10_000.0
        for other in self._walk.following(way):
            yield other, length
        sign = 1 if way.lane_id > 0 else -1
        for lane in (way.lane_id - sign, way.lane_id + sign):
            if lane * sign > 0 and road.lane_sections[way.section].lane(lane) is not None:
                changed = Way(road_id=way.road_id, section=way.section, lane_id=lane, direction=way.direction)
                yield changed, _CHANGE_COST_M


def _append(legs: list[Leg], leg: Leg) -> None:
    """Adds a leg, joining it to the last one of the same road and direction."""
    if legs and legs[-1].road_id == leg.road_id and legs[-1].direction == leg.direction:
        last = legs.pop()
        leg = Leg(road_id=leg.road_id, direction=leg.direction, from_s_m=last.from_s_m, to_s_m=leg.to_s_m)
    legs.append(leg)


def _chain(came: dict[Way, Way | None], last: Way) -> list[Way]:
    out: list[Way] = []
    at: Way | None = last
    while at is not None:
        # A change of lane stays on its stretch: the stretch counts once.
        if not out or (out[-1].road_id, out[-1].section, out[-1].direction) != (
            at.road_id,
            at.section,
            at.direction,
        ):
            out.append(at)
        at = came[at]
    return out[::-1]
