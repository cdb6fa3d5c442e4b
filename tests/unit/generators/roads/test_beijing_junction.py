"""Whatever is drawn, the real client drives on it for ever."""

import math
from itertools import pairwise

import carla
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivegen.core.errors import ConfigError
from drivegen.core.rng import derive_rng
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.surfaces import mesh_network
from drivegen.opendrive.writer import write_network
from drivegen_generators.roads.beijing_junction import BeijingJunction

TURNS = {"right": -math.pi / 2, "through": 0.0, "left": math.pi / 2, "bicycle": 0.0}


def client_map(network: RoadNetwork) -> carla.Map:
    return carla.Map(network.name, write_network(network))


@settings(max_examples=6, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    lanes=st.integers(2, 4),
    pocket=st.booleans(),
    arm=st.floats(110.0, 220.0),
    bicycle=st.floats(2.0, 4.0),
    lane_width=st.floats(3.0, 3.75),
)
def test_every_draw_is_drivable(
    seed: int, lanes: int, pocket: bool, arm: float, bicycle: float, lane_width: float
) -> None:
    generator = BeijingJunction(
        lanes_per_direction=lanes,
        left_turn_pocket=pocket,
        arm_length_m=arm,
        bicycle_lane_width_m=bicycle,
        lane_width_m=lane_width,
    )
    network = generator.generate(derive_rng(seed, "map"), "drawn")
    town = client_map(network)
    waypoints = town.generate_waypoints(3.0)
    assert len(waypoints) > 1000
    poses = np.array(
        [
            (w.transform.location.x, w.transform.location.y, w.transform.rotation.yaw, w.lane_width)
            for w in waypoints
        ]
    )
    assert np.isfinite(poses).all()
    assert all(w.next(2.0) for w in waypoints)
    assert len(town.get_crosswalks()) == 4 * 5
    assert len({m.id for m in town.get_all_landmarks_of_type("1000001")}) == 8
    along = math.hypot(*np.ptp(poses[:, :2], axis=0))
    assert 300.0 < along < 1500.0


def test_all_movements_lead_on(junction_default: RoadNetwork) -> None:
    town = client_map(junction_default)
    roads = junction_default.road_by_id
    for k in range(4):
        into = 10 * k + 3
        lanes = {}
        for lane in (-1, -2, -3, -4):
            end = town.get_waypoint_xodr(into, lane, roads[into].length_m - 1.0)
            names = {roads[w.road_id].name.split()[-1] for w in end.next(4.0)}
            lanes[lane] = names
        assert lanes == {-1: {"left"}, -2: {"through"}, -3: {"through"}, -4: {"through", "right"}}


def test_turns_go_where_they_say(junction_default: RoadNetwork) -> None:
    town = client_map(junction_default)
    for road in junction_default.roads:
        if road.junction is None or road.name.endswith("bicycle"):
            continue
        first = town.get_waypoint_xodr(road.id, -1, 0.05).transform
        last = town.get_waypoint_xodr(road.id, -1, road.length_m - 0.05).transform
        turn = -math.radians(last.rotation.yaw - first.rotation.yaw)
        wanted = TURNS[road.name.split()[-1]]
        assert abs(math.remainder(turn - wanted, math.tau)) < math.radians(12.0)


def test_connecting_roads_meet_their_lanes(junction_default: RoadNetwork) -> None:
    town = client_map(junction_default)
    for junction in junction_default.junctions:
        for connection in junction.connections:
            incoming = junction_default.road_by_id[connection.incoming_road]
            road = junction_default.road_by_id[connection.connecting_road]
            for link in connection.lane_links:
                a = town.get_waypoint_xodr(incoming.id, link.from_lane, incoming.length_m - 1e-4)
                b = town.get_waypoint_xodr(road.id, link.to_lane, 0.0)
                assert a.transform.location.distance(b.transform.location) < 0.02
                assert road.successor is not None
                lane = road.lane_sections[0].lane(link.to_lane)
                assert lane is not None
                assert lane.successor is not None
                c = town.get_waypoint_xodr(road.id, link.to_lane, road.length_m - 1e-4)
                d = town.get_waypoint_xodr(road.successor.id, lane.successor, 0.0)
                assert c.transform.location.distance(d.transform.location) < 0.02


def test_turn_around_is_wide_enough_for_a_bus(junction_default: RoadNetwork) -> None:
    town = client_map(junction_default)
    length = junction_default.road_by_id[2].length_m
    for lane in (-1, -2, -3):
        points = [
            town.get_waypoint_xodr(2, lane, float(s)).transform for s in np.arange(0.5, length - 0.5, 1.0)
        ]
        yaw = np.unwrap(np.radians([p.rotation.yaw for p in points]))
        step = np.array([a.location.distance(b.location) for a, b in pairwise(points)])
        radius = step / np.maximum(np.abs(np.diff(yaw)), 1e-9)
        assert radius.min() > 12.0


def test_place_on_earth(junction_default: RoadNetwork) -> None:
    town = client_map(junction_default)
    origin = town.transform_to_geolocation(carla.Location(0.0, 0.0, 0.0))
    east = town.transform_to_geolocation(carla.Location(100.0, 0.0, 0.0))
    assert origin.latitude == pytest.approx(39.795, abs=1e-6)
    assert origin.longitude == pytest.approx(116.506, abs=1e-6)
    degree_m = 111_320.0 * math.cos(math.radians(39.795))
    assert (east.longitude - origin.longitude) * degree_m == pytest.approx(100.0, rel=0.005)


def test_same_draw_same_text_other_draw_other_text() -> None:
    texts = [write_network(BeijingJunction().generate(derive_rng(seed, "map"), "m")) for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]


def test_without_variation_arms_are_alike() -> None:
    network = BeijingJunction(vary=False).generate(derive_rng(1, "map"), "m")
    assert len({round(network.road_by_id[10 * k + 1].length_m, 9) for k in range(4)}) == 1


def test_widest_and_narrowest_mesh() -> None:
    for config in (
        {"lanes_per_direction": 4, "bicycle_lane_width_m": 4.0, "median_width_m": 8.0},
        {
            "lanes_per_direction": 2,
            "left_turn_pocket": False,
            "median_width_m": 1.0,
            "separator_width_m": 0.5,
        },
    ):
        network = BeijingJunction(**config).generate(derive_rng(3, "map"), "m")
        surfaces = mesh_network(network)
        assert all(np.isfinite(s.positions_m).all() for s in surfaces)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"lane_width": 3.5}, "unknown option 'lane_width'"),
        ({"lanes_per_direction": 1}, "lanes_per_direction=1 must lie within 2 to 4"),
        ({"lanes_per_direction": 2.5}, "lanes_per_direction=2.5 must be whole"),
        ({"lane_width_m": "wide"}, "lane_width_m='wide' must lie within"),
        ({"speed_limit_kmh": float("nan")}, "speed_limit_kmh=nan must lie within"),
        ({"median_width_m": 2.0}, "needs a median of at least 3.5 m"),
        ({"arm_length_m": 95.0, "pocket_length_m": 60.0}, "does not fit into arm_length_m=95.0"),
    ],
)
def test_bad_configuration(config: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        BeijingJunction(**config)
    assert message in str(caught.value)


@pytest.fixture(scope="module")
def junction_default() -> RoadNetwork:
    return BeijingJunction().generate(derive_rng(11, "map"), "default")
