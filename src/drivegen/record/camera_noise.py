"""Vignetting and sensor noise of colour images, in linear light: the model of `SensorNoise`.

The server's sRGB values are undone to linear light, whatever curve led to them: a tone curve of the renderer
stays in. Each colour channel has noise of its own; there is no colour mosaic, so noise is not spread over
neighbours as demosaicing would. Shot noise is drawn from a normal distribution that has the variance of
Poisson's. Random numbers are a hash of the image's seed and the place in it: the same on every machine, in
any order.
"""

from __future__ import annotations

import numba
import numpy as np
from jaxtyping import Float32, Float64, Int8, UInt8

from drivegen.core.lenses import pixel_rays
from drivegen.core.photography import SensorNoise, gain_and_time
from drivegen.core.rng import derive_seed
from drivegen.core.sensors import Camera
from drivegen.core.weather import Weather

_STEPS = 4096
"""Of linear light in the table that leads to sRGB; the steepest part of sRGB takes 1.2 of 255 a step."""
_SPREAD = float(1.0 / np.sqrt(4.0 * (256.0**2 - 1.0) / 12.0))
"""Scales the sum of four uniform bytes to unit variance."""
_PATTERN_STEPS = 36.0
"""Of a fixed pattern's standard deviation in the bytes that it is kept in: they reach to 3.5 of it."""


def srgb_to_linear(value: Float64[np.ndarray, "*n"]) -> Float64[np.ndarray, "*n"]:
    """IEC 61966-2-1, 0..1 to 0..1."""
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def linear_to_srgb(light: Float64[np.ndarray, "*n"]) -> Float64[np.ndarray, "*n"]:
    """IEC 61966-2-1, 0..1 to 0..1."""
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1.0 / 2.4) - 0.055)


class Sensor:
    """What a camera's sensor makes of the light of its images."""

    def __init__(self, camera: Camera, weather: Weather, seed: int) -> None:
        """
        Args:
            camera: Gives noise, exposure and vignetting.
            weather: Says how much light there is under automatic exposure.
            seed: Of the camera; fixed patterns are drawn from it.
        """
        self._seed = seed
        self._noisy = camera.noise is not None
        noise = camera.noise or SensorNoise(read_noise_e=0.0, dark_current_eps=0.0, dsnu_e=0.0, prnu=0.0)
        self._exposure, self._model = camera.exposure, noise
        self._weather: Weather | None = None
        self.expose(weather)
        self._dsnu_e, self._prnu = noise.dsnu_e, noise.prnu
        patterned = self._noisy and (noise.dsnu_e > 0.0 or noise.prnu > 0.0)
        shape = (camera.height_px, camera.width_px, 3) if patterned else (0, 0, 3)
        fixed = np.uint64(derive_seed(seed, "fixed pattern"))
        self._offsets, self._gains = _pattern(fixed, np.zeros((2, *shape), np.int8))
        self._linear = srgb_to_linear(np.arange(256) / 255.0).astype(np.float32)
        self._srgb = (linear_to_srgb(np.arange(_STEPS + 1) / _STEPS) * 255.0).astype(np.float32)
        self._gain = vignette(camera)

    def expose(self, weather: Weather) -> None:
        """Sets exposure time and gain by a weather's light, for the images that follow."""
        if weather == self._weather:
            return
        self._weather = weather
        noise = self._model
        iso, time_s = gain_and_time(self._exposure, noise, weather)
        self.white_e = noise.full_well_e * 100.0 / iso
        """Electrons at display white."""
        self.dark_variance_e2 = noise.read_noise_e**2 + noise.dark_current_eps * time_s
        self.step_e = self.white_e / (2**noise.bits - 1)
        """Electrons a step of the converter."""

    @property
    def changes(self) -> bool:
        """Whether it leaves anything other than it was."""
        return self._noisy or self._gain.size > 0

    def variance_e2(self, electrons: Float64[np.ndarray, "*n"]) -> Float64[np.ndarray, "*n"]:
        """Of one image's pixels that have collected so much on average, from pixel to pixel, before the
        converter: EMVA 1288, equations 3 and 39, with the fixed patterns."""
        return electrons + self.dark_variance_e2 + self._dsnu_e**2 + (self._prnu * electrons) ** 2

    def take(self, bgr: UInt8[np.ndarray, "h w 3"], image: int) -> UInt8[np.ndarray, "h w 3"]:
        """The image as the sensor has it.

        Args:
            bgr: Colours.
            image: Number of the image; its temporal noise is drawn from it and the camera's seed.
        """
        out = np.empty_like(bgr)
        _take(
            bgr,
            self._gain,
            self._linear,
            self._srgb,
            np.uint64(derive_seed(self._seed, image)),
            self._offsets,
            self._gains,
            self.white_e,
            self.dark_variance_e2,
            self._dsnu_e,
            self._prnu,
            self.step_e,
            self._noisy,
            out,
        )
        return out


