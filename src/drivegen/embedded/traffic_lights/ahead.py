"""Finds the stop line ahead of each vehicle."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

PASSED_M = 1.5
"""A front that is farther than this beyond the line has left the approach."""
ALONG_COSINE = 0.5
"""A vehicle within 60 degrees of the lane's direction drives along it."""
LEVEL_M = 3.0
"""Lanes farther above or below belong to another road."""

Table = np.ndarray[Any, Any]
Row = np.ndarray[Any, Any]


@njit(cache=True, error_model="numpy")
def lines_ahead(
    front: Table, yaw: Row, points: Table, half_width: Row, start: Row, approach: Row, distance: Row
) -> None:
    """Fills, per vehicle, the approach that its front is on (-1: none) and the way to the stop line.

    Args:
        front: Middle of the front bumpers, m x 3.
        yaw: Headings.
        points: `Approaches.points_m`.
        half_width: `Approaches.half_width_m`.
        start: `Approaches.start`.
        approach: m, filled.
        distance: m, filled; along the lane, negative beyond the line.
    """
    for i in range(len(front)):
        approach[i] = -1
        distance[i] = 1e9
        x, y, z = front[i, 0], front[i, 1], front[i, 2]
        c, s = math.cos(yaw[i]), math.sin(yaw[i])
        for a in range(len(start) - 1):
            first, last = start[a], start[a + 1]
            reach = 2.0 * (last - first) + 10.0
            if abs(points[first, 0] - x) > reach or abs(points[first, 1] - y) > reach:
                continue
            run = 0.0
            for k in range(first, last - 1):
                ex, ey = points[k + 1, 0] - points[k, 0], points[k + 1, 1] - points[k, 1]
                length = math.hypot(ex, ey)
                if length < 1e-6:
                    continue
                ex, ey = ex / length, ey / length
                dx, dy = x - points[k, 0], y - points[k, 1]
                along = dx * ex + dy * ey
                low = -PASSED_M if k == first else -0.05
                if low <= along <= length:
                    share = min(max(along / length, 0.0), 1.0)
                    width = half_width[k] + share * (half_width[k + 1] - half_width[k])
                    level = points[k, 2] + share * (points[k + 1, 2] - points[k, 2])
                    near = abs(dy * ex - dx * ey) <= width and abs(level - z) <= LEVEL_M
                    if near and -(c * ex + s * ey) >= ALONG_COSINE and run + along < distance[i]:
                        approach[i], distance[i] = a, run + along
                run += length
