"""Vehicles that were pushed harder than anything can bear do not leave the numbers that a world can hold."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64

from drivegen.embedded.dynamics import columns as col

FASTEST_MPS = 1000.0
FASTEST_TURN_RADPS = 100.0
_SLACK_M = 50.0
"""What contacts may push a vehicle aside within a step."""


def keep_sane(state: Float64[np.ndarray, "n k"], before: Float64[np.ndarray, "n k"], dt_s: float) -> None:
    """Limits velocities after a step; a vehicle for which the step has failed stands where it was before.

    Args:
        state: Rows as of `columns`; changed in place.
        before: The same rows before the step.
        dt_s: Length of the step.
    """
    way = np.abs(state[:, : col.Z + 1] - before[:, : col.Z + 1]).max(axis=1, initial=0.0)
    # Written so that what is not a number counts as failed.
    failed = ~(np.isfinite(state).all(axis=1) & (way <= 2.0 * FASTEST_MPS * dt_s + _SLACK_M))
    if failed.any():
        state[failed] = before[failed]
        state[failed, col.FORWARD : col.FALL + 1] = 0.0
    for column, limit in (
        (col.FORWARD, FASTEST_MPS),
        (col.LEFT, FASTEST_MPS),
        (col.FALL, FASTEST_MPS),
        (col.YAW_RATE, FASTEST_TURN_RADPS),
    ):
        np.clip(state[:, column], -limit, limit, out=state[:, column])
