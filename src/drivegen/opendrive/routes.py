"""Ways over driving lanes: the quickest between two places, and wandering by shares of turns.

Lanes are followed by their links; changes of lane happen only where the marks permit them. What depends on
the network alone is computed once for a `RoutePlanner`, and the ways to a destination once for each of its
lanes (Dijkstra 1959, backwards from the destination), so that many routes cost little each.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from jaxtyping import Float64
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from drivegen.core.errors import PlanError
from drivegen.opendrive.lane_graph import LEAST_CHANGE_M, LaneChange, LaneGraph, LaneLine, Turn
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.route_ends import LanePlace, RoadEnd, road_ends
from drivegen.opendrive.topology import LaneRef

__all__ = ["Cost", "LanePlace", "Move", "RoadEnd", "Route", "RoutePlanner", "Step", "Turn"]

_CHANGE = {"time": 5.0, "length": 40.0}
"""What a change of lane costs: seconds, metres."""
_ROOMY_M = 4.0 * LEAST_CHANGE_M
_FOLLOWS = 1e6
"""The room of an edge that is no change of lane."""
_TREES_KEPT = 512
_BLEND_M = 15.0
"""A change of lane takes at most twice this on the road."""
_CLOSEST_M = 0.3
"""Points of a route that lie closer than this become one."""


class Cost(StrEnum):
    """What a route is to have least of."""

    TIME = "time"
    """At the speed limits."""
    LENGTH = "length"


class Move(StrEnum):
    """How a step of a route begins."""

    START = "start"
    FOLLOW = "follow"
    LANE_LEFT = "lane_left"
    LANE_RIGHT = "lane_right"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A stretch of one lane."""

    lane: LaneRef
    move: Move
    from_s_m: float
    """As the road counts it; after a change of lane where the middle of the change is."""
    to_s_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Stretches of lanes, each of which follows or lies beside the one before."""

    steps: tuple[Step, ...]

    @property
    def lanes(self) -> tuple[LaneRef, ...]:
        """The lanes in order."""
        return tuple(step.lane for step in self.steps)

    @property
    def length_m(self) -> float:
        """Along the reference lines."""
        return sum(abs(step.to_s_m - step.from_s_m) for step in self.steps)


@dataclass(frozen=True, slots=True)
class _Chain:
    """Lanes of one section, each beside the one before, from a place on."""

    lanes: tuple[int, ...]
    free_m: float
    """Nearest place, as travelled, of the next change's middle."""


