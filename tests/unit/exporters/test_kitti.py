"""The KITTI export, read back by what its tools do, against the captures."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from plain_export import PLAIN
from test_nuscenes import digest

from drivegen.capture.frame import EGO
from drivegen.capture.reader import CapturedFrame, CaptureReader
from drivegen.core.actors import ObjectClass
from drivegen.core.errors import ExportError
from drivegen_exporters.kitti.exporter import Kitti

SLACK_M = 0.06
"""A box is upright in the camera's frame; the synthetic rig's cameras are pitched by 0.01."""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, captures: list[Path]) -> Path:
    out = tmp_path_factory.mktemp("export") / "kitti"
    Kitti(PLAIN).export(captures, out)
    return out


@dataclass(frozen=True)
class Object:
    """A row, as the development kit reads it."""

    type: str
    truncated: float
    occluded: int
    alpha: float
    box: np.ndarray
    h: float
    w: float
    l: float  # noqa: E741
    t: np.ndarray
    ry: float

    @staticmethod
    def of(text: str) -> Object:
        c = text.split()
        assert len(c) == 15
        n = [float(v) for v in c[1:]]
        return Object(
            c[0], n[0], int(n[1]), n[2], np.array(n[3:7]), n[7], n[8], n[9], np.array(n[10:13]), n[13]
        )

    def local(self, points: np.ndarray) -> np.ndarray:
        """Points of the camera in the box: x along its length, y down from its top, z across."""
        c, s = math.cos(self.ry), math.sin(self.ry)
        turn = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
        return (points - self.t) @ turn + [0, self.h / 2, 0]

    def holds(self, points: np.ndarray, grow: float) -> int:
        half = np.array([self.l, self.h, self.w]) / 2 + grow
        return int((np.abs(self.local(points)) <= half).all(axis=1).sum())

    def corners(self) -> np.ndarray:
        c, s = math.cos(self.ry), math.sin(self.ry)
        turn = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
        signs = np.array([[a, b, d] for a in (-1, 1) for b in (-1, 0) for d in (-1, 1)])
        return signs * [self.l / 2, self.h, self.w / 2] @ turn.T + self.t


def calibration(path: Path) -> dict[str, np.ndarray]:
    rows = dict(line.replace(":", "").split(" ", 1) for line in path.read_text().splitlines())
    return {k: np.array(v.split(), float) for k, v in rows.items()}


def points_of_camera(root: Path, name: str) -> np.ndarray:
    c = calibration(root / f"object/training/calib/{name}.txt")
    points = np.fromfile(root / f"object/training/velodyne/{name}.bin", "<f4").reshape(-1, 4)
    assert points[:, 3].min() >= 0 and points[:, 3].max() <= 1
    mount = c["Tr_velo_to_cam"].reshape(3, 4)
    return (points[:, :3] @ mount[:, :3].T + mount[:, 3]) @ c["R0_rect"].reshape(3, 3).T


def keyframes(captures: list[Path]) -> list[tuple[CaptureReader, CapturedFrame]]:
    readers = [CaptureReader(p) for p in captures]
    return [(r, f) for r in readers for f in r.frames(keyframes=True)]


def labelled(root: Path, captures: list[Path]):
    """(object, label of the capture, points of the frame in the camera) of all rows."""
    for number, (reader, frame) in enumerate(keyframes(captures)):
        name = f"{number:06d}"
        rows = [Object.of(t) for t in (root / f"object/training/label_2/{name}.txt").read_text().splitlines()]
        rows = [r for r in rows if r.type != "DontCare"]
        wanted = [
            o
            for o in frame.objects
            if "CAM_FRONT" in o.cameras
            and o.cameras["CAM_FRONT"].visible_box_px is not None
            and o.lidar_points["LIDAR_TOP"]
        ]
        assert len(rows) == len(wanted)
        points = points_of_camera(root, name)
        for row, label in zip(rows, wanted, strict=True):
            yield row, label, points, reader


def mismatches(root: Path, captures: list[Path], change=lambda row: row) -> tuple[int, int]:
    """(rows whose box does not hold the returns that the capture counted, rows)."""
    wrong = total = 0
    for row, label, points, _ in labelled(root, captures):
        total += 1
        known, changed = label.lidar_points["LIDAR_TOP"], change(row)
        wrong += not changed.holds(points, -SLACK_M) <= known <= changed.holds(points, SLACK_M)
    return wrong, total


def test_boxes_hold_the_returns_that_the_capture_counted(root: Path, captures: list[Path]) -> None:
    wrong, total = mismatches(root, captures)
    assert wrong == 0 and total >= 20


@pytest.mark.parametrize(
    "plant",
    [
        lambda r: replace(r, w=r.l, l=r.w),
        lambda r: replace(r, ry=-r.ry),
        lambda r: replace(r, ry=r.ry + math.pi / 2),
        lambda r: replace(r, t=r.t * [-1, 1, 1]),
        lambda r: replace(r, t=r.t - [0, r.h / 2, 0]),
        lambda r: replace(r, h=r.w, w=r.h),
    ],
    ids=["w_l", "yaw_sign", "quarter_turn", "mirrored", "centre", "h_w"],
)
def test_what_would_be_wrong_is_seen(root: Path, captures: list[Path], plant) -> None:
    wrong, total = mismatches(root, captures, plant)
    assert wrong > 0.15 * total


def test_rows_say_what_the_capture_says(root: Path, captures: list[Path]) -> None:
    for row, label, _, _ in labelled(root, captures):
        seen = label.cameras["CAM_FRONT"]
        length, width, height = label.box.size_m
        np.testing.assert_allclose([row.l, row.w, row.h], [length, width, height], atol=6e-4)
        left, top, right, bottom = seen.full_box_px
        np.testing.assert_allclose(row.box, [left, top, right - 1, bottom - 1], atol=6e-3)
        assert row.truncated == pytest.approx(seen.truncation, abs=0.006)
        assert row.occluded == (
            0 if seen.visible_fraction >= 0.8 else 1 if seen.visible_fraction >= 0.4 else 2
        )
        assert math.remainder(row.ry - math.atan2(row.t[0], row.t[2]) - row.alpha, math.tau) == pytest.approx(
            0, abs=2e-3
        )
        wanted = {
            ObjectClass.BICYCLE: "Cyclist",
            ObjectClass.MOTORCYCLE: "Misc",  # nobody rides it
            ObjectClass.CHILD: "Pedestrian",
            ObjectClass.VAN: "Van",
            ObjectClass.POLICE: "Car",
            ObjectClass.TRUCK: "Truck",
        }
        assert row.type == wanted.get(label.object_class, row.type)


def test_boxes_project_onto_their_rectangles(root: Path, captures: list[Path]) -> None:
    """By the written P2; the centre of the top left pixel is (0, 0)."""
    checked = 0
    p2 = calibration(root / "object/training/calib/000000.txt")["P2"].reshape(3, 4)
    for row, label, _, reader in labelled(root, captures):
        corners = row.corners()
        if corners[:, 2].min() < 1 or label.cameras["CAM_FRONT"].truncation > 0:
            continue
        camera = reader.sensor(EGO, "CAM_FRONT")
        pixels = np.c_[corners, np.ones(8)] @ p2.T
        pixels = pixels[:, :2] / pixels[:, 2:]
        high = [camera.width_px - 1, camera.height_px - 1]
        found = np.r_[np.clip(pixels.min(0), 0, high), np.clip(pixels.max(0), 0, high)]
        np.testing.assert_allclose(found, row.box, atol=2.0)
        checked += 1
    assert checked >= 8


def test_images_and_sets(root: Path, captures: list[Path]) -> None:
    frames = keyframes(captures)
    assert (root / "object/ImageSets/trainval.txt").read_text().split() == [
        f"{i:06d}" for i in range(len(frames))
    ]
    for number, (_, frame) in enumerate(frames):
        image = cv2.imread(str(root / f"object/training/image_2/{number:06d}.png"))
        np.testing.assert_array_equal(image, frame.agents[EGO].bgr("CAM_FRONT"))


def test_sequences(root: Path, captures: list[Path]) -> None:
    training = root / "tracking/training"
    rows = [r.split() for r in (training / "evaluate_tracking.seqmap.training").read_text().splitlines()]
    assert [(r[0], r[2], r[3]) for r in rows] == [
        ("0000", "000000", "000003"),
        ("0001", "000000", "000002"),
    ]
    for number, path in enumerate(captures):
        with CaptureReader(path) as reader:
            frames = list(reader.frames(keyframes=True))
            rows = [r.split() for r in (training / f"label_02/{number:04d}.txt").read_text().splitlines()]
            assert all(len(r) == 17 for r in rows)
            oxts = np.loadtxt(training / f"oxts/{number:04d}.txt")
            assert oxts.shape == (len(frames), 30)
            for index, frame in enumerate(frames):
                assert (training / f"velodyne/{number:04d}/{index:06d}.bin").is_file()
                ids = {int(r[1]) for r in rows if int(r[0]) == index}
                seen = {
                    o.track_id
                    for o in frame.objects
                    if "CAM_FRONT" in o.cameras and o.lidar_points["LIDAR_TOP"]
                }
                assert ids - {-1} <= seen and len(ids) > 2
                agent = frame.agents[EGO]
                np.testing.assert_allclose(oxts[index][5], agent.map_agent.yaw_rad, atol=1e-9)
                np.testing.assert_allclose(oxts[index][8:10], [6.0, 0.0], atol=1e-6)
            # The raw data kit's way back: Mercator with the scale of the first latitude.
            scale = math.cos(math.radians(oxts[0][0])) * 6378137
            xy = np.stack(
                [
                    scale * np.radians(oxts[:, 1]),
                    scale * np.log(np.tan(np.pi / 4 + np.radians(oxts[:, 0]) / 2)),
                ],
                1,
            )
            poses = np.array([f.agents[EGO].map_agent.position_m[:2] for f in frames])
            np.testing.assert_allclose(xy - xy[0], poses - poses[0], atol=1e-3)


def test_the_same_bytes_again(root: Path, captures: list[Path], tmp_path: Path) -> None:
    Kitti(PLAIN).export(captures[::-1], tmp_path / "again")
    assert digest(tmp_path / "again") == digest(root)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"layout": "objects"}, "one of object, tracking, both"),
        ({"image": "bmp"}, "png or jpg"),
        ({"lidar": "LIDAR_REAR"}, "the LiDAR LIDAR_REAR in the rig"),
        ({"rectified_fov_deg": 170}, "10 to 150"),
    ],
)
def test_wrong_options(captures: list[Path], tmp_path: Path, options: dict[str, object], said: str) -> None:
    with pytest.raises(ExportError, match=said):
        Kitti(options).export(captures, tmp_path / "set")
    assert not (tmp_path / "set").exists()
