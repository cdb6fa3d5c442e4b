"""KITTI's calibration files. One camera: it is the rectified reference camera itself, so R0 is no turn."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64

from drivegen.core.geometry import Pose
from drivegen_exporters.pinhole import PinholeCamera


def object_calibration(view: PinholeCamera, agent_lidar: Pose) -> bytes:
    """The file of the object benchmark."""
    lines = [
        *_projections(view),
        f"R0_rect: {_row(np.eye(3))}",
        f"Tr_velo_to_cam: {_row(_lidar_to_camera(view, agent_lidar))}",
        f"Tr_imu_to_velo: {_row(agent_lidar.inverse().matrix[:3])}",
    ]
    return ("\n".join(lines) + "\n").encode()


def tracking_calibration(view: PinholeCamera, agent_lidar: Pose) -> bytes:
    """The file of the tracking benchmark, whose names differ."""
    lines = [
        *_projections(view),
        f"R_rect {_row(np.eye(3))}",
        f"Tr_velo_cam {_row(_lidar_to_camera(view, agent_lidar))}",
        f"Tr_imu_velo {_row(agent_lidar.inverse().matrix[:3])}",
    ]
    return ("\n".join(lines) + "\n").encode()


def _projections(view: PinholeCamera) -> list[str]:
    row = _row(np.hstack([view.intrinsic_centred, np.zeros((3, 1))]))
    return [f"P{i}: {row}" for i in range(4)]


def _lidar_to_camera(view: PinholeCamera, agent_lidar: Pose) -> Float64[np.ndarray, "3 4"]:
    return (view.agent_optical.inverse() @ agent_lidar).matrix[:3]


def _row(values: Float64[np.ndarray, "r c"]) -> str:
    return " ".join(f"{v:.12e}" for v in values.reshape(-1))
