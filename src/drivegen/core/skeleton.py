"""The bones of people: CARLA's names, and how much flesh each carries."""

from __future__ import annotations

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
positions each grown by its radius. A bone that is not listed has radius 0: markers of luggage and skirts.
"""
