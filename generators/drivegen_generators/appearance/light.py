"""Light as numbers: encoded and linear colours, the colour of a temperature, a camera's noise.

Colours are those of IEC 61966-2-1 (sRGB), red first. What the simulator's camera did beyond that curve (tone
mapping, exposure) cannot be undone: linear colours are relative to its exposure and stop at 1.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from jaxtyping import Float32, Float64, UInt8

Linear = Float32[np.ndarray, "h w 3"]

LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)
"""Of linear sRGB (IEC 61966-2-1, ITU-R BT.709)."""

DAYLIGHT_K = 6504.0
"""Correlated colour temperature of D65, the white of sRGB (CIE 15:2004)."""

_XYZ_FROM_RGB = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]], np.float64
)
"""IEC 61966-2-1."""
_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]], np.float64
)
"""Cone responses of XYZ (Lam 1985, as printed in ICC.1:2010, annex E)."""

_STEPS = 4096


def linear_of(bgr: UInt8[np.ndarray, "h w 3"]) -> Linear:
    """Linear colours, red first, of an encoded image, blue first (IEC 61966-2-1)."""
    return _decoding()[bgr[..., ::-1]]


def encoded(linear: Linear) -> UInt8[np.ndarray, "h w 3"]:
    """The encoded image, blue first, of linear colours, red first; what is over 1 is white."""
    steps = np.clip(linear * np.float32(_STEPS - 1) + np.float32(0.5), 0, _STEPS - 1).astype(np.uint16)
    return np.ascontiguousarray(_encoding()[steps][..., ::-1])


@lru_cache(maxsize=1)
def _decoding() -> Float32[np.ndarray, "256"]:
    v = np.arange(256) / 255.0
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4).astype(np.float32)


@lru_cache(maxsize=1)
def _encoding() -> UInt8[np.ndarray, "n"]:
    v = np.arange(_STEPS) / (_STEPS - 1)
    out = np.where(v <= 0.0031308, 12.92 * v, 1.055 * v ** (1 / 2.4) - 0.055)
    return np.rint(out * 255.0).astype(np.uint8)


def chromaticity(temperature_k: float) -> tuple[float, float]:
    """CIE 1931 x and y of light of a colour temperature.

    From 4000 K daylight (CIE 15:2004, section 3.1), below it a black body by the cubics of Kim et al. (US
    patent 7024034, 2006), which hold from 1667 K. Where they meet, x and y differ by less than 0.012.
    """
    t = min(max(temperature_k, 1667.0), 25000.0)
    if t < 4000.0:
        x = -0.2661239e9 / t**3 - 0.2343589e6 / t**2 + 0.8776956e3 / t + 0.179910
        if t < 2222.0:
            return x, -1.1063814 * x**3 - 1.34811020 * x**2 + 2.18555832 * x - 0.20219683
        return x, -0.9549476 * x**3 - 1.37418593 * x**2 + 2.09137015 * x - 0.16748867
    if t <= 7000.0:
        x = -4.6070e9 / t**3 + 2.9678e6 / t**2 + 0.09911e3 / t + 0.244063
    else:
        x = -2.0064e9 / t**3 + 1.9018e6 / t**2 + 0.24748e3 / t + 0.237040
    return x, -3.000 * x**2 + 2.870 * x - 0.275


def cast_of(temperature_k: float) -> Float64[np.ndarray, "3 3"]:
    """What light of another temperature does to linear colours that were taken in daylight.

    The camera's white balance stays at daylight, so the light's colour is seen. A von Kries change of white
    in Bradford's cone responses (ICC.1:2010, annex E); luminance of white stays 1.
    """
    there, here = (_BRADFORD @ _white(t) for t in (temperature_k, DAYLIGHT_K))
    xyz = np.linalg.inv(_BRADFORD) @ np.diag(there / here) @ _BRADFORD
    return np.linalg.inv(_XYZ_FROM_RGB) @ xyz @ _XYZ_FROM_RGB


def _white(temperature_k: float) -> Float64[np.ndarray, "3"]:
    x, y = chromaticity(temperature_k)
    return np.array([x / y, 1.0, (1.0 - x - y) / y])


def add_noise(
    linear: Linear, gain: float, full_well_e: float, read_e: float, rng: np.random.Generator
) -> Linear:
    """Shot and read noise of a sensor, as EMVA Standard 1288 (release 4.0, linear) has it.

    Args:
        linear: The image after amplification; 1 is the full well before it.
        gain: By which the camera amplified what little light there was.
        full_well_e: Electrons that a pixel can hold.
        read_e: Standard deviation of the read noise, electrons.
        rng: Draws it.
    """
    electrons = linear * np.float32(full_well_e / gain)
    deviation = np.sqrt(np.maximum(electrons, 0) + np.float32(read_e**2))
    noise = rng.standard_normal(linear.shape, dtype=np.float32)
    return linear + noise * deviation * np.float32(gain / full_well_e)
