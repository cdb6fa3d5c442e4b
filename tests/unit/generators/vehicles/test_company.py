"""What stands and drives beside the flow: queues, riders, parked vehicles, convoys, violations."""

import math
from itertools import pairwise

import numpy as np
import pytest

from drivegen.core.errors import ConfigError
from drivegen.core.plans import Deed, Drive
from drivegen.core.rng import derive_rng
from drivegen.embedded.assets.vehicles.light.ebike_styles import draw_style
from drivegen.opendrive.lanes import LaneLocator
from drivegen.opendrive.model import LaneType
from drivegen.opendrive.signals import signal_heads
from drivegen_generators.roads.beijing_junction import BeijingJunction
from drivegen_generators.roads.campus import Campus
from drivegen_generators.roads.unsignalised import UnsignalisedJunction
from drivegen_generators.vehicles.models import COURIERS
from drivegen_generators.vehicles.strips import Strips
from drivegen_generators.vehicles.traffic import Traffic
from tests.unit.generators.vehicles.plans import MODEL_OF, overlaps, with_role


@pytest.fixture(scope="module")
def network():
    return BeijingJunction().generate(derive_rng(1, "map"), "junction")


def draws(network, count=12, vehicles=30, **options):
    traffic = Traffic(**options)
    return [traffic.plan(derive_rng(k, "company"), network, vehicles) for k in range(count)]


def bicycle_offset_m(network, x, y):
    """Distance to the middle of the nearest bicycle lane, and half its width there."""
    best = (math.inf, 0.0)
    for strip in Strips.of(network).strips:
        if strip.kind is LaneType.BIKING:
            points = np.array(strip.points_m)[:, :2]
            a, b = points[:-1], points[1:]
            step = b - a
            share = np.clip(np.sum((np.array([x, y]) - a) * step, 1) / np.sum(step * step, 1), 0, 1)
            gap = np.hypot(*(a + share[:, None] * step - [x, y]).T).min()
            best = min(best, (float(gap), strip.widths_m[0] / 2.0))
    return best


def test_queues_stand_in_rows_before_stop_lines_of_lights_that_are_not_green_first(network):
    lines = {}
    for head in signal_heads(network):
        for line in head.stop_lines:
            lines.setdefault((line.road_id, line.lane_id), (line, []))[1].append(head.sequence)
    locator = LaneLocator(network)
    seen = 0
    for drawn in draws(network, queue_share=0.5):
        assert not overlaps(drawn)
        queued = with_role(drawn.vehicles, "queue")
        assert drawn.requested["role queue"] >= len(queued)
        rows = {}
        for vehicle in queued:
            start = vehicle.start
            fix = locator.locate(np.array([[start.x_m, start.y_m]]), np.array([start.yaw_rad]))
            line, sequences = lines[int(fix.road_id[0]), int(fix.lane_id[0])]
            assert min(sequences) > 0
            middle = 0.5 * (line.start_m + line.end_m)
            ahead = np.array([math.cos(line.heading_rad), math.sin(line.heading_rad)])
            model = MODEL_OF[vehicle.blueprint]
            bumper = float((middle[:2] - [start.x_m, start.y_m]) @ ahead) - 0.5 * model.length_m
            rows.setdefault((line.road_id, line.lane_id), []).append((bumper, model.length_m))
        for row in rows.values():
            row.sort()
            assert 0.3 < row[0][0] < 2.5
            for (near, length), (far, _) in pairwise(row):
                assert 1.2 < far - near - length < 4.0
        seen += len(queued)
    assert seen > 100


