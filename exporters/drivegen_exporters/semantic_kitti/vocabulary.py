"""SemanticKITTI's labels (Behley et al. 2019; the raw ids of its kit), as `classes.yaml` has them."""

from __future__ import annotations

import numpy as np
from jaxtyping import UInt16

from drivegen.core.labels import ObjectLabel
from drivegen_exporters.classes import vocabulary

_WORDS = vocabulary("semantickitti")
OUTLIER = _WORDS.categories["outlier"].id

MOVING_MPS = 0.2
"""Slower than this, something stands."""


def id_of(label: ObjectLabel) -> int:
    """The raw id of an object; rider and vehicle are one, as in SemanticKITTI."""
    found = _WORDS.rider(label) or _WORDS.category(label)
    if found is None:
        return 0
    moves = float(label.velocity_mps @ label.velocity_mps) > MOVING_MPS**2
    return int(found.values.get("moving", found.id)) if moves else found.id


def id_of_tags() -> UInt16[np.ndarray, "256"]:
    """Raw id by semantic tag."""
    return _WORDS.tag_table().astype(np.uint16)
