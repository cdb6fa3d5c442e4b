"""Weather as Beijing has it: month, hour, and parameters that belong together.

A day has rain, fog, haze, dust, or none of them, as often as the month's numbers say; the hour decides
whether the scene sees it. Means of the month are kept: what a kind of day has more of, others have less of.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from drivegen.core.errors import ConfigError
from drivegen.core.plans import WeatherPlan
from drivegen.core.weather import (
    RAIN_AT_FULL_MMPH,
    Weather,
    dust_storm_percent,
    fog_density_percent,
)
from drivegen_generators.weather import beijing
from drivegen_generators.weather.beijing import DAYS, MONTHS, Month, mean_of_rest, month_of
from drivegen_generators.weather.daylight import Daylight, checked

KINDS = ("rain", "after_rain", "fog", "haze", "dust", "clear", "cloudy", "overcast")
"""What a scene sees; `any` leaves it to the climate."""

WIND_AT_FULL_MPS = 20.0
"""Wind at CARLA's wind intensity of 100 per cent: a gale (Beaufort 8 ends at 20.7 m/s); assumed."""
CLEAR_VISIBILITY_M = (12_000.0, 40_000.0)
"""In damp and in dry air without fog, haze and dust; assumed."""
WET_FROM = 0.2
"""Share of wetness from which a road after rain is called wet."""
FILM_MM, PUDDLE_MM = 0.3, 8.0
"""Rain that wets a road, and fills its hollows, to 1 - 1/e; assumed."""
CLEAR_BELOW, OVERCAST_FROM = 0.3, 0.8
"""Cover: CMA calls up to 2 tenths clear, 3 to 7 cloudy, 8 and more overcast."""
TRIES = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The weather of a moment in physical units."""

    kind: str
    """One of `KINDS`."""
    day_of_year: int
    hour: float
    """Local."""
    day_kind: str
    """rain, fog, haze, dust or dry."""
    day_rain_mm: float
    rain_mmph: float
    wet_share: float
    """Of a film of water on the road, 0..1."""
    puddle_share: float
    cloud_share: float
    wind_mps: float
    humidity_percent: float
    visibility_m: float

    def weather(self, day: Daylight, texture: float) -> Weather:
        """CARLA's parameters. `texture` (0..1) is what the climate leaves open: how high fog reaches."""
        sun = day.sun(self.hour)
        dusty = self.kind == "dust"
        thick = 1.0 - math.log(self.visibility_m / 1000.0) / math.log(10.0)
        mie = {"haze": 0.12 + 0.2 * max(0.0, min(1.0, thick)), "dust": 0.3 + 0.2 * max(0.0, min(1.0, thick))}
        return Weather(
            cloudiness=_percent(self.cloud_share),
            precipitation=_percent(self.rain_mmph / RAIN_AT_FULL_MMPH),
            precipitation_deposits=_percent(self.puddle_share),
            wind_intensity=_percent(self.wind_mps / WIND_AT_FULL_MPS),
            sun_azimuth_deg=round(sun.azimuth_deg, 3),
            sun_altitude_deg=round(sun.altitude_deg, 3),
            fog_density=0.0 if dusty else round(fog_density_percent(self.visibility_m), 3),
            fog_distance_m=0.0,
            fog_falloff=round(0.02 + 0.1 * texture, 4),
            wetness=_percent(self.wet_share),
            mie_scattering_scale=round(mie.get(self.kind, 0.03), 4),
            dust_storm=round(dust_storm_percent(self.visibility_m), 3) if dusty else 0.0,
        )


def _percent(share: float) -> float:
    return round(100.0 * min(max(share, 0.0), 1.0), 3)


