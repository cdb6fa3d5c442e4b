"""Wet ground: darker, and a mirror for what stands on it.

A wet matt surface is darker because light that it scattered is thrown back into it from below the water
(Angstrom, "The albedo of various surfaces of ground", Geografiska Annaler 7, 1925; Lekner and Dorf, "Why some
things are darker when wet", Applied Optics 27, 1988). What mirrors is Fresnel's share at water, along rays
that are followed through the image's depth.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from jaxtyping import Float32

from drivegen.core.tags import Tag
from drivegen_generators.appearance.light import Linear
from drivegen_generators.appearance.march import follow
from drivegen_generators.appearance.surfaces import PAVED, Share, Surfaces, layered, smoothstep, soft

WATER = 1.333
"""Refractive index in visible light."""
FILM = 0.4
"""Share of rough asphalt's area that is smooth water where there is no puddle; by eye."""
PUDDLE_M = 7.0
"""Size of the largest hollows; by eye."""
REACH_M, STEPS, THICK_M = 70.0, 48, 4.0
_SOAK = {Tag.BUILDING: 0.35, Tag.WALL: 0.5, Tag.TERRAIN: 0.7, Tag.VEGETATION: 0.3, Tag.POLE: 0.2}
"""How wet what is not paved becomes, of 1; by eye."""


def darkened(level: Linear, surfaces: Surfaces, white: float, wetness: float) -> Linear:
    """Surfaces when wet: albedo a becomes a / (n^2 (1 - a) + a) (Angstrom 1925).

    Args:
        level: An even image: its light over `white` is the albedo.
        surfaces: Of the image.
        white: Luminance of what has an albedo of 1.
        wetness: 0 dry, 1 wet through.
    """
    albedo = np.clip(level / np.float32(white), 0, 1)
    share = albedo_ratio(albedo)
    amount = soft(surfaces.of(*PAVED)) * np.float32(wetness)
    for tag, most in _SOAK.items():
        amount = np.maximum(amount, np.float32(most * wetness) * (surfaces.image.tag == tag))
    return np.asarray(level * (1 + (share - 1) * amount[..., None]), np.float32)


def albedo_ratio(albedo: Float32[np.ndarray, "*n"]) -> Float32[np.ndarray, "*n"]:
    """Wet albedo over dry."""
    return 1 / (np.float32(WATER**2) * (1 - albedo) + albedo)


def fresnel(cosine: Float32[np.ndarray, "*n"], index: float = WATER) -> Float32[np.ndarray, "*n"]:
    """Share of unpolarised light that a smooth surface reflects, by the cosine of incidence (Fresnel)."""
    c = np.clip(cosine, 1e-4, 1).astype(np.float32)
    inside = np.sqrt(1 - (1 - c * c) / np.float32(index**2))
    s = (c - index * inside) / (c + index * inside)
    p = (inside - index * c) / (inside + index * c)
    return np.asarray((s * s + p * p) / 2, np.float32)


def mirrored(
    linear: Linear,
    surfaces: Surfaces,
    around: Callable[[Float32[np.ndarray, "n 3"]], Float32[np.ndarray, "n 3"]],
    wetness: float,
    seed: int,
) -> Linear:
    """The image with the water on its ground mirroring what is there.

    Args:
        linear: With the light that is mirrored.
        surfaces: Of the image.
        around: Light from directions in which the image shows nothing.
        wetness: 0 dry, 1 wet through with puddles.
        seed: Of where puddles lie.
    """
    half = slice(None, None, 2)
    paved = surfaces.of(*PAVED) & surfaces.solid
    wanted = (paved & (surfaces.up > 0.7))[half, half]
    if not wanted.any():
        return linear
    directions = surfaces.directions[half, half][wanted]
    out = directions * np.array([1, 1, -1], np.float32)
    starts = surfaces.points_m[half, half][wanted] + np.array([0, 0, 0.03], np.float32)
    hits = follow(surfaces, starts, out, reach_m=REACH_M, steps=STEPS, thick_m=THICK_M)
    seen = around(out)
    # The image's borders know less and less: fade to what is around.
    rows, columns = hits.row[hits.found], hits.column[hits.found]
    edge = np.minimum(columns, linear.shape[1] - 1 - columns) / (0.06 * linear.shape[1])
    edge = np.clip(np.minimum(edge, rows / (0.06 * linear.shape[0])), 0, 1).astype(np.float32)[:, None]
    seen[hits.found] = linear[rows, columns] * edge + seen[hits.found] * (1 - edge)
    image = np.zeros((*wanted.shape, 3), np.float32)
    image[wanted] = seen
    height, width = linear.shape[:2]
    image, known = _smeared(image, wanted, width)
    mirror = cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR)
    known = cv2.resize(known, (width, height), interpolation=cv2.INTER_LINEAR)
    share = _water(surfaces, wetness, seed) * fresnel(-surfaces.directions[..., 2]) * np.clip(known, 0, 1)
    share *= soft(paved, 3)
    return np.asarray(linear * (1 - share[..., None]) + mirror * share[..., None], np.float32)


def _smeared(image: Linear, known: np.ndarray, width_px: int) -> tuple[Linear, Share]:
    """Rough water draws reflections out downwards, in the picture, and hardly sideways."""
    size = (3, max(3, width_px // 80 * 2 + 1))
    weight = cv2.blur(known.astype(np.float32), size)
    blurred = cv2.blur(image, size) / np.maximum(weight, 1e-3)[..., None]
    return np.asarray(blurred, np.float32), np.asarray(weight > 0.02, np.float32)


def _water(surfaces: Surfaces, wetness: float, seed: int) -> Share:
    """Share of the ground that is smooth water; it stays where it is in the world."""
    low = layered(surfaces.points_m, PUDDLE_M, seed, "puddles")
    puddle = smoothstep(0.56, 0.66, low + np.float32(0.06 * (wetness - 0.5)))
    puddle *= surfaces.of(Tag.ROAD, Tag.ROAD_LINE)
    film = np.float32(FILM) * (0.7 + 0.6 * layered(surfaces.points_m, 1.3, seed, "film"))
    return np.asarray(np.float32(wetness) * (film + (0.95 - film) * puddle), np.float32)
