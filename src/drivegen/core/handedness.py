"""The one place where CARLA's left-handed frame ends.

CARLA: x forward, y right, z up, degrees, yaw clockwise seen from above, positive pitch nose up.
drivegen: x forward, y left, z up, radians, yaw counter-clockwise, positive pitch nose down (ISO 8855).
With M = diag(1, -1, 1): R_right = M R_left M and t_right = M t_left, which for CARLA's angles comes to
(roll, pitch, yaw)_right = (roll, -pitch, -yaw)_left.
"""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float, Float64

from drivegen.core.geometry import Mat4, Pose, rpy_from_rotation

FLIP_Y = np.array([1.0, -1.0, 1.0])
"""Multiply positions, velocities, forces by this, in either direction."""

FLIP_AXIAL = np.array([-1.0, 1.0, -1.0])
"""Multiply angular velocities and torques (axial vectors) by this, in either direction."""


FLIP_RPY = np.array([1.0, -1.0, -1.0])
"""Multiply (roll, pitch, yaw) by this, in either direction."""


def flip_points(points: Float[np.ndarray, "*n 3"]) -> Float64[np.ndarray, "*n 3"]:
    """Points or free vectors between the frames; its own inverse."""
    return np.asarray(points, dtype=np.float64) * FLIP_Y


def pose_from_carla(x: float, y: float, z: float, pitch_deg: float, yaw_deg: float, roll_deg: float) -> Pose:
    """A CARLA transform as a `Pose`."""
    return Pose.from_xyz_rpy(
        x, -y, z, math.radians(roll_deg), -math.radians(pitch_deg), -math.radians(yaw_deg)
    )


def angles_to_carla(rotations: Float[np.ndarray, "n 3 3"]) -> Float64[np.ndarray, "n 3"]:
    """(pitch, yaw, roll) in CARLA's degrees for many rotation matrices; at the poles roll is not unique."""
    roll = np.arctan2(rotations[:, 2, 1], rotations[:, 2, 2])
    pitch = np.arcsin(np.clip(rotations[:, 2, 0], -1.0, 1.0))
    yaw = -np.arctan2(rotations[:, 1, 0], rotations[:, 0, 0])
    return np.degrees(np.stack([pitch, yaw, roll], axis=1))


def pose_to_carla(pose: Pose) -> tuple[float, float, float, float, float, float]:
    """(x, y, z, pitch_deg, yaw_deg, roll_deg) of CARLA for a `Pose`."""
    roll, pitch, yaw = rpy_from_rotation(pose.rotation)
    x, y, z = (float(v) for v in pose.position_m)
    return x, -y, z, -math.degrees(pitch), -math.degrees(yaw), math.degrees(roll)


def matrix_to_carla(pose: Pose) -> Mat4:
    """The homogeneous matrix of a transform between CARLA's frames, for a `Pose` between drivegen's."""
    flip = np.diag([*FLIP_Y, 1.0])
    return np.asarray(flip @ pose.matrix @ flip)
