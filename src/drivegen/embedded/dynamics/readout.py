"""What the world sees of the vehicles' state: velocities and accelerations in its frame."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float64

from drivegen.embedded.dynamics import columns as col

MOST_MPS = 150.0
"""What a vehicle without physics seems to do faster than this was a jump, not a motion."""

_POSE = [col.X, col.Y, col.Z, col.ROLL, col.PITCH, col.YAW]


def poses(state: Float64[np.ndarray, "n s"]) -> Float64[np.ndarray, "n 6"]:
    """x, y, z, roll, pitch, yaw."""
    return state[:, _POSE]


def wrapped(angle_rad: Float64[np.ndarray, "*n"]) -> Float64[np.ndarray, "*n"]:
    """Into [-pi, pi)."""
    return (angle_rad + np.pi) % (2.0 * np.pi) - np.pi


def world_motion(
    state: Float64[np.ndarray, "n s"],
    body: Float64[np.ndarray, "n b"],
    physics: Bool[np.ndarray, "n"],
    tilts_before: Float64[np.ndarray, "n 2"],
    last_poses: Float64[np.ndarray, "n 6"],
    dt_s: float,
) -> tuple[Float64[np.ndarray, "n 3"], Float64[np.ndarray, "n 3"]]:
    """(velocity of the origins, angular velocity), world frame.

    Args:
        state: After the step.
        body: Constants.
        physics: Which vehicles move by themselves; the others' motion is the change of their pose.
        tilts_before: Roll and pitch before the step.
        last_poses: `poses` at the end of the last step.
        dt_s: Length of the step.
    """
    c, s = np.cos(state[:, col.YAW]), np.sin(state[:, col.YAW])
    cos_pitch, sin_pitch = np.cos(state[:, col.PITCH]), np.sin(state[:, col.PITCH])
    left = state[:, col.LEFT] - state[:, col.YAW_RATE] * body[:, col.CENTRE_AHEAD]
    forward = state[:, col.FORWARD] * cos_pitch
    on_ground = left * np.sin(state[:, col.ROLL]) * cos_pitch - state[:, col.FORWARD] * sin_pitch
    up = np.where(state[:, col.AIRBORNE] > 0.5, state[:, col.FALL], on_ground)
    velocity = np.stack([forward * c - left * s, forward * s + left * c, up], axis=1)
    rate = np.empty((len(state), 3))
    rate[:, :2] = wrapped(state[:, [col.ROLL, col.PITCH]] - tilts_before) / dt_s
    rate[:, 2] = state[:, col.YAW_RATE]
    placed = ~physics
    if placed.any():
        moved = (poses(state) - last_poses)[placed]
        by_hand = moved[:, :3] / dt_s
        by_hand[np.linalg.norm(by_hand, axis=1) > MOST_MPS] = 0.0
        velocity[placed] = by_hand
        rate[placed] = wrapped(moved[:, 3:]) / dt_s
    turning = np.stack([c * rate[:, 0] - s * rate[:, 1], s * rate[:, 0] + c * rate[:, 1], rate[:, 2]], axis=1)
    return velocity, turning
