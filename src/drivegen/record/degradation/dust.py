"""Dust storms in LiDARs: a medium like fog, with the optics of mineral dust.

Visibility is that of the weather. Dust sends back a smaller share of what it takes away than fog droplets do:
lidar ratio (extinction over backscatter) 40 sr, as measured for Gobi dust over Beijing (Mueller et al. 2007,
"Aerosol-type-dependent lidar ratios observed with Raman lidar", J. Geophys. Res. 112: 35 +- 5 sr at 532 nm).
Extinction at 905 nm is taken as at visible light: dust grains are larger than both.
"""

from __future__ import annotations

from drivegen.record.degradation.fog import extinction_per_m

LIDAR_RATIO_SR = 40.0


def backscatter_per_m_sr(visibility_m: float) -> float:
    """Of dust; 0 for no visibility given."""
    return extinction_per_m(visibility_m) / LIDAR_RATIO_SR
