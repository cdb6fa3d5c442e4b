"""What COCO, YOLO, Cityscapes and the forms of records should make of the captures."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from drivegen.capture.frame import EGO
from drivegen.core.labels import ObjectLabel
from tests.round_trip.captured import CLASSES, SPLITS, Moment, box_in, moments
from tests.round_trip.forms import Found, add_pose, nothing

COCO_NAMES = {1: "person", 2: "bicycle", 3: "car", 4: "motorcycle", 6: "bus", 8: "truck"}
COCO_SURFACES = {1: 149, 10: 193, 11: 187}
"""Road, grass, sky by CARLA's tags."""
CITYSCAPES = {1: 7, 10: 22, 11: 23, 12: 24, 14: 26, 15: 27, 16: 28, 18: 32, 19: 33}
OSI = {"car": 4, "van": 6, "police": 4, "truck": 7, "bus": 12, "motorcycle": 10, "bicycle": 11}
OCCUPANCY = {"car": 4, "van": 4, "police": 4, "truck": 10, "bus": 3, "motorcycle": 6, "bicycle": 2}
OCCUPANCY |= {"pedestrian": 7, "child": 7}
OCCUPANCY_SURFACES = {1: 11, 10: 14}


def keyframes(captures: Sequence[Path]) -> Iterator[Moment]:
    return (m for m in moments(captures) if m.frame.keyframe)


def _masks(moment: Moment, channel: str) -> Iterator[tuple[ObjectLabel, np.ndarray, list[int]]]:
    """Objects, where they are seen, and left, top, right, bottom of it."""
    instance = moment.frame.agents[EGO].instance(channel)
    for label in moment.frame.objects:
        mask = instance == label.track_id
        if mask.any():
            rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
            yield label, mask, [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]


def wanted_coco(captures: Sequence[Path]) -> Found:
    found = nothing()
    for moment in keyframes(captures):
        for channel in moment.cameras:
            image = f"{moment.scene}/{channel}/{moment.frame.index:06d}.jpg"
            camera = moment.sensor(channel)
            found["same size"][image] = [camera.width_px, camera.height_px]
            found["same image"][image] = moment.image(channel)
            found["same split"][SPLITS[moment.scene], image] = True
            tags = moment.frame.agents[EGO].tag(channel)
            panoptic = np.zeros(tags.shape, int)
            for tag, category in COCO_SURFACES.items():
                panoptic[tags == tag] = category
            for label, mask, (left, top, right, bottom) in _masks(moment, channel):
                category = CLASSES[label.object_class.value][3]
                panoptic[mask] = category
                key = image, label.track_id
                found["same mask"][key] = mask
                found["rectangles"][key] = [left, top, right - left, bottom - top]
                found["area"][key] = int(mask.sum())
                found["same category"][key] = category, COCO_NAMES[category]
                add_pose(found, "boxes in the camera", key, box_in(moment.ego @ moment.mount(channel), label))
                found["size of boxes"][key] = label.box.size_m
            found["same panoptic image"][image] = panoptic
    return found


def wanted_yolo(captures: Sequence[Path]) -> Found:
    names = ["car", "van", "truck", "bus", "emergency", "police", "motorcycle", "bicycle"]
    names += ["tricycle", "construction", "unmanned", "pedestrian", "child"]
    found = nothing()
    for moment in keyframes(captures):
        for channel in moment.cameras:
            image = f"{moment.scene}/{channel}/{moment.frame.index:06d}.jpg"
            found["same image"][image] = moment.image(channel)
            found["same split"][SPLITS[moment.scene], image] = True
            seen = [(label.object_class.value, box) for label, _, box in _masks(moment, channel)]
            seen.sort(key=lambda s: (names.index(s[0]), s[1][0] + s[1][2]))
            for rank, (name, box) in enumerate(seen):
                found["rectangles"][image, rank], found["same category"][image, rank] = box, name
    return found


