"""Where the parts of a limb go when its ends are known. Compiled: every person asks a dozen times a tick."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float, Float64
from numba import njit

Vec3 = Float64[np.ndarray, "3"]
Mat4 = Float64[np.ndarray, "4 4"]


@njit("f8[::1](f8[:], f8[:], f8, f8, f8[:])", cache=True, error_model="numpy")
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
    dx, dy, dz = end[0] - start[0], end[1] - start[1], end[2] - start[2]
    distance = max(math.sqrt(dx * dx + dy * dy + dz * dz), 1e-6)
    ax, ay, az = dx / distance, dy / distance, dz / distance
    reach = min(max(distance, abs(first_m - second_m) + 1e-4), first_m + second_m - 1e-4)
    cosine = (first_m**2 + reach**2 - second_m**2) / (2 * first_m * reach)
    sx, sy, sz = towards[0], towards[1], towards[2]
    inward = sx * ax + sy * ay + sz * az
    sx, sy, sz = sx - inward * ax, sy - inward * ay, sz - inward * az
    sine = math.sqrt(max(1.0 - cosine**2, 0.0)) / max(math.sqrt(sx * sx + sy * sy + sz * sz), 1e-9)
    out = np.empty(3)
    out[0] = start[0] + first_m * (cosine * ax + sine * sx)
    out[1] = start[1] + first_m * (cosine * ay + sine * sy)
    out[2] = start[2] + first_m * (cosine * az + sine * sz)
    return out


@njit("f8[:, ::1](f8[:], f8[:], f8[:])", cache=True, error_model="numpy")
def hanging(joint: Vec3, end: Vec3, front: Float[np.ndarray, "3"]) -> Mat4:
    """Frame of a part that hangs along -z from its joint to an end, its +x as near to `front` as can be."""
    ux, uy, uz = joint[0] - end[0], joint[1] - end[1], joint[2] - end[2]
    length = max(math.sqrt(ux * ux + uy * uy + uz * uz), 1e-9)
    ux, uy, uz = ux / length, uy / length, uz / length
    fx, fy, fz = front[0], front[1], front[2]
    along = fx * ux + fy * uy + fz * uz
    fx, fy, fz = fx - along * ux, fy - along * uy, fz - along * uz
    length = math.sqrt(fx * fx + fy * fy + fz * fz)
    if length < 1e-6:
        fx, fy, fz = uz, 0.0, -ux
        length = math.sqrt(fx * fx + fz * fz)
    fx, fy, fz = fx / length, fy / length, fz / length
    out = np.zeros((4, 4))
    out[0, 0], out[1, 0], out[2, 0] = fx, fy, fz
    out[0, 1], out[1, 1], out[2, 1] = uy * fz - uz * fy, uz * fx - ux * fz, ux * fy - uy * fx
    out[0, 2], out[1, 2], out[2, 2] = ux, uy, uz
    out[0, 3], out[1, 3], out[2, 3] = joint[0], joint[1], joint[2]
    out[3, 3] = 1.0
    return out


@njit("f8[:, ::1](f8[:, :], f8[:])", cache=True, error_model="numpy")
def placed(rotation: Float[np.ndarray, "3 3"], position: Float[np.ndarray, "3"]) -> Mat4:
    """A homogeneous matrix."""
    out = np.zeros((4, 4))
    for i in range(3):
        for j in range(3):
            out[i, j] = rotation[i, j]
        out[i, 3] = position[i]
    out[3, 3] = 1.0
    return out


@njit("f8[::1](f8[:, :], f8, f8, f8)", cache=True, error_model="numpy")
def apply(matrix: Mat4, x: float, y: float, z: float) -> Vec3:
    """A point of a part in the person's frame."""
    out = np.empty(3)
    for i in range(3):
        out[i] = matrix[i, 0] * x + matrix[i, 1] * y + matrix[i, 2] * z + matrix[i, 3]
    return out
