"""Keeps courses and speeds that clients ask for (CARLA's Ackermann control). Compiled: one row a vehicle.

A controller of the speed sets an acceleration, a second one of the acceleration sets the pedals (CARLA's
documentation, "Ackermann control"). Both move their output on by what they find rather than set it; their
outputs lie within -1 and 1 a tick. Signs are CARLA's: steer positive to the right.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from drivegen.embedded.dynamics.columns import (
    C_BRAKE,
    C_GEAR,
    C_MANUAL,
    C_REVERSE,
    C_STEER,
    C_THROTTLE,
    FORWARD,
    PHYSICS,
)

# columns of a row
ACTIVE = 0
WANT_STEER, WANT_STEER_RATE, WANT_SPEED, WANT_ACCELERATION, WANT_JERK = 1, 2, 3, 4, 5
LOCK = 6  # greatest steer, rad
GAINS = 7  # 6 columns: kp, ki, kd of speed, then of acceleration
SPEED, ACCELERATION = 13, 14  # as seen in the last tick; the acceleration is smoothed
INTEGRALS, INPUTS = 15, 17  # 2 columns each
GOAL_ACCELERATION, PEDAL = 19, 20
REVERSE = 21
N_ACKERMANN = 22

USUAL_GAINS = (0.15, 0.0, 0.25, 0.01, 0.0, 0.01)
"""CARLA's."""
MOST_ACCELERATION_MPS2, MOST_DECELERATION_MPS2 = 3.0, 8.0
"""Where a client asks for no limit (0): CARLA's."""
STANDING_MPS = 0.1

Table = np.ndarray[Any, Any]
Row = np.ndarray[Any, Any]


@njit(cache=True, error_model="numpy")
def clamp(value: float, most: float) -> float:
    """Within -most and most."""
    return min(max(value, -most), most)


@njit(cache=True, error_model="numpy")
def correction(row: Row, which: int, error: float, seen: float, dt: float) -> float:
    """Output of controller 0 (speed) or 1 (acceleration); its derivative is that of what it sees."""
    gains = GAINS + 3 * which
    row[INTEGRALS + which] = clamp(row[INTEGRALS + which] + row[gains + 1] * error * dt, 1.0)
    change = (seen - row[INPUTS + which]) / dt
    row[INPUTS + which] = seen
    return clamp(row[gains] * error + row[INTEGRALS + which] - row[gains + 2] * change, 1.0)


@njit(cache=True, error_model="numpy")
def steer(row: Row, before: float, dt: float) -> float:
    """The steering, -1 .. 1, on its way from `before` to what is wanted."""
    lock = row[LOCK]
    if lock <= 0.0:
        return 0.0
    wanted = clamp(row[WANT_STEER], lock)
    if row[WANT_STEER_RATE] >= 1e-3:
        wanted = before * lock + clamp(wanted - before * lock, row[WANT_STEER_RATE] * dt)
    return wanted / lock


@njit(cache=True, error_model="numpy")
def pedal(row: Row, dt: float) -> float:
    """The pedal, -1 .. 1, along the vehicle's forward axis."""
    goal = row[WANT_SPEED]
    if abs(row[SPEED]) < STANDING_MPS:
        row[REVERSE] = 1.0 if goal < 0.0 else 0.0
    elif row[SPEED] * goal < 0.0:
        goal = 0.0  # to a stand before the other way
    limit = abs(row[WANT_ACCELERATION])
    low, high = -limit, limit
    if limit < 1e-4:
        low, high = -MOST_DECELERATION_MPS2, MOST_ACCELERATION_MPS2
    step = correction(row, 0, goal - row[SPEED], row[SPEED], dt)
    if row[WANT_JERK] != 0.0:
        step = clamp(step, abs(row[WANT_JERK]) * dt)
    row[GOAL_ACCELERATION] = min(max(row[GOAL_ACCELERATION] + step, low), high)
    row[PEDAL] = clamp(
        row[PEDAL] + correction(row, 1, row[GOAL_ACCELERATION] - row[ACCELERATION], row[ACCELERATION], dt),
        1.0,
    )
    return float(row[PEDAL])


@njit(cache=True, error_model="numpy")
def keep_courses(state: Table, control: Table, flags: Table, rows: Table, dt: float) -> None:
    """Sets the controls of the vehicles that have a course and a speed to keep, once a tick."""
    for i in range(len(rows)):
        row = rows[i]
        if row[ACTIVE] < 0.5 or not flags[i, PHYSICS]:
            continue
        speed = state[i, FORWARD]
        row[ACCELERATION] = (4.0 * row[ACCELERATION] + (speed - row[SPEED]) / dt) / 5.0
        row[SPEED] = speed
        control[i, C_STEER] = steer(row, control[i, C_STEER], dt)
        control[i, C_MANUAL] = control[i, C_GEAR] = 0.0
        if abs(speed) < STANDING_MPS and abs(row[WANT_SPEED]) < STANDING_MPS:
            control[i, C_THROTTLE], control[i, C_BRAKE] = 0.0, 1.0
            continue
        value = pedal(row, dt)
        if row[REVERSE] > 0.5:
            value = -value
        control[i, C_THROTTLE], control[i, C_BRAKE] = max(value, 0.0), max(-value, 0.0)
        control[i, C_REVERSE] = row[REVERSE]
