"""Rain drops and snow flakes in a beam: how many a LiDAR finds, and where.

The hybrid Monte Carlo of Kilic et al. 2021, "Lidar Light Scattering Augmentation (LISA)", draws every
particle in every beam and keeps the strongest. Here the particles that are strong enough to be found are
drawn straight from their own Poisson process: at range r a particle of reflectance rho and diameter D in a
beam of divergence theta gives rho min(1, D / (theta r))^2 exp(-2 alpha r) xi(r) / r^2, so one of at least
D_min(r) is found, and

    mu(r) = integral of (pi / 4) (theta r)^2 N(D > D_min(r)) dr,    N(D > d) = (N0 / L) exp(-L d)

is the expected number up to r. The first one lies where mu reaches an exponentially distributed number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from drivegen.record.degradation.fog import overlap

STEP_M = 0.1
REACH_M = 60.0
"""No drop or flake is looked for beyond."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Particles:
    """Exponential sizes: N(D) = `intercept` exp(-`slope` D), in 1/(m^3 mm) and 1/mm."""

    intercept_per_m3_mm: float
    slope_per_mm: float
    reflectance: float
    """Of a Lambertian disc of the particle's diameter."""

    @property
    def extinction_per_m(self) -> float:
        """Twice the geometric cross section (particles are far larger than the wavelength): pi N0 / L^3."""
        if self.intercept_per_m3_mm <= 0.0:
            return 0.0
        return math.pi * self.intercept_per_m3_mm / self.slope_per_mm**3 * 1e-6

    def number_above(self, diameter_mm: Float64[np.ndarray, "n"]) -> Float64[np.ndarray, "n"]:
        """Particles larger than a diameter, per cubic metre."""
        return np.asarray(
            self.intercept_per_m3_mm / self.slope_per_mm * np.exp(-self.slope_per_mm * diameter_mm)
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Finds:
    """What a LiDAR finds of particles, by range in steps of `STEP_M`."""

    expected: Float64[np.ndarray, "k"]
    """mu, from 0; the expected number of finds up to the range."""
    least_mm: Float64[np.ndarray, "k"]
    """D_min."""
    slope_per_mm: float
    reflectance: float


def ranges_m() -> Float64[np.ndarray, "k"]:
    """Those of `Finds`."""
    return np.arange(round(REACH_M / STEP_M) + 1) * STEP_M


def finds(
    particles: Particles,
    alpha_per_m: float,
    divergence_rad: float,
    least_power: float,
    least_reflectivity: float,
) -> Finds:
    """The tables for a LiDAR.

    Args:
        particles: What falls.
        alpha_per_m: Extinction of all that is in the air.
        divergence_rad: Full angle of the beam.
        least_power: That is found at all, in reflectance / m^2.
        least_reflectivity: That is found, power x range^2.
    """
    r = np.maximum(ranges_m(), 1e-3)
    seen = np.maximum(overlap(r), 1e-12) * np.exp(-2.0 * alpha_per_m * r)
    needed = np.maximum(least_power * r**2, least_reflectivity) / (particles.reflectance * seen)
    # A particle that fills the beam gives no more.
    least_mm = np.where(needed <= 1.0, divergence_rad * r * np.sqrt(needed) * 1e3, np.inf)
    area_m2 = math.pi / 4.0 * (divergence_rad * r) ** 2
    density = area_m2 * np.where(
        np.isfinite(least_mm), particles.number_above(np.minimum(least_mm, 1e3)), 0.0
    )
    steps = (density[1:] + density[:-1]) / 2.0 * STEP_M
    return Finds(
        expected=np.concatenate([[0.0], np.cumsum(steps)]),
        least_mm=np.where(np.isfinite(least_mm), least_mm, 0.0),
        slope_per_mm=particles.slope_per_mm,
        reflectance=particles.reflectance,
    )
