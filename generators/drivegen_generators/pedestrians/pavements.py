"""Pedestrians who walk along pavements and over crossings, and some who cross elsewhere."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np
from jaxtyping import Float64

from drivegen.core.errors import ConfigError
from drivegen.core.plans import Begin, Crossing, PlacedPose, VehiclePlan, WalkerPlan, WalkersDraw
from drivegen.core.weather import Weather
from drivegen.opendrive import pavements as graphs
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.stops import bus_stops
from drivegen_generators.pedestrians.darts import covers, dart
from drivegen_generators.pedestrians.dice import Dice
from drivegen_generators.pedestrians.footways import Footways
from drivegen_generators.pedestrians.people import Crowd, Person, parties
from drivegen_generators.pedestrians.straight import Straight
from drivegen_generators.pedestrians.waiting import Platforms
from drivegen_generators.pedestrians.walks import SPREAD_M, STAND_BACK_M, Lateral, Route, Trail, lay

LEAST_APART_M = 1.2
"""Between walkers of different parties at the start."""

BESIDE_M = 0.75
"""Between members of a party who walk side by side."""

BEHIND_M = 0.9

RAIN_PERCENT = 2.0
"""From this precipitation (CARLA's 0 to 100) umbrellas are open."""

MISSES = 40
"""After so many walks in a row that start too close to another the pavements are full."""

HASTE = 1.12
"""Speed on crossings over that on pavements: 1.51 m/s of people below 65 (Knoblauch, Pietrucha and Nitzburg
1996, Transportation Research Record 1538) over 1.34 m/s (Weidmann 1993)."""

_KERB_START_M = (1.0, 8.0)


@dataclass(slots=True, eq=False)
class _Roads:
    """What is kept of a network."""

    footways: Footways
    platforms: Platforms
    straight: Straight | None = None


class Pavements:
    """Draws walks from an origin to a destination along the shortest way over pavements and crossings.

    Args:
        child_share: Of the walkers; most of them walk with an adult.
        crossing_share: Of walks that lead over a crossing, where one is in reach.
        kerb_share: Of walkers that start near a crossing, on their way to it.
        group_share: Of walkers that walk in groups of two to four.
        jaywalking_share: Of walkers that cross away from crossings, or at one whatever its lights show.
        waiting_share: Of walkers that stand at bus stops, where there are any.
        dart_outs: People who run out from behind parked vehicles when the ego comes.
        jaywalk_width_m: Wider roads are not crossed away from crossings.
        reach_m: Walks start the likelier the nearer to the ego they are, falling to a third at this distance.
        length_m: Of a walk at most; then it turns back.
        speed_mps: Mean and standard deviation of adults; Weidmann (1993) finds 1.34 and 0.26.
        child_speed_mps: Mean of children.
        families: People of drivegen's own families, with CARLA's as stand-ins for servers without them;
            else CARLA's alone.
        umbrella_share: Of grown people without hands full, in rain.
    """

    def __init__(
        self,
        *,
        child_share: float = 0.12,
        crossing_share: float = 0.6,
        kerb_share: float = 0.4,
        group_share: float = 0.35,
        jaywalking_share: float = 0.03,
        waiting_share: float = 0.1,
        dart_outs: int = 0,
        jaywalk_width_m: float = 30.0,
        reach_m: float = 60.0,
        length_m: float = 120.0,
        speed_mps: tuple[float, float] = (1.34, 0.26),
        child_speed_mps: float = 1.15,
        families: bool = True,
        umbrella_share: float = 0.75,
    ) -> None:
        if not isinstance(families, bool):
            raise ConfigError(f"pedestrians families is {families!r}; true or false is wanted")
        self._families = families
        # Scenes share roads, and making the graph takes longer than all else of a plan.
        self._roads: WeakKeyDictionary[RoadNetwork, _Roads] = WeakKeyDictionary()
        self._umbrella_share = _checked("umbrella_share", umbrella_share, 0.0, 1.0)
        self._child_share = _checked("child_share", child_share, 0.0, 1.0)
        self._crossing_share = _checked("crossing_share", crossing_share, 0.0, 1.0)
        self._kerb_share = _checked("kerb_share", kerb_share, 0.0, 1.0)
        self._group_share = _checked("group_share", group_share, 0.0, 1.0)
        self._jaywalking_share = _checked("jaywalking_share", jaywalking_share, 0.0, 1.0)
        self._waiting_share = _checked("waiting_share", waiting_share, 0.0, 1.0)
        if isinstance(dart_outs, bool) or not isinstance(dart_outs, int):
            raise ConfigError(f"pedestrians dart_outs is {dart_outs!r}; a whole number is wanted")
        self._dart_outs = int(_checked("dart_outs", dart_outs, 0, 100))
        self._jaywalk_width_m = _checked("jaywalk_width_m", jaywalk_width_m, 4.0, 80.0)
        self._reach_m = _checked("reach_m", reach_m, 1.0, 1e5)
        self._length_m = _checked("length_m", length_m, 5.0, 1e5)
        if len(speed_mps) != 2:
            raise ConfigError(f"pedestrians speed_mps is {speed_mps!r}; mean and deviation are wanted")
        self._speed = (
            _checked("speed_mps", speed_mps[0], 0.3, 4.0),
            _checked("speed_mps", speed_mps[1], 0.0, 2.0),
        )
        self._child_speed_mps = _checked("child_speed_mps", child_speed_mps, 0.3, 4.0)

    def plan(
        self,
        rng: np.random.Generator,
        network: RoadNetwork,
        count: int,
        *,
        near: PlacedPose | None = None,
        weather: Weather | None = None,
        vehicles: Sequence[VehiclePlan] = (),
    ) -> WalkersDraw:
        """Up to `count` walks, those that start closer to `near` likelier; none without pavements.

        Who darts out is among them.

        Args:
            rng: To draw from.
            network: The road.
            count: Of walkers.
            near: The ego's start.
            weather: At the start; in rain umbrellas are open.
            vehicles: Those of the plan, for whoever steps out from behind one.

        Raises:
            ConfigError: `count` is negative.
        """
        if count < 0:
            raise ConfigError(f"pedestrians: {count} walkers cannot be; take 0 or more")
        roads = self._roads.get(network)
        if roads is None:
            footways = Footways(graphs.pavements(network), self._length_m)
            roads = _Roads(footways=footways, platforms=Platforms(bus_stops(network)))
            self._roads[network] = roads
        if not len(roads.footways.graph.edges):
            return WalkersDraw(walkers=())
        rains = weather is not None and weather.precipitation >= RAIN_PERCENT
        return _Draw(self, Dice(rng), network, roads, near, rains).draw(count, vehicles)


class _Draw:
    """The walkers of one scene."""

    def __init__(
        self,
        options: Pavements,
        dice: Dice,
        network: RoadNetwork,
        roads: _Roads,
        near: PlacedPose | None,
        rains: bool,
    ) -> None:
        self._options = options
        self._dice = dice
        self._network = network
        self._roads = roads
        self._ways = roads.footways
        self._near = near
        weights = self._ways.start_weights(near, options._reach_m)
        self._anywhere = _sums(weights)
        self._at_kerb = _sums(np.where(self._ways.at_crossing, weights, 0.0))
        self._crowd = Crowd(
            dice,
            families=options._families,
            umbrella_share=options._umbrella_share if rains else 0.0,
            speed_mps=options._speed,
            child_speed_mps=options._child_speed_mps,
        )
        self._plans: list[WalkerPlan] = []
        self._starts: list[tuple[float, float]] = []
        self._asked: Counter[str] = Counter()
        self._groups = 0

    def draw(self, count: int, vehicles: Sequence[VehiclePlan]) -> WalkersDraw:
        """Those with a purpose first, then parties until there are enough, or no room is left."""
        options, dice = self._options, self._dice
        self._dart_outs(min(options._dart_outs, count), vehicles)
        left = count - len(self._plans)
        self._stand_at_stops(dice.count(options._waiting_share * left) if self._roads.platforms else 0)
        self._jaywalk(dice.count(options._jaywalking_share * left))
        left = count - len(self._plans)
        misses = 0
        for party in parties(dice, left, options._child_share, options._group_share):
            if len(party) > 1:
                self._asked["group"] += len(party)
            while misses < MISSES and not self._walk_together(party):
                misses += 1
            if misses == MISSES:
                break
            misses = 0
        requested = {f"role {name}": float(n) for name, n in sorted(self._asked.items()) if n}
        return WalkersDraw(walkers=tuple(self._plans), requested=requested)

    def _walk_together(self, party: tuple[bool, ...], begin: Begin = Begin.SIGNAL) -> bool:
        """Puts a party on its way; False where it would start too close to others."""
        route = self._route(must_cross=begin is not Begin.SIGNAL)
        trails = [lay(self._ways, route, lateral) for lateral in self._side_by_side(len(party), route)]
        if any(len(t.points) < 2 for t in trails) or not self._is_free(trails):
            return False
        if begin is not Begin.SIGNAL:
            if not any(c.signal_ids for c in trails[0].crossings):
                return False
            trails[0].crossings = [_whenever(c) for c in trails[0].crossings]
        people = [self._crowd.person(child) for child in party]
        group = None
        if len(party) > 1:
            group, self._groups = self._groups, self._groups + 1
        pace = round(sum(p.speed_mps for p in people) / len(people), 3)
        for person, trail in zip(people, trails, strict=True):
            roles = ("group",) if group is not None else ("jaywalking",) if begin is Begin.GAP else ()
            self._add(person, trail, roles, group=group, speed_mps=pace)
        return True

    def _route(self, *, must_cross: bool = False) -> Route:
        ways, dice, options = self._ways, self._dice, self._options
        kerb = self._at_kerb[-1] > 0.0 and (must_cross or dice.chance(options._kerb_share))
        edge = dice.weighted(self._at_kerb if kerb else self._anywhere)
        found = ways.graph.edges[edge]
        ends = [found.start, found.end]
        if kerb:
            ends = [n for n in ends if ways.leads_over(n)]
        goal = dice.choice(ends)
        origin = ways.graph.other_end(edge, goal)
        length = ways.lengths_m[edge]
        left = min(length, dice.between(*_KERB_START_M)) if kerb else length * dice.between(0.1, 1.0)
        reach = ways.reach(goal)
        ends_at: Sequence[int] = reach.plain or reach.crossed
        if kerb and reach.at_once:
            ends_at = reach.at_once
        elif reach.crossed and (must_cross or dice.chance(options._crossing_share)):
            ends_at = reach.crossed
        steps = [(edge, origin)]
        node = goal
        if ends_at:
            node = dice.choice(ends_at)
            path = ways.path(goal, node)
            # Where the way would lead back over the first edge, that is walked the other way from the start.
            steps = path if path[0] == (edge, goal) else steps + path
        # To a door somewhere along the next pavement.
        onward = ways.onward(node, steps[-1][0])
        last = math.inf
        if onward:
            further = dice.choice(onward)
            steps.append((further, node))
            last = ways.lengths_m[further] * dice.between(0.1, 1.0)
            last = min(last, options._length_m)
        return Route(steps=tuple(steps), before_end_m=left, last_m=last)

    def _side_by_side(self, count: int, route: Route) -> list[Lateral]:
        dice = self._dice
        base, kerb = dice.between(-SPREAD_M, SPREAD_M), dice.between(-1.0, 1.0)
        back = dice.between(*STAND_BACK_M)
        room = 2.0 * max(0.0, self._ways.half_m[route.steps[0][0]] - 0.45)
        abreast = max(1, min(count, 3, int(room / BESIDE_M) + 1))
        out = []
        for k in range(count):
            row, place = divmod(k, abreast)
            shift = (place - (min(abreast, count - row * abreast) - 1) / 2) * BESIDE_M
            # In a narrow way the middle is where all fit.
            slack = max(0.0, room / 2 - (abreast - 1) / 2 * BESIDE_M)
            out.append(
                Lateral(
                    pavement_m=min(max(base, -slack), slack) + shift,
                    kerb_m=kerb + shift,
                    back_m=back + 0.1 * row,
                    behind_m=row * BEHIND_M,
                )
            )
        return out

    def _is_free(self, trails: Sequence[Trail]) -> bool:
        for trail in trails:
            x, y, _ = trail.points[0]
            for ox, oy in self._starts:
                if abs(ox - x) < LEAST_APART_M and math.hypot(ox - x, oy - y) < LEAST_APART_M:
                    return False
        starts = [t.points[0] for t in trails]
        return all(math.dist(a[:2], b[:2]) > 0.5 * BESIDE_M for i, a in enumerate(starts) for b in starts[:i])

    def _add(
        self,
        person: Person,
        trail: Trail,
        roles: tuple[str, ...],
        *,
        group: int | None = None,
        speed_mps: float | None = None,
        stays: bool = False,
    ) -> None:
        self._starts.append(trail.points[0][:2])
        pace = person.speed_mps if speed_mps is None else speed_mps
        hurried = round(HASTE * pace, 3)
        self._plans.append(
            WalkerPlan(
                blueprint=person.blueprint,
                variant=person.variant,
                stand_in=person.stand_in,
                speed_mps=pace,
                waypoints=trail.waypoints,
                crossings=tuple(
                    replace(c, speed_mps=hurried) if c.speed_mps is None else c for c in trail.crossings
                ),
                roles=(*roles, *person.roles),
                group=group,
                half_widths_m=trail.leg_half_widths_m,
                stays=stays,
            )
        )

    def _straight(self) -> Straight:
        if self._roads.straight is None:
            self._roads.straight = Straight(self._network, self._ways)
        return self._roads.straight

    def _jaywalk(self, count: int) -> None:
        """Half of them away from crossings, half over red, as far as the road has places for both."""
        self._asked["jaywalking"] += count
        dice = self._dice
        if not self._anywhere or not self._anywhere[-1] > 0.0:
            return
        for _ in range(count):
            away = dice.chance(0.5)
            for elsewhere in (away, not away):
                if self._cross_elsewhere() if elsewhere else self._cross_on_red():
                    break

    def _cross_elsewhere(self) -> bool:
        for _ in range(4):
            edge = self._dice.weighted(self._anywhere)
            trail = self._straight().jaywalk(self._dice, edge, self._options._jaywalk_width_m)
            if trail is not None and self._is_free([trail]):
                self._add(self._crowd.person(False), trail, ("jaywalking",))
                return True
        return False

    def _cross_on_red(self) -> bool:
        return any(self._walk_together((False,), Begin.GAP) for _ in range(4))

    def _dart_outs(self, count: int, vehicles: Sequence[VehiclePlan]) -> None:
        self._asked["dart_out"] += count
        if not count or self._near is None:
            return
        found = 0
        for behind in covers(vehicles, self._near):
            if found == count:
                break
            drawn = dart(self._dice, self._straight(), vehicles, behind, self._near)
            if drawn is None or not self._is_free([drawn.trail]):
                continue
            found += 1
            self._add(self._crowd.person(not drawn.hides_adults), drawn.trail, ("dart_out",), stays=True)

    def _stand_at_stops(self, count: int) -> None:
        self._asked["waiting"] += count
        for _ in range(count):
            for _ in range(4):
                trail = self._roads.platforms.stand(self._dice, self._near, self._options._reach_m)
                if trail is not None and self._is_free([trail]):
                    person = self._crowd.person(self._dice.chance(self._options._child_share))
                    self._add(person, trail, ("waiting",), stays=True)
                    break


def _whenever(crossing: Crossing) -> Crossing:
    return Crossing(first=crossing.first, signal_ids=crossing.signal_ids, begin=Begin.GAP)


def _sums(weights: Float64[np.ndarray, "e"]) -> list[float]:
    sums: list[float] = np.cumsum(weights).tolist()
    return sums


def _checked(name: str, value: float, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or math.isnan(value):
        raise ConfigError(f"pedestrians {name} is {value!r}; a number is wanted")
    if not low <= value <= high:
        raise ConfigError(f"pedestrians {name} is {value}; it must lie in {low}..{high}")
    return float(value)
