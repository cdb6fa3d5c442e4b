import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivegen.core.degradation import Degradation
from drivegen.core.errors import ConfigError
from drivegen.core.rng import derive_rng
from drivegen.core.weather import Weather, dust_storm_percent, fog_density_percent
from drivegen.record.degradation.atmosphere import Atmosphere
from drivegen_generators.weather.beijing import DAYS, MONTHS, mean_of_rest, month_of
from drivegen_generators.weather.climate import KINDS, Climate, Moment

BEIJING = (39.795, 116.506)
FIRST_OF_MONTH = [1 + sum(DAYS[:m]) for m in range(12)]


@pytest.fixture(scope="module")
def year() -> list[Moment]:
    climate = Climate(hour="uniform")
    return [climate.moment(derive_rng(7, i)) for i in range(6000)]


def month_draws(month: int, count: int = 2000) -> list[Moment]:
    climate = Climate(day="given", hour="uniform")
    return [climate.moment(derive_rng(11, month, i), day_of_year=FIRST_OF_MONTH[month]) for i in range(count)]


def agrees(values: list[float], mean: float) -> bool:
    """Within four standard errors."""
    sample = np.asarray(values, float)
    return bool(abs(sample.mean() - mean) < 4.0 * sample.std() / math.sqrt(len(sample)))


@pytest.mark.parametrize("month", [0, 3, 6, 9])
def test_means_of_2000_draws_are_those_of_the_month(month: int) -> None:
    means, draws = MONTHS[month], month_draws(month)
    assert agrees([m.day_kind == "rain" for m in draws], means.rain_days / means.days)
    assert agrees([m.day_rain_mm for m in draws], means.rain_mm / means.days)
    assert agrees([m.rain_mmph * 24.0 for m in draws], means.rain_mm / means.days)
    assert agrees([1.0 - m.cloud_share for m in draws], means.sunshine_share)
    assert agrees([m.wind_mps for m in draws], means.wind_mps)
    assert agrees([m.humidity_percent for m in draws], means.humidity_percent)
    assert agrees([m.day_kind == "haze" for m in draws], means.haze_days / means.days)


def test_another_month_would_not_agree() -> None:
    july = month_draws(6)
    assert not agrees([m.day_rain_mm for m in july], MONTHS[9].rain_mm / MONTHS[9].days)
    assert not agrees([1.0 - m.cloud_share for m in july], MONTHS[0].sunshine_share)
    assert not agrees([m.wind_mps for m in july], MONTHS[3].wind_mps)


def test_what_belongs_together_comes_together(year: list[Moment]) -> None:
    by_kind = {k: [m for m in year if m.kind == k] for k in KINDS}
    assert all(len(v) > 10 for v in by_kind.values()), {k: len(v) for k, v in by_kind.items()}

    def mean(kind: str, name: str) -> float:
        return float(np.mean([getattr(m, name) for m in by_kind[kind]]))

    assert max(m.wind_mps for m in by_kind["fog"]) <= 2.5
    assert max(m.wind_mps for m in by_kind["haze"]) <= 3.0
    assert min(m.wind_mps for m in by_kind["dust"]) >= 6.0
    assert mean("fog", "humidity_percent") > 90.0
    assert mean("dust", "humidity_percent") < 40.0
    assert mean("rain", "cloud_share") > 0.85 > mean("haze", "cloud_share") + 0.2
    dusty = [month_of(m.day_of_year) for m in by_kind["dust"]]
    assert sum(m in (2, 3, 4) for m in dusty) > 0.6 * len(dusty)
    winter = [m for m in by_kind["haze"] if month_of(m.day_of_year) in (0, 1, 10, 11)]
    others = [m for m in year if m.kind == "clear" and month_of(m.day_of_year) in (0, 1, 10, 11)]
    assert len(winter) > 0.4 * len(by_kind["haze"])
    assert np.mean([m.humidity_percent for m in winter]) > np.mean([m.humidity_percent for m in others]) + 10
    assert all(m.wet_share > 0.0 and m.rain_mmph == 0.0 for m in by_kind["after_rain"])
    assert all(m.wet_share == 0.0 for m in year if m.day_kind != "rain")
    damp = np.corrcoef(
        [(m.humidity_percent, math.log(m.visibility_m)) for m in by_kind["haze"]], rowvar=False
    )[0, 1]
    assert damp < -0.3


