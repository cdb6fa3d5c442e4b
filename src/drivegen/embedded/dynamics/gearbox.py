"""Which gear is in, and how gears change. Compiled: rows as of `columns`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from drivegen.embedded.dynamics.columns import (
    AUTOMATIC,
    C_GEAR,
    C_MANUAL,
    C_REVERSE,
    ENGINE,
    FORWARD,
    GEAR,
    GEAR_DOWN,
    GEAR_RATIO,
    GEAR_UP,
    GEARS,
    RATIO,
    SHIFT_LEFT,
    SHIFT_TIME,
)

HAND_OVER_S = 0.2
"""How long torque takes to pass from one gear to the next, so that acceleration does not jump: what boxes
that change under load take."""

Row = np.ndarray[Any, Any]


@njit(cache=True, error_model="numpy")
def ratio_of(body: Row, gear: float) -> float:
    """Turns of the engine per metre, rad/m. Reverse is as short as first gear."""
    if gear == 0.0:
        return 0.0
    if gear < 0.0:
        return -body[GEAR_RATIO]
    return float(body[GEAR_RATIO + int(gear) - 1])


@njit(cache=True, error_model="numpy")
def wanted_gear(state: Row, body: Row, control: Row) -> float:
    """-1 reverse, 0 neutral, 1 and up: the driver's, or what the automatic box takes next."""
    gear = state[GEAR]
    if control[C_MANUAL] > 0.5:
        return min(max(control[C_GEAR], -1.0), body[GEARS])
    if control[C_REVERSE] > 0.5:
        return -1.0
    if gear < 1.0:
        return 1.0
    gear = min(gear, body[GEARS])
    if body[AUTOMATIC] < 0.5 or state[SHIFT_LEFT] > 0.0:
        return gear
    k = int(gear) - 1
    if state[ENGINE] > body[GEAR_UP + k] and gear < body[GEARS]:
        return gear + 1.0
    if state[ENGINE] < body[GEAR_DOWN + k] and gear > 1.0:
        return gear - 1.0
    return gear


@njit(cache=True, error_model="numpy")
def change_gears(state: Row, body: Row, control: Row, h: float) -> float:
    """Moves a change of gears on by `h`. Returns the share of the clutch that is closed.

    While `gear_switch_time` lasts no gear is in, as in CARLA; then the new one takes over.
    """
    gear = wanted_gear(state, body, control)
    if gear != state[GEAR]:
        state[GEAR] = gear
        state[SHIFT_LEFT] = body[SHIFT_TIME] + HAND_OVER_S
    left = state[SHIFT_LEFT]
    if left <= 0.0:
        state[RATIO] = ratio_of(body, gear)
        return 1.0
    if left > HAND_OVER_S:
        state[SHIFT_LEFT] = left - h
        if state[SHIFT_LEFT] <= HAND_OVER_S:
            state[RATIO] = ratio_of(body, gear)
        return 0.0
    before = state[RATIO]
    state[RATIO] += (ratio_of(body, gear) - before) * min(1.0, h / left)
    if before * state[FORWARD] > 0.0:
        # The box brings the engine to its new speed: its inertia does not push.
        state[ENGINE] = max(0.0, state[ENGINE] + state[FORWARD] * (state[RATIO] - before))
    state[SHIFT_LEFT] = max(0.0, left - h)
    return 1.0 if body[SHIFT_TIME] <= 0.0 else 1.0 - state[SHIFT_LEFT] / HAND_OVER_S


@njit(cache=True, error_model="numpy")
def engage_at_speed(state: Row, body: Row, control: Row) -> None:
    """Puts in the gear, and brings the engine to the speed, that fit how fast a vehicle goes now."""
    gear = wanted_gear(state, body, control)
    speed = state[FORWARD]
    if control[C_MANUAL] < 0.5 and control[C_REVERSE] < 0.5 and body[AUTOMATIC] > 0.5:
        gear = 1.0
        while gear < body[GEARS] and speed * ratio_of(body, gear) > body[GEAR_UP + int(gear) - 1]:
            gear += 1.0
    state[GEAR] = gear
    state[SHIFT_LEFT] = 0.0
    state[RATIO] = ratio_of(body, gear)
    if gear != 0.0:
        state[ENGINE] = max(0.0, speed * state[RATIO])
