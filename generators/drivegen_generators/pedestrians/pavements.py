"""Pedestrians who walk along pavements and over crossings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from weakref import WeakKeyDictionary

import numpy as np
from jaxtyping import Float64

from drivegen.core.errors import ConfigError
from drivegen.core.plans import Crossing, PlacedPose, VehiclePlan, WalkerPlan, WalkersDraw
from drivegen.core.weather import Weather
from drivegen.opendrive import pavements as graphs
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.pavements import EdgeKind

_CHILDREN = (9, 10, 11, 12, 13, 14, 48, 49)
"""Numbers of CARLA 0.9.16's walker blueprints that are 1.1 or 1.3 m tall."""

_ALL = 52

_GROWN = tuple(n for n in range(1, _ALL + 1) if n not in _CHILDREN)

Point = tuple[float, float, float]
"""x, y, z."""

POOL = 24
"""So many different people of a scene at most: each takes the server time and memory."""

GREATEST_VARIANT = 65535

ADULTS: dict[str, float] = {
    "woman": 0.37, "man": 0.37, "old_woman": 0.075, "old_man": 0.07, "traveller": 0.02, "courier": 0.025,
    "worker": 0.03, "police_officer": 0.01, "stroller": 0.02, "wheelchair": 0.01,
}  # fmt: skip
"""Families of drivegen's grown people and their shares on a street; this project's own figures."""

CHILDREN: dict[str, float] = {"girl": 0.3, "boy": 0.3, "student": 0.25, "toddler": 0.15}

UNDER_UMBRELLAS = ("woman", "man")
"""Who opens an umbrella in rain."""

PACE: dict[str, float] = {
    "old_woman": 0.78, "old_man": 0.80, "stroller": 0.88, "wheelchair": 0.75, "traveller": 0.95,
    "toddler": 0.72,
}  # fmt: skip
"""Their speeds against those of other adults, and toddlers' against other children's."""

EDGE_MARGIN_M = 0.45
"""Kept from the edge of a pavement or crossing."""

SPREAD_M = {EdgeKind.PAVEMENT: 0.4, EdgeKind.CROSSING: 1.2}
"""Farthest from the middle: trees, bins and lamps leave the middle of a pavement free, not its sides."""

LEAST_APART_M = 1.2
"""Between walkers at the start."""

LEAST_STEP_M = 1.0
"""Points of a pavement's centre that are nearer to each other are thinned out."""

RAIN_PERCENT = 2.0
"""From this precipitation (CARLA's 0 to 100) umbrellas are open."""

MISSES = 40
"""After so many walks in a row that start too close to another the pavements are full."""


class Pavements:
    """Draws walks through the graph of pavements and crossings.

    Args:
        child_share: Of the walkers.
        crossing_share: How likely a walker that comes to a crossing takes it.
        kerb_share: Of walkers that start near a crossing, on their way to it.
        reach_m: Walks start the likelier the nearer to the ego they are, falling to a third at this distance.
        length_m: Of a walk, until it turns back.
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
        self._routers: WeakKeyDictionary[RoadNetwork, _Router] = WeakKeyDictionary()
        self._umbrella_share = _checked("umbrella_share", umbrella_share, 0.0, 1.0)
        self._child_share = _checked("child_share", child_share, 0.0, 1.0)
        self._crossing_share = _checked("crossing_share", crossing_share, 0.0, 1.0)
        self._kerb_share = _checked("kerb_share", kerb_share, 0.0, 1.0)
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
        vehicles: Sequence[VehiclePlan] = (),  # noqa: ARG002
    ) -> WalkersDraw:
        """Up to `count` walks, those that start closer to `near` likelier; none without pavements.

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
        router = self._routers.get(network)
        if router is None:
            router = _Router(graphs.pavements(network), self._crossing_share, self._length_m)
            self._routers[network] = router
        weights = router.start_weights(near, self._reach_m)
        anywhere = np.cumsum(weights)
        at_kerb = np.cumsum(np.where(router.at_crossing, weights, 0.0))
        rains = weather is not None and weather.precipitation >= RAIN_PERCENT
        crowd = _Crowd(self._umbrella_share if rains else 0.0)
        plans: list[WalkerPlan] = []
        starts: list[tuple[float, float]] = []
        misses = 0
        while len(plans) < count and misses < MISSES and len(anywhere) and anywhere[-1] > 0.0:
            kerb = bool(rng.random() < self._kerb_share) and at_kerb[-1] > 0.0
            points, crossings = router.walk(rng, at_kerb if kerb else anywhere, kerb=kerb)
            if any(math.dist(start, points[0][:2]) < LEAST_APART_M for start in starts):
                misses += 1
                continue
            misses = 0
            starts.append(points[0][:2])
            plans.append(self._person(rng, crowd, points, crossings))
        return WalkersDraw(walkers=tuple(plans))

    def _person(
        self,
        rng: np.random.Generator,
        crowd: _Crowd,
        points: list[Point],
        crossings: list[Crossing],
    ) -> WalkerPlan:
        child = bool(rng.random() < self._child_share)
        numbers = _CHILDREN if child else _GROWN
        mean, deviation = self._speed
        speed = rng.normal(self._child_speed_mps if child else mean, deviation)
        blueprint = stand_in = f"walker.pedestrian.{int(rng.choice(numbers)):04d}"
        variant = 0
        if self._families:
            family, variant = crowd.member(rng, child)
            blueprint = f"walker.drivegen.{family}"
            speed *= PACE.get(family, 1.0)
        return WalkerPlan(
            blueprint=blueprint,
            variant=variant,
            stand_in=stand_in if self._families else "",
            speed_mps=round(min(max(float(speed), 0.6), 2.2), 3),
            waypoints=tuple(points),
            crossings=tuple(crossings),
        )


