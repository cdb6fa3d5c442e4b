"""What else shines at night: windows behind which somebody is, signals, the sky above a city."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32

from drivegen.core.tags import Tag
from drivegen_generators.appearance.light import LUMINANCE, Linear
from drivegen_generators.appearance.surfaces import Surfaces, pattern, smoothstep, soft

ROOM_M = (3.0, 3.0)
"""Width and height of a room; by eye."""
LIT = 0.3
"""Share of rooms with light; by eye."""
_WARM = np.array([1.35, 0.95, 0.5], np.float32)
_COLD = np.array([0.95, 1.0, 1.1], np.float32)
SKY = np.array([0.0042, 0.0046, 0.0058], np.float32)
SKY_GLOW = np.array([0.030, 0.024, 0.017], np.float32)
"""At the zenith, and what the city's own light adds at the horizon; by eye."""


def lit_windows(level: Linear, surfaces: Surfaces, seed: int) -> Linear:
    """Light from panes, which are what is bluish on buildings; the same rooms in every frame."""
    panes = (surfaces.image.tag == Tag.BUILDING) & (np.abs(surfaces.up) < 0.3)
    blue = level[..., 2] > 1.12 * level[..., 0]
    panes &= blue & (level @ LUMINANCE < 0.32)
    # A little behind the wall, so that no wall lies on the border of rooms.
    inside = surfaces.points_m - np.float32(0.7) * surfaces.normals
    x, y = (np.floor(inside[..., k] / np.float32(ROOM_M[0]) + np.float32(0.37)) for k in (0, 1))
    room, floor = x + 37 * y, np.floor(surfaces.points_m[..., 2] / np.float32(ROOM_M[1]))
    drawn = pattern(room, floor, seed, "rooms")
    warmth = pattern(room, floor, seed, "warmth")[..., None]
    bright = 0.10 + 0.35 * pattern(room, floor, seed, "bright")
    on = soft(panes & (drawn < LIT), 3)
    colour = _COLD + (_WARM - _COLD) * smoothstep(0.2, 0.45, warmth)
    return np.asarray(colour * (on * bright)[..., None], np.float32)


def lit_signals(linear: Linear, surfaces: Surfaces) -> Linear:
    """Lenses of traffic lights that shine: what is coloured and bright on them keeps its light."""
    top, low = linear.max(axis=-1), linear.min(axis=-1)
    shines = (surfaces.image.tag == Tag.TRAFFIC_LIGHT) & (top > 0.25) & (low < 0.45 * top)
    share = soft(shines, 3)[..., None]
    return np.asarray(linear * share * np.float32(1.6), np.float32)


def night_sky(linear: Linear, surfaces: Surfaces) -> Float32[np.ndarray, "h w 3"]:
    """The image under a dark sky with a city's glow at the horizon."""
    sine = np.clip(surfaces.directions[..., 2], 0, 1)[..., None]
    sky = SKY + SKY_GLOW * np.exp(-sine / np.float32(0.22))
    share = soft(surfaces.image.sky)[..., None]
    return np.asarray(linear * (1 - share) + sky * share, np.float32)
