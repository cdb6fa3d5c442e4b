"""Which gear is in. It has no effect on the forces beyond their direction."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64, Int32

UPSHIFT_MPS = np.array([6.0, 11.0, 16.0, 22.0, 29.0])
"""Speeds at which an everyday six-speed automatic is in the next gear."""
HYSTERESIS_MPS = 1.5


def engaged_gears(
    gear: Int32[np.ndarray, "n"], forward_mps: Float64[np.ndarray, "n"], asked: Int32[np.ndarray, "n 3"]
) -> Int32[np.ndarray, "n"]:
    """Gears after a step: -1 reverse, 0 neutral, 1 to 6.

    Args:
        gear: Before.
        forward_mps: Speed along the vehicle.
        asked: Reverse, manual gear, gear, as the drivers asked.
    """
    lowest = 1 + np.searchsorted(UPSHIFT_MPS, forward_mps)
    highest = 1 + np.searchsorted(UPSHIFT_MPS - HYSTERESIS_MPS, forward_mps)
    automatic = np.clip(np.maximum(gear, 1), lowest, highest)
    automatic = np.where(asked[:, 0] != 0, -1, automatic)
    return np.where(asked[:, 1] != 0, asked[:, 2], automatic).astype(np.int32)
