"""Snowfall in LiDARs, after Hahner et al. 2022, "LiDAR Snowfall Simulation for Robust 3D Object Detection"
(CVPR).

Sizes after Gunn and Marshall 1958, "The distribution with size of aggregate snowflakes": of melted diameters
N0 = 3800 R^-0.87 /(m^3 mm) and slope 2.55 R^-0.48 /mm for R mm/h of melted water. A flake is wider than its
drop: by the cube root of the density of water over that of aggregates, taken as 100 kg/m^3. Hahner et al.
draw flakes in every beam; here those that are found are drawn (`particles`).
"""

from __future__ import annotations

from drivegen.record.degradation.particles import Particles

FLAKE_DENSITY = 0.1
"""Of aggregates, over that of water."""
SWELL = FLAKE_DENSITY ** (-1.0 / 3.0)
"""Diameter of a flake over that of the drop which it melts into."""
REFLECTANCE = 0.16
"""Of a flake as a disc: 2 pi over a lidar ratio of 40 sr, that of ice particles; a flake is porous."""


def flakes(snow_mmph: float) -> Particles:
    """What falls at a rate of melted water above 0."""
    return Particles(
        intercept_per_m3_mm=3800.0 * snow_mmph**-0.87 / SWELL,
        slope_per_mm=2.55 * snow_mmph**-0.48 / SWELL,
        reflectance=REFLECTANCE,
    )
