"""Exports of other agents' sensors (`agents=...`), against the cooperative captures' images and points."""

from __future__ import annotations

import csv
import json
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import yaml
from plain_export import PLAIN
from pyarrow import parquet
from test_coco import decode
from test_nuscenes import digest
from tests.cooperative_capture import EGO_TRACK, POLE_1, POLE_2, VEHICLE, VEHICLE_TRACK

from drivegen.capture.export.exporter import Exporter
from drivegen.capture.export.manifest import MANIFEST, verify
from drivegen.capture.frame import EGO
from drivegen.capture.messages import camera_optical
from drivegen.capture.reader import CapturedAgent, CapturedFrame, CaptureReader
from drivegen.core.agents import label_key
from drivegen.core.errors import ExportError
from drivegen.core.labels import ObjectLabel
from drivegen_exporters.argoverse2.exporter import Argoverse2
from drivegen_exporters.cityscapes.exporter import Cityscapes
from drivegen_exporters.coco.exporter import Coco
from drivegen_exporters.foxglove.exporter import Foxglove
from drivegen_exporters.huggingface.exporter import HuggingFace
from drivegen_exporters.kitti.exporter import Kitti
from drivegen_exporters.nuscenes.exporter import NuScenes
from drivegen_exporters.openlabel.exporter import OpenLabel
from drivegen_exporters.opv2v.exporter import Opv2v
from drivegen_exporters.osi.exporter import Osi
from drivegen_exporters.semantic_kitti.exporter import SemanticKitti
from drivegen_exporters.v2x_sim.exporter import V2xSim
from drivegen_exporters.webdataset.exporter import WebDataset
from drivegen_exporters.yolo.exporter import Yolo

ALL = (EGO, VEHICLE, POLE_1, POLE_2)
TAKING = (Coco, Yolo, Cityscapes, Kitti, SemanticKitti, WebDataset, HuggingFace)
LATE = {EGO: 0, POLE_1: 0, VEHICLE: 1, POLE_2: 1}
"""Frames by which an agent's sensors come after the ego's."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, cooperative_captures: list[Path]) -> dict[type, Path]:
    """A data set of all agents in each format that takes them."""
    root = tmp_path_factory.mktemp("agents")
    for kind in TAKING:
        own: dict[str, Any] = {"least_pixels": 4} if kind in {Coco, Yolo} else {}
        kind({"agents": "all", **own, **PLAIN}).export(cooperative_captures, root / kind.format)
    return {kind: root / kind.format for kind in TAKING}


@pytest.fixture(scope="module")
def readers(cooperative_captures: list[Path]) -> Iterator[dict[str, CaptureReader]]:
    found = {r.scene: r for r in map(CaptureReader, cooperative_captures)}
    yield found
    for reader in found.values():
        reader.close()


def pixels_of(instance: np.ndarray) -> dict[int, int]:
    """Pixels by object."""
    counts = zip(*(v.tolist() for v in np.unique(instance, return_counts=True)), strict=True)
    return {i: n for i, n in counts if i}


def boxes_of(instance: np.ndarray, track_id: int) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of an object's pixels."""
    ys, xs = np.nonzero(instance == track_id)
    return int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1


def label_of(frame: CapturedFrame, track_id: int) -> ObjectLabel:
    body = frame.agents[EGO].body
    assert body is not None
    return next(o for o in (*frame.objects, body) if o.track_id == track_id)


# Image by image


