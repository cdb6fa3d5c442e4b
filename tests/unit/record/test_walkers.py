import numpy as np
import pytest

from drivegen.core.geometry import Box, Pose
from drivegen.core.plans import Begin, Crossing, WalkerPlan
from drivegen.record.box_avoidance import Boxes
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


def test_a_group_begins_a_crossing_together_and_stays_together():
    crossing = Crossing(first=1, signal_ids=("a",))
    plans = {
        k: plan((0, y), (2 + 3 * k, y), (20, y), (30, y), crossings=[crossing], group=0)
        for k, y in ((1, 0.0), (2, 0.8))
    }
    driver = driver_of(plans)
    places = {1: np.zeros(3), 2: np.array([0.0, 0.8, 0.0])}
    # The first is at its kerb at once and waits there, though its way is free, for the other.
    tracks = walk(driver, places, 300, lights(a=(RED, 0.1)))
    begun = [int(np.argmax(tracks[k][:, 0] > 2.5 + 3 * k)) for k in (1, 2)]
    assert abs(begun[0] - begun[1]) < 40
    assert begun[0] * TICK_S > 6.0  # the other one's way to its kerb
    assert np.linalg.norm(tracks[1] - tracks[2], axis=1).max() < 6.0


def test_a_jaywalker_minds_gaps_not_lights():
    crossing = Crossing(first=0, signal_ids=("a",), begin=Begin.GAP)
    driver = driver_of({1: plan((0, 0), (8, 0), (9, 0), crossings=[crossing], roles=("jaywalking",))})
    green = lights(a=(GREEN, 1.0))
    coming = [car(4.0, 30.0, (0.0, -12.0))]
    assert walk(driver, {1: np.zeros(3)}, 16, green, coming)[1][-1, 0] == 0.0
    assert driver.achieved() == {"role jaywalking": 0.0}
    assert walk(driver, {1: np.zeros(3)}, 40, green)[1][-1, 0] > 1.0
    assert driver.achieved() == {"role jaywalking": 1.0}


def test_who_darts_out_waits_for_the_ego_and_runs():
    crossing = Crossing(first=0, signal_ids=(), begin=Begin.EGO, ego_within_s=2.0, speed_mps=3.0)
    driver = driver_of({1: plan((0, 0), (12, 0), crossings=[crossing], roles=("dart_out",))})
    far = [car(6.0, -40.0, (0.0, 10.0))]
    assert walk(driver, {1: np.zeros(3)}, 10, vehicles=far, ego=0)[1][-1, 0] == 0.0
    another = [car(6.0, -20.0, (0.0, 10.0)), car(-60.0, 0.0, (0.0, 10.0))]
    assert walk(driver, {1: np.zeros(3)}, 10, vehicles=another, ego=1)[1][-1, 0] == 0.0
    near = [car(6.0, -20.0, (0.0, 10.0))]
    track = walk(driver, {1: np.zeros(3)}, 60, vehicles=near, ego=0)[1]
    assert np.diff(track[:, 0]).max() / TICK_S > 2.5


def test_the_crossing_is_timed():
    crossing = Crossing(first=0, signal_ids=("a",), speed_mps=1.5)
    driver = driver_of({1: plan((0, 0), (9, 0), (30, 0), crossings=[crossing], speed=1.0)})
    track = walk(driver, {1: np.zeros(3)}, 40, lights(a=(GREEN, 1.0)))[1]
    walk(driver, {1: track[-1]}, 200, lights(a=(RED, 0.1)))
    (done,) = driver.crossings_walked
    assert done.length_m == 9.0
    assert done.waited_s == pytest.approx(2.0, abs=0.25)
    assert done.took_s == pytest.approx(9.0 / 1.5 + 0.4, abs=0.4)
    assert driver.achieved()["crossings_waited_s"] == done.waited_s


def test_who_comes_to_a_kerb_stands_behind_those_who_wait():
    crossing = Crossing(first=1, signal_ids=("a",))
    plans = {k: plan((0, 0), (8, 0), (18, 0), (20, 0), crossings=[crossing]) for k in range(4)}
    places = {k: np.array([-1.2 * k, 0.0, 0.0]) for k in plans}
    tracks = walk(driver_of(plans), places, 260, lights(a=(GREEN, 1.0)))
    ends = np.array([t[-1, :2] for t in tracks.values()])
    apart = np.linalg.norm(ends[:, None] - ends[None], axis=2) + 10 * np.eye(4)
    assert apart.min() > 0.45
    assert ends[:, 0].max() < 8.1
    assert ends[:, 0].min() > 5.0
    still = np.array([np.linalg.norm(np.diff(t[-40:], axis=0), axis=1).max() for t in tracks.values()])
    assert still.max() < 1e-9


def test_walls_hold_a_crowd():
    plans = {k: plan((0, 0), (40, 0), half_widths_m=(1.0,)) for k in range(12)}
    plans |= {k: plan((40, 0), (0, 0), half_widths_m=(1.0,)) for k in range(12, 24)}
    places = {
        k: np.array([1.0 * (k // 2) if k < 12 else 40 - 1.0 * (k // 2 - 6), 0.4 * (-1) ** k, 0.0])
        for k in plans
    }
    tracks = np.array(list(walk(driver_of(plans), places, 500).values()))
    assert np.abs(tracks[:, :, 1]).max() < 0.78  # half of the width without the body
    gap = np.linalg.norm(tracks[:, None] - tracks[None], axis=3) + 10 * np.eye(24)[:, :, None]
    assert gap.min() > 0.4


def test_who_stays_stands_at_its_last_waypoint():
    track = walk(driver_of({1: plan((0, 0), (3, 0), stays=True)}), {1: np.zeros(3)}, 200)[1]
    assert track[-1, 0] == pytest.approx(3.0, abs=0.4)
    np.testing.assert_array_equal(track[-1], track[-40])


def test_obstacles_are_gone_round():
    things = Boxes(
        xy_m=np.array([[5.0, 0.0]]), along=np.array([[1.0, 0.0]]), half_m=np.array([[0.3, 0.3]]),
        velocity_mps=np.zeros((1, 2)),
    )  # fmt: skip
    track = walk(WalkerDriver({1: plan((0, 0), (12, 0))}, TICK_S, things), {1: np.zeros(3)}, 220)[1]
    assert track[:, 0].max() > 11.0
    inside = (np.abs(track[:, 0] - 5.0) < 0.5) & (np.abs(track[:, 1]) < 0.5)
    assert not inside.any()
