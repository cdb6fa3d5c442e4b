"""Fog in LiDARs, after Hahner et al. 2021, "Fog Simulation on Real LiDAR Point Clouds for 3D Object Detection
in Adverse Weather" (ICCV), which builds on Rasshofer, Spies and Spies 2011, "Influences of weather phenomena
on automotive laser radar systems" (Adv. Radio Sci. 9).

Surfaces lose light on the way out and back (exp(-2 alpha R)); the fog itself sends light back, spread over
the range, of which the LiDAR sees the peak. Powers are in units of a Lambertian surface of reflectance 1 at 1
m.
"""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float64

CONTRAST = 20.0
"""Meteorological visibility is where a contrast has fallen to 5 per cent: alpha = ln 20 / visibility."""

BACKSCATTER = 0.046
"""Backscatter coefficient of fog x visibility, 1/sr (Rasshofer et al. 2011; Hahner et al. 2021)."""

PULSE_HALF_WIDTH_S = 5e-9
"""Half-power width of the transmitted pulse. Hahner et al. take 20 ns for an older instrument."""

OVERLAP_FROM_M, OVERLAP_FULL_M = 1.0, 5.0
"""Between these ranges the receiver comes to see the whole beam (Rasshofer's crossover function xi). It
belongs to the instrument; Hahner et al. have 0.9 and 1.0 m, these are for optics side by side."""

LIGHT_MPS = 299_792_458.0


def extinction_per_m(visibility_m: float) -> float:
    """Koschmieder's law for a contrast of 5 per cent; 0 for no visibility given (0 or infinite)."""
    return math.log(CONTRAST) / visibility_m if 0.0 < visibility_m < math.inf else 0.0


def backscatter_per_m_sr(visibility_m: float) -> float:
    """Of fog; 0 for no visibility given."""
    return BACKSCATTER / visibility_m if 0.0 < visibility_m < math.inf else 0.0


def overlap(range_m: Float64[np.ndarray, "n"]) -> Float64[np.ndarray, "n"]:
    """Share of the beam that the receiver sees at a range; 0..1."""
    return np.clip((range_m - OVERLAP_FROM_M) / (OVERLAP_FULL_M - OVERLAP_FROM_M), 0.0, 1.0)


def soft_power(
    range_m: Float64[np.ndarray, "n"], alpha_per_m: float, beta_per_m_sr: float, steps: int = 24
) -> Float64[np.ndarray, "n"]:
    """Power received from the medium at the time that stands for each range.

    pi beta times the integral of sin^2(pi t / 2 tau) exp(-2 alpha r) xi(r) / r^2 over r = R - c t / 2 with t
    from 0 to 2 tau: equation 9 of Hahner et al. 2021 without the surface that ends it, in units in which a
    surface of reflectance rho gives rho / R^2. By the midpoint rule.
    """
    t = (np.arange(steps) + 0.5) / steps * 2.0 * PULSE_HALF_WIDTH_S
    pulse = np.sin(np.pi * t / (2.0 * PULSE_HALF_WIDTH_S)) ** 2
    r = range_m[:, None] - LIGHT_MPS * t / 2.0
    dr = LIGHT_MPS / 2.0 * 2.0 * PULSE_HALF_WIDTH_S / steps
    near = np.maximum(r, 0.05)
    term = np.where(r > 0.0, np.exp(-2.0 * alpha_per_m * near) * overlap(near) / near**2, 0.0)
    return np.asarray(np.pi * beta_per_m_sr * (pulse * term).sum(axis=1) * dr)
