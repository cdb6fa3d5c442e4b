"""Where agents are between frames, and sweeps that a moving sensor took, at one moment."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from synthetic_capture import make_plan, write_capture

from drivegen.capture.course import Course, still_points
from drivegen.capture.frame import EGO, Sweep
from drivegen.capture.reader import CaptureReader
from drivegen.core.geometry import Pose


def sweep_of(points_m: np.ndarray, time_offset_s: np.ndarray | None) -> Sweep:
    zeros = np.zeros(len(points_m))
    return Sweep(
        points_m=points_m.astype(np.float32),
        intensity=zeros.astype(np.float32),
        ring=zeros.astype(np.uint16),
        object_id=zeros.astype(np.uint32),
        tag=zeros.astype(np.uint8),
        time_offset_s=None if time_offset_s is None else time_offset_s.astype(np.float32),
    )


def test_what_stands_still_stays_where_it_is(tmp_path: Path) -> None:
    path = write_capture(tmp_path / "c.mcap", make_plan(duration_s=0.3)).path
    rng = np.random.default_rng(4)
    things_m = rng.uniform([5, -10, 0], [30, 10, 4], (60, 3))
    ages = np.repeat([0, 1, 2], 20)
    with CaptureReader(path) as reader:
        lidar, course = reader.rigs[EGO].lidars[0], Course(reader, EGO)
        for index in (4, 0):
            frame = reader.frame(index)
            now = frame.agents[EGO].map_agent @ lidar.agent_sensor
            points_m = np.empty_like(things_m)
            for age in (0, 1, 2):
                if index >= age:
                    then = reader.frame(index - age).agents[EGO].map_agent
                else:  # Straight on backwards, as it moves in the first frame.
                    then = Pose.from_xyz_rpy(-3.0 - 6.0 * 0.05 * age, -6.7, 0.0, yaw_rad=-0.04 * 0.05 * age)
                seen = (then @ lidar.agent_sensor).inverse().transform_points(things_m[ages == age])
                points_m[ages == age] = seen
            found = still_points(course, frame.time_ns, lidar, sweep_of(points_m, -0.05 * ages))
            wanted = now.inverse().transform_points(things_m)
            assert np.abs(found - wanted).max() < 1e-5  # Points are kept in 32 bits.
            assert np.abs(points_m - wanted)[ages == 2].max() > 0.5
            untouched = still_points(course, frame.time_ns, lidar, sweep_of(points_m, None))
            assert np.array_equal(untouched, points_m.astype(np.float32).astype(np.float64))


def test_between_frames_and_beyond(tmp_path: Path) -> None:
    path = write_capture(tmp_path / "c.mcap", make_plan(duration_s=0.3)).path
    with CaptureReader(path) as reader:
        course = Course(reader, EGO)
        times_ns = [f.time_ns for f in reader.frames()]
        for offset_s in (-0.08, 0.0, 0.02, 0.1, 0.125, 0.25, 0.31):
            pose = course.at(times_ns[0] + round(offset_s * 1e9))
            assert np.allclose(pose.position_m, [-3.0 + 6.0 * offset_s, -6.7, 0.0], atol=1e-9)
            assert np.isclose(pose.yaw_rad, 0.04 * offset_s, atol=1e-9)
        assert np.isclose(course.speed_mps(times_ns[2]), 6.0)
