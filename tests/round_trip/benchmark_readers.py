"""Plain readers of nuScenes, KITTI, SemanticKITTI and Argoverse 2, from the formats' descriptions."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from pyarrow import feather

from tests.round_trip.forms import Found, add_pose, nothing, of_wxyz, of_ypr, square

EARTH_M = 6_378_137.0
NUSCENES_FROM_SENSOR = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
"""nuScenes' LiDAR looks along y with x to the right; the capture's along x with y to the left."""
OPTICAL_FROM_FRAME = np.array([[0.0, -1.0, 0.0], [0.0, 0.0, -1.0], [1.0, 0.0, 0.0]])
"""x right, y down, z forward, of x forward, y left, z up."""
EPOCH_NS = 1_767_225_600_000_000_000
"""2026-01-01, from which docs/exporters.md lets simulation time count."""


def read_nuscenes(root: Path) -> Found:
    """Tables, sweeps and images; boxes of a sample by their order along x, for tokens tell no track."""
    found = nothing()
    tables = {p.stem: json.loads(p.read_text()) for p in (root / "v1.0-drivegen").glob("*.json")}
    by = {n: {r["token"]: r for r in rows} for n, rows in tables.items() if isinstance(rows, list)}
    for split, scenes in tables["splits.json".removesuffix(".json")].items():
        for scene in scenes:
            found["same split"][split.removeprefix("drivegen_"), scene] = True
    scene_of = {s["token"]: by["scene"][s["scene_token"]]["name"] for s in tables["sample"]}
    for log in tables["log"]:
        (road,) = (m for m in tables["map"] if log["token"] in m["log_tokens"])
        by["log"][log["token"]]["origin"] = [*road["world_origin_m"], 0.0]
    origin = {s["name"]: np.array(by["log"][s["log_token"]]["origin"]) for s in tables["scene"]}
    _nuscenes_data(root, by, scene_of, origin, found)
    boxes: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in tables["sample_annotation"]:
        boxes[row["sample_token"]].append(row)
    tracks: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for sample in tables["sample"]:
        scene = scene_of[sample["token"]]
        for rank, row in enumerate(sorted(boxes[sample["token"]], key=lambda r: r["translation"][0])):
            key = scene, sample["timestamp"] - EPOCH_NS // 1000, rank
            place = np.array(row["translation"]) + origin[scene]
            add_pose(found, "boxes", key, square(of_wxyz(row["rotation"]), place))
            width, length, height = row["size"]
            found["size of boxes"][key] = [length, width, height]
            instance = by["instance"][row["instance_token"]]
            found["same category"][key] = by["category"][instance["category_token"]]["name"]
            found["same number of returns"][key] = row["num_lidar_pts"]
            tracks[row["instance_token"]].append(key)
    for keys in tracks.values():
        found["same track"][tuple(sorted(keys))] = True
    return found


def _nuscenes_data(
    root: Path,
    by: dict[str, dict[str, Any]],
    scene_of: dict[str, str],
    origin: dict[str, np.ndarray],
    found: Found,
) -> None:
    for row in by["sample_data"].values():
        mount = by["calibrated_sensor"][row["calibrated_sensor_token"]]
        channel = by["sensor"][mount["sensor_token"]]["channel"]
        scene, ego = scene_of[row["sample_token"]], by["ego_pose"][row["ego_pose_token"]]
        key = scene, row["timestamp"] - EPOCH_NS // 1000, channel
        place = np.array(ego["translation"]) + origin[scene]
        add_pose(found, "the ego", key, square(of_wxyz(ego["rotation"]), place))
        pose = square(of_wxyz(mount["rotation"]), mount["translation"])
        data = (root / row["filename"]).read_bytes()
        if channel.startswith("CAM"):
            found["pixels of intrinsics"][scene, channel] = mount["camera_intrinsic"]
            found["same image"][key] = data
        else:
            rows = np.frombuffer(data, "<f4").reshape(-1, 5).astype(float)
            pose[:3, :3] = pose[:3, :3] @ NUSCENES_FROM_SENSOR
            found["metres of points"][key] = rows[:, :3] @ NUSCENES_FROM_SENSOR
            found["share of intensity"][key] = rows[:, 3] / 255.0
            found["same ring"][key] = rows[:, 4]
        add_pose(found, "mounts", (scene, channel), pose)


def read_kitti(root: Path) -> Found:
    """The object benchmark's files of every image; boxes by their order along z, for rows tell no track."""
    found = nothing()
    base = root / "object/training"
    for line in (root / "scenes.txt").read_text().splitlines():
        _, scene, first, images = line.split()
        for number in range(int(images)):
            name, key = f"{int(first) + number:06d}", (scene, number)
            calibration = _kitti_rows(base / f"calib/{name}.txt")
            found["pixels of intrinsics"][key] = calibration["P2"].reshape(3, 4)
            add_pose(found, "LiDAR in camera", key, _kitti_chain(calibration, "Tr_velo_to_cam"))
            add_pose(found, "ego in LiDAR", key, _kitti_chain(calibration, "Tr_imu_to_velo"))
            points = np.fromfile(base / f"velodyne/{name}.bin", "<f4").reshape(-1, 4)
            found["metres of points"][key], found["share of intensity"][key] = points[:, :3], points[:, 3]
            rows = [r.split() for r in (base / f"label_2/{name}.txt").read_text().splitlines()]
            rows = sorted((r for r in rows if r[0] != "DontCare"), key=lambda r: float(r[13]))
            for rank, row in enumerate(rows):
                _kitti_box(row, (*key, rank), found)
    for path in (root / "object/ImageSets").glob("*.txt"):
        for name in path.read_text().split():
            found["same split"][path.stem, int(name)] = True
    return found


