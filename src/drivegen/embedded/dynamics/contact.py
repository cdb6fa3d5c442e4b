"""Bodies that meet: boxes of vehicles seen from above and round walkers do not pass through one another."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from drivegen.embedded.dynamics.columns import (
    CENTRE_AHEAD,
    FORWARD,
    HALF_LENGTH,
    HARD_HALF_WIDTH,
    HEIGHT,
    LEFT,
    MASS,
    PHYSICS,
    YAW,
    YAW_INERTIA,
    YAW_RATE,
    X,
    Y,
    Z,
)

RESTITUTION = 0.1
"""Bodywork yields: hardly anything bounces back."""
SCRAPE_FRICTION = 0.3
"""Metal on metal, for what slides along."""
WALKER_MASS_KG = 75.0

Table = np.ndarray[Any, Any]
Row = np.ndarray[Any, Any]


@njit(cache=True, error_model="numpy")
def near_pairs(state: Table, body: Table, margin: Row, reach_x: Row, reach_y: Row) -> Table:
    """Pairs of rows whose upright bounding boxes, grown by how far they can move in a step, overlap."""
    n = len(state)
    for i in range(n):
        c, s = abs(math.cos(state[i, YAW])), abs(math.sin(state[i, YAW]))
        reach_x[i] = c * body[i, HALF_LENGTH] + s * body[i, HARD_HALF_WIDTH] + margin[i]
        reach_y[i] = s * body[i, HALF_LENGTH] + c * body[i, HARD_HALF_WIDTH] + margin[i]
    pairs = np.empty((16 + 4 * n, 2), np.int64)
    count = 0
    for i in range(n):
        for j in range(i + 1, n):
            if abs(state[i, X] - state[j, X]) > reach_x[i] + reach_x[j]:
                continue
            if abs(state[i, Y] - state[j, Y]) > reach_y[i] + reach_y[j]:
                continue
            if state[i, Z] > state[j, Z] + body[j, HEIGHT] or state[j, Z] > state[i, Z] + body[i, HEIGHT]:
                continue
            if count == len(pairs):
                larger = np.empty((2 * len(pairs), 2), np.int64)
                for k in range(count):  # a slice assignment would cost seconds of compilation
                    larger[k, 0], larger[k, 1] = pairs[k, 0], pairs[k, 1]
                pairs = larger
            pairs[count, 0], pairs[count, 1] = i, j
            count += 1
    return pairs[:count]


@njit(cache=True, error_model="numpy")
def overlap(a: Row, a_body: Row, b: Row, b_body: Row) -> tuple[float, float, float, float, float]:
    """(depth, normal x, normal y from a to b, touching point x, y); depth <= 0 when apart.

    The axis of least overlap of two oriented rectangles (separating axes, Gottschalk et al. 1996).
    """
    dx, dy = b[X] - a[X], b[Y] - a[Y]
    ca, sa, cb, sb = math.cos(a[YAW]), math.sin(a[YAW]), math.cos(b[YAW]), math.sin(b[YAW])
    c, s = abs(ca * cb + sa * sb), abs(ca * sb - sa * cb)
    depth, nx, ny, of_a = 1e9, 0.0, 0.0, True
    for k in range(4):
        own, other = (a_body, b_body) if k < 2 else (b_body, a_body)
        ex, ey = (ca, sa) if k < 2 else (cb, sb)
        half, along, across = own[HALF_LENGTH], other[HALF_LENGTH], other[HARD_HALF_WIDTH]
        if k % 2 == 1:
            ex, ey = -ey, ex
            half, along, across = own[HARD_HALF_WIDTH], other[HARD_HALF_WIDTH], other[HALF_LENGTH]
        distance = dx * ex + dy * ey
        inside = half + along * c + across * s - abs(distance)
        if inside <= 0.0:
            return inside, 0.0, 0.0, 0.0, 0.0
        if inside < depth - 1e-9:
            sign = 1.0 if distance >= 0.0 else -1.0
            depth, nx, ny, of_a = inside, ex * sign, ey * sign, k < 2
    # The corner (or, of an edge that lies flush, its middle) of the one that reaches deepest into the other.
    other, body, sign = (b, b_body, -1.0) if of_a else (a, a_body, 1.0)
    co, so = math.cos(other[YAW]), math.sin(other[YAW])
    along, across = sign * (nx * co + ny * so), sign * (ny * co - nx * so)
    px = body[HALF_LENGTH] * (0.0 if abs(along) < 0.02 else math.copysign(1.0, along))
    py = body[HARD_HALF_WIDTH] * (0.0 if abs(across) < 0.02 else math.copysign(1.0, across))
    return depth, nx, ny, other[X] + px * co - py * so, other[Y] + px * so + py * co


@njit(cache=True, error_model="numpy")
def world_velocity(state: Row) -> tuple[float, float]:
    """Of the centre of mass, over the ground."""
    c, s = math.cos(state[YAW]), math.sin(state[YAW])
    return state[FORWARD] * c - state[LEFT] * s, state[FORWARD] * s + state[LEFT] * c


@njit(cache=True, error_model="numpy")
def strike(state: Row, body: Row, jx: float, jy: float, rx: float, ry: float) -> None:
    """Gives an impulse at an arm (rx, ry) from the centre of mass."""
    c, s = math.cos(state[YAW]), math.sin(state[YAW])
    state[FORWARD] += (jx * c + jy * s) / body[MASS]
    state[LEFT] += (jy * c - jx * s) / body[MASS]
    state[YAW_RATE] += (rx * jy - ry * jx) / body[YAW_INERTIA]


@njit(cache=True, error_model="numpy")
def impulse_between(
    a: Row,
    a_body: Row,
    b: Row,
    b_body: Row,
    hit: tuple[float, float, float, float, float],
    fixed: tuple[bool, bool],
) -> tuple[float, float]:
    """Strikes both bodies at a touching point; the impulse given to b. Never adds energy."""
    _, nx, ny, px, py = hit
    arm_ax = px - a[X] - math.cos(a[YAW]) * a_body[CENTRE_AHEAD]
    arm_ay = py - a[Y] - math.sin(a[YAW]) * a_body[CENTRE_AHEAD]
    arm_bx = px - b[X] - math.cos(b[YAW]) * b_body[CENTRE_AHEAD]
    arm_by = py - b[Y] - math.sin(b[YAW]) * b_body[CENTRE_AHEAD]
    avx, avy = world_velocity(a)
    bvx, bvy = world_velocity(b)
    vx = bvx - b[YAW_RATE] * arm_by - avx + a[YAW_RATE] * arm_ay
    vy = bvy + b[YAW_RATE] * arm_bx - avy - a[YAW_RATE] * arm_ax
    closing = vx * nx + vy * ny
    if closing >= 0.0:
        return 0.0, 0.0
    total_x = total_y = 0.0
    normal = 0.0
    for k in range(2):
        ex, ey = (nx, ny) if k == 0 else (-ny, nx)
        lever_a, lever_b = arm_ax * ey - arm_ay * ex, arm_bx * ey - arm_by * ex
        yielding = 0.0
        if not fixed[0]:
            yielding += 1.0 / a_body[MASS] + lever_a * lever_a / a_body[YAW_INERTIA]
        if not fixed[1]:
            yielding += 1.0 / b_body[MASS] + lever_b * lever_b / b_body[YAW_INERTIA]
        if yielding == 0.0:
            return 0.0, 0.0
        if k == 0:
            normal = -(1.0 + RESTITUTION) * closing / yielding
            size = normal
        else:
            most = SCRAPE_FRICTION * normal
            size = min(max(-(vx * ex + vy * ey) / yielding, -most), most)
        total_x += size * ex
        total_y += size * ey
    if not fixed[0]:
        strike(a, a_body, -total_x, -total_y, arm_ax, arm_ay)
    if not fixed[1]:
        strike(b, b_body, total_x, total_y, arm_bx, arm_by)
    return total_x, total_y


@njit(cache=True, error_model="numpy")
def separate_vehicles(
    state: Table, body: Table, flags: Table, pairs: Table, impulses: Table, passes: int
) -> None:
    """Pushes overlapping vehicles apart, the lighter one farther, and stops what closes in.

    Row k of `impulses` grows by what pair k's second vehicle was given and, last, by 1 for having touched.
    """
    for p in range(passes):
        touched = False
        for k in range(len(pairs)):
            i, j = pairs[k]
            fixed = (not flags[i, PHYSICS], not flags[j, PHYSICS])
            hit = overlap(state[i], body[i], state[j], body[j])
            if hit[0] <= 0.0 or (fixed[0] and fixed[1]):
                continue
            touched = True
            if p == 0:
                jx, jy = impulse_between(state[i], body[i], state[j], body[j], hit, fixed)
                impulses[k, 0] += jx
                impulses[k, 1] += jy
                impulses[k, 2] += 1.0
            ease_i = 0.0 if fixed[0] else 1.0 / body[i, MASS]
            ease_j = 0.0 if fixed[1] else 1.0 / body[j, MASS]
            share = ease_i / (ease_i + ease_j)
            depth = hit[0] + 1e-4
            state[i, X] -= share * depth * hit[1]
            state[i, Y] -= share * depth * hit[2]
            state[j, X] += (1.0 - share) * depth * hit[1]
            state[j, Y] += (1.0 - share) * depth * hit[2]
        if not touched:
            return


@njit(cache=True, error_model="numpy")
def push_walkers(
    state: Table,
    body: Table,
    flags: Table,
    centre: Table,
    radius: Row,
    half_height: Row,
    pushed: Row,
    hits: Table,
) -> int:
    """Moves walkers (w x 3 centres) out of vehicles; a vehicle that meets one is slowed by its mass, once.

    `pushed` says which walkers were touched in the last step, and is set to those of this one.
    Fills rows of `hits` (vehicle row, walker row, x and y of the impulse given to the walker).
    Returns how many.
    """
    count = 0
    for w in range(len(centre)):
        met_before = pushed[w]
        pushed[w] = False
        for i in range(len(state)):
            dx, dy = centre[w, 0] - state[i, X], centre[w, 1] - state[i, Y]
            reach = body[i, HALF_LENGTH] + body[i, HARD_HALF_WIDTH] + radius[w]
            if abs(dx) > reach or abs(dy) > reach:
                continue
            if (
                abs(centre[w, 2] - state[i, Z] - 0.5 * body[i, HEIGHT])
                > half_height[w] + 0.5 * body[i, HEIGHT]
            ):
                continue
            c, s = math.cos(state[i, YAW]), math.sin(state[i, YAW])
            x, y = dx * c + dy * s, dy * c - dx * s
            out_x, out_y = abs(x) - body[i, HALF_LENGTH], abs(y) - body[i, HARD_HALF_WIDTH]
            gap = math.hypot(max(out_x, 0.0), max(out_y, 0.0))
            if gap >= radius[w]:
                continue
            if gap > 1e-9:
                nx = math.copysign(max(out_x, 0.0) / gap, x)
                ny = math.copysign(max(out_y, 0.0) / gap, y)
                depth = radius[w] - gap
            elif out_x > out_y:
                nx, ny, depth = math.copysign(1.0, x), 0.0, radius[w] - out_x
            else:
                nx, ny, depth = 0.0, math.copysign(1.0, y), radius[w] - out_y
            wx, wy = nx * c - ny * s, nx * s + ny * c
            centre[w, 0] += (depth + 1e-4) * wx
            centre[w, 1] += (depth + 1e-4) * wy
            size = 0.0
            closing = state[i, FORWARD] * nx + (state[i, LEFT] + state[i, YAW_RATE] * x) * ny
            pushed[w] = True
            if flags[i, PHYSICS] and closing > 0.0 and not met_before:
                size = closing / (1.0 / body[i, MASS] + 1.0 / WALKER_MASS_KG)
                strike(state[i], body[i], -size * wx, -size * wy, 0.0, 0.0)
            if count < len(hits):
                hits[count, 0], hits[count, 1], hits[count, 2], hits[count, 3] = i, w, size * wx, size * wy
                count += 1
    return count
