"""Snow that lies on what faces up, by exact normals and classes."""

from __future__ import annotations

import cv2
import numpy as np
from jaxtyping import Float32

from drivegen.core.tags import Tag
from drivegen_generators.appearance.light import LUMINANCE, Linear
from drivegen_generators.appearance.surfaces import Share, Surfaces, layered, smoothstep, soft

ALBEDO = np.array([0.84, 0.86, 0.88], np.float32)
"""Of fresh snow in visible light, 0.75 to 0.95 (Warren, Reviews of Geophysics 20, 1982)."""
KEPT = {
    Tag.ROAD: 0.55, Tag.ROAD_LINE: 0.55, Tag.SIDEWALK: 0.9, Tag.GROUND: 0.9, Tag.TERRAIN: 1.0,
    Tag.VEGETATION: 0.9,
    Tag.BUILDING: 1.0, Tag.WALL: 1.0, Tag.FENCE: 0.7, Tag.GUARD_RAIL: 0.8, Tag.STATIC: 0.9, Tag.OTHER: 0.8,
    Tag.BRIDGE: 0.9, Tag.RAIL_TRACK: 0.7, Tag.POLE: 0.5, Tag.CAR: 0.75, Tag.TRUCK: 0.75, Tag.BUS: 0.75,
}  # fmt: skip
"""How much snow stays on a class that faces up: by eye; traffic clears roads and the wind cars. Nothing
stays on people, two-wheelers, lights and signs, which must be told apart."""
_VEHICLES = (Tag.CAR, Tag.TRUCK, Tag.BUS)


def cover_of(surfaces: Surfaces, amount: float, seed: int) -> Share:
    """The share of each pixel that is under snow, 0 to 1; it stays where it is in the world.

    Args:
        surfaces: Of the image.
        amount: 0 none, 1 a closed cover.
        seed: Of its pattern.
    """
    kept = np.zeros(256, np.float32)
    for tag, most in KEPT.items():
        kept[int(tag)] = most
    most = kept[surfaces.image.tag] * np.float32(amount)
    drift = layered(surfaces.points_m, 5.0, seed, "drifts")
    # A pattern of the world would slide over what moves.
    drift = np.where(surfaces.of(*_VEHICLES), np.float32(0.5), drift)
    facing = smoothstep(0.35, 0.75, surfaces.up + 0.3 * (drift - 0.5))
    lies = np.where(
        surfaces.of(Tag.ROAD, Tag.ROAD_LINE),
        smoothstep(0.62 - 0.45 * amount, 0.9 - 0.45 * amount, drift),
        np.float32(1),
    )
    found = most * facing * lies * surfaces.solid
    return np.asarray(cv2.GaussianBlur(found.astype(np.float32), (3, 3), 0.0))


def snowed(level: Linear, white: float, cover: Share) -> Linear:
    """An even image under snow; what shades the ground there (corners, hollows) still does, softly."""
    luminance = np.maximum(level @ LUMINANCE, 1e-3)
    around = cv2.GaussianBlur(luminance, (0, 0), 6.0)
    relief = np.clip(luminance / around, 0.6, 1.15) ** np.float32(0.35)
    snow = np.float32(white) * ALBEDO * relief[..., None]
    share = cover[..., None]
    return np.asarray(level * (1 - share) + snow * share, np.float32)


def wintry(level: Linear, surfaces: Surfaces) -> Float32[np.ndarray, "h w 3"]:
    """Plants without their green: what is left between flakes."""
    plants = soft(surfaces.of(Tag.VEGETATION, Tag.TERRAIN), 3)[..., None]
    grey = (level @ LUMINANCE)[..., None] * np.array([1.05, 0.98, 0.9], np.float32)
    return np.asarray(level * (1 - 0.7 * plants) + grey * 0.7 * plants, np.float32)
