"""Looks from formulas alone: weather, time, sun and seasons from exact depth, normals and classes.

Understood of a style: `weather`, `time`, `season` and `strength`; prompts are not. What is farther than 256 m
is taken to be there, for a capture keeps no greater depth. docs/looks.md tells each formula's source.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8

from drivegen.capture.clip import Clip, ClipImage
from drivegen.core.errors import ConfigError
from drivegen.core.looks import Style
from drivegen.core.rng import derive_rng
from drivegen_generators.appearance.air import light_of_air
from drivegen_generators.appearance.clouds import Cover, mean_of, white_of
from drivegen_generators.appearance.daylight import daylight_of, even, towards_sun
from drivegen_generators.appearance.falling import rain_of, rain_sizes, snow_of, snow_sizes
from drivegen_generators.appearance.light import encoded, linear_of
from drivegen_generators.appearance.night import NightLamps
from drivegen_generators.appearance.painter import Camera, Painter, Scene
from drivegen_generators.appearance.seasons import SEASONS
from drivegen_generators.appearance.surfaces import Surfaces
from drivegen_generators.appearance.weathers import DEFAULT_LAYER_M, FALL_LAYER_M, LIGHTINGS, WEATHERS

LEAST_SUN_DEG = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Amounts:
    """What the seed drew for a scene."""

    visibility_m: float | None
    layer_m: float
    rain_mmph: float
    snow_mmph: float


class Procedural:
    """The back end.

    Args:
        visibility_m: Meteorological optical range, or from and to of a draw by the scene's seed; the style's
            weather chooses when absent.
        layer_m: Height at which haze or fog has thinned to 1 / e; the style's weather chooses when absent.
        air_rgb: Linear colours of the air's own light; the sky's at the horizon when absent.
        rain_mmph: Rate of rain, or from and to; only with `weather: rain`.
        snow_mmph: Rate of snow as melted water, or from and to; only with `weather: snow`.
        snow_cover: 0 to 1: how much of what faces up lies under snow.
        wetness: 0 to 1: of the ground, with `weather: rain`.
        wind_mps: Of rain and snow.
        sun_azimuth_deg: Of another sun, clockwise from north (+y); by day and without clouds only.
        sun_altitude_deg: Of another sun; the capture's own is kept when both are absent.
        full_well_e: Of the camera's sensor, electrons; the noise of dim light depends on it.
        read_e: Its read noise, electrons.

    Raises:
        ConfigError: A number is out of range.
    """

    version = 3

    def __init__(
        self,
        *,
        visibility_m: float | Sequence[float] | None = None,
        layer_m: float | None = None,
        air_rgb: Sequence[float] | None = None,
        rain_mmph: float | Sequence[float] | None = None,
        snow_mmph: float | Sequence[float] | None = None,
        snow_cover: float = 0.9,
        wetness: float = 1.0,
        wind_mps: float = 1.5,
        sun_azimuth_deg: float | None = None,
        sun_altitude_deg: float | None = None,
        full_well_e: float = 10_000.0,
        read_e: float = 3.0,
    ) -> None:
        self._visibility_m = _range_of("visibility_m", visibility_m, 5.0, 1e6)
        self._rain_mmph = _range_of("rain_mmph", rain_mmph, 0.1, 150.0)
        self._snow_mmph = _range_of("snow_mmph", snow_mmph, 0.05, 10.0)
        if layer_m is not None and not 1.0 <= layer_m <= 1e5:
            raise ConfigError(f"layer_m={layer_m}: a height from 1 to 100000 is wanted")
        if air_rgb is not None and (len(air_rgb) != 3 or not all(0.0 <= c <= 4.0 for c in air_rgb)):
            raise ConfigError(f"air_rgb={list(air_rgb)}: three values of 0..4 are wanted")
        if full_well_e < 100.0 or read_e < 0.0:
            raise ConfigError("full_well_e (at least 100) and read_e (not negative) are electrons")
        for name, value, most in (
            ("snow_cover", snow_cover, 1),
            ("wetness", wetness, 1),
            ("wind_mps", wind_mps, 30),
        ):
            if not 0.0 <= value <= most:
                raise ConfigError(f"{name}={value}: a value from 0 to {most} is wanted")
        if (sun_azimuth_deg is None) != (sun_altitude_deg is None):
            raise ConfigError("sun_azimuth_deg and sun_altitude_deg are wanted both, or none")
        if sun_altitude_deg is not None and not LEAST_SUN_DEG <= sun_altitude_deg <= 90.0:
            raise ConfigError(f"sun_altitude_deg={sun_altitude_deg}: {LEAST_SUN_DEG:g} to 90 is wanted")
        self._sun_deg = (
            None
            if sun_azimuth_deg is None or sun_altitude_deg is None
            else (sun_azimuth_deg, sun_altitude_deg)
        )
        self._layer_m = layer_m
        self._air_rgb = None if air_rgb is None else np.array(air_rgb, np.float32)
        self._snow_cover, self._wetness, self._wind_mps = snow_cover, wetness, wind_mps
        self._camera = Camera(full_well_e=full_well_e, read_e=read_e)

    def check(self, style: Style) -> None:
        """Raises ConfigError for a style that it does not understand."""
        for key, value, known in (
            ("weather", style.weather or "clear", WEATHERS),
            ("time", style.time or "day", LIGHTINGS),
            ("season", style.season or "summer", SEASONS),
        ):
            if value not in known:
                raise ConfigError(f"procedural look: {key}={value!r}: one of {', '.join(known)} is wanted")
        weather = style.weather or "clear"
        for name, given, wanted in (
            ("rain_mmph", self._rain_mmph, "rain"),
            ("snow_mmph", self._snow_mmph, "snow"),
        ):
            if given is not None and weather != wanted:
                raise ConfigError(f"procedural look: {name} goes with weather={wanted}, not {weather}")
        if self._sun_deg is not None and (WEATHERS[weather].overcast or (style.time or "day") != "day"):
            raise ConfigError("procedural look: another sun is to be seen by day and without clouds only")

    def images(
        self, clip: Clip, style: Style, seed: int
    ) -> Iterator[tuple[ClipImage, UInt8[np.ndarray, "h w 3"]]]:
        """Each image in another light, season and weather; one in memory at a time."""
        self.check(style)
        painter = Painter(self._scene(clip, style, seed), self._camera)
        for image in clip.images():
            yield image, encoded(painter.painted(linear_of(image.bgr), Surfaces(image)))

    def _scene(self, clip: Clip, style: Style, seed: int) -> Scene:
        """What holds for all images of the scene, so that nothing flickers."""
        weather, time = style.weather or "clear", style.time or "day"
        sky, lighting = WEATHERS[weather], LIGHTINGS[time]
        amounts = self._amounts(style, seed)
        first = clip.first()
        relit = sky.overcast or time != "day" or self._sun_deg is not None
        light = daylight_of(first, clip.plan.weather.parameters) if relit else None
        white = white_of(light) if light is not None else 1.0
        cover = Cover(white=sky.exposed * white, seed=seed) if sky.overcast else None
        city = np.zeros(3, np.float32)
        if amounts.rain_mmph and light is not None:
            means = []
            for image in first:
                surfaces = Surfaces(image)
                means.append(mean_of(even(linear_of(image.bgr), surfaces, light), surfaces))
            city = np.mean(means, axis=0).astype(np.float32)
        falling, fall_light = None, np.zeros(3, np.float32)
        if amounts.rain_mmph:
            falling = rain_of(amounts.rain_mmph, self._wind_mps, seed)
        elif amounts.snow_mmph:
            falling = snow_of(amounts.snow_mmph, self._wind_mps, seed)
        if cover is not None:
            fall_light = cover.horizon * np.float32(2.0)
        air_rgb = self._air_rgb
        if air_rgb is None and (amounts.visibility_m is not None or falling is not None):
            air_rgb = cover.horizon if cover is not None else light_of_air(first)
        return Scene(
            style=style,
            seed=seed,
            sky=sky,
            lighting=lighting,
            light=light,
            white=white,
            cover=cover,
            city_rgb=city,
            visibility_m=amounts.visibility_m,
            layer_m=amounts.layer_m,
            air_rgb=air_rgb,
            falling=falling,
            fall_rgb=fall_light,
            wetness=self._wetness * style.strength if amounts.rain_mmph else 0.0,
            snow_cover=self._snow_cover * style.strength if amounts.snow_mmph else 0.0,
            to_sun=None if self._sun_deg is None else towards_sun(*self._sun_deg),
            lamps=NightLamps.of(clip) if time == "night" else None,
        )

    def _amounts(self, style: Style, seed: int) -> _Amounts:
        """Optical range, height of the layer, and what falls; draws by the seed."""
        sky, strength = WEATHERS[style.weather or "clear"], style.strength
        if strength == 0.0:
            return _Amounts(visibility_m=None, layer_m=DEFAULT_LAYER_M, rain_mmph=0.0, snow_mmph=0.0)
        rain = _amount(self._rain_mmph or sky.rain_mmph, seed, "rain rate") * strength
        snow = _amount(self._snow_mmph or sky.snow_mmph, seed, "snow rate") * strength
        between = self._visibility_m or (sky.air.visibility_m if sky.air else None)
        layer_m = self._layer_m or (sky.air.layer_m if sky.air else DEFAULT_LAYER_M)
        if between is not None:
            visibility = _amount(between, seed, "visibility") / strength
            return _Amounts(visibility_m=visibility, layer_m=layer_m, rain_mmph=rain, snow_mmph=snow)
        sizes = rain_sizes(rain) if rain else snow_sizes(snow) if snow else None
        through = None if sizes is None else -math.log(0.05) / sizes.extinction_per_m
        return _Amounts(
            visibility_m=through,
            layer_m=self._layer_m or FALL_LAYER_M,
            rain_mmph=rain,
            snow_mmph=snow,
        )


def _range_of(
    name: str, value: float | Sequence[float] | None, least: float, most: float
) -> tuple[float, float] | None:
    if value is None:
        return None
    numbers = [float(v) for v in value] if isinstance(value, Sequence) else [float(value)] * 2
    if len(numbers) != 2 or not least <= numbers[0] <= numbers[1] <= most:
        raise ConfigError(f"{name}={value}: a number or [from, to] of {least:g} to {most:.0f} is wanted")
    return numbers[0], numbers[1]


def _amount(between: tuple[float, float] | None, seed: int, purpose: str) -> float:
    """Evenly in the logarithm: how far one sees, how much falls is felt by ratios."""
    if between is None:
        return 0.0
    low, high = (math.log(v) for v in between)
    return math.exp(low + (high - low) * float(derive_rng(seed, purpose).random()))
