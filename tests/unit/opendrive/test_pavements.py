"""People can get everywhere, and there is a moment to cross."""

import numpy as np
import pytest

from drivegen.opendrive.ground import Ground
from drivegen.opendrive.model import LaneType, RoadNetwork
from drivegen.opendrive.pavements import EdgeKind, Pavements, pavements
from drivegen.opendrive.reader import read_network
from tests.unit.opendrive.roads import lane, one_road


def reached(graph: Pavements, start: int) -> set[int]:
    seen, queue = {start}, [start]
    while queue:
        node = queue.pop()
        for edge in graph.edges_of_node[node]:
            other = graph.other_end(edge, node)
            if other not in seen:
                seen.add(other)
                queue.append(other)
    return seen


def test_everything_is_connected(junction: RoadNetwork) -> None:
    graph = pavements(junction)
    assert len(reached(graph, 0)) == len(graph.nodes_m)
    assert sum(e.kind is EdgeKind.CROSSING for e in graph.edges) == 4
    assert all(len(edges) >= 2 for edges in graph.edges_of_node)


def test_edges_begin_and_end_at_their_nodes(junction: RoadNetwork) -> None:
    graph = pavements(junction)
    for index, edge in enumerate(graph.edges):
        assert edge.centre_m[0] == pytest.approx(graph.nodes_m[edge.start])
        assert edge.centre_m[-1] == pytest.approx(graph.nodes_m[edge.end])
        assert index in graph.edges_of_node[edge.start]
        assert index in graph.edges_of_node[edge.end]
        assert graph.points_from(index, edge.end)[0] == pytest.approx(graph.nodes_m[edge.end])
        assert np.linalg.norm(np.diff(edge.centre_m[:, :2], axis=0), axis=1).max() < 40.0
        assert edge.kind is EdgeKind.PAVEMENT or len(edge.centre_m) == 2


def test_walks_stay_off_the_carriageway(junction: RoadNetwork, ground: Ground) -> None:
    for edge in pavements(junction).edges:
        if edge.kind is EdgeKind.PAVEMENT and edge.length_m > 5.0:
            share = np.linspace(0.0, 1.0, 20)[:, None]
            for a, b in zip(edge.centre_m[:-1], edge.centre_m[1:], strict=True):
                points = a + share * (b - a)
                assert not ground.on_driving_lane(points[:, :2]).any()
                assert np.abs(ground.height(points[:, :2])[0] - points[:, 2]).max() < 0.1


def test_each_crossing_has_a_moment_to_walk(junction: RoadNetwork) -> None:
    crossings = [e for e in pavements(junction).edges if e.kind is EdgeKind.CROSSING]
    for crossing in crossings:
        assert crossing.length_m == pytest.approx(34.0, abs=0.1)
        assert len(crossing.signal_ids) == 4
        free = [c.name for c in junction.controllers if not set(c.signal_ids) & set(crossing.signal_ids)]
        assert len(free) == 1
        assert free[0].endswith("through")


def test_bicycle_lanes_run_with_the_traffic(junction: RoadNetwork) -> None:
    lanes = pavements(junction).bicycle_lanes
    assert len(lanes) == 4 * 3 + 4 + 4 * 2  # arms with their pocket sections, then right and straight on
    ends = np.array([v.centre_m[-1] for v in lanes])
    starts = np.array([v.centre_m[0] for v in lanes])
    gaps = np.linalg.norm(ends[:, None] - starts[None], axis=2)
    assert gaps.min(axis=1).max() < 0.05


def test_no_pavement_no_graph() -> None:
    graph = pavements(one_road(lanes=(lane(-1, LaneType.DRIVING, 3.5),)))
    assert len(graph.nodes_m) == 0
    assert graph.edges == ()


def test_towns_are_walkable(town: tuple[str, str]) -> None:
    name, text = town
    graph = pavements(read_network(text, name))
    assert sum(e.length_m for e in graph.edges) > 2000.0
    crossings = [e for e in graph.edges if e.kind is EdgeKind.CROSSING]
    assert len(crossings) == {"Town01": 0, "Town03": 72, "Town10HD": 16}[name]
    if not crossings:
        return  # every block of Town01 is an island
    largest = max(len(reached(graph, node)) for node in range(0, len(graph.nodes_m), 7))
    assert largest > 0.9 * len(graph.nodes_m)
