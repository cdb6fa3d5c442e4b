"""Lamps of who is on a track."""

from __future__ import annotations

import carla
import numpy as np
import pytest

from drivegen.core.tracks import Track, TrackCourse
from drivegen.core.weather import Weather
from drivegen.record.lamps import Pedals, beams

LIGHT = carla.VehicleLightState
BEAMS = LIGHT.Position | LIGHT.LowBeam


def flags(seconds: list[float], metres: list[float], yaw_rad: float = 0.0) -> list[int]:
    """Lamps at steps of 0.1 s along a straight track."""
    x = np.array(metres)
    course = TrackCourse(
        Track.through(seconds, np.stack([x, 0 * x, 0 * x], axis=1), np.full(len(x), yaw_rad))
    )
    pedals = Pedals()
    return [pedals.flags(course.at(t)) for t in np.arange(seconds[0], seconds[-1], 0.1)]


def braked(from_mps: float, by_mps2: float) -> list[int]:
    t = np.arange(0.0, from_mps / by_mps2, 0.1)
    stop = from_mps**2 / (2 * by_mps2)
    stands = [from_mps / by_mps2 + k for k in (0.0, 1.0, 2.0, 3.0)]
    return flags([*t, *stands], [*(from_mps * t - by_mps2 / 2 * t * t), *[stop] * 4])


def test_stop_lamps_are_lit_by_braking_and_while_it_stands() -> None:
    hard = braked(10.0, 3.0)
    assert all(f & LIGHT.Brake for f in hard[1:])
    assert not any(f & LIGHT.Brake for f in braked(10.0, 0.5)), "a car that rolls out does not brake"


def test_stop_lamps_go_out_when_it_drives_on() -> None:
    t = np.arange(0.0, 10.0, 0.1)
    speed = np.where(t < 3.0, 9.0 - 3.0 * t, np.where(t < 5.0, 0.0, 2.0 * (t - 5.0)))
    found = flags(t.tolist(), np.cumsum(speed * 0.1).tolist())
    assert found[20] & LIGHT.Brake
    assert found[45] & LIGHT.Brake
    assert not found[60] & LIGHT.Brake


def test_who_drives_evenly_or_stands_from_the_first_shows_none() -> None:
    assert set(flags([0.0, 1.0, 2.0, 3.0], [0.0, 8.0, 16.0, 24.0])) == {0}
    assert set(flags([0.0, 1.0, 2.0, 3.0], [5.0, 5.0, 5.0, 5.0])) == {0}


def test_backwards_is_told_by_reversing_lamps() -> None:
    assert set(flags([0.0, 1.0, 2.0, 3.0], [0.0, -2.0, -4.0, -6.0])) == {int(LIGHT.Reverse)}


@pytest.mark.parametrize(
    ("weather", "wanted"),
    [
        (Weather(sun_altitude_deg=50.0), 0),
        (Weather(sun_altitude_deg=20.0), LIGHT.Position),
        (Weather(sun_altitude_deg=-20.0), BEAMS),
        (Weather(sun_altitude_deg=50.0, precipitation=90.0), BEAMS),
        (Weather(sun_altitude_deg=50.0, fog_density=40.0), BEAMS | LIGHT.Fog),
    ],
)
def test_beams_follow_the_weather(weather: Weather, wanted: int) -> None:
    assert beams(weather) == int(wanted)
