"""Rain in LiDARs, after Kilic et al. 2021, "Lidar Light Scattering Augmentation (LISA): Physics-based
Simulation of Adverse Weather Conditions for 3D Object Detection".

Sizes after Marshall and Palmer 1948, "The distribution of raindrops with size": N0 = 8000 /(m^3 mm), slope
4.1 R^-0.21 /mm for a rain rate of R mm/h. Goodin et al. 2019, "Predicting the Influence of Rain on LIDAR in
ADAS", writes the extinction as a power law of R too; with Marshall and Palmer's sizes and twice the geometric
cross section it is 3.6e-4 R^0.63 per metre.
"""

from __future__ import annotations

from drivegen.record.degradation.particles import Particles

INTERCEPT_PER_M3_MM = 8000.0
REFLECTANCE = 0.02
"""Fresnel reflection of water at normal incidence, ((n - 1) / (n + 1))^2, as LISA takes for a drop."""


def slope_per_mm(rain_mmph: float) -> float:
    """Of the exponential distribution of drop diameters."""
    return float(4.1 * rain_mmph**-0.21)


def drops(rain_mmph: float) -> Particles:
    """What falls at a rain rate above 0."""
    return Particles(
        intercept_per_m3_mm=INTERCEPT_PER_M3_MM,
        slope_per_mm=slope_per_mm(rain_mmph),
        reflectance=REFLECTANCE,
    )
