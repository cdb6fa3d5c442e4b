"""Wire structs (CARLA's frame, degrees) to drivegen's values (right-handed, radians) and back."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Float64

from drivegen.core.geometry import Pose, Vec3
from drivegen.core.handedness import FLIP_AXIAL, FLIP_Y, pose_from_carla, pose_to_carla
from drivegen.embedded.wire.values import Rotation, Transform, Vector3D

_HALF_TURN_DEG = 180.0 - 1e-3
"""Scripts compare yaws as numbers: what faces backwards is always at +180 degrees, however it was rounded."""


def pose_of(transform: Transform) -> Pose:
    """A CARLA transform as a `Pose`."""
    at, turn = transform.location, transform.rotation
    return pose_from_carla(at.x, at.y, at.z, turn.pitch, turn.yaw, turn.roll)


def transform_of(pose: Pose) -> Transform:
    """A `Pose` as a CARLA transform."""
    x, y, z, pitch, yaw, roll = pose_to_carla(pose)
    if yaw < -_HALF_TURN_DEG:
        yaw += 360.0
    return Transform(location=Vector3D(x=x, y=y, z=z), rotation=Rotation(pitch=pitch, yaw=yaw, roll=roll))


def vector_of(value: Vector3D) -> Vec3:
    """A location, velocity or force, right-handed."""
    return np.array([value.x, -value.y, value.z])


def vector_to_wire(value: Float[np.ndarray, "3"]) -> Vector3D:
    """A location, velocity or force, in CARLA's frame."""
    return Vector3D(x=float(value[0]), y=-float(value[1]), z=float(value[2]))


def turning_of(value: Vector3D) -> Vec3:
    """An angular velocity in degrees per second, as right-handed radians per second."""
    return np.radians(np.array([value.x, value.y, value.z]) * FLIP_AXIAL)


def locations_to_carla(points_m: Float[np.ndarray, "n 3"]) -> Float64[np.ndarray, "n 3"]:
    """Positions, velocities or accelerations of n actors, in CARLA's frame."""
    return np.asarray(points_m, dtype=np.float64) * FLIP_Y


def rotations_to_carla(rpy_rad: Float[np.ndarray, "n 3"]) -> Float64[np.ndarray, "n 3"]:
    """Roll, pitch, yaw of n actors as CARLA's (pitch, yaw, roll) in degrees."""
    degrees = np.degrees(np.asarray(rpy_rad, dtype=np.float64))
    yaw = np.where(degrees[:, 2] > _HALF_TURN_DEG, 360.0 - degrees[:, 2], -degrees[:, 2])
    return np.stack([-degrees[:, 1], yaw, degrees[:, 0]], axis=1)


def turnings_to_carla(radps: Float[np.ndarray, "n 3"]) -> Float64[np.ndarray, "n 3"]:
    """Angular velocities of n actors in CARLA's frame, degrees per second."""
    return np.degrees(np.asarray(radps, dtype=np.float64) * FLIP_AXIAL)
