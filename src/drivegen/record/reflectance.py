"""How much of a LiDAR's light (905 nm) surfaces send back: by material, angle of incidence and wetness.

Reflectances are those of a Lambertian surface, so that the received power goes with reflectance x cosine.
They are rounded values for 905 nm from the ECOSTRESS spectral library (asphalt, concrete, brick, grass, soil,
galvanised steel; Meerdink et al. 2019) and for clothes, paint and retroreflectors from the literature on
LiDAR reflectivity; between members of one class the spread is far greater than the rounding.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32, Float64, UInt8

from drivegen.core.tags import Tag

REFLECTANCE: dict[Tag, float] = {
    Tag.NONE: 0.30,
    Tag.ROAD: 0.17,
    Tag.SIDEWALK: 0.32,
    Tag.BUILDING: 0.40,
    Tag.WALL: 0.40,
    Tag.FENCE: 0.35,
    Tag.POLE: 0.40,
    Tag.TRAFFIC_LIGHT: 0.12,
    Tag.TRAFFIC_SIGN: 20.0,
    Tag.VEGETATION: 0.50,
    Tag.TERRAIN: 0.40,
    Tag.SKY: 0.0,
    Tag.PEDESTRIAN: 0.35,
    Tag.RIDER: 0.35,
    Tag.CAR: 0.30,
    Tag.TRUCK: 0.40,
    Tag.BUS: 0.40,
    Tag.TRAIN: 0.40,
    Tag.MOTORCYCLE: 0.20,
    Tag.BICYCLE: 0.20,
    Tag.STATIC: 0.35,
    Tag.DYNAMIC: 0.35,
    Tag.OTHER: 0.30,
    Tag.WATER: 0.02,
    Tag.ROAD_LINE: 0.60,
    Tag.GROUND: 0.28,
    Tag.BRIDGE: 0.35,
    Tag.RAIL_TRACK: 0.20,
    Tag.GUARD_RAIL: 0.50,
}
"""Of dry surfaces. Sign faces are retroreflectors, many times brighter than white paper; a back of a sign has
the same tag and so the same value, which is wrong."""

WATER_INDEX = 1.33
"""Refractive index of water at 905 nm (Hale and Querry 1973)."""

RETRO_FULL_SCALE = 100.0
"""Reflectance at which the intensity is 1."""

_WETTED = (Tag.ROAD, Tag.SIDEWALK, Tag.ROAD_LINE, Tag.GROUND, Tag.BRIDGE, Tag.RAIL_TRACK, Tag.TERRAIN)
"""Lying surfaces, on which water stands; walls and vehicles shed it."""

_BEADS_COSINE = 0.35
"""Glass beads send light back to where it came from, so markings do not fade with the angle."""


def table() -> Float32[np.ndarray, "256"]:
    """Reflectance of dry surfaces by tag; of unknown tags that of `Tag.NONE`."""
    out = np.full(256, REFLECTANCE[Tag.NONE], np.float32)
    for tag, value in REFLECTANCE.items():
        out[tag] = value
    return out


def wetted() -> UInt8[np.ndarray, "256"]:
    """1 for tags of surfaces on which water stands."""
    out = np.zeros(256, np.uint8)
    out[list(_WETTED)] = 1
    return out


def paint_reflectance(color_rgb: tuple[int, int, int]) -> float:
    """Of car paint by its colour: near infrared follows the brightness loosely, and no paint is black there.

    From 0.10 for black to 0.75 for white, by Rec. 709 luminance.
    """
    red, green, blue = ((c / 255.0) ** 2.2 for c in color_rgb)
    return 0.10 + 0.65 * (0.2126 * red + 0.7152 * green + 0.0722 * blue)


def wet_reflectance(dry: Float64[np.ndarray, "n"]) -> Float64[np.ndarray, "n"]:
    """Of a surface under a film of water: a / (n^2 (1 - a) + a), Angstrom 1925.

    Light that the surface scatters is partly reflected inside the film and gets another chance to be
    absorbed.
    """
    a = np.clip(np.asarray(dry, dtype=np.float64), 0.0, 1.0)
    return np.asarray(a / (WATER_INDEX**2 * (1.0 - a) + a))


def film_transmission(cos_incidence: Float64[np.ndarray, "n"]) -> Float64[np.ndarray, "n"]:
    """Share of unpolarised light that gets through a film's surface twice, in and out (Fresnel).

    The rest is mirrored away from the sensor, as in the wet ground model of Hahner et al. 2022, "LiDAR
    Snowfall Simulation for Robust 3D Object Detection".
    """
    cos_i = np.clip(np.asarray(cos_incidence, dtype=np.float64), 1e-4, 1.0)
    cos_t = np.sqrt(1.0 - (1.0 - cos_i**2) / WATER_INDEX**2)
    perpendicular = ((cos_i - WATER_INDEX * cos_t) / (cos_i + WATER_INDEX * cos_t)) ** 2
    parallel = ((cos_t - WATER_INDEX * cos_i) / (cos_t + WATER_INDEX * cos_i)) ** 2
    return np.asarray((1.0 - (perpendicular + parallel) / 2.0) ** 2)


def apparent_reflectance(
    tag: UInt8[np.ndarray, "n"],
    cos_incidence: Float32[np.ndarray, "n"],
    painted: Float32[np.ndarray, "n"],
    wetness: float,
) -> Float32[np.ndarray, "n"]:
    """Reflectance x cosine, what a calibrated LiDAR calls reflectivity.

    Args:
        tag: `Tag` of each point.
        cos_incidence: Of the angle between ray and normal.
        painted: Reflectance of the object's own paint; 0 where only the tag is known.
        wetness: Share of the ground that is wet, 0..1.
    """
    cosine = np.abs(cos_incidence)
    reflectance = np.where(painted > 0.0, painted, _TABLE[tag])
    cosine = np.where(tag == Tag.ROAD_LINE, np.maximum(cosine, np.float32(_BEADS_COSINE)), cosine)
    if wetness > 0.0:
        # By a table over the cosine: the formulas cost more than the sweep otherwise.
        step = np.rint(np.minimum(cosine, np.float32(1.0)) * np.float32(255)).astype(np.uint8)
        wet = _WET_TABLE[tag] * _FILM_TABLE[step]
        reflectance = np.where(
            _IS_WETTED[tag] > 0, reflectance + np.float32(wetness) * (wet - reflectance), reflectance
        )
    return np.asarray(reflectance * cosine, dtype=np.float32)


def intensity_of(reflectivity: Float32[np.ndarray, "n"]) -> Float32[np.ndarray, "n"]:
    """Calibrated reflectivity on a scale of 0..1 that is a byte's 0..255.

    As makers calibrate (Velodyne HDL-32E and VLP-16 manuals): 0..100 of 255 for diffuse surfaces of 0..100
    per cent, 101..255 for retroreflectors, here by the logarithm.
    """
    diffuse = np.minimum(reflectivity, np.float32(1.0)) * np.float32(100.0 / 255.0)
    bright = reflectivity > 1.0
    if bright.any():
        decades = np.log10(reflectivity[bright]) / np.log10(RETRO_FULL_SCALE)
        diffuse[bright] = (100.0 + 155.0 * np.minimum(decades, 1.0)) / 255.0
    return np.asarray(diffuse, dtype=np.float32)


_TABLE = table()
_IS_WETTED = wetted()
_WET_TABLE = wet_reflectance(_TABLE.astype(np.float64)).astype(np.float32)
_FILM_TABLE = film_transmission(np.arange(256) / 255.0).astype(np.float32)
