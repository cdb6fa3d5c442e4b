"""The order in which a procedural look is painted: light, ground, air, what falls, the camera's noise."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float32

from drivegen.core.looks import Style
from drivegen.core.rng import derive_rng
from drivegen_generators.appearance.air import transmission, veiled
from drivegen_generators.appearance.clouds import Cover
from drivegen_generators.appearance.daylight import Daylight, even, under_sun
from drivegen_generators.appearance.falling import Falling, drawn_into
from drivegen_generators.appearance.lamps import glow, lit_by, seen_lenses
from drivegen_generators.appearance.light import DAYLIGHT_K, Linear, add_noise, cast_of
from drivegen_generators.appearance.night import NightLamps
from drivegen_generators.appearance.seasons import SEASONS, in_season
from drivegen_generators.appearance.snow import cover_of, snowed, wintry
from drivegen_generators.appearance.surfaces import Surfaces, smoothstep
from drivegen_generators.appearance.weathers import NIGHT_WHITE_LX, Lighting, Sky
from drivegen_generators.appearance.wet import darkened, mirrored
from drivegen_generators.appearance.windows import lit_signals, lit_windows, night_sky

SLUSH = 0.6
"""How wet the ground is between snow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """The sensor whose noise dim light shows."""

    full_well_e: float
    read_e: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """What a look is, for a whole scene."""

    style: Style
    seed: int
    sky: Sky
    lighting: Lighting
    light: Daylight | None
    """That the images were taken in; none where it is kept."""
    white: float
    """Luminance of white in it."""
    cover: Cover | None
    city_rgb: Float32[np.ndarray, "3"]
    visibility_m: float | None
    layer_m: float
    air_rgb: Float32[np.ndarray, "3"] | None
    falling: Falling | None
    fall_rgb: Float32[np.ndarray, "3"]
    wetness: float
    snow_cover: float
    to_sun: Float32[np.ndarray, "3"] | None
    lamps: NightLamps | None


