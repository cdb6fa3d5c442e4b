"""The COCO export, its run lengths decoded by other means, against the captures' images."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from plain_export import PLAIN
from test_nuscenes import digest

from drivegen.capture.frame import EGO
from drivegen.capture.reader import CaptureReader
from drivegen.core.actors import ObjectClass
from drivegen.core.errors import ExportError
from drivegen.core.geometry import Pose
from drivegen.core.labels import CameraLabel
from drivegen.core.tags import Tag
from drivegen_exporters.coco.exporter import Coco
from drivegen_exporters.coco.image import annotate
from drivegen_exporters.coco.rle import compress
from drivegen_exporters.masks import mask_of, runs_of

Row = dict[str, Any]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, captures: list[Path]) -> Path:
    out = tmp_path_factory.mktemp("export") / "coco"
    Coco({"least_pixels": 4, **PLAIN}).export(captures, out)
    return out


def decode(segmentation: Row) -> np.ndarray:
    """A mask of compressed run lengths, letter by letter."""
    counts: list[int] = []
    value = shift = 0
    for letter in segmentation["counts"].encode():
        group = letter - 48
        value |= (group & 31) << shift
        shift += 5
        if group & 32:
            continue
        if group & 16:
            value -= 1 << shift
        counts.append(value + (counts[-2] if len(counts) > 2 else 0))
        value = shift = 0
    height, width = segmentation["size"]
    flat = np.repeat(np.arange(len(counts)) % 2 == 1, counts)
    return flat.reshape(width, height).T


def read(root: Path, name: str) -> Row:
    return json.loads((root / "annotations" / f"{name}.json").read_text())


def images_of(root: Path, captures: list[Path]):
    """(image's row, frame, channel) through all captures."""
    readers = {r.scene: r for r in map(CaptureReader, captures)}
    for image in read(root, "instances")["images"]:
        frame = readers[image["scene"]].frame(int(Path(image["file_name"]).stem))
        assert frame.time_ns == image["time_ns"]
        yield image, frame, image["camera"]


def test_numbers_lead_from_one_to_the_other(root: Path, captures: list[Path]) -> None:
    data = read(root, "instances")
    assert [i["id"] for i in data["images"]] == list(range(1, len(data["images"]) + 1))
    assert [a["id"] for a in data["annotations"]] == list(range(1, len(data["annotations"]) + 1))
    assert len(data["images"]) == 6 * (3 + 2)
    assert {a["category_id"] for a in data["annotations"]} <= {c["id"] for c in data["categories"]}
    assert {a["image_id"] for a in data["annotations"]} <= {i["id"] for i in data["images"]}
    for image, frame, channel in images_of(root, captures):
        found = cv2.imread(str(root / "images" / image["file_name"]))
        assert found.shape == (image["height"], image["width"], 3)
        np.testing.assert_array_equal(found, frame.agents[EGO].bgr(channel))


def test_masks_are_the_captures_pixels(root: Path, captures: list[Path]) -> None:
    data = read(root, "instances")
    checked = 0
    for image, frame, channel in images_of(root, captures):
        instance = frame.agents[EGO].instance(channel)
        rows = {a["track_id"]: a for a in data["annotations"] if a["image_id"] == image["id"]}
        wanted = {
            int(i) for i, n in zip(*np.unique(instance, return_counts=True), strict=True) if i and n >= 4
        }
        assert set(rows) == wanted
        for track_id, row in rows.items():
            mask = decode(row["segmentation"])
            np.testing.assert_array_equal(mask, instance == track_id)
            ys, xs = np.nonzero(mask)
            assert row["bbox"] == [xs.min(), ys.min(), np.ptp(xs) + 1, np.ptp(ys) + 1]
            assert row["area"] == len(xs) and row["iscrowd"] == 0
            label = next(o for o in frame.objects if o.track_id == track_id)
            vehicles = {ObjectClass.BUS: 6, ObjectClass.TRUCK: 8, ObjectClass.CHILD: 1, ObjectClass.VAN: 3}
            assert row["category_id"] == vehicles.get(label.object_class, row["category_id"])
            distance = np.linalg.norm(label.box.pose.position_m - frame.agents[EGO].map_agent.position_m)
            assert np.linalg.norm(row["box_3d"]["center_m"]) == pytest.approx(distance, abs=2.0)
            checked += 1
    assert checked > 30


def test_panoptic_images_tell_of_every_pixel(root: Path, captures: list[Path]) -> None:
    data = read(root, "panoptic")
    rows = {a["image_id"]: a for a in data["annotations"]}
    categories = {c["id"]: c for c in data["categories"]}
    for image, frame, channel in images_of(root, captures):
        row = rows[image["id"]]
        bgr = cv2.imread(str(root / "panoptic" / row["file_name"])).astype(int)
        ids = bgr[..., 2] + 256 * bgr[..., 1] + 65536 * bgr[..., 0]
        segments = {s["id"]: s for s in row["segments_info"]}
        found = dict(zip(*(v.tolist() for v in np.unique(ids, return_counts=True)), strict=True))
        found.pop(0, None)
        assert found == {i: s["area"] for i, s in segments.items()}
        tags = frame.agents[EGO].tag(channel)
        for tag, name in (
            (Tag.ROAD, "road"),
            (Tag.SKY, "sky-other-merged"),
            (Tag.TERRAIN, "grass-merged"),
        ):
            there = {categories[segments[i]["category_id"]]["name"] for i in np.unique(ids[tags == tag])}
            assert there <= {name}


def label(track_id: int, object_class: ObjectClass, box: tuple[float, ...], *, rider: bool):
    from dataclasses import replace

    from synthetic_capture import THINGS

    from drivegen.core.labels import ObjectLabel

    thing = replace(THINGS[0], object_class=object_class)
    seen = CameraLabel(
        visible_fraction=1.0, visible_pixels=1, truncation=0.0, visible_box_px=box, full_box_px=box
    )
    return ObjectLabel(
        track_id=track_id,
        object_class=object_class,
        blueprint="",
        rider=rider,
        box=thing.box(0.0),
        velocity_mps=np.zeros(3),
        acceleration_mps2=np.zeros(3),
        yaw_rate_radps=0.0,
        cameras={"C": seen},
    )


def test_riders_are_persons_and_scenery_is_a_crowd() -> None:
    instance = np.zeros((8, 12), np.uint16)
    tags = np.full((8, 12), Tag.ROAD, np.uint8)
    instance[1:7, 2:4] = 40
    tags[1:4, 2:4], tags[4:7, 2:4] = Tag.RIDER, Tag.BICYCLE
    tags[0:2, 8:10] = Tag.TRAFFIC_LIGHT
    tags[5:7, 10:12] = Tag.POLE
    bicycle = label(40, ObjectClass.BICYCLE, (2.0, 1.0, 4.0, 7.0), rider=True)
    found = annotate([bicycle], "C", tags, instance, Pose.identity(), 1)
    rows = [(a["category_id"], a["bbox"], a["iscrowd"]) for a in found.annotations]
    assert rows == [(1, [2, 1, 2, 3], 0), (2, [2, 4, 2, 3], 0), (10, [8, 0, 2, 2], 1)]
    assert (found.panoptic == 0).sum() == 4  # the pole
    assert (found.panoptic > 0).sum() == sum(s["area"] for s in found.segments)
    assert annotate([bicycle], "C", tags, instance, Pose.identity(), 7).left_out == 2


def test_runs_are_those_of_the_columns() -> None:
    rng = np.random.default_rng(3)
    for density in (0.02, 0.5, 0.98, 1.0):
        pixels = rng.random((13, 9)) < density
        pixels[0, 0] |= not pixels.any()
        mask = mask_of(pixels)
        runs = runs_of(mask, 13, 9)
        np.testing.assert_array_equal(np.repeat(np.arange(len(runs)) % 2 == 1, runs), pixels.T.reshape(-1))
        text = {"size": [13, 9], "counts": compress(runs)}
        np.testing.assert_array_equal(decode(text), pixels)
    long = compress([0, 70_000, 3, 1, 900_000, 5])
    np.testing.assert_array_equal(
        decode({"size": [970_009, 1], "counts": long})[:, 0][[0, 69_999, 70_000, 70_003]],
        [True, True, False, True],
    )


def test_the_same_bytes_again(root: Path, captures: list[Path], tmp_path: Path) -> None:
    Coco({"least_pixels": 4, **PLAIN}).export(captures[::-1], tmp_path / "again")
    assert digest(tmp_path / "again") == digest(root)


def test_wrong_options(captures: list[Path], tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="CAM_TOP in the rig"):
        Coco({"cameras": "CAM_FRONT, CAM_TOP"}).export(captures, tmp_path / "set")
    with pytest.raises(ExportError, match="keyframes or all"):
        Coco({"frames": "every"})
