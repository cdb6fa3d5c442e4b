"""Finds the stop line ahead of each vehicle."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float64, Int32
from numba import njit

from drivegen.embedded.traffic_lights.approaches import Approaches

PASSED_M = 1.5
"""A front that is farther than this beyond the line has left the approach."""
ALONG_COSINE = 0.5
"""A vehicle within 60 degrees of the lane's direction drives along it."""
LEVEL_M = 3.0
"""Lanes farther above or below belong to another road."""
_SHORTEST_M = 1e-6

Table = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ApproachTable:
    """Approaches as straight pieces, for the search."""

    pieces: Float64[np.ndarray, "p 11"]
    """From its end nearer to the line: x, y, z; direction upstream x, y; length; way from the line to where
    it begins; half widths at begin and end; z at its end; how far before its begin it counts."""
    beyond_m: Float64[np.ndarray, "a"]
    """`Approaches.beyond_m`."""
    start: Int32[np.ndarray, "a+1"]
    """First piece of each approach, and the end."""
    box: Float64[np.ndarray, "a 4"]
    """What a front on the approach lies in: lowest x, y, greatest x, y."""


def approach_table(approaches: Approaches) -> ApproachTable:
    """The table of some approaches."""
    pieces: list[list[float]] = []
    start, boxes = [0], []
    for a in range(len(approaches)):
        rows = slice(approaches.start[a], approaches.start[a + 1])
        points, half = approaches.points_m[rows], approaches.half_width_m[rows]
        run = 0.0
        for k in range(len(points) - 1):
            ex, ey = points[k + 1, :2] - points[k, :2]
            length = math.hypot(ex, ey)
            if length >= _SHORTEST_M:
                slack = PASSED_M + float(approaches.beyond_m[a]) if k == 0 else 0.05
                ends = (half[k], half[k + 1], points[k + 1, 2])
                pieces.append([*points[k], ex / length, ey / length, length, run, *ends, slack])
                run += length
        start.append(len(pieces))
        margin = float(half.max(initial=0.0)) + PASSED_M + float(approaches.beyond_m[a])
        low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
        boxes.append([*(low - margin), *(high + margin)])
    return ApproachTable(
        pieces=np.array(pieces, np.float64).reshape(-1, 11),
        beyond_m=approaches.beyond_m,
        start=np.array(start, np.int32),
        box=np.array(boxes, np.float64).reshape(-1, 4),
    )


@njit(cache=True, error_model="numpy")
def line_ahead(
    x: float, y: float, z: float, yaw: float, pieces: Table, start: Table, box: Table
) -> tuple[int, float]:
    """The approach that a front is on (-1: none) and its way to the stop line, negative beyond it.

    Args:
        x: Of the middle of the front bumper.
        y: Of it.
        z: Of it.
        yaw: The vehicle's heading.
        pieces: `ApproachTable.pieces`.
        start: `ApproachTable.start`.
        box: `ApproachTable.box`.
    """
    found, way = -1, 1e9
    c, s = math.cos(yaw), math.sin(yaw)
    for a in range(len(start) - 1):
        if x < box[a, 0] or y < box[a, 1] or x > box[a, 2] or y > box[a, 3]:
            continue
        for k in range(start[a], start[a + 1]):
            dx, dy = x - pieces[k, 0], y - pieces[k, 1]
            ex, ey, length = pieces[k, 3], pieces[k, 4], pieces[k, 5]
            along = dx * ex + dy * ey
            if along < -pieces[k, 10] or along > length or pieces[k, 6] + along >= way:
                continue
            share = min(max(along / length, 0.0), 1.0)
            width = pieces[k, 7] + share * (pieces[k, 8] - pieces[k, 7])
            level = pieces[k, 2] + share * (pieces[k, 9] - pieces[k, 2])
            near = abs(dy * ex - dx * ey) <= width and abs(level - z) <= LEVEL_M
            if near and -(c * ex + s * ey) >= ALONG_COSINE:
                found, way = a, pieces[k, 6] + along
    return found, way
