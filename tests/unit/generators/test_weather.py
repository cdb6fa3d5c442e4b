from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest

from drivegen.core.errors import ConfigError
from drivegen.core.rng import derive_rng
from drivegen_generators.weather.presets import PRESETS, Presets
from drivegen_generators.weather.sun import right_ascension_declination, sun_position

BEIJING = (39.795, 116.506)


def test_sun_of_reda_and_andreas():
    # NREL/TP-560-34302, appendix: Golden, 17 October 2003, 12:30:30 at UTC-7; altitude before refraction.
    moment = datetime(2003, 10, 17, 12, 30, 30, tzinfo=timezone(timedelta(hours=-7)))
    sun = sun_position(moment, 39.742476, -105.1786)
    assert sun.altitude_deg == pytest.approx(39.872046, abs=0.02)
    assert sun.azimuth_deg == pytest.approx(194.340241, abs=0.02)


def test_sun_of_meeus():
    # Astronomical Algorithms, example 25.a: 13 October 1992, 0 h.
    ascension, declination = right_ascension_declination(datetime(1992, 10, 13, tzinfo=UTC))
    assert ascension == pytest.approx(198.38083, abs=0.02)
    assert declination == pytest.approx(-7.78507, abs=0.02)


def test_noon_at_the_solstice_in_beijing():
    altitudes = [
        sun_position(datetime(2026, 6, 21, 4, m, tzinfo=UTC), *BEIJING).altitude_deg for m in range(60)
    ]
    assert max(altitudes) == pytest.approx(90.0 - 39.795 + 23.44, abs=0.05)


def test_local_hour_is_that_of_the_zone():
    plan = Presets(variation=0.0).plan(derive_rng(1), "clear", 10.0, 172, *BEIJING)
    sun = sun_position(datetime(2026, 6, 21, 2, tzinfo=UTC), *BEIJING)
    assert plan.parameters.sun_altitude_deg == pytest.approx(sun.altitude_deg, abs=1e-3)
    assert plan.parameters.sun_azimuth_deg == pytest.approx(sun.azimuth_deg, abs=1e-3)
    assert plan.hour == 10.0
    shifted = Presets(variation=0.0, utc_offset_h=9.0).plan(derive_rng(1), "clear", 11.0, 172, *BEIJING)
    assert shifted.parameters == plan.parameters


@pytest.mark.parametrize(
    ("preset", "low", "high"), [("dawn", -3, 4), ("dusk", -4, 3), ("night", -26, -12), ("clear", 20, 90)]
)
def test_presets_of_a_time_of_day_move_the_hour(preset, low, high):
    plan = Presets().plan(derive_rng(3), preset, 10.0, 80, *BEIJING)
    assert low <= plan.parameters.sun_altitude_deg <= high
    again = sun_position(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=79, hours=plan.hour - 8), *BEIJING)
    assert again.altitude_deg == pytest.approx(plan.parameters.sun_altitude_deg, abs=0.01)
    if preset in ("dawn", "dusk"):
        assert (again.azimuth_deg < 180.0) == (preset == "dawn")


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_parameters_stay_within_carlas_ranges(preset):
    for seed in range(20):
        weather = Presets().plan(derive_rng(seed), preset, 12.0, 200, *BEIJING).parameters
        for name in (
            "cloudiness",
            "precipitation",
            "precipitation_deposits",
            "wind_intensity",
            "fog_density",
            "wetness",
            "dust_storm",
        ):
            assert 0.0 <= getattr(weather, name) <= 100.0
        assert -90.0 <= weather.sun_altitude_deg <= 90.0
        assert 0.0 <= weather.sun_azimuth_deg <= 360.0


def test_the_same_generator_state_gives_the_same_weather():
    plans = [Presets().plan(derive_rng(5, "w"), "light_rain", 9.0, 100, *BEIJING) for _ in range(2)]
    assert plans[0] == plans[1]
    assert Presets().plan(derive_rng(6, "w"), "light_rain", 9.0, 100, *BEIJING) != plans[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("sunny", 10.0, 172, *BEIJING), "'sunny' is unknown; there are clear, "),
        (("clear", 24.5, 172, *BEIJING), "hour is 24.5"),
        (("clear", 10.0, 0, *BEIJING), "day_of_year is 0"),
        (("clear", 10.0, 172, 95.0, 0.0), "latitude_deg is 95.0"),
        (("clear", 10.0, 172, 0.0, float("nan")), "longitude_deg is nan"),
        (("night", 10.0, 172, 78.0, 15.0), "'night': the sun is never"),
    ],
)
def test_bad_input_is_named(arguments, message):
    with pytest.raises(ConfigError, match=message):
        Presets().plan(np.random.default_rng(0), *arguments)


@pytest.mark.parametrize("options", [{"variation": 1.5}, {"utc_offset_h": 20}, {"year": 1900}])
def test_bad_options_are_named(options):
    with pytest.raises(ConfigError, match=next(iter(options))):
        Presets(**options)
