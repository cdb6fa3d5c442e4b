"""What the captures hold, in plain numbers, and what each benchmark should make of it.

Of drivegen only the capture's reader is used, and nothing of any exporter.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from drivegen.capture.frame import EGO, Sweep
from drivegen.capture.reader import CapturedFrame, CaptureReader
from drivegen.core.labels import ObjectLabel
from tests.round_trip.forms import Found, add_pose, nothing

OPTICAL_FROM_FRAME = np.array([[0.0, -1.0, 0.0], [0.0, 0.0, -1.0], [1.0, 0.0, 0.0]])
SPLITS = {"scene-0001": "val", "scene-0002": "train"}
"""What `splits` of the exports give; see `OPTIONS` in `tests.round_trip.formats`."""
CLASSES = {
    "car": ("vehicle.car", "Car", "REGULAR_VEHICLE", 3),
    "van": ("vehicle.car", "Van", "REGULAR_VEHICLE", 3),
    "truck": ("vehicle.truck", "Truck", "TRUCK", 8),
    "bus": ("vehicle.bus.rigid", "Misc", "BUS", 6),
    "police": ("vehicle.emergency.police", "Car", "REGULAR_VEHICLE", 3),
    "motorcycle": ("vehicle.motorcycle", "Misc", "MOTORCYCLE", 4),
    "bicycle": ("vehicle.bicycle", "Cyclist", "BICYCLIST", 2),
    "pedestrian": ("human.pedestrian.adult", "Pedestrian", "PEDESTRIAN", 1),
    "child": ("human.pedestrian.child", "Pedestrian", "PEDESTRIAN", 1),
}
"""nuScenes, KITTI, Argoverse 2 and COCO; the bicycle has a rider, the motorcycle none."""
RINGS = {
    "CAM_FRONT": "ring_front_center",
    "CAM_FRONT_LEFT": "ring_front_left",
    "CAM_FRONT_RIGHT": "ring_front_right",
    "CAM_BACK_LEFT": "ring_side_left",
    "CAM_BACK_RIGHT": "ring_side_right",
}


@dataclass(frozen=True)
class Moment:
    """A frame of a capture."""

    scene: str
    capture: CaptureReader
    frame: CapturedFrame

    @property
    def ego(self) -> np.ndarray:
        return self.frame.agents[EGO].map_agent.matrix

    @property
    def delivered(self) -> list[str]:
        return [s.name for s in self.capture.rigs[EGO].sensors if s.name in self.frame.agents[EGO].delivered]

    @property
    def cameras(self) -> list[str]:
        return [n for n in self.delivered if n.startswith("CAM")]

    @property
    def swept(self) -> bool:
        return "LIDAR_TOP" in self.delivered

    @property
    def sweep(self) -> Sweep:
        return self.frame.agents[EGO].sweep("LIDAR_TOP")

    def sensor(self, channel: str) -> Any:
        return self.capture.sensor(EGO, channel)

    def mount(self, channel: str) -> np.ndarray:
        """A camera's by its optical axes."""
        out = self.sensor(channel).agent_sensor.matrix.copy()
        if channel.startswith("CAM"):
            out[:3, :3] = out[:3, :3] @ OPTICAL_FROM_FRAME.T
        return out

    def k(self, channel: str, first_pixel: float = 0.5) -> np.ndarray:
        """Intrinsics, where the centre of the top left pixel lies at this number."""
        lens = self.sensor(channel).lens
        move = first_pixel - 0.5
        return np.array([[lens.fx_px, 0, lens.cx_px + move], [0, lens.fy_px, lens.cy_px + move], [0, 0, 1]])

    def image(self, channel: str) -> bytes:
        return self.frame.agents[EGO].jpeg(channel)


def moments(captures: Sequence[Path]) -> Iterator[Moment]:
    """All frames of all captures."""
    for path in captures:
        with CaptureReader(path) as capture:
            for frame in capture.frames():
                yield Moment(path.stem, capture, frame)


def box_in(frame: np.ndarray, label: ObjectLabel) -> np.ndarray:
    """A box's pose in a frame of the map."""
    return np.linalg.inv(frame) @ label.box.pose.matrix


def returns_inside(moment: Moment, label: ObjectLabel) -> int:
    """Whosever they are."""
    in_box = box_in(moment.ego @ moment.mount("LIDAR_TOP"), label)
    local = (moment.sweep.points_m - in_box[:3, 3]) @ in_box[:3, :3]
    return int((np.abs(local) <= label.box.size_m / 2).all(axis=1).sum())


