"""Flows, turns, classes and times of vehicles that demand brings about, over many plans."""

import math
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from drivegen.core.errors import ConfigError, MapError
from drivegen.core.plans import Drive
from drivegen.core.rng import derive_rng
from drivegen.opendrive.model import RoadNetwork
from drivegen_generators.roads.beijing_junction import BeijingJunction
from drivegen_generators.roads.roundabout import Roundabout
from drivegen_generators.vehicles.applications import ZONE, Application
from drivegen_generators.vehicles.demand import Demand
from drivegen_generators.vehicles.fleet import is_rider
from drivegen_generators.vehicles.flows import HOURLY, LEAST_HEADWAY_S, arrivals_s, factor
from drivegen_generators.vehicles.ways import Ways
from tests.unit.generators.vehicles.plans import MODEL_OF, chi_square, overlaps, with_role

ARMS = ("east", "north", "west", "south")
PLANS = 24
HOUR = 8.5


@pytest.fixture(scope="module")
def network():
    return BeijingJunction().generate(derive_rng(1, "map"), "junction")


def draws(network, count=PLANS, vehicles=1000, hour=HOUR, **options):
    demand = Demand(**{"lasts_s": 40.0, **options})
    return [demand.plan(derive_rng(k, "demand"), network, vehicles, hour=hour) for k in range(count)]


@pytest.fixture(scope="module")
def many(network):
    return draws(
        network,
        flows={"east": 1200, "north": 500},
        flow_per_lane=200,
        turns={"left": 0.25, "through": 0.5, "right": 0.25},
        turns_by_entry={"north": {"left": 0.1, "through": 0.2, "right": 0.7}},
    )


def arm_of(x, y):
    """Name of the arm that a point far from the middle lies on; arms point east, north, west, south."""
    return ARMS[round(math.atan2(y, x) / (math.pi / 2)) % 4]


def trips(drawn):
    """(entry, exit, vehicle) of motor vehicles that come in while the scene lasts."""
    out = []
    for vehicle in drawn.vehicles:
        if vehicle.enters_s > 0.0 and vehicle.drive is Drive.TRAFFIC_MANAGER:
            x, y, _ = vehicle.route[-1]
            out.append((arm_of(vehicle.start.x_m, vehicle.start.y_m), arm_of(x, y), vehicle))
    return out


def turn_of(entry, leave):
    return {1: "left", 2: "through", 3: "right"}[(ARMS.index(entry) - ARMS.index(leave)) % 4]


def test_flows_are_those_that_are_asked_for(many):
    asked = {"east": 1200.0, "north": 500.0, "west": 600.0, "south": 600.0}
    came = Counter(entry for drawn in many for entry, _, _ in trips(drawn))
    rider_share = 1.0 - sum(w for k, w in ZONE.items() if k not in RIDDEN_KINDS) / sum(ZONE.values())
    rider_share -= ZONE["motorcycle"] / 6.0 / sum(ZONE.values())  # one motorcycle in six is no e-bike
    for arm, per_hour in asked.items():
        assert many[0].requested[f"flow {arm} in (vehicles/h)"] == per_hour
        expected = per_hour * (1.0 - rider_share) * 40.0 / 3600.0 * PLANS
        assert abs(came[arm] - expected) < 3.5 * math.sqrt(expected)


RIDDEN_KINDS = ("motorcycle", "bicycle", "tricycle")


def test_turns_are_in_the_ratios_that_are_asked_for(many):
    counts = {arm: Counter() for arm in ARMS}
    for drawn in many:
        for entry, leave, vehicle in trips(drawn):
            counts[entry][turn_of(entry, leave)] += 1
            assert vehicle.leaves
    order = ("left", "through", "right")
    limit = stats.chi2.ppf(0.999, df=2)
    for arm, found in counts.items():
        shares = np.array((0.1, 0.2, 0.7) if arm == "north" else (0.25, 0.5, 0.25))
        assert chi_square(np.array([found[t] for t in order]), shares) < limit, (arm, found)
    # What the test would say of other ratios.
    wrong = np.array([counts["north"][t] for t in order])
    assert chi_square(wrong, np.array((0.25, 0.5, 0.25))) > limit