class Climate:
    """Draws the weather of a scene from Beijing's climatology.

    A scene's entry in `weather.presets` is `any`, or one of `KINDS`: then only the weather of that kind is
    drawn, in months that have it.

    Args:
        day: `year` draws the day, `given` takes `weather.day_of_year`.
        months: 1 to 12, that a drawn day may lie in; all when absent.
        hour: `demand` draws it as traffic has it, `uniform` evenly, `given` takes `weather.hours`.
        utc_offset_h: Of local time; the zone of the place's longitude when absent.
        year: In which the day counts.
    """

    def __init__(
        self,
        *,
        day: Literal["year", "given"] = "year",
        months: list[int] | None = None,
        hour: Literal["demand", "uniform", "given"] = "demand",
        utc_offset_h: float | None = None,
        year: int = 2026,
    ) -> None:
        if day not in ("year", "given"):
            raise ConfigError(f"weather day is {day!r}; year or given is wanted")
        if hour not in ("demand", "uniform", "given"):
            raise ConfigError(f"weather hour is {hour!r}; demand, uniform or given is wanted")
        self._months = [int(checked("months", m, 1, 12)) - 1 for m in (months or range(1, 13))]
        self._day, self._hour = day, hour
        self._utc_offset_h = (
            None if utc_offset_h is None else checked("utc_offset_h", utc_offset_h, -12.0, 14.0)
        )
        self._year = int(checked("year", year, 1950, 2050))

    def plan(
        self,
        rng: np.random.Generator,
        preset: str,
        hour: float,
        day_of_year: int,
        latitude_deg: float,
        longitude_deg: float,
    ) -> WeatherPlan:
        """The weather of a scene; `preset` is a kind of weather or `any`.

        Raises:
            ConfigError: The kind is unknown, none of the months has it, or a number is out of range.
        """
        checked("latitude_deg", latitude_deg, -90.0, 90.0)
        checked("longitude_deg", longitude_deg, -180.0, 180.0)
        moment = self.moment(rng, preset, hour, day_of_year)
        day = Daylight.of(
            self._year, moment.day_of_year, latitude_deg, longitude_deg, utc_offset_h=self._utc_offset_h
        )
        return WeatherPlan(
            preset=moment.kind,
            hour=round(moment.hour, 4),
            parameters=moment.weather(day, float(rng.random())),
            day_of_year=moment.day_of_year,
        )

    def moment(
        self, rng: np.random.Generator, kind: str = "any", hour: float = 12.0, day_of_year: int = 172
    ) -> Moment:
        """A moment in physical units; raises as `plan` does."""
        if kind != "any" and kind not in KINDS:
            raise ConfigError(f"weather {kind!r} is unknown; there are any, {', '.join(KINDS)}")
        checked("hour", hour, 0.0, 24.0)
        checked("day_of_year", day_of_year, 1, 366)
        self._check_kind(kind, day_of_year)
        # Drawn until it is what is wanted: so a kind has just the days, hours and strengths that it has
        # in the climate.
        for _ in range(TRIES):
            drawn = self._draw(rng, kind, hour, day_of_year)
            if kind in ("any", drawn.kind):
                return drawn
        raise ConfigError(f"weather {kind!r}: not once in {TRIES} draws at that day and hour; choose others")

    def _check_kind(self, kind: str, day_of_year: int) -> None:
        months = self._months if self._day == "year" else [month_of(day_of_year)]
        if kind in ("fog", "haze", "dust") and not any(_share_of(MONTHS[m], kind) for m in months):
            names = [i + 1 for i, m in enumerate(MONTHS) if _share_of(m, kind) > 0.0]
            raise ConfigError(f"weather {kind!r}: not in these months; months {names} have it")

    def _draw(self, rng: np.random.Generator, wanted: str, hour: float, day_of_year: int) -> Moment:
        day_kinds = {"any": None, "after_rain": "rain"}.get(wanted, wanted)
        if self._day == "year":
            weights = np.array([DAYS[m] * _share_of(MONTHS[m], day_kinds) for m in self._months])
            month = self._months[_choose(rng, weights)]
            day_of_year = sum(DAYS[:month]) + 1 + int(rng.integers(DAYS[month]))
        if self._hour == "demand":
            hour = _choose(rng, np.array(beijing.DEMAND)) + float(rng.random())
        elif self._hour == "uniform":
            hour = 24.0 * float(rng.random())
        month_means = MONTHS[month_of(day_of_year)]
        day_kind = _day_kind(rng, month_means, day_kinds)
        return _moment(rng, month_means, day_kind, day_of_year, hour)


def _share_of(month: Month, kind: str | None) -> float:
    """Of days of a kind; 1 where the kind does not matter."""
    days = {"rain": month.rain_days, "fog": month.fog_days, "haze": month.haze_days, "dust": month.dust_days}
    return days[kind] / month.days if kind in days else 1.0


def _day_kind(rng: np.random.Generator, month: Month, wanted: str | None) -> str:
    draw = float(rng.random())
    if wanted in ("rain", "fog", "haze", "dust"):
        return wanted
    for kind in ("rain", "fog", "haze", "dust"):
        draw -= _share_of(month, kind)
        if draw < 0.0:
            return kind
    return "dry"


def _moment(rng: np.random.Generator, month: Month, day_kind: str, day_of_year: int, hour: float) -> Moment:
    rains, mm, mmph, fallen_mm, dry_h = _rain(rng, month, day_kind)
    wind = _wind_mps(rng, month, day_kind)
    humidity = _humidity(rng, month, day_kind)
    cloud = _cloud(rng, month, rains)
    drying_h = beijing.DRYING_H / ((0.5 + 0.5 * wind / 2.3) * (1.4 - 0.8 * cloud))
    wet = (1.0 - math.exp(-fallen_mm / FILM_MM)) * math.exp(-dry_h / drying_h)
    puddles = (1.0 - math.exp(-fallen_mm / PUDDLE_MM)) * math.exp(-dry_h / (3.0 * drying_h))
    kind = "clear" if cloud < CLEAR_BELOW else "cloudy" if cloud < OVERCAST_FROM else "overcast"
    if rains:
        kind = "rain"
    elif wet >= WET_FROM:
        kind = "after_rain"
    elif day_kind == "haze" or (day_kind == "fog" and _within(hour, beijing.FOG_HOURS)):
        kind = day_kind
    elif day_kind == "dust" and _within(hour, beijing.DUST_HOURS):
        kind = "dust"
    return Moment(
        kind=kind,
        day_of_year=day_of_year,
        hour=hour,
        day_kind=day_kind,
        day_rain_mm=mm,
        rain_mmph=mmph,
        wet_share=wet,
        puddle_share=puddles,
        cloud_share=cloud,
        wind_mps=wind,
        humidity_percent=humidity,
        visibility_m=_visibility_m(rng, kind, humidity),
    )


