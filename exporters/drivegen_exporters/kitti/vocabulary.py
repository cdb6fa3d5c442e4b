"""KITTI's words; which of them stand for drivegen's, and what is lost, says `classes.yaml`."""

from __future__ import annotations

from drivegen.core.labels import ObjectLabel
from drivegen_exporters.classes import vocabulary

DONT_CARE = "DontCare"
_WORDS = vocabulary("kitti")


def type_of(label: ObjectLabel) -> str:
    """KITTI's type of an object."""
    found = _WORDS.category(label)
    assert found is not None, "KITTI has a type for each class"
    return found.name


def occlusion_of(visible_fraction: float) -> int:
    """0 fully visible, 1 partly, 2 largely occluded: from 0.8 and 0.4 of the object's pixels on."""
    return 0 if visible_fraction >= 0.8 else 1 if visible_fraction >= 0.4 else 2
