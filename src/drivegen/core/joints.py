"""Joints of people: the 17 keypoints of COCO (Lin et al. 2014), from the bones of a walker.

Limbs are where their bones begin. Eyes have bones of their own; nose and ears follow from the eyes and the
middle of the head by the proportions of drivegen's people. Where head and eyes lie otherwise, as in other
skeletons, nose and ears stay unknown.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from jaxtyping import Float64

from drivegen.core.geometry import Vec3
from drivegen.core.skeleton import FLESH_RADIUS_M

Joints = Float64[np.ndarray, "17 3"]
"""Of one person, in metres; a row of NaN is a joint that is not known."""

_BONES = {"eye": "eye", "shoulder": "arm", "elbow": "foreArm", "wrist": "hand"}
_BONES |= {"hip": "thigh", "knee": "leg", "ankle": "foot"}
JOINTS: tuple[str, ...] = (
    "nose",
    *(
        f"{side}_{part}"
        for part in ("eye", "ear", "shoulder", "elbow", "wrist", "hip", "knee", "ankle")
        for side in ("left", "right")
    ),
)
"""In COCO's order."""

_BONE_OF: dict[str, str] = {
    f"{side}_{part}": f"crl_{bone}__{side[0].upper()}"
    for part, bone in _BONES.items()
    for side in ("left", "right")
}

DEPTH_IN_BODY_M: tuple[float, ...] = tuple(FLESH_RADIUS_M.get(_BONE_OF.get(n, ""), 0.04) for n in JOINTS)
"""How deep under skin and clothes each joint lies at most."""

# In the distance between the eyes over 0.29, from the middle between the eyes: forward, left, up.
_EYES_APART = 0.29
_HEAD_TO_EYES = (0.41, -0.035)
_NOSE = np.array([0.105, 0.0, -0.11])
_EAR = np.array([-0.425, 0.338, -0.055])
_SAME_HEAD = 0.1
"""By how much the distance from head to eyes may differ from drivegen's proportions."""


def joints_of(bones: Mapping[str, Vec3]) -> Joints | None:
    """The joints of a person, in the frame of the bones; none of what has no limbs.

    Args:
        bones: Places by the bones' names (`drivegen.core.skeleton`).
    """
    out = np.full((len(JOINTS), 3), np.nan)
    for row, name in enumerate(JOINTS):
        bone = _BONE_OF.get(name)
        if bone is not None and bone in bones:
            out[row] = bones[bone]
    if not np.isfinite(out).any():
        return None
    if "crl_Head__C" in bones:
        _add_face(out, bones["crl_Head__C"])
    return out


def _add_face(joints: Joints, head_m: Vec3) -> None:
    """Enters nose and ears, where the head is as it is known."""
    left, right = joints[JOINTS.index("left_eye")], joints[JOINTS.index("right_eye")]
    across, ahead = left - right, (left + right) / 2.0 - head_m
    unit = float(np.linalg.norm(across)) / _EYES_APART
    reach = float(np.linalg.norm(ahead))
    if not unit > 0.0 or abs(reach / unit - math.hypot(*_HEAD_TO_EYES)) > _SAME_HEAD:
        return
    y = across / np.linalg.norm(across)
    b = ahead / reach
    k = np.cross(b, y)
    tilt = math.atan2(-_HEAD_TO_EYES[1], _HEAD_TO_EYES[0])
    axes = np.stack([math.cos(tilt) * b + math.sin(tilt) * k, y, math.cos(tilt) * k - math.sin(tilt) * b])
    middle = (left + right) / 2.0
    joints[JOINTS.index("nose")] = middle + unit * _NOSE @ axes
    joints[JOINTS.index("left_ear")] = middle + unit * _EAR @ axes
    joints[JOINTS.index("right_ear")] = middle + unit * (_EAR * (1.0, -1.0, 1.0)) @ axes