def test_coco_has_what_each_camera_shows(made: dict[type, Path], readers: dict[str, CaptureReader]) -> None:
    data = json.loads((made[Coco] / "annotations/instances.json").read_text())
    rows: dict[int, list[Any]] = {}
    for row in data["annotations"]:
        rows.setdefault(row["image_id"], []).append(row)
    seen: dict[str, set[int]] = {name: set() for name in ALL}
    projected = 0
    for image in data["images"]:
        name, channel = image["agent"], image["camera"]
        frame = readers[image["scene"]].frame(LATE[name])
        key = label_key(name, channel)
        assert image["file_name"] == f"{image['scene']}/{key}/{frame.index:06d}.jpg"
        assert image["time_ns"] == frame.time_ns
        agent = frame.agents[name]
        assert (made[Coco] / "images" / image["file_name"]).read_bytes() == agent.jpeg(channel)
        instance = agent.instance(channel)
        camera = next(c for c in readers[image["scene"]].rigs[name].cameras if c.name == channel)
        found = {row["track_id"]: row for row in rows.get(image["id"], [])}
        assert set(found) == {i for i, n in pixels_of(instance).items() if n >= 4}
        seen[name] |= set(found)
        for track_id, row in found.items():
            np.testing.assert_array_equal(decode(row["segmentation"]), instance == track_id)
            label = label_of(frame, track_id).cameras[key]
            assert row["visible_fraction"] == pytest.approx(label.visible_fraction, abs=1e-4)
            # The box is in this camera's frame: its centre is where the image has the object.
            box = row["box_3d"]
            u, v, depth = camera.intrinsic @ box["center_m"]
            left, top, right, bottom = boxes_of(instance, track_id)
            if label.visible_fraction > 0.95 and label.truncation == 0.0:
                assert left <= u / depth <= right and top <= v / depth <= bottom
                projected += name != EGO
    assert len(data["images"]) == 2 * 2 * len(ALL)
    assert projected >= 10
    # Nobody sees itself; poles see the ego, and what the ego does not.
    assert EGO_TRACK not in seen[EGO] and VEHICLE_TRACK not in seen[VEHICLE]
    assert EGO_TRACK in seen[POLE_1] | seen[POLE_2]
    assert (seen[POLE_1] | seen[POLE_2]) - seen[EGO] - {EGO_TRACK}


def test_yolo(made: dict[type, Path], readers: dict[str, CaptureReader]) -> None:
    images = (made[Yolo] / "train.txt").read_text().split()
    assert len(images) == 2 * 2 * len(ALL)
    for image in images:
        _, _, scene, *others, channel, file = image.split("/")
        name = others[0] if others else EGO
        frame = readers[scene].frame(int(file[:-4]))
        assert frame.index == LATE[name]
        instance = frame.agents[name].instance(channel)
        wanted = [boxes_of(instance, i) for i, n in sorted(pixels_of(instance).items()) if n >= 4]
        text = (made[Yolo] / image.replace("images", "labels", 1).replace(".jpg", ".txt")).read_text()
        size = np.array(instance.shape[::-1])
        middles = np.array([row.split()[1:] for row in text.splitlines()], float).reshape(-1, 2, 2) * size
        found = np.hstack([middles[:, 0] - middles[:, 1] / 2, middles[:, 0] + middles[:, 1] / 2])
        np.testing.assert_allclose(found, np.array(wanted).reshape(-1, 4), atol=1e-3)


def test_cityscapes(made: dict[type, Path], readers: dict[str, CaptureReader]) -> None:
    root = made[Cityscapes] / "gtFine/train"
    cities = {f"{s}{n}": (s, a) for s in readers for a, n in ((EGO, ""), *((a, f"-{a}") for a in ALL[1:]))}
    assert {p.name for p in root.iterdir()} == {city.replace("_", "-") for city in cities}
    for city, (scene, name) in cities.items():
        frame = readers[scene].frame(LATE[name])
        agent = frame.agents[name]
        for number, camera in enumerate(readers[scene].rigs[name].cameras):
            stem = city.replace("_", "-")
            path = root / stem / f"{stem}_{number:06d}_{frame.index:06d}_gtFine_instanceIds.png"
            ids = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
            instance = agent.instance(camera.name)
            there = instance[ids >= 1000]
            pairs = np.unique(np.stack([there, ids[ids >= 1000]]), axis=1)
            assert len(set(pairs[1])) == len(pairs[1]) >= len(set(there))
            assert set(there) == set(np.unique(instance)) - {0}


# Sweeps and their labels