def _kitti_rows(path: Path) -> dict[str, np.ndarray]:
    rows = (line.split(maxsplit=1) for line in path.read_text().splitlines())
    return {name.rstrip(":"): np.array(text.split(), float) for name, text in rows}


def _kitti_chain(calibration: dict[str, np.ndarray], name: str) -> np.ndarray:
    chain = calibration[name].reshape(3, 4)
    return square(calibration["R0_rect"].reshape(3, 3) @ chain[:, :3], chain[:, 3])


def _kitti_box(row: list[str], key: tuple[Any, ...], found: Found) -> None:
    """type, truncated, occluded, alpha, 4 of the image, h w l, the middle of the bottom, turn about y."""
    numbers = np.array(row[1:], float)
    height, width, length = numbers[7:10]
    found["same category"][key] = row[0]
    found["rectangles"][key] = numbers[3:7]
    found["size of boxes"][key] = [length, width, height]
    found["place of boxes"][key] = numbers[10:13] - [0.0, height / 2, 0.0]
    found["heading of boxes"][key] = numbers[13]
    found["heading from the camera"][key] = numbers[2]


def read_kitti_tracking(root: Path) -> Found:
    """Sequences: boxes with tracks, and the way of the ego as the raw data kit works it out."""
    found = nothing()
    base = root / "tracking/training"
    for line in (root / "scenes.txt").read_text().splitlines():
        number, scene, *_ = line.split()
        for text in (base / f"label_02/{number}.txt").read_text().splitlines():
            row = text.split()
            if row[2] != "DontCare":
                _kitti_box(row[2:], (scene, int(row[0]), int(row[1])), found)
        oxts = np.loadtxt(base / f"oxts/{number}.txt", ndmin=2)
        scale = EARTH_M * math.cos(math.radians(oxts[0, 0]))
        for index, row in enumerate(oxts):
            x = scale * math.radians(row[1])
            y = scale * math.log(math.tan(math.pi / 4 + math.radians(row[0]) / 2))
            add_pose(found, "the ego", (scene, index), square(of_ypr(*row[[5, 4, 3]]), [x, y, row[2]]))
            found["speed of the ego"][scene, index] = row[8:11]
            found["rate of turn of the ego"][scene, index] = row[17:20]
    for path in base.glob("evaluate_tracking.seqmap.*"):
        for line in path.read_text().splitlines():
            number, _, start, end = line.split()
            found["same split"][path.suffix[1:], int(number)] = [int(start), int(end)]
    return found


