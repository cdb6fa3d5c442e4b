"""Weather that changes while a scene is recorded: a shower passes over, fog lifts, dusk falls.

What takes half an hour outside is told in the seconds of a scene: sky, road and sun run faster than
the traffic. How much faster stands in `Course.minutes`; `minutes=0` of the plugin leaves the sun where it is.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from itertools import pairwise

import numpy as np

from drivegen.core.errors import ConfigError
from drivegen.core.plans import WeatherPlan
from drivegen.core.weather import Weather, WeatherKeyframe
from drivegen.core.weather_course import between
from drivegen_generators.weather.daylight import Daylight, checked
from drivegen_generators.weather.presets import PRESETS, Presets
from drivegen_generators.weather.sun import SunPosition

DRIES = 0.8
"""Of the film of water, what is left at the next stage without rain; puddles lose half as much."""

_NAMES = tuple(f.name for f in fields(Weather))

STEPS = 8
"""Keyframes that the path of the sun is cut into, beside those of the sky."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One way for weather to go on."""

    stages: tuple[tuple[float, str], ...]
    """(share of the scene, preset whose sky holds there), from 0 to 1."""
    minutes: float
    """That it takes outside."""
    altitude_deg: float | None = None
    """Of the sun at the beginning; by the hour asked for without it."""
    morning: bool = False


COURSES: dict[str, Course] = {
    "shower": Course(
        stages=(
            (0.0, "cloudy"),
            (0.2, "overcast"),
            (0.4, "heavy_rain"),
            (0.6, "light_rain"),
            (0.75, "after_rain"),
            (1.0, "after_rain"),
        ),
        minutes=30.0,
    ),
    "rain_sets_in": Course(
        stages=((0.0, "overcast"), (0.5, "light_rain"), (1.0, "heavy_rain")), minutes=30.0
    ),
    "fog_lifts": Course(stages=((0.0, "fog"), (0.7, "cloudy"), (1.0, "cloudy")), minutes=60.0),
    "fog_forms": Course(stages=((0.0, "clear"), (1.0, "fog")), minutes=60.0),
    "dust_comes": Course(stages=((0.0, "cloudy"), (0.6, "dust"), (1.0, "dust")), minutes=15.0),
    "clouds_pass": Course(stages=((0.0, "clear"), (0.5, "overcast"), (1.0, "clear")), minutes=20.0),
    "dusk_falls": Course(stages=((0.0, "clear"), (1.0, "clear")), minutes=70.0, altitude_deg=6.0),
    "dawn_breaks": Course(
        stages=((0.0, "clear"), (1.0, "clear")), minutes=70.0, altitude_deg=-8.0, morning=True
    ),
}


class Sequences:
    """Draws weather that changes; an entry of `weather.presets` is one of `COURSES`, or a still preset.

    Args:
        duration_s: Of the scene; the course ends with it.
        update_s: The simulator is told so often; a sky that changes costs it time.
        minutes: That pass outside in all courses; each its own when absent.
        variation: As `Presets` has it.
        utc_offset_h: Of local time; the zone of the place's longitude when absent.
        year: In which the day counts.
    """

    def __init__(
        self,
        *,
        duration_s: float,
        update_s: float = 0.5,
        minutes: float | None = None,
        variation: float = 1.0,
        utc_offset_h: float | None = None,
        year: int = 2026,
    ) -> None:
        self._duration_s = checked("duration_s", duration_s, 0.1, 3600.0)
        self._update_s = checked("update_s", update_s, 0.01, 60.0)
        self._minutes = None if minutes is None else checked("minutes", minutes, 0.0, 600.0)
        self._presets = Presets(variation=variation, utc_offset_h=utc_offset_h, year=year)
        self._utc_offset_h, self._year = utc_offset_h, year

    def plan(
        self,
        rng: np.random.Generator,
        preset: str,
        hour: float,
        day_of_year: int,
        latitude_deg: float,
        longitude_deg: float,
    ) -> WeatherPlan:
        """The course of the weather from a local time on.

        Raises:
            ConfigError: The course is unknown, or a number is out of range.
        """
        if preset in PRESETS:
            return self._presets.plan(rng, preset, hour, day_of_year, latitude_deg, longitude_deg)
        if preset not in COURSES:
            known = ", ".join([*COURSES, *PRESETS])
            raise ConfigError(f"weather sequence {preset!r} is unknown; there are {known}")
        checked("hour", hour, 0.0, 24.0)
        checked("day_of_year", day_of_year, 1, 366)
        checked("latitude_deg", latitude_deg, -90.0, 90.0)
        checked("longitude_deg", longitude_deg, -180.0, 180.0)
        course = COURSES[preset]
        day = Daylight.of(
            self._year, day_of_year, latitude_deg, longitude_deg, utc_offset_h=self._utc_offset_h
        )
        if course.altitude_deg is not None:
            hour = day.hour_at(course.altitude_deg, morning=course.morning, what=f"weather {preset!r}")
        skies = self._skies(rng, course, day.sun(hour))
        hours = (course.minutes if self._minutes is None else self._minutes) / 60.0
        shares = sorted({share for share, _ in course.stages} | {i / STEPS for i in range(STEPS + 1)})
        weathers = [_sky_at(skies, share) for share in shares]
        suns = [day.sun(hour + share * hours) for share in shares]
        moving = [
            replace(w, sun_azimuth_deg=round(s.azimuth_deg, 3), sun_altitude_deg=round(s.altitude_deg, 3))
            for w, s in zip(weathers, suns, strict=True)
        ]
        return WeatherPlan(
            preset=preset,
            hour=round(hour, 4),
            parameters=moving[0],
            keyframes=tuple(
                WeatherKeyframe(time_s=round(share * self._duration_s, 4), parameters=w)
                for share, w in zip(shares[1:], moving[1:], strict=True)
            ),
            update_s=self._update_s,
            day_of_year=day_of_year,
        )

    def _skies(
        self, rng: np.random.Generator, course: Course, sun: SunPosition
    ) -> list[tuple[float, Weather]]:
        """The sky of each stage. A preset that comes again is the same sky, but for the water on the road: no
        road dries while it rains, and a wet one dries slowly after it."""
        drawn: dict[str, Weather] = {}
        skies: list[tuple[float, Weather]] = []
        for share, name in course.stages:
            if name not in drawn:
                drawn[name] = self._presets.sky(rng, PRESETS[name], sun)
            sky = drawn[name]
            if skies and skies[-1][1].wetness > 0.0:
                wet, pools = skies[-1][1].wetness, skies[-1][1].precipitation_deposits
                if sky.precipitation > 0.0:
                    wet, pools = max(wet, sky.wetness), max(pools, sky.precipitation_deposits)
                else:
                    wet, pools = round(DRIES * wet, 3), round(DRIES**0.5 * pools, 3)
                sky = replace(sky, wetness=wet, precipitation_deposits=pools)
            skies.append((share, sky))
        return skies


def _sky_at(skies: list[tuple[float, Weather]], share: float) -> Weather:
    """The sky between two stages; to three digits, as presets have theirs."""
    for (start, before), (end, after) in pairwise(skies):
        if share <= end:
            values = between(before, after, (share - start) / (end - start))
            return Weather(**{n: round(getattr(values, n), 4) for n in _NAMES})
    return skies[-1][1]
