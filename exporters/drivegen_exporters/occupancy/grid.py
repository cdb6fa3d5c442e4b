"""The voxels around the ego, as Occ3D has them for nuScenes (Tian et al. 2023): 0.4 m, 80 x 80 x 6.4 m.

Axes are the ego's (x forward, y left, z up); arrays are indexed [x, y, z] from the grid's low corner.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float, Float64, Int64, UInt8

from drivegen_exporters.classes import vocabulary

VOXEL_M = 0.4
LOW_M = np.array([-40.0, -40.0, -1.0])
SHAPE = (200, 200, 16)
SIZE = SHAPE[0] * SHAPE[1] * SHAPE[2]

WORDS = vocabulary("occupancy")
FREE = WORDS.categories["free"].id
CLASSES = len(WORDS.categories)
CLASS_OF_TAG = WORDS.tag_table(otherwise=0).astype(np.uint8)


def voxels_of(points_m: Float[np.ndarray, "n 3"]) -> tuple[Int64[np.ndarray, "k"], Bool[np.ndarray, "n"]]:
    """Flat numbers of the voxels in which points of the ego's frame lie, and which points lie in the grid."""
    at = np.floor((points_m - LOW_M) / VOXEL_M).astype(np.int64)
    inside = ((at >= 0) & (at < SHAPE)).all(axis=1)
    kept = at[inside]
    return (kept[:, 0] * SHAPE[1] + kept[:, 1]) * SHAPE[2] + kept[:, 2], inside


def centres_m() -> Float64[np.ndarray, "n 3"]:
    """Middles of all voxels in the ego's frame, in the order of their numbers."""
    at = np.stack(np.meshgrid(*(np.arange(n) for n in SHAPE), indexing="ij"), axis=-1).reshape(-1, 3)
    return LOW_M + (at + 0.5) * VOXEL_M


class Votes:
    """Counts of points by voxel and class."""

    def __init__(self) -> None:
        self._counts = np.zeros((SIZE, CLASSES), np.uint16)

    def add(self, points_m: Float[np.ndarray, "n 3"], classes: UInt8[np.ndarray, "n"]) -> None:
        """Counts points of the ego's frame; those of class free count for nothing."""
        voxels, inside = voxels_of(points_m)
        keys = voxels * CLASSES + classes[inside]
        found, counts = np.unique(keys[classes[inside] != FREE], return_counts=True)
        flat = self._counts.reshape(-1)
        flat[found] = np.minimum(flat[found].astype(np.int64) + counts, 65_535)

    def semantics(self) -> UInt8[np.ndarray, "200 200 16"]:
        """The class of which a voxel has most points, the first of equals; free without a point."""
        best = self._counts.argmax(axis=1).astype(np.uint8)
        best[~self._counts.any(axis=1)] = FREE
        return best.reshape(SHAPE)
