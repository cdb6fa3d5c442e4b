"""A scenario's environment as CARLA's weather."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime

from drivegen.core.weather import RAIN_AT_FULL_MMPH, Weather, fog_density_percent
from drivegen.scenario.model.environment import Environment
from drivegen.scenario.model.environment import Weather as Given
from drivegen.scenario.model.names import CloudState, FractionalCloudCover, PrecipitationType, Wetness

_CLOUDS = {
    CloudState.FREE: 5.0,
    CloudState.CLOUDY: 60.0,
    CloudState.OVERCAST: 90.0,
    CloudState.RAINY: 90.0,
    CloudState.SKY_OFF: 0.0,
}
_WETNESS = {
    Wetness.DRY: (0.0, 0.0),
    Wetness.MOIST: (40.0, 0.0),
    Wetness.WET_WITH_PUDDLES: (80.0, 50.0),
    Wetness.LOW_FLOODED: (100.0, 80.0),
    Wetness.HIGH_FLOODED: (100.0, 100.0),
}
"""(wetness, deposits of water), per cent."""
_GALE_MPS = 30.0
"""Wind at an intensity of 100 per cent: a full storm (Beaufort 11)."""
_SEES_FAR_M = 20_000.0
"""From this visual range on there is no fog."""
_FAR_M = 100_000.0
_NOON_DEG = 65.0


def weather_of(environment: Environment, before: Weather) -> Weather:
    """CARLA's parameters; what the environment leaves out stays as it was.

    Temperature, pressure, illuminance and pictures of the sky have no counterpart. Where no sun is given its
    place follows from the time of day, coarsely: it rises at 6 in the east and sets at 18 in the west.
    """
    out = before
    if environment.time_of_day is not None and (
        environment.weather is None or environment.weather.sun is None
    ):
        out = _sun_at(out, environment.time_of_day.date_time)
    if environment.weather is not None:
        out = _sky(out, environment.weather)
    road = environment.road_condition
    if road is not None and road.wetness is not None:
        wet, deposits = _WETNESS[road.wetness]
        out = replace(out, wetness=wet, precipitation_deposits=deposits)
    return out


def visual_range_m(weather: Weather) -> float:
    """What `weather_of` makes the same fog of; far where there is none."""
    if weather.fog_density <= 0.0:
        return _FAR_M
    low, high = 1.0, _SEES_FAR_M
    for _ in range(60):  # the density falls with the range
        middle = math.sqrt(low * high)
        low, high = (middle, high) if fog_density_percent(middle) > weather.fog_density else (low, middle)
    return high


def wetness_of(weather: Weather) -> Wetness:
    """The state of roads that differs least."""
    return min(
        _WETNESS,
        key=lambda w: (
            abs(_WETNESS[w][0] - weather.wetness) + abs(_WETNESS[w][1] - weather.precipitation_deposits)
        ),
    )


def wind_mps(weather: Weather) -> float:
    """What `weather_of` makes the same wind of."""
    return weather.wind_intensity / 100.0 * _GALE_MPS


def _sky(out: Weather, given: Given) -> Weather:
    if given.fractional_cloud_cover is not None:
        cover = list(FractionalCloudCover).index(given.fractional_cloud_cover)
        out = replace(out, cloudiness=min(12.5 * cover, 100.0))
    elif given.cloud_state is not None:
        out = replace(out, cloudiness=_CLOUDS[given.cloud_state])
    if given.sun is not None:
        out = replace(
            out,
            sun_azimuth_deg=math.degrees(given.sun.azimuth) % 360.0,
            sun_altitude_deg=math.degrees(given.sun.elevation),
        )
    if given.fog is not None:
        far = given.fog.visual_range
        density = 0.0 if far >= _SEES_FAR_M else fog_density_percent(max(far, 1.0))
        out = replace(out, fog_density=density)
    if given.precipitation is not None:
        rain = given.precipitation
        amount = 0.0
        if rain.precipitation_type is not PrecipitationType.DRY:
            if rain.precipitation_intensity is not None:
                amount = 100.0 * rain.precipitation_intensity / RAIN_AT_FULL_MMPH
            elif rain.intensity is not None:
                amount = 100.0 * rain.intensity
        amount = min(max(amount, 0.0), 100.0)
        wet = max(amount, out.wetness) if amount > 0.0 else out.wetness
        out = replace(out, precipitation=amount, wetness=wet)
    if given.wind is not None:
        out = replace(out, wind_intensity=min(100.0 * given.wind.speed / _GALE_MPS, 100.0))
    return out


def _sun_at(out: Weather, when: datetime) -> Weather:
    hour = when.hour + when.minute / 60.0 + when.second / 3600.0
    angle = math.pi * (hour - 6.0) / 12.0
    return replace(
        out,
        sun_altitude_deg=_NOON_DEG * math.sin(angle),
        sun_azimuth_deg=(90.0 + 15.0 * (hour - 6.0)) % 360.0,
    )
