"""What the world sees of the vehicles' state: velocities and accelerations in its frame."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from jaxtyping import Float64
from numba import njit

from drivegen.embedded.dynamics.columns import (
    AIRBORNE,
    CENTRE_AHEAD,
    FALL,
    FORWARD,
    LEFT,
    PHYSICS,
    PITCH,
    ROLL,
    YAW,
    YAW_RATE,
    X,
    Y,
    Z,
)

MOST_MPS = 150.0
"""What a vehicle without physics seems to do faster than this was a jump, not a motion."""

_POSE = (X, Y, Z, ROLL, PITCH, YAW)

Table = np.ndarray[Any, Any]
Row = np.ndarray[Any, Any]


def poses(state: Float64[np.ndarray, "n s"]) -> Float64[np.ndarray, "n 6"]:
    """x, y, z, roll, pitch, yaw."""
    return state[:, _POSE]


def wrapped(angle_rad: Float64[np.ndarray, "*n"]) -> Float64[np.ndarray, "*n"]:
    """Into [-pi, pi)."""
    return (angle_rad + np.pi) % (2.0 * np.pi) - np.pi


@njit(cache=True, error_model="numpy")
def wrapped_angle(angle: float) -> float:
    """Into [-pi, pi)."""
    return (angle + math.pi) % (2.0 * math.pi) - math.pi


@njit(cache=True, error_model="numpy")
def moving_velocity(state: Row, body: Row) -> tuple[float, float, float]:
    """Of the origin of a vehicle that moves by itself, world frame."""
    c, s = math.cos(state[YAW]), math.sin(state[YAW])
    left = state[LEFT] - state[YAW_RATE] * body[CENTRE_AHEAD]
    forward = state[FORWARD] * math.cos(state[PITCH])
    up = left * math.sin(state[ROLL]) * math.cos(state[PITCH]) - state[FORWARD] * math.sin(state[PITCH])
    if state[AIRBORNE] > 0.5:
        up = state[FALL]
    return forward * c - left * s, forward * s + left * c, up


@njit(cache=True, error_model="numpy")
def placed_velocity(state: Row, last: Row, dt: float) -> tuple[float, float, float]:
    """Of a vehicle that is put somewhere: what took it there from its last pose."""
    vx, vy, vz = (state[X] - last[0]) / dt, (state[Y] - last[1]) / dt, (state[Z] - last[2]) / dt
    if vx * vx + vy * vy + vz * vz > MOST_MPS * MOST_MPS:
        return 0.0, 0.0, 0.0
    return vx, vy, vz


@njit(cache=True, error_model="numpy")
def read_motion(
    state: Table,
    body: Table,
    flags: Table,
    tilts_before: Table,
    last_poses: Table,
    motion: Table,
    dt: float,
) -> None:
    """Brings `motion` up to date: n x 9, velocity of the origin, angular velocity, acceleration; all world.

    `tilts_before` (n x 2) are roll and pitch before the step. `last_poses` (n x 6, as `poses`) are those at
    the end of the last step, and are set to those of this one.
    """
    for i in range(len(state)):
        roll, pitch, turn = state[i, ROLL], state[i, PITCH], state[i, YAW_RATE]
        if flags[i, PHYSICS]:
            vx, vy, vz = moving_velocity(state[i], body[i])
            roll_rate = wrapped_angle(roll - tilts_before[i, 0]) / dt
            pitch_rate = wrapped_angle(pitch - tilts_before[i, 1]) / dt
        else:
            vx, vy, vz = placed_velocity(state[i], last_poses[i], dt)
            roll_rate = wrapped_angle(roll - last_poses[i, 3]) / dt
            pitch_rate = wrapped_angle(pitch - last_poses[i, 4]) / dt
            turn = wrapped_angle(state[i, YAW] - last_poses[i, 5]) / dt
        c, s = math.cos(state[i, YAW]), math.sin(state[i, YAW])
        motion[i, 6], motion[i, 7], motion[i, 8] = (
            (vx - motion[i, 0]) / dt,
            (vy - motion[i, 1]) / dt,
            (vz - motion[i, 2]) / dt,
        )
        motion[i, 0], motion[i, 1], motion[i, 2] = vx, vy, vz
        motion[i, 3] = c * roll_rate - s * pitch_rate
        motion[i, 4] = s * roll_rate + c * pitch_rate
        motion[i, 5] = turn
        for k in range(len(_POSE)):
            last_poses[i, k] = state[i, _POSE[k]]
