"""What the sky looks like in a direction: clear air, clouds, the glow of a city, mist.

`radiance` is what light.py integrates over a coarse map; sky_map.frag draws the same formulas finely. Clouds
are a flat layer of fractal noise, a gap or a body where the noise passes a threshold, shaded by the layer's
thickness towards the sun; a closed cover follows the CIE's standard overcast sky (CIE S 011).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from jaxtyping import Float32, Float64

from drivegen.embedded.renderer.atmosphere import clear_sky

Rgb = Float64[np.ndarray, "3"]

ROWS, COLUMNS = 48, 32
"""Of the table of clear sky: elevation, and azimuth away from the sun."""
LAYER = 0.11
"""Added to a direction's height before it meets the layer of clouds: the layer is curved, not endless."""
PITCH = 1.15
"""Cells of the coarsest noise on the layer."""
OCTAVES, SHADE_OCTAVES = 6, 3
EDGE = 0.17
"""From the border of a cloud to where it is dense, in noise."""
MIST_CURVE = 0.03
"""Added to a direction's height before it meets the layer of mist."""
NIGHT_SKY = np.array([0.0011, 0.0016, 0.0030])
"""Radiance of a city's night sky at the zenith: moon, stars, street light scattered back."""
NIGHT_GLOW = np.array([0.0040, 0.0029, 0.0021])
"""More of it near the horizon, from lamps."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sky:
    """All that the formulas need; light is linear."""

    table: Float32[np.ndarray, "rows columns 3"]
    """Clear sky, by the square root of elevation and `(azimuth / pi) ** (2 / 3)` away from the sun."""
    to_sun: Rgb
    cover: float
    """Cloudiness, 0 to 1."""
    closed: float
    """How far the clouds have grown together, 0 to 1."""
    sunlit: Rgb
    """Radiance of a cloud in the sun."""
    shaded: Rgb
    """Of a thick cloud's underside."""
    grey: Rgb
    """Of a closed cover, on average."""
    night: Rgb
    glow: Rgb
    mist: float
    """Optical depth of fog and dust straight up."""
    mist_light: Rgb

    def scaled(self, gain: Rgb) -> Sky:
        """All light multiplied, by colour."""
        return replace(
            self,
            table=(self.table * gain).astype(np.float32),
            sunlit=self.sunlit * gain,
            shaded=self.shaded * gain,
            grey=self.grey * gain,
            night=self.night * gain,
            glow=self.glow * gain,
            mist_light=self.mist_light * gain,
        )

    @property
    def threshold(self) -> float:
        """Noise above which there is a cloud."""
        return 0.69 - 0.41 * self.cover


def clear_table(
    altitude_rad: float, rayleigh: float, mie: float, irradiance: float
) -> Float32[np.ndarray, "rows columns 3"]:
    """The clear sky for `Sky.table`."""
    elevation = np.linspace(0.0, 1.0, ROWS) ** 2 * (math.pi / 2)
    azimuth = np.linspace(0.0, 1.0, COLUMNS) ** 1.5 * math.pi
    sky = irradiance * clear_sky(elevation, azimuth, altitude_rad, rayleigh, mie)
    return np.asarray(sky.astype(np.float32))


def radiance(sky: Sky, directions: Float64[np.ndarray, "*n 3"]) -> Float64[np.ndarray, "*n 3"]:
    """Light from directions above the horizon."""
    z = np.maximum(directions[..., 2], 0.0)
    out = _clear(sky, directions)
    if sky.cover > 0.0:
        noise, towards = _noises(sky, directions)
        thick = np.clip((noise - sky.threshold) / EDGE, 0.0, 1.0)
        alpha = thick * thick * (3.0 - 2.0 * thick) * np.exp(-0.02 / (z + 0.02)) * _fade(sky.cover)
        shade = np.clip((towards - sky.threshold) / 0.3, 0.0, 1.0) * 0.7 + 0.3 * thick
        body = sky.sunlit + (sky.shaded - sky.sunlit) * np.clip(shade, 0.0, 1.0)[..., None]
        facing = np.clip(directions @ sky.to_sun, 0.0, 1.0) ** 8
        body = body + sky.sunlit * (facing * (1.0 - thick) * 0.8)[..., None]
        out = out + (body - out) * alpha[..., None]
        pattern = 1.0 + 0.5 * (noise - 0.5) + 0.35 * (towards - 0.5)
        flat = sky.grey * (((1.0 + 2.0 * z) / 3.0) * 1.28 * pattern)[..., None]
        out = out + (flat - out) * sky.closed
    out = out + sky.night + sky.glow * np.exp(-5.0 * z)[..., None]
    if sky.mist > 0.0:
        share = 1.0 - np.exp(-sky.mist / (z + MIST_CURVE))
        out = out + (sky.mist_light - out) * share[..., None]
    return np.asarray(out)


