"""Pieces of an OpenLABEL file (ASAM OpenLABEL 1.0.0): sensors, frames, objects, as plain data."""

from __future__ import annotations

from typing import Any

import numpy as np

from drivegen.capture.messages import camera_optical
from drivegen.capture.reader import CapturedAgent, CapturedFrame
from drivegen.core.geometry import Pose
from drivegen.core.labels import CameraLabel, ObjectLabel, PixelBox
from drivegen.core.lenses import BrownConrady, KannalaBrandt
from drivegen.core.sensors import Camera, Lidar, Sensor

Plain = dict[str, Any]

MAP, EGO_FRAME = "map", "ego"
BOX, VISIBLE, FULL = "box", "visible", "full"
"""Names of the cuboid of an object, and of its two boxes in an image."""


def coordinate_systems(sensors: list[Sensor]) -> Plain:
    """map > ego > sensors; cameras by their optical frame (x right, y down, z forward)."""
    out: Plain = {
        MAP: {"type": "scene_cs", "parent": "", "children": [EGO_FRAME]},
        EGO_FRAME: {"type": "local_cs", "parent": MAP, "children": [s.name for s in sensors]},
    }
    for sensor in sensors:
        pose = camera_optical(sensor) if isinstance(sensor, Camera) else sensor.agent_sensor
        out[sensor.name] = {
            "type": "sensor_cs",
            "parent": EGO_FRAME,
            "children": [],
            "pose_wrt_parent": _transform(pose),
        }
    return out


def stream(sensor: Sensor) -> Plain:
    """A sensor, with a camera's calibration: the centre of the top left pixel is (0, 0)."""
    if not isinstance(sensor, Camera):
        return {"type": "lidar" if isinstance(sensor, Lidar) else "other", "description": sensor.name}
    lens = sensor.optics
    k = lens.intrinsic.copy()
    k[:2, 2] -= 0.5
    size = {"width_px": sensor.width_px, "height_px": sensor.height_px}
    if isinstance(lens, KannalaBrandt):
        properties: Plain = {
            "intrinsics_fisheye": {
                **size,
                "center_x_px": float(k[0, 2]),
                "center_y_px": float(k[1, 2]),
                "focal_length_x": float(k[0, 0]),
                "focal_length_y": float(k[1, 1]),
                "lens_coeffs": list(lens.coefficients),
            }
        }
    else:
        bent = list(lens.coefficients) if isinstance(lens, BrownConrady) else [0.0] * 5
        matrix = np.hstack([k, np.zeros((3, 1))])
        properties = {
            "intrinsics_pinhole": {
                **size,
                "camera_matrix": matrix.reshape(-1).tolist(),
                "distortion_coeffs": bent,
            }
        }
    return {"type": "camera", "description": sensor.name, "stream_properties": properties}


def frame_row(frame: CapturedFrame, agent: CapturedAgent, files: dict[str, str]) -> Plain:
    """A frame: its time in seconds, where the ego is, its files by channel, and its objects."""
    to_map = {"src": EGO_FRAME, "dst": MAP, "transform_src_to_dst": _transform(agent.map_agent)}
    return {
        "frame_properties": {
            "timestamp": f"{frame.time_ns // 10**9}.{frame.time_ns % 10**9:09d}",
            "transforms": {"ego_to_map": to_map},
            "streams": {c: {"uri": uri} if uri else {} for c, uri in files.items()},
        },
        "objects": {str(o.track_id): {"object_data": object_data(o, files)} for o in frame.objects},
    }


def object_data(label: ObjectLabel, channels: dict[str, str]) -> Plain:
    """An object in a frame: its cuboid in the map's frame, and its boxes in these channels' images."""
    position, turn = label.box.pose.position_m, label.box.pose.orientation_wxyz
    value = [*position, *turn[1:], turn[0], *label.box.size_m]
    cuboid = {
        "name": BOX,
        "val": [float(v) for v in value],
        "coordinate_system": MAP,
        "attributes": {
            "vec": [
                {"name": "velocity_mps", "val": label.velocity_mps.tolist()},
                {"name": "acceleration_mps2", "val": label.acceleration_mps2.tolist()},
            ],
            "num": [
                {"name": "yaw_rate_radps", "val": float(label.yaw_rate_radps)},
                *({"name": f"points_{c}", "val": n} for c, n in sorted(label.lidar_points.items())),
                *({"name": f"points_{c}", "val": n} for c, n in sorted(label.radar_points.items())),
            ],
        },
    }
    boxes = [
        box
        for channel, seen in sorted(label.cameras.items())
        if channel in channels
        for box in _image_boxes(channel, seen)
    ]
    return {"cuboid": [cuboid], **({"bbox": boxes} if boxes else {})}


def _image_boxes(channel: str, seen: CameraLabel) -> list[Plain]:
    numbers = [
        {"name": "visible_fraction", "val": seen.visible_fraction},
        {"name": "truncation", "val": seen.truncation},
    ]
    boxes = [_image_box(FULL, channel, seen.full_box_px, {"num": numbers})]
    if seen.visible_box_px is not None:
        boxes.append(_image_box(VISIBLE, channel, seen.visible_box_px, {}))
    return boxes


def _image_box(name: str, channel: str, box: PixelBox, attributes: Plain) -> Plain:
    """By its middle and size; the centre of the top left pixel is (0, 0), as for the calibration."""
    left, top, right, bottom = box
    value = [(left + right) / 2 - 0.5, (top + bottom) / 2 - 0.5, right - left, bottom - top]
    row: Plain = {"name": f"{name}_{channel}", "val": value, "coordinate_system": channel}
    return {**row, "attributes": attributes} if attributes else row


class Tracks:
    """Gathers what is said of objects as a whole: small, one entry an object."""

    def __init__(self) -> None:
        self._heads: dict[int, Plain] = {}
        self._intervals: dict[int, list[list[int]]] = {}

    def add(self, number: int, objects: tuple[ObjectLabel, ...]) -> None:
        """Takes in a frame's objects; frames come in order."""
        for label in objects:
            if label.track_id not in self._heads:
                self._heads[label.track_id] = {
                    "name": f"{label.object_class.value}-{label.track_id}",
                    "type": label.object_class.value,
                    "object_data": {
                        "text": [{"name": "blueprint", "val": label.blueprint}],
                        "boolean": [{"name": "rider", "val": label.rider}],
                    },
                }
            intervals = self._intervals.setdefault(label.track_id, [])
            if intervals and intervals[-1][1] == number - 1:
                intervals[-1][1] = number
            else:
                intervals.append([number, number])

    def plain(self) -> Plain:
        """`objects` of the file, by ascending track id."""
        out: Plain = {}
        for track_id in sorted(self._heads):
            intervals = [{"frame_start": a, "frame_end": b} for a, b in self._intervals[track_id]]
            pointers = {BOX: {"type": "cuboid", "frame_intervals": intervals}}
            out[str(track_id)] = {
                **self._heads[track_id],
                "frame_intervals": intervals,
                "object_data_pointers": pointers,
            }
        return out


def _transform(pose: Pose) -> Plain:
    w, x, y, z = (float(v) for v in pose.orientation_wxyz)
    return {"quaternion": [x, y, z, w], "translation": pose.position_m.tolist()}
