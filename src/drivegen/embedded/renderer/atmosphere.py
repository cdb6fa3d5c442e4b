"""Clear sky: light scattered once in a spherical atmosphere, with a share of light scattered more than once.

Constants are those of Hillaire 2020, "A Scalable and Production Ready Sky and Atmosphere Rendering
Technique", table 1 (after Bruneton and Neyret 2008); phase functions after Rayleigh and after Cornette and
Shanks 1992.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64

Array = np.ndarray

PLANET_M = 6_360_000.0
TOP_M = 6_460_000.0
RAYLEIGH_PER_M = np.array([5.802e-6, 13.558e-6, 33.1e-6])
RAYLEIGH_HEIGHT_M = 8_000.0
MIE_SCATTER_PER_M = 3.996e-6
MIE_ABSORB_PER_M = 4.40e-6
MIE_HEIGHT_M = 1_200.0
MIE_FORWARD = 0.8
OZONE_PER_M = np.array([0.650e-6, 1.881e-6, 0.085e-6])
OZONE_MIDDLE_M, OZONE_HALF_M = 25_000.0, 15_000.0
MULTIPLE = 0.09
"""Light that arrives at a point after more than one scattering, as a share of the sun's, isotropic. Chosen so
that a clear noon sky gives about a sixth of the light on the ground."""

VIEW_STEPS = 28
SUN_STEPS = 10


def _densities(height_m: Array, mie_scale: float) -> tuple[Array, Array, Array]:
    h = np.maximum(height_m, 0.0)
    rayleigh = np.exp(-h / RAYLEIGH_HEIGHT_M)
    mie = mie_scale * np.exp(-h / MIE_HEIGHT_M)
    ozone = np.maximum(0.0, 1.0 - np.abs(h - OZONE_MIDDLE_M) / OZONE_HALF_M)
    return rayleigh, mie, ozone


def _depth(
    radius_m: Array, cosine: Array, rayleigh_scale: float, mie_scale: float
) -> Float64[np.ndarray, "*n 3"]:
    """Optical depth from a radius to the top of the atmosphere; huge where the planet is in the way."""
    b = radius_m * cosine
    length = -b + np.sqrt(np.maximum(b * b - radius_m**2 + TOP_M**2, 0.0))
    t = (np.arange(SUN_STEPS) + 0.5) / SUN_STEPS
    # Steps grow with distance: the air is dense where the ray begins.
    s = length[..., None] * t**2
    ds = length[..., None] * (2.0 * t / SUN_STEPS)
    height = np.sqrt(radius_m[..., None] ** 2 + s * s + 2.0 * s * b[..., None]) - PLANET_M
    rayleigh, mie, ozone = ((d * ds).sum(-1) for d in _densities(height, mie_scale))
    depth = (
        rayleigh[..., None] * RAYLEIGH_PER_M * rayleigh_scale
        + mie[..., None] * (MIE_SCATTER_PER_M + MIE_ABSORB_PER_M)
        + ozone[..., None] * OZONE_PER_M
    )
    hidden = (cosine < 0.0) & (radius_m**2 * (1.0 - cosine**2) < PLANET_M**2)
    return np.where(hidden[..., None], 60.0, depth)


def sun_transmittance(
    altitude_rad: float, rayleigh_scale: float, mie_scale: float
) -> Float64[np.ndarray, "3"]:
    """Share of the sun's light that reaches the ground, red, green, blue; 0 below the horizon."""
    r = np.array([PLANET_M + 2.0])
    depth = _depth(r, np.array([np.sin(max(altitude_rad, 0.002))]), rayleigh_scale, mie_scale)[0]
    # The disk sinks through the horizon within about half a degree.
    return np.exp(-depth) * float(np.clip((np.degrees(altitude_rad) + 0.27) / 0.54, 0.0, 1.0))


def clear_sky(
    elevation_rad: Float64[np.ndarray, "e"],
    azimuth_rad: Float64[np.ndarray, "a"],
    sun_altitude_rad: float,
    rayleigh_scale: float,
    mie_scale: float,
) -> Float64[np.ndarray, "e a 3"]:
    """Radiance of the sky for a sun of irradiance 1 above the atmosphere.

    Args:
        elevation_rad: Above the horizon, at least 0.
        azimuth_rad: Away from the sun.
        sun_altitude_rad: Above the horizon; negative at night.
        rayleigh_scale: 1 for the earth's air.
        mie_scale: 1 for clean air with a little haze, 5 and more for a hazy city.
    """
    el, az = np.meshgrid(elevation_rad, azimuth_rad, indexing="ij")
    view = np.stack([np.cos(el) * np.cos(az), np.cos(el) * np.sin(az), np.sin(el)], -1)
    sun = np.array([np.cos(sun_altitude_rad), 0.0, np.sin(sun_altitude_rad)])
    r0 = PLANET_M + 2.0
    b = r0 * view[..., 2]
    length = -b + np.sqrt(b * b - r0**2 + TOP_M**2)
    t = (np.arange(VIEW_STEPS) + 0.5) / VIEW_STEPS
    s = length[..., None] * t**2
    ds = length[..., None] * (2.0 * t / VIEW_STEPS)
    points = view[..., None, :] * s[..., None] + np.array([0.0, 0.0, r0])
    radius = np.linalg.norm(points, axis=-1)
    rayleigh, mie, ozone = _densities(radius - PLANET_M, mie_scale)
    scatter_r = rayleigh[..., None] * RAYLEIGH_PER_M * rayleigh_scale
    scatter_m = mie[..., None] * MIE_SCATTER_PER_M
    extinction = scatter_r + mie[..., None] * (MIE_SCATTER_PER_M + MIE_ABSORB_PER_M)
    extinction = extinction + ozone[..., None] * OZONE_PER_M
    so_far = np.cumsum(extinction * ds[..., None], axis=-2) - 0.5 * extinction * ds[..., None]
    to_sun = _depth(radius, points @ sun / radius, rayleigh_scale, mie_scale)
    mu = (view @ sun)[..., None, None]
    phase_r = 3.0 / (16.0 * np.pi) * (1.0 + mu**2)
    g = MIE_FORWARD
    phase_m = (
        3.0 / (8.0 * np.pi) * (1 - g * g) * (1 + mu**2) / ((2 + g * g) * (1 + g * g - 2 * g * mu) ** 1.5)
    )
    single = np.exp(-to_sun) * (scatter_r * phase_r + scatter_m * phase_m)
    # Light that was scattered before comes from everywhere, so also where the planet hides the sun.
    soft = np.exp(-np.minimum(to_sun, 6.0) * 0.45)
    several = (
        MULTIPLE * soft * (scatter_r + scatter_m) * np.exp(-np.maximum(-np.sin(sun_altitude_rad), 0.0) * 22.0)
    )
    return ((single + several) * np.exp(-so_far) * ds[..., None]).sum(-2)
