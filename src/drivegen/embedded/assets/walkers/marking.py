"""Marks on clothes and bags: the points that stand out of the flesh of the bones, found on the meshes."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64

from drivegen.core.skeleton import FLESH_RADIUS_M
from drivegen.embedded.assets.people.person import Person, Skeleton
from drivegen.embedded.assets.people.things import Corner, Marks, corners_of
from drivegen.embedded.assets.walkers.gait import Gait
from drivegen.embedded.mesh import MeshLibrary

MARGIN_M = 0.012
"""A point that comes so near to the box of the flesh is marked."""
SKIRT_MARGIN_M = 1.0
"""The same of skirts: all their corners are marked, as one swings forward and the other back."""
BEYOND_M = 0.004
"""Marks stand so far outside the points, as the farthest of another moment may be their neighbours."""
_MOMENTS = ((0.0, 0.0), (0.0, 1.4), (1.6, 1.4), (0.0, 3.0), (1.6, 3.0))


def marks_of(library: MeshLibrary, person: Person) -> Marks:
    """Marks on torso, pelvis, head and skirts of a person without any.

    Args:
        library: holds the meshes.
        person: in clothes, with nothing in the hands.
    """
    moments = [person.skeleton(Gait(person, speed).stance(phase)) for phase, speed in _MOMENTS]
    boxes = [_flesh_box(person, skeleton) for skeleton in moments]
    parts = person.parts

    def marks(mesh: int, part: str, index: int = -1, margin_m: float = MARGIN_M) -> tuple[Corner, ...]:
        candidates = corners_of(library.meshes[mesh].positions_m.astype(np.float64))
        keep = np.zeros(len(candidates), np.bool_)
        for skeleton, (low, high) in zip(moments, boxes, strict=True):
            frame = getattr(skeleton, part)
            frame = frame if index < 0 else frame[index]
            at = candidates @ frame[:3, :3].T + frame[:3, 3]
            keep |= ((at < low + margin_m) | (at > high - margin_m)).any(axis=1)
        chosen = candidates[keep]
        chosen = chosen + BEYOND_M * np.sign(chosen - candidates.mean(axis=0))
        return tuple((float(x), float(y), float(z)) for x, y, z in chosen)

    skirts = marks(parts.skirts[0], "skirts", 0, SKIRT_MARGIN_M) if parts.skirts else ()
    return Marks(
        torso=marks(parts.torso, "torso"),
        pelvis=marks(parts.pelvis, "pelvis"),
        head=marks(parts.head, "head"),
        skirts=skirts,
    )


def _flesh_box(
    person: Person, skeleton: Skeleton
) -> tuple[Float64[np.ndarray, "3"], Float64[np.ndarray, "3"]]:
    bones = person.bones(skeleton)
    places = np.array([m[:3, 3] for m in bones.values()])
    radii = np.array([FLESH_RADIUS_M.get(name, 0.0) for name in bones])[:, None]
    low = (places - radii).min(axis=0)
    low[2] = -np.inf  # the feet's flesh reaches into the ground
    return low, (places + radii).max(axis=0)
