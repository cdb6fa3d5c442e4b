"""Points of a sweep that was put together while its sensor moved, as if it had been taken at one moment."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64

from drivegen.capture.frame import Sweep
from drivegen.capture.reader import CapturedFrame, CaptureReader
from drivegen.core.geometry import Pose
from drivegen.core.sensors import Lidar


def still_points(
    reader: CaptureReader, frame: CapturedFrame, agent: str, lidar: Lidar, sweep: Sweep
) -> Float64[np.ndarray, "n 3"]:
    """A sweep's points in the frame that its sensor has at the frame's time.

    Only the sensor's own motion is taken out; what moved meanwhile stays where each point met it. Points are
    put where the agent was in the tick that is nearest to their time; before the first recorded frame, where
    its motion in that frame has it come from.
    """
    if sweep.time_offset_s is None:
        return sweep.points_m.astype(np.float64)
    out = np.empty((len(sweep), 3))
    sensor_map = (frame.agents[agent].map_agent @ lidar.agent_sensor).inverse()
    ticks = np.rint(sweep.time_offset_s / reader.plan.tick_s).astype(np.int64)
    for tick in np.unique(ticks):
        of_tick = ticks == tick
        then = agent_pose(reader, agent, frame.index + int(tick)) @ lidar.agent_sensor
        out[of_tick] = (sensor_map @ then).transform_points(sweep.points_m[of_tick])
    return out


def agent_pose(reader: CaptureReader, agent: str, index: int) -> Pose:
    """Pose of an agent in a frame of the capture; of a negative index, where it came from by its motion."""
    if index >= 0:
        return reader.frame(index).agents[agent].map_agent
    first = reader.frame(0).agents[agent]
    time_s = index * reader.plan.tick_s
    turned = Pose.from_xyz_rpy(0.0, 0.0, 0.0, yaw_rad=float(first.angular_velocity_radps[2]) * time_s)
    return Pose(
        position_m=first.map_agent.position_m + first.velocity_mps * time_s,
        orientation_wxyz=(turned @ first.map_agent).orientation_wxyz,
    )
