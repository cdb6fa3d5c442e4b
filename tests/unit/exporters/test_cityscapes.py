"""The Cityscapes export against the captures' images."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw
from plain_export import PLAIN
from test_nuscenes import digest

from drivegen.capture.frame import EGO
from drivegen.capture.reader import CaptureReader
from drivegen.core.errors import ExportError
from drivegen.core.tags import Tag
from drivegen_exporters.cityscapes.exporter import Cityscapes, instance_ids
from drivegen_exporters.cityscapes.polygons import regions_of
from drivegen_exporters.cityscapes.vocabulary import id_of_tags


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, captures: list[Path]) -> Path:
    out = tmp_path_factory.mktemp("export") / "cityscapes"
    Cityscapes({"cameras": "CAM_FRONT,CAM_BACK", **PLAIN}).export(captures, out)
    return out


def test_label_images_are_the_captures(root: Path, captures: list[Path]) -> None:
    readers = {r.scene: r for r in map(CaptureReader, captures)}
    files = sorted((root / "leftImg8bit").rglob("*_leftImg8bit.png"))
    assert len(files) == 2 * 5
    for file in files:
        city, camera, index, *rest = file.stem.split("_")
        assert rest == ["leftImg8bit"] and file.parent.name == city
        frame = readers[city].frame(int(index))
        channel = ("CAM_FRONT", "CAM_BACK")[int(camera)]
        agent = frame.agents[EGO]
        np.testing.assert_array_equal(cv2.imread(str(file)), agent.bgr(channel))
        fine = root / "gtFine" / "train" / city / f"{city}_{camera}_{index}_gtFine"

        def image(kind: str, fine: Path = fine) -> np.ndarray:
            return cv2.imread(f"{fine}_{kind}.png", cv2.IMREAD_UNCHANGED)

        tags, instance, ids = agent.tag(channel), agent.instance(channel), image("labelIds")
        assert ids.dtype == np.uint8
        wanted = {Tag.ROAD: 7, Tag.SKY: 23, Tag.TERRAIN: 22, Tag.CAR: 26, Tag.TRUCK: 27, Tag.BUS: 28}
        for tag, number in wanted.items():
            assert set(np.unique(ids[tags == tag])) <= {number}
        assert np.isin(tags, list(wanted)).mean() > 0.85
        assert set(np.unique(image("labelTrainIds")[tags == Tag.ROAD])) <= {0}
        assert set(np.unique(image("labelTrainIds")[tags == Tag.CAR])) <= {13}
        assert (image("color")[tags == Tag.ROAD] == (128, 64, 128)).all()
        numbers = image("instanceIds")
        assert numbers.dtype == np.uint16
        np.testing.assert_array_equal(np.where(numbers >= 1000, numbers // 1000, numbers), ids)
        for o in np.unique(instance[instance > 0]):
            assert len(np.unique(numbers[instance == o])) == len(np.unique(tags[instance == o]))
        pairs = {(int(n), int(i)) for n, i in zip(numbers.flat, instance.flat, strict=True) if n >= 1000}
        assert len({n for n, _ in pairs}) == len(pairs)  # no number is two objects'
        text = json.loads((root / f"camera/train/{city}/{city}_{camera}_{index}_camera.json").read_text())
        assert text["intrinsic"]["u0"] == agent.bgr(channel).shape[1] / 2 - 0.5


def test_a_rider_and_the_bicycle_are_two_instances() -> None:
    tags = np.array([[Tag.RIDER, Tag.RIDER, Tag.BICYCLE, Tag.BICYCLE, Tag.ROAD, Tag.CAR]], np.uint8)
    instance = np.array([[7, 9, 7, 9, 0, 0]], np.uint16)
    found = instance_ids(id_of_tags()[tags], instance)
    assert found.tolist() == [[25000, 25001, 33000, 33001, 7, 26]]


def painted(
    objects: list[dict], shape: tuple[int, ...], ids: dict[str, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Labels and instances, painted as cityscapesscripts does (json2labelImg, json2instanceImg)."""
    images = [Image.new("I", shape[::-1], 0) for _ in range(2)]
    labels, instances = map(ImageDraw.Draw, images)
    counts: dict[int, int] = {}
    for each in objects:
        group = each["label"].endswith("group") and each["label"] not in ids
        label = ids[each["label"].removesuffix("group") if group else each["label"]]
        value = label
        if label >= 24 and not group:
            value = label * 1000 + counts.get(label, 0)
            counts[label] = counts.get(label, 0) + 1
        points = [tuple(p) for p in each["polygon"]]
        labels.polygon(points, fill=label)
        instances.polygon(points, fill=value)
    return np.array(images[0]), np.array(images[1])