def vignette(camera: Camera) -> Float32[np.ndarray, "h w"]:
    """Share of the light that gets through, by pixel; of no size when all does.

    1 - v s^2 with s the sine of the ray's angle off the axis over that of the farthest pixel's half angle, a
    form that falls as cos^4 does near the axis; `vignetting` v is reached at the farthest seen pixel.
    """
    if camera.vignetting <= 0.0:
        return np.empty((0, 0), np.float32)
    rays = pixel_rays(camera.optics, camera.width_px, camera.height_px).astype(np.float64)
    # The sine of half the angle grows with it all the way, also behind the camera.
    cosine = rays[..., 2] / np.maximum(np.linalg.norm(rays, axis=-1), 1e-12)
    square = np.where(rays.any(axis=-1), (1.0 - cosine) / 2.0, 0.0)
    return (1.0 - camera.vignetting * square / max(float(square.max()), 1e-12)).astype(np.float32)


@numba.njit(cache=True, inline="always")
def _mixed(value: np.uint64) -> np.uint64:
    """splitmix64 (Steele, Lea and Flood 2014)."""
    value = value + np.uint64(0x9E3779B97F4A7C15)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@numba.njit(cache=True, inline="always")
def _normal(bits: np.uint64) -> float:
    """About normal, from the lower 32 bits: the sum of four uniform bytes (Irwin and Hall 1927)."""
    pairs = (bits & np.uint64(0x00FF00FF)) + ((bits >> np.uint64(8)) & np.uint64(0x00FF00FF))
    total = (pairs & np.uint64(0xFFFF)) + (pairs >> np.uint64(16))
    return (np.int64(total) - 510) * _SPREAD


@numba.njit(cache=True)
def _pattern(seed: np.uint64, out: Int8[np.ndarray, "2 h w 3"]) -> Int8[np.ndarray, "2 h w 3"]:
    """Fills in the fixed patterns: dark signal and gain, in `_PATTERN_STEPS`."""
    _, height, width, _ = out.shape
    at = np.uint64(0)
    for y in range(height):
        for x in range(width):
            for c in range(3):
                at += np.uint64(1)
                bits = _mixed(seed + at * np.uint64(0x2545F4914F6CDD1D))
                out[0, y, x, c] = np.int8(np.rint(_normal(bits) * _PATTERN_STEPS))
                out[1, y, x, c] = np.int8(np.rint(_normal(bits >> np.uint64(32)) * _PATTERN_STEPS))
    return out


@numba.njit(cache=True)
def _take(
    bgr: UInt8[np.ndarray, "h w 3"],
    gain: Float32[np.ndarray, "a b"],
    linear: Float32[np.ndarray, "256"],
    srgb: Float32[np.ndarray, "n"],
    seed: np.uint64,
    offsets: Int8[np.ndarray, "c d 3"],
    gains: Int8[np.ndarray, "c d 3"],
    white_e: float,
    dark_variance_e2: float,
    dsnu_e: float,
    prnu: float,
    step_e: float,
    noisy: bool,
    out: UInt8[np.ndarray, "h w 3"],
) -> None:
    height, width, _ = bgr.shape
    vignetted = gain.size > 0
    patterned = offsets.size > 0
    most = len(srgb) - 1
    per_white = most / white_e
    per_step, offset_e, gain_step = 1.0 / step_e, dsnu_e / _PATTERN_STEPS, prnu / _PATTERN_STEPS
    at = np.uint64(0)
    for y in range(height):
        for x in range(width):
            through = white_e
            if vignetted:
                through *= gain[y, x]
            at += np.uint64(2)
            bits = np.uint64(0)
            for c in range(3):
                electrons = linear[bgr[y, x, c]] * through
                if noisy:
                    # A hash has the bits of two numbers.
                    if c != 1:
                        bits = _mixed(seed + (at + np.uint64(c >> 1)) * np.uint64(0x2545F4914F6CDD1D))
                    else:
                        bits >>= np.uint64(32)
                    sigma = np.sqrt(electrons + dark_variance_e2)
                    if patterned:
                        electrons += electrons * gain_step * gains[y, x, c] + offset_e * offsets[y, x, c]
                    electrons = np.floor((electrons + sigma * _normal(bits)) * per_step + 0.5) * step_e
                place = min(max(electrons * per_white, 0.0), float(most))
                k = min(int(place), most - 1)
                share = place - k
                out[y, x, c] = np.uint8(srgb[k] + (srgb[k + 1] - srgb[k]) * share + 0.5)
