"""Looks from formulas alone: haze and fog from exact depth, dusk and night from exposure and colour.

Understood of a style: `weather` (clear, haze, fog), `time` (day, dusk, night) and `strength`; prompts and
season are not. What it cannot do: lamps are not lit, shadows of the sun stay where they are, nothing gets
wet. What is farther than 256 m is taken to be there, for a capture keeps no greater depth.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float32, UInt8

from drivegen.capture.clip import Clip, ClipImage
from drivegen.core.errors import ConfigError
from drivegen.core.looks import Style
from drivegen.core.rng import derive_rng
from drivegen_generators.appearance.air import light_of_air, transmission, veiled
from drivegen_generators.appearance.light import DAYLIGHT_K, Linear, add_noise, cast_of, encoded, linear_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Air:
    """What is in the air."""

    visibility_m: tuple[float, float]
    """Meteorological optical range, from and to."""
    layer_m: float
    """Height at which it has thinned to 1 / e."""


AIRS: dict[str, Air | None] = {
    "clear": None,
    "haze": Air(visibility_m=(1000.0, 3000.0), layer_m=1000.0),
    "fog": Air(visibility_m=(60.0, 250.0), layer_m=120.0),
}
"""Fog is less than 1 km of sight, as WMO has it (International Cloud Atlas), here so little that a street
shows it, and shallow; haze fills the mixed air below the clouds."""
DEFAULT_LAYER_M = 120.0
"""Where `visibility_m` is given in clear weather."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lighting:
    """How a time of day differs from the light that the images were taken in."""

    light_ev: float = 0.0
    """Light on surfaces, after the exposure time was lengthened as far as it goes; powers of two."""
    gain_ev: float = 0.0
    """What the camera amplifies."""
    sky_ev: float = 0.0
    """The sky beside surfaces."""
    temperature_k: float = DAYLIGHT_K


LIGHTINGS = {
    "day": Lighting(),
    "dusk": Lighting(light_ev=-3.0, gain_ev=1.6, sky_ev=-0.4, temperature_k=9500.0),
    "night": Lighting(light_ev=-6.0, gain_ev=3.9, sky_ev=-2.5, temperature_k=4000.0),
}
"""Dusk under a blue sky, night under street lamps. Chosen by eye; only their parts have sources."""


class Procedural:
    """The back end.

    Args:
        visibility_m: Meteorological optical range, or from and to of a draw by the scene's seed; the style's
            weather chooses when absent.
        layer_m: Height at which haze or fog has thinned to 1 / e; the style's weather chooses when absent.
        air_rgb: Linear colours of the air's own light; the sky's at the horizon when absent.
        full_well_e: Of the camera's sensor, electrons; the noise of dim light depends on it.
        read_e: Its read noise, electrons.

    Raises:
        ConfigError: A number is out of range.
    """

    version = 1

    def __init__(
        self,
        *,
        visibility_m: float | Sequence[float] | None = None,
        layer_m: float | None = None,
        air_rgb: Sequence[float] | None = None,
        full_well_e: float = 10_000.0,
        read_e: float = 3.0,
    ) -> None:
        self._visibility_m = None if visibility_m is None else _range_of(visibility_m)
        if layer_m is not None and not 1.0 <= layer_m <= 1e5:
            raise ConfigError(f"layer_m={layer_m}: a height from 1 to 100000 is wanted")
        if air_rgb is not None and (len(air_rgb) != 3 or not all(0.0 <= c <= 4.0 for c in air_rgb)):
            raise ConfigError(f"air_rgb={list(air_rgb)}: three values of 0..4 are wanted")
        if full_well_e < 100.0 or read_e < 0.0:
            raise ConfigError("full_well_e (at least 100) and read_e (not negative) are electrons")
        self._layer_m = layer_m
        self._air_rgb = None if air_rgb is None else np.array(air_rgb, np.float32)
        self._full_well_e = full_well_e
        self._read_e = read_e

    def check(self, style: Style) -> None:
        """Raises ConfigError for a style that it does not understand."""
        for key, value, known in (
            ("weather", style.weather or "clear", AIRS),
            ("time", style.time or "day", LIGHTINGS),
        ):
            if value not in known:
                raise ConfigError(f"procedural look: {key}={value!r}: one of {', '.join(known)} is wanted")

    def images(
        self, clip: Clip, style: Style, seed: int
    ) -> Iterator[tuple[ClipImage, UInt8[np.ndarray, "h w 3"]]]:
        """Each image in another air and light; one in memory at a time."""
        self.check(style)
        turbid = self._air(style, seed)
        air_rgb = self._air_rgb
        if turbid and air_rgb is None:
            air_rgb = light_of_air(clip.first())
        lighting = LIGHTINGS[style.time or "day"]
        for image in clip.images():
            linear = linear_of(image.bgr)
            light = self._relit(linear, image, lighting, style.strength)
            if turbid and air_rgb is not None:
                through = transmission(image, *turbid)
                light = veiled(light, through, _matrix(lighting, style.strength) @ air_rgb)
            if lighting.gain_ev:
                rng = derive_rng(seed, image.agent, image.channel, image.time_ns)
                gain = 2.0 ** (lighting.gain_ev * style.strength)
                light = add_noise(light, gain, self._full_well_e, self._read_e, rng)
            yield image, encoded(light)

    def _air(self, style: Style, seed: int) -> tuple[float, float] | None:
        """Optical range and height of the layer; none in clear air."""
        air = AIRS[style.weather or "clear"]
        between = self._visibility_m or (air.visibility_m if air else None)
        if between is None or style.strength == 0.0:
            return None
        layer_m = self._layer_m or (air.layer_m if air else DEFAULT_LAYER_M)
        return _drawn(between, seed) / style.strength, layer_m

    def _relit(self, linear: Linear, image: ClipImage, lighting: Lighting, strength: float) -> Linear:
        if lighting == Lighting():
            return linear
        lit: Linear = linear @ _matrix(lighting, strength).T
        # The border of the sky is as soft as the image's own, or bright seams would stay around roofs.
        sky = cv2.GaussianBlur(image.sky.astype(np.float32), (5, 5), 0.0)
        lit *= np.float32(2.0) ** (np.float32(lighting.sky_ev * strength) * sky[..., None])
        return lit


def _matrix(lighting: Lighting, strength: float) -> Float32[np.ndarray, "3 3"]:
    # Between two temperatures equal steps look alike in reciprocal kelvins (Judd 1932).
    reciprocal = 1.0 / DAYLIGHT_K + strength * (1.0 / lighting.temperature_k - 1.0 / DAYLIGHT_K)
    factor = 2.0 ** ((lighting.light_ev + lighting.gain_ev) * strength)
    return (factor * cast_of(1.0 / reciprocal)).astype(np.float32)


def _range_of(value: float | Sequence[float]) -> tuple[float, float]:
    numbers = [float(v) for v in value] if isinstance(value, Sequence) else [float(value)] * 2
    if len(numbers) != 2 or not 5.0 <= numbers[0] <= numbers[1] <= 1e6:
        raise ConfigError(f"visibility_m={value}: a number or [from, to] of 5 to 1000000 m is wanted")
    return numbers[0], numbers[1]


def _drawn(between: tuple[float, float], seed: int) -> float:
    """Evenly in the logarithm: how far one sees is felt by ratios."""
    low, high = (math.log(v) for v in between)
    return math.exp(low + (high - low) * float(derive_rng(seed, "visibility").random()))
