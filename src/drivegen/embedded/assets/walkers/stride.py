"""How far a step reaches at a speed: the law by which feet are drawn and by which time moves the gait."""

from __future__ import annotations

import math
from dataclasses import dataclass

WALK_RATIO_SM = 0.384
"""Step length over step frequency: 0.0064 m per step/min (Sekiya and Nagasaki 1998, adults), in m s."""
ADULT_HEIGHT_M = 1.7
"""Of those adults, about."""
SCALE_POWER = 0.75
"""Of the height. Steps of similar bodies are similar at equal Froude numbers v^2 / (g l) (Alexander 1989); a
step that grows as the root of the speed then grows as the three-quarter power of the length."""
SLOWEST_MPS = 0.05
"""Slower than this the steps grow no shorter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What turns a person's speed into a phase, and how much room the person takes."""

    stature_m: float
    """Height of the body, without what is held over it."""
    cycle_m: float = 0.0
    """Way of one turn of the phase where it is the same at every speed (a wheel's); 0: `stride_m`."""
    reach_m: float = 0.30
    """Radius of the round body that others bump into, where the box is not smaller: umbrellas yield."""


def stride_m(speed_mps: float, stature_m: float) -> float:
    """Length of two steps: with the walk ratio w, step = sqrt(w v), scaled to the body."""
    scale = (stature_m / ADULT_HEIGHT_M) ** SCALE_POWER
    return 2.0 * math.sqrt(WALK_RATIO_SM * max(speed_mps, SLOWEST_MPS)) * scale
