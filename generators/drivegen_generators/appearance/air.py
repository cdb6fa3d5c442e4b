"""What a turbid air does to an image: Koschmieder's law along each pixel's ray.

An object's light fades and the air's own comes on top: L = L0 t + A (1 - t), t = exp(-optical depth)
(Koschmieder, "Theorie der horizontalen Sichtweite", Beitraege zur Physik der freien Atmosphaere 12, 1924).
The air thins with height, exp(-z / H), over flat ground; light is scattered once, by droplets or dust that
scatter all colours alike.
"""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float32

from drivegen.capture.clip import ClipImage
from drivegen_generators.appearance.light import LUMINANCE, Linear, linear_of

_HORIZON = math.sin(math.radians(12.0))
"""Sky below this elevation counts as sky at the horizon, whose light Koschmieder's A is."""
_COLOUR = 0.25
"""Share of the sky's colour that the air's light keeps: droplets scatter sun and sky alike, nearly white."""
_LEVEL = 1e-4
"""Rays that climb less than this count as level."""


def extinction_per_m(visibility_m: float) -> float:
    """Extinction coefficient of a meteorological optical range: 5 % of a light's flux are left after it.

    MOR = -ln(0.05) / extinction (WMO-No. 8, Guide to Instruments and Methods of Observation, volume I,
    chapter 9).
    """
    return -math.log(0.05) / visibility_m


def transmission(image: ClipImage, visibility_m: float, layer_m: float) -> Float32[np.ndarray, "h w"]:
    """The share of each pixel's light that comes through.

    Args:
        image: Whose distances and rays.
        visibility_m: Meteorological optical range at the ground.
        layer_m: Height at which the extinction has fallen to 1 / e.
    """
    at_camera = extinction_per_m(visibility_m) * math.exp(-max(image.height_m, 0.0) / layer_m)
    # The climb of each ray; the world's z is the third row of the rotation.
    climb = image.rays @ image.map_optical.rotation[2].astype(np.float32)
    distance = image.distance_m
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        # Integral of exp(-z / H) along the ray, from 0 to the distance; sky: to infinity.
        rise = climb / np.float32(layer_m)
        bent = -np.expm1(-distance * rise) / rise
        path = np.where(np.abs(climb) < _LEVEL, distance, bent)
        path = np.where(np.isinf(distance) & (climb <= _LEVEL), np.float32(np.inf), path)
        return np.exp(-np.float32(at_camera) * path)


def light_of_air(images: list[ClipImage]) -> Float32[np.ndarray, "3"]:
    """The air's own light A, as linear colours: that of the sky at the horizon, with less of its colour.

    Args:
        images: Of one moment, of all cameras; where none shows the sky, the brightest surfaces stand for it.
    """
    horizon, sky, bright = [], [], []
    for image in images:
        colours = linear_of(image.bgr)
        climb = image.rays @ image.map_optical.rotation[2].astype(np.float32)
        sky.append(colours[image.sky])
        horizon.append(colours[image.sky & (climb < _HORIZON)])
        luminance = colours @ LUMINANCE
        bright.append(colours[luminance >= np.quantile(luminance, 0.98)])
    found = next(c for kind in (horizon, sky, bright) if len(c := np.concatenate(kind)))
    mean = found.mean(axis=0, dtype=np.float64).astype(np.float32)
    grey = np.full(3, mean @ LUMINANCE, np.float32)
    return grey + np.float32(_COLOUR) * (mean - grey)


def veiled(linear: Linear, through: Float32[np.ndarray, "h w"], air: Float32[np.ndarray, "3"]) -> Linear:
    """Koschmieder's law."""
    t = through[..., None]
    return linear * t + air * (np.float32(1) - t)