def test_riders_ride_in_bicycle_lanes_along_them(network):
    riders = 0
    for drawn in draws(network, count=6, bicycle_lanes=True, riders=8):
        assert drawn.requested["vehicles"] == 38.0
        for vehicle in drawn.vehicles:
            two_wheeled = vehicle.blueprint.rpartition(".")[2] in {"ebike", "bicycle", "etricycle"}
            assert two_wheeled is (vehicle.drive is Drive.RIDER)
            if vehicle.drive is not Drive.RIDER:
                continue
            riders += 1
            assert "rider" in vehicle.roles
            places = [(vehicle.start.x_m, vehicle.start.y_m), *((x, y) for x, y, _ in vehicle.route)]
            for x, y in places[:: max(1, len(places) // 6)]:
                gap, half = bicycle_offset_m(network, x, y)
                assert gap < half
            steps = np.hypot(*np.diff(np.array(places), axis=0).T)
            assert steps.sum() > 60 * 2.0
            first = np.array(places[1]) - places[0]
            assert first @ [math.cos(vehicle.start.yaw_rad), math.sin(vehicle.start.yaw_rad)] > 0.0
            assert 6.0 < 3.6 * vehicle.cruise_mps < 26.0
    assert riders > 48


def test_deliveries_are_couriers_and_some_ride_the_wrong_way(network):
    traffic = Traffic(
        bicycle_lanes=True,
        riders={"count": 30, "mix": {"ebike": 1.0}, "delivery": 0.5},
        violations={"wrong_way": 0.3},
    )
    riders = [
        v
        for k in range(8)
        for v in traffic.plan(derive_rng(k, "wrong"), network, 0).vehicles
        if v.drive is Drive.RIDER
    ]
    for share, role in ((0.5, "delivery"), (0.3, "wrong_way")):
        found = len(with_role(riders, role)) / len(riders)
        assert found == pytest.approx(share, abs=3.5 * math.sqrt(share * (1 - share) / len(riders)))
    for vehicle in with_role(riders, "delivery"):
        assert vehicle.variant in COURIERS
    strips = Strips.of(network)
    middles = [
        (s.at(0.5 * s.length_m)[:2], s.at(0.5 * s.length_m)[3], s)
        for s in strips.strips
        if s.kind is LaneType.BIKING and s.junction is None
    ]
    for vehicle in riders:
        near = min(
            (math.hypot(p[0] - vehicle.start.x_m, p[1] - vehicle.start.y_m), k)
            for s in middles
            for k, p in [(s[2].index, q) for q in s[2].points_m]
        )[1]
        strip = strips.strips[near]
        nearest = min(
            range(len(strip.points_m)),
            key=lambda i: math.hypot(
                strip.points_m[i][0] - vehicle.start.x_m, strip.points_m[i][1] - vehicle.start.y_m
            ),
        )
        along = math.cos(vehicle.start.yaw_rad - strip.heading_rad[nearest])
        assert (along < 0.0) is ("wrong_way" in vehicle.roles)


def test_couriers_are_those_with_a_box():
    assert all(draw_style(derive_rng("e-bike", v)).courier >= 0 for v in COURIERS)
    assert draw_style(derive_rng("e-bike", 0)).courier < 0


def test_roads_without_bicycle_lanes_keep_riders_at_the_kerb():
    network = UnsignalisedJunction(bicycle_lanes=False).generate(derive_rng(3, "map"), "streets")
    traffic = Traffic(mix={"bicycle": 1.0}, bicycle_lanes=True, riders=5)
    drawn = traffic.plan(derive_rng(1), network, 6)
    assert len(drawn.vehicles) == 6
    assert {v.drive for v in drawn.vehicles} == {Drive.TRAFFIC_MANAGER}
    assert drawn.requested["role rider"] == 5.0


def test_bays_are_filled_by_their_share_with_what_fits():
    network = Campus().generate(derive_rng(2, "map"), "campus")
    traffic = Traffic(parked=0.6)
    parked = asked = 0
    for k in range(6):
        drawn = traffic.plan(derive_rng(k, "bays"), network, 5)
        assert not overlaps(drawn)
        own = [v for v in drawn.vehicles if v.drive is Drive.PARKED]
        assert all(v.roles == ("parked",) and not v.route for v in own)
        assert drawn.requested["vehicles"] == 5.0 + drawn.requested["role parked"]
        parked, asked = parked + len(own), asked + drawn.requested["role parked"]
    assert asked > 30
    assert 0.7 * asked < parked <= asked


def test_convoys_drive_one_behind_the_other_on_one_way(network):
    for drawn in draws(network, convoys={"count": 1, "size": [4, 4], "kind": "truck"}):
        row = with_role(drawn.vehicles, "convoy")
        assert 2 <= len(row) <= 4
        assert len({(v.blueprint, v.variant, v.color_rgb, v.following_distance_m) for v in row}) == 1
        assert len({v.route[-1] for v in row}) == 1
        for lead, tail in pairwise(row):
            gap = math.hypot(lead.start.x_m - tail.start.x_m, lead.start.y_m - tail.start.y_m)
            gap -= MODEL_OF[lead.blueprint].length_m
            assert 2.4 < gap < 6.1
        assert not any(v.lane_changes for v in row)


def test_those_who_cut_in_start_ahead_of_the_ego_in_the_lane_beside(network):
    found, locator = 0, LaneLocator(network)
    for drawn in draws(network, count=20, violations={"cut_in": 0.1}):
        for vehicle in with_role(drawn.vehicles, "cut_in"):
            starts = (drawn.ego, vehicle.start)
            fix = locator.locate(
                np.array([(p.x_m, p.y_m) for p in starts]), np.array([p.yaw_rad for p in starts])
            )
            assert fix.road_id[0] == fix.road_id[1]
            assert fix.s_m[1] - fix.s_m[0] > 5.0
            left = int(fix.lane_id[1] - fix.lane_id[0])
            assert abs(left) == 1
            (order,) = vehicle.orders
            assert order.deed is (Deed.LANE_RIGHT if left > 0 else Deed.LANE_LEFT)
            assert order.ego_within_m is not None
            found += 1
    assert found > 10


def test_violations_are_as_frequent_as_their_rates(network):
    rates = {"red_light": 0.2, "illegal_stop": 0.1}
    many = draws(network, count=40, violations=rates, bicycle_lanes=False)
    vehicles = [v for d in many for v in d.vehicles]
    for role, rate in (("red_light", 0.2), ("illegal_stop", 0.1 * 0.8)):
        found = with_role(vehicles, role)
        deviation = math.sqrt(rate * (1 - rate) / len(vehicles))
        assert len(found) / len(vehicles) == pytest.approx(rate, abs=3.5 * deviation)
        assert len(found) == sum(d.requested[f"role {role}"] for d in many)
    assert all(v.ignores_lights_percent == 100.0 for v in with_role(vehicles, "red_light"))
    for vehicle in with_role(vehicles, "illegal_stop"):
        stop, go = vehicle.orders
        assert (stop.deed, go.deed) == (Deed.STOP, Deed.GO)
        assert 2.0 <= stop.at_s < go.at_s


def test_emergency_vehicles_flash_hurry_and_pass_red_lights(network):
    vehicles = [v for d in draws(network, count=20, emergency=0.1) for v in d.vehicles]
    called = with_role(vehicles, "emergency")
    assert len(called) / len(vehicles) == pytest.approx(0.1, abs=0.045)
    assert all(v.beacon and v.ignores_lights_percent == 100.0 for v in called)
    assert all(v.speed_difference_percent <= -15.0 for v in called)
    assert not any(v.beacon for v in vehicles if v not in called)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"parked": 1.5}, "traffic parked is 1.5"),
        ({"fleet": 3}, "'fleet' is unknown; there are parked"),
        ({"riders": {"number": 3}}, "riders: 'number' is unknown"),
        ({"riders": {"mix": {"horse": 1.0}}}, "riders.mix: 'horse' is unknown"),
        ({"riders": -1}, "riders.count is -1"),
        ({"violations": {"speeding": 0.1}}, "violations: 'speeding' is unknown"),
        ({"violations": 0.1}, "options by name"),
        ({"convoys": {"count": 1, "kind": "bicycle"}}, "convoys.kind: 'bicycle' is unknown"),
        ({"convoys": {"size": [5, 3]}}, "the first number must not exceed"),
        ({"lasts_s": 0.0}, "lasts_s is 0.0"),
        ({"bicycle_lanes": 3}, "true or false"),
    ],
)
def test_bad_options_are_named(options, message):
    with pytest.raises(ConfigError, match=message):
        Traffic(**options)
