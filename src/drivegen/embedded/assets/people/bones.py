"""Bone poses from the frames of a person's parts: one table for each body, one product for each moment."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from jaxtyping import Float64, Int

from drivegen.core.skeleton import PARENT_BONE
from drivegen.embedded.assets.people.build import Build
from drivegen.embedded.assets.people.covers import neck_foot, waist
from drivegen.embedded.assets.people.fingers import FINGER_BONES, finger_places_m
from drivegen.embedded.assets.people.head import head_top
from drivegen.embedded.assets.people.limbs import Mat4
from drivegen.embedded.assets.people.things import PREFIX_OF_BONE, Marks, Thing

ROOT, PELVIS, TORSO, HEAD = 0, 1, 2, 3
UPPER, FORE, HAND, THIGH, SHIN, FOOT = 4, 6, 8, 10, 12, 14
"""Rows of the frames; of pairs the left one's, the right one's follows."""
SKIRT = 16
"""Of the first skirt, where there are any; things follow."""

Table = tuple[tuple[str, ...], Int[np.ndarray, "b"], Float64[np.ndarray, "b 3"]]


def bones_of(
    build: Build, marks: Marks, things: tuple[Thing, ...], frames: Float64[np.ndarray, "f 4 4"]
) -> dict[str, Mat4]:
    """Bone poses by CARLA's names, then markers.

    Args:
        build: whose.
        marks: of clothes and bags.
        things: what is held or pushed.
        frames: of the parts, as the constants of this module number them.
    """
    names, rows, offsets = _table(build, marks, things, len(frames) - len(things) - SKIRT)
    out = frames[rows]
    out[:, :3, 3] += (out[:, :3, :3] @ offsets[:, :, None])[..., 0]
    return dict(zip(names, out, strict=True))


@lru_cache(maxsize=512)
def _table(build: Build, marks: Marks, things: tuple[Thing, ...], skirts: int) -> Table:
    """(name, row of the frame, place in it) of every bone and marker."""
    b, h = build, build.height_m
    unit = b.head * h / head_top(b)
    chin = (1.0 - b.head - neck_foot(b)) * h
    x0 = 0.02 * unit / 0.22
    shoulder = (b.shoulder - waist(b)) * h
    found: dict[str, tuple[int, tuple[float, ...]]] = dict.fromkeys(PARENT_BONE, (PELVIS, (0.0, 0.0, 0.0)))
    found["crl_root"] = (ROOT, (0.0, 0.0, 0.0))
    found["crl_spine__C"] = (TORSO, (0.0, 0.0, 0.0))
    found["crl_spine01__C"] = (TORSO, (0.0, 0.0, 0.55 * shoulder))
    found["crl_neck__C"] = (HEAD, (0.0, 0.0, 0.0))
    found["crl_Head__C"] = (HEAD, (x0 - 0.03 * unit, 0.0, chin + 0.52 * unit))
    for k, (name, side) in enumerate((("L", 1.0), ("R", -1.0))):
        found[f"crl_eye__{name}"] = (HEAD, (x0 + 0.38 * unit, side * 0.145 * unit, chin + 0.485 * unit))
        found[f"crl_shoulder__{name}"] = (TORSO, (0.0, side * 0.35 * b.shoulder_half * h, shoulder))
        for bone, row in (("arm", UPPER), ("foreArm", FORE), ("hand", HAND), ("thigh", THIGH), ("leg", SHIN)):
            found[f"crl_{bone}__{name}"] = (row + k, (0.0, 0.0, 0.0))
        for bone, matrix in zip(FINGER_BONES[k], finger_places_m(b.hand * h, side), strict=True):
            found[bone] = (HAND + k, tuple(matrix[:3, 3]))
        inside = -side * 0.02 * b.foot * h
        found[f"crl_foot__{name}"] = (FOOT + k, (0.0, 0.0, 0.0))
        found[f"crl_toe__{name}"] = (FOOT + k, (0.45 * b.foot * h, inside, -0.58 * b.ankle * h))
        found[f"crl_toeEnd__{name}"] = (FOOT + k, (0.72 * b.foot * h, 2 * inside, -0.62 * b.ankle * h))
    for prefix, row, corners in (
        ("luggage_", TORSO, marks.torso),
        ("hem_", PELVIS, marks.pelvis),
        ("hat_", HEAD, marks.head),
    ):
        found.update({f"{prefix}{k}": (row, corner) for k, corner in enumerate(corners)})
    for skirt in range(skirts):
        first = len(marks.pelvis) + skirt * len(marks.skirts)
        found.update({f"hem_{first + k}": (SKIRT + skirt, c) for k, c in enumerate(marks.skirts)})
    counts = dict.fromkeys(PREFIX_OF_BONE, 0)
    for k, thing in enumerate(things):
        for corner in thing.corners_m:
            name = f"{PREFIX_OF_BONE[thing.bone]}{counts[thing.bone]}"
            found[name] = (SKIRT + skirts + k, tuple(corner))
            counts[thing.bone] += 1
    rows = np.array([row for row, _ in found.values()])
    return tuple(found), rows, np.array([place for _, place in found.values()])
