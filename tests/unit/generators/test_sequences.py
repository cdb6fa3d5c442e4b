import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivegen.core.errors import ConfigError
from drivegen.core.rng import derive_rng
from drivegen.core.weather_course import WeatherCourse
from drivegen_generators.weather.presets import Presets
from drivegen_generators.weather.sequences import COURSES, Sequences

BEIJING = (39.795, 116.506)


def course(name: str, seed: int = 1, **params: float) -> WeatherCourse:
    plan = Sequences(duration_s=20.0, **params).plan(derive_rng(seed), name, 14.0, 172, *BEIJING)
    assert plan.preset == name
    return WeatherCourse.of(plan)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31), st.sampled_from(sorted(COURSES)))
def test_every_course_can_be_followed_and_is_the_seeds(seed: int, name: str) -> None:
    one, same = course(name, seed), course(name, seed)
    assert one == same
    assert one.keyframes[-1].time_s == 20.0
    assert one.changes
    for keyframe in one.keyframes:
        for field in ("cloudiness", "precipitation", "wetness", "fog_density", "dust_storm"):
            assert 0.0 <= getattr(keyframe.parameters, field) <= 100.0


def test_a_shower_wets_the_road_and_leaves_it_wet() -> None:
    shower = course("shower")
    assert shower.exact(0.0).precipitation == shower.exact(0.0).wetness == 0.0
    assert shower.exact(8.0).precipitation > 60.0
    assert shower.exact(20.0).precipitation == 0.0
    wet = [shower.exact(t / 2).wetness for t in range(41)]
    peak = wet.index(max(wet))
    assert wet[: peak + 1] == sorted(wet[: peak + 1])
    assert all(a >= b for a, b in zip(wet[peak:], wet[peak + 1 :], strict=False))
    assert 40.0 < wet[-1] < max(wet)


def test_fog_lifts_and_dust_comes() -> None:
    lifting = course("fog_lifts")
    assert lifting.exact(0.0).fog_density > 30.0
    assert lifting.exact(20.0).fog_density < 5.0
    assert course("dust_comes").exact(15.0).dust_storm > 35.0


def test_the_sun_moves_as_long_as_the_course_takes() -> None:
    dusk = course("dusk_falls")
    assert dusk.exact(0.0).sun_altitude_deg == pytest.approx(6.0, abs=0.01)
    assert dusk.exact(20.0).sun_altitude_deg < -5.0
    dawn = course("dawn_breaks")
    assert dawn.exact(0.0).sun_altitude_deg == pytest.approx(-8.0, abs=0.01)
    assert dawn.exact(20.0).sun_altitude_deg > 3.0
    still = course("shower", minutes=0.0)
    assert still.exact(20.0).sun_altitude_deg == still.exact(0.0).sun_altitude_deg
    # 30 minutes in June at 14 h in Beijing: the sun has passed noon and sinks by about 5.7 degrees.
    moving = course("shower")
    assert 4.0 < moving.exact(0.0).sun_altitude_deg - moving.exact(20.0).sun_altitude_deg < 7.0


def test_still_presets_go_through() -> None:
    one = Sequences(duration_s=20.0).plan(derive_rng(4), "haze", 9.0, 20, *BEIJING)
    assert one == Presets().plan(derive_rng(4), "haze", 9.0, 20, *BEIJING)
    assert not one.keyframes


def test_refusals() -> None:
    with pytest.raises(ConfigError, match="unknown"):
        course("blizzard")
    with pytest.raises(ConfigError, match="duration_s"):
        Sequences(duration_s=0.0)
    with pytest.raises(ConfigError, match="never"):
        Sequences(duration_s=5.0).plan(derive_rng(1), "dusk_falls", 12.0, 172, 85.0, 0.0)
