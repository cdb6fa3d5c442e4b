"""Which objects' rectangles overlap on the ground."""

from __future__ import annotations

import numba
import numpy as np
from jaxtyping import Float64, Int64


@numba.njit(cache=True)
def overlaps(
    xyz_m: Float64[np.ndarray, "n 3"],
    axis: Float64[np.ndarray, "n 2"],
    half_m: Float64[np.ndarray, "n 3"],
    least_m: float,
) -> Int64[np.ndarray, "c 2"]:
    """Pairs of rows (the lower first) whose boxes overlap by more than `least_m` across every edge.

    The separating axis theorem on rectangles; heights must overlap too.
    """
    n = len(xyz_m)
    found = np.empty((n * 8 + 16, 2), np.int64)
    count = 0
    for a in range(n):
        for b in range(a + 1, n):
            dx, dy = xyz_m[b, 0] - xyz_m[a, 0], xyz_m[b, 1] - xyz_m[a, 1]
            reach = half_m[a, 0] + half_m[a, 1] + half_m[b, 0] + half_m[b, 1]
            if dx * dx + dy * dy > reach * reach:
                continue
            if abs(xyz_m[b, 2] - xyz_m[a, 2]) > half_m[a, 2] + half_m[b, 2]:
                continue
            c = abs(axis[a, 0] * axis[b, 0] + axis[a, 1] * axis[b, 1])
            s = abs(axis[a, 0] * axis[b, 1] - axis[a, 1] * axis[b, 0])
            apart = False
            for side in range(2):
                o, p = (a, b) if side == 0 else (b, a)
                along = abs(dx * axis[o, 0] + dy * axis[o, 1])
                across = abs(dy * axis[o, 0] - dx * axis[o, 1])
                if along > half_m[o, 0] + c * half_m[p, 0] + s * half_m[p, 1] - least_m:
                    apart = True
                if across > half_m[o, 1] + s * half_m[p, 0] + c * half_m[p, 1] - least_m:
                    apart = True
            if not apart and count < len(found):
                found[count, 0], found[count, 1] = a, b
                count += 1
    return found[:count]