class _Crowd:
    """Who is about in a scene: each member of a family drawn anew until there are `POOL` of them."""

    def __init__(self, umbrella_share: float) -> None:
        self._umbrella_share = umbrella_share
        self._pool: list[tuple[bool, str, int]] = []

    def member(self, rng: np.random.Generator, child: bool) -> tuple[str, int]:
        """Family and variant of the next person."""
        mix = CHILDREN if child else ADULTS
        shares = np.array(list(mix.values()))
        family = str(rng.choice(list(mix), p=shares / shares.sum()))
        opens, variant = bool(rng.random() < self._umbrella_share), int(rng.integers(GREATEST_VARIANT + 1))
        if opens and family in UNDER_UMBRELLAS:
            family = "umbrella"
        # The last place waits for the first one of the other age.
        both = any(c != child for c, _, _ in self._pool)
        if len(self._pool) < (POOL if both else POOL - 1):
            self._pool.append((child, family, variant))
            return family, variant
        alike = [(f, v) for _, f, v in self._pool if f == family]
        alike = alike or [(f, v) for c, f, v in self._pool if c == child]
        return alike[variant % len(alike)]


class _Router:
    """Random walks on the graph."""

    def __init__(self, graph: graphs.Pavements, crossing_share: float, length_m: float) -> None:
        self._graph = graph
        self._crossing_share = crossing_share
        self._length_m = length_m
        edges = graph.edges
        self._lengths = [e.length_m for e in edges]
        starts = [e.kind is EdgeKind.PAVEMENT and e.length_m >= LEAST_STEP_M for e in edges]
        self._start_length = np.where(starts, self._lengths, 0.0)
        self.at_crossing = np.array(
            [any(self._crossings_at(n) for n in (e.start, e.end)) for e in edges], dtype=bool
        )
        """Edges that end where a crossing begins."""
        self._points = np.concatenate([e.centre_m for e in edges]) if edges else np.zeros((0, 3))
        self._first = np.cumsum([0, *(len(e.centre_m) for e in edges)])[:-1]
        self._lines: dict[tuple[int, int], tuple[Float64[np.ndarray, "n 3"], Float64[np.ndarray, "n 3"]]] = {}

    def start_weights(self, near: PlacedPose | None, reach_m: float) -> Float64[np.ndarray, "e"]:
        """How likely each edge is a start: by length and nearness."""
        if near is None or not len(self._first):
            return self._start_length
        gaps = np.hypot(self._points[:, 0] - near.x_m, self._points[:, 1] - near.y_m)
        return self._start_length * np.exp(-np.minimum.reduceat(gaps, self._first) / reach_m)

    def _crossings_at(self, node: int) -> list[int]:
        edges = self._graph.edges
        return [e for e in self._graph.edges_of_node[node] if edges[e].kind is EdgeKind.CROSSING]

    def walk(
        self, rng: np.random.Generator, sums: Float64[np.ndarray, "e"], *, kerb: bool
    ) -> tuple[list[Point], list[Crossing]]:
        """Waypoints and crossings of a walk; with `kerb` it starts a few metres before a crossing.

        Args:
            rng: To draw from.
            sums: Of the weights of the edges to start on, up to each.
            kerb: The edge leads to a crossing.
        """
        graph = self._graph
        edge = int(np.searchsorted(sums, rng.random() * sums[-1], side="right"))
        edge = min(edge, len(sums) - 1)
        ends = [graph.edges[edge].start, graph.edges[edge].end]
        if kerb:
            ends = [n for n in ends if self._crossings_at(n)]
        goal = ends[int(rng.integers(len(ends)))]
        aside = float(rng.uniform(-1.0, 1.0))
        line = graph.points_from(edge, graph.other_end(edge, goal))
        length = self._lengths[edge]
        left = min(length, float(rng.uniform(1.0, 8.0))) if kerb else length * float(rng.uniform(0.1, 1.0))
        last = _last(line, left)
        points = _points(last + _leftwards(last) * _offset_m(graph.edges[edge], aside))
        crossings: list[Crossing] = []
        walked, must_cross = left, kerb
        while walked < self._length_m:
            following = self._next_edge(rng, edge, goal, must_cross)
            if following is None:
                break
            edge, must_cross = following, False
            stretch = graph.edges[edge]
            line, leftwards = self._line(edge, goal)
            if stretch.kind is EdgeKind.CROSSING:
                crossings.append(Crossing(first=len(points), signal_ids=stretch.signal_ids))
            points += _points(line + leftwards * _offset_m(stretch, aside))
            goal = graph.other_end(edge, goal)
            walked += self._lengths[edge]
        return _thinned(points, crossings)

    def _line(self, edge: int, node: int) -> tuple[Float64[np.ndarray, "n 3"], Float64[np.ndarray, "n 3"]]:
        """The centre of an edge walked away from a node, and what leads a metre to its left."""
        key = (edge, node)
        if key not in self._lines:
            line = self._graph.points_from(edge, node)
            self._lines[key] = (line, _leftwards(line))
        return self._lines[key]

    def _next_edge(self, rng: np.random.Generator, edge: int, node: int, must_cross: bool) -> int | None:
        """An edge to go on along; None where the walk must turn back."""
        onward = [e for e in self._graph.edges_of_node[node] if e != edge]
        crossings = [e for e in onward if self._graph.edges[e].kind is EdgeKind.CROSSING]
        pavements = [e for e in onward if e not in crossings]
        cross = must_cross or not pavements or bool(rng.random() < self._crossing_share)
        choice = crossings if crossings and cross else pavements
        return choice[int(rng.integers(len(choice)))] if choice else None


