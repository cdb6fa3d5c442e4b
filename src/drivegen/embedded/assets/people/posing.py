"""Poses that a client gives a person bone by bone, mixed with what the body does by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from jaxtyping import Int

from drivegen.core.geometry import quaternion_from_rotation, rotation_from_quaternion
from drivegen.core.skeleton import PARENT_BONE
from drivegen.embedded.assets.people.limbs import Mat4, placed
from drivegen.embedded.assets.people.person import Skeleton
from drivegen.embedded.assets.people.things import MARKER_PARENTS, Thing

BONE_OF_PART: dict[str, tuple[str, ...]] = {
    "pelvis": ("crl_hips__C",),
    "torso": ("crl_spine01__C",),
    "head": ("crl_Head__C",),
    "upper_arms": ("crl_arm__L", "crl_arm__R"),
    "forearms": ("crl_foreArm__L", "crl_foreArm__R"),
    "hands": ("crl_hand__L", "crl_hand__R"),
    "thighs": ("crl_thigh__L", "crl_thigh__R"),
    "shins": ("crl_leg__L", "crl_leg__R"),
    "feet": ("crl_foot__L", "crl_foot__R"),
}
"""The bone that each drawn part follows. Other bones move what hangs on them."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CustomPose:
    """What a client has set of a person's pose."""

    relative: Mapping[str, Mat4]
    """Each bone in its parent's frame: of all bones once one was set, else empty."""
    blend: float = 0.0
    """0: the body's own movement; 1: only the pose; between them: a mixture."""

    @property
    def shows(self) -> bool:
        """Whether it changes anything."""
        return self.blend > 0.0 and len(self.relative) > 0


def parent_of(bone: str) -> str:
    """The bone that a bone or a marker hangs on; empty for the root and for names that are none."""
    if bone in PARENT_BONE:
        return PARENT_BONE[bone]
    return next((parent for prefix, parent in MARKER_PARENTS.items() if bone.startswith(prefix)), "")


def relatives(bones: Mapping[str, Mat4]) -> dict[str, Mat4]:
    """Each bone in its parent's frame.

    Args:
        bones: in the person's frame, every parent before its children.
    """
    names = tuple(bones)
    frames = np.stack([*bones.values(), np.eye(4)])
    parents = frames[_parents(names)]
    inverse = np.zeros_like(parents)
    inverse[:, :3, :3] = parents[:, :3, :3].transpose(0, 2, 1)
    inverse[:, :3, 3] = -(inverse[:, :3, :3] @ parents[:, :3, 3:])[..., 0]
    inverse[:, 3, 3] = 1.0
    return dict(zip(names, inverse @ frames[:-1], strict=True))


@lru_cache(maxsize=64)
def _parents(names: tuple[str, ...]) -> Int[np.ndarray, "b"]:
    """Row of each bone's parent; the last row, -1, for those that hang on none."""
    rows = {name: k for k, name in enumerate(names)}
    return np.array([rows.get(parent_of(name), -1) for name in names])


def posed(bones: Mapping[str, Mat4], pose: CustomPose) -> dict[str, Mat4]:
    """Bones in the person's frame with a custom pose mixed in, bone by bone in their parents' frames."""
    own = relatives(bones)
    out: dict[str, Mat4] = {}
    for name, matrix in own.items():
        wanted = pose.relative.get(name)
        here = matrix if wanted is None else _mixed(matrix, wanted, pose.blend)
        parent = parent_of(name)
        out[name] = out[parent] @ here if parent else here
    return out


def skeleton_on(
    skeleton: Skeleton,
    before: Mapping[str, Mat4],
    after: Mapping[str, Mat4],
    things: Sequence[Thing] = (),
) -> Skeleton:
    """The drawn parts, and the things that are held, moved as their bones have moved."""

    def moved(bone: str, frame: Mat4) -> Mat4:
        return after[bone] @ _inverse(before[bone]) @ frame

    def pair(part: str, frames: tuple[Mat4, Mat4]) -> tuple[Mat4, Mat4]:
        left, right = BONE_OF_PART[part]
        return moved(left, frames[0]), moved(right, frames[1])

    return Skeleton(
        pelvis=moved(BONE_OF_PART["pelvis"][0], skeleton.pelvis),
        torso=moved(BONE_OF_PART["torso"][0], skeleton.torso),
        head=moved(BONE_OF_PART["head"][0], skeleton.head),
        upper_arms=pair("upper_arms", skeleton.upper_arms),
        forearms=pair("forearms", skeleton.forearms),
        hands=pair("hands", skeleton.hands),
        thighs=pair("thighs", skeleton.thighs),
        shins=pair("shins", skeleton.shins),
        feet=pair("feet", skeleton.feet),
        skirts=tuple(moved(BONE_OF_PART["pelvis"][0], frame) for frame in skeleton.skirts),
        things=tuple(moved(t.bone, f) for t, f in zip(things, skeleton.things, strict=True)),
    )


def _mixed(a: Mat4, b: Mat4, share: float) -> Mat4:
    """Between two poses: places on a line, turns on the great circle (Shoemake 1985)."""
    if share >= 1.0:
        return b
    p, q = quaternion_from_rotation(a[:3, :3]), quaternion_from_rotation(b[:3, :3])
    cosine = float(p @ q)
    if cosine < 0.0:
        q, cosine = -q, -cosine
    angle = float(np.arccos(min(cosine, 1.0)))
    if angle < 1e-6:
        turn = q
    else:
        turn = (np.sin((1 - share) * angle) * p + np.sin(share * angle) * q) / np.sin(angle)
    rotation = rotation_from_quaternion(turn / np.linalg.norm(turn))
    return placed(rotation, a[:3, 3] + (b[:3, 3] - a[:3, 3]) * share)


def _inverse(rigid: Mat4) -> Mat4:
    out = np.eye(4)
    out[:3, :3] = rigid[:3, :3].T
    out[:3, 3] = -rigid[:3, :3].T @ rigid[:3, 3]
    return out
