"""Weather and light of a scene as an environment of OpenSCENARIO."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta

from drivegen_generators.scenarios.actions import Action
from drivegen_generators.scenarios.xml import element
from drivegen_generators.text.configuration import YEAR, YIZHUANG_DEG, day_of, hour_of
from drivegen_generators.text.scene import Conditions, Sky
from drivegen_generators.weather.daylight import Daylight

_NOON = 12.0
_AIR = {
    # eighths of cloud, metres that one sees, mm/h, state of the road, friction, wind m/s
    Sky.CLEAR: ("oneOktas", 100_000, 0.0, "dry", 1.0, 3),
    Sky.CLOUDY: ("fourOktas", 50_000, 0.0, "dry", 1.0, 5),
    Sky.OVERCAST: ("eightOktas", 20_000, 0.0, "dry", 1.0, 5),
    Sky.LIGHT_RAIN: ("eightOktas", 4_000, 8.0, "wetWithPuddles", 0.75, 6),
    Sky.HEAVY_RAIN: ("eightOktas", 600, 30.0, "wetWithPuddles", 0.6, 12),
    Sky.AFTER_RAIN: ("fourOktas", 20_000, 0.0, "wetWithPuddles", 0.8, 3),
    Sky.FOG: ("eightOktas", 80, 0.0, "moist", 0.9, 1),
    Sky.HAZE: ("threeOktas", 1_500, 0.0, "dry", 1.0, 1),
    Sky.DUST: ("fourOktas", 1_000, 0.0, "dry", 0.95, 18),
    Sky.SNOW: ("eightOktas", 400, 3.0, "moist", 0.35, 4),
}
"""Cloud cover, visual range (m), rain or snow (mm/h), wetness, friction, wind (m/s): a choice."""


def environment(conditions: Conditions) -> Action:
    """The weather with the sun where it stands over the zone at that hour of that day."""
    sky = conditions.sky or Sky.CLEAR
    hour = hour_of(conditions)
    hour = _NOON if hour is None else hour
    day = day_of(conditions)
    sun = Daylight.of(YEAR, day, *YIZHUANG_DEG).sun(hour)
    clouds, sees_m, mmph, wetness, friction, wind_mps = _AIR[sky]
    moment = datetime(YEAR, 1, 1) + timedelta(days=day - 1, minutes=round(60 * min(hour, 23.98)))
    falls = "dry" if mmph == 0.0 else ("snow" if sky is Sky.SNOW else "rain")
    return element(
        "GlobalAction",
        element(
            "EnvironmentAction",
            element(
                "Environment",
                element("TimeOfDay", animation=False, dateTime=f"{moment:%Y-%m-%dT%H:%M:%S}"),
                element(
                    "Weather",
                    element(
                        "Sun",
                        azimuth=round(math.radians(sun.azimuth_deg) % math.tau, 4),
                        elevation=round(math.radians(sun.altitude_deg), 4),
                        illuminance=_illuminance(sun.altitude_deg),
                    ),
                    element("Fog", visualRange=sees_m),
                    element("Precipitation", precipitationType=falls, precipitationIntensity=mmph),
                    element("Wind", direction=0, speed=wind_mps),
                    atmosphericPressure=101300,
                    temperature=298,
                    fractionalCloudCover=clouds,
                ),
                element("RoadCondition", frictionScaleFactor=friction, wetness=wetness),
                name="said",
            ),
        ),
    )


def _illuminance(altitude_deg: float) -> float:
    """Of a clear sky, lux: a night's 0.1 below the horizon, coarsely by the sine above it."""
    return round(max(0.1, 100_000.0 * math.sin(math.radians(max(altitude_deg, 0.0)))), 1)


def told(conditions: Conditions) -> Mapping[str, str]:
    """Sky and hour in words, by what of them was asked."""
    said = {}
    if conditions.sky is not None:
        said[conditions.sky.value] = f"environment of {conditions.sky.value.replace('_', ' ')}"
    hour = hour_of(conditions)
    if hour is not None:
        name = conditions.time.value if conditions.hour is None and conditions.time else f"{hour:g} h"
        said[name] = f"{int(hour):02d}:{round(hour % 1 * 60) % 60:02d}, the sun where it stands then"
    if conditions.season is not None:
        said[conditions.season.value] = f"day {day_of(conditions)} of the year"
    return said