def _millimetres(point: Float64[np.ndarray, "3"]) -> tuple[float, float, float]:
    x, y, z = (round(float(v), 3) for v in point)
    return x, y, z


def _last(line: Float64[np.ndarray, "n 3"], length_m: float) -> Float64[np.ndarray, "m 3"]:
    """The last stretch of a line."""
    steps = np.linalg.norm(np.diff(line, axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    start = max(0.0, along[-1] - length_m)
    first = np.array([np.interp(start, along, line[:, k]) for k in range(3)])
    return np.concatenate([first[None], line[along > start + 1e-6]])


def _leftwards(line: Float64[np.ndarray, "n 3"]) -> Float64[np.ndarray, "n 3"]:
    """Level unit vectors to the left of a line, at its points."""
    along = np.gradient(line[:, :2], axis=0) if len(line) > 1 else np.array([[1.0, 0.0]])
    along = along / np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    return np.stack([-along[:, 1], along[:, 0], np.zeros(len(along))], axis=1)


def _offset_m(edge: graphs.PavementEdge, aside: float) -> float:
    """To the left of an edge's centre: `aside` from -1 (farthest to the right) to 1 (to the left)."""
    return aside * min(max(0.0, edge.width_m / 2 - EDGE_MARGIN_M), SPREAD_M[edge.kind])


def _points(line: Float64[np.ndarray, "n 3"]) -> list[Point]:
    """To the millimetre."""
    x, y, z = np.round(line.T, 3).tolist()
    return list(zip(x, y, z, strict=True))


def _thinned(points: list[Point], crossings: list[Crossing]) -> tuple[list[Point], list[Crossing]]:
    """Without points that are close to the one before; kerb points stay."""
    kerbs = {c.first + k for c in crossings for k in (0, 1)}
    kept: list[int] = [0]
    last = points[0]
    for i, point in enumerate(points):
        far = math.dist(point, last) >= LEAST_STEP_M
        if i == 0 or (not far and i not in kerbs):
            continue
        if not far and kept[-1] not in kerbs and kept[-1] != 0:
            kept[-1] = i
        else:
            kept.append(i)
        last = point
    place = {old: new for new, old in enumerate(kept)}
    return (
        [points[i] for i in kept],
        [Crossing(first=place[c.first], signal_ids=c.signal_ids) for c in crossings],
    )


def _checked(name: str, value: float, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or math.isnan(value):
        raise ConfigError(f"pedestrians {name} is {value!r}; a number is wanted")
    if not low <= value <= high:
        raise ConfigError(f"pedestrians {name} is {value}; it must lie in {low}..{high}")
    return float(value)
