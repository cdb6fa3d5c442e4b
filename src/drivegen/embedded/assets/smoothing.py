"""Normals: smooth where a surface is round, broken at its edges. Compiled, since every asset needs them."""

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
    # Scalars throughout: array expressions would take seconds to compile.
    count = corners.shape[0]
    unit = np.empty((count, 3))
    angle = np.empty(count * 3)
    for t in range(count):
        for k in range(3):
            i, j = (k + 1) % 3, (k + 2) % 3
            ax = corners[t, i, 0] - corners[t, k, 0]
            ay = corners[t, i, 1] - corners[t, k, 1]
            az = corners[t, i, 2] - corners[t, k, 2]
            bx = corners[t, j, 0] - corners[t, k, 0]
            by = corners[t, j, 1] - corners[t, k, 1]
            bz = corners[t, j, 2] - corners[t, k, 2]
            cx, cy, cz = ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx
            length = math.sqrt(cx * cx + cy * cy + cz * cz)
            angle[3 * t + k] = math.atan2(length, ax * bx + ay * by + az * bz)
            if k == 0:
                scale = 1.0 / max(length, 1e-15)
                unit[t, 0], unit[t, 1], unit[t, 2] = cx * scale, cy * scale, cz * scale
    out = np.empty((count, 3, 3))
    for t in range(count):
        for k in range(3):
            sx, sy, sz = 0.0, 0.0, 0.0
            point = corner_point[3 * t + k]
            for i in range(starts[point], starts[point + 1]):
                face = order[i] // 3
                near = unit[t, 0] * unit[face, 0] + unit[t, 1] * unit[face, 1] + unit[t, 2] * unit[face, 2]
                if smooth and near >= cosine:
                    weight = angle[order[i]]
                    sx += unit[face, 0] * weight
                    sy += unit[face, 1] * weight
                    sz += unit[face, 2] * weight
            length = math.sqrt(sx * sx + sy * sy + sz * sz)
            if length > 1e-15:
                out[t, k, 0], out[t, k, 1], out[t, k, 2] = sx / length, sy / length, sz / length
            else:
                out[t, k, 0], out[t, k, 1], out[t, k, 2] = unit[t, 0], unit[t, 1], unit[t, 2]
    return out