class Painter:
    """Paints the images of one scene."""

    def __init__(self, scene: Scene, camera: Camera) -> None:
        self._scene = scene
        self._camera = camera

    def painted(self, linear: Linear, surfaces: Surfaces) -> Linear:
        """An image's linear colours in the look."""
        scene = self._scene
        strength = scene.style.strength
        if strength == 0.0:
            return linear
        season = SEASONS[scene.style.season or "summer"]
        if season is not None:
            linear = in_season(linear, surfaces, season, strength, scene.seed)
        light = linear
        if scene.light is not None:
            light = self._relit(linear, surfaces)
            light = linear + np.float32(strength) * (light - linear) if strength < 1.0 else light
        lenses = self._lenses(surfaces)
        if scene.wetness:
            source = light if lenses is None else light + np.minimum(lenses, 6.0)
            light += mirrored(source, surfaces, self._around, scene.wetness, scene.seed) - source
        light, through = self._veiled(light, surfaces)
        shine = None
        if lenses is not None:
            haze = 1 - through if through is not None else 0.0
            shine = glow(lenses * np.float32(strength), haze)
            light = light + shine + lenses * np.float32(strength)
        if scene.falling is not None:
            drops = None if shine is None else shine.mean(axis=-1)
            rgb = scene.fall_rgb * np.float32(self._dimmed(strength))
            light = drawn_into(light, surfaces, scene.falling, rgb, scene.lighting.exposure_s, drops)
        return self._noisy(light, surfaces)

    def _relit(self, linear: Linear, surfaces: Surfaces) -> Linear:
        """All of the look's light on the surfaces and the sky."""
        scene = self._scene
        assert scene.light is not None
        level = even(linear, surfaces, scene.light)
        if scene.snow_cover:
            level = wintry(level, surfaces)
        if scene.wetness or scene.snow_cover:
            level = darkened(level, surfaces, scene.white, max(scene.wetness, SLUSH * scene.snow_cover))
        if scene.snow_cover:
            cover = cover_of(surfaces, scene.snow_cover, scene.seed)
            level = snowed(level, scene.white, cover)
        if scene.lamps is not None:
            return self._by_night(level, linear, surfaces)
        if scene.cover is not None:
            # Under clouds light comes from above: walls get half of what the ground gets.
            facing = np.float32(0.5) + np.float32(0.5) * surfaces.up
            share = np.where(surfaces.solid, 0.55 + 0.45 * facing, 1)[..., None]
            lit = scene.cover.drawn(level * np.float32(scene.sky.exposed) * share, surfaces)
            return self._timed(lit, surfaces) + lit_signals(linear, surfaces) * np.float32(0.5)
        if scene.to_sun is not None:
            return under_sun(level, surfaces, scene.light, scene.to_sun)
        return self._timed(level, surfaces)

    def _by_night(self, level: Linear, linear: Linear, surfaces: Surfaces) -> Linear:
        scene = self._scene
        assert scene.lamps is not None
        lux = lit_by(surfaces, scene.lamps.at(surfaces.image), scene.lamps.ambient_lx)
        lit = level / np.float32(scene.white) * lux / np.float32(NIGHT_WHITE_LX)
        # Shoulder: what lamps light too brightly bleaches, but keeps its shape.
        lit = np.where(lit < 0.6, lit, 0.6 + 0.4 * np.tanh((lit - 0.6) / 0.8)).astype(np.float32)
        lit = night_sky(lit, surfaces)
        return lit + lit_windows(level, surfaces, scene.seed) + lit_signals(linear, surfaces)

    def _timed(self, lit: Linear, surfaces: Surfaces) -> Linear:
        """Dusk: less and bluer light, and a sky that is brighter than what it lights."""
        lighting = self._scene.lighting
        if lighting == Lighting():
            return lit
        out: Linear = lit @ _matrix(lighting).T
        # The border of the sky is as soft as the image's own, or bright seams would stay around roofs.
        sky = cv2.GaussianBlur(surfaces.image.sky.astype(np.float32), (5, 5), 0.0)
        out *= np.float32(2.0) ** (np.float32(lighting.sky_ev) * sky[..., None])
        return out

    def _dimmed(self, strength: float) -> float:
        """By how much less light the air gets than in the capture."""
        lighting = self._scene.lighting
        if self._scene.lamps is not None:
            return 1 + strength * (0.03 - 1)
        return 1 + strength * (float(2.0 ** (lighting.light_ev + lighting.gain_ev)) - 1)

    def _veiled(self, light: Linear, surfaces: Surfaces) -> tuple[Linear, Float32[np.ndarray, "h w"] | None]:
        scene = self._scene
        if scene.visibility_m is None or scene.air_rgb is None:
            return light, None
        through = transmission(surfaces.image, scene.visibility_m, scene.layer_m)
        if scene.cover is not None:
            # The sky that was drawn is already seen through what falls from it.
            sky = surfaces.image.sky
            through = np.where(
                sky, np.maximum(through, smoothstep(-0.02, 0.3, surfaces.directions[..., 2])), through
            )
        air = scene.air_rgb * np.float32(self._dimmed(scene.style.strength))
        return veiled(light, through, air), through

    def _lenses(self, surfaces: Surfaces) -> Linear | None:
        lamps = self._scene.lamps
        return None if lamps is None else seen_lenses(surfaces, lamps.at(surfaces.image))

    def _around(self, directions: Float32[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n 3"]:
        """What water mirrors where the image shows nothing: houses and trees low, the sky above."""
        scene = self._scene
        assert scene.cover is not None
        climb = directions[:, 2]
        sky = scene.cover.light(climb)
        low = (1 - smoothstep(0.05, 0.45, climb))[:, None]
        city = scene.city_rgb * np.float32(0.75 * scene.sky.exposed)
        mixed = (sky * (1 - low) + city * low) * np.float32(self._dimmed(scene.style.strength))
        return np.asarray(mixed, np.float32)

    def _noisy(self, light: Linear, surfaces: Surfaces) -> Linear:
        lighting, image = self._scene.lighting, surfaces.image
        if not lighting.gain_ev:
            return light
        rng = derive_rng(self._scene.seed, image.agent, image.channel, image.time_ns)
        gain = 2.0 ** (lighting.gain_ev * self._scene.style.strength)
        return add_noise(light, gain, self._camera.full_well_e, self._camera.read_e, rng)


def _matrix(lighting: Lighting) -> Float32[np.ndarray, "3 3"]:
    factor = 2.0 ** (lighting.light_ev + lighting.gain_ev)
    return np.asarray(factor * cast_of(lighting.temperature_k or DAYLIGHT_K), np.float32)
