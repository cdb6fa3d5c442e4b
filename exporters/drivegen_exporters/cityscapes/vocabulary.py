"""Cityscapes' labels (Cordts et al. 2016; ids as in its scripts), as `classes.yaml` has them."""

from __future__ import annotations

import numpy as np
from jaxtyping import UInt8

from drivegen_exporters.classes import vocabulary

_WORDS = vocabulary("cityscapes")
_LABELS = tuple(c for c in _WORDS.categories.values() if c.id >= 0)

WITH_INSTANCES = frozenset(c.id for c in _LABELS if c.values.get("instances"))
"""Labels whose pixels are told apart by instance."""


def id_of_tags() -> UInt8[np.ndarray, "256"]:
    """Label by semantic tag."""
    return _WORDS.tag_table().astype(np.uint8)


def train_id_of_ids() -> UInt8[np.ndarray, "256"]:
    """Train id by label; 255 is not judged."""
    table = np.full(256, 255, np.uint8)
    for label in _LABELS:
        table[label.id] = label.values["train_id"]
    return table


def bgr_of_ids() -> UInt8[np.ndarray, "256 3"]:
    """Colour by label, blue first."""
    table = np.zeros((256, 3), np.uint8)
    for label in _LABELS:
        table[label.id] = label.values["color"][::-1]
    return table


def name_of_label(label: int, instance: bool) -> str:
    """A label's name; a group's, where it has instances and these are none."""
    name = next(c.name for c in _LABELS if c.id == label)
    return name if instance or label not in WITH_INSTANCES else f"{name}group"
