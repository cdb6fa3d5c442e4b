"""Where a cloud shows flat surfaces, and how far another cloud's points lie from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, UInt8, UInt16
from scipy.spatial import cKDTree

THIN_M = 0.2
"""One point is kept in a cube of this size, so that neighbours are on more than one ring."""
NEIGHBOURS = 12
LEAST_RINGS = 3
LEAST_SPREAD_M = 0.1
"""Standard deviation of a patch across its narrower direction."""
WIDEST_M = 1.5
"""Standard deviation of a patch along its longer direction."""
PARALLEL = 0.97
"""Cosine between normals of what is taken for one surface."""
REACH_M = 1.0
"""From a point to the nearest patch of its surface."""
ASIDE_M = 0.3
"""The same along the surface; farther off, facades and kerbs have other faces that are parallel."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Patches:
    """Planes through the neighbourhoods of points that lie flat, in the cloud's frame."""

    points_m: Float64[np.ndarray, "n 3"]
    """Around which they are."""
    centers_m: Float64[np.ndarray, "n 3"]
    normals: Float64[np.ndarray, "n 3"]
    tag: UInt8[np.ndarray, "n"]

    def __len__(self) -> int:
        return len(self.points_m)


def flat_patches(
    points_m: Float64[np.ndarray, "n 3"],
    tag: UInt8[np.ndarray, "n"],
    ring: UInt16[np.ndarray, "n"],
    rms_m: float,
) -> Patches:
    """Planes by principal components of each thinned point's neighbours of the same tag.

    Args:
        points_m: The cloud.
        tag: Neighbours of another tag are on another surface.
        ring: Who fired; through points of two rings there is a plane whatever they met, so it takes three.
        rms_m: Distance of the neighbours from their plane, as root mean square, up to which they are flat.
    """
    kept = _thinned(points_m)
    points_m, tag, ring = points_m[kept], tag[kept], ring[kept]
    empty = np.zeros((0, 3))
    if len(points_m) < NEIGHBOURS:
        return Patches(points_m=empty, centers_m=empty, normals=empty, tag=tag[:0])
    _, rows = cKDTree(points_m).query(points_m, NEIGHBOURS)
    near = points_m[rows]
    centers = near.mean(axis=1)
    offsets = near - centers[:, None]
    values, vectors = np.linalg.eigh(np.einsum("nki,nkj->nij", offsets, offsets) / NEIGHBOURS)
    flat = (values[:, 0] < rms_m**2) & (values[:, 1] > LEAST_SPREAD_M**2) & (values[:, 2] < WIDEST_M**2)
    flat &= (tag[rows] == tag[:, None]).all(axis=1)
    flat &= (np.diff(np.sort(ring[rows], axis=1), axis=1) != 0).sum(axis=1) >= LEAST_RINGS - 1
    return Patches(
        points_m=points_m[flat],
        centers_m=centers[flat],
        normals=vectors[flat, :, 0],
        tag=tag[flat],
    )


def _thinned(points_m: Float64[np.ndarray, "n 3"]) -> Float64[np.ndarray, "m"]:
    """Rows of the first point in every cube."""
    cells = np.floor(points_m / THIN_M).astype(np.int64)
    return np.sort(np.unique(cells, axis=0, return_index=True)[1])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Meeting:
    """Points of one cloud on surfaces of another."""

    distance_m: Float64[np.ndarray, "n"]
    """From the point to the plane."""
    normals: Float64[np.ndarray, "n 3"]
    """Of the surfaces, in the frame of their cloud."""


def meet(patches: Patches, tree: cKDTree, others: Patches, here_there: Float64[np.ndarray, "4 4"]) -> Meeting:
    """Distances of another cloud's flat points from the patches that they should lie on.

    Args:
        patches: Of the one cloud, with the tree of their `points_m`.
        tree: As said.
        others: Of the other cloud.
        here_there: From the other cloud's frame to the one's.
    """
    rotation = here_there[:3, :3]
    points_m = others.points_m @ rotation.T + here_there[:3, 3]
    normals = others.normals @ rotation.T
    if not len(patches) or not len(others):
        return Meeting(distance_m=np.zeros(0), normals=np.zeros((0, 3)))
    reach, row = tree.query(points_m, distance_upper_bound=REACH_M)
    found = np.isfinite(reach)
    row = np.where(found, row, 0)
    along = np.einsum("ni,ni->n", points_m - patches.centers_m[row], patches.normals[row])
    aside = points_m - patches.points_m[row]
    aside -= np.einsum("ni,ni->n", aside, patches.normals[row])[:, None] * patches.normals[row]
    found &= np.linalg.norm(aside, axis=1) < ASIDE_M
    found &= np.abs(np.einsum("ni,ni->n", normals, patches.normals[row])) > PARALLEL
    found &= others.tag == patches.tag[row]
    return Meeting(distance_m=np.abs(along[found]), normals=patches.normals[row[found]])


def upright(normals: Float64[np.ndarray, "n 3"], up: Float64[np.ndarray, "3"]) -> Bool[np.ndarray, "n"]:
    """Which surfaces are walls rather than ground."""
    return np.asarray(np.abs(normals @ up) < 0.5)
