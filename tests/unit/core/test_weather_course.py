from dataclasses import replace

import pytest

from drivegen.core.errors import PlanError
from drivegen.core.plain import from_plain, to_plain
from drivegen.core.plans import WeatherPlan
from drivegen.core.weather import Weather, WeatherKeyframe
from drivegen.core.weather_course import WeatherCourse, between

DRY = Weather(precipitation=0.0, wetness=10.0, sun_azimuth_deg=350.0)
WET = Weather(precipitation=40.0, wetness=90.0, sun_azimuth_deg=10.0)


def plan(*keyframes: tuple[float, Weather], update_s: float = 0.5) -> WeatherPlan:
    return WeatherPlan(
        preset="shower",
        hour=10.0,
        parameters=DRY,
        keyframes=tuple(WeatherKeyframe(time_s=t, parameters=w) for t, w in keyframes),
        update_s=update_s,
    )


def test_lines_between_keyframes_and_the_last_holds():
    course = WeatherCourse.of(plan((4.0, WET), (8.0, DRY)))
    assert course.exact(-3.0) == course.exact(0.0) == DRY
    assert course.exact(1.0).precipitation == pytest.approx(10.0)
    assert course.exact(4.0) == WET
    assert course.exact(6.0).wetness == pytest.approx(50.0)
    assert course.exact(8.0) == course.exact(100.0) == DRY


def test_the_sun_goes_the_short_way_round():
    assert between(DRY, WET, 0.25).sun_azimuth_deg == pytest.approx(355.0)
    assert between(DRY, WET, 0.75).sun_azimuth_deg == pytest.approx(5.0)
    assert between(WET, DRY, 0.25).sun_azimuth_deg == pytest.approx(5.0)


def test_weather_holds_between_updates():
    course = WeatherCourse.of(plan((4.0, WET)))
    assert course.at(0) == course.at(499_999_999) == DRY
    assert course.at(500_000_000) == course.at(950_000_000) == course.exact(0.5) != DRY
    assert course.at(-1) == DRY


def test_mean_and_change():
    assert not WeatherCourse.of(plan()).changes
    assert not WeatherCourse.of(plan((4.0, DRY))).changes
    course = WeatherCourse.of(plan((4.0, WET)))
    assert course.changes
    assert course.mean(8.0).precipitation == pytest.approx(30.0, abs=0.1)


@pytest.mark.parametrize("times", [(0.0,), (2.0, 2.0), (3.0, 1.0), (float("nan"),)])
def test_times_must_ascend(times):
    with pytest.raises(PlanError, match="ascend"):
        WeatherCourse.of(plan(*((t, WET) for t in times)))


@pytest.mark.parametrize("update_s", [0.0, -1.0, float("nan")])
def test_updates_take_time(update_s):
    with pytest.raises(PlanError, match="update_s"):
        WeatherCourse.of(plan(update_s=update_s))


def test_plans_without_keyframes_can_be_read():
    data = to_plain(plan((4.0, WET)))
    assert from_plain(WeatherPlan, data) == plan((4.0, WET))
    for name in ("keyframes", "update_s", "day_of_year"):
        del data[name]
    assert from_plain(WeatherPlan, data) == replace(plan(), keyframes=())