def test_classes_are_in_the_mix_of_the_zone(network):
    names, shares = zip(*ZONE.items(), strict=True)
    kinds = Counter()
    total = 0
    for drawn in draws(network, vehicles=1000):
        for vehicle in drawn.vehicles:
            total += 1
            role = next((a.value for a in Application if a.value in vehicle.roles), None)
            kinds[role or vehicle.blueprint] += 1
    assert total > 1500
    for application in Application:
        share = ZONE[application] / sum(shares)
        bound = 4.0 * math.sqrt(share * (1 - share) / total)
        assert kinds[application.value] / total == pytest.approx(share, abs=bound)
        assert kinds[application.value] > 0
    buses = sum(n for name, n in kinds.items() if ("bus" in name and "vehicle" in name) or "coach" in name)
    assert buses / total == pytest.approx(ZONE["bus"] / sum(shares), abs=0.02)
    assert len(names) == len(set(names))


def test_there_are_as_many_vehicles_as_flow_times_travel_time(network):
    """Little's law: without lights, on a map on which nothing rides."""
    demand = {"mix": {"car": 1.0}, "styles": {"normal": {"share": 1.0, "speed_difference_percent": [0] * 4}}}
    drawn = draws(network, light_delay_s=0.0, flow_per_lane=300, **demand)
    ways = Ways.of(network)
    pieces = ways.strips.strips
    flow = seconds = 0.0
    turns = {"left": 0.20, "through": 0.60, "right": 0.18}
    for entry in ways.links.entries:
        flow += 300.0 * len(entry.strips) / 3600.0
        options = [(s, w) for s in entry.strips for w in ways.over(s)]
        for turn, ratio in turns.items():
            found = [
                sum(pieces[i].length_m / pieces[i].speed_mps for i in (s, *w.strips))
                for s, w in options
                if w.turn == turn
            ]
            seconds += np.mean(found) * ratio / sum(turns.values()) / len(ways.links.entries)
    expected = flow * seconds
    there = [sum(v.enters_s == 0.0 for v in d.vehicles) for d in drawn]
    assert np.mean(there) == pytest.approx(expected, abs=3.5 * math.sqrt(expected / PLANS))


def test_those_who_wait_stand_in_queues_and_wait_longer_for_more(network):
    short, long = (
        np.mean([len(with_role(d.vehicles, "queue")) for d in draws(network, count=8, light_delay_s=s)])
        for s in (6.0, 30.0)
    )
    assert 2.0 < short < 0.5 * long


def test_the_time_of_day_scales_flows(network):
    night = draws(network, count=4, hour=3.0)
    noon = draws(network, count=4, hour=12.5)
    for one, other in zip(night, noon, strict=True):
        name = "flow east in (vehicles/h)"
        assert one.requested[name] / other.requested[name] == pytest.approx(0.065 / 0.68, rel=0.01)
        assert len(one.vehicles) < 0.4 * len(other.vehicles)
    assert factor(HOURLY, 8.5) == max(HOURLY) == 1.0
    assert factor(HOURLY, 0.0) == pytest.approx((HOURLY[23] + HOURLY[0]) / 2)
    assert factor(HOURLY, 24.0) == factor(HOURLY, 0.0)
    flat = draws(network, count=1, hour=3.0, profile=[1.0] * 24)[0]
    assert flat.requested[name] == 350.0 * 3


def test_headways_are_exponential_beyond_the_least_one():
    times = arrivals_s(derive_rng(5), 900.0, 0.0, 4 * 3600.0)
    headways = np.diff(times)
    assert len(times) == pytest.approx(3600, abs=4 * 60)
    assert headways.min() >= LEAST_HEADWAY_S
    mean = 4.0 - LEAST_HEADWAY_S
    assert stats.kstest(headways - LEAST_HEADWAY_S, stats.expon(scale=mean).cdf).pvalue > 0.001
    assert arrivals_s(derive_rng(5), 0.0, 0.0, 3600.0) == []


