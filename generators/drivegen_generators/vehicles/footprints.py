"""Rectangles on the ground that vehicles take."""

from __future__ import annotations

import math

GAP_AHEAD_M = 2.5
"""Left free before and behind each vehicle."""

GAP_ASIDE_M = 0.4

_CELL_M = 24.0

_Rectangle = tuple[float, float, float, float, float, float, float]
"""x, y, z, cos, sin, half length, half width."""


class Footprints:
    """Rectangles that are taken; none meets another of the same height."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int], list[_Rectangle]] = {}
        self._reach_m = 0.0

    def add(
        self,
        x_m: float,
        y_m: float,
        heading_rad: float,
        length_m: float,
        width_m: float,
        *,
        z_m: float = 0.0,
        gap_ahead_m: float = GAP_AHEAD_M,
        gap_aside_m: float = GAP_ASIDE_M,
    ) -> bool:
        """Takes a rectangle with half the gaps on each side, unless it meets one; says whether it did."""
        made = _rectangle(x_m, y_m, z_m, heading_rad, length_m + gap_ahead_m, width_m + gap_aside_m)
        if self._meets(made):
            return False
        self._reach_m = max(self._reach_m, math.hypot(made[5], made[6]))
        self._cells.setdefault((math.floor(x_m / _CELL_M), math.floor(y_m / _CELL_M)), []).append(made)
        return True

    def is_free(
        self, x_m: float, y_m: float, heading_rad: float, length_m: float, width_m: float, *, z_m: float = 0.0
    ) -> bool:
        """Whether `add` would take the rectangle."""
        length, width = length_m + GAP_AHEAD_M, width_m + GAP_ASIDE_M
        return not self._meets(_rectangle(x_m, y_m, z_m, heading_rad, length, width))

    def _meets(self, made: _Rectangle) -> bool:
        reach = math.hypot(made[5], made[6]) + self._reach_m
        low_x, high_x = math.floor((made[0] - reach) / _CELL_M), math.floor((made[0] + reach) / _CELL_M)
        low_y, high_y = math.floor((made[1] - reach) / _CELL_M), math.floor((made[1] + reach) / _CELL_M)
        return any(
            _meet(made, other)
            for i in range(low_x, high_x + 1)
            for j in range(low_y, high_y + 1)
            for other in self._cells.get((i, j), ())
        )


def _rectangle(
    x_m: float, y_m: float, z_m: float, heading_rad: float, length_m: float, width_m: float
) -> _Rectangle:
    return (
        x_m,
        y_m,
        z_m,
        math.cos(heading_rad),
        math.sin(heading_rad),
        0.5 * length_m,
        0.5 * width_m,
    )


_STOREY_M = 3.5
"""Vehicles farther apart in height than this stand on different roads of a bridge."""


def _meet(a: _Rectangle, b: _Rectangle) -> bool:
    """Whether two rectangles meet: no edge's normal separates them (separating axis theorem)."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    if abs(b[2] - a[2]) > _STOREY_M:
        return False
    if dx * dx + dy * dy >= (a[5] + a[6] + b[5] + b[6]) ** 2:
        return False
    cos = abs(a[3] * b[3] + a[4] * b[4])
    sin = abs(a[3] * b[4] - a[4] * b[3])
    along_a, across_a = abs(dx * a[3] + dy * a[4]), abs(dy * a[3] - dx * a[4])
    if along_a >= a[5] + b[5] * cos + b[6] * sin or across_a >= a[6] + b[5] * sin + b[6] * cos:
        return False
    along_b, across_b = abs(dx * b[3] + dy * b[4]), abs(dy * b[3] - dx * b[4])
    return along_b < b[5] + a[5] * cos + a[6] * sin and across_b < b[6] + a[5] * sin + a[6] * cos
