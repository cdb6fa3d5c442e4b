"""Poses and boxes in right-handed frames: metres, radians, z up, quaternions wxyz (unit, w >= 0)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float, Float64

Vec3 = Float64[np.ndarray, "3"]
Quat = Float64[np.ndarray, "4"]
Mat3 = Float64[np.ndarray, "3 3"]
Mat4 = Float64[np.ndarray, "4 4"]


def rotation_from_rpy(roll_rad: float, pitch_rad: float, yaw_rad: float) -> Mat3:
    """Rz(yaw) Ry(pitch) Rx(roll), ISO 8855: yaw counter-clockwise from above, positive pitch nose down."""
    cr, sr = np.cos(roll_rad), np.sin(roll_rad)
    cp, sp = np.cos(pitch_rad), np.sin(pitch_rad)
    cy, sy = np.cos(yaw_rad), np.sin(yaw_rad)
    return np.array(
        [
            [cy * cp, cy * sp * sr - sy * cr, cy * sp * cr + sy * sr],
            [sy * cp, sy * sp * sr + cy * cr, sy * sp * cr - cy * sr],
            [-sp, cp * sr, cp * cr],
        ]
    )


def rpy_from_rotation(rotation: Mat3) -> tuple[float, float, float]:
    """(roll, pitch, yaw) in radians, the inverse of `rotation_from_rpy`; at the poles roll is 0."""
    sp = min(max(-float(rotation[2, 0]), -1.0), 1.0)
    pitch = float(np.arcsin(sp))
    if abs(sp) > 1.0 - 1e-9:
        return 0.0, pitch, float(np.arctan2(-rotation[0, 1], rotation[1, 1]))
    roll = float(np.arctan2(rotation[2, 1], rotation[2, 2]))
    yaw = float(np.arctan2(rotation[1, 0], rotation[0, 0]))
    return roll, pitch, yaw


def quaternion_from_rotation(rotation: Mat3) -> Quat:
    """Unit quaternion wxyz, w >= 0 (Shepperd 1978: divide by the largest component)."""
    m = np.asarray(rotation, dtype=np.float64)
    trace = m[0, 0] + m[1, 1] + m[2, 2]
    diagonal = np.array([trace, m[0, 0], m[1, 1], m[2, 2]])
    case = int(np.argmax(diagonal))
    if case == 0:
        q = np.array([1.0 + trace, m[2, 1] - m[1, 2], m[0, 2] - m[2, 0], m[1, 0] - m[0, 1]])
    elif case == 1:
        q = np.array(
            [m[2, 1] - m[1, 2], 1 + m[0, 0] - m[1, 1] - m[2, 2], m[0, 1] + m[1, 0], m[0, 2] + m[2, 0]]
        )
    elif case == 2:
        q = np.array(
            [m[0, 2] - m[2, 0], m[0, 1] + m[1, 0], 1 + m[1, 1] - m[0, 0] - m[2, 2], m[1, 2] + m[2, 1]]
        )
    else:
        q = np.array(
            [m[1, 0] - m[0, 1], m[0, 2] + m[2, 0], m[1, 2] + m[2, 1], 1 + m[2, 2] - m[0, 0] - m[1, 1]]
        )
    q = q / np.linalg.norm(q)
    return q if q[0] >= 0 else -q


def rotation_from_quaternion(q: Quat) -> Mat3:
    """Rotation matrix of a unit quaternion wxyz."""
    w, x, y, z = q.tolist()
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class Pose:
    """A rigid transform. Name variables `dst_src`: `map_ego @ ego_camera == map_camera`."""

    position_m: Vec3
    orientation_wxyz: Quat

    @staticmethod
    def identity() -> Pose:
        """No translation, no rotation."""
        return Pose(position_m=np.zeros(3), orientation_wxyz=np.array([1.0, 0.0, 0.0, 0.0]))

    @staticmethod
    def from_matrix(matrix: Mat4) -> Pose:
        """From a homogeneous 4x4 matrix whose upper left is a rotation."""
        return Pose(
            position_m=np.array(matrix[:3, 3], dtype=np.float64),
            orientation_wxyz=quaternion_from_rotation(matrix[:3, :3]),
        )

    @staticmethod
    def from_xyz_rpy(
        x_m: float,
        y_m: float,
        z_m: float,
        roll_rad: float = 0.0,
        pitch_rad: float = 0.0,
        yaw_rad: float = 0.0,
    ) -> Pose:
        """From a position and ISO 8855 angles (see `rotation_from_rpy`)."""
        return Pose(
            position_m=np.array([x_m, y_m, z_m], dtype=np.float64),
            orientation_wxyz=quaternion_from_rotation(rotation_from_rpy(roll_rad, pitch_rad, yaw_rad)),
        )

    @cached_property
    def rotation(self) -> Mat3:
        """3x3 rotation matrix."""
        return rotation_from_quaternion(self.orientation_wxyz)

    @cached_property
    def matrix(self) -> Mat4:
        """Homogeneous 4x4 matrix."""
        out = np.eye(4)
        out[:3, :3] = self.rotation
        out[:3, 3] = self.position_m
        return out

    @property
    def yaw_rad(self) -> float:
        """Heading, counter-clockwise from +x seen from above."""
        return rpy_from_rotation(self.rotation)[2]

    def inverse(self) -> Pose:
        """`src_dst` of `dst_src`."""
        inverse = self.rotation.T
        return Pose(position_m=-inverse @ self.position_m, orientation_wxyz=quaternion_from_rotation(inverse))

    def __matmul__(self, other: Pose) -> Pose:
        return Pose(
            position_m=self.rotation @ other.position_m + self.position_m,
            orientation_wxyz=quaternion_from_rotation(self.rotation @ other.rotation),
        )

    def transform_points(self, points_m: Float[np.ndarray, "*n 3"]) -> Float64[np.ndarray, "*n 3"]:
        """Points of the source frame, in the destination frame; float64."""
        return np.asarray(points_m, dtype=np.float64) @ self.rotation.T + self.position_m


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Box:
    """An oriented box. `size_m` is full length (x), width (y), height (z) in the box's own frame."""

    pose: Pose
    """Frame of the box, origin at its centre."""
    size_m: Vec3

    def corners_m(self) -> Float64[np.ndarray, "8 3"]:
        """The corners; index bits are (x, y, z) > 0, so corner 7 is front left top."""
        signs = np.array([[(i >> k & 1) * 2 - 1 for k in range(3)] for i in range(8)], dtype=np.float64)
        return self.pose.transform_points(signs * (self.size_m / 2))

    def contains(self, points_m: Float[np.ndarray, "n 3"], grow_m: float = 0.0) -> Bool[np.ndarray, "n"]:
        """Which points lie inside the box after each face has moved out by `grow_m`."""
        local = (np.asarray(points_m, dtype=np.float64) - self.pose.position_m) @ self.pose.rotation
        return np.asarray(np.all(np.abs(local) <= self.size_m / 2 + grow_m, axis=1))
