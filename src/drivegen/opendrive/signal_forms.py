"""Forms of traffic-light heads: round lenses, arrows, people, bicycles (kinds of GB 14886)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from drivegen.opendrive.model import Signal

STRAIGHT_RAD = np.radians(35.0)
"""A path through a junction that turns by less goes straight on."""


class LensForm(StrEnum):
    """What the lenses of a head show."""

    ROUND = "round"
    LEFT = "left"
    STRAIGHT = "straight"
    RIGHT = "right"
    STRAIGHT_LEFT = "straight_left"
    STRAIGHT_RIGHT = "straight_right"
    U_TURN = "u_turn"
    PEDESTRIAN = "pedestrian"
    BICYCLE = "bicycle"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadForm:
    """How a head is built."""

    lens: LensForm = LensForm.ROUND
    horizontal: bool | None = None
    """Lenses side by side, red on the left of who looks at them; None where the map does not say."""


ROUND = HeadForm()
"""Three round lenses."""
_NAMES = frozenset(form.value for form in LensForm)
_ARROWS = {
    "10": LensForm.LEFT,
    "20": LensForm.RIGHT,
    "30": LensForm.STRAIGHT,
    "40": LensForm.STRAIGHT_LEFT,
    "50": LensForm.STRAIGHT_RIGHT,
}
_PEDESTRIAN_TYPES = frozenset({"1000002", "1000007"})
_ARROW_TYPES = frozenset({"1000010", "1000011", "1000012"})
_BICYCLE_TYPES = frozenset({"1000013"})


def form_of(signal: Signal, turns_rad: Iterable[float]) -> HeadForm:
    """The form of a traffic light.

    The map's attributes come first: a `subtype` that is a `LensForm`; OpenDRIVE's types of lights for
    pedestrians (1000002, 1000007), with arrows (1000010 to 1000012, subtype 10 left, 20 right, 30 straight,
    40 straight and left, 50 straight and right) and for bicycles (1000013). Else the head has an arrow where
    all that it controls turns left, or turns right.

    Args:
        signal: a light.
        turns_rad: how much each path that it controls turns, to the left positive.
    """
    horizontal = None
    if signal.width_m > 0.0 and signal.height_m > 0.0 and max(signal.width_m, signal.height_m) > 0.7:
        horizontal = signal.width_m > 1.3 * signal.height_m
    subtype = signal.subtype.strip().lower()
    if subtype in _NAMES:
        lens = LensForm(subtype)
    elif signal.type in _PEDESTRIAN_TYPES:
        lens = LensForm.PEDESTRIAN
    elif signal.type in _BICYCLE_TYPES:
        lens = LensForm.BICYCLE
    elif signal.type in _ARROW_TYPES and subtype in _ARROWS:
        lens = _ARROWS[subtype]
    else:
        turns = list(turns_rad)
        lens = LensForm.ROUND
        if turns and all(turn > STRAIGHT_RAD for turn in turns):
            lens = LensForm.LEFT
        elif turns and all(turn < -STRAIGHT_RAD for turn in turns):
            lens = LensForm.RIGHT
    return HeadForm(lens=lens, horizontal=horizontal)