def _rain(rng: np.random.Generator, month: Month, day_kind: str) -> tuple[bool, float, float, float, float]:
    """(whether it rains, mm of the day, mm an hour, mm fallen so far, hours since it ended).

    Rain of the day falls at one rate in one piece; a moment lies in it as likely as it is long, so that the
    mean over moments is the month's.
    """
    if day_kind != "rain":
        return False, 0.0, 0.0, 0.0, 0.0
    mean_mm = month.rain_mm / month.rain_days
    mm = float(rng.gamma(beijing.RAIN_SHAPE, mean_mm / beijing.RAIN_SHAPE))
    hours = min(max(float(rng.gamma(2.0, month.rain_hours / 2.0)), 0.25), 24.0)
    if float(rng.random()) < hours / 24.0:
        return True, mm, mm / hours, mm * float(rng.random()), 0.0
    if float(rng.random()) < 0.5:
        return False, mm, 0.0, mm, float(rng.uniform(0.0, 24.0 - hours))
    return False, mm, 0.0, 0.0, 0.0


def _wind_mps(rng: np.random.Generator, month: Month, day_kind: str) -> float:
    if day_kind == "fog":
        most = beijing.FOG_WIND_MOST_MPS
        return most * _beta(rng, beijing.FOG_WIND_MPS / most, 5.0)
    if day_kind == "haze":
        most = beijing.HAZE_WIND_MOST_MPS
        return most * _beta(rng, beijing.HAZE_WIND_MPS / most, 5.0)
    if day_kind == "dust":
        least = beijing.DUST_WIND_LEAST_MPS
        return least + float(rng.gamma(2.0, (beijing.DUST_WIND_MPS - least) / 2.0))
    mean = mean_of_rest(
        month.wind_mps,
        (
            (_share_of(month, "fog"), beijing.FOG_WIND_MPS),
            (_share_of(month, "haze"), beijing.HAZE_WIND_MPS),
            (_share_of(month, "dust"), beijing.DUST_WIND_MPS),
        ),
    )
    shape = beijing.WIND_SHAPE
    return mean / math.gamma(1.0 + 1.0 / shape) * float(rng.weibull(shape))


def _humidity(rng: np.random.Generator, month: Month, day_kind: str) -> float:
    most = beijing.HAZE_HUMIDITY_MOST
    haze = min(month.humidity_percent + beijing.HAZE_DAMPER, most - 8.0)
    means = {"rain": beijing.RAIN_HUMIDITY, "fog": beijing.FOG_HUMIDITY, "dust": beijing.DUST_HUMIDITY}
    if day_kind == "haze":
        return most * _beta(rng, haze / most, 15.0)
    if day_kind in means:
        return 100.0 * _beta(rng, means[day_kind] / 100.0, 40.0)
    parts = ((_share_of(month, "haze"), haze), *((_share_of(month, k), m) for k, m in means.items()))
    return 100.0 * _beta(rng, mean_of_rest(month.humidity_percent, parts) / 100.0, 10.0)


def _cloud(rng: np.random.Generator, month: Month, rains: bool) -> float:
    if rains:
        return _beta(rng, beijing.RAIN_CLOUD, 20.0)
    raining = month.rain_day_share * month.rain_hours / 24.0
    mean = mean_of_rest(1.0 - month.sunshine_share, ((raining, beijing.RAIN_CLOUD),))
    return _beta(rng, mean, beijing.CLOUD_SPREAD)


def _visibility_m(rng: np.random.Generator, kind: str, humidity: float) -> float:
    """Of fog, haze and dust log-uniform; damp haze is thicker."""
    draw = float(rng.random())
    ranges = {
        "fog": beijing.FOG_VISIBILITY_M,
        "haze": beijing.HAZE_VISIBILITY_M,
        "dust": beijing.DUST_VISIBILITY_M,
    }
    low, high = ranges.get(kind, CLEAR_VISIBILITY_M)
    share = draw
    if kind == "haze":
        share = 0.5 * draw + 0.5 * (1.0 - humidity / beijing.HAZE_HUMIDITY_MOST)
    elif kind not in ranges:
        share = 0.3 * draw + 0.7 * (1.0 - humidity / 100.0)
    return low * (high / low) ** share


def _within(hour: float, span: tuple[float, float]) -> bool:
    first, last = span
    return first <= hour < last if first < last else hour >= first or hour < last


def _beta(rng: np.random.Generator, mean: float, spread: float) -> float:
    return float(rng.beta(mean * spread, (1.0 - mean) * spread))


def _choose(rng: np.random.Generator, weights: np.ndarray) -> int:
    sums = np.cumsum(weights)
    return min(int(np.searchsorted(sums, rng.random() * sums[-1], side="right")), len(sums) - 1)
