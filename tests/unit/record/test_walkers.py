import numpy as np
import pytest

from drivegen.core.geometry import Box, Pose
from drivegen.core.plans import Crossing, WalkerPlan
from drivegen.record.signals import GREEN, RED, LightState, SignalView
from drivegen.record.walkers import MovingBox, WalkerDriver

TICK_S = 0.05


def driver_of(plans):
    return WalkerDriver(plans, TICK_S)


def plan(*waypoints, crossings=(), speed=1.4, **more):
    return WalkerPlan(
        blueprint="walker.pedestrian.0001",
        speed_mps=speed,
        waypoints=tuple((float(x), float(y), 0.0) for x, y in waypoints),
        crossings=tuple(crossings),
        **more,
    )


def lights(**states):
    return SignalView(
        lights={
            name: LightState(state=state, elapsed_s=elapsed, green_s=10.0, yellow_s=3.0, red_s=2.0)
            for name, (state, elapsed) in states.items()
        }
    )


def walk(driver, places, ticks, signals=None, vehicles=(), ego=None):
    """Moves walkers as told; returns their tracks."""
    tracks = {a: [p] for a, p in places.items()}
    for _ in range(ticks):
        now = {a: t[-1] for a, t in tracks.items()}
        for actor, step in driver.steps(now, vehicles, signals or SignalView(), ego).items():
            tracks[actor].append(now[actor] + step.direction * step.speed_mps * TICK_S)
    return {a: np.array(t) for a, t in tracks.items()}


def car(x, y, speed=(0.0, 0.0)):
    return MovingBox(
        box=Box(pose=Pose.from_xyz_rpy(x, y, 0.75), size_m=np.array([4.6, 1.9, 1.5])),
        velocity_mps=np.array([*speed, 0.0]),
    )


def test_follows_waypoints_and_turns_back_at_the_end():
    driver = driver_of({1: plan((0, 0), (5, 0), (5, 5))})
    track = walk(driver, {1: np.zeros(3)}, 420)[1]  # 29 m: there and back and on
    assert np.linalg.norm(track - [5, 5, 0], axis=1).min() < 0.4
    half = len(track) // 2
    assert np.linalg.norm(track[half:] - [0, 0, 0], axis=1).min() < 0.4
    velocity = np.diff(track, axis=0) / TICK_S
    speed = np.linalg.norm(velocity, axis=1)
    assert np.percentile(speed, 75) == pytest.approx(1.4, rel=0.02)
    assert speed.max() < 1.3 * 1.4
    change = np.linalg.norm(np.diff(velocity, axis=0), axis=1) / TICK_S
    assert change.max() < 3.0  # as the server's walkers at most; STILL_MPS takes a little more than the model


def test_waits_at_the_kerb_while_the_traffic_has_green():
    crossing = Crossing(first=1, signal_ids=("a", "b"))
    driver = driver_of({1: plan((0, 0), (3, 0), (13, 0), (16, 0), crossings=[crossing])})
    track = walk(driver, {1: np.zeros(3)}, 100, lights(a=(GREEN, 1.0), b=(RED, 1.0)))[1]
    assert track[-1, 0] == pytest.approx(3.0, abs=0.4)
    # A red that has lasted for some time may end at any moment, when it is not known how long it lasts.
    track = walk(driver, {1: track[-1]}, 40, lights(a=(RED, 9.0), b=(RED, 9.0)))[1]
    assert track[-1, 0] == pytest.approx(3.0, abs=0.4)
    track = walk(driver, {1: track[-1]}, 200, lights(a=(RED, 0.1), b=(RED, 12.0)))[1]
    assert track[:, 0].max() > 15.0


def test_crosses_when_red_is_known_to_last():
    crossing = Crossing(first=0, signal_ids=("a",))
    driver = driver_of({1: plan((0, 0), (7, 0), crossings=[crossing])})
    view = SignalView(
        lights=lights(a=(RED, 5.0), b=(GREEN, 4.0)).lights, turns=dict.fromkeys("ab", (("a",), ("b",)))
    )
    # 7 m take 5 s; red lasts 6 + 3 + 2.
    assert walk(driver, {1: np.zeros(3)}, 24, view)[1][-1, 0] > 0.8
    slow = driver_of({1: plan((0, 0), (7, 0), crossings=[crossing], speed=0.6)})
    assert walk(slow, {1: np.zeros(3)}, 24, view)[1][-1, 0] == 0.0


def test_comes_back_over_the_same_crossing_only_on_red():
    crossing = Crossing(first=0, signal_ids=("a",))
    driver = driver_of({1: plan((0, 0), (6, 0), (8, 0), crossings=[crossing])})
    track = walk(driver, {1: np.zeros(3)}, 30, lights(a=(RED, 0.0)))[1]
    track = walk(driver, {1: track[-1]}, 400, lights(a=(GREEN, 0.0)))[1]
    assert track[-1, 0] == pytest.approx(6.0, abs=0.4)


def test_an_unsignalised_crossing_waits_for_a_gap():
    crossing = Crossing(first=0, signal_ids=())
    driver = driver_of({1: plan((0, 0), (8, 0), crossings=[crossing])})
    coming = [car(4.0, 30.0, (0.0, -12.0))]
    assert walk(driver, {1: np.zeros(3)}, 16, vehicles=coming)[1][-1, 0] == 0.0
    leaving = [car(4.0, 30.0, (0.0, 12.0))]
    assert walk(driver, {1: np.zeros(3)}, 16, vehicles=leaving)[1][-1, 0] > 0.3


def test_two_walkers_meet_and_pass():
    driver = driver_of({1: plan((0, 0), (12, 0)), 2: plan((12, 0), (0, 0))})
    tracks = walk(driver, {1: np.zeros(3), 2: np.array([12.0, 0.0, 0.0])}, 190)
    apart = np.linalg.norm(tracks[1] - tracks[2], axis=1)
    assert apart.min() > 0.45
    assert tracks[1][:, 0].max() > 11.0
    assert tracks[2][:, 0].min() < 1.0


def test_stops_for_a_moving_vehicle_and_goes_round_a_standing_one():
    driver = driver_of({1: plan((0, 0), (20, 0))})
    moving = walk(driver, {1: np.zeros(3)}, 200, vehicles=[car(8.0, 0.0, (0.0, 2.0))])[1]
    assert moving[-1, 0] < 8.0 - 2.3
    standing = walk(driver, {1: moving[-1]}, 400, vehicles=[car(8.0, 0.1)])[1]
    assert standing[:, 0].max() > 19.0
    inside = (np.abs(standing[:, 0] - 8.0) < 2.3) & (np.abs(standing[:, 1] - 0.1) < 0.95)
    assert not inside.any()


def test_who_is_missing_is_left_out_and_one_waypoint_stands():
    driver = driver_of({1: plan((0, 0), (5, 0)), 2: plan((1, 1))})
    steps = driver.steps({2: np.ones(3)}, [], SignalView())
    assert list(steps) == [2]
    assert steps[2].speed_mps == 0.0
