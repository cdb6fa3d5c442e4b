"""Where the arms of a junction lie, so that kerbs, zebras and turns fit between them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from drivegen_generators.roads.arm import Arm, ArmIds, CrossSection
from drivegen_generators.roads.crossing import corner_distances
from drivegen_generators.roads.plan_view import Heading, Path

_STRAIGHT_SHARE = 0.4
"""Of an arm's length is straight before it bends."""
_CLOSED_RAD = math.radians(130.0)
"""Arms farther apart than this have no corner between them."""


_JITTER_RAD = math.radians(3.0)
"""Each arm turns by at most this, beside the skew of the streets."""


def draw_bearings(
    rng: np.random.Generator, arms: int, skew_rad: float
) -> tuple[tuple[float, ...], tuple[str, ...]]:
    """Bearings and names of four arms (east, north, west, south) or three (east, west, south).

    Args:
        rng: draws how far the second street is from a right angle, and a little for each arm.
        arms: 3 or 4.
        skew_rad: most of it; 0: all angles are right.
    """
    turned = float(rng.uniform(-1.0, 1.0)) * skew_rad
    jitter = rng.uniform(-1.0, 1.0, 4) * min(_JITTER_RAD, skew_rad)
    right = math.pi / 2.0
    base = [0.0, right + turned, 2.0 * right, 3.0 * right + turned]
    names = ["east", "north", "west", "south"]
    if arms == 3:
        del base[1], names[1]
    return tuple(b + float(j) for b, j in zip(base, jitter, strict=False)), tuple(names)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmPlan:
    """What is drawn for an arm."""

    name: str
    bearing_rad: float
    section: CrossSection
    length_m: float
    bend_pm: float
    """Curvature of its outer part, positive to the left seen outwards."""
    speed_mps: float


def edge_distances(
    plans: Sequence[ArmPlan], kerb_radii_m: Sequence[float], least_edge_m: float = 0.0
) -> list[float]:
    """From the middle of a junction to the end of each arm, so that kerbs and zebras fit.

    Args:
        plans: by ascending bearing.
        kerb_radii_m: of the corner left of each arm, seen outwards.
        least_edge_m: no arm comes nearer.
    """
    count = len(plans)
    edge = [least_edge_m] * count
    for k, plan in enumerate(plans):
        j = (k + 1) % count
        angle = (plans[j].bearing_rad - plan.bearing_rad) % math.tau
        if angle < _CLOSED_RAD:
            halves = plan.section.kerb_m, plans[j].section.kerb_m
            here, there = corner_distances(*halves, kerb_radii_m[k], angle)
            edge[k], edge[j] = max(edge[k], here), max(edge[j], there)
    return edge


def place_arms(
    plans: Sequence[ArmPlan],
    kerb_radii_m: Sequence[float],
    *,
    junction: int,
    pocket_length_m: float = 0.0,
    least_edge_m: float = 0.0,
) -> tuple[Arm, ...]:
    """Arms around (0, 0), anticlockwise.

    Args:
        plans: by ascending bearing.
        kerb_radii_m: of the corner left of each arm, seen outwards.
        junction: id that the arms lead to.
        pocket_length_m: of left-turn pockets, without their taper.
        least_edge_m: least distance of the middle from an arm's end.
    """
    edge = edge_distances(plans, kerb_radii_m, least_edge_m)
    out = []
    for k, plan in enumerate(plans):
        start = Heading(x_m=0.0, y_m=0.0, heading_rad=plan.bearing_rad).moved(edge[k], 0.0)
        straight = _STRAIGHT_SHARE * plan.length_m
        axis = Path(start).line(straight).arc(plan.length_m - straight, plan.bend_pm)
        out.append(
            Arm(
                ids=ArmIds(out=10 * k + 1, loop=10 * k + 2, into=10 * k + 3),
                name=plan.name,
                axis=axis,
                section=plan.section,
                pocket_length_m=pocket_length_m,
                speed_mps=plan.speed_mps,
                junction=junction,
            )
        )
    return tuple(out)
