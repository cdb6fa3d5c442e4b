"""What Foxglove shows beside the sensors' data: boxes in space, and boxes in images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from foxglove_schemas_protobuf.ImageAnnotations_pb2 import ImageAnnotations
from foxglove_schemas_protobuf.PointsAnnotation_pb2 import PointsAnnotation
from foxglove_schemas_protobuf.SceneUpdate_pb2 import SceneUpdate

from drivegen.capture.messages import MAP_FRAME
from drivegen.capture.schema import protobuf_schema
from drivegen.core.actors import PEOPLE, RIDDEN
from drivegen.core.labels import ObjectLabel, PixelBox

SCENE = protobuf_schema(SceneUpdate)
ANNOTATIONS = protobuf_schema(ImageAnnotations)

_PEOPLE, _RIDDEN, _VEHICLE = (0.95, 0.35, 0.2), (0.2, 0.75, 0.95), (0.35, 0.85, 0.35)
_OPACITY = 0.45
_NS = 1_000_000_000


def scene_update(objects: Sequence[ObjectLabel], time_ns: int, lifetime_ns: int) -> bytes:
    """foxglove.SceneUpdate: a cube an object, in the map's frame, that stays until the next frame."""
    message = SceneUpdate()
    for label in objects:
        entity = message.entities.add(frame_id=MAP_FRAME, id=str(label.track_id))
        _set_time(entity.timestamp, time_ns)
        _set_time(entity.lifetime, lifetime_ns)
        facts = {
            "class": label.object_class.value,
            "blueprint": label.blueprint,
            "speed": f"{float(label.velocity_mps @ label.velocity_mps) ** 0.5:.2f} m/s",
        }
        for key, value in facts.items():
            entity.metadata.add(key=key, value=value)
        cube = entity.cubes.add()
        box, p, q = label.box, cube.pose.position, cube.pose.orientation
        p.x, p.y, p.z = (float(v) for v in box.pose.position_m)
        q.w, q.x, q.y, q.z = (float(v) for v in box.pose.orientation_wxyz)
        cube.size.x, cube.size.y, cube.size.z = (float(v) for v in box.size_m)
        _paint(cube.color, label, _OPACITY)
    return bytes(message.SerializeToString(deterministic=True))


def image_annotations(objects: Sequence[ObjectLabel], channel: str, time_ns: int) -> bytes:
    """foxglove.ImageAnnotations: a rectangle around what is visible of each object."""
    message = ImageAnnotations()
    for label in objects:
        seen = label.cameras.get(channel)
        if seen is None or seen.visible_box_px is None:
            continue
        outline = message.points.add(type=PointsAnnotation.LINE_LOOP, thickness=2.0)
        _set_time(outline.timestamp, time_ns)
        for x, y in _corners(seen.visible_box_px):
            outline.points.add(x=x, y=y)
        _paint(outline.outline_color, label, 1.0)
        text = message.texts.add(text=f"{label.object_class.value} {label.track_id}", font_size=12.0)
        _set_time(text.timestamp, time_ns)
        text.position.x, text.position.y = seen.visible_box_px[0], seen.visible_box_px[1]
        _paint(text.text_color, label, 1.0)
    return bytes(message.SerializeToString(deterministic=True))


def _corners(box: PixelBox) -> tuple[tuple[float, float], ...]:
    left, top, right, bottom = box
    return (left, top), (right, top), (right, bottom), (left, bottom)


def _paint(color: Any, label: ObjectLabel, opacity: float) -> None:
    kind = label.object_class
    rgb = _PEOPLE if kind in PEOPLE else _RIDDEN if kind in RIDDEN else _VEHICLE
    color.r, color.g, color.b = rgb
    color.a = opacity


def _set_time(target: Any, time_ns: int) -> None:
    target.seconds, target.nanos = divmod(time_ns, _NS)