def test_kitti(made: dict[type, Path], readers: dict[str, CaptureReader]) -> None:
    scenes = [line.split() for line in (made[Kitti] / "object/../scenes.txt").read_text().splitlines()]
    assert [(row[1], row[4]) for row in scenes] == [(s, a) for s in sorted(readers) for a in ALL]
    assert [int(row[0]) for row in scenes] == list(range(8)) == [int(row[2]) for row in scenes]
    training = made[Kitti] / "object/training"
    checked = 0
    for _, scene, first, images, name in scenes:
        assert images == "1"
        frame = readers[scene].frame(LATE[name])
        agent = frame.agents[name]
        points = np.fromfile(training / f"velodyne/{int(first):06d}.bin", "<f4").reshape(-1, 4)
        np.testing.assert_array_equal(points[:, :3], agent.sweep("LIDAR_TOP").points_m)
        text = (training / f"calib/{int(first):06d}.txt").read_text()
        lines = dict(line.split(": ") for line in text.splitlines())
        projection = np.array(lines["P2"].split(), float).reshape(3, 4)[:, :3]
        turn = np.vstack([np.array(lines["Tr_velo_to_cam"].split(), float).reshape(3, 4), [0, 0, 0, 1]])
        optical = points[:, :3] @ turn[:3, :3].T + turn[:3, 3]
        instance = agent.instance("CAM_FRONT")
        shown = [row.split() for row in (training / f"label_2/{int(first):06d}.txt").read_text().splitlines()]
        assert len(shown) <= len(pixels_of(instance))
        for row in (r for r in shown if r[0] != "DontCare"):
            height, width, length, x, y, z = (float(v) for v in row[8:14])
            u, v, depth = projection @ [x, y - height / 2, z]
            left, top, right, bottom = (float(v) for v in row[4:8])
            if float(row[1]) == 0.0:
                assert left <= u / depth <= right and top <= v / depth <= bottom
            apart = np.linalg.norm(optical - [x, y - height / 2, z], axis=1)
            assert (apart <= np.linalg.norm([height, width, length]) / 2).any()
            checked += name != EGO
    assert checked >= 8
    tracking = made[Kitti] / "tracking/training"
    seqmap = (tracking / "evaluate_tracking.seqmap.training").read_text().splitlines()
    counted = [len(list((tracking / f"velodyne/{i:04d}").iterdir())) for i in range(8)]
    assert [int(row.split()[3]) for row in seqmap] == counted == [4, 4, 4, 4, 2, 2, 2, 2]
    own = np.loadtxt(tracking / "oxts/0002.txt")
    assert (own == own[0]).all()  # a pole


def test_semantic_kitti(made: dict[type, Path], readers: dict[str, CaptureReader]) -> None:
    rows = [line.split() for line in (made[SemanticKitti] / "scenes.txt").read_text().splitlines()]
    assert [tuple(row[1:]) for row in rows] == [(s, a) for s in sorted(readers) for a in ALL]
    for sequence, scene, name in rows:
        root = made[SemanticKitti] / "sequences" / sequence
        poses = np.loadtxt(root / "poses.txt").reshape(-1, 3, 4)
        frames = [f for f in readers[scene].frames() if "LIDAR_TOP" in f.agents[name].delivered]
        assert len(poses) == len(frames) == len(list((root / "labels").iterdir()))
        assert (np.ptp(poses, axis=0).max() < 1e-6) == (name in {POLE_1, POLE_2})
        for number, frame in enumerate(frames):
            sweep = frame.agents[name].sweep("LIDAR_TOP")
            labels = np.fromfile(root / f"labels/{number:06d}.label", "<u4")
            np.testing.assert_array_equal(labels >> 16, sweep.object_id & 0xFFFF)
            assert set(labels[sweep.object_id == EGO_TRACK] & 0xFFFF) <= {252, 10}  # a car, moving or not
    split = yaml.safe_load((made[SemanticKitti] / "split.yaml").read_text())["split"]
    assert split["train"] == list(range(8))


def test_webdataset(made: dict[type, Path], readers: dict[str, CaptureReader]) -> None:
    shards = {p.name for p in made[WebDataset].glob("*.tar")}
    starts = ("", *(f"{a}-" for a in ALL[1:]))
    assert shards == {f"{start}train-{i:06d}.tar" for start in starts for i in range(2)}
    for shard in sorted(shards):
        with tarfile.open(made[WebDataset] / shard) as tar:
            files = {m.name: tar.extractfile(m).read() for m in tar}
        name = shard.split("-train-")[0] if not shard.startswith("train") else EGO
        key = next(iter(files)).split(".")[0]
        sample = json.loads(files[f"{key}.json"])
        frame = readers[sample["scene"]].frame(sample["frame"])
        other = "" if name == EGO else f"_{name}"
        assert key == f"{sample['scene']}{other}_{LATE[name]:06d}" and sample["agent"] == name
        agent: CapturedAgent = frame.agents[name]
        np.testing.assert_array_equal(sample["map_agent"], agent.map_agent.matrix)
        channels = {c.name for c in readers[sample["scene"]].rigs[name].cameras}
        assert set(sample["cameras"]) == channels
        wanted = {
            o.track_id: {c for c in channels if label_key(name, c) in o.cameras} for o in frame.around(name)
        }
        assert {o["track_id"]: set(o["cameras"]) for o in sample["objects"]} == wanted
        assert (EGO_TRACK in wanted) == (name != EGO) and (VEHICLE_TRACK in wanted) == (name != VEHICLE)
        for channel in channels:
            data = np.frombuffer(files[f"{key}.{channel.lower()}.instance.png"], np.uint8)
            np.testing.assert_array_equal(cv2.imdecode(data, cv2.IMREAD_UNCHANGED), agent.instance(channel))


