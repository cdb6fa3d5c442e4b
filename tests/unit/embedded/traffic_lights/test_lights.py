import numpy as np
import pytest

from drivegen.embedded.traffic_lights.groups import light_groups
from drivegen.embedded.traffic_lights.lights import LightState, TrafficLights
from tests.unit.embedded.traffic_lights.roads import head, network

R, Y, G = LightState.RED, LightState.YELLOW, LightState.GREEN


def _crossroads() -> list:
    """Two controllers with two lights each, out of order in the file."""
    return [
        head(0, controller="b", sequence=1),
        head(1, controller="a", sequence=0),
        head(2, controller="b", sequence=1),
        head(3, controller="a", sequence=0),
    ]


def _run(lights: TrafficLights, seconds: float, dt_s: float = 0.05) -> list[tuple[float, list[int]]]:
    """(time, states) at every change."""
    changes = [(0.0, lights.state.tolist())]
    for k in range(1, round(seconds / dt_s) + 1):
        lights.step(dt_s)
        if lights.state.tolist() != changes[-1][1]:
            changes.append((round(k * dt_s, 6), lights.state.tolist()))
    return changes


@pytest.mark.parametrize("dt_s", [0.05, 0.1, 0.5])
def test_controllers_take_turns_with_carlas_times(dt_s: float) -> None:
    lights = TrafficLights(network(), _crossroads())
    assert _run(lights, 45.0, dt_s) == [
        (0.0, [R, G, R, G]),
        (10.0, [R, Y, R, Y]),
        (13.0, [R, R, R, R]),
        (15.0, [G, R, G, R]),
        (25.0, [Y, R, Y, R]),
        (28.0, [R, R, R, R]),
        (30.0, [R, G, R, G]),
        (40.0, [R, Y, R, Y]),
        (43.0, [R, R, R, R]),
        (45.0, [G, R, G, R]),
    ]


def test_never_two_turns_at_once() -> None:
    lights = TrafficLights(network(), [head(i, controller=str(i)) for i in range(4)])
    for _ in range(2000):
        lights.step(0.05)
        assert np.isin(lights.state, (Y, G)).sum() <= 1


def test_elapsed_time_counts_from_the_last_change() -> None:
    lights = TrafficLights(network(), _crossroads())
    for _ in range(220):
        lights.step(0.05)
    np.testing.assert_allclose(lights.elapsed_s, [11.0, 1.0, 11.0, 1.0])


def test_times_are_set_for_all_lights_of_a_turn() -> None:
    lights = TrafficLights(network(), _crossroads())
    lights.set_green_time(2, 4.0)
    lights.set_yellow_time(2, 1.0)
    lights.set_red_time(2, 0.0)
    assert lights.green_time_s.tolist() == [4.0, 10.0, 4.0, 10.0]
    times = [t for t, _ in _run(lights, 30.2)]
    np.testing.assert_allclose(times, [0.0, 10.0, 13.0, 15.0, 19.0, 20.0, 20.05, 30.05], atol=0.051)


def test_zero_times_do_not_hang_a_step() -> None:
    lights = TrafficLights(network(), _crossroads())
    for row in range(4):
        lights.set_green_time(row, 0.0)
        lights.set_yellow_time(row, 0.0)
        lights.set_red_time(row, 0.0)
    lights.step(10.0)
    lights.step(1.0)


def test_freeze_keeps_a_state_that_was_set() -> None:
    lights = TrafficLights(network(), [*_crossroads(), head(4, junction=2)])
    lights.set_state(0, LightState.GREEN)
    lights.freeze(0, True)
    assert lights.frozen.tolist() == [True] * 4 + [False]
    for _ in range(600):
        lights.step(0.05)
    assert lights.state.tolist()[:4] == [G, G, R, G]
    assert lights.state[4] == G, "30 s: green again"
    lights.freeze_all(False)
    for _ in range(210):
        lights.step(0.05)
    assert lights.state.tolist()[:4] == [R, Y, R, Y]


def test_reset_starts_a_group_afresh() -> None:
    lights = TrafficLights(network(), [*_crossroads(), head(4, junction=2)])
    for _ in range(330):
        lights.step(0.05)
    other = lights.state[4]
    lights.reset_group(1)
    assert lights.state.tolist() == [R, G, R, G, other]
    assert np.all(lights.elapsed_s[:4] == 0.0)
    lights.reset_all()
    assert lights.state.tolist() == [R, G, R, G, G]


def test_without_controllers_opposite_approaches_share_a_turn() -> None:
    angles = [0.1, np.pi / 2, np.pi + 0.05, -np.pi / 2 - 0.1, -0.02]
    groups = light_groups([head(i, heading_rad=a) for i, a in enumerate(angles)])
    assert [g.phases for g in groups] == [((0, 2, 4), (1, 3))]


def test_a_crossing_between_junctions_turns_red_for_a_while() -> None:
    lights = TrafficLights(network(), [head(0, junction=None), head(1, junction=None, controller="c")])
    assert [len(lights.group_rows(i)) for i in (0, 1)] == [1, 1]
    changes = [states[0] for _, states in _run(lights, 32.0)]
    assert changes == [G, Y, R, G]


def test_groups_poles_and_ids() -> None:
    lights = TrafficLights(network(), [*_crossroads(), head(4, junction=2)])
    assert lights.group_rows(2).tolist() == [0, 1, 2, 3]
    assert lights.pole_index.tolist() == [0, 1, 2, 3, 0]
    assert lights.opendrive_ids == ("s0", "s1", "s2", "s3", "s4")


def test_a_map_without_lights() -> None:
    lights = TrafficLights(network(), [])
    lights.step(0.05)
    lights.reset_all()
    none = lights.at_light(np.array([3], np.uint32), np.zeros((1, 3)), np.zeros(1), np.zeros(1), np.ones(1))
    assert none.tolist() == [-1]
