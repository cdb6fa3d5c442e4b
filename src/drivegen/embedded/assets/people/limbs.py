"""Where the parts of a limb go when its ends are known."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float, Float64

Vec3 = Float64[np.ndarray, "3"]
Mat4 = Float64[np.ndarray, "4 4"]


def middle_joint(
    start: Vec3, end: Vec3, first_m: float, second_m: float, towards: Float[np.ndarray, "3"]
) -> Vec3:
    """The knee or elbow between two ends (law of cosines); a target out of reach is reached for in vain.

    Args:
        start: hip or shoulder.
        end: ankle or wrist.
        first_m: length of thigh or upper arm.
        second_m: length of shin or forearm.
        towards: the side to which the joint bends.
    """
    span = end - start
    distance = max(float(np.linalg.norm(span)), 1e-6)
    along = span / distance
    reach = min(max(distance, abs(first_m - second_m) + 1e-4), first_m + second_m - 1e-4)
    cosine = (first_m**2 + reach**2 - second_m**2) / (2 * first_m * reach)
    side = np.asarray(towards, dtype=np.float64)
    side = side - (side @ along) * along
    side /= max(float(np.linalg.norm(side)), 1e-9)
    sine = math.sqrt(max(1.0 - cosine**2, 0.0))
    return np.asarray(start + first_m * (cosine * along + sine * side), dtype=np.float64)


def hanging(joint: Vec3, end: Vec3, front: Float[np.ndarray, "3"]) -> Mat4:
    """Frame of a part that hangs along -z from its joint towards an end, its +x as near to `front` as can be."""
    up = joint - end
    up = up / max(float(np.linalg.norm(up)), 1e-9)
    x = np.asarray(front, dtype=np.float64)
    x = x - (x @ up) * up
    length = float(np.linalg.norm(x))
    if length < 1e-6:
        x = np.array([up[2], 0.0, -up[0]])
        length = float(np.linalg.norm(x))
    x /= length
    out = np.eye(4)
    # Written out: np.cross costs more than all else here.
    y = (up[1] * x[2] - up[2] * x[1], up[2] * x[0] - up[0] * x[2], up[0] * x[1] - up[1] * x[0])
    out[:3, 0], out[:3, 1], out[:3, 2], out[:3, 3] = x, y, up, joint
    return out


def placed(rotation: Float[np.ndarray, "3 3"], position: Float[np.ndarray, "3"]) -> Mat4:
    """A homogeneous matrix."""
    out = np.eye(4)
    out[:3, :3], out[:3, 3] = rotation, position
    return out


def apply(matrix: Mat4, x: float, y: float, z: float) -> Vec3:
    """A point of a part in the person's frame."""
    return np.asarray(matrix[:3, :3] @ np.array([x, y, z]) + matrix[:3, 3], dtype=np.float64)
