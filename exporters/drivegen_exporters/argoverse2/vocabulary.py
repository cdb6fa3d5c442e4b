"""Argoverse 2's words (Wilson et al. 2021, sensor data set), as `classes.yaml` has them.

Argoverse boxes a rider apart from the vehicle; here one box holds both and is the rider's.
"""

from __future__ import annotations

from drivegen.core.labels import ObjectLabel
from drivegen_exporters.classes import vocabulary

_WORDS = vocabulary("argoverse2")

RING_OF_CHANNEL = {
    "CAM_FRONT": "ring_front_center",
    "CAM_FRONT_LEFT": "ring_front_left",
    "CAM_FRONT_RIGHT": "ring_front_right",
    "CAM_BACK_LEFT": "ring_side_left",
    "CAM_BACK_RIGHT": "ring_side_right",
}
"""Argoverse's cameras by channel; its rear ones look back to the side, and none straight back."""
RING = (
    *RING_OF_CHANNEL.values(),
    "ring_rear_left",
    "ring_rear_right",
    "stereo_front_left",
    "stereo_front_right",
)

_MARK = {
    ("solid", "white"): "SOLID_WHITE",
    ("broken", "white"): "DASHED_WHITE",
    ("solid", "yellow"): "SOLID_YELLOW",
    ("broken", "yellow"): "DASHED_YELLOW",
    ("solid solid", "white"): "DOUBLE_SOLID_WHITE",
    ("solid solid", "yellow"): "DOUBLE_SOLID_YELLOW",
    ("broken broken", "white"): "DOUBLE_DASH_WHITE",
    ("broken broken", "yellow"): "DOUBLE_DASH_YELLOW",
    ("solid broken", "white"): "SOLID_DASH_WHITE",
    ("solid broken", "yellow"): "SOLID_DASH_YELLOW",
    ("broken solid", "white"): "DASH_SOLID_WHITE",
    ("broken solid", "yellow"): "DASH_SOLID_YELLOW",
}


def category_of(label: ObjectLabel) -> str | None:
    """The category of an object, that of the rider if somebody rides it; none if Argoverse has none."""
    found = _WORDS.rider(label) or _WORDS.category(label)
    return None if found is None else found.name


def mark_of(kind: str, color: str) -> str:
    """A lane marking by OpenDRIVE's type and colour; kerbs and the like are no marking."""
    return _MARK.get((kind, "yellow" if color == "yellow" else "white"), "NONE")