def wanted_cityscapes(captures: Sequence[Path]) -> Found:
    found = nothing()
    for moment in keyframes(captures):
        found["same split"][SPLITS[moment.scene], moment.scene] = True
        for number, channel in enumerate(moment.cameras):
            key = moment.scene, number, moment.frame.index
            jpeg = np.frombuffer(moment.image(channel), np.uint8)
            found["same pixels"][key] = cv2.imdecode(jpeg, cv2.IMREAD_COLOR)
            table = np.zeros(256, np.uint8)
            table[list(CITYSCAPES)] = list(CITYSCAPES.values())
            ids = table[moment.frame.agents[EGO].tag(channel)]
            found["same label ids"][key] = ids
            for _, mask, _ in _masks(moment, channel):
                found["same instance"][(*key, mask.tobytes())] = int(ids[mask][0])
            k = moment.k(channel, 0.0)
            found["pixels of intrinsics"][key] = [k[0, 0], k[1, 1], k[0, 2], k[1, 2]]
            add_pose(found, "mounts", key, moment.sensor(channel).agent_sensor.matrix)
    return found


def wanted_osi(captures: Sequence[Path]) -> Found:
    found = nothing()
    for moment in moments(captures):
        key = moment.scene, moment.frame.time_ns
        found["same time"][key] = moment.frame.time_ns
        add_pose(found, "the ego", key, moment.ego)
        found["speed of the ego"][key] = moment.frame.agents[EGO].velocity_mps
        found["objects in the sensor view"][key] = len(moment.frame.objects) + 1
        for label in moment.frame.objects:
            of = (*key, label.track_id)
            add_pose(found, "boxes", of, label.box.pose.matrix)
            found["size of boxes"][of] = label.box.size_m
            found["velocity"][of], found["acceleration"][of] = label.velocity_mps, label.acceleration_mps2
            found["rate of turn"][of] = label.yaw_rate_radps
            kind = OSI.get(label.object_class.value, 0)
            found["same category"][of] = (2 if kind else 3), kind
        for rank, channel in enumerate(moment.cameras):
            at = (*key, "camera", rank)
            add_pose(found, "mounts", at, moment.sensor(channel).agent_sensor.matrix)
            k, width = moment.k(channel), moment.sensor(channel).width_px
            left, right = k[0, 2] / k[0, 0], (width - k[0, 2]) / k[0, 0]
            found["field of view"][at] = math.atan(left) + math.atan(right)
        if moment.swept:
            at = (*key, "lidar", 0)
            add_pose(found, "mounts", at, moment.mount("LIDAR_TOP"))
            found["field of view"][at] = math.tau
    return found


def _object(found: Found, key: tuple[Any, ...], label: ObjectLabel) -> None:
    add_pose(found, "boxes", key, label.box.pose.matrix)
    found["size of boxes"][key], found["velocity"][key] = label.box.size_m, label.velocity_mps
    found["same category"][key] = label.object_class.value


def _points(found: Found, key: tuple[Any, ...], moment: Moment) -> None:
    found["metres of points"][key] = moment.sweep.points_m
    found["share of intensity"][key] = moment.sweep.intensity


def wanted_openlabel(captures: Sequence[Path]) -> Found:
    found = nothing()
    for moment in keyframes(captures):
        scene, key = moment.scene, (moment.scene, moment.frame.time_ns)
        add_pose(found, "the ego", key, moment.ego)
        _points(found, key, moment)
        add_pose(found, "mounts", (scene, "LIDAR_TOP"), moment.mount("LIDAR_TOP"))
        for channel in moment.cameras:
            add_pose(found, "mounts", (scene, channel), moment.mount(channel))
            k = np.hstack([moment.k(channel, 0.0), np.zeros((3, 1))])
            found["pixels of intrinsics"][scene, channel] = k.reshape(-1)
            found["same image"][(*key, channel)] = moment.image(channel)
        for label in moment.frame.objects:
            of = (*key, label.track_id)
            _object(found, of, label)
            for channel, seen in label.cameras.items():
                boxes = {"full": seen.full_box_px, "visible": seen.visible_box_px}
                for name, box in boxes.items():
                    if box is not None:
                        found["rectangles"][(*of, f"{name}_{channel}")] = np.array(box) - 0.5 * np.ones(4)
    return found


def wanted_webdataset(captures: Sequence[Path]) -> Found:
    found = nothing()
    for moment in keyframes(captures):
        key = moment.scene, moment.frame.time_ns
        found["same split"][SPLITS[moment.scene], moment.scene] = True
        add_pose(found, "the ego", key, moment.ego)
        _points(found, key, moment)
        found["same object of points"][key] = moment.sweep.object_id
        for channel in (*moment.cameras, "LIDAR_TOP"):
            add_pose(found, "mounts", (*key, channel), moment.mount(channel))
        for channel in moment.cameras:
            found["pixels of intrinsics"][(*key, channel)] = moment.k(channel, 0.0)
            found["same image"][(*key, channel)] = moment.image(channel)
        for label in moment.frame.objects:
            _object(found, (*key, label.track_id), label)
    return found