def test_huggingface(made: dict[type, Path], readers: dict[str, CaptureReader]) -> None:
    _, head, text = (made[HuggingFace] / "README.md").read_text().split("---\n", 2)
    columns = [f["name"] for f in yaml.safe_load(head)["dataset_info"][0]["features"]]
    assert columns[:4] == ["image", "scene", "agent", "sensor"] and "`agent`" in text
    images = [r for p in sorted((made[HuggingFace] / "images").iterdir()) for r in rows_of(p)]
    sweeps = [r for p in sorted((made[HuggingFace] / "sweeps").iterdir()) for r in rows_of(p)]
    assert len(images) == 2 * len(sweeps) == 2 * 2 * len(ALL)
    for row in images:
        assert list(row) == columns
        name, frame = row["agent"], readers[row["scene"]].frame(row["frame"])
        agent = frame.agents[name]
        assert row["image"]["bytes"] == agent.jpeg(row["sensor"])
        camera = next(c for c in readers[row["scene"]].rigs[name].cameras if c.name == row["sensor"])
        np.testing.assert_allclose(
            np.reshape(row["map_sensor"], (4, 4)), (agent.map_agent @ camera_optical(camera)).matrix
        )
        instance = agent.instance(row["sensor"])
        found = {o["track_id"]: o["bbox"] for o in row["objects"]}
        assert set(found) == set(pixels_of(instance))
        for track_id, (left, top, width, height) in found.items():
            assert (left, top, left + width, top + height) == boxes_of(instance, track_id)
    for row in sweeps:
        sweep = readers[row["scene"]].frame(row["frame"]).agents[row["agent"]].sweep("LIDAR_TOP")
        assert {o["track_id"]: o["points"] for o in row["objects"]} == pixels_of(sweep.object_id)


def rows_of(path: Path) -> list[dict[str, Any]]:
    return parquet.read_table(path).to_pylist()


# What is asked, and what is told


def test_the_ego_alone_is_as_ever(cooperative_captures: list[Path], tmp_path: Path) -> None:
    for kind in (Coco, Kitti, WebDataset):
        kind(PLAIN).export(cooperative_captures[:1], tmp_path / f"{kind.format}_plain")
        kind({"agents": "ego", **PLAIN}).export(cooperative_captures[:1], tmp_path / kind.format)
        assert digest(tmp_path / kind.format) == digest(tmp_path / f"{kind.format}_plain")
        assert "agents" not in (tmp_path / kind.format / "drivegen.json").read_text()
        assert "| agent" not in (tmp_path / kind.format / "README.md").read_text()
    first = json.loads((tmp_path / "coco/annotations/instances.json").read_text())["images"][0]
    assert first["file_name"] == "scene-0001/CAM_FRONT/000000.jpg" and "agent" not in first


