"""Many poses at once: homogeneous matrices from positions and angles, and back. Same conventions as core."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Float64


def matrices(
    position_m: Float[np.ndarray, "n 3"], rpy_rad: Float[np.ndarray, "n 3"]
) -> Float64[np.ndarray, "n 4 4"]:
    """Rz(yaw) Ry(pitch) Rx(roll) and a translation: `core.geometry.rotation_from_rpy` for n rows."""
    (cr, cp, cy), (sr, sp, sy) = np.cos(rpy_rad).T, np.sin(rpy_rad).T
    out = np.zeros((len(position_m), 4, 4))
    out[:, 0, 0] = cy * cp
    out[:, 0, 1] = cy * sp * sr - sy * cr
    out[:, 0, 2] = cy * sp * cr + sy * sr
    out[:, 1, 0] = sy * cp
    out[:, 1, 1] = sy * sp * sr + cy * cr
    out[:, 1, 2] = sy * sp * cr - cy * sr
    out[:, 2, 0] = -sp
    out[:, 2, 1] = cp * sr
    out[:, 2, 2] = cp * cr
    out[:, :3, 3] = position_m
    out[:, 3, 3] = 1.0
    return out


def rpy_of(matrix: Float[np.ndarray, "n 4 4"]) -> Float64[np.ndarray, "n 3"]:
    """Roll, pitch, yaw of n rigid matrices; at the poles roll is 0, as `core.geometry.rpy_from_rotation`."""
    sp = np.clip(-matrix[:, 2, 0], -1.0, 1.0)
    pole = np.abs(sp) > 1.0 - 1e-9
    roll = np.where(pole, 0.0, np.arctan2(matrix[:, 2, 1], matrix[:, 2, 2]))
    yaw = np.where(
        pole,
        np.arctan2(-matrix[:, 0, 1], matrix[:, 1, 1]),
        np.arctan2(matrix[:, 1, 0], matrix[:, 0, 0]),
    )
    return np.stack([roll, np.arcsin(sp), yaw], axis=1)
