"""Rows of the Parquet files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from drivegen.capture.export.carriers import Moment
from drivegen.capture.export.part import PartWriter
from drivegen.capture.messages import camera_optical
from drivegen.core.geometry import Pose
from drivegen.core.labels import ObjectLabel, PixelBox
from drivegen.core.sensors import Camera, Lidar
from drivegen_exporters.classes import vocabulary
from drivegen_exporters.huggingface.card import features

Row = dict[str, Any]

_WORDS = vocabulary("drivegen")
_IMAGE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
_PLAIN = {
    "string": pa.string(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "float64": pa.float64(),
    "binary": pa.binary(),
    "image": _IMAGE,
}


def schema_of(config: str, *, agents: bool) -> Any:
    """The Arrow schema of a configuration: that of its features."""
    return pa.schema([(name, _arrow(kind)) for name, kind in features(config, agents=agents)])


def image_row(scene: str, moment: Moment, camera: Camera, part: PartWriter) -> Row:
    """An image of a camera, with the mark that the part gives it, and what it sees."""
    k = camera.intrinsic.copy()
    k[:2, 2] -= 0.5
    agent = moment.agent
    name = f"{scene}/{moment.carrier.key(camera.name)}/{moment.frame.index:06d}.jpg"
    return {
        "image": {"bytes": part.marked(agent.jpeg(camera.name), name), "path": name},
        **_head(scene, moment, camera.name, agent.map_agent @ camera_optical(camera)),
        "intrinsic": k.reshape(-1).tolist(),
        "objects": list(_seen(moment.objects, camera.name)),
    }


def sweep_row(scene: str, moment: Moment, lidar: Lidar) -> Row:
    """A sweep of a LiDAR, and what it met."""
    agent = moment.agent
    sweep = agent.sweep(lidar.name)
    points = np.empty((len(sweep), 4), "<f4")
    points[:, :3], points[:, 3] = sweep.points_m, sweep.intensity
    return {
        **_head(scene, moment, lidar.name, agent.map_agent @ lidar.agent_sensor),
        "points": points.tobytes(),
        "objects": [
            {**_object(o), "points": o.lidar_points[lidar.name]}
            for o in moment.objects
            if o.lidar_points.get(lidar.name)
        ],
    }


def _head(scene: str, moment: Moment, sensor: str, map_sensor: Pose) -> Row:
    frame = moment.frame
    return {
        "scene": scene,
        **moment.carrier.told,
        "sensor": sensor,
        "frame": frame.index,
        "time_ns": frame.time_ns,
        "map_sensor": map_sensor.matrix.reshape(-1).tolist(),
    }


def _seen(objects: tuple[ObjectLabel, ...], channel: str) -> Iterator[Row]:
    for label in objects:
        seen = label.cameras.get(channel)
        if seen is not None and seen.visible_box_px is not None:
            yield {
                **_object(label),
                "bbox": _xywh(seen.visible_box_px),
                "full_bbox": _xywh(seen.full_box_px),
                "visible_fraction": seen.visible_fraction,
                "truncation": seen.truncation,
            }


def _object(label: ObjectLabel) -> Row:
    category = _WORDS.category(label)
    assert category is not None, "drivegen has a word for each of its classes"
    return {
        "track_id": label.track_id,
        "category": category.id,
        "center_m": label.box.pose.position_m.tolist(),
        "size_m": label.box.size_m.tolist(),
        "orientation_wxyz": label.box.pose.orientation_wxyz.tolist(),
        "velocity_mps": label.velocity_mps.tolist(),
    }


def _xywh(box: PixelBox) -> list[float]:
    left, top, right, bottom = box
    return [left, top, right - left, bottom - top]


def _arrow(kind: Any) -> Any:
    if isinstance(kind, str):
        return _PLAIN[kind]
    if isinstance(kind, list):
        return pa.list_(pa.struct([(name, _arrow(each)) for name, each in kind]))
    return pa.list_(_PLAIN[kind["list"]]) if "list" in kind else pa.int64()