def test_card_manifest_and_splits_tell_of_agents(cooperative_captures: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "set"
    asked = {"agents": "roadside, vehicle_1", "splits": {"train": 0.5, "test": 0.5}}
    Yolo(asked).export(cooperative_captures, out)
    assert not verify(out).problems
    assert json.loads((out / "drivegen.json").read_text())["agents"] == "roadside,vehicle_1"
    lines = [json.loads(line) for line in (out / MANIFEST).read_text().splitlines()]
    assert [row["agents"] for row in lines if "scene" in row] == [f"{VEHICLE},{POLE_1},{POLE_2}"] * 2
    card = (out / "README.md").read_text()
    assert all(f"| {name} | 2 |" in card for name in (VEHICLE, POLE_1, POLE_2))
    assert "from the nearest agent" in card
    splits = {r["scene"]: r["split"] for r in csv.DictReader((out / "scenes.csv").open())}
    assert set(splits.values()) == {"train", "test"}
    for scene, split in splits.items():
        images = (out / f"{split}.txt").read_text().split()
        assert {i.split("/")[2] for i in images} == {scene}
        assert {i.split("/")[3] for i in images} == {VEHICLE, POLE_1, POLE_2}


def test_smaller_images_of_other_agents(cooperative_captures: list[Path], tmp_path: Path) -> None:
    Coco({"agents": POLE_1, "scale": 0.5, "least_pixels": 1, **PLAIN}).export(
        cooperative_captures[:1], tmp_path / "set"
    )
    data = json.loads((tmp_path / "set/annotations/instances.json").read_text())
    assert {i["agent"] for i in data["images"]} == {POLE_1}
    for image in data["images"]:
        found = cv2.imread(str(tmp_path / "set/images" / image["file_name"]))
        assert found.shape[:2] == (45, 80) == (image["height"], image["width"])
    assert {tuple(a["segmentation"]["size"]) for a in data["annotations"]} == {(45, 80)}


def test_channels_of_one_agent_alone(cooperative_captures: list[Path], tmp_path: Path) -> None:
    options = {"agents": "roadside,ego", "cameras": f"{POLE_2}/CAM_LEFT,CAM_BACK", **PLAIN}
    Coco(options).export(cooperative_captures[:1], tmp_path / "set")
    images = json.loads((tmp_path / "set/annotations/instances.json").read_text())["images"]
    assert [(i["agent"], i["camera"]) for i in images] == [(EGO, "CAM_BACK"), (POLE_2, "CAM_LEFT")]
    # A pole has no CAM_BACK: its first camera takes the place in a format of one camera.
    Kitti({"agents": "all", "camera": "CAM_BACK", "layout": "object", **PLAIN}).export(
        cooperative_captures[:1], tmp_path / "kitti"
    )
    assert len(list((tmp_path / "kitti/object/training/image_2").iterdir())) == len(ALL)


def test_scenes_without_such_an_agent_are_left_out(
    captures: list[Path], cooperative_captures: list[Path], tmp_path: Path
) -> None:
    from synthetic_capture import make_plan, make_rig, write_capture

    lone = write_capture(tmp_path / "lone.mcap", make_plan("scene-0009", 0.1, make_rig(48, 32, 30))).path
    for kind in TAKING:
        kind({"agents": "roadside", **PLAIN}).export([lone, cooperative_captures[1]], tmp_path / kind.format)
        scenes = [r["scene"] for r in csv.DictReader((tmp_path / kind.format / "scenes.csv").open())]
        assert scenes == ["scene-0002"]
    with pytest.raises(ExportError, match="none of 1 scenes has a frame that is selected and of agents=road"):
        Coco({"agents": "roadside"}).export([lone], tmp_path / "set")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"agents": "roadside_3"}, "wants the agent roadside_3; there are ego, vehicle_1, roadside_1, road"),
        ({"agents": "all", "cameras": "CAM_TOP"}, "wants the camera CAM_TOP; the agents have CAM_FRONT"),
        ({"agents": "roadside_1,ego", "cameras": "CAM_BACK"}, "roadside_1 has nothing for coco"),
        ({"agents": "vehicle_1", "hz": 2}, "vehicle_1 has nothing for coco"),
    ],
)
def test_who_is_not_there(
    options: dict[str, Any], said: str, cooperative_captures: list[Path], tmp_path: Path
) -> None:
    with pytest.raises(ExportError, match=re.escape(said)):
        Coco(options).export(cooperative_captures[:1], tmp_path / "set")


@pytest.mark.parametrize("kind", [NuScenes, Argoverse2, Foxglove, OpenLabel, Osi, Opv2v, V2xSim])
def test_other_formats_refuse(kind: type[Exporter[Any]]) -> None:
    with pytest.raises(ExportError, match=f"{kind.format}: agents=roadside: this format does not take"):
        kind({"agents": "roadside"})
    assert kind({"agents": "ego"}).request.agents == EGO


@pytest.mark.parametrize("given", ["a b", "roadside,", 3, ["roadside"], "roadside/CAM"])
def test_what_is_no_word_is_refused(given: object) -> None:
    with pytest.raises(ExportError, match="agents="):
        Coco({"agents": given})
