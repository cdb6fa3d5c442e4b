"""Readers of OSI, OpenLABEL, WebDataset, Hugging Face, Foxglove and occupancy.

Messages are parsed by the classes that ASAM and Foxglove publish.
"""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
from mcap.reader import make_reader
from pyarrow import parquet

from tests.round_trip.forms import Found, add_pose, nothing, of_wxyz, of_ypr, square

EPOCH_US = 1_767_225_600_000_000
"""2026-01-01, from which docs/exporters.md lets simulation time count."""
TRAFFIC_LIGHT_IDS = 1 << 32
"""Ids from here on are the host's and lights', says docs/exporters.md."""


def _messages(path: Path, types: dict[str, Any]) -> Any:
    """(topic, message, time) of an MCAP file, by ASAM's or Foxglove's own classes."""
    with path.open("rb") as stream:
        for schema, channel, message in make_reader(stream, validate_crcs=True).iter_messages():
            yield channel.topic, types[schema.name].FromString(message.data), message.log_time


def read_osi(root: Path) -> Found:
    """By osi3, ASAM's own bindings."""
    from osi3.osi_groundtruth_pb2 import GroundTruth
    from osi3.osi_sensorview_pb2 import SensorView

    found = nothing()
    for path in sorted(root.glob("*_gt_*.mcap")):
        scene = path.stem.rsplit("_", 1)[1]
        for _, message, time_ns in _messages(path, {"osi3.GroundTruth": GroundTruth}):
            stamp = message.timestamp.seconds * 10**9 + message.timestamp.nanos
            found["same time"][scene, stamp] = time_ns
            for item in message.moving_object:
                if item.id.value == message.host_vehicle_id.value:
                    base = item.base
                    place = _xyz(base.position) - _angles(base.orientation)[:, 2] * base.dimension.height / 2
                    add_pose(found, "the ego", (scene, stamp), square(_angles(base.orientation), place))
                    found["speed of the ego"][scene, stamp] = _xyz(base.velocity)
                else:
                    _osi_object(found, (scene, stamp, item.id.value), item)
    for path in sorted(root.glob("*_sv_*.mcap")):
        scene = path.stem.rsplit("_", 1)[1]
        for _, message, time_ns in _messages(path, {"osi3.SensorView": SensorView}):
            for kind, views in (("camera", message.camera_sensor_view), ("lidar", message.lidar_sensor_view)):
                for rank, view in enumerate(v.view_configuration for v in views):
                    key, mount = (scene, time_ns, kind, rank), view.mounting_position
                    pose = square(_angles(mount.orientation), _xyz(mount.position))
                    add_pose(found, "mounts", key, pose)
                    found["field of view"][key] = view.field_of_view_horizontal
            found["objects in the sensor view"][scene, time_ns] = len(
                message.global_ground_truth.moving_object
            )
    return found


def _osi_object(found: Found, key: tuple[Any, ...], item: Any) -> None:
    base = item.base
    add_pose(found, "boxes", key, square(_angles(base.orientation), _xyz(base.position)))
    size = base.dimension
    found["size of boxes"][key] = [size.length, size.width, size.height]
    found["velocity"][key], found["acceleration"][key] = _xyz(base.velocity), _xyz(base.acceleration)
    found["rate of turn"][key] = base.orientation_rate.yaw
    found["same category"][key] = item.type, item.vehicle_classification.type


def _xyz(v: Any) -> np.ndarray:
    return np.array([v.x, v.y, v.z])


def _angles(o: Any) -> np.ndarray:
    return of_ypr(o.yaw, o.pitch, o.roll)


