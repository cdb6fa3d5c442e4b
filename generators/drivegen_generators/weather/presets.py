"""Weather by name, with the sun where it stands at that place and hour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from drivegen.core.errors import ConfigError
from drivegen.core.plans import WeatherPlan
from drivegen.core.weather import Weather
from drivegen_generators.weather.daylight import Daylight, checked
from drivegen_generators.weather.sun import SunPosition

Range = tuple[float, float]
"""From, to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sky:
    """Ranges of CARLA's parameters, and when the sun must stand where."""

    cloudiness: Range = (0.0, 10.0)
    precipitation: Range = (0.0, 0.0)
    deposits: Range = (0.0, 0.0)
    wind: Range = (5.0, 20.0)
    fog_density: Range = (0.0, 2.0)
    fog_distance_m: Range = (60.0, 90.0)
    fog_falloff: Range = (0.2, 0.4)
    wetness: Range = (0.0, 0.0)
    mie: Range = (0.03, 0.05)
    dust: Range = (0.0, 0.0)
    altitude_deg: Range | None = None
    """The hour is moved to when the sun stands so high; as asked for without it."""
    morning: bool = False
    """Of the two hours with that altitude, the one before noon."""


PRESETS: dict[str, Sky] = {
    "clear": Sky(),
    "cloudy": Sky(cloudiness=(35.0, 65.0), wind=(10.0, 35.0)),
    "overcast": Sky(cloudiness=(80.0, 100.0), wind=(10.0, 40.0), fog_density=(2.0, 6.0)),
    "light_rain": Sky(
        cloudiness=(75.0, 95.0),
        precipitation=(15.0, 35.0),
        deposits=(20.0, 45.0),
        wind=(15.0, 45.0),
        fog_density=(3.0, 8.0),
        wetness=(40.0, 70.0),
    ),
    "heavy_rain": Sky(
        cloudiness=(92.0, 100.0),
        precipitation=(65.0, 95.0),
        deposits=(60.0, 90.0),
        wind=(40.0, 90.0),
        fog_density=(8.0, 16.0),
        fog_distance_m=(30.0, 60.0),
        wetness=(80.0, 100.0),
    ),
    "after_rain": Sky(cloudiness=(30.0, 70.0), deposits=(35.0, 70.0), wetness=(50.0, 90.0)),
    "fog": Sky(
        cloudiness=(50.0, 90.0),
        wind=(0.0, 8.0),
        fog_density=(35.0, 70.0),
        fog_distance_m=(2.0, 15.0),
        fog_falloff=(0.05, 0.2),
        wetness=(5.0, 25.0),
    ),
    "haze": Sky(
        cloudiness=(25.0, 60.0),
        wind=(0.0, 8.0),
        fog_density=(12.0, 28.0),
        fog_distance_m=(10.0, 35.0),
        fog_falloff=(0.02, 0.1),
        mie=(0.15, 0.4),
    ),
    "dust": Sky(
        cloudiness=(30.0, 70.0),
        wind=(60.0, 100.0),
        fog_density=(10.0, 25.0),
        fog_distance_m=(10.0, 30.0),
        mie=(0.3, 0.6),
        dust=(40.0, 90.0),
    ),
    "dawn": Sky(cloudiness=(5.0, 40.0), altitude_deg=(-3.0, 4.0), morning=True),
    "dusk": Sky(cloudiness=(5.0, 40.0), altitude_deg=(-4.0, 3.0)),
    "night": Sky(cloudiness=(0.0, 60.0), altitude_deg=(-26.0, -12.0)),
    "rainy_night": Sky(
        cloudiness=(80.0, 100.0),
        precipitation=(20.0, 60.0),
        deposits=(30.0, 70.0),
        wind=(15.0, 50.0),
        fog_density=(3.0, 10.0),
        wetness=(60.0, 95.0),
        altitude_deg=(-26.0, -12.0),
    ),
}


class Presets:
    """Draws CARLA's weather parameters around a preset.

    Args:
        variation: 1 draws from the whole range of each parameter, 0 takes its middle.
        utc_offset_h: Of local time; the zone of the place's longitude when absent.
        year: In which the day counts; the sun repeats within half a degree from year to year.
    """

    def __init__(
        self, *, variation: float = 1.0, utc_offset_h: float | None = None, year: int = 2026
    ) -> None:
        self._variation = checked("variation", variation, 0.0, 1.0)
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
        """The weather at a place and a local time.

        Presets of a time of day (dawn, dusk, night) move the hour to when the sun stands accordingly.

        Raises:
            ConfigError: The preset is unknown, or a number is out of range.
        """
        if preset not in PRESETS:
            raise ConfigError(f"weather preset {preset!r} is unknown; there are {', '.join(PRESETS)}")
        checked("hour", hour, 0.0, 24.0)
        checked("day_of_year", day_of_year, 1, 366)
        checked("latitude_deg", latitude_deg, -90.0, 90.0)
        checked("longitude_deg", longitude_deg, -180.0, 180.0)
        sky = PRESETS[preset]
        day = Daylight.of(
            self._year, day_of_year, latitude_deg, longitude_deg, utc_offset_h=self._utc_offset_h
        )
        if sky.altitude_deg is not None:
            altitude = self._draw(rng, sky.altitude_deg)
            hour = day.hour_at(altitude, morning=sky.morning, what=f"weather preset {preset!r}")
        return WeatherPlan(
            preset=preset,
            hour=round(hour, 4),
            parameters=self.sky(rng, sky, day.sun(hour)),
            day_of_year=day_of_year,
        )

    def sky(self, rng: np.random.Generator, sky: Sky, sun: SunPosition) -> Weather:
        """Parameters of a sky."""
        return Weather(
            cloudiness=self._draw(rng, sky.cloudiness),
            precipitation=self._draw(rng, sky.precipitation),
            precipitation_deposits=self._draw(rng, sky.deposits),
            wind_intensity=self._draw(rng, sky.wind),
            sun_azimuth_deg=round(sun.azimuth_deg, 3),
            sun_altitude_deg=round(sun.altitude_deg, 3),
            fog_density=self._draw(rng, sky.fog_density),
            fog_distance_m=self._draw(rng, sky.fog_distance_m),
            fog_falloff=self._draw(rng, sky.fog_falloff),
            wetness=self._draw(rng, sky.wetness),
            mie_scattering_scale=self._draw(rng, sky.mie),
            dust_storm=self._draw(rng, sky.dust),
        )

    def _draw(self, rng: np.random.Generator, between: Range) -> float:
        low, high = between
        share = 0.5 + self._variation * (float(rng.random()) - 0.5)
        return round(low + share * (high - low), 3)
