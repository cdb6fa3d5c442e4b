"""Where a side's LiDAR and camera are: as its agent believes, which is written, and truly.

The LiDAR frame of a side is not its sensor's: it stands where the sensor is mounted and keeps its heading,
but its xy-plane is the agent's. DAIR-V2X calls it the virtual LiDAR on the infrastructure side; boxes that
turn about z alone need it. The clouds are levelled by the mount that the agent believes, so with an error of
calibration the frame is off the level by that error, as it would be of a real unit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from drivegen.capture.messages import camera_optical
from drivegen.core.agents import AgentErrors
from drivegen.core.geometry import Pose
from drivegen.core.sensors import Camera, Lidar, Rig

_PLUMB = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SideCalibration:
    """Constant transforms of a side."""

    lidar_sensor: Pose
    """The side's LiDAR frame from the sensor's own."""
    agent_lidar: Pose
    """As written."""
    true_agent_lidar: Pose
    camera_lidar: Pose
    """The camera's optical frame from the side's LiDAR frame, as written."""
    true_camera_lidar: Pose


def calibrate(rig: Rig, lidar: Lidar, camera: Camera, errors: AgentErrors, *, truth: bool) -> SideCalibration:
    """The transforms of a side; with `truth` what is written is true."""

    def held(sensor: Lidar | Camera) -> Pose:
        return sensor.agent_sensor if truth else errors.mount(rig, sensor.name)

    agent_lidar = levelled(held(lidar))
    lidar_sensor = agent_lidar.inverse() @ held(lidar)
    true_agent_lidar = lidar.agent_sensor @ lidar_sensor.inverse()
    agent_camera = camera_optical(replace(camera, agent_sensor=held(camera)))
    return SideCalibration(
        lidar_sensor=lidar_sensor,
        agent_lidar=agent_lidar,
        true_agent_lidar=true_agent_lidar,
        camera_lidar=agent_camera.inverse() @ agent_lidar,
        true_camera_lidar=camera_optical(camera).inverse() @ true_agent_lidar,
    )


def levelled(agent_sensor: Pose) -> Pose:
    """A frame where a sensor is, turned about the agent's z alone, to where the sensor's x points."""
    x, y = (float(v) for v in agent_sensor.rotation[:2, 0])
    yaw = math.atan2(y, x) if math.hypot(x, y) > _PLUMB else 0.0
    at = agent_sensor.position_m
    return Pose.from_xyz_rpy(float(at[0]), float(at[1]), float(at[2]), yaw_rad=yaw)


def transform_row(pose: Pose) -> dict[str, Any]:
    """A transform as the formats write it: 3x3 and 3x1."""
    return {
        "rotation": pose.rotation.tolist(),
        "translation": [[float(v)] for v in pose.position_m],
    }
