import math

import numpy as np
import pytest

from drivegen.record.contacts import overlaps
from drivegen.record.rider_path import Halt, RiderPath
from tests.unit.record.riding import Body, Street

STRAIGHT = np.array([[0.0, 0.0], [120.0, 0.0]])
WIDE = (np.full(241, 1.5), np.full(241, 1.5))


def straight(**changes):
    return RiderPath.through(STRAIGHT, WIDE, **changes)


def touch(street: Street) -> bool:
    seen = street.seen()
    return len(overlaps(seen.xyz_m, seen.axis, seen.half_m, 0.0)) > 0


def run_apart(street: Street, seconds: float) -> bool:
    """Whether nobody ever touched anybody."""
    apart = True
    for _ in range(round(seconds / 0.25)):
        street.run(0.25)
        apart = apart and not touch(street)
    return apart


def test_a_rider_keeps_to_its_path_and_stands_at_its_end():
    corner = np.array([[0.0, 0.0], [25.0, 0.0], [32.0, 3.0], [35.0, 10.0], [35.0, 40.0]])
    street = Street()
    street.ride(1, path := RiderPath.through(corner))
    street.run(20.0)
    places = street.trace(1)[:, :2]
    off = np.min(np.linalg.norm(places[:, None] - path.xy_m[None], axis=2), axis=1)
    assert off.max() < 0.7
    assert street.bodies[1].speed == 0.0
    assert 0.2 < 40.0 - street.bodies[1].y < 1.5


@pytest.mark.parametrize(
    ("blueprint", "slower", "limit", "expected"),
    [
        ("vehicle.drivegen.ebike", 70.0, 16.67, 5.0),
        ("vehicle.drivegen.ebike", 0.0, 16.67, 25.0 / 3.6),
        ("vehicle.drivegen.bicycle", 0.0, 16.67, 20.0 / 3.6),
        ("vehicle.drivegen.motorcycle", 10.0, 8.0, 7.2),
    ],
)
def test_riders_go_as_fast_as_the_plan_says_and_their_kind_may(blueprint, slower, limit, expected):
    street = Street()
    path = straight(limit_mps=np.full(241, limit))
    street.ride(1, path, blueprint=blueprint, speed_difference_percent=slower)
    street.run(12.0)
    assert street.bodies[1].speed == pytest.approx(expected, abs=0.35)


def test_a_cruising_speed_does_not_follow_the_limit_of_cars():
    street = Street()
    street.ride(1, straight(limit_mps=np.full(241, 4.0)), blueprint="vehicle.drivegen.ebike", cruise_mps=6.0)
    street.ride(
        2,
        RiderPath.through(STRAIGHT + np.array([0.0, 5.0])),
        blueprint="vehicle.drivegen.bicycle",
        cruise_mps=9.0,
    )
    street.run(12.0)
    assert street.bodies[1].speed == pytest.approx(6.0, abs=0.35)
    assert street.bodies[2].speed == pytest.approx(20.0 / 3.6, abs=0.35)  # its kind's


def test_bends_are_ridden_slowly():
    turn = np.linspace(-math.pi / 2, math.pi / 2, 40)
    bend = np.stack([40.0 + 5.0 * np.cos(turn), 5.0 + 5.0 * np.sin(turn)], axis=1)
    street = Street()
    street.ride(1, RiderPath.through(np.concatenate([[[0.0, 0.0]], bend, [[0.0, 10.0]]])))
    street.run(18.0)
    trace = street.trace(1)
    in_bend = trace[trace[:, 0] > 42.0]
    assert len(in_bend)
    assert in_bend[:, 2].max() < 3.9  # sqrt(2 m/s2 * 5 m) is 3.2 m/s
    assert trace[:, 2].max() > 6.0


def test_red_holds_a_rider_at_the_line_and_green_lets_it_go():
    street = Street(states={"7": "red"})
    street.ride(1, straight(halts=(Halt(at_m=40.0, signal_ids=("7",)),)))
    street.run(15.0)
    front = street.bodies[1].x + 0.9
    assert street.bodies[1].speed == 0.0
    assert 38.5 < front <= 40.05
    street.states["7"] = "green"
    street.run(5.0)
    assert street.bodies[1].x > 45.0
    assert street.driver.reds_run == 0


def test_who_cannot_stop_for_a_change_rides_on():
    street = Street(states={"7": "green"})
    street.ride(1, straight(halts=(Halt(at_m=40.0, signal_ids=("7",)),)))
    while street.bodies[1].x < 37.0:
        street.run(0.05)
    street.states["7"] = "yellow"
    street.run(2.0)
    assert street.bodies[1].x > 45.0
    assert street.trace(1)[-40:, 2].min() > 5.0


