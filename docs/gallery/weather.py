"""The street in every weather and at every hour."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import carla
from docs.gallery.cast import put_cast
from docs.gallery.page import Section, Tile
from docs.gallery.studio import Shot, Studio, look_from, strip

from drivegen_generators.weather.sun import sun_position

PRESETS = (
    *("ClearNoon", "CloudyNoon", "WetNoon", "WetCloudyNoon", "SoftRainNoon", "MidRainyNoon", "HardRainNoon"),
    *("ClearSunset", "CloudySunset", "WetSunset", "WetCloudySunset"),
    *("SoftRainSunset", "MidRainSunset", "HardRainSunset"),
)
"""CARLA's fourteen."""
MORE = ("ClearNight", "HardRainNight", "DustStorm")
HAZE = carla.WeatherParameters(
    cloudiness=45.0, sun_altitude_angle=32.0, sun_azimuth_angle=230.0, fog_density=14.0, dust_storm=22.0
)
"""Beijing on a bad day in spring."""
LATITUDE_DEG, LONGITUDE_DEG = 39.795, 116.506
DAY = datetime(2026, 9, 22, tzinfo=timezone(timedelta(hours=8)))
EYE_M, TARGET_M = (-46.0, 5.0, 1.7), (0.0, 3.5, 1.4)
"""From the driver's place, before the stop line."""
LAMPS = carla.VehicleLightState.Position | carla.VehicleLightState.LowBeam


def presets(studio: Studio) -> Section:
    """CARLA's weather presets, and Beijing's haze."""
    put_cast(studio)
    tiles = []
    for name in (*PRESETS, *MORE):
        tiles.append(_tile(name, _shot(studio, getattr(carla.WeatherParameters, name))))
    tiles.append(_tile("Haze (fog 14, dust 22)", _shot(studio, HAZE)))
    return Section(
        title="Weather",
        text="CARLA's fourteen presets, two nights, its dust storm, and haze. Below each picture: depth, "
        "semantic tags, instances, normals, optical flow.",
        tiles=tiles,
        wide=True,
    )


def hours(studio: Studio) -> Section:
    """A day of September in Yizhuang, hour by hour."""
    put_cast(studio)
    return Section(
        title="24 hours",
        text="22 September, a clear sky, the sun where it stands over Yizhuang (39.795 N, 116.506 E).",
        tiles=[_tile(f"{k:02d}:00", _shot(studio, clear)) for k, clear in enumerate(_clear_hours())],
    )


def _clear_hours() -> Iterator[carla.WeatherParameters]:
    for k in range(24):
        sun = sun_position(DAY + timedelta(hours=k), LATITUDE_DEG, LONGITUDE_DEG)
        yield carla.WeatherParameters(
            cloudiness=15.0, sun_altitude_angle=sun.altitude_deg, sun_azimuth_angle=sun.azimuth_deg
        )


def _shot(studio: Studio, weather: carla.WeatherParameters) -> Shot:
    studio.world.set_weather(weather)
    dark = weather.sun_altitude_angle < 5.0 or weather.fog_density > 30.0 or weather.precipitation > 50.0
    lights = carla.VehicleLightState(LAMPS if dark else carla.VehicleLightState.NONE)
    for vehicle in studio.world.get_actors().filter("vehicle.*"):
        vehicle.set_light_state(lights)
    return studio.take(look_from(EYE_M, TARGET_M))


def _tile(name: str, shot: Shot) -> Tile:
    return Tile(title=name, picture=shot.color, labels=strip(list(shot.labels.values()), 1280))
