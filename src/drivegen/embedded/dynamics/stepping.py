"""One step of all vehicles in compiled code: substeps of motion with contacts between."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from drivegen.embedded.dynamics.columns import FORWARD, LEFT, PHYSICS
from drivegen.embedded.dynamics.contact import near_pairs, separate_vehicles
from drivegen.embedded.dynamics.motion import move

SUBSTEP_S = 0.01
"""CARLA's own default (max_substep_delta_time); longer steps are divided."""
SEPARATION_PASSES = 4

Table = np.ndarray[Any, Any]


@njit(cache=True, error_model="numpy")
def advance(state: Table, body: Table, control: Table, flags: Table, dt: float) -> tuple[Table, Table]:
    """Moves all vehicles by `dt` over the ground.

    Returns pairs of rows that came near and, a row a pair, (impulse x, y given to the second, times touched).
    """
    n = len(state)
    count = max(1, math.ceil(dt / SUBSTEP_S - 1e-9))
    h = dt / count
    margin = np.empty(n)
    for i in range(n):
        # 20 m/s2 is more than any pedal or tyre gives.
        margin[i] = 0.1 + dt * (abs(state[i, FORWARD]) + abs(state[i, LEFT]) + 20.0 * dt)
    pairs = near_pairs(state, body, margin, np.empty(n), np.empty(n))
    impulses = np.zeros((len(pairs), 3))
    for _ in range(count):
        for i in range(n):
            if flags[i, PHYSICS]:
                move(state[i], body[i], control[i], flags[i], h)
        if len(pairs) > 0:
            separate_vehicles(state, body, flags, pairs, impulses, SEPARATION_PASSES)
    return pairs, impulses
