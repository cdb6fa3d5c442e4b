"""What a person holds or pushes, and marks on clothes: what a box has to hold beside the bones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from drivegen.embedded.assets.people.limbs import Mat4

Corner = tuple[float, float, float]
ROOT, LEFT_HAND, RIGHT_HAND = "crl_root", "crl_hand__L", "crl_hand__R"
MARKER_PARENTS = {
    "luggage_": "crl_spine01__C",
    "hem_": "crl_hips__C",
    "hat_": "crl_Head__C",
    "left_": LEFT_HAND,
    "right_": RIGHT_HAND,
    "pushed_": ROOT,
}
"""The bone that a marker hangs on, by how its name begins."""
PREFIX_OF_BONE = {bone: prefix for prefix, bone in MARKER_PARENTS.items()}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Thing:
    """One mesh that a person holds or pushes."""

    mesh: int
    bone: str
    """What it moves with in poses that clients set: a hand, or the root."""
    corners_m: Float64[np.ndarray, "c 3"]
    """Points of its own frame whose box holds it, at any turn to a centimetre."""
    dropped: Mat4
    """Where it is, in the frame of a person that has fallen and lies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """Points of parts that stand out of the flesh of the bones, each in its part's frame."""

    torso: tuple[Corner, ...] = ()
    pelvis: tuple[Corner, ...] = ()
    head: tuple[Corner, ...] = ()
    skirts: tuple[Corner, ...] = ()
    """Of both skirts."""


def corners_of(points_m: Float64[np.ndarray, "n 3"]) -> Float64[np.ndarray, "c 3"]:
    """The points that reach farthest in 26 directions, each once, in the order of the points."""
    steps = np.array([(x, y, z) for x in (-1, 0, 1) for y in (-1, 0, 1) for z in (-1, 0, 1) if x or y or z])
    farthest = np.unique(np.argmax(points_m @ steps.T, axis=0))
    return np.asarray(points_m[farthest], dtype=np.float64)
