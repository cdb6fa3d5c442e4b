"""What an image shows, in the world: points, normals, and patterns that stay where they are on the ground."""

from __future__ import annotations

from functools import cached_property

import cv2
import numpy as np
from jaxtyping import Bool, Float32

from drivegen.capture.clip import ClipImage
from drivegen.core.rng import derive_seed
from drivegen.core.tags import Tag

GROUND = (Tag.ROAD, Tag.ROAD_LINE, Tag.SIDEWALK, Tag.GROUND, Tag.TERRAIN, Tag.RAIL_TRACK)
"""Classes that lie flat."""
PAVED = (Tag.ROAD, Tag.ROAD_LINE, Tag.SIDEWALK, Tag.GROUND)

Mask = Bool[np.ndarray, "h w"]
Share = Float32[np.ndarray, "h w"]
Vectors = Float32[np.ndarray, "h w 3"]


class Surfaces:
    """The surfaces of an image in the world's axes; each property is worked out once."""

    def __init__(self, image: ClipImage) -> None:
        self.image = image

    @cached_property
    def eye_m(self) -> Float32[np.ndarray, "3"]:
        """The camera's place."""
        return np.asarray(self.image.map_optical.position_m, np.float32)

    @cached_property
    def directions(self) -> Vectors:
        """From the camera, of length 1."""
        return self.image.rays @ self.image.map_optical.rotation.T.astype(np.float32)

    @cached_property
    def solid(self) -> Mask:
        """Where something was hit whose distance is known."""
        return ~self.image.sky & (self.image.depth_m > 0.0)

    @cached_property
    def points_m(self) -> Vectors:
        """In the world; of sky and of what is too far, the farthest that a capture keeps."""
        reach = np.where(np.isfinite(self.image.distance_m), self.image.distance_m, np.float32(256.0))
        found: Vectors = self.eye_m + self.directions * reach[..., None]
        return found

    @cached_property
    def normals(self) -> Vectors:
        """Unit; gaps at edges are filled from neighbours, the ground's is up where none is known."""
        world = self.image.normals @ self.image.map_optical.rotation.T.astype(np.float32)
        # A light blur takes the steps out that come of depth in steps of 1/256 m.
        smooth = cv2.blur(world, (5, 5))
        length = np.linalg.norm(smooth, axis=-1, keepdims=True)
        out = np.where(length > 1e-3, smooth / np.maximum(length, 1e-3), np.float32(0))
        flat = self.of(*GROUND) & (length[..., 0] <= 1e-3)
        out[flat] = (0.0, 0.0, 1.0)
        return np.asarray(out, np.float32)

    @property
    def up(self) -> Share:
        """How far surfaces face up: the normal's z."""
        return self.normals[..., 2]

    def of(self, *tags: Tag) -> Mask:
        """Where one of these classes is."""
        table = np.zeros(256, bool)
        table[[int(t) for t in tags]] = True
        found: Mask = table[self.image.tag]
        return found


def soft(mask: Mask, size_px: int = 5) -> Share:
    """A mask with borders as soft as the image's own, or seams would stay around what is changed."""
    return np.asarray(cv2.GaussianBlur(mask.astype(np.float32), (size_px, size_px), 0.0))


def smoothstep(low: float, high: float, value: Share) -> Share:
    """0 below, 1 above, in between 3 t^2 - 2 t^3."""
    t = np.clip((value - np.float32(low)) / np.float32(high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def pattern(
    x: Float32[np.ndarray, "*n"], y: Float32[np.ndarray, "*n"], seed: int, name: str
) -> Float32[np.ndarray, "*n"]:
    """Value noise, 0 to 1: a random number at each whole (x, y), smooth in between.

    A function of the place alone: the same wherever it is seen from, at all times.
    """
    table = _table(derive_seed(seed, name))
    u, v = np.floor(x), np.floor(y)
    s, t = (x - u).astype(np.float32), (y - v).astype(np.float32)
    s, t = s * s * (3 - 2 * s), t * t * (3 - 2 * t)
    i, j = u.astype(np.int32), v.astype(np.int32)
    a, b = table[j & 255, i & 255], table[j & 255, (i + 1) & 255]
    c, d = table[(j + 1) & 255, i & 255], table[(j + 1) & 255, (i + 1) & 255]
    return np.asarray((a + (b - a) * s) * (1 - t) + (c + (d - c) * s) * t, np.float32)


def layered(points_m: Vectors, scale_m: float, seed: int, name: str) -> Share:
    """Patterns of the ground in three sizes, each half as large and half as strong as the one before."""
    total = np.zeros(points_m.shape[:-1], np.float32)
    for k, weight in enumerate((4 / 7, 2 / 7, 1 / 7)):
        step = np.float32(scale_m / 2**k)
        total += np.float32(weight) * pattern(
            points_m[..., 0] / step, points_m[..., 1] / step, seed, f"{name}{k}"
        )
    return total


_TABLES: dict[int, Float32[np.ndarray, "256 256"]] = {}


def _table(seed: int) -> Float32[np.ndarray, "256 256"]:
    if seed not in _TABLES:
        if len(_TABLES) > 64:
            _TABLES.clear()
        _TABLES[seed] = np.random.Generator(np.random.PCG64(seed)).random((256, 256), np.float32)
    return _TABLES[seed]