def wanted_nuscenes(captures: Sequence[Path]) -> Found:
    found = nothing()
    tracks: dict[Any, list[Any]] = defaultdict(list)
    for moment in moments(captures):
        time = moment.frame.time_ns // 1000
        scene = moment.scene
        found["same split"][SPLITS[scene], scene] = found["same split"]["all", scene] = True
        for channel in (c for c in moment.delivered if c != "GNSS"):
            key = scene, time, channel
            add_pose(found, "the ego", key, moment.ego)
            add_pose(found, "mounts", (scene, channel), moment.mount(channel))
            if channel.startswith("CAM"):
                found["pixels of intrinsics"][scene, channel] = moment.k(channel)
                found["same image"][key] = moment.image(channel)
            else:
                _points(found, key, moment.sweep)
                found["same ring"][key] = moment.sweep.ring
        if moment.frame.keyframe:
            labels = [o for o in moment.frame.objects if o.lidar_points["LIDAR_TOP"]]
            for rank, label in enumerate(sorted(labels, key=lambda o: o.box.pose.position_m[0])):
                key = scene, time, rank
                add_pose(found, "boxes", key, label.box.pose.matrix)
                found["size of boxes"][key] = label.box.size_m
                found["same category"][key] = CLASSES[label.object_class.value][0]
                found["same number of returns"][key] = returns_inside(moment, label)
                tracks[scene, label.track_id].append(key)
    for keys in tracks.values():
        found["same track"][tuple(sorted(keys))] = True
    return found


def _points(found: Found, key: Any, sweep: Sweep, intensity: bool = True) -> None:
    found["metres of points"][key] = sweep.points_m
    if intensity:
        found["share of intensity"][key] = sweep.intensity


def _in_front(moment: Moment) -> list[ObjectLabel]:
    """What KITTI labels: seen by the camera, met by the LiDAR."""
    return [
        o
        for o in moment.frame.objects
        if "CAM_FRONT" in o.cameras
        and o.cameras["CAM_FRONT"].visible_box_px is not None
        and o.lidar_points["LIDAR_TOP"]
    ]


def _kitti_box(found: Found, key: Any, moment: Moment, label: ObjectLabel) -> None:
    pose = box_in(moment.ego @ moment.mount("CAM_FRONT"), label)
    left, top, right, bottom = label.cameras["CAM_FRONT"].full_box_px
    heading = math.atan2(-pose[2, 0], pose[0, 0])
    found["same category"][key] = CLASSES[label.object_class.value][1]
    found["rectangles"][key] = [left, top, right - 1, bottom - 1]
    found["size of boxes"][key] = label.box.size_m
    found["place of boxes"][key] = pose[:3, 3]
    found["heading of boxes"][key] = heading
    found["heading from the camera"][key] = heading - math.atan2(pose[0, 3], pose[2, 3])


def wanted_kitti(captures: Sequence[Path]) -> Found:
    found = nothing()
    numbers: dict[str, int] = defaultdict(int)
    for image, moment in enumerate(m for m in moments(captures) if m.frame.keyframe):
        key = moment.scene, numbers[moment.scene]
        numbers[moment.scene] += 1
        found["same split"]["trainval", image] = found["same split"][SPLITS[moment.scene], image] = True
        k = np.hstack([moment.k("CAM_FRONT", 0.0), np.zeros((3, 1))])
        found["pixels of intrinsics"][key] = k
        lidar, camera = moment.mount("LIDAR_TOP"), moment.mount("CAM_FRONT")
        add_pose(found, "LiDAR in camera", key, np.linalg.inv(camera) @ lidar)
        add_pose(found, "ego in LiDAR", key, np.linalg.inv(lidar))
        _points(found, key, moment.sweep)
        to_camera = moment.ego @ camera
        labels = sorted(_in_front(moment), key=lambda o: box_in(to_camera, o)[2, 3])
        for rank, label in enumerate(labels):
            _kitti_box(found, (*key, rank), moment, label)
    return found


