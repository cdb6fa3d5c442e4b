"""What drivers ask of vehicles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Int32


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VehicleControls:
    """What drivers ask for, a row a vehicle; values as in CARLA."""

    throttle: Float64[np.ndarray, "n"]
    """0 .. 1."""
    steer: Float64[np.ndarray, "n"]
    """-1 .. 1, positive to the right."""
    brake: Float64[np.ndarray, "n"]
    """0 .. 1."""
    hand_brake: Bool[np.ndarray, "n"]
    reverse: Bool[np.ndarray, "n"]
    manual_gear: Bool[np.ndarray, "n"]
    """`gear` is the driver's, else the gearbox chooses."""
    gear: Int32[np.ndarray, "n"]
    """-1 reverse, 0 neutral."""
