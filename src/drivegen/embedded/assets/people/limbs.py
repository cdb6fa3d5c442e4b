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
    dx, dy, dz = (float(v) for v in end - start)
    distance = max(math.sqrt(dx * dx + dy * dy + dz * dz), 1e-6)
    ax, ay, az = dx / distance, dy / distance, dz / distance
    reach = min(max(distance, abs(first_m - second_m) + 1e-4), first_m + second_m - 1e-4)
    cosine = (first_m**2 + reach**2 - second_m**2) / (2 * first_m * reach)
    sx, sy, sz = (float(v) for v in towards)
    inward = sx * ax + sy * ay + sz * az
    sx, sy, sz = sx - inward * ax, sy - inward * ay, sz - inward * az
    sine = math.sqrt(max(1.0 - cosine**2, 0.0)) / max(math.sqrt(sx * sx + sy * sy + sz * sz), 1e-9)
    return np.asarray(
        start
        + first_m * np.array([cosine * ax + sine * sx, cosine * ay + sine * sy, cosine * az + sine * sz])
    )


def hanging(joint: Vec3, end: Vec3, front: Float[np.ndarray, "3"]) -> Mat4:
    """Frame of a part that hangs along -z from its joint to an end, its +x as near to `front` as can be."""
    jx, jy, jz = joint.tolist()
    ex, ey, ez = end.tolist()
    ux, uy, uz = jx - ex, jy - ey, jz - ez
    length = max(math.sqrt(ux * ux + uy * uy + uz * uz), 1e-9)
    ux, uy, uz = ux / length, uy / length, uz / length
    fx, fy, fz = (float(v) for v in front)
    along = fx * ux + fy * uy + fz * uz
    fx, fy, fz = fx - along * ux, fy - along * uy, fz - along * uz
    length = math.sqrt(fx * fx + fy * fy + fz * fz)
    if length < 1e-6:
        fx, fy, fz = uz, 0.0, -ux
        length = math.sqrt(fx * fx + fz * fz)
    fx, fy, fz = fx / length, fy / length, fz / length
    return np.array(
        [
            [fx, uy * fz - uz * fy, ux, jx],
            [fy, uz * fx - ux * fz, uy, jy],
            [fz, ux * fy - uy * fx, uz, jz],
            [0.0, 0.0, 0.0, 1.0],
        ]
    )


def placed(rotation: Float[np.ndarray, "3 3"], position: Float[np.ndarray, "3"]) -> Mat4:
    """A homogeneous matrix."""
    out = np.zeros((4, 4))
    out[:3, :3], out[:3, 3], out[3, 3] = rotation, position, 1.0
    return out


def apply(matrix: Mat4, x: float, y: float, z: float) -> Vec3:
    """A point of a part in the person's frame."""
    return np.asarray(matrix[:3, :3] @ np.array([x, y, z]) + matrix[:3, 3], dtype=np.float64)
