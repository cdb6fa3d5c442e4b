"""One substep's contacts: everybody is pushed out of what they touch and stopped or pushed on by it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from drivegen.embedded.dynamics.colliders import (
    BOX,
    EASE,
    OUTLINE,
    START_X,
    START_Y,
    TOUCHED,
    X,
    Y,
)
from drivegen.embedded.dynamics.impulses import strike
from drivegen.embedded.dynamics.touching import APART, meeting_point, touch

PASSES = 4
GAP_M = 1e-4
"""Left between bodies that were pushed apart."""
MUCH_LIGHTER = 8.0
"""What weighs less than the other by this factor makes way alone, unless it cannot."""
TURNS_AT_A_CORNER = 4
"""Pieces of scenery that one body can meet in one pass, the first one first."""

Table = np.ndarray[Any, Any]
Row = np.ndarray[Any, Any]


@njit(cache=True, error_model="numpy")
def shift(body: Row, corners: Table, dx: float, dy: float) -> None:
    """Moves a body with its corners: those of its box and those of its outline."""
    body[X] += dx
    body[Y] += dy
    for form in range(2):
        for k in range(corners.shape[1]):
            corners[form, k, 0] += dx
            corners[form, k, 1] += dy


@njit(cache=True, error_model="numpy")
def part_bodies(
    bodies: Table,
    corners: Table,
    counts: Table,
    first_prop: int,
    pairs: Table,
    given: Table,
    first: bool,
    last: bool,
) -> bool:
    """Parts pairs of bodies that touch; whether there were any.

    Vehicles meet one another and walkers with their boxes, so that no labels overlap, and props with their
    outlines.
    Row k of `given` grows by the impulse x, y on pair k's second body and by 1 for having touched.
    """
    any_touched = False
    for k in range(len(pairs)):
        i, j = pairs[k, 0], pairs[k, 1]
        a, b = bodies[i], bodies[j]
        dx = b[X] - b[START_X] - a[X] + a[START_X]
        dy = b[Y] - b[START_Y] - a[Y] + a[START_Y]
        form = BOX if j < first_prop else OUTLINE
        at, bt, sides_a, sides_b = corners[i, form], corners[j, form], counts[i, form], counts[j, form]
        entry, depth, nx, ny = touch(at, sides_a, bt, sides_b, dx, dy)
        if entry >= APART:
            continue
        any_touched = True
        ease_a, ease_b = a[EASE], b[EASE]
        if not last:
            if ease_a > MUCH_LIGHTER * ease_b:
                ease_b = 0.0
            elif ease_b > MUCH_LIGHTER * ease_a:
                ease_a = 0.0
        share = ease_a / (ease_a + ease_b)
        depth += GAP_M
        shift(a, corners[i], -share * depth * nx, -share * depth * ny)
        shift(b, corners[j], (1.0 - share) * depth * nx, (1.0 - share) * depth * ny)
        px, py = meeting_point(at, sides_a, bt, sides_b, nx, ny)
        jx, jy = strike(a, b, nx, ny, px, py, first)
        given[k, 0] += jx
        given[k, 1] += jy
        given[k, 2] += 1.0
        a[TOUCHED] = 1.0
        b[TOUCHED] = 1.0
    return any_touched


@njit(cache=True, error_model="numpy")
def part_from_scenery(
    bodies: Table,
    corners: Table,
    counts: Table,
    near: Table,
    pieces: Table,
    piece_counts: Row,
    wall: Row,
    given: Table,
    first: bool,
) -> bool:
    """Moves bodies out of scenery; whether any touched some.

    Of all pieces that a body meets, the first on its way counts first: behind a smooth row of walls, none
    stands out. `wall` is a body of no mass and no speed. `given` is the impulse on the scenery, as of
    `part_bodies`.
    """
    any_touched = False
    begin = 0
    while begin < len(near):
        i = near[begin, 0]
        end = begin
        while end < len(near) and near[end, 0] == i:
            end += 1
        body, outline, sides = bodies[i], corners[i, OUTLINE], counts[i, OUTLINE]
        for _ in range(TURNS_AT_A_CORNER):
            soonest, depth, nx, ny, at = APART, 0.0, 0.0, 0.0, -1
            dx, dy = body[START_X] - body[X], body[START_Y] - body[Y]
            for k in range(begin, end):
                p = near[k, 1]
                entry, deep, ex, ey = touch(outline, sides, pieces[p], piece_counts[p], dx, dy)
                if entry < soonest or (entry == soonest and entry < 0.0 and deep > depth):
                    soonest, depth, nx, ny, at = entry, deep, ex, ey, k
            if at < 0:
                break
            any_touched = True
            p = near[at, 1]
            shift(body, corners[i], -(depth + GAP_M) * nx, -(depth + GAP_M) * ny)
            px, py = meeting_point(outline, sides, pieces[p], piece_counts[p], nx, ny)
            jx, jy = strike(body, wall, nx, ny, px, py, first)
            given[at, 0] += jx
            given[at, 1] += jy
            given[at, 2] += 1.0
            body[TOUCHED] = 1.0
        begin = end
    return any_touched


@njit(cache=True, error_model="numpy")
def solve(
    bodies: Table,
    corners: Table,
    counts: Table,
    first_prop: int,
    pairs: Table,
    given: Table,
    near: Table,
    pieces: Table,
    piece_counts: Row,
    near_given: Table,
    wall: Row,
) -> None:
    """Parts all that touch, in a few passes."""
    for p in range(PASSES):
        touched = part_bodies(bodies, corners, counts, first_prop, pairs, given, p == 0, p == PASSES - 1)
        if part_from_scenery(bodies, corners, counts, near, pieces, piece_counts, wall, near_given, p == 0):
            touched = True
        if not touched:
            return
