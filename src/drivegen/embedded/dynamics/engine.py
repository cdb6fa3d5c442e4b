"""The engine and its clutch. Compiled: rows as of `columns`.

As in PhysX's vehicles (its guide, "Vehicles: drivetrain"), which CARLA's are: the engine's speed is a state;
the torque curve times the throttle drives it, a damping that goes from the closed throttle's to the full
throttle's slows it, and a clutch passes on strength x difference of speeds.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from drivegen.embedded.dynamics.columns import (
    CLUTCH,
    DAMP_DISENGAGED,
    DAMP_ENGAGED,
    DAMP_FULL,
    DEAD,
    ENGINE,
    ENGINE_INERTIA,
    ENGINE_TOP,
    FORWARD,
    GEAR,
    N_TORQUE,
    RATIO,
    THROTTLE_INPUT,
    TORQUE,
)

MAX_REVERSE_MPS = 8.0
"""Nobody reverses faster; the throttle closes over the next half metre per second."""
REVERSE_FADE_MPS = 0.5

Row = np.ndarray[Any, Any]


@njit(cache=True, error_model="numpy")
def full_torque(body: Row, speed: float) -> float:
    """Torque at full throttle, by the curve; none above the greatest speed."""
    at = speed / body[ENGINE_TOP] * (N_TORQUE - 1)
    if at >= N_TORQUE - 1:
        # The limiter closes over two hundredths, so that it does not hammer.
        over = at / (N_TORQUE - 1) - 1.0
        return float(body[TORQUE + N_TORQUE - 1]) * max(0.0, 1.0 - over / 0.02)
    k = int(max(at, 0.0))
    low, high = body[TORQUE + k], body[TORQUE + k + 1]
    return float(low + (high - low) * (at - k))


@njit(cache=True, error_model="numpy")
def engine_pull(
    state: Row, body: Row, flags: Row, closed: float, h: float
) -> tuple[float, float, float, float]:
    """(torque, damping, push, hold) of the engine in a substep.

    With the vehicle's speed u at the substep's end, the force at the wheels is push - hold u: engine and
    clutch are solved implicitly, so that no strength and no inertia makes them unstable.
    """
    throttle = 0.0 if flags[DEAD] else state[THROTTLE_INPUT]
    if state[GEAR] < 0.0:
        throttle *= min(max(1.0 + (state[FORWARD] + MAX_REVERSE_MPS) / REVERSE_FADE_MPS, 0.0), 1.0)
    clutch = body[CLUTCH] * closed
    ratio = state[RATIO]
    torque = throttle * full_torque(body, state[ENGINE])
    idle_damping = body[DAMP_ENGAGED] if ratio != 0.0 and clutch > 0.0 else body[DAMP_DISENGAGED]
    damping = idle_damping + (body[DAMP_FULL] - idle_damping) * throttle
    if ratio == 0.0 or clutch == 0.0:
        return torque, damping, 0.0, 0.0
    inertia = body[ENGINE_INERTIA]
    a = 1.0 + h / inertia * (damping + clutch)
    push = clutch * ratio * (state[ENGINE] + h / inertia * torque) / a
    hold = 0.0
    if state[FORWARD] * ratio > 0.0:
        # Rolling against its gear, an engine does not turn backwards: there the clutch only slips.
        hold = clutch * ratio * ratio * (1.0 - h / inertia * clutch / a)
    return torque, damping, push, hold


@njit(cache=True, error_model="numpy")
def spin_engine(state: Row, body: Row, torque: float, damping: float, drive: float, h: float) -> None:
    """The engine's speed after a substep in which the wheels took the force `drive`."""
    taken = drive / state[RATIO] if state[RATIO] != 0.0 else 0.0
    inertia = body[ENGINE_INERTIA]
    turning = (state[ENGINE] + h / inertia * (torque - taken)) / (1.0 + h / inertia * damping)
    state[ENGINE] = max(0.0, turning)
