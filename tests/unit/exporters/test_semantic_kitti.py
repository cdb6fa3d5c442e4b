"""The SemanticKITTI export, read back by the kit's rules, against the captures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from plain_export import PLAIN
from test_nuscenes import digest

from drivegen.capture.frame import EGO, Clutter, Sweep
from drivegen.capture.reader import CaptureReader
from drivegen.core.actors import ObjectClass
from drivegen.core.errors import ExportError
from drivegen.core.geometry import Box, Pose
from drivegen.core.labels import ObjectLabel
from drivegen.core.tags import Tag
from drivegen_exporters.semantic_kitti.exporter import SemanticKitti, point_labels
from drivegen_exporters.semantic_kitti.vocabulary import id_of


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, captures: list[Path]) -> Path:
    out = tmp_path_factory.mktemp("export") / "semantic"
    SemanticKitti(PLAIN).export(captures, out)
    return out


def poses_of_lidar(folder: Path) -> np.ndarray:
    """As the kit has them: turned out of the camera's frame by Tr."""

    def square(row: np.ndarray) -> np.ndarray:
        return np.vstack([row.reshape(3, 4), [0, 0, 0, 1]])

    rows = dict(line.split(": ", 1) for line in (folder / "calib.txt").read_text().splitlines())
    tr = square(np.array(rows["Tr"].split(), float))
    return np.array([np.linalg.inv(tr) @ square(p) @ tr for p in np.loadtxt(folder / "poses.txt")])


def test_labels_and_poses_are_the_captures(root: Path, captures: list[Path]) -> None:
    assert (root / "scenes.txt").read_text() == "00 scene-0001\n01 scene-0002\n"
    for number, path in enumerate(captures):
        folder = root / "sequences" / f"{number:02d}"
        with CaptureReader(path) as reader:
            frames = [f for f in reader.frames() if "LIDAR_TOP" in f.agents[EGO].delivered]
            mount = reader.sensor(EGO, "LIDAR_TOP").agent_sensor
            poses = poses_of_lidar(folder)
            start = (frames[0].agents[EGO].map_agent @ mount).matrix
            for index, frame in enumerate(frames):
                sweep = frame.agents[EGO].sweep("LIDAR_TOP")
                points = np.fromfile(folder / f"velodyne/{index:06d}.bin", "<f4").reshape(-1, 4)
                np.testing.assert_array_equal(points[:, :3], sweep.points_m)
                raw = np.fromfile(folder / f"labels/{index:06d}.label", "<u4")
                semantic, instance = raw & 0xFFFF, raw >> 16
                np.testing.assert_array_equal(instance, sweep.object_id)
                assert set(semantic[sweep.tag == Tag.ROAD]) == {40}
                assert set(semantic[sweep.tag == Tag.TERRAIN]) == {72}
                wanted = {
                    24: 252,  # a car that drives
                    26: 18,  # a truck that stands
                    30: 254,
                    31: 30,
                    40: 253,
                    41: 15,
                }
                for track_id, label in wanted.items():
                    assert set(semantic[instance == track_id]) <= {label}
                assert len(np.unique(instance)) > 5
                pose = (frame.agents[EGO].map_agent @ mount).matrix
                np.testing.assert_allclose(start @ poses[index], pose, atol=1e-6)
            times = np.loadtxt(folder / "times.txt")
            np.testing.assert_allclose(np.diff(times), 0.1, atol=1e-6)
            assert len(frames) == len(times) == len(poses) > 5


def test_weather_is_an_outlier() -> None:
    sweep = Sweep(
        points_m=np.zeros((2, 3), np.float32),
        intensity=np.zeros(2, np.float32),
        ring=np.zeros(2, np.uint16),
        object_id=np.zeros(2, np.uint32),
        tag=np.array([Tag.NONE, Tag.VEGETATION], np.uint8),
        clutter=np.array([Clutter.RAIN, Clutter.SURFACE], np.uint8),
    )
    assert point_labels(sweep, ()).tolist() == [1, 70]


@pytest.mark.parametrize("object_class", list(ObjectClass))
def test_every_class_has_a_label(object_class: ObjectClass) -> None:
    for speed in (0.0, 3.0):
        label = ObjectLabel(
            track_id=1,
            object_class=object_class,
            blueprint="",
            rider=True,
            box=Box(pose=Pose.identity(), size_m=np.ones(3)),
            velocity_mps=np.array([speed, 0.0, 0.0]),
            acceleration_mps2=np.zeros(3),
            yaw_rate_radps=0.0,
        )
        assert (id_of(label) >= 252) == (speed > 0)


def test_the_same_bytes_again(root: Path, captures: list[Path], tmp_path: Path) -> None:
    SemanticKitti(PLAIN).export(captures[::-1], tmp_path / "again")
    assert digest(tmp_path / "again") == digest(root)


def test_a_missing_lidar_is_refused(captures: list[Path], tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="whose LiDARs are LIDAR_TOP"):
        SemanticKitti({"lidar": "L"}).export(captures, tmp_path / "set")
