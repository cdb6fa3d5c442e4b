"""Seasons: the hue of plants, by class; where a tree stands decides which hue it has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from drivegen.core.tags import Tag
from drivegen_generators.appearance.light import LUMINANCE, Linear
from drivegen_generators.appearance.surfaces import Share, Surfaces, pattern, soft

TREE_M = 7.0
"""About how far trees stand apart: the size of the pattern of hues."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """What a season does to what is green. Linear colours of luminance 1, chosen by eye.

    Leaves do not fall: a season has no other shapes.
    """

    leaves: tuple[tuple[float, float, float], ...]
    """Hues that trees draw from; between two a tree's own mixture."""
    grass: tuple[float, float, float]
    leaf_share: float
    grass_share: float
    """How much of the summer's colour is lost."""
    gain: float = 1.0


SEASONS: dict[str, Season | None] = {
    "summer": None,
    "spring": Season(
        leaves=((0.75, 1.15, 0.3), (0.95, 1.1, 0.35)), grass=(0.7, 1.15, 0.35),
        leaf_share=0.6, grass_share=0.6, gain=1.25,
    ),
    "autumn": Season(
        leaves=((2.2, 0.75, 0.1), (1.75, 0.92, 0.08), (1.35, 1.05, 0.12), (2.6, 0.6, 0.12)),
        grass=(1.35, 0.97, 0.35), leaf_share=0.9, grass_share=0.6, gain=1.2,
    ),
    "winter": Season(
        leaves=((1.3, 0.95, 0.65), (1.15, 0.98, 0.75)), grass=(1.25, 0.96, 0.6),
        leaf_share=0.85, grass_share=0.85, gain=0.8,
    ),
}  # fmt: skip


def in_season(linear: Linear, surfaces: Surfaces, season: Season, share: float, seed: int) -> Linear:
    """The image with its plants in a season.

    Args:
        linear: The image.
        surfaces: Of it.
        season: Which.
        share: 0 leaves it as it is, 1 is all of the season.
        seed: Of which tree has which hue.
    """
    luminance = (linear @ LUMINANCE)[..., None]
    greenness = np.clip(
        (linear[..., 1] - np.maximum(linear[..., 0], linear[..., 2])) / (luminance[..., 0] + 1e-4), 0, 1
    )
    green = np.clip(greenness * 6, 0, 1) * np.float32(share)
    leaves = soft(surfaces.of(Tag.VEGETATION), 3) * green * np.float32(season.leaf_share)
    grass = soft(surfaces.of(Tag.TERRAIN), 3) * green * np.float32(season.grass_share)
    turned = luminance * _hue(surfaces, season, seed) * np.float32(season.gain)
    out = linear * (1 - leaves[..., None]) + turned * leaves[..., None]
    straw = luminance * np.array(season.grass, np.float32)
    return np.asarray(out * (1 - grass[..., None]) + straw * grass[..., None], np.float32)


def _hue(surfaces: Surfaces, season: Season, seed: int) -> Float32[np.ndarray, "h w 3"]:
    x, y = (surfaces.points_m[..., k] / np.float32(TREE_M) for k in (0, 1))
    place: Share = pattern(x, y, seed, "hue")
    fine = pattern(x * 6, y * 6 + surfaces.points_m[..., 2], seed, "leaf") - np.float32(0.5)
    hues = np.array(season.leaves, np.float32)
    at = np.clip((place - 0.15) / 0.7 + 0.25 * fine, 0, 0.999) * (len(hues) - 1)
    k = at.astype(np.int32)
    rest = (at - k)[..., None].astype(np.float32)
    found: Float32[np.ndarray, "h w 3"] = hues[k] * (1 - rest) + hues[np.minimum(k + 1, len(hues) - 1)] * rest
    return found
