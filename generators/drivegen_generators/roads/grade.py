"""Grades of the arms of a junction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from drivegen_generators.roads.arm import Arm
from drivegen_generators.roads.options import draw_between
from drivegen_generators.roads.profile import grade_limits, graded

STEEPEST_PERCENT = 8.0
GRADE_PERCENT = (0.0, 0.0)
_LEVEL_AT_JUNCTION_M = 22.0
_LEVEL_AT_END_M = 8.0


def with_grades(
    rng: np.random.Generator, arms: Sequence[Arm], grade_percent: tuple[float, float]
) -> tuple[Arm, ...]:
    """The arms rising or falling away from their junction, each by a draw of its own.

    Junction and turn-arounds stay level. Arms too short for the drawn grade between vertical curves of their
    speed get less.

    Args:
        rng: draws one grade an arm.
        arms: all level.
        grade_percent: least and most; negative: down.
    """
    out = []
    for arm in arms:
        grade = draw_between(rng, grade_percent) / 100.0
        limits = grade_limits(arm.speed_mps * 3.6)
        profile = graded(arm.axis.length_m, grade, limits, _LEVEL_AT_JUNCTION_M, _LEVEL_AT_END_M)
        out.append(replace(arm, profile=profile))
    return tuple(out)
