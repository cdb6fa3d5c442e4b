"""Where an agent is at any time, and sweeps taken on the way as if they had been taken at one moment."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64, Int64

from drivegen.capture.frame import Sweep
from drivegen.capture.reader import CaptureReader
from drivegen.core.geometry import Pose, rpy_from_rotation
from drivegen.core.sensors import Lidar


class Course:
    """An agent's way through a capture: between frames by interpolation, beyond them straight on.

    Args:
        reader: Its poses are read at once; it need not stay open.
        agent: Name.
    """

    def __init__(self, reader: CaptureReader, agent: str) -> None:
        frames = list(reader.frames())
        agents = [frame.agents[agent] for frame in frames]
        self.times_ns: Int64[np.ndarray, "frames"] = np.array([f.time_ns for f in frames], np.int64)
        self._speeds_mps = np.array([float(np.linalg.norm(a.velocity_mps)) for a in agents])
        self._true = _table([a.map_agent for a in agents])
        self._believed = _table([a.map_agent if a.belief is None else a.belief.map_agent for a in agents])

    def at(self, time_ns: int, *, believed: bool = False) -> Pose:
        """Pose in the world at a simulation time, or where the agent's localisation had it."""
        table = self._believed if believed else self._true
        if len(table) == 1:
            return _pose(table[0])
        row = int(np.clip(np.searchsorted(self.times_ns, time_ns) - 1, 0, len(table) - 2))
        here, there = int(self.times_ns[row]), int(self.times_ns[row + 1])
        share = (time_ns - here) / (there - here)
        return _pose(table[row] * (1.0 - share) + table[row + 1] * share)

    def speed_mps(self, time_ns: int) -> float:
        """Speed at a simulation time within the capture."""
        return float(np.interp(time_ns, self.times_ns, self._speeds_mps))


def still_points(course: Course, time_ns: int, lidar: Lidar, sweep: Sweep) -> Float64[np.ndarray, "n 3"]:
    """A sweep's points in the frame that its sensor has at the sweep's time.

    Only the sensor's own motion is taken out; what moved meanwhile stays where each point met it.

    Args:
        course: Of the agent that carries the LiDAR.
        time_ns: Of the frame that the sweep belongs to.
        lidar: Whose sweep it is.
        sweep: Of a LiDAR with motion; others are given back as they are.
    """
    if sweep.time_offset_s is None:
        return sweep.points_m.astype(np.float64)
    out = np.empty((len(sweep), 3))
    sensor_map = (course.at(time_ns) @ lidar.agent_sensor).inverse()
    offsets_ns = np.rint(sweep.time_offset_s.astype(np.float64) * 1e9).astype(np.int64)
    for offset_ns in np.unique(offsets_ns):
        of_moment = offsets_ns == offset_ns
        then = course.at(time_ns + int(offset_ns)) @ lidar.agent_sensor
        out[of_moment] = (sensor_map @ then).transform_points(sweep.points_m[of_moment])
    return out


def _table(poses: Sequence[Pose]) -> Float64[np.ndarray, "n 6"]:
    table = np.array([[*p.position_m, *rpy_from_rotation(p.rotation)] for p in poses])
    table[:, 3:] = np.unwrap(table[:, 3:], axis=0)
    return table


def _pose(row: Float64[np.ndarray, "6"]) -> Pose:
    return Pose.from_xyz_rpy(*(float(v) for v in row))