NAMES = {"unlabeled": 0, "ego vehicle": 1, "static": 4, "ground": 6, "road": 7, "terrain": 22, "sky": 23}
NAMES |= {"person": 24, "rider": 25, "car": 26, "truck": 27, "bus": 28, "motorcycle": 32, "bicycle": 33}


def test_polygons_paint_the_labels_again(root: Path) -> None:
    files = sorted((root / "gtFine").rglob("*_polygons.json"))
    assert len(files) == 2 * 5
    seen = 0
    for file in files:
        text = json.loads(file.read_text())
        ids, numbers = (
            cv2.imread(str(file).replace("polygons.json", f"{kind}.png"), cv2.IMREAD_UNCHANGED)
            for kind in ("labelIds", "instanceIds")
        )
        assert (text["imgHeight"], text["imgWidth"]) == ids.shape
        labels, instances = painted(text["objects"], ids.shape, NAMES)
        for label in np.unique(ids):
            mine, theirs = ids == label, labels == label
            assert (mine & theirs).sum() / (mine | theirs).sum() > 0.98, (file.name, label)
        for number in np.unique(numbers[numbers >= 1000]):
            there = numbers == number
            found, counts = np.unique(instances[there], return_counts=True)
            best = instances == found[counts.argmax()]
            assert (there & best).sum() / (there | best).sum() > 0.98, (file.name, number)
            seen += 1
    assert seen > 20


def test_polygons_of_what_is_in_pieces_and_in_holes() -> None:
    """A car behind a pole that is behind a person, in a house with a hole full of sky: nothing gets lost."""
    ids = np.full((60, 80), 11, np.uint16)
    ids[5:55, 10:70] = 23
    ids[20:40, 15:65] = 26000
    ids[10:50, 30:34] = 17
    ids[25:30, 28:40] = 24000
    ids[22:24, 20:22] = 23
    ids[0, 0] = 7
    regions = regions_of(ids)
    assert [r.key for r in regions if r.key >= 1000] == [26000, 24000]
    found = Image.new("I", (80, 60), 0)
    for region in regions:
        ImageDraw.Draw(found).polygon([tuple(p) for p in region.polygon.tolist()], fill=region.key)
    np.testing.assert_array_equal(np.array(found), ids)


def test_the_same_bytes_again(root: Path, captures: list[Path], tmp_path: Path) -> None:
    Cityscapes({"cameras": "CAM_FRONT,CAM_BACK", **PLAIN}).export(captures[::-1], tmp_path / "again")
    assert digest(tmp_path / "again") == digest(root)


def test_scenes_that_would_be_one_city_are_refused(captures: list[Path], tmp_path: Path) -> None:
    from synthetic_capture import make_plan, make_rig, write_capture

    rig = make_rig(columns=360)
    path = write_capture(tmp_path / "a.mcap", make_plan("scene_0001", 0.1, rig)).path
    with pytest.raises(ExportError, match="would both be the city scene-0001"):
        Cityscapes({"cameras": "CAM_FRONT"}).export([captures[0], path], tmp_path / "set")
