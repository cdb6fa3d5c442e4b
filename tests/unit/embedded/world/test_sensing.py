"""Clocks of sensors."""

from itertools import pairwise

import pytest

from drivegen.embedded.world.sensing import make_sensor_state


def _due(sensor_tick: str, tick_s: float, ticks: int, born_at: int = 0) -> list[int]:
    state = make_sensor_state("sensor.other.gnss", {"sensor_tick": sensor_tick}, 0, 0)
    assert state is not None
    return [k for k in range(born_at, born_at + ticks) if state.due(round(k * tick_s * 1e9) * 1e-9)]


def test_without_a_period_every_tick_measures() -> None:
    assert _due("0.0", 0.05, 5) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("born_at", [0, 1, 7, 12345])
def test_the_phase_is_the_first_tick_after_the_spawn(born_at: int) -> None:
    assert _due("0.2", 0.05, 12, born_at) == [born_at, born_at + 4, born_at + 8]


@pytest.mark.parametrize(
    ("sensor_tick", "tick_s"), [("0.1", 0.05), ("0.5", 0.05), ("1.0", 0.1), ("0.3", 0.1)]
)
def test_counts_are_exact_over_a_long_time(sensor_tick: str, tick_s: float) -> None:
    every = round(float(sensor_tick) / tick_s)
    assert _due(sensor_tick, tick_s, 4000) == list(range(0, 4000, every))


def test_a_period_that_is_no_multiple_of_the_tick_keeps_its_mean() -> None:
    due = _due("0.12", 0.05, 2401)
    assert len(due) == 1 + round(2400 * 0.05 / 0.12)
    assert {b - a for a, b in pairwise(due)} == {2, 3}


def test_a_period_shorter_than_the_tick_measures_every_tick() -> None:
    assert _due("0.01", 0.05, 6) == [0, 1, 2, 3, 4, 5]


def test_sensors_of_the_client_have_no_state() -> None:
    assert make_sensor_state("sensor.other.lane_invasion", {}, 0, 0) is None
