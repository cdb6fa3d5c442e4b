"""A world's values in a recording's frame and units, and back: centimetres, degrees, left-handed."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64

from drivegen.core.geometry import Mat4, Pose
from drivegen.core.handedness import FLIP_AXIAL, FLIP_RPY, angles_to_carla, flip_points, pose_from_carla
from drivegen.embedded.playback.log.layout import Vector

CM_PER_M = 100.0
_NO_MINUS = 0.0
"""Added to what was flipped, so that no text says -0."""


def vector(values: Float64[np.ndarray, "3"]) -> Vector:
    """Three numbers."""
    x, y, z = (float(v) for v in values)
    return Vector(x=x, y=y, z=z)


def locations_cm(points_m: Float64[np.ndarray, "n 3"]) -> Float64[np.ndarray, "n 3"]:
    """Right-handed positions in metres as a recording has them."""
    return flip_points(points_m) * CM_PER_M + _NO_MINUS


def rotations_deg(rotations: Float64[np.ndarray, "n 3 3"]) -> Float64[np.ndarray, "n 3"]:
    """Rotation matrices as (roll, pitch, yaw), the order of Unreal's Euler angles."""
    return angles_to_carla(rotations)[:, [2, 0, 1]] + _NO_MINUS


def velocities_mps(values: Float64[np.ndarray, "n 3"]) -> Float64[np.ndarray, "n 3"]:
    """Velocities stay in metres per second."""
    return flip_points(values) + _NO_MINUS


def turnings_dps(values_radps: Float64[np.ndarray, "n 3"]) -> Float64[np.ndarray, "n 3"]:
    """Angular velocities, degrees per second."""
    return np.degrees(values_radps * FLIP_AXIAL) + _NO_MINUS


def pose_of_matrix(world: Mat4) -> tuple[Vector, Vector]:
    """(location in cm, rotation in degrees) of one pose."""
    location = locations_cm(world[None, :3, 3])[0]
    return vector(location), vector(rotations_deg(world[None, :3, :3])[0])


def pose(location_cm: Float64[np.ndarray, "3"], rotation_deg: Float64[np.ndarray, "3"]) -> Pose:
    """A recorded pose as a `Pose`."""
    x, y, z = (float(v) / CM_PER_M for v in location_cm)
    roll, pitch, yaw = (float(v) for v in rotation_deg)
    return pose_from_carla(x, y, z, pitch, yaw, roll)


def positions_m(locations_cm: Float64[np.ndarray, "n 3"]) -> Float64[np.ndarray, "n 3"]:
    """Recorded locations as right-handed positions in metres."""
    return flip_points(locations_cm) / CM_PER_M


def rpy_rad(rotations_deg: Float64[np.ndarray, "n 3"]) -> Float64[np.ndarray, "n 3"]:
    """Recorded rotations as right-handed roll, pitch, yaw."""
    return np.radians(rotations_deg * FLIP_RPY)


def pose_of_vectors(location_cm: Vector, rotation_deg: Vector) -> Pose:
    """As `pose`, of an event's vectors."""
    place = np.array([location_cm.x, location_cm.y, location_cm.z])
    return pose(place, np.array([rotation_deg.x, rotation_deg.y, rotation_deg.z]))


def between(
    location_cm: Float64[np.ndarray, "n 3"],
    rotation_deg: Float64[np.ndarray, "n 3"],
    next_location_cm: Float64[np.ndarray, "n 3"],
    next_rotation_deg: Float64[np.ndarray, "n 3"],
    share: float,
) -> tuple[Float64[np.ndarray, "n 3"], Float64[np.ndarray, "n 3"]]:
    """Poses a share of the way to the next ones; angles go the shorter way round."""
    turned = (next_rotation_deg - rotation_deg + 180.0) % 360.0 - 180.0
    return location_cm + share * (next_location_cm - location_cm), rotation_deg + share * turned
