"""Routes keep to lane links and permitted changes of lane, and lead anywhere."""

from __future__ import annotations

import itertools
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivegen.core.errors import PlanError
from drivegen.core.rng import derive_rng
from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.lane_graph import LEAST_CHANGE_M
from drivegen.opendrive.model import RoadMark, RoadNetwork
from drivegen.opendrive.routes import Cost, LanePlace, Move, Route, RoutePlanner, Turn
from drivegen.opendrive.topology import LaneRef, Topology
from drivegen_generators.roads.district import District
from drivegen_generators.roads.junction import SignalisedJunction
from drivegen_generators.roads.roundabout import Roundabout


@pytest.fixture(scope="module")
def district() -> RoutePlanner:
    return RoutePlanner(District(junctions=9).generate(derive_rng(3, "map"), "district"))


@pytest.fixture(scope="module")
def junction() -> RoutePlanner:
    return RoutePlanner(SignalisedJunction(lanes=[3, 2, 3, 2]).generate(derive_rng(1, "map"), "junction"))


@lru_cache(maxsize=4)
def topology_of(network: RoadNetwork) -> Topology:
    return Topology(network)


@lru_cache(maxsize=4)
def geometry_of(network: RoadNetwork) -> NetworkGeometry:
    return NetworkGeometry(network)


def mark_at(network: RoadNetwork, ref: LaneRef, s_m: float) -> RoadMark:
    """The line at the outer border of a lane."""
    section = network.road_by_id[ref.road_id].lane_sections[ref.section]
    lane = section.lane(ref.lane_id)
    assert lane is not None
    return [m for m in lane.road_marks if section.s_m + m.s_offset_m <= s_m][-1]


def check_steps(planner: RoutePlanner, route: Route) -> None:
    """Every step is a link or a change over a line that permits it, with room for the change."""
    topology, network = topology_of(planner.graph.network), planner.graph.network
    for before, step in itertools.pairwise(route.steps):
        if step.move is Move.FOLLOW:
            assert step.lane in topology.successors(before.lane)
            assert abs(before.to_s_m - planner.graph.s_m(*end_of(planner, before.lane))) < 1e-6
            continue
        assert (before.lane.road_id, before.lane.section) == (step.lane.road_id, step.lane.section)
        assert abs(before.lane.lane_id - step.lane.lane_id) == 1
        to_right = abs(step.lane.lane_id) > abs(before.lane.lane_id)
        assert step.move is (Move.LANE_RIGHT if to_right else Move.LANE_LEFT)
        inner = min((before.lane, step.lane), key=lambda v: abs(v.lane_id))
        for s in (
            step.from_s_m - 0.45 * LEAST_CHANGE_M,
            step.from_s_m,
            step.from_s_m + 0.45 * LEAST_CHANGE_M,
        ):
            mark = mark_at(network, inner, s)
            assert (mark.type, mark.lane_change) == ("broken", "both")
        assert before.to_s_m == step.from_s_m


def end_of(planner: RoutePlanner, ref: LaneRef) -> tuple[int, float]:
    number = planner.graph.number[ref]
    return number, float(planner.graph.length_m[number])


def check_points(planner: RoutePlanner, route: Route) -> None:
    points = planner.points(route)
    apart = np.linalg.norm(np.diff(points, axis=0), axis=1)
    assert apart.max() < 8.0
    assert abs(apart.sum() - route.length_m) < 0.1 * route.length_m + 5.0
    along = np.diff(points[:, :2], axis=0)
    turned = np.abs((np.diff(np.arctan2(along[:, 1], along[:, 0])) + np.pi) % (2.0 * np.pi) - np.pi)
    assert turned.max() < 1.2
    geometry = geometry_of(planner.graph.network)
    for place, point in ((route.steps[0], points[0]), (route.steps[-1], points[-1])):
        s = place.from_s_m if place is route.steps[0] else place.to_s_m
        curve = geometry.curve(place.lane.road_id)
        centre = curve.lane_centre(place.lane.section, place.lane.lane_id, np.array([s])).position_m[0]
        assert np.linalg.norm(centre - point) < 0.2


def test_between_any_two_ends_of_a_district(district: RoutePlanner) -> None:
    ends = district.ends()
    assert len(ends) >= 6
    assert all(end.entries and end.exits for end in ends)
    for a, b in itertools.product(ends, ends):
        for start in a.entries:
            route = district.route(start, b.exits[0])
            assert route is not None
            assert (route.lanes[0], route.lanes[-1]) == (start.lane, b.exits[0].lane)
            check_steps(district, route)
        check_points(district, route)


