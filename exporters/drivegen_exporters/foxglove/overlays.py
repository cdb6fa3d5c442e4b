"""What Foxglove shows beside the sensors' data: boxes in space, and boxes in images."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from foxglove_schemas_protobuf.ImageAnnotations_pb2 import ImageAnnotations
from foxglove_schemas_protobuf.PointsAnnotation_pb2 import PointsAnnotation
from foxglove_schemas_protobuf.SceneEntity_pb2 import SceneEntity
from foxglove_schemas_protobuf.SceneUpdate_pb2 import SceneUpdate
from foxglove_schemas_protobuf.TextAnnotation_pb2 import TextAnnotation

from drivegen.capture.messages import MAP_FRAME
from drivegen.capture.schema import protobuf_schema
from drivegen.core.actors import PEOPLE, RIDDEN, ObjectClass
from drivegen.core.labels import ObjectLabel

SCENE = protobuf_schema(SceneUpdate)
ANNOTATIONS = protobuf_schema(ImageAnnotations)

_PEOPLE, _RIDDEN, _VEHICLE = (0.95, 0.35, 0.2), (0.2, 0.75, 0.95), (0.35, 0.85, 0.35)
_OPACITY = 0.45
_NS = 1_000_000_000


class Boxes:
    """Boxes in space of one scene, frame by frame; what stays the same of an object is made once.

    Args:
        lifetime_ns: How long a box stays.
    """

    def __init__(self, lifetime_ns: int) -> None:
        self._lifetime_ns = lifetime_ns
        self._made: dict[tuple[int, str, ObjectClass], Any] = {}

    def update(self, objects: Sequence[ObjectLabel], time_ns: int) -> bytes:
        """foxglove.SceneUpdate: a cube an object, in the map's frame."""
        message = SceneUpdate()
        seconds, nanos = divmod(time_ns, _NS)
        for label in objects:
            entity = message.entities.add()
            entity.CopyFrom(self._of(label))
            time = entity.timestamp
            time.seconds, time.nanos = seconds, nanos
            entity.metadata[2].value = f"{math.hypot(*label.velocity_mps.tolist()):.2f} m/s"
            cube, box = entity.cubes[0], label.box
            pose, size = cube.pose, cube.size
            p, q = pose.position, pose.orientation
            p.x, p.y, p.z = box.pose.position_m.tolist()
            q.w, q.x, q.y, q.z = box.pose.orientation_wxyz.tolist()
            size.x, size.y, size.z = box.size_m.tolist()
        return bytes(message.SerializeToString(deterministic=True))

    def _of(self, label: ObjectLabel) -> Any:
        key = label.track_id, label.blueprint, label.object_class
        entity = self._made.get(key)
        if entity is None:
            entity = self._made[key] = SceneEntity(frame_id=MAP_FRAME, id=str(label.track_id))
            _set_time(entity.lifetime, self._lifetime_ns)
            for name, value in (("class", label.object_class.value), ("blueprint", label.blueprint)):
                entity.metadata.add(key=name, value=value)
            entity.metadata.add(key="speed")
            _paint(entity.cubes.add().color, label.object_class, _OPACITY)
        return entity


def image_annotations(objects: Sequence[ObjectLabel], channel: str, time_ns: int) -> bytes:
    """foxglove.ImageAnnotations: a rectangle around what is visible of each object."""
    message = ImageAnnotations()
    seconds, nanos = divmod(time_ns, _NS)
    for label in objects:
        seen = label.cameras.get(channel)
        if seen is None or seen.visible_box_px is None:
            continue
        frame, name = _marks(label.object_class)
        outline, text = message.points.add(), message.texts.add()
        outline.CopyFrom(frame)
        text.CopyFrom(name)
        left, top, right, bottom = seen.visible_box_px
        a, b, c, d = outline.points
        a.x, a.y, b.x, b.y, c.x, c.y, d.x, d.y = left, top, right, top, right, bottom, left, bottom
        text.text = f"{label.object_class.value} {label.track_id}"
        text.position.x, text.position.y = left, top
        for time in (outline.timestamp, text.timestamp):
            time.seconds, time.nanos = seconds, nanos
    return bytes(message.SerializeToString(deterministic=True))


@lru_cache(maxsize=64)
def _marks(kind: ObjectClass) -> tuple[Any, Any]:
    """Outline and text of a class, still without places."""
    outline = PointsAnnotation(type=PointsAnnotation.LINE_LOOP, thickness=2.0)
    for _ in range(4):
        outline.points.add()
    text = TextAnnotation(font_size=12.0)
    _paint(outline.outline_color, kind, 1.0)
    _paint(text.text_color, kind, 1.0)
    return outline, text


def _paint(color: Any, kind: ObjectClass, opacity: float) -> None:
    rgb = _PEOPLE if kind in PEOPLE else _RIDDEN if kind in RIDDEN else _VEHICLE
    color.r, color.g, color.b = rgb
    color.a = opacity


def _set_time(target: Any, time_ns: int) -> None:
    target.seconds, target.nanos = divmod(time_ns, _NS)
