import math
from collections import Counter

import numpy as np
import pytest
from shapely.geometry import Polygon

from drivegen.core.errors import ConfigError, MapError
from drivegen.core.rng import derive_rng
from drivegen.embedded.assets.vehicles.families import FAMILY_OF_BLUEPRINT
from drivegen.embedded.world.blueprints.library import BlueprintLibrary
from drivegen.opendrive.lanes import LaneLocator
from drivegen.opendrive.model import LaneType, RoadNetwork
from drivegen_generators.roads.beijing_junction import BeijingJunction
from drivegen_generators.roads.unsignalised import UnsignalisedJunction
from drivegen_generators.vehicles.models import BEIJING, KERB_KINDS, MODELS, PAINT, TWO_WHEELERS, Kind
from drivegen_generators.vehicles.traffic import LONG_M, Traffic

QUICK_TO_SIZE = ("car", "van", "bus", "truck", "construction")
MODEL_OF = {m.blueprint: m for models in MODELS.values() for m in models}


@pytest.fixture(scope="module")
def network():
    return BeijingJunction().generate(derive_rng(1, "map"), "junction")


def rectangle(start, length_m, width_m):
    c, s = math.cos(start.yaw_rad), math.sin(start.yaw_rad)
    corners = [(a * length_m / 2, b * width_m / 2) for a, b in ((1, 1), (1, -1), (-1, -1), (-1, 1))]
    return Polygon([(start.x_m + c * x - s * y, start.y_m + s * x + c * y) for x, y in corners])


def test_vehicles_stand_on_lanes_in_their_direction_without_overlap(network):
    drawn = Traffic(bicycle_lanes=False).plan(derive_rng(2), network, 60)
    ego, vehicles = drawn.ego, drawn.vehicles
    assert len(vehicles) == 60
    starts = [ego, *(v.start for v in vehicles)]
    fixes = LaneLocator(network).locate(
        np.array([(p.x_m, p.y_m) for p in starts]), np.array([p.yaw_rad for p in starts])
    )
    assert fixes.found.all()
    assert np.abs(fixes.offset_m).max() < 0.3
    turned = np.array([p.yaw_rad for p in starts]) - fixes.heading_rad
    assert np.abs(np.angle(np.exp(1j * turned))).max() < 0.1
    footprints = [rectangle(ego, 5.4, 2.2)]
    footprints += [
        rectangle(v.start, MODEL_OF[v.blueprint].length_m, MODEL_OF[v.blueprint].width_m) for v in vehicles
    ]
    for i, one in enumerate(footprints):
        for other in footprints[:i]:
            assert one.distance(other) > 0.2


def test_the_ego_drives_to_the_junction(network):
    for seed in range(8):
        ego = Traffic().plan(derive_rng(seed), network, 0).ego
        distance = math.hypot(ego.x_m, ego.y_m)  # the junction is at the origin
        ahead = -(ego.x_m * math.cos(ego.yaw_rad) + ego.y_m * math.sin(ego.yaw_rad)) / distance
        assert 15.0 < distance < 95.0
        assert ahead > 0.8


def test_the_mix_is_that_of_the_weights(network):
    kinds = Counter()
    for seed in range(12):
        for vehicle in Traffic().plan(derive_rng(seed), network, 80).vehicles:
            kinds[next(k for k in Kind if vehicle.blueprint in [m.blueprint for m in MODELS[k]])] += 1
    total = kinds.total()
    two_wheelers = sum(kinds[k] for k in TWO_WHEELERS) / total
    assert two_wheelers == pytest.approx(BEIJING[Kind.MOTORCYCLE] + BEIJING[Kind.BICYCLE], abs=0.04)
    cars = (kinds[Kind.CAR] + kinds[Kind.TAXI]) / total
    assert cars == pytest.approx(BEIJING[Kind.CAR] + BEIJING[Kind.TAXI], abs=0.06)
    assert set(kinds) >= set(Kind) - {Kind.CONSTRUCTION, Kind.EMERGENCY, Kind.POLICE}


def test_slow_ones_start_at_the_kerb_and_keep_their_lane(network):
    traffic = Traffic(mix=dict.fromkeys(KERB_KINDS, 1.0), bicycle_lanes=False)
    vehicles = traffic.plan(derive_rng(3), network, 20).vehicles
    assert len(vehicles) == 20
    fixes = LaneLocator(network).locate(
        np.array([(v.start.x_m, v.start.y_m) for v in vehicles]),
        np.array([v.start.yaw_rad for v in vehicles]),
    )
    for i, vehicle in enumerate(vehicles):
        section = network.road_by_id[int(fixes.road_id[i])].lane_sections[int(fixes.section[i])]
        lane = int(fixes.lane_id[i])
        same_side = [x for x in section.lanes if x.id * lane > 0 and x.type is LaneType.DRIVING]
        assert abs(lane) == max(abs(x.id) for x in same_side)
        assert not vehicle.lane_changes
        assert vehicle.speed_difference_percent > 20