@settings(max_examples=60, deadline=None, database=None, derandomize=True)
@given(pick=st.tuples(*[st.floats(0.0, 1.0)] * 4))
def test_between_any_two_places(district: RoutePlanner, pick: tuple[float, ...]) -> None:
    graph = district.graph
    ends = []
    for lane_share, s_share in (pick[:2], pick[2:]):
        lane = min(int(lane_share * len(graph.lanes)), len(graph.lanes) - 1)
        # Lanes that open are reached from beside, further on.
        share = s_share if graph.predecessors[lane] else 1.0
        ends.append(
            LanePlace(lane=graph.lanes[lane], s_m=graph.s_m(lane, share * float(graph.length_m[lane])))
        )
    for cost in Cost:
        route = district.route(*ends, cost=cost)
        assert route is not None
        check_steps(district, route)
        assert route.steps[0].from_s_m == pytest.approx(ends[0].s_m, abs=0.02)
        assert route.steps[-1].to_s_m == pytest.approx(ends[1].s_m, abs=0.02)


def test_the_shortest_is_no_longer_than_the_quickest(district: RoutePlanner) -> None:
    ends = district.ends()
    for a, b in itertools.product(ends[:4], ends[:4]):
        quick, short = (district.route(a.entries[0], b.exits[0], cost=cost) for cost in Cost)
        assert quick is not None and short is not None
        # Changes of lane cost as much as 40 m.
        assert short.length_m <= quick.length_m + 40.0 * len(quick.steps)
    assert any(
        district.route(a.entries[0], b.exits[0]) != district.route(a.entries[0], b.exits[0], cost=Cost.LENGTH)
        for a, b in itertools.product(ends, ends)
    )


def test_back_to_a_place_just_passed(junction: RoutePlanner) -> None:
    lane = junction.ends()[0].entries[0].lane
    ahead, behind = LanePlace(lane=lane, s_m=25.0), LanePlace(lane=lane, s_m=5.0)
    short, round_trip = junction.route(behind, ahead), junction.route(ahead, behind)
    assert short is not None and round_trip is not None
    assert len(short.steps) == 1 and short.length_m == pytest.approx(20.0)
    assert round_trip.length_m > 200.0
    check_steps(junction, round_trip)


def test_wandering_turns_by_shares(district: RoutePlanner) -> None:
    start = district.ends()[0].entries[0]
    for wanted in (Turn.LEFT, Turn.RIGHT, Turn.THROUGH):
        seen = dict.fromkeys(Turn, 0)
        for seed in range(20):
            route = district.wander(derive_rng(seed, "wander"), start, 1500.0, {wanted: 1.0})
            check_steps(district, route)
            check_points(district, route)
            assert route.length_m == pytest.approx(1500.0, abs=1.0)
            for ref in dict.fromkeys(route.lanes):
                number = district.graph.number[ref]
                if district.graph.in_junction[number]:
                    seen[district.graph.turn(number)] += 1
        assert seen[wanted] == max(seen.values()) > 0.4 * sum(seen.values())


def test_wandering_is_drawn(district: RoutePlanner) -> None:
    start = district.ends()[0].entries[0]
    shares = {Turn.LEFT: 1.0, Turn.RIGHT: 1.0, Turn.THROUGH: 1.0}
    routes = [district.wander(derive_rng(s, "w"), start, 1000.0, shares) for s in (1, 1, 2, 3)]
    assert routes[0] == routes[1]
    assert len({tuple(r.lanes) for r in routes}) > 1


def test_turns_of_a_junction(junction: RoutePlanner) -> None:
    graph = junction.graph
    names = {"left": Turn.LEFT, "right": Turn.RIGHT, "through": Turn.THROUGH, "u-turn": Turn.U_TURN}
    told = 0
    for number, ref in enumerate(graph.lanes):
        road = graph.network.road_by_id[ref.road_id]
        if road.junction is not None:
            assert graph.turn(number) is names[road.name.rsplit(" ", 1)[-1]]
            told += 1
    assert told > 12


def test_ends_of_a_roundabout() -> None:
    planner = RoutePlanner(Roundabout(arms=5).generate(derive_rng(2, "map"), "ring"))
    assert [end.name for end in planner.ends()] == [f"arm {k} out" for k in range(1, 6)]


def test_places_off_the_driving_lanes_are_refused(junction: RoutePlanner) -> None:
    good = junction.ends()[0].entries[0]
    with pytest.raises(PlanError, match="no driving lane"):
        junction.route(good, LanePlace(lane=LaneRef(road_id=1, section=0, lane_id=-9), s_m=1.0))
    with pytest.raises(PlanError, match="lies outside"):
        junction.route(LanePlace(lane=good.lane, s_m=5000.0), good)