class RoutePlanner:
    """Routes of one network."""

    def __init__(self, network: RoadNetwork) -> None:
        self.graph = LaneGraph(network)
        self._trees: dict[tuple[int, Cost, bool, bool], tuple[np.ndarray, np.ndarray]] = {}
        self._ways: dict[int, dict[Turn, tuple[tuple[int, ...], ...]]] = {}
        speed = np.maximum(self.graph.speed_mps, 1.0)
        self._cost = {Cost.TIME: self.graph.length_m / speed, Cost.LENGTH: self.graph.length_m.copy()}
        self._backwards = {cost: self._matrix(cost) for cost in Cost}

    def route(self, start: LanePlace, end: LanePlace, *, cost: Cost = Cost.TIME) -> Route | None:
        """The best way from one place to another; None if no lane leads there.

        Raises PlanError for a place that is on no driving lane.
        """
        first, last = self._locate(start), self._locate(end)
        # Changes of lane in a row, or just before the end, may lack room: then others are taken.
        for roomy, changing in itertools.product((False, True), (True, False)):
            path = self._search(first, last, cost, changing, roomy)
            steps = None if path is None else self._steps(path, first[1], last[1])
            if steps is not None:
                return Route(steps=steps)
        return None

    def wander(
        self, rng: np.random.Generator, start: LanePlace, length_m: float, turn_shares: Mapping[Turn, float]
    ) -> Route:
        """A way of at least a length that turns at junctions by shares.

        It ends in the middle of a lane at the length, or sooner where no lane leads on.

        Args:
            rng: draws the turns.
            start: where it begins.
            length_m: of the way.
            turn_shares: weights of turns; those missing count 0. Of the turns that the next junction offers
                (also by changing lanes before), one is drawn by weight; where none of them has weight, all
                are alike.

        Raises PlanError for a place that is on no driving lane.
        """
        lane, at = self._locate(start)
        path = [lane]
        left = length_m - (self.graph.length_m[lane] - at)
        while left > 0.0:
            ways = self._explore(path[-1], at) if len(path) == 1 else self._known_ways(path[-1])
            if not ways:
                break
            turns = sorted(ways)
            weights = np.array([max(0.0, turn_shares.get(turn, 0.0)) for turn in turns])
            if not weights.any():
                weights = np.ones(len(turns))
            share = np.cumsum(weights) / weights.sum()
            options = ways[turns[min(int(np.searchsorted(share, rng.random(), "right")), len(turns) - 1)]]
            way = options[int(rng.integers(len(options)))]
            for a, b in itertools.pairwise(way):
                if left <= 0.0 and b in self.graph.successors[a]:
                    break
                left -= float(self.graph.length_m[b]) if b in self.graph.successors[a] else 0.0
                path.append(b)
        full = float(self.graph.length_m[path[-1]])
        same_section = all(b not in self.graph.successors[a] for a, b in itertools.pairwise(path))
        end = max(full + min(left, 0.0), at if same_section else 0.0)
        steps = self._steps(path, at, end) or self._steps(path, at, full)
        if steps is None:
            raise AssertionError("ways keep the room that changes of lane need")
        return Route(steps=steps)

    def points(self, route: Route, spacing_m: float = 5.0) -> Float64[np.ndarray, "n 3"]:
        """Places on the ground along a route, its two ends among them; lanes are changed over some 30 m."""
        runs = [self._run_points(run, spacing_m) for run in _runs(route.steps)]
        for before, after in itertools.pairwise(runs):
            _lead_to(before, after[0])
        points = np.concatenate(runs)
        apart = np.linalg.norm(np.diff(points, axis=0), axis=1) > _CLOSEST_M
        return np.asarray(points[np.concatenate([apart, [True]])])

    def ends(self) -> tuple[RoadEnd, ...]:
        """Where traffic enters and leaves the network, in the order of the file."""
        return road_ends(self.graph)

    def _locate(self, place: LanePlace) -> tuple[int, float]:
        number = self.graph.number.get(place.lane)
        if number is None:
            raise PlanError(f"routes: {place.lane} is no driving lane of {self.graph.network.name}")
        travelled = self.graph.travelled_m(number, place.s_m)
        length = float(self.graph.length_m[number])
        if not -0.01 <= travelled <= length + 0.01:
            raise PlanError(f"routes: s={place.s_m:.2f} m lies outside {place.lane}")
        return number, min(max(travelled, 0.0), length)

    def _matrix(self, cost: Cost) -> tuple[csr_array, csr_array]:
        """Edges from where they lead to where they begin: what it costs to take them, and their room."""
        graph = self.graph
        rows, columns, values, room = [], [], [], []
        for a in range(len(graph.lanes)):
            for b in graph.successors[a]:
                rows.append(b)
                columns.append(a)
                values.append(max(float(self._cost[cost][a]), 1e-3))
                room.append(_FOLLOWS)
            for change in graph.changes[a]:
                rows.append(change.to)
                columns.append(a)
                values.append(_CHANGE[cost])
                room.append(change.to_m - change.from_m)
        shape = (len(graph.lanes), len(graph.lanes))
        return csr_array((values, (rows, columns)), shape=shape), csr_array(
            (room, (rows, columns)), shape=shape
        )

    def _tree(self, target: int, cost: Cost, changing: bool, roomy: bool) -> tuple[np.ndarray, np.ndarray]:
        """(cost to the target, next lane) of every lane.

        `changing`: the target may be changed into; `roomy`: elsewhere only changes with room for another.
        """
        key = (target, cost, changing, roomy)
        if key not in self._trees:
            matrix, room = self._backwards[cost]
            data = matrix.data.copy()
            into = slice(matrix.indptr[target], matrix.indptr[target + 1])
            if roomy:
                data[room.data < _ROOMY_M] = np.inf
                data[into] = matrix.data[into]
            if not changing:
                data[into][room.data[into] < _FOLLOWS] = np.inf
            edges = csr_array((data, matrix.indices, matrix.indptr), shape=matrix.shape)
            found = dijkstra(edges, indices=target, return_predecessors=True)
            if len(self._trees) >= _TREES_KEPT:
                del self._trees[next(iter(self._trees))]
            self._trees[key] = (found[0], found[1])
        return self._trees[key]

    def _search(
        self, first: tuple[int, float], last: tuple[int, float], cost: Cost, changing: bool, roomy: bool
    ) -> list[int] | None:
        """Lane numbers from one to the other."""
        graph, target = self.graph, last[0]
        reach, following = self._tree(target, cost, changing, roomy)
        best: tuple[float, list[int]] | None = None
        for chain in self._chains(*first):
            spent = _CHANGE[cost] * (len(chain.lanes) - 1)
            here = chain.lanes[-1]
            ahead = first[1] if len(chain.lanes) == 1 else chain.free_m - 0.5 * LEAST_CHANGE_M
            if here == target and last[1] >= ahead and (changing or len(chain.lanes) == 1):
                options = [(spent, list(chain.lanes))]
            else:
                options = []
            rest = self._cost[cost][here] * (1.0 - first[1] / max(graph.length_m[here], 1e-6))
            for after in graph.successors[here]:
                if np.isfinite(reach[after]):
                    options.append((spent + float(rest) + float(reach[after]), [*chain.lanes, after]))
            for option in options:
                if best is None or option[0] < best[0]:
                    best = option
        if best is None:
            return None
        path = best[1]
        if len(path) > 1 and path[-1] in graph.successors[path[-2]]:
            while path[-1] != target:
                path.append(int(following[path[-1]]))
        return path

    def _chains(self, lane: int, at_m: float) -> list[_Chain]:
        """The lane, and those that can be changed to before its section ends, with the fewest changes."""
        out = [_Chain((lane,), at_m + 0.5 * LEAST_CHANGE_M)]
        seen = {lane}
        for chain in out:  # grows
            for change in self.graph.changes[chain.lanes[-1]]:
                middle = max(chain.free_m, change.from_m + 0.5 * LEAST_CHANGE_M)
                if change.to not in seen and middle <= change.to_m - 0.5 * LEAST_CHANGE_M:
                    seen.add(change.to)
                    out.append(_Chain((*chain.lanes, change.to), middle + LEAST_CHANGE_M))
        return out

    def _known_ways(self, lane: int) -> dict[Turn, tuple[tuple[int, ...], ...]]:
        if lane not in self._ways:
            self._ways[lane] = self._explore(lane, 0.0)
        return self._ways[lane]

    def _explore(self, lane: int, at_m: float) -> dict[Turn, tuple[tuple[int, ...], ...]]:
        """Ways to the next lanes through a junction by their turn, each with the fewest changes of lane.

        Where no junction comes, the way to the end counts as straight on.
        """
        graph = self.graph
        found: dict[Turn, list[tuple[int, tuple[int, ...]]]] = {}
        queue: deque[tuple[tuple[int, ...], float, int]] = deque([((lane,), at_m, 0)])
        seen = {lane}
        farthest: tuple[int, ...] = (lane,)
        while queue:
            path, at, changes = queue.popleft()
            chains = self._chains(path[-1], at)
            for chain in chains:
                used = changes + len(chain.lanes) - 1
                for after in graph.successors[chain.lanes[-1]]:
                    way = (*path, *chain.lanes[1:], after)
                    if after in seen:
                        continue
                    seen.add(after)
                    farthest = way if len(way) > len(farthest) else farthest
                    if graph.in_junction[after]:
                        found.setdefault(graph.turn(after), []).append((used, way))
                    else:
                        queue.append((way, 0.0, used))
        if not found:
            return {Turn.THROUGH: (farthest,)} if len(farthest) > 1 else {}
        return {
            turn: tuple(way for used, way in ways if used == min(ways)[0]) for turn, ways in found.items()
        }

    def _change(self, lane: int, to: int) -> LaneChange:
        return next(change for change in self.graph.changes[lane] if change.to == to)

    def _steps(self, path: Sequence[int], from_m: float, to_m: float) -> tuple[Step, ...] | None:
        """The path with the places of its changes of lane; None where they lack room."""
        graph = self.graph
        cuts = [i for i in range(1, len(path)) if path[i] in graph.successors[path[i - 1]]]
        out: list[Step] = []
        for first, last in itertools.pairwise([0, *cuts, len(path)]):
            run = path[first:last]
            begin = from_m if first == 0 else 0.0
            end = to_m if last == len(path) else float(graph.length_m[run[0]])
            changes = [self._change(a, b) for a, b in itertools.pairwise(run)]
            middles = _middles(changes, begin, end)
            if middles is None:
                return None
            edges = [begin, *middles, end]
            for i, lane in enumerate(run):
                move = Move.START if first == i == 0 else Move.FOLLOW
                if i > 0:
                    move = Move.LANE_LEFT if changes[i - 1].left else Move.LANE_RIGHT
                a, b = (graph.s_m(lane, v) for v in edges[i : i + 2])
                out.append(Step(lane=graph.lanes[lane], move=move, from_s_m=a, to_s_m=b))
        return tuple(out)

    def _run_points(self, run: Sequence[Step], spacing_m: float) -> Float64[np.ndarray, "n 3"]:
        graph = self.graph
        numbers = [graph.number[step.lane] for step in run]
        begin = graph.travelled_m(numbers[0], run[0].from_s_m)
        end = graph.travelled_m(numbers[-1], run[-1].to_s_m)
        stretch = max(graph.line(number).stretch for number in numbers)
        count = int(np.ceil(stretch * (end - begin) / spacing_m)) + 1
        along = np.linspace(begin, end, max(2, count))
        lines = [_at(graph.line(number), along) for number in numbers]
        out = lines[0]
        for i, number in enumerate(numbers[1:]):
            middle = graph.travelled_m(number, run[i + 1].from_s_m)
            half = max(0.5, min(_BLEND_M, middle - begin, end - middle))
            share = np.clip((along - middle + half) / (2.0 * half), 0.0, 1.0)
            out = out + (share * share * (3.0 - 2.0 * share))[:, None] * (lines[i + 1] - lines[i])
        return out


