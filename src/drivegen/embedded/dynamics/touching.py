"""Whether two convex shapes touch on their way through a substep, and where."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

FLUSH_M = 0.02
"""Corners within this of the foremost one belong to the side that touches."""
APART = 2.0
"""An entry later than the substep's end, which is 1."""

Table = np.ndarray[Any, Any]


@njit(cache=True, error_model="numpy")
def touch(
    a: Table, count_a: int, b: Table, count_b: int, dx: float, dy: float
) -> tuple[float, float, float, float]:
    """(entry, depth, normal x, normal y from a to b) of two shapes as they are at the end of a substep.

    Separating axes with time (as for moving convex shapes, e.g. Ericson, Real-Time Collision Detection,
    2005, ch. 5.5.8): along each side's normal the shapes are apart before one time and after another. `dx`,
    `dy` is how far b came against a, without turning. `entry` is the share of the way at which they met,
    less than 0 for shapes that overlapped from the beginning, or `APART`. The depth is how far b must go
    back along the normal; nothing is too fast or too thin to be met.
    """
    entry, leaving = -1.0, 1.0 + 1e-9
    depth, nx, ny = 0.0, 0.0, 0.0
    least, lx, ly = -1e18, 0.0, 0.0
    for side in range(count_a + count_b):
        of_a = side < count_a
        own, count = (a, count_a) if of_a else (b, count_b)
        other, count_other = (b, count_b) if of_a else (a, count_a)
        k = side if of_a else side - count_a
        after = k + 1 if k + 1 < count else 0
        ex, ey = own[after, 1] - own[k, 1], own[k, 0] - own[after, 0]
        length = math.sqrt(ex * ex + ey * ey)
        if length < 1e-9:
            continue
        ex, ey = ex / length, ey / length
        level = own[k, 0] * ex + own[k, 1] * ey
        nearest = 1e18
        for m in range(count_other):
            nearest = min(nearest, other[m, 0] * ex + other[m, 1] * ey)
        gap = nearest - level
        way = dx * ex + dy * ey
        if not of_a:
            way = -way
        before = gap - way
        if before > 0.0:
            if gap >= 0.0:
                return APART, 0.0, 0.0, 0.0
            met = before / (before - gap)
            if met > entry:
                entry, depth, nx, ny = met, -gap, ex, ey
                if not of_a:
                    nx, ny = -ex, -ey
        elif gap > 0.0:
            leaving = min(leaving, before / (before - gap))
        if gap > least:
            least, lx, ly = gap, ex, ey
            if not of_a:
                lx, ly = -ex, -ey
    if entry >= 0.0:
        if entry >= leaving:
            return APART, 0.0, 0.0, 0.0
        return entry, depth, nx, ny
    if least >= 0.0:
        return APART, 0.0, 0.0, 0.0
    return -1.0, -least, lx, ly


@njit(cache=True, error_model="numpy")
def middle_of_side(a: Table, count: int, nx: float, ny: float) -> tuple[float, float, float]:
    """(level along the normal, least and greatest place across it) of the side that looks along a normal."""
    level = -1e18
    for k in range(count):
        level = max(level, a[k, 0] * nx + a[k, 1] * ny)
    low, high = 1e18, -1e18
    for k in range(count):
        if a[k, 0] * nx + a[k, 1] * ny >= level - FLUSH_M:
            across = a[k, 1] * nx - a[k, 0] * ny
            low, high = min(low, across), max(high, across)
    return level, low, high


@njit(cache=True, error_model="numpy")
def meeting_point(
    a: Table, count_a: int, b: Table, count_b: int, nx: float, ny: float
) -> tuple[float, float]:
    """Where two shapes that lie against each other touch: the middle of what they have in common."""
    level, low_a, high_a = middle_of_side(a, count_a, nx, ny)
    _, high_b, low_b = middle_of_side(b, count_b, -nx, -ny)
    across = 0.5 * (max(low_a, -low_b) + min(high_a, -high_b))
    return nx * level - ny * across, ny * level + nx * across