def wanted_kitti_tracking(captures: Sequence[Path]) -> Found:
    found = nothing()
    numbers: dict[str, int] = defaultdict(int)
    for moment in (m for m in moments(captures) if m.swept and m.cameras):
        scene, index = moment.scene, numbers[moment.scene]
        numbers[scene] += 1
        for label in _in_front(moment):
            _kitti_box(found, (scene, index, label.track_id), moment, label)
        # The map's origin is on the equator, so the kit's scale, the cosine of the latitude, is 1.
        ego, agent = moment.ego, moment.frame.agents[EGO]
        own = ego[:3, :3].T
        add_pose(found, "the ego", (scene, index), ego)
        found["speed of the ego"][scene, index] = own @ agent.velocity_mps
        found["rate of turn of the ego"][scene, index] = own @ agent.angular_velocity_radps
        for split in ("training", SPLITS[scene]):
            found["same split"][split, sorted(SPLITS).index(scene)] = [0, index + 1]
    return found


def wanted_semantic_kitti(captures: Sequence[Path]) -> Found:
    still = {"car": 10, "van": 10, "police": 10, "truck": 18, "motorcycle": 15, "pedestrian": 30, "child": 30}
    moving = {"car": 252, "van": 252, "police": 252, "bus": 257, "pedestrian": 254, "bicycle": 253}
    surfaces = {0: 1, 1: 40, 10: 72}
    found = nothing()
    first: dict[str, Moment] = {}
    numbers: dict[str, int] = defaultdict(int)
    for moment in (m for m in moments(captures) if m.swept):
        scene, sweep = moment.scene, moment.sweep
        key = scene, numbers[scene]
        numbers[scene] += 1
        # The kit's configuration says valid.
        split = "valid" if SPLITS[scene] == "val" else SPLITS[scene]
        found["same split"][split, sorted(SPLITS).index(scene)] = True
        start = first.setdefault(scene, moment)
        lidar, begin = moment.ego @ moment.mount("LIDAR_TOP"), start.ego @ start.mount("LIDAR_TOP")
        add_pose(found, "the LiDAR from its first", key, np.linalg.inv(begin) @ lidar)
        found["seconds"][key] = (moment.frame.time_ns - start.frame.time_ns) / 1e9
        _points(found, key, sweep)
        known = {
            o.track_id: (moving if np.linalg.norm(o.velocity_mps) > 0.2 else still)[o.object_class.value]
            for o in moment.frame.objects
        }
        labels = [
            known[i] if i in known else surfaces[t] for i, t in zip(sweep.object_id, sweep.tag, strict=True)
        ]
        found["same label"][key] = np.array(labels)
        found["same instance"][key] = sweep.object_id
    return found


def wanted_argoverse2(captures: Sequence[Path]) -> Found:
    found = nothing()
    tracks: dict[Any, list[Any]] = defaultdict(list)
    for moment in moments(captures):
        scene, time_ns = moment.scene, moment.frame.time_ns
        found["same split"][SPLITS[scene], scene] = True
        names = {c: RINGS[c] for c in moment.cameras if c in RINGS}
        for channel, ring in names.items():
            add_pose(found, "mounts", (scene, ring), moment.mount(channel))
            k = moment.k(channel, 0.0)
            camera = moment.sensor(channel)
            size = [camera.width_px, camera.height_px]
            found["pixels of intrinsics"][scene, ring] = [k[0, 0], k[1, 1], k[0, 2], k[1, 2], *size]
            found["same image"][scene, time_ns, ring] = moment.image(channel)
        if names or moment.swept:
            add_pose(found, "the ego", (scene, time_ns), moment.ego)
        if not moment.swept:
            continue
        lidar = moment.mount("LIDAR_TOP")
        for name in ("up_lidar", "down_lidar"):
            add_pose(found, "mounts", (scene, name), lidar)
        key = scene, time_ns
        found["share of points"][key] = moment.sweep.points_m @ lidar[:3, :3].T + lidar[:3, 3]
        found["intensity"][key] = moment.sweep.intensity
        found["same ring"][key] = moment.sweep.ring
        labels = [o for o in moment.frame.objects if o.lidar_points["LIDAR_TOP"]]
        for rank, label in enumerate(sorted(labels, key=lambda o: box_in(moment.ego, o)[0, 3])):
            add_pose(found, "boxes in the ego's frame", (*key, rank), box_in(moment.ego, label))
            found["size of boxes"][(*key, rank)] = label.box.size_m
            found["same category"][(*key, rank)] = CLASSES[label.object_class.value][2]
            found["same number of returns"][(*key, rank)] = returns_inside(moment, label)
            tracks[scene, label.track_id].append((*key, rank))
    for keys in tracks.values():
        found["same track"][tuple(sorted(keys))] = True
    return found
