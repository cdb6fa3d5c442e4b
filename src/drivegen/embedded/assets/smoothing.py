"""Normals, smooth where a surface is round and broken at its edges; compiled, since every asset needs them."""

from __future__ import annotations

import math

import numba
import numpy as np
from jaxtyping import Float64, Int


def corner_normals(
    points: Float64[np.ndarray, "v 3"], faces: Int[np.ndarray, "t 3"], crease_rad: float
) -> Float64[np.ndarray, "t 3 3"]:
    """A unit normal for every corner: the mean of the faces there that meet smoothly.

    Faces count by the angle of their corner, so that the cut of a quad in two does not matter (Thuermer and
    Wuethrich 1998).
    """
    corner_point = _weld(points)[faces].reshape(-1)
    order = np.argsort(corner_point, kind="stable")
    count = int(corner_point.max()) + 1 if len(faces) else 0
    starts = np.searchsorted(corner_point[order], np.arange(count + 1))
    return _smoothed(
        np.ascontiguousarray(points[faces]),
        corner_point,
        order,
        starts,
        math.cos(max(crease_rad, 0.0)),
        crease_rad > 0.0,
    )


def _weld(points: Float64[np.ndarray, "v 3"]) -> Int[np.ndarray, "v"]:
    """Index of each point among the distinct positions (to a hundredth of a millimetre)."""
    keys = np.round(points * 1e5).astype(np.int64)
    order = np.lexsort((keys[:, 2], keys[:, 1], keys[:, 0]))
    ranked = keys[order]
    fresh = np.ones(len(keys), dtype=np.int64)
    fresh[1:] = (ranked[1:] != ranked[:-1]).any(axis=1)
    out = np.empty(len(keys), dtype=np.int64)
    out[order] = np.cumsum(fresh) - 1
    return out


@numba.njit(cache=True)
def _smoothed(corners, corner_point, order, starts, cosine, smooth):  # type: ignore[no-untyped-def]
    count = corners.shape[0]
    unit = np.empty((count, 3))
    angle = np.empty(count * 3)
    for t in range(count):
        a, b, c = corners[t, 0], corners[t, 1], corners[t, 2]
        normal = np.cross(b - a, c - a)
        unit[t] = normal / max(np.sqrt((normal * normal).sum()), 1e-15)
        for k in range(3):
            ahead = corners[t, (k + 1) % 3] - corners[t, k]
            behind = corners[t, (k + 2) % 3] - corners[t, k]
            across = np.cross(ahead, behind)
            angle[3 * t + k] = np.arctan2(np.sqrt((across * across).sum()), (ahead * behind).sum())
    out = np.empty((count, 3, 3))
    for t in range(count):
        for k in range(3):
            total = np.zeros(3)
            if smooth:
                point = corner_point[3 * t + k]
                for i in range(starts[point], starts[point + 1]):
                    other = order[i]
                    face = other // 3
                    if (unit[t] * unit[face]).sum() >= cosine:
                        total += unit[face] * angle[other]
            length = np.sqrt((total * total).sum())
            out[t, k] = total / length if length > 1e-15 else unit[t]
    return out
