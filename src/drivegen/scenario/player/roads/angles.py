"""Angles in one turn."""

from __future__ import annotations

import math


def wrapped(angle_rad: float) -> float:
    """The same angle in -pi to pi."""
    return math.remainder(angle_rad, 2.0 * math.pi)


def turned(angle_rad: float) -> float:
    """The same angle in 0 to 2 pi, as trajectory files have it."""
    out = math.fmod(angle_rad, 2.0 * math.pi)
    if out < 0.0:
        out += 2.0 * math.pi
    return 0.0 if out >= 2.0 * math.pi else out