def _runs(steps: Sequence[Step]) -> list[list[Step]]:
    """Steps of one section after each other."""
    out: list[list[Step]] = []
    for step in steps:
        if step.move in (Move.START, Move.FOLLOW):
            out.append([])
        out[-1].append(step)
    return out


def _middles(changes: Sequence[LaneChange], begin_m: float, end_m: float) -> list[float] | None:
    """Where each of some changes of lane within a section is half done; None where they lack room."""
    half = 0.5 * LEAST_CHANGE_M
    latest = [end_m + half] * (len(changes) + 1)
    for i in reversed(range(len(changes))):
        latest[i] = min(changes[i].to_m - half, latest[i + 1] - LEAST_CHANGE_M)
    out: list[float] = []
    free = begin_m + half
    for i, change in enumerate(changes):
        first = max(free, change.from_m + half)
        if first > latest[i] + 1e-6:
            return None
        out.append(first + 0.35 * max(0.0, latest[i] - first))
        free = out[-1] + LEAST_CHANGE_M
    return out


def _lead_to(points: Float64[np.ndarray, "n 3"], target: Float64[np.ndarray, "3"]) -> None:
    """Bends the last metres to where the next lane begins: lanes that close end beside it."""
    back = np.linalg.norm(points - points[-1], axis=1)
    share = np.clip(1.0 - back / min(2.0 * _BLEND_M, max(float(back[0]), 1e-3)), 0.0, 1.0)
    points += (share * share * (3.0 - 2.0 * share))[:, None] * (target - points[-1])


def _at(line: LaneLine, along_m: Float64[np.ndarray, "n"]) -> Float64[np.ndarray, "n 3"]:
    return np.stack([np.interp(along_m, line.travelled_m, line.position_m[:, i]) for i in range(3)], axis=1)
