"""Where the bones of fingers are in a hand that hangs open. The mesh of a hand is one piece: they mark it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from jaxtyping import Float64

from drivegen.core.skeleton import FINGERS, KNUCKLES

FINGER_BONES: tuple[tuple[str, ...], tuple[str, ...]] = (
    tuple(f"crl_hand{finger}{knuckle}__L" for finger in FINGERS for knuckle in KNUCKLES),
    tuple(f"crl_hand{finger}{knuckle}__R" for finger in FINGERS for knuckle in KNUCKLES),
)
"""Of the left hand and of the right."""

_THUMB = ((0.13, 0.0, -0.10), (0.22, 0.03, -0.22), (0.29, 0.06, -0.34), (0.30, 0.12, -0.56))
_KNUCKLES = ((0.0, -0.45), (0.03, -0.62), (0.08, -0.79), (0.14, -0.95))
"""(inward, along) of a long finger's bones."""
_LONG = ((0.14, 0.96), (0.0, 1.0), (-0.11, 0.97), (-0.20, 0.88))
"""(forward, reach) of the four long fingers, from the index to the little one."""


@lru_cache(maxsize=256)
def finger_places_m(hand_m: float, side: float) -> Float64[np.ndarray, "20 4 4"]:
    """Poses of a hand's twenty finger bones in the frame of its wrist, in the order of `FINGER_BONES`.

    Args:
        hand_m: from the wrist to the tips.
        side: 1 for the left hand, -1 for the right; palms look inward.
    """
    shares = [*_THUMB, *((x, inward, z * reach) for x, reach in _LONG for inward, z in _KNUCKLES)]
    out = np.tile(np.eye(4), (len(shares), 1, 1))
    out[:, :3, 3] = np.array(shares) * (hand_m, -side * hand_m, hand_m)
    out.flags.writeable = False
    return out