def read_openlabel(root: Path) -> Found:
    """ASAM's JSON: 10 numbers a cuboid, quaternions with the scalar last."""
    found = nothing()
    for path in sorted(p for p in root.glob("scene-*.json")):
        data, scene = json.loads(path.read_text())["openlabel"], path.stem
        for name, system in data["coordinate_systems"].items():
            if system["type"] == "sensor_cs":
                add_pose(found, "mounts", (scene, name), _openlabel_pose(system["pose_wrt_parent"]))
        for name, stream in data["streams"].items():
            if stream["type"] == "camera":
                inner = stream["stream_properties"]["intrinsics_pinhole"]
                found["pixels of intrinsics"][scene, name] = inner["camera_matrix"]
        for frame in data["frames"].values():
            head = frame["frame_properties"]
            seconds, _, rest = head["timestamp"].partition(".")
            time_ns = int(seconds) * 10**9 + int(rest)
            ego = head["transforms"]["ego_to_map"]["transform_src_to_dst"]
            add_pose(found, "the ego", (scene, time_ns), _openlabel_pose(ego))
            for track, item in frame["objects"].items():
                key = scene, time_ns, int(track)
                (cuboid,) = item["object_data"]["cuboid"]
                x, y, z, qx, qy, qz, qw, *size = cuboid["val"]
                add_pose(found, "boxes", key, square(of_wxyz([qw, qx, qy, qz]), [x, y, z]))
                found["size of boxes"][key] = size
                vectors = {v["name"]: v["val"] for v in cuboid["attributes"]["vec"]}
                found["velocity"][key] = vectors["velocity_mps"]
                found["same category"][key] = data["objects"][track]["type"]
                for box in item["object_data"].get("bbox", []):
                    mx, my, w, h = box["val"]
                    left, top = mx - w / 2, my - h / 2
                    found["rectangles"][(*key, box["name"])] = [left, top, left + w, top + h]
            for name, stream in head["streams"].items():
                if name.startswith("CAM"):
                    found["same image"][scene, time_ns, name] = (root / stream["uri"]).read_bytes()
                elif name.startswith("LIDAR"):
                    body = (root / stream["uri"]).read_bytes().partition(b"DATA binary\n")[2]
                    rows = np.frombuffer(body, "<f4").reshape(-1, 4)
                    found["metres of points"][scene, time_ns] = rows[:, :3]
                    found["share of intensity"][scene, time_ns] = rows[:, 3]
    return found


def _openlabel_pose(data: dict[str, Any]) -> np.ndarray:
    x, y, z, w = data["quaternion"]
    return square(of_wxyz([w, x, y, z]), data["translation"])


def read_webdataset(root: Path) -> Found:
    """Samples of the tar files by key."""
    found = nothing()
    for path in sorted(root.glob("*.tar")):
        split = path.stem.split("-")[0]
        samples: dict[str, dict[str, bytes]] = {}
        with tarfile.open(path) as tar:
            for member in tar.getmembers():
                key, _, field = member.name.partition(".")
                samples.setdefault(key, {})[field] = tar.extractfile(member).read()  # type: ignore[union-attr]
        for fields in samples.values():
            head = json.loads(fields["json"])
            scene, time_ns = head["scene"], head["time_ns"]
            found["same split"][split, scene] = True
            add_pose(found, "the ego", (scene, time_ns), np.array(head["map_agent"]))
            for name, camera in head["cameras"].items():
                key = scene, time_ns, name
                add_pose(found, "mounts", key, np.array(camera["agent_optical"]))
                found["pixels of intrinsics"][key] = camera["intrinsic"]
                found["same image"][key] = fields[f"{name.lower()}.jpg"]
            for name, lidar in head["lidars"].items():
                add_pose(found, "mounts", (scene, time_ns, name), np.array(lidar))
                rows = np.load(io.BytesIO(fields[f"{name.lower()}.npy"]))
                found["metres of points"][scene, time_ns] = rows[:, :3]
                found["share of intensity"][scene, time_ns] = rows[:, 3]
                found["same object of points"][scene, time_ns] = np.load(
                    io.BytesIO(fields[f"{name.lower()}.object_id.npy"])
                )
            for row in head["objects"]:
                _drivegen_object(found, (scene, time_ns, row["track_id"]), row)
                found["same category"][scene, time_ns, row["track_id"]] = row["class"]
    return found


def _drivegen_object(found: Found, key: tuple[Any, ...], row: dict[str, Any]) -> None:
    add_pose(found, "boxes", key, square(of_wxyz(row["orientation_wxyz"]), row["center_m"]))
    found["size of boxes"][key], found["velocity"][key] = row["size_m"], row["velocity_mps"]


def read_huggingface(root: Path) -> Found:
    """Rows of the Parquet files; names of classes from the card's head."""
    found = nothing()
    head = (root / "README.md").read_text().split("---\n")[1]
    names = _class_names(head)
    for path in sorted(root.rglob("*.parquet")):
        for row in parquet.read_table(path).to_pylist():
            key = row["scene"], row["time_ns"], row["sensor"]
            add_pose(found, "sensors", key, np.array(row["map_sensor"]).reshape(4, 4))
            if "image" in row:
                found["same split"][path.relative_to(root).parts[-1].split("-")[0], row["scene"]] = True
                found["pixels of intrinsics"][key] = row["intrinsic"]
                found["same image"][key] = row["image"]["bytes"]
            else:
                points = np.frombuffer(row["points"], "<f4").reshape(-1, 4)
                found["metres of points"][key], found["share of intensity"][key] = points[:, :3], points[:, 3]
            for item in row["objects"]:
                of = (*key, item["track_id"])
                _drivegen_object(found, of, item)
                found["same category"][of] = names[item["category"]]
                if "bbox" in item:
                    found["rectangles"][of] = item["bbox"]
                    found["whole rectangles"][of] = item["full_bbox"]
                else:
                    found["same number of returns"][of] = item["points"]
    return found


