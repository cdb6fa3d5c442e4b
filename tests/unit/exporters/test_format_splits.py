"""Splits in every format that has a place for them, and images of another size in those that copy streams."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml
from synthetic_capture import make_plan, make_rig, write_capture

from drivegen.capture.export.exporter import Exporter
from drivegen_exporters.argoverse2.exporter import Argoverse2
from drivegen_exporters.cityscapes.exporter import Cityscapes
from drivegen_exporters.coco.exporter import Coco
from drivegen_exporters.huggingface.exporter import HuggingFace
from drivegen_exporters.kitti.exporter import Kitti
from drivegen_exporters.semantic_kitti.exporter import SemanticKitti
from drivegen_exporters.webdataset.exporter import WebDataset
from drivegen_exporters.yolo.exporter import Yolo

HALVES = {"splits": {"train": 0.5, "val": 0.5}}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two scenes of one keyframe."""
    folder = tmp_path_factory.mktemp("small")
    rig = make_rig(64, 36, 90)
    return [write_capture(folder / f"{s}.mcap", make_plan(s, 0.1, rig)).path for s in ("s1", "s2")]


def export(kind: type[Exporter], small: list[Path], out: Path, **options: object) -> dict[str, int]:
    """Number of the scene that each split has."""
    kind({**HALVES, **options}).export(small, out)
    rows = [line.split(",") for line in (out / "scenes.csv").read_text().splitlines()]
    split = rows[0].index("split")
    found = {row[split]: number for number, row in enumerate(rows[1:])}
    assert set(found) == {"train", "val"}
    return found


def test_kitti(small: list[Path], tmp_path: Path) -> None:
    at = export(Kitti, small, tmp_path / "set")
    for split, number in at.items():
        text = (tmp_path / f"set/object/ImageSets/{split}.txt").read_text()
        assert text == f"{number:06d}\n"
        text = (tmp_path / f"set/tracking/training/evaluate_tracking.seqmap.{split}").read_text()
        assert text == f"{number:04d} empty 000000 000001\n"
    assert (tmp_path / "set/object/ImageSets/trainval.txt").read_text() == "000000\n000001\n"


def test_coco(small: list[Path], tmp_path: Path) -> None:
    at = export(Coco, small, tmp_path / "set", least_pixels=1)
    for name in ("instances", "panoptic"):
        everything = json.loads((tmp_path / f"set/annotations/{name}.json").read_text())
        images, annotations = [], []
        for split, number in at.items():
            data = json.loads((tmp_path / f"set/annotations/{name}_{split}.json").read_text())
            assert {i["scene"] for i in data["images"]} == {f"s{number + 1}"}
            images += data["images"]
            annotations += data["annotations"]
        images.sort(key=lambda i: i["id"])
        annotations.sort(key=lambda a: a.get("id", a["image_id"]))
        assert images == everything["images"] and annotations == everything["annotations"]
        assert len(images) == 12


def test_yolo(small: list[Path], tmp_path: Path) -> None:
    at = export(Yolo, small, tmp_path / "set")
    data = yaml.safe_load((tmp_path / "set/data.yaml").read_text())
    for split, number in at.items():
        lines = (tmp_path / "set" / data[split]).read_text().split()
        assert len(lines) == 6 and all(line.startswith(f"./images/s{number + 1}/") for line in lines)
    Yolo({"splits": {"test": 1.0}}).export(small, tmp_path / "one")
    data = yaml.safe_load((tmp_path / "one/data.yaml").read_text())
    assert (data["train"], data["val"], data["test"]) == ("test.txt",) * 3


def test_folders_and_names(small: list[Path], tmp_path: Path) -> None:
    at = export(Cityscapes, small, tmp_path / "cityscapes", cameras="CAM_FRONT")
    for split, number in at.items():
        assert (tmp_path / f"cityscapes/gtFine/{split}/s{number + 1}").is_dir()
        assert len(list((tmp_path / f"cityscapes/leftImg8bit/{split}").iterdir())) == 1
    at = export(Argoverse2, small, tmp_path / "av2")
    for split, number in at.items():
        assert [p.name for p in (tmp_path / "av2" / split).iterdir()] == [f"s{number + 1}"]
    at = export(SemanticKitti, small, tmp_path / "semantic")
    text = yaml.safe_load((tmp_path / "semantic/split.yaml").read_text())
    assert text == {"split": {"train": [at["train"]], "valid": [at["val"]]}}
    export(WebDataset, small, tmp_path / "web")
    shards = sorted(p.name for p in (tmp_path / "web").glob("*.tar"))
    assert shards == ["train-000000.tar", "val-000000.tar"]
    export(HuggingFace, small, tmp_path / "hf")
    card = yaml.safe_load((tmp_path / "hf/README.md").read_text().split("---\n", 2)[1])
    for config in card["configs"]:
        for row in config["data_files"]:
            (path,) = (tmp_path / "hf").glob(row["path"])
            assert path.name == f"{row['split']}-00000-of-00001.parquet"


def test_streams_have_smaller_images_and_what_fits_them(small: list[Path], tmp_path: Path) -> None:
    WebDataset({"scale": 0.5}).export(small[:1], tmp_path / "set")
    (shard,) = (tmp_path / "set").glob("*.tar")
    with tarfile.open(shard) as tar:
        files = {m.name.split(".", 1)[1]: tar.extractfile(m).read() for m in tar}
    for name in ("cam_front.jpg", "cam_front.semantic.png", "cam_front.instance.png", "cam_front.depth.png"):
        image = cv2.imdecode(np.frombuffer(files[name], np.uint8), cv2.IMREAD_UNCHANGED)
        assert image.shape[:2] == (18, 32), name
        assert b"TC260:AIGC" in files[name], name
    data = json.loads(files["json"])
    assert data["cameras"]["CAM_FRONT"]["intrinsic"][0][2] == 15.5
    instance = cv2.imdecode(np.frombuffer(files["cam_front.instance.png"], np.uint8), cv2.IMREAD_UNCHANGED)
    boxes = {o["track_id"]: o["cameras"].get("CAM_FRONT", {}).get("visible_box_px") for o in data["objects"]}
    for track_id in np.unique(instance[instance > 0]):
        rows, columns = np.nonzero(instance == track_id)
        assert boxes[int(track_id)] == [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