def test_roads_dry_with_time_and_puddles_later() -> None:
    climate = Climate(day="given", hour="uniform")
    draws = [climate.moment(derive_rng(3, i), "after_rain", day_of_year=200) for i in range(200)]
    heavy = [m for m in draws if m.day_rain_mm > 10.0]
    ages = [-math.log(m.wet_share) for m in heavy]
    left = [-math.log(m.puddle_share / (1 - math.exp(-m.day_rain_mm / 8.0))) for m in heavy]
    assert np.allclose(np.array(left) * 3.0, ages, atol=1e-6)
    assert np.ptp(ages) > 0.5


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**31), st.sampled_from(["any", *KINDS]), st.sampled_from(["demand", "uniform"]))
def test_equal_seeds_give_equal_plans_within_carlas_ranges(seed: int, kind: str, hour: str) -> None:
    climate = Climate(hour=hour)  # type: ignore[arg-type]
    plan = climate.plan(derive_rng(seed), kind, 12.0, 172, *BEIJING)
    assert plan == Climate(hour=hour).plan(derive_rng(seed), kind, 12.0, 172, *BEIJING)  # type: ignore[arg-type]
    assert kind in ("any", plan.preset)
    weather = plan.parameters
    for name in ("cloudiness", "precipitation", "precipitation_deposits", "wind_intensity", "wetness"):
        assert 0.0 <= getattr(weather, name) <= 100.0
    assert 0.0 <= weather.fog_density <= 100.0 and 0.0 <= weather.dust_storm <= 100.0
    if plan.preset == "fog":
        assert weather.wind_intensity <= 12.5
        air = Atmosphere.of(weather, Degradation())
        assert 45.0 < air.fog_visibility_m < 1000.0
    if plan.preset == "rain":
        assert weather.cloudiness > 40.0


def test_visibility_is_what_the_sensor_models_make_of_it() -> None:
    for visibility_m in (60.0, 500.0, 5000.0, 30_000.0):
        fog = Atmosphere.of(Weather(fog_density=fog_density_percent(visibility_m)), Degradation())
        assert fog.fog_visibility_m == pytest.approx(visibility_m, rel=1e-6)
    for visibility_m in (200.0, 1000.0, 9000.0):
        dust = Atmosphere.of(Weather(dust_storm=dust_storm_percent(visibility_m)), Degradation())
        assert dust.dust_visibility_m == pytest.approx(visibility_m, rel=1e-6)
    assert fog_density_percent(1.0) == dust_storm_percent(1.0) == 100.0


def test_days_and_hours_are_drawn_or_taken() -> None:
    winter = Climate(months=[12, 1, 2], hour="given")
    days = [winter.plan(derive_rng(i), "any", 9.5, 172, *BEIJING) for i in range(40)]
    assert {month_of(p.day_of_year or 0) for p in days} == {0, 1, 11}
    assert {p.hour for p in days} == {9.5}
    peaks = [Climate().moment(derive_rng(i)).hour for i in range(600)]
    assert sum(7 <= h < 9 or 17 <= h < 19 for h in peaks) > 3 * sum(h < 4 for h in peaks)


def test_refusals() -> None:
    with pytest.raises(ConfigError, match=r"not in these months; months \[1, 2"):
        Climate(months=[7, 8]).plan(derive_rng(1), "dust", 12.0, 172, *BEIJING)
    with pytest.raises(ConfigError, match="unknown"):
        Climate().plan(derive_rng(1), "snow", 12.0, 172, *BEIJING)
    with pytest.raises(ConfigError, match="months"):
        Climate(months=[13])
    with pytest.raises(ConfigError, match="day is"):
        Climate(day="week")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="at that day and hour"):
        Climate(hour="given").plan(derive_rng(1), "fog", 14.0, 172, *BEIJING)


def test_kinds_of_days_leave_room_for_dry_ones() -> None:
    assert all(m.dry_share > 0.3 for m in MONTHS)
    assert sum(m.rain_mm for m in MONTHS) == pytest.approx(572.1)
    assert mean_of_rest(10.0, ((0.5, 4.0),)) == pytest.approx(16.0)
    assert [month_of(d) for d in (1, 31, 32, 365, 366)] == [0, 0, 1, 11, 11]
