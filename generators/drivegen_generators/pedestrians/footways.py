"""The ways of a road's pedestrians, made ready for quick draws: shortest paths, lines, places to cross."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass

import numpy as np
import shapely
from jaxtyping import Float64

from drivegen.core.plans import PlacedPose
from drivegen.opendrive import pavements as graphs
from drivegen.opendrive.pavements import EdgeKind

Point = tuple[float, float, float]
"""x, y, z."""

CROSSING_COST_M = 15.0
"""A crossing counts as so much farther: one waits there."""

LEAST_START_M = 1.0
"""Shorter edges are nobody's origin."""

_LINK_LONGEST_M = 12.0
_BEND_M = 0.1
"""Lines are thinned to points that keep them within this."""
_SAMPLE_M = 20.0
_FIRST_SHARE = 0.45
"""Of the greatest length, the least of a walk where the pavements allow it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An edge walked in one direction."""

    points: tuple[Point, ...]
    left: tuple[tuple[float, float], ...]
    """What leads a metre to the left at each point, longer in bends (mitred)."""
    length_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Where walks from a node may lead."""

    way_to: dict[int, tuple[int, int]]
    """By node: the edge by which it is reached, and from which node."""
    plain: tuple[int, ...]
    """Destinations without a crossing on the way."""
    crossed: tuple[int, ...]
    at_once: tuple[int, ...]
    """Destinations whose way begins with a crossing."""


class Footways:
    """The graph of a network with what walks need of it; all is computed once or when first needed."""

    def __init__(self, graph: graphs.Pavements, length_m: float) -> None:
        """`length_m` is the greatest length of a walk."""
        self.graph = graph
        self._length_m = length_m
        edges = graph.edges
        self.kerb_nodes = frozenset(n for e in edges if e.kind is EdgeKind.CROSSING for n in (e.start, e.end))
        self.lengths_m = [e.length_m for e in edges]
        self.half_m = [e.width_m / 2 for e in edges]
        self.crosses = [e.kind is EdgeKind.CROSSING for e in edges]
        found = [i for i, e in enumerate(edges) if self._is_link(e)]
        self.links = dict.fromkeys(found, (0.0, 0.0))
        """Edges that lead across a pavement to a crossing: metres from its end to the kerb, and half of the
        pavement's width."""
        self.links.update((i, self._pavement_at(i)) for i in found)
        inner = [n for n in range(len(graph.nodes_m)) if self._is_inner(n)]
        self._inner = frozenset(inner)
        """Nodes at which a walk may end."""
        self._lines: dict[tuple[int, int], Line] = {}
        self._reaches: dict[int, Reach] = {}
        starts = [
            not self.crosses[i] and i not in self.links and self.lengths_m[i] >= LEAST_START_M
            for i in range(len(edges))
        ]
        self._start_length = np.where(starts, self.lengths_m, 0.0)
        self.at_crossing = np.array([self.leads_over(e.start) or self.leads_over(e.end) for e in edges], bool)
        """Edges that end where a crossing begins."""
        samples = [self._samples(e.centre_m) for e in edges]
        self._points = np.concatenate(samples) if edges else np.zeros((0, 2))
        self._first = np.cumsum([0, *(len(s) for s in samples)])[:-1]

    def _is_link(self, edge: graphs.PavementEdge) -> bool:
        at_kerb = (edge.start in self.kerb_nodes) + (edge.end in self.kerb_nodes)
        if edge.kind is EdgeKind.CROSSING or at_kerb == 0 or edge.length_m > _LINK_LONGEST_M:
            return False
        kerb = edge.start if edge.start in self.kerb_nodes else edge.end
        at_node = self.graph.edges_of_node[kerb]
        return len(at_node) == 2 and any(self.graph.edges[e].kind is EdgeKind.CROSSING for e in at_node)

    def _pavement_at(self, link: int) -> tuple[float, float]:
        edge = self.graph.edges[link]
        inner = edge.end if edge.start in self.kerb_nodes else edge.start
        half = min((self.half_m[e] for e in self.onward(inner, link)), default=0.0)
        return max(0.0, self.lengths_m[link] - half), half

    def _is_inner(self, node: int) -> bool:
        """Whether a pavement passes here, not just the way to a kerb."""
        return any(not self.crosses[e] and e not in self.links for e in self.graph.edges_of_node[node])

    def leads_over(self, node: int) -> bool:
        """Whether a crossing, or the way to its kerb, begins at a node."""
        return any(self.crosses[e] or e in self.links for e in self.graph.edges_of_node[node])

    @staticmethod
    def _samples(centre_m: Float64[np.ndarray, "n 3"]) -> Float64[np.ndarray, "m 2"]:
        steps = np.hypot(*np.diff(centre_m[:, :2], axis=0).T)
        along = np.concatenate([[0.0], np.cumsum(steps)])
        places = np.linspace(0.0, along[-1], max(2, int(along[-1] / _SAMPLE_M) + 1))
        return np.stack([np.interp(places, along, centre_m[:, k]) for k in range(2)], axis=1)

    def start_weights(self, near: PlacedPose | None, reach_m: float) -> Float64[np.ndarray, "e"]:
        """How likely each edge is an origin: by length and nearness."""
        if near is None or not len(self._first):
            return self._start_length
        gaps = np.hypot(self._points[:, 0] - near.x_m, self._points[:, 1] - near.y_m)
        nearest: Float64[np.ndarray, "e"] = np.minimum.reduceat(gaps, self._first)
        return self._start_length * np.exp(-nearest / reach_m)

    def line(self, edge: int, node: int) -> Line:
        """The edge's middle, walked away from a node."""
        key = (edge, node)
        if key not in self._lines:
            self._lines[key] = line_of(self.graph.points_from(edge, node))
        return self._lines[key]

    def onward(self, node: int, came_by: int) -> list[int]:
        """Pavements that go on from a node."""
        at_node = self.graph.edges_of_node[node]
        return [e for e in at_node if e != came_by and not self.crosses[e] and e not in self.links]

    def reach(self, node: int) -> Reach:
        """Shortest ways from a node (Dijkstra 1959), as far as walks lead."""
        if node not in self._reaches:
            self._reaches[node] = self._reach(node)
        return self._reaches[node]

    def _reach(self, origin: int) -> Reach:
        cost: dict[int, float] = {origin: 0.0}
        length: dict[int, float] = {origin: 0.0}
        crossings: dict[int, int] = {origin: 0}
        at_once: dict[int, bool] = {origin: False}
        way_to: dict[int, tuple[int, int]] = {}
        done: list[int] = []
        settled: set[int] = set()
        queue = [(0.0, origin)]
        while queue:
            spent, node = heapq.heappop(queue)
            if node in settled:
                continue
            settled.add(node)
            done.append(node)
            for edge in self.graph.edges_of_node[node]:
                other = self.graph.other_end(edge, node)
                total = spent + self.lengths_m[edge] + (CROSSING_COST_M if self.crosses[edge] else 0.0)
                so_far = length[node] + self.lengths_m[edge]
                if so_far > self._length_m or total >= cost.get(other, math.inf):
                    continue
                cost[other], length[other] = total, so_far
                crossings[other] = crossings[node] + self.crosses[edge]
                begins = node == origin or (crossings[node] == 0 and way_to[node][0] in self.links)
                at_once[other] = at_once[node] or (self.crosses[edge] and begins)
                way_to[other] = (edge, node)
                heapq.heappush(queue, (total, other))
        ends = [n for n in done if n != origin and n in self._inner]
        far = [n for n in ends if length[n] >= _FIRST_SHARE * self._length_m]
        plain = [n for n in ends if not crossings[n]]
        far_plain = [n for n in far if not crossings[n]]
        crossed = [n for n in ends if crossings[n]]
        far_crossed = [n for n in far if crossings[n]]
        return Reach(
            way_to=way_to,
            plain=tuple(far_plain or plain),
            crossed=tuple(far_crossed or crossed),
            at_once=tuple(n for n in ends if at_once[n]),
        )

    def path(self, origin: int, destination: int) -> list[tuple[int, int]]:
        """(edge, node it is walked from) of each edge of the shortest way."""
        way_to = self.reach(origin).way_to
        out: list[tuple[int, int]] = []
        node = destination
        while node != origin:
            edge, node = way_to[node]
            out.append((edge, node))
        return out[::-1]


def line_of(points_m: Float64[np.ndarray, "n 3"]) -> Line:
    """A line through points, thinned."""
    kept = points_m
    if len(points_m) > 2:
        thin = shapely.get_coordinates(shapely.simplify(shapely.linestrings(points_m[:, :2]), _BEND_M))
        gaps = np.hypot(points_m[:, None, 0] - thin[:, 0], points_m[:, None, 1] - thin[:, 1])
        kept = points_m[np.unique(np.argmin(gaps, axis=0))]
    steps = np.diff(kept[:, :2], axis=0)
    length = np.hypot(*steps.T)
    steps = steps / np.maximum(length, 1e-9)[:, None]
    before, after = np.vstack([steps[:1], steps]), np.vstack([steps, steps[-1:]])
    middle = before + after
    middle /= np.maximum(np.hypot(*middle.T), 1e-9)[:, None]
    stretch = 1.0 / np.maximum((middle * after).sum(axis=1), 0.5)
    left = np.stack([-middle[:, 1], middle[:, 0]], axis=1) * stretch[:, None]
    return Line(
        points=tuple((float(x), float(y), round(float(z), 3)) for x, y, z in kept),
        left=tuple((float(x), float(y)) for x, y in left),
        length_m=float(length.sum()),
    )
