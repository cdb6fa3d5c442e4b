"""The YOLO export against the captures' images."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml
from plain_export import PLAIN
from test_nuscenes import digest

from drivegen.capture.frame import EGO
from drivegen.capture.reader import CaptureReader
from drivegen.core.errors import ExportError
from drivegen_exporters.masks import mask_of
from drivegen_exporters.yolo.exporter import Yolo
from drivegen_exporters.yolo.polygons import polygon_of


@pytest.fixture(scope="module", params=["detect", "segment"])
def task(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, captures: list[Path], task: str) -> Path:
    out = tmp_path_factory.mktemp("export") / "yolo"
    Yolo({"task": task, **PLAIN}).export(captures, out)
    return out


def test_labels_are_where_the_objects_are(root: Path, captures: list[Path], task: str) -> None:
    readers = {r.scene: r for r in map(CaptureReader, captures)}
    data = yaml.safe_load((root / "data.yaml").read_text())
    images = (root / data["train"]).read_text().split()
    assert len(images) == 6 * 5
    checked = 0
    for image in images:
        _, _, scene, channel, file = image.split("/")
        frame = readers[scene].frame(int(file[:-4]))
        instance = frame.agents[EGO].instance(channel)
        size = np.array(instance.shape[::-1])
        rows = (root / image.replace("images", "labels", 1).replace(".jpg", ".txt")).read_text().splitlines()
        counts = dict(zip(*np.unique(instance, return_counts=True), strict=True))
        wanted = [o for o in frame.objects if counts.get(o.track_id, 0) >= 16]
        assert (root / image).is_file() and len(rows) == len(wanted)
        for row, label in zip(rows, wanted, strict=True):
            number, *numbers = row.split()
            assert data["names"][int(number)] == label.object_class.value
            mask = instance == label.track_id
            values = np.array([float(v) for v in numbers]).reshape(-1, 2)
            assert values.min() >= 0 and values.max() <= 1
            if task == "detect":
                middle, extent = values * size
                ys, xs = np.nonzero(mask)
                np.testing.assert_allclose(middle - extent / 2, [xs.min(), ys.min()], atol=1e-3)
                np.testing.assert_allclose(middle + extent / 2, [xs.max() + 1, ys.max() + 1], atol=1e-3)
            else:
                drawn = cv2.fillPoly(
                    np.zeros((*(size[::-1] * 8),), np.uint8),
                    [np.rint(values * size * 8 - 0.5).astype(np.int32)],
                    1,
                )
                drawn = cv2.resize(drawn * 255, tuple(size.tolist()), interpolation=cv2.INTER_AREA) > 127
                overlap = (drawn & mask).sum() / (drawn | mask).sum()
                assert overlap > 0.9, (image, label.track_id, overlap)
            checked += 1
    assert checked > 25


def test_pieces_are_one_polygon() -> None:
    pixels = np.zeros((20, 20), bool)
    pixels[2:8, 2:6] = pixels[10:18, 8:16] = pixels[2:5, 14:18] = True
    mask = mask_of(pixels)
    points = polygon_of(mask)
    drawn = cv2.fillPoly(np.zeros((160, 160), np.uint8), [np.rint(points * 8 - 0.5).astype(np.int32)], 255)
    drawn = cv2.resize(drawn, (20, 20), interpolation=cv2.INTER_AREA) > 127
    assert (drawn == pixels).mean() > 0.97


def test_the_same_bytes_again(root: Path, captures: list[Path], tmp_path: Path, task: str) -> None:
    Yolo({"task": task, **PLAIN}).export(captures[::-1], tmp_path / "again")
    assert digest(tmp_path / "again") == digest(root)


def test_wrong_options() -> None:
    with pytest.raises(ExportError, match="detect or segment"):
        Yolo({"task": "pose"})
    with pytest.raises(ExportError, match="least_pixels=0"):
        Yolo({"least_pixels": 0})
