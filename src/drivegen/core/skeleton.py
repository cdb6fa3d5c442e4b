"""The bones of people: CARLA's names and hierarchy, and how much flesh each carries."""

from __future__ import annotations

FINGERS = ("Thumb", "Index", "Middle", "Ring", "Pinky")
KNUCKLES = ("", "01", "02", "End")


def _arm(side: str) -> dict[str, str]:
    out = {
        f"crl_shoulder__{side}": "crl_spine01__C",
        f"crl_arm__{side}": f"crl_shoulder__{side}",
        f"crl_foreArm__{side}": f"crl_arm__{side}",
        f"crl_hand__{side}": f"crl_foreArm__{side}",
    }
    for finger in FINGERS:
        parent = f"crl_hand__{side}"
        for knuckle in KNUCKLES:
            name = f"crl_hand{finger}{knuckle}__{side}"
            out[name] = parent
            parent = name
    return out


def _leg(side: str) -> dict[str, str]:
    chain = ["crl_hips__C", *(f"crl_{b}__{side}" for b in ("thigh", "leg", "foot", "toe", "toeEnd"))]
    return dict(zip(chain[1:], chain[:-1], strict=True))


PARENT_BONE: dict[str, str] = {
    "crl_root": "",
    "crl_hips__C": "crl_root",
    "crl_spine__C": "crl_hips__C",
    "crl_spine01__C": "crl_spine__C",
    **_arm("L"),
    "crl_neck__C": "crl_spine01__C",
    "crl_Head__C": "crl_neck__C",
    "crl_eye__L": "crl_Head__C",
    "crl_eye__R": "crl_Head__C",
    **_arm("R"),
    **_leg("R"),
    **_leg("L"),
}
"""The bone that each hangs on; a bone always comes after that one. Names and order are those of CARLA's page
on walkers' skeletons; the root hangs on none.
"""

FLESH_RADIUS_M: dict[str, float] = {
    "crl_root": 0.0,
    "crl_hips__C": 0.10,
    "crl_spine__C": 0.10,
    "crl_spine01__C": 0.13,
    "crl_neck__C": 0.08,
    "crl_Head__C": 0.135,
    "crl_eye__L": 0.05,
    "crl_eye__R": 0.05,
    "crl_shoulder__L": 0.09,
    "crl_shoulder__R": 0.09,
    "crl_arm__L": 0.08,
    "crl_arm__R": 0.08,
    "crl_foreArm__L": 0.06,
    "crl_foreArm__R": 0.06,
    "crl_hand__L": 0.05,
    "crl_hand__R": 0.05,
    "crl_handThumb02__L": 0.03,
    "crl_handThumb02__R": 0.03,
    "crl_handThumbEnd__L": 0.025,
    "crl_handThumbEnd__R": 0.025,
    "crl_handMiddle__L": 0.05,
    "crl_handMiddle__R": 0.05,
    "crl_handMiddleEnd__L": 0.04,
    "crl_handMiddleEnd__R": 0.04,
    "crl_thigh__L": 0.12,
    "crl_thigh__R": 0.12,
    "crl_leg__L": 0.09,
    "crl_leg__R": 0.09,
    "crl_foot__L": 0.112,
    "crl_foot__R": 0.112,
    "crl_toe__L": 0.05,
    "crl_toe__R": 0.05,
    "crl_toeEnd__L": 0.045,
    "crl_toeEnd__R": 0.045,
}
"""Every vertex of drivegen's own people lies inside the axis-aligned box, in the walker's frame, of the bone
positions each grown by its radius, as long as they move by themselves; in extreme poses set by clients,
clothes may stand out by two centimetres. A bone that is not listed has radius 0: fingers, and markers of
luggage and skirts.
"""