def test_taxis_are_of_one_colour_and_cars_of_many(network):
    taxis = Traffic(mix={"taxi": 1.0}).plan(derive_rng(4), network, 10).vehicles
    assert {v.color_rgb for v in taxis} == {PAINT[Kind.TAXI][0][0]}
    cars = Traffic(mix={"car": 1.0}).plan(derive_rng(4), network, 40).vehicles
    assert len({v.color_rgb for v in cars}) > 3


def test_a_scene_draws_from_few_members_of_a_family(network):
    for pool in (3, 12):
        traffic = Traffic(mix={"taxi": 1.0}, variants_per_family=pool)
        vehicles = traffic.plan(derive_rng(8), network, 60).vehicles
        assert 1 < len({v.variant for v in vehicles}) <= pool
    one = Traffic().plan(derive_rng(9), network, 60).vehicles
    other = Traffic().plan(derive_rng(10), network, 60).vehicles
    assert not {(v.blueprint, v.variant) for v in one} & {(v.blueprint, v.variant) for v in other}


def test_members_and_stand_ins_fit_the_room_of_their_model():
    """The server's sizes: a family's largest member takes no more room than the plan leaves for it."""
    library = BlueprintLibrary()
    size_of = {b.id: b.size_m for b in library.blueprints}
    for models in MODELS.values():
        for model in models:
            family = FAMILY_OF_BLUEPRINT[model.blueprint]
            variants = range(150 if family.base_type in QUICK_TO_SIZE else 4)
            sizes = [family.size_m(v) for v in variants] + [size_of[s] for s in model.stand_ins]
            assert max(s[0] for s in sizes) <= model.length_m, model.blueprint
            assert max(s[1] for s in sizes) <= model.width_m, model.blueprint


def test_more_than_fit_gives_what_fits(network):
    vehicles = Traffic().plan(derive_rng(5), network, 5000).vehicles
    assert 100 < len(vehicles) < 5000


def test_the_same_generator_state_gives_the_same_traffic(network):
    assert Traffic().plan(derive_rng(6), network, 30) == Traffic().plan(derive_rng(6), network, 30)
    assert Traffic().plan(derive_rng(7), network, 30) != Traffic().plan(derive_rng(6), network, 30)


def test_a_road_without_lanes_is_one_clear_error():
    with pytest.raises(MapError, match="no driving lane"):
        Traffic().plan(derive_rng(1), RoadNetwork(name="none", geo_reference="", roads=()), 3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mix": {"tram": 1.0}}, "'tram' is unknown; there are car, taxi"),
        ({"mix": {"car": -1.0}}, "mix.car is -1.0"),
        ({"mix": {"car": 0.0}}, "greater than 0"),
        ({"reach_m": 0.0}, "reach_m is 0.0"),
        ({"spacing_m": "wide"}, "spacing_m is 'wide'; a number"),
        ({"speed_difference_percent": [10.0]}, "two numbers are wanted"),
        ({"following_distance_m": [5.0, 2.0]}, "following_distance_m"),
        ({"lane_change_share": 1.2}, "lane_change_share is 1.2"),
    ],
)
def test_bad_options_are_named(options, message):
    with pytest.raises(ConfigError, match=message):
        Traffic(**options)


def test_a_negative_count_is_an_error(network):
    with pytest.raises(ConfigError, match="-1 vehicles"):
        Traffic().plan(derive_rng(1), network, -1)


def test_long_vehicles_keep_to_roads_with_several_lanes() -> None:
    narrow = UnsignalisedJunction(main_lanes=1).generate(derive_rng(3, "map"), "narrow")
    mix = {"truck": 1.0, "bus": 1.0}
    drawn = [v for seed in range(6) for v in Traffic(mix=mix).plan(derive_rng(seed), narrow, 12).vehicles]
    assert len(drawn) > 20
    assert max(MODEL_OF[v.blueprint].length_m for v in drawn) <= LONG_M


def test_long_vehicles_leave_where_the_road_ends(network) -> None:
    drawn = [
        v for seed in range(6) for v in Traffic(mix={"bus": 1.0}).plan(derive_rng(seed), network, 12).vehicles
    ]
    long = [v for v in drawn if MODEL_OF[v.blueprint].length_m > LONG_M]
    assert len(long) >= 5
    assert all(v.route and v.leaves for v in long)
    assert not any(v.route for v in drawn if v not in long)
