"""Rough shapes of objects inside their boxes: how likely a ray through a part of the box meets the object.

Only the pixels of an object that something else hides are counted with these, see
`drivegen.record.visibility`, so they need not be exact.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64

from drivegen.core.actors import ObjectClass

_SALOON = [
    # low x, y, z, high x, y, z as shares of the half size; probability
    (-0.98, -0.92, -0.62, 0.98, 0.92, 0.10, 1.0),
    (-0.75, -0.90, -0.95, 0.75, 0.90, -0.62, 0.75),
    (-0.70, -0.75, 0.10, 0.40, 0.75, 0.95, 0.95),
]
_BOXY = [
    (-0.98, -0.92, -0.65, 0.98, 0.92, 0.95, 0.97),
    (-0.80, -0.90, -0.97, 0.80, 0.90, -0.65, 0.6),
]
_TWO_WHEELER = [
    (-0.35, -0.45, 0.0, 0.30, 0.45, 0.95, 0.75),
    (-0.55, -0.40, -0.60, 0.65, 0.40, 0.0, 0.75),
    (-0.98, -0.15, -0.98, 0.98, 0.15, -0.30, 0.7),
]
_PERSON = [
    (-0.35, -0.35, 0.70, 0.40, 0.35, 0.98, 0.9),
    (-0.55, -0.80, -0.05, 0.55, 0.80, 0.70, 0.8),
    (-0.75, -0.60, -0.98, 0.75, 0.60, -0.05, 0.6),
]

_PARTS: dict[ObjectClass, Float64[np.ndarray, "p 7"]] = {
    ObjectClass.CAR: np.array(_SALOON),
    ObjectClass.POLICE: np.array(_SALOON),
    ObjectClass.VAN: np.array(_BOXY),
    ObjectClass.TRUCK: np.array(_BOXY),
    ObjectClass.BUS: np.array(_BOXY),
    ObjectClass.EMERGENCY: np.array(_BOXY),
    ObjectClass.MOTORCYCLE: np.array(_TWO_WHEELER),
    ObjectClass.BICYCLE: np.array(_TWO_WHEELER),
    ObjectClass.TRICYCLE: np.array(_BOXY),
    ObjectClass.CONSTRUCTION: np.array(_SALOON),
    ObjectClass.UNMANNED: np.array(_BOXY),
    ObjectClass.PEDESTRIAN: np.array(_PERSON),
    ObjectClass.CHILD: np.array(_PERSON),
}


def parts_of(object_class: ObjectClass) -> Float64[np.ndarray, "p 7"]:
    """Parts of a class: low and high corner as shares of the box's half size, and a probability."""
    return _PARTS[object_class]
