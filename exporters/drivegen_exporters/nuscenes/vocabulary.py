"""nuScenes' words; which of them stand for drivegen's, and what is lost, says `classes.yaml`."""

from __future__ import annotations

import numpy as np
from jaxtyping import UInt8

from drivegen.core.actors import PEOPLE, RIDDEN
from drivegen.core.labels import ObjectLabel
from drivegen_exporters.classes import vocabulary

_WORDS = vocabulary("nuscenes")

CATEGORIES = tuple((c.name, str(c.values["text"])) for c in _WORDS.categories.values())
"""Name and description, in nuScenes-lidarseg's own order."""

INDEX = {c.name: c.id for c in _WORDS.categories.values()}

ATTRIBUTES: tuple[tuple[str, str], ...] = (
    ("vehicle.moving", "Vehicle is moving."),
    ("vehicle.stopped", "Vehicle stands."),
    ("vehicle.parked", "Vehicle stands and will not drive on."),
    ("cycle.with_rider", "Somebody is on it."),
    ("cycle.without_rider", "Nobody is on it."),
    ("pedestrian.moving", "Walks or runs."),
    ("pedestrian.standing", "Stands."),
    ("pedestrian.sitting_lying_down", "Sits or lies."),
)

VISIBILITIES: tuple[tuple[str, str, float], ...] = (
    ("1", "v0-40", 0.4),
    ("2", "v40-60", 0.6),
    ("3", "v60-80", 0.8),
    ("4", "v80-100", 1.0),
)
"""Token, level, upper end of the visible fraction."""

MOVING_MPS = 0.2
"""Slower than this, something stands."""


def category_of(label: ObjectLabel) -> str:
    """The category of an object."""
    found = _WORDS.category(label)
    assert found is not None, "nuScenes has a category for each class"
    return found.name


def attribute_of(label: ObjectLabel) -> str:
    """The one attribute of an object."""
    moves = float(label.velocity_mps @ label.velocity_mps) > MOVING_MPS**2
    if label.object_class in RIDDEN:
        return "cycle.with_rider" if label.rider else "cycle.without_rider"
    if label.object_class in PEOPLE:
        return "pedestrian.moving" if moves else "pedestrian.standing"
    return "vehicle.moving" if moves else "vehicle.stopped"


def visible_fraction(label: ObjectLabel) -> float:
    """The fraction of an object that is visible over all cameras of the moment.

    The mean of the cameras' fractions, each weighted by the area of the object's box in its image: half an
    object in one camera and half in another, both in plain view, is wholly visible. 0 where no camera has it.
    """
    total = weighted = 0.0
    for camera in label.cameras.values():
        left, top, right, bottom = camera.full_box_px
        area = max(right - left, 0.0) * max(bottom - top, 0.0)
        total += area
        weighted += area * camera.visible_fraction
    return weighted / total if total > 0 else 0.0


def visibility_of(fraction: float) -> str:
    """The visibility token of a fraction."""
    return next((token for token, _, upper in VISIBILITIES if fraction <= upper), VISIBILITIES[-1][0])


def index_of_tags() -> UInt8[np.ndarray, "256"]:
    """The lidarseg index by semantic tag; noise for what has none."""
    return _WORDS.tag_table().astype(np.uint8)