def _fade(cover: float) -> float:
    return min(1.0, cover * 25.0)


def _clear(sky: Sky, directions: np.ndarray) -> np.ndarray:
    el = np.arcsin(np.clip(directions[..., 2], 0.0, 1.0))
    flat = directions[..., :2]
    heading = sky.to_sun[:2] / max(float(np.hypot(*sky.to_sun[:2])), 1e-9)
    cosine = (flat @ heading) / np.maximum(np.linalg.norm(flat, axis=-1), 1e-9)
    az = np.arccos(np.clip(cosine, -1.0, 1.0))
    i = np.sqrt(el / (math.pi / 2)) * (ROWS - 1)
    j = (az / math.pi) ** (2.0 / 3.0) * (COLUMNS - 1)
    i0, j0 = np.minimum(i.astype(int), ROWS - 2), np.minimum(j.astype(int), COLUMNS - 2)
    fi, fj = (i - i0)[..., None], (j - j0)[..., None]
    table = sky.table.astype(np.float64)
    top = table[i0, j0] * (1 - fj) + table[i0, j0 + 1] * fj
    bottom = table[i0 + 1, j0] * (1 - fj) + table[i0 + 1, j0 + 1] * fj
    return np.asarray(top * (1 - fi) + bottom * fi)


def shade_step(to_sun: Rgb) -> Float64[np.ndarray, "2"]:
    """How far along the layer a cloud's shading looks towards the sun."""
    flat = to_sun[:2] / max(float(np.hypot(*to_sun[:2])), 1e-9)
    return np.asarray(flat * (0.16 if to_sun[2] < 0.5 else 0.09))


def _noises(sky: Sky, directions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The layer's noise, and a smoother one a step towards the sun."""
    p = directions[..., :2] / (np.maximum(directions[..., 2:], 0.0) + LAYER) * PITCH
    return _fractal(p, OCTAVES), _fractal(p + shade_step(sky.to_sun) * PITCH, SHADE_OCTAVES)


def _fractal(p: np.ndarray, octaves: int) -> np.ndarray:
    """Value noise, 0..1; each octave twice as fine and half as strong, turned against the last."""
    total, weight = np.zeros(p.shape[:-1]), 0.0
    x, y = p[..., 0], p[..., 1]
    for octave in range(octaves):
        total += 0.5**octave * _value_noise(x, y)
        weight += 0.5**octave
        x, y = 1.6 * x + 1.2 * y + 17.3, 1.6 * y - 1.2 * x + 5.1
    return total / weight


def _value_noise(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    i, j = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    f, g = x - i, y - j
    f, g = f * f * (3.0 - 2.0 * f), g * g * (3.0 - 2.0 * g)
    low = _hashed(i, j) * (1 - f) + _hashed(i + 1, j) * f
    high = _hashed(i, j + 1) * (1 - f) + _hashed(i + 1, j + 1) * f
    return np.asarray(low * (1 - g) + high * g)


def _hashed(i: np.ndarray, j: np.ndarray) -> np.ndarray:
    """As `hashed` of noise.glsl."""
    word = 0xFFFFFFFF
    n = ((i & word) * 1597334677 & word) ^ ((j & word) * 3812015801 & word)
    n = (n ^ (n >> 15)) * 2246822519 & word
    return np.asarray((n >> 8) * (1.0 / 16777216.0))


@lru_cache(maxsize=1)
def coarse_directions(texels: int) -> Float64[np.ndarray, "texels texels 3"]:
    """Direction of each texel of the octahedral map of the upper half (Cigolle et al. 2014)."""
    c = (np.arange(texels) + 0.5) / texels * 2.0 - 1.0
    a, b = np.meshgrid(c, c, indexing="xy")
    d = np.stack([(a + b) / 2.0, (a - b) / 2.0, np.zeros_like(a)], -1)
    d[..., 2] = 1.0 - np.abs(d[..., 0]) - np.abs(d[..., 1])
    return np.asarray(d / np.linalg.norm(d, axis=-1, keepdims=True))


@lru_cache(maxsize=1)
def solid_angles(texels: int) -> Float64[np.ndarray, "texels texels"]:
    """Of each texel: proportional to 1 / distance^3 on the octahedron's faces."""
    weight = np.abs(coarse_directions(texels)).sum(-1) ** 3
    return np.asarray(weight * (2.0 * math.pi / weight.sum()))
