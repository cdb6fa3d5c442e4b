"""Exports that are streams of frames: WebDataset, Hugging Face, Foxglove, OpenLABEL, read by other means."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml
from foxglove_schemas_protobuf.FrameTransforms_pb2 import FrameTransforms
from foxglove_schemas_protobuf.ImageAnnotations_pb2 import ImageAnnotations
from foxglove_schemas_protobuf.SceneUpdate_pb2 import SceneUpdate
from mcap.reader import make_reader
from nuscenes_reader import rotation
from plain_export import PLAIN
from pyarrow import parquet
from test_nuscenes import digest

from drivegen.capture.frame import EGO
from drivegen.capture.messages import camera_optical
from drivegen.capture.reader import CaptureReader
from drivegen.core.errors import ExportError
from drivegen_exporters.foxglove.exporter import Foxglove
from drivegen_exporters.huggingface.exporter import HuggingFace
from drivegen_exporters.openlabel.exporter import OpenLabel
from drivegen_exporters.webdataset.exporter import WebDataset


@pytest.mark.parametrize("kind", [WebDataset, HuggingFace, Foxglove, OpenLabel])
def test_the_same_bytes_again(kind: type, captures: list[Path], tmp_path: Path) -> None:
    kind(PLAIN).export(captures, tmp_path / "one")
    kind(PLAIN).export(captures[::-1], tmp_path / "two")
    assert digest(tmp_path / "one") == digest(tmp_path / "two")


@pytest.mark.parametrize("kind", [WebDataset, HuggingFace, Foxglove, OpenLabel])
def test_wrong_frames(kind: type) -> None:
    with pytest.raises(ExportError, match="keyframes or all is wanted"):
        kind({"frames": "some"})


def test_webdataset(captures: list[Path], tmp_path: Path) -> None:
    WebDataset({"shard_mb": 1, **PLAIN}).export(captures, tmp_path / "set")
    shards = sorted((tmp_path / "set").glob("*.tar"))
    assert [s.name for s in shards] == [f"train-{i:06d}.tar" for i in range(len(shards))]
    samples: dict[str, dict[str, bytes]] = {}
    for shard in shards:
        last = ""
        with tarfile.open(shard) as tar:
            for member in tar:
                key, field = member.name.split(".", 1)
                assert key == last or key not in samples  # together
                last = key
                samples.setdefault(key, {})[field] = tar.extractfile(member).read()
                assert member.mtime == 0
    assert list(samples) == [f"scene-000{s}_{10 * i:06d}" for s, n in ((1, 3), (2, 2)) for i in range(n)]
    assert len({tuple(sorted(s)) for s in samples.values()}) == 1
    readers = {r.scene: r for r in map(CaptureReader, captures)}
    for key, sample in samples.items():
        scene, index = key.split("_")
        frame = readers[scene].frame(int(index))
        agent = frame.agents[EGO]
        data = json.loads(sample["json"])
        assert data["time_ns"] == frame.time_ns and data["scene"] == scene
        assert [o["track_id"] for o in data["objects"]] == [o.track_id for o in frame.objects]
        np.testing.assert_array_equal(data["map_agent"], agent.map_agent.matrix)
        assert sample["cam_back.jpg"] == agent.jpeg("CAM_BACK")

        def png(field: str, sample: dict[str, bytes] = sample) -> np.ndarray:
            return cv2.imdecode(np.frombuffer(sample[field], np.uint8), cv2.IMREAD_UNCHANGED)

        np.testing.assert_array_equal(png("cam_front.semantic.png"), agent.tag("CAM_FRONT"))
        np.testing.assert_array_equal(png("cam_front.instance.png"), agent.instance("CAM_FRONT"))
        np.testing.assert_array_equal(png("cam_front.depth.png") / 256, agent.depth_m("CAM_FRONT"))
        sweep = agent.sweep("LIDAR_TOP")
        rows = np.load(io.BytesIO(sample["lidar_top.npy"]))
        np.testing.assert_array_equal(rows[:, :3], sweep.points_m)
        np.testing.assert_array_equal(np.load(io.BytesIO(sample["lidar_top.object_id.npy"])), sweep.object_id)


def test_webdataset_wants_the_same_fields_of_all(captures: list[Path], tmp_path: Path) -> None:
    from synthetic_capture import make_lens_rig, make_plan, write_capture

    plan = make_plan("scene-0003", duration_s=0.1, rig=make_lens_rig(64, 48))
    other = write_capture(tmp_path / "c.mcap", plan).path
    with pytest.raises(ExportError, match="scenes scene-0001 and scene-0003 have other sensors"):
        WebDataset().export([captures[0], other], tmp_path / "set")


def test_huggingface(captures: list[Path], tmp_path: Path) -> None:
    HuggingFace(PLAIN).export(captures, tmp_path / "set")
    _, head, text = (tmp_path / "set/README.md").read_text().split("---\n", 2)
    card = yaml.safe_load(head)
    assert [c["config_name"] for c in card["configs"]] == ["images", "sweeps"]
    assert "| images | 30 |" in text and "`map_sensor`" in text
    names = card["dataset_info"][0]["features"][-1]["list"][1]["dtype"]["class_label"]["names"]
    readers = {r.scene: r for r in map(CaptureReader, captures)}
    images = sorted((tmp_path / "set/images").glob("*.parquet"))
    assert [i.name for i in images] == ["train-00000-of-00002.parquet", "train-00001-of-00002.parquet"]
    checked = 0
    for row in (r for i in images for r in parquet.read_table(i).to_pylist()):
        frame = readers[row["scene"]].frame(row["frame"])
        agent = frame.agents[EGO]
        assert row["image"]["bytes"] == agent.jpeg(row["sensor"])
        assert list(row) == [f["name"] for f in card["dataset_info"][0]["features"]]
        labels = {o.track_id: o for o in frame.objects}
        map_sensor = np.array(row["map_sensor"]).reshape(4, 4)
        k = np.array(row["intrinsic"]).reshape(3, 3)
        for o in row["objects"]:
            label = labels[o["track_id"]]
            assert names[str(o["category"])] == label.object_class.value
            seen = label.cameras[row["sensor"]]
            left, top, width, height = o["bbox"]
            assert (left, top, left + width, top + height) == seen.visible_box_px
            np.testing.assert_array_equal(o["size_m"], label.box.size_m)
            point = np.linalg.inv(map_sensor) @ [*o["center_m"], 1]
            if point[2] > 2 and not seen.truncation and max(o["size_m"]) < 5:
                u, v = (k @ point[:3])[:2] / point[2]
                left, top, width, height = o["full_bbox"]
                assert abs(u + 0.5 - left - width / 2) < 0.25 * width
                assert abs(v + 0.5 - top - height / 2) < 0.25 * height
                checked += 1
    assert checked > 10
    for path in sorted((tmp_path / "set/sweeps").glob("*.parquet")):
        for row in parquet.read_table(path).to_pylist():
            agent = readers[row["scene"]].frame(row["frame"]).agents[EGO]
            points = np.frombuffer(row["points"], "<f4").reshape(-1, 4)
            np.testing.assert_array_equal(points[:, :3], agent.sweep("LIDAR_TOP").points_m)
            for o in row["objects"]:
                turn = rotation(o["orientation_wxyz"])
                world = np.array(row["map_sensor"]).reshape(4, 4)
                there = points[:, :3] @ world[:3, :3].T + world[:3, 3] - o["center_m"]
                inside = (np.abs(there @ turn) <= np.array(o["size_m"]) / 2).all(axis=1)
                assert inside.sum() == o["points"] > 0


def test_foxglove(captures: list[Path], tmp_path: Path) -> None:
    Foxglove(PLAIN).export(captures, tmp_path / "set")
    with CaptureReader(captures[0]) as reader, (tmp_path / "set/scene-0001.mcap").open("rb") as stream:
        topics: dict[str, dict[int, bytes]] = {}
        mcap = make_reader(stream, validate_crcs=True)
        schemas = {}
        for kind, channel, message in mcap.iter_messages():
            topics.setdefault(channel.topic, {})[message.log_time] = message.data
            schemas[channel.topic] = kind.name
        assert len(topics["/objects"]) == len(topics["/tf"]) == len(reader)
        assert schemas["/ego/CAM_FRONT/image"] == "foxglove.CompressedImage"
        assert set(topics["/ego/CAM_FRONT/calibration"]) == {f.time_ns for f in reader.frames(keyframes=True)}
        for frame in reader.frames():
            update = SceneUpdate.FromString(topics["/objects"][frame.time_ns])
            assert [e.id for e in update.entities] == [str(o.track_id) for o in frame.objects]
            for entity, label in zip(update.entities, frame.objects, strict=True):
                cube = entity.cubes[0]
                p, q, size = cube.pose.position, cube.pose.orientation, cube.size
                np.testing.assert_array_equal([p.x, p.y, p.z], label.box.pose.position_m)
                np.testing.assert_array_equal([q.w, q.x, q.y, q.z], label.box.pose.orientation_wxyz)
                np.testing.assert_array_equal([size.x, size.y, size.z], label.box.size_m)
                assert entity.frame_id == "map" and entity.lifetime.nanos == 50_000_000
            tf = FrameTransforms.FromString(topics["/tf"][frame.time_ns])
            camera = next(t for t in tf.transforms if t.child_frame_id == "ego/CAM_FRONT")
            mount = camera_optical(reader.sensor(EGO, "CAM_FRONT"))
            np.testing.assert_array_equal(
                [camera.rotation.w, camera.rotation.z],
                [mount.orientation_wxyz[0], mount.orientation_wxyz[3]],
            )
        frame = reader.frame(0)
        marks = ImageAnnotations.FromString(topics["/ego/CAM_FRONT/annotations"][frame.time_ns])
        seen = [
            o.cameras["CAM_FRONT"].visible_box_px
            for o in frame.objects
            if "CAM_FRONT" in o.cameras and o.cameras["CAM_FRONT"].visible_box_px
        ]
        found = [(p.points[0].x, p.points[0].y, p.points[2].x, p.points[2].y) for p in marks.points]
        assert found == seen and len(found) > 3


def test_openlabel(captures: list[Path], tmp_path: Path) -> None:
    OpenLabel(PLAIN).export(captures, tmp_path / "set")
    data = json.loads((tmp_path / "set/scene-0001.json").read_text())["openlabel"]
    checked = 0
    with CaptureReader(captures[0]) as reader:
        frames = list(reader.frames(keyframes=True))
        assert list(data["frames"]) == [str(i) for i in range(len(frames))]
        system = data["coordinate_systems"]["CAM_FRONT"]["pose_wrt_parent"]
        x, y, z, w = system["quaternion"]
        agent_camera = rotation([w, x, y, z])
        k = np.array(
            data["streams"]["CAM_FRONT"]["stream_properties"]["intrinsics_pinhole"]["camera_matrix"]
        ).reshape(3, 4)
        for number, frame in enumerate(frames):
            row = data["frames"][str(number)]
            assert float(row["frame_properties"]["timestamp"]) == pytest.approx(frame.time_ns / 1e9)
            ego = row["frame_properties"]["transforms"]["ego_to_map"]["transform_src_to_dst"]
            x, y, z, w = ego["quaternion"]
            map_ego = rotation([w, x, y, z])
            for name, stream in row["frame_properties"]["streams"].items():
                assert (tmp_path / "set" / stream["uri"]).is_file(), name
            points = (tmp_path / "set" / row["frame_properties"]["streams"]["LIDAR_TOP"]["uri"]).read_bytes()
            cloud = np.frombuffer(points.split(b"DATA binary\n", 1)[1], "<f4").reshape(-1, 4)
            np.testing.assert_array_equal(cloud[:, :3], frame.agents[EGO].sweep("LIDAR_TOP").points_m)
            assert set(row["objects"]) == {str(o.track_id) for o in frame.objects}
            for o in frame.objects:
                head = data["objects"][str(o.track_id)]
                assert head["type"] == o.object_class.value
                assert any(i["frame_start"] <= number <= i["frame_end"] for i in head["frame_intervals"])
                found = row["objects"][str(o.track_id)]["object_data"]
                value = found["cuboid"][0]["val"]
                np.testing.assert_array_equal(value[:3], o.box.pose.position_m)
                np.testing.assert_allclose(rotation([value[6], *value[3:6]]), o.box.pose.rotation, atol=1e-12)
                np.testing.assert_array_equal(value[7:], o.box.size_m)
                seen = o.cameras.get("CAM_FRONT")
                if seen is None or seen.truncation or o.object_class.value in ("truck", "bus"):
                    continue
                box = next(b for b in found["bbox"] if b["name"] == "full_CAM_FRONT")
                point = map_ego.T @ (np.array(value[:3]) - ego["translation"])
                point = agent_camera.T @ (point - np.array(system["translation"]))
                u, v = (k[:, :3] @ point)[:2] / point[2]
                assert abs(u - box["val"][0]) < 0.25 * box["val"][2]
                assert abs(v - box["val"][1]) < 0.25 * box["val"][3]
                checked += 1
    assert checked > 5
