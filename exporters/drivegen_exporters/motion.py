"""Sweeps that were met over time, put right for the motion of the agent."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64

from drivegen.capture.frame import Sweep
from drivegen.core.geometry import Pose, Vec3


def agent_points(
    sweep: Sweep, agent_lidar: Pose, velocity_mps: Vec3, yaw_rate_radps: float
) -> Float64[np.ndarray, "n 3"]:
    """Returns in the agent's frame of the frame's time: x forward, y left, z up, metres.

    Where the sweep says when each return was met, the agent is taken to have moved on an arc up to the
    frame's time. What moves by itself stays bent.

    Args:
        sweep: The returns, each in the LiDAR's frame of its own time.
        agent_lidar: The mount.
        velocity_mps: Of the agent at the frame's time, in its own frame.
        yaw_rate_radps: About its z axis.
    """
    points = agent_lidar.transform_points(sweep.points_m)
    if sweep.time_offset_s is None:
        return points
    time_s = sweep.time_offset_s.astype(np.float64)
    angle = yaw_rate_radps * time_s
    cos, sin = np.cos(angle), np.sin(angle)
    turned = points.copy()
    turned[:, 0] = cos * points[:, 0] - sin * points[:, 1]
    turned[:, 1] = sin * points[:, 0] + cos * points[:, 1]
    # The chord of the arc has half its turn.
    cos, sin = np.cos(angle / 2), np.sin(angle / 2)
    turned[:, 0] += (cos * velocity_mps[0] - sin * velocity_mps[1]) * time_s
    turned[:, 1] += (sin * velocity_mps[0] + cos * velocity_mps[1]) * time_s
    turned[:, 2] += velocity_mps[2] * time_s
    return turned