def wanted_huggingface(captures: Sequence[Path]) -> Found:
    found = nothing()
    for moment in moments(captures):
        if not moment.frame.keyframe:
            continue
        for channel in (*moment.cameras, "LIDAR_TOP"):
            key = moment.scene, moment.frame.time_ns, channel
            add_pose(found, "sensors", key, moment.ego @ moment.mount(channel))
            is_camera = channel != "LIDAR_TOP"
            if is_camera:
                found["same split"][SPLITS[moment.scene], moment.scene] = True
                found["pixels of intrinsics"][key] = moment.k(channel, 0.0).reshape(-1)
                found["same image"][key] = moment.image(channel)
            else:
                _points(found, key, moment)
            for label in moment.frame.objects:
                seen, of = label.cameras.get(channel), (*key, label.track_id)
                if is_camera and seen is not None and seen.visible_box_px is not None:
                    found["rectangles"][of] = _xywh(seen.visible_box_px)
                    found["whole rectangles"][of] = _xywh(seen.full_box_px)
                elif not is_camera and label.lidar_points[channel]:
                    found["same number of returns"][of] = label.lidar_points[channel]
                else:
                    continue
                _object(found, of, label)
    return found


def _xywh(box: Any) -> list[float]:
    return [box[0], box[1], box[2] - box[0], box[3] - box[1]]


def wanted_foxglove(captures: Sequence[Path]) -> Found:
    found = nothing()
    for moment in moments(captures):
        key = moment.scene, moment.frame.time_ns
        add_pose(found, "transforms", (*key, "map", "ego"), moment.ego)
        for sensor in moment.capture.rigs[EGO].sensors:
            mount = moment.mount(sensor.name)
            add_pose(found, "transforms", (*key, "ego", f"ego/{sensor.name}"), mount)
        for label in moment.frame.objects:
            of = (*key, label.track_id)
            add_pose(found, "boxes", of, label.box.pose.matrix)
            found["size of boxes"][of] = label.box.size_m
            found["same category"][of] = label.object_class.value
            found["same frame of boxes"][of] = "map"
        for channel in moment.cameras:
            of = (*key, f"ego/{channel}")
            k = moment.k(channel)
            p = np.hstack([k, np.zeros((3, 1))])
            found["pixels of intrinsics"][of] = [*k.reshape(-1), *p.reshape(-1)]
            found["same image"][of] = moment.image(channel)
            seen = [o.cameras[channel] for o in moment.frame.objects if channel in o.cameras]
            boxes = [s.visible_box_px for s in seen if s.visible_box_px is not None]
            for rank, (left, top, right, bottom) in enumerate(boxes):
                corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
                found["rectangles"][(*key, channel, rank)] = corners
        if moment.swept:
            of = (*key, "ego/LIDAR_TOP")
            found["metres of points"][of] = moment.sweep.points_m
            found["same object of points"][of] = moment.sweep.object_id
    return found


def wanted_occupancy(captures: Sequence[Path]) -> Found:
    found = nothing()
    for moment in keyframes(captures):
        key = moment.scene, moment.frame.time_ns // 1000
        found["same split"][SPLITS[moment.scene], moment.scene] = True
        add_pose(found, "the ego", key, moment.ego)
        for channel in moment.cameras:
            add_pose(found, "mounts", (*key, channel), moment.mount(channel))
            found["pixels of intrinsics"][(*key, channel)] = moment.k(channel)
        lidar, sweep = moment.mount("LIDAR_TOP"), moment.sweep
        # What no surface gave fills no voxel.
        solid = sweep.clutter == 0
        kinds = {o.track_id: OCCUPANCY[o.object_class.value] for o in moment.frame.objects}
        classes = [
            kinds[i] if i in kinds else OCCUPANCY_SURFACES[t]
            for i, t in zip(sweep.object_id[solid], sweep.tag[solid], strict=True)
        ]
        points = sweep.points_m[solid] @ lidar[:3, :3].T + lidar[:3, 3]
        found["grid"][key] = points, np.array(classes)
    return found
