"""Which way a movement turns, and which lanes serve it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from drivegen.core.errors import ConfigError
from drivegen_generators.roads.arm import Arm

_STRAIGHT_RAD = math.radians(45.0)


class Turn(StrEnum):
    """Ways through a junction."""

    RIGHT = "right"
    THROUGH = "through"
    LEFT = "left"
    U_TURN = "u-turn"


def turn_between(arm: Arm, to: Arm) -> Turn:
    """The turn of traffic that enters by one arm and leaves by another; straight on within 45 degrees."""
    if arm is to:
        return Turn.U_TURN
    apart = (to.edge.heading_rad - arm.edge.heading_rad) % math.tau
    if abs(apart - math.pi) <= _STRAIGHT_RAD:
        return Turn.THROUGH
    return Turn.RIGHT if apart < math.pi else Turn.LEFT


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """Neighbouring lanes of an approach that serve one turn, and where they lead."""

    first: int
    """Leftmost lane at the stop line, counted from 1."""
    count: int
    out_first: int
    """Leftmost lane on the arm that they lead to."""


def plan_lanes(arm: Arm, exits: Mapping[Turn, Arm]) -> dict[Turn, Lanes]:
    """The lanes of each turn: every lane leads somewhere, no two lanes of a turn into one.

    The leftmost lane turns left, the rightmost right, all others go straight on, the rightmost too. Where the
    road ahead has fewer lanes, more lanes turn left; where none leads ahead, all but the rightmost do.

    Raises ConfigError where the exits cannot take all lanes.
    """
    entry = arm.section.entry_lanes
    room = {turn: to.section.lanes for turn, to in exits.items()}
    left = right = through = 0
    first_through = 1
    if Turn.THROUGH in room and Turn.LEFT in room:
        left = max(1 if entry > 1 else 0, entry - room[Turn.THROUGH])
        first_through, through = left + 1, entry - left
        left = max(left, 1)
        right = 1 if Turn.RIGHT in room else 0
    elif Turn.THROUGH in room:
        through = min(entry, room[Turn.THROUGH])
        right = max(entry - through, 1 if Turn.RIGHT in room else 0)
    elif Turn.RIGHT in room and Turn.LEFT in room:
        left = max(1, min(entry - 1, room[Turn.LEFT]))
        right = max(1, entry - left)
    if left > room.get(Turn.LEFT, 0) or right > room.get(Turn.RIGHT, 0) or (through < 1 and left + right < 1):
        ways = ", ".join(f"{room[turn]} {turn}" for turn in sorted(room))
        raise ConfigError(
            f"roads: {entry} lanes lead into the junction from the {arm.name}, and out of it {ways}; "
            "no lane would lead on for some of them: give the arms more similar numbers of lanes"
        )
    out = {}
    if right:
        out[Turn.RIGHT] = Lanes(first=entry - right + 1, count=right, out_first=room[Turn.RIGHT] - right + 1)
    if through:
        out[Turn.THROUGH] = Lanes(
            first=first_through, count=through, out_first=room[Turn.THROUGH] - through + 1
        )
    if left:
        out[Turn.LEFT] = Lanes(first=1, count=left, out_first=1)
    return out
