"""How vehicles stand: height, pitch and roll from the ground under their boxes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from drivegen.embedded.dynamics.columns import (
    AIRBORNE,
    FALL,
    FORWARD,
    GRAVITY,
    HALF_LENGTH,
    HALF_WIDTH,
    LEFT,
    PHYSICS,
    PITCH,
    ROLL,
    YAW,
    X,
    Y,
    Z,
)

G = 9.81
SAMPLES = 9
"""Points under a box: 3 along by 3 across."""
TILT_TIME_S = 0.08
"""Springs: how long pitch and roll take to follow the ground."""
DROOP_TIME_S = 0.05
DROOP_M = 0.1
"""Springs keep the wheels on ground that falls away by no more than this a step."""

Table = np.ndarray[Any, Any]
Row = np.ndarray[Any, Any]


@njit(cache=True, error_model="numpy")
def footprints(state: Table, body: Table, points: Table) -> None:
    """Fills n x 9 x 3 with the points whose ground height counts; z is the vehicle's own."""
    for i in range(len(state)):
        c, s = math.cos(state[i, YAW]), math.sin(state[i, YAW])
        for k in range(SAMPLES):
            along, across = (k // 3 - 1) * body[i, HALF_LENGTH], (k % 3 - 1) * body[i, HALF_WIDTH]
            points[i, k, 0] = state[i, X] + along * c - across * s
            points[i, k, 1] = state[i, Y] + along * s + across * c
            points[i, k, 2] = state[i, Z]


@njit(cache=True, error_model="numpy")
def tilt_towards(state: Row, rise_x: float, rise_y: float, keep: float) -> None:
    """Turns the box towards the plane with these rises along and across it; a share `keep` remains."""
    pitch = math.atan(-rise_x)
    roll = math.asin(rise_y / math.sqrt(1.0 + rise_x * rise_x + rise_y * rise_y))
    for column, goal in ((PITCH, pitch), (ROLL, roll)):
        left = (state[column] - goal) * keep
        state[column] = goal + (left if abs(left) > 1e-6 else 0.0)


@njit(cache=True, error_model="numpy")
def stand(state: Table, body: Table, flags: Table, heights: Table, dt: float) -> None:
    """Puts each vehicle onto its ground: the plane through nine heights, lifted until none pokes through.

    Rising ground lifts at once, so that the box never sinks in; falling ground is followed by the springs, or
    in free fall.
    """
    for i in range(len(state)):
        if not flags[i, PHYSICS]:
            continue
        h = heights[i]
        climb = 0.0
        along = body[i, HALF_LENGTH]
        across = body[i, HALF_WIDTH]
        rise_x = (h[6] + h[7] + h[8] - h[0] - h[1] - h[2]) / (6.0 * along)
        rise_y = (h[2] + h[5] + h[8] - h[0] - h[3] - h[6]) / (6.0 * across)
        if state[i, AIRBORNE] < 0.5:
            climb = state[i, LEFT] * math.sin(state[i, ROLL]) * math.cos(state[i, PITCH])
            climb -= state[i, FORWARD] * math.sin(state[i, PITCH])
            state[i, Z] += climb * dt
            tilt_towards(state[i], rise_x, rise_y, math.exp(-dt / TILT_TIME_S))
        # The box's bottom over its middle, per metre along and across.
        own_x = -math.tan(state[i, PITCH])
        own_y = math.tan(state[i, ROLL]) / math.cos(state[i, PITCH])
        contact = -1e18
        for k in range(SAMPLES):
            contact = max(contact, h[k] - own_x * (k // 3 - 1) * along - own_y * (k % 3 - 1) * across)
        gap = state[i, Z] - contact
        if gap <= 0.0:
            state[i, Z] = contact
            state[i, FALL] = 0.0
            state[i, AIRBORNE] = 0.0
        elif not flags[i, GRAVITY]:
            state[i, FALL] = 0.0
        elif gap <= DROOP_M:
            state[i, Z] = contact + gap * math.exp(-dt / DROOP_TIME_S)
            state[i, FALL] = 0.0
            state[i, AIRBORNE] = 0.0
        else:
            if state[i, AIRBORNE] < 0.5:
                state[i, FALL] = climb
            else:
                state[i, FALL] -= G * dt
                state[i, Z] = max(contact, state[i, Z] + state[i, FALL] * dt)
            state[i, AIRBORNE] = 1.0
