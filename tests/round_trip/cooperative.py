"""What forms of several agents should make of the captures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from drivegen.capture.frame import EGO
from drivegen.capture.reader import CapturedFrame, CaptureReader
from drivegen.core.sensors import Camera
from tests.cooperative_capture import EGO_TRACK, VEHICLE, VEHICLE_TRACK
from tests.round_trip.captured import OPTICAL_FROM_FRAME, SPLITS
from tests.round_trip.forms import Found, add_pose, nothing, of_ypr, square

PLACES = {"CAM_FRONT": "camera0", "CAM_LEFT": "camera2", "CAM_BACK": "camera3"}
CARRIERS = {EGO: EGO_TRACK, VEHICLE: VEHICLE_TRACK}
PEOPLE = ("pedestrian", "child")


def wanted_opv2v(captures: Sequence[Path]) -> Found:
    """At every sweep of the ego's, from the first by which all have delivered; of others the last sweep."""
    found = nothing()
    for path in captures:
        with CaptureReader(path) as capture:
            folder = {"val": "validate"}.get(SPLITS[path.stem], SPLITS[path.stem])
            found["same split"][folder, path.stem] = True
            frames = list(capture.frames())
            for number, frame in enumerate(frames):
                if number >= 2 and "LIDAR_TOP" in frame.agents[EGO].delivered:
                    for name in capture.rigs:
                        _add_view(found, (path.stem, name, number), capture, frames[: number + 1])
    return found


def _add_view(
    found: Found, key: tuple[str, str, int], capture: CaptureReader, frames: list[CapturedFrame]
) -> None:
    name, frame = key[1], frames[-1]
    swept = next(f for f in reversed(frames) if "LIDAR_TOP" in f.agents[name].delivered)
    agent, then = frame.agents[name], swept.agents[name]
    lidar = capture.sensor(name, "LIDAR_TOP").agent_sensor.matrix
    level = square(np.eye(3), lidar[:3, 3])
    add_pose(found, "agents", key, agent.map_agent.matrix)
    add_pose(found, "clouds", key, then.map_agent.matrix @ level)
    found["metres of points"][key] = then.sweep("LIDAR_TOP").points_m @ lidar[:3, :3].T
    body = frame.agents[EGO].body
    assert body is not None
    for label in (body, *frame.objects):
        if label.track_id == CARRIERS.get(name) or label.object_class.value in PEOPLE:
            continue
        of = (*key, label.track_id)
        add_pose(found, "boxes", of, label.box.pose.matrix)
        found["size of boxes"][of] = label.box.size_m
        found["speed"][of] = np.linalg.norm(label.velocity_mps)
    for camera in capture.rigs[name].cameras:
        of = (*key, PLACES[camera.name])
        mount = camera.agent_sensor.matrix
        add_pose(found, "cameras", of, then.map_agent.matrix @ mount)
        add_pose(found, "LiDAR in camera", of, np.linalg.inv(mount) @ level)
        found["pixels of intrinsics"][of] = _k(camera)


def wanted_paired(captures: Sequence[Path]) -> Found:
    """The ego and each unit at each of their sweeps, with all boxes where they were then."""
    found = nothing()
    for path in captures:
        with CaptureReader(path) as capture:
            names = [n for n in capture.rigs if n != VEHICLE]
            for number, frame in enumerate(capture.frames()):
                for name in (n for n in names if "LIDAR_TOP" in frame.agents[n].delivered):
                    _add_side(found, (path.stem, name, number), capture, frame)
    return found


def _add_side(found: Found, key: tuple[str, str, int], capture: CaptureReader, frame: CapturedFrame) -> None:
    name = key[1]
    agent = frame.agents[name]
    lidar = capture.sensor(name, "LIDAR_TOP").agent_sensor.matrix
    camera = capture.sensor(name, "CAM_FRONT")
    yaw = float(np.arctan2(lidar[1, 0], lidar[0, 0]))
    level = square(of_ypr(yaw, 0.0, 0.0), lidar[:3, 3])
    optical = camera.agent_sensor.matrix.copy()
    optical[:3, :3] = optical[:3, :3] @ OPTICAL_FROM_FRAME.T
    world = agent.map_agent.matrix @ level
    add_pose(found, "LiDAR in world", key, world)
    add_pose(found, "LiDAR in camera", key, np.linalg.inv(optical) @ level)
    found["pixels of intrinsics"][key] = _k(camera)
    found["metres of points"][key] = agent.sweep("LIDAR_TOP").points_m @ (level[:3, :3].T @ lidar[:3, :3]).T
    found["same time"][key] = frame.time_ns // 1000
    body = frame.agents[EGO].body
    assert body is not None
    for label in (body, *frame.objects):
        if label.track_id != CARRIERS.get(name):
            ground = [(1, 1), (1, -1), (-1, -1), (-1, 1)]
            signs = np.array([(x, y, z) for z in (-1, 1) for x, y in ground], float)
            pose = np.linalg.inv(world) @ label.box.pose.matrix
            corners = (signs * label.box.size_m / 2) @ pose[:3, :3].T + pose[:3, 3]
            found["corners of boxes"][(*key, label.track_id)] = corners


def _k(camera: Camera) -> np.ndarray:
    """These forms' rectangles begin with the first pixel's border, so its centre is at (0.5, 0.5)."""
    focal = camera.width_px / 2 / np.tan(np.radians(camera.fov_deg) / 2)
    return np.array([[focal, 0.0, camera.width_px / 2], [0.0, focal, camera.height_px / 2], [0.0, 0.0, 1.0]])