def test_red_lights_are_run_as_often_as_the_plan_says():
    run = 0
    for share in (0.0, 100.0):
        street = Street(states={"7": "red"})
        for actor in range(1, 9):
            way = STRAIGHT + np.array([0.0, 5.0 * actor])
            halts = (Halt(at_m=20.0, signal_ids=("7",)),)
            street.ride(actor, RiderPath.through(way, halts=halts), ignores_lights_percent=share)
        street.run(10.0)
        run = street.driver.reds_run
        assert run == (8 if share else 0)
    street = Street(states={"7": "red"})
    for actor in range(1, 41):
        halts = (Halt(at_m=10.0, signal_ids=("7",)),)
        way = STRAIGHT + np.array([0.0, 5.0 * actor])
        street.ride(actor, RiderPath.through(way, halts=halts), ignores_lights_percent=30.0)
    street.run(6.0)
    assert 4 <= street.driver.reds_run <= 20


def test_riders_stop_behind_who_fills_the_lane_and_follow_who_is_slower():
    street = Street()
    street.ride(1, straight())
    street.bodies[2] = Body(60.0, 0.0, half=(2.3, 2.6, 0.8))
    assert run_apart(street, 16.0)
    assert street.bodies[1].speed == 0.0
    assert 50.0 < street.bodies[1].x < 57.0
    street.bodies[2].speed = 3.0
    assert run_apart(street, 12.0)
    assert street.bodies[1].speed == pytest.approx(3.0, abs=0.4)


def test_riders_pass_what_stands_at_the_side_and_come_back():
    street = Street()
    street.ride(1, straight())
    street.bodies[2] = Body(45.0, -1.3, half=(2.3, 0.9, 0.8))  # half in the lane, at its right
    assert run_apart(street, 14.0)
    trace = street.trace(1)
    assert trace[:, 1].max() > 0.4
    assert street.bodies[1].x > 60.0
    assert abs(street.bodies[1].y) < 0.2
    assert np.abs(trace[:, 1]).max() < 1.7


def test_riders_who_meet_keep_to_the_right_and_pass():
    street = Street()
    street.ride(1, straight())
    street.ride(2, RiderPath.through(STRAIGHT[::-1], WIDE))
    assert run_apart(street, 16.0)
    assert street.bodies[1].x > 70.0
    assert street.bodies[2].x < 50.0
    assert street.trace(1)[:, 1].min() < -0.4
    assert street.trace(2)[:, 1].max() > 0.4


def test_riders_who_meet_with_offsets_pass_in_a_lane_of_three_metres():
    room = (np.full(241, 1.0), np.full(241, 1.0))
    street = Street()
    street.ride(1, RiderPath.through(STRAIGHT, room), lane_offset_m=0.3)
    street.ride(2, RiderPath.through(STRAIGHT[::-1], room), lane_offset_m=-0.75, leaves=True)
    street.bodies[1].y, street.bodies[2].y = 0.3, 0.75
    assert run_apart(street, 14.0)
    assert street.bodies[1].x > 60.0
    assert street.bodies[2].x < 60.0
    assert street.trace(1)[60:, 2].min() > 0.5


def test_people_who_cross_are_let_pass():
    street = Street()
    street.ride(1, straight(), speed_difference_percent=60.0)
    street.bodies[2] = Body(30.0, -6.0, yaw=math.pi / 2, speed=1.3, half=(0.25, 0.25, 0.9), person=True)
    assert run_apart(street, 14.0)
    assert street.bodies[1].x > 45.0
    assert street.trace(1)[:, 2][60:].min() < 4.5


def test_who_ignores_people_does_not_wait_for_them():
    street = Street()
    street.ride(1, straight(), ignores_walkers_percent=100.0)
    street.bodies[2] = Body(30.0, 0.0, half=(0.25, 0.25, 0.9), person=True)
    assert not run_apart(street, 8.0)


def test_held_riders_stand_until_they_may_go():
    street = Street()
    street.ride(1, straight())
    street.run(3.0)
    street.driver.hold(1, True)
    street.run(6.0)
    assert street.bodies[1].speed == 0.0
    street.driver.hold(1, False)
    street.run(3.0)
    assert street.bodies[1].speed > 3.0


def test_a_rider_keeps_its_distance_from_the_middle_and_leaves_at_the_end():
    street = Street()
    street.ride(1, straight(), lane_offset_m=-0.8, leaves=True)
    street.bodies[1].y = -0.8
    street.run(10.0)
    assert street.bodies[1].y == pytest.approx(-0.8, abs=0.1)
    assert not street.driver.at_end(1)
    street.run(12.0)
    assert street.driver.at_end(1)
    street.driver.remove(1)
    assert street.driver.controls(street.seen(), street.signals()) == {}


def test_equal_worlds_give_equal_rides():
    traces = []
    for _ in range(2):
        street = Street(states={"7": "red"})
        for actor in range(1, 7):
            way = STRAIGHT + np.array([2.0, 0.4]) * actor
            halts = (Halt(at_m=40.0, signal_ids=("7",)),)
            street.ride(actor, RiderPath.through(way, WIDE, halts=halts), ignores_lights_percent=50.0)
        street.run(8.0)
        traces.append(np.concatenate([street.trace(a) for a in range(1, 7)]))
    assert np.array_equal(*traces)


def test_a_rider_without_a_route_stands():
    street = Street()
    street.ride(1, RiderPath.through(np.array([[3.0, 4.0]])))
    street.run(2.0)
    assert street.bodies[1].x == 3.0
