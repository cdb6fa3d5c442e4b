"""Heights and grades are continuous, keep to the limits, and are the same from both ends."""

import numpy as np
import pytest

from drivegen.opendrive.evaluate import Cubics
from drivegen_generators.roads.profile import Profile, Ramp, grade_limits, graded

RAMPS = [
    Ramp(rise_m=6.2, grade=0.05, first_radius_m=1050.0, last_radius_m=1350.0),
    Ramp(rise_m=-5.0, grade=0.055, first_radius_m=1350.0, last_radius_m=1050.0),
    Ramp(rise_m=0.5, grade=0.05, first_radius_m=1050.0, last_radius_m=1350.0),
]
"""The last is too low to reach its grade."""


def joints(profile: Profile) -> tuple[np.ndarray, np.ndarray]:
    """Steps of height and of slope where one piece ends and the next begins."""
    heights, slopes = [], []
    for before, after in zip(profile.pieces, profile.pieces[1:], strict=False):
        u = after.s_m - before.s_m
        heights.append(before.a + u * (before.b + u * (before.c + u * before.d)) - after.a)
        slopes.append(before.b + u * (2.0 * before.c + 3.0 * before.d * u) - after.b)
    return np.array(heights), np.array(slopes)


@pytest.mark.parametrize("ramp", RAMPS)
def test_ramps_rise_smoothly_and_within_their_limits(ramp: Ramp) -> None:
    profile = Profile(pieces=(*Profile().pieces, *ramp.pieces(20.0, 0.0)))
    for steps in joints(profile):
        assert np.abs(steps).max() < 1e-9
    assert profile.height_m(20.0 + ramp.length_m + 5.0) == pytest.approx(ramp.rise_m)
    s = np.linspace(0.0, 40.0 + ramp.length_m, 2000)
    slope = Cubics(profile.pieces)(s)[1]
    assert np.abs(slope).max() <= ramp.grade + 1e-9
    least = min(ramp.first_radius_m, ramp.last_radius_m)
    assert np.abs(np.gradient(slope, s)).max() <= 1.0 / least + 1e-6


@pytest.mark.parametrize("ramp", RAMPS)
def test_the_other_end_sees_the_same_heights(ramp: Ramp) -> None:
    profile = Profile(pieces=(*Profile().pieces, *ramp.pieces(20.0, 0.0)))
    length = 25.0 + ramp.length_m
    s = np.linspace(0.0, length, 500)
    there, slope = Cubics(profile.pieces)(s)
    back, back_slope = Cubics(profile.reversed(length))(length - s)
    assert back == pytest.approx(there, abs=1e-9)
    assert back_slope[1:-1] == pytest.approx(-slope[1:-1], abs=1e-9)


def test_grades_are_lessened_to_what_the_length_allows() -> None:
    limits = grade_limits(50.0)
    assert limits == grade_limits(45.0)
    long = graded(400.0, -0.03, limits, 20.0, 10.0)
    assert min(p.b for p in long.pieces) == pytest.approx(-0.03)
    short = graded(80.0, 0.05, limits, 20.0, 10.0)
    steepest = np.abs(Cubics(short.pieces)(np.linspace(0.0, 80.0, 800))[1]).max()
    assert 0.01 < steepest < 0.02
    assert graded(400.0, 0.0, limits, 20.0, 10.0) == Profile()
