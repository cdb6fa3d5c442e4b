"""Boxes, masks, depth and LiDAR of a recorded scene say the same, for every object in every frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

from drivegen.capture.frame import EGO, Frame
from drivegen.capture.reader import CaptureReader
from drivegen.core.geometry import Box, Pose
from drivegen.core.labels import ObjectLabel
from drivegen.core.sensors import OPTICAL_FROM_MOUNT, Camera, Rig
from tests.scenes import make_scene, record, start_server

GROWN_M = 0.05


@dataclass
class Findings:
    """What was looked at, and what was wrong with it."""

    points: int = 0
    pixels: int = 0
    masks: int = 0
    objects: set[int] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> tuple[Rig, list[Frame]]:
    folder: Path = tmp_path_factory.mktemp("scene")
    plan, road = make_scene(folder, seed=3, vehicles=40, walkers=24)
    with start_server(plan, road, folder) as server:
        record(plan, road, server, folder / "scene.mcap")
    with CaptureReader(folder / "scene.mcap") as capture:
        return plan.ego.rig, [f.load() for f in capture.frames(keyframes=True)]


def look(
    rig: Rig, frames: list[Frame], change: Callable[[ObjectLabel], ObjectLabel] | None = None
) -> Findings:
    """Holds labels against sensors; `change` plants an error in every label."""
    found = Findings()
    for frame in frames:
        labels = {o.track_id: change(o) if change else o for o in frame.objects}
        _check_lidars(found, rig, frame, labels)
        for camera in rig.cameras:
            _check_camera(found, camera, frame, labels)
    return found


def _check_lidars(found: Findings, rig: Rig, frame: Frame, labels: dict[int, ObjectLabel]) -> None:
    agent = frame.agents[EGO]
    for lidar in rig.lidars:
        sweep = agent.sweeps[lidar.name]
        world = (agent.map_agent @ lidar.agent_sensor).transform_points(sweep.points_m)
        assert set(np.unique(sweep.object_id)) <= {0, *labels}
        for track_id, label in labels.items():
            own = world[sweep.object_id == track_id]
            assert label.lidar_points[lidar.name] == len(own)
            found.points += len(own)
            if len(own):
                found.objects.add(track_id)
            outside = ~label.box.contains(own, GROWN_M)
            if outside.any():
                found.faults.append(
                    f"frame {frame.index}: {outside.sum()} points of {track_id} {label.blueprint}"
                )


def _check_camera(found: Findings, camera: Camera, frame: Frame, labels: dict[int, ObjectLabel]) -> None:
    agent = frame.agents[EGO]
    image = agent.images[camera.name]
    map_camera = agent.map_agent @ camera.agent_sensor
    where = f"frame {frame.index} {camera.name}:"
    assert set(np.unique(image.instance)) <= {0, *(i & 0xFFFF for i in labels)}
    for track_id, label in labels.items():
        rows, columns = np.nonzero(image.instance == track_id & 0xFFFF)
        if not len(rows):
            continue
        found.masks += 1
        found.objects.add(track_id)
        seen = label.cameras.get(camera.name)
        if seen is None:
            found.faults.append(f"{where} {len(rows)} pixels of {track_id}, which has no label there")
            continue
        assert seen.visible_pixels == len(rows)
        assert seen.visible_box_px == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        left, top, right, bottom = projected_box(camera, map_camera, label.box)
        # A pixel is drawn when its middle is covered.
        if (
            columns.min() + 0.5 < left
            or columns.max() + 0.5 > right
            or rows.min() + 0.5 < top
            or rows.max() + 0.5 > bottom
        ):
            found.faults.append(f"{where} the mask of {track_id} {label.blueprint} leaves its projected box")
        depth = image.depth_m[rows, columns].astype(np.float64)
        near = depth > 0  # depth is kept up to 256 m
        rays = (
            np.stack([columns + 0.5, rows + 0.5, np.ones(len(rows))], axis=1)
            @ np.linalg.inv(camera.intrinsic).T
        )
        points = map_camera.transform_points((rays * depth[:, None])[near] @ OPTICAL_FROM_MOUNT)
        found.pixels += len(points)
        outside = ~label.box.contains(points, GROWN_M)
        if outside.any():
            found.faults.append(
                f"{where} {outside.sum()} of {len(points)} pixels of {track_id} {label.blueprint}"
            )


def projected_box(camera: Camera, map_camera: Pose, box: Box) -> tuple[float, float, float, float]:
    """Extent of a box's projection, by many points on it; unlike the recorder's, without clipping."""
    steps = np.linspace(-0.5, 0.5, 25)
    grid = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 3)
    surface = grid[(np.abs(grid) == 0.5).any(axis=1)] * (box.size_m + 2 * GROWN_M)
    local = map_camera.inverse().transform_points(box.pose.transform_points(surface))
    optical = local @ OPTICAL_FROM_MOUNT.T
    front = optical[optical[:, 2] > 0.01]
    pixels = front @ camera.intrinsic.T
    x, y = pixels[:, 0] / pixels[:, 2], pixels[:, 1] / pixels[:, 2]
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def test_every_sensor_agrees_with_every_label(scene):
    found = look(*scene)
    print(
        f"{found.points} points, {found.pixels} pixels, {found.masks} masks of {len(found.objects)} objects: "
        f"{len(found.faults)} faults"
    )
    assert found.faults == []
    assert found.points > 1000
    assert found.pixels > 5000
    assert found.masks > 30
    assert len(found.objects) > 15


def moved(label: ObjectLabel, x_m: float = 0.0, y_m: float = 0.0, yaw_rad: float = 0.0) -> ObjectLabel:
    shift = Pose.from_xyz_rpy(x_m, y_m, 0.0, yaw_rad=yaw_rad)
    return replace(label, box=Box(pose=label.box.pose @ shift, size_m=label.box.size_m))


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(lambda label: moved(label, x_m=0.3), id="forward by 0.3 m"),
        pytest.param(lambda label: moved(label, y_m=-0.3), id="right by 0.3 m"),
        pytest.param(lambda label: moved(label, yaw_rad=0.3), id="turned by 17 degrees"),
        pytest.param(
            lambda label: replace(label, box=Box(pose=label.box.pose, size_m=label.box.size_m * 0.8)),
            id="a fifth too small",
        ),
    ],
)
def test_a_planted_error_is_found(scene, error):
    found = look(*scene, change=error)
    assert len(found.faults) > 20


def test_labels_cover_more_than_what_is_seen(scene):
    _, frames = scene
    hidden = [o for f in frames for o in f.objects if not any(c.visible_pixels for c in o.cameras.values())]
    assert hidden, "objects that nobody sees are annotated as well"
    for frame in frames:
        ids = [o.track_id for o in frame.objects]
        assert ids == sorted(set(ids))
        for label in frame.objects:
            distance = np.linalg.norm(label.box.pose.position_m - frame.agents[EGO].map_agent.position_m)
            assert distance <= 80.0