def read_semantic_kitti(root: Path) -> Found:
    """Sequences of sweeps; poses are of the camera's axes at the LiDAR, from the first."""
    found = nothing()
    for line in (root / "scenes.txt").read_text().splitlines():
        number, scene = line.split()
        base = root / f"sequences/{number}"
        chain = square(np.eye(3), np.zeros(3))
        chain[:3] = _kitti_rows(base / "calib.txt")["Tr"].reshape(3, 4)
        poses, times = np.loadtxt(base / "poses.txt", ndmin=2), np.loadtxt(base / "times.txt", ndmin=1)
        for index, (row, time_s) in enumerate(zip(poses, times, strict=True)):
            key = scene, index
            camera = np.vstack([row.reshape(3, 4), [0, 0, 0, 1]])
            add_pose(found, "the LiDAR from its first", key, np.linalg.inv(chain) @ camera @ chain)
            found["seconds"][key] = time_s
            points = np.fromfile(base / f"velodyne/{index:06d}.bin", "<f4").reshape(-1, 4)
            found["metres of points"][key], found["share of intensity"][key] = points[:, :3], points[:, 3]
            labels = np.fromfile(base / f"labels/{index:06d}.label", "<u4")
            found["same label"][key], found["same instance"][key] = labels & 0xFFFF, labels >> 16
    for split, numbers in yaml.safe_load((root / "split.yaml").read_text())["split"].items():
        for number in numbers:
            found["same split"][split, number] = True
    return found


def read_argoverse2(root: Path) -> Found:
    """Logs below the folders of their splits."""
    found = nothing()
    for log in sorted(p.parent for p in root.glob("*/*/annotations.feather")):
        scene = log.name
        found["same split"][log.parent.name, scene] = True
        for row in _rows(log / "city_SE3_egovehicle.feather"):
            add_pose(found, "the ego", (scene, row["timestamp_ns"] - EPOCH_NS), _av2_pose(row))
        for row in _rows(log / "calibration/egovehicle_SE3_sensor.feather"):
            add_pose(found, "mounts", (scene, row["sensor_name"]), _av2_pose(row))
        for row in _rows(log / "calibration/intrinsics.feather"):
            values = [row[k] for k in ("fx_px", "fy_px", "cx_px", "cy_px", "width_px", "height_px")]
            found["pixels of intrinsics"][scene, row["sensor_name"]] = values
        tracks: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        rows = sorted(_rows(log / "annotations.feather"), key=lambda r: (r["timestamp_ns"], r["tx_m"]))
        ranks: dict[int, int] = defaultdict(int)
        for row in rows:
            time_ns = row["timestamp_ns"] - EPOCH_NS
            key = scene, time_ns, ranks[time_ns]
            ranks[time_ns] += 1
            add_pose(found, "boxes in the ego's frame", key, _av2_pose(row))
            found["size of boxes"][key] = [row["length_m"], row["width_m"], row["height_m"]]
            found["same category"][key] = row["category"]
            found["same number of returns"][key] = row["num_interior_pts"]
            tracks[row["track_uuid"]].append(key)
        for keys in tracks.values():
            found["same track"][tuple(sorted(keys))] = True
        for path in log.glob("sensors/lidar/*.feather"):
            table = feather.read_table(path).to_pydict()
            key = scene, int(path.stem) - EPOCH_NS
            found["share of points"][key] = np.array([table[a] for a in "xyz"], float).T
            found["intensity"][key] = np.array(table["intensity"]) / 255.0
            found["same ring"][key] = table["laser_number"]
        for path in log.glob("sensors/cameras/*/*.jpg"):
            found["same image"][scene, int(path.stem) - EPOCH_NS, path.parent.name] = path.read_bytes()
    return found


def _rows(path: Path) -> list[dict[str, Any]]:
    return feather.read_table(path).to_pylist()


def _av2_pose(row: dict[str, Any]) -> np.ndarray:
    return square(of_wxyz([row[k] for k in ("qw", "qx", "qy", "qz")]), [row[f"t{a}_m"] for a in "xyz"])