def test_who_comes_in_does_so_one_after_the_other_in_each_lane(many):
    rows = {}
    for k, drawn in enumerate(many):
        for _, _, vehicle in trips(drawn):
            place = (k, round(vehicle.start.yaw_rad, 2), vehicle.start.x_m // 3, vehicle.start.y_m // 3)
            rows.setdefault(place, []).append(vehicle.enters_s)
    pairs = [(a, b) for row in rows.values() for a, b in pairwise(sorted(row))]
    assert len(pairs) > 50
    assert min(b - a for a, b in pairs) > LEAST_HEADWAY_S - 0.02


def test_routes_begin_ahead_of_the_vehicle_and_lead_on_without_gaps(network):
    for drawn in draws(network, count=4):
        for vehicle in drawn.vehicles:
            points = np.array([(vehicle.start.x_m, vehicle.start.y_m), *(p[:2] for p in vehicle.route)])
            steps = np.diff(points, axis=0)
            assert np.hypot(*steps.T).max() < 30.0
            ahead = np.array([math.cos(vehicle.start.yaw_rad), math.sin(vehicle.start.yaw_rad)])
            assert steps[0] @ ahead > 0.0
            assert not vehicle.lane_changes


def test_riders_keep_to_bicycle_lanes_and_come_in_later_too(network):
    vehicles = [v for d in draws(network, count=8) for v in d.vehicles]
    for vehicle in vehicles:
        assert is_rider(MODEL_OF[vehicle.blueprint]) is (vehicle.drive is Drive.RIDER)
    riders = [v for v in vehicles if v.drive is Drive.RIDER]
    assert sum(v.enters_s > 0.0 for v in riders) > 20
    assert sum(v.enters_s == 0.0 for v in riders) > 50


def test_no_more_than_the_limit_are_there_and_all_that_are_wanted_are_on_record(network):
    for drawn in draws(network, count=6, vehicles=12):
        assert not overlaps(drawn)
        assert sum(v.enters_s == 0.0 for v in drawn.vehicles) <= 12
        assert drawn.requested["vehicles"] > 40.0


def test_impossible_flows_are_met_as_far_as_the_road_allows(network):
    drawn = draws(network, count=2, flow_per_lane=50000.0, lasts_s=10.0)[0]
    assert not overlaps(drawn)
    assert drawn.requested["flow east in (vehicles/h)"] == 150000.0
    later = [v for v in drawn.vehicles if v.enters_s > 0.0 and v.drive is Drive.TRAFFIC_MANAGER]
    assert len(later) <= 12 * (10.0 / LEAST_HEADWAY_S + 1)
    assert 60 < len(drawn.vehicles) < drawn.requested["vehicles"]


def test_roundabouts_are_one_crossing():
    network = Roundabout(arms=4).generate(derive_rng(4, "map"), "round")
    found = Counter()
    for drawn in draws(network, count=10, turns={"left": 0.5, "right": 0.5}, mix={"car": 1.0}):
        for entry, leave, _ in trips(drawn):
            found[turn_of(entry, leave)] += 1
    assert set(found) == {"left", "right"}
    assert found["left"] == pytest.approx(found["right"], rel=0.5)


def test_equal_states_give_equal_plans_in_any_order(network):
    demand = Demand(parked=0.5, riders=4, convoys=1, emergency=0.1, violations={"red_light": 0.2})
    one = demand.plan(derive_rng(6), network, 60)
    demand.plan(derive_rng(7), network, 60)
    assert (
        Demand(parked=0.5, riders=4, convoys=1, emergency=0.1, violations={"red_light": 0.2}).plan(
            derive_rng(6), network, 60
        )
        == one
    )
    assert demand.plan(derive_rng(7), network, 60) != one


def test_options_that_name_no_entry_are_one_clear_error(network):
    with pytest.raises(ConfigError, match="no entry is called 'up'; this map has east in, north in"):
        Demand(flows={"up": 100}).plan(derive_rng(1), network, 3)
    with pytest.raises(ConfigError, match="-1 vehicles"):
        Demand().plan(derive_rng(1), network, -1)
    with pytest.raises(MapError, match="no driving lane"):
        Demand().plan(derive_rng(1), RoadNetwork(name="none", geo_reference="", roads=()), 3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"flow_per_lane": -1.0}, "flow_per_lane is -1.0"),
        ({"flows": {"east": "many"}}, "flows.east is 'many'"),
        ({"turns": {"sideways": 1.0}}, "turns: 'sideways' is unknown; there are"),
        ({"turns": {"left": 0.0}}, "at least one share"),
        ({"turns_by_entry": {"east": 3}}, "options by name are wanted"),
        ({"profile": [1.0] * 23}, "profile: number of values is 23"),
        ({"mix": {"robotaxi": 1.0, "tram": 2.0}}, "mix: 'tram' is unknown"),
        ({"speed": 3}, "'speed' is unknown"),
    ],
)
def test_bad_options_are_named(options, message):
    with pytest.raises(ConfigError, match=message):
        Demand(**options)