def _class_names(head: str) -> dict[int, str]:
    import yaml

    for config in yaml.safe_load(head)["dataset_info"]:
        for feature in config["features"]:
            for each in feature.get("list", []) if isinstance(feature.get("list"), list) else []:
                if each["name"] == "category":
                    return {int(k): v for k, v in each["dtype"]["class_label"]["names"].items()}
    raise AssertionError("the card names no classes")


def read_foxglove(root: Path) -> Found:
    """By Foxglove's own protobuf classes."""
    from foxglove_schemas_protobuf import (
        CameraCalibration_pb2,
        CompressedImage_pb2,
        FrameTransforms_pb2,
        ImageAnnotations_pb2,
        LocationFix_pb2,
        PointCloud_pb2,
        SceneUpdate_pb2,
    )

    modules = (CameraCalibration_pb2, CompressedImage_pb2, FrameTransforms_pb2, ImageAnnotations_pb2)
    modules += (LocationFix_pb2, PointCloud_pb2, SceneUpdate_pb2)
    names = [m.__name__.rsplit(".", 1)[1].removesuffix("_pb2") for m in modules]
    types = {f"foxglove.{n}": getattr(m, n) for m, n in zip(modules, names, strict=True)}
    found = nothing()
    for path in sorted(root.glob("*.mcap")):
        scene = path.stem
        for topic, message, time_ns in _messages(path, types):
            key = scene, time_ns
            match type(message).__name__:
                case "FrameTransforms":
                    for t in message.transforms:
                        pose = square(_quaternion(t.rotation), _xyz(t.translation))
                        name = (t.parent_frame_id, t.child_frame_id)
                        add_pose(found, "transforms", (*key, *name), pose)
                case "SceneUpdate":
                    for entity in message.entities:
                        (cube,) = entity.cubes
                        of = (*key, int(entity.id))
                        pose = square(_quaternion(cube.pose.orientation), _xyz(cube.pose.position))
                        add_pose(found, "boxes", of, pose)
                        found["size of boxes"][of] = _xyz(cube.size)
                        found["same category"][of] = {p.key: p.value for p in entity.metadata}["class"]
                        found["same frame of boxes"][of] = entity.frame_id
                case "CameraCalibration":
                    found["pixels of intrinsics"][(*key, message.frame_id)] = [*message.K, *message.P]
                case "CompressedImage":
                    found["same image"][(*key, message.frame_id)] = message.data
                case "PointCloud":
                    _foxglove_points(found, (*key, message.frame_id), message)
                case "ImageAnnotations":
                    for rank, outline in enumerate(message.points):
                        corners = [(p.x, p.y) for p in outline.points]
                        found["rectangles"][(*key, topic.split("/")[-2], rank)] = corners
    return found


def _quaternion(q: Any) -> np.ndarray:
    return of_wxyz([q.w, q.x, q.y, q.z])


def _foxglove_points(found: Found, key: Any, message: Any) -> None:
    kinds = {1: "u1", 2: "i1", 3: "<u2", 4: "<i2", 5: "<u4", 6: "<i4", 7: "<f4", 8: "<f8"}
    layout = np.dtype(
        {
            "names": [f.name for f in message.fields],
            "formats": [kinds[f.type] for f in message.fields],
            "offsets": [f.offset for f in message.fields],
            "itemsize": message.point_stride,
        }
    )
    rows = np.frombuffer(message.data, layout)
    found["metres of points"][key] = np.stack([rows[a] for a in "xyz"], axis=1)
    found["same object of points"][key] = rows["object_id"]


def read_occupancy(root: Path) -> Found:
    """Grids of 0.4 m from (-40, -40, -1) m in the ego's frame, and the poses beside them."""
    found = nothing()
    data = json.loads((root / "annotations.json").read_text())
    for split, scenes in data.items():
        if split.endswith("_split"):
            for scene in scenes:
                found["same split"][split.removesuffix("_split"), scene] = True
    for scene, infos in data["scene_infos"].items():
        for info in infos.values():
            key = scene, int(info["timestamp"]) - EPOCH_US
            add_pose(found, "the ego", key, _occ3d_pose(info["ego_pose"]))
            for name, camera in info["camera_sensor"].items():
                add_pose(found, "mounts", (*key, name), _occ3d_pose(camera["extrinsic"]))
                found["pixels of intrinsics"][(*key, name)] = camera["intrinsics"]
            with np.load(root / info["gt_path"]) as grid:
                found["grid"][key] = grid["semantics"], grid["mask_lidar"]
    return found


def _occ3d_pose(data: dict[str, Any]) -> np.ndarray:
    return square(of_wxyz(data["rotation"]), data["translation"])
