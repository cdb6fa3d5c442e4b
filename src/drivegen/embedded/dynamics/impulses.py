"""What bodies that touch do to each other's speeds. Momentum is kept, and no energy comes in."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from drivegen.embedded.dynamics.colliders import AHEAD, EASE, SOFT, SPIN, TURN_EASE, VX, VY, YAW, X, Y

RESTITUTION = 0.1
"""Bodywork yields: hardly anything bounces back."""
BOUNCES_FROM_MPS = 1.0
"""What closes in more slowly does not bounce at all."""
SCRAPE_FRICTION = 0.3
"""Metal on metal, for what slides along."""

Row = np.ndarray[Any, Any]


@njit(cache=True, error_model="numpy")
def arm(body: Row, px: float, py: float) -> tuple[float, float]:
    """A point from a body's centre of mass."""
    ahead = body[AHEAD]
    return px - body[X] - math.cos(body[YAW]) * ahead, py - body[Y] - math.sin(body[YAW]) * ahead


@njit(cache=True, error_model="numpy")
def give(body: Row, jx: float, jy: float, rx: float, ry: float) -> None:
    """An impulse at an arm from the centre of mass."""
    body[VX] += jx * body[EASE]
    body[VY] += jy * body[EASE]
    body[SPIN] += (rx * jy - ry * jx) * body[TURN_EASE]


@njit(cache=True, error_model="numpy")
def strike(a: Row, b: Row, nx: float, ny: float, px: float, py: float, bounces: bool) -> tuple[float, float]:
    """Lets two bodies strike at a point with a normal from a to b; the impulse given to b.

    First along the normal, so that they part or stay together; then across it, at most as much as friction
    can hold. Each takes from the speed along its own axis only, so each loses energy.
    """
    ax, ay = arm(a, px, py)
    bx, by = arm(b, px, py)
    total_x = total_y = normal = 0.0
    for k in range(2):
        ex, ey = (nx, ny) if k == 0 else (-ny, nx)
        vx = b[VX] - b[SPIN] * by - a[VX] + a[SPIN] * ay
        vy = b[VY] + b[SPIN] * bx - a[VY] - a[SPIN] * ax
        closing = -(vx * ex + vy * ey)
        lever_a, lever_b = ax * ey - ay * ex, bx * ey - by * ex
        yielding = a[EASE] + lever_a * lever_a * a[TURN_EASE] + b[EASE] + lever_b * lever_b * b[TURN_EASE]
        if yielding <= 0.0 or (k == 0 and closing <= 0.0):
            return 0.0, 0.0
        if k == 0:
            back = bounces and closing > BOUNCES_FROM_MPS and a[SOFT] + b[SOFT] == 0.0
            size = normal = (1.0 + RESTITUTION if back else 1.0) * closing / yielding
        else:
            most = SCRAPE_FRICTION * normal
            size = min(max(closing / yielding, -most), most)
        give(a, -size * ex, -size * ey, ax, ay)
        give(b, size * ex, size * ey, bx, by)
        total_x += size * ex
        total_y += size * ey
    return total_x, total_y
