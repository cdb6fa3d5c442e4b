"""A social-force model: how people on foot change their velocity from one tick to the next.

Forces are accelerations, as in Helbing and Molnar (1995), Phys. Rev. E 51, 4282:

- towards the wanted velocity within `TAU_S`;
- between people the law that Moussaid et al. (2009), Proc. R. Soc. B 276, 2755, measured: with the offset
  e = (x_j - x_i) / d and D = `LAMBDA` (v_i - v_j) + e, t = D / |D|, n its left normal, B = `GAMMA` |D|, theta
  the angle from t to e, and phi = theta + `SIDE` B,
  f_i = -`A_MPS2` exp(-d / B) (exp(-(`N_BRAKE` B theta)^2) t + sign(phi) exp(-(`N_TURN` B phi)^2) n),
  less of those behind (Helbing and Molnar's effective angle of sight);
- from walls, f = `WALL_MPS2` exp(-d / `WALL_M`) (Moussaid et al. 2009);
- within groups (Moussaid et al. 2010, PLoS ONE 5, e10047): slower where the others fall out of sight,
  towards their middle when far from it, apart when bodies meet;
- from vehicles and other boxes, of the walls' form with this project's own constants.

Then come limits that no force may break, this project's own: nobody approaches a wall, a box or a body faster
than can be braked for, and no velocity changes faster than `ACCELERATION_MPS2`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float64, Int64
from numba import njit

from drivegen.record.box_avoidance import Boxes, gap_to_box

TAU_S = 0.54
"""Relaxation time, Moussaid et al. (2009)."""
A_MPS2 = 4.5
LAMBDA = 2.0
GAMMA = 0.35
N_TURN = 2.0
N_BRAKE = 3.0
SIDE = 0.005
"""Preference of the right, the same source; so are the five above."""
SIGHT_COSINE = math.cos(math.radians(100.0))
BEHIND = 0.5
"""Weight of who is outside the angle of sight of 200 degrees (Helbing and Molnar 1995)."""
REACH_M = 6.0
"""People farther apart leave each other alone."""

WALL_MPS2 = 3.0
WALL_M = 0.1

GAZE_PS = 4.0
COHESION_MPS2 = 3.0
SEPARATION_MPS2 = 1.0
"""Moussaid et al. (2010): beta 1 to 3, field of view of 90 degrees to either side."""

BOX_MPS2 = 3.0
BOX_M = 0.3
BOX_REACH_M = 2.5

ACCELERATION_MPS2 = 2.8
"""Greatest change of velocity; people start and stop within a step or two."""
BRAKING_MPS2 = 1.5
"""What limits the speed of an approach to a wall, a box or a body."""
HASTE = 1.3
"""Greatest speed against the wanted one (Helbing and Molnar 1995)."""
CONTACT_MPS = 0.3
"""Bodies that overlap part at this speed at most."""

Table = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class People:
    """n people, in the ground plane."""

    xy_m: Float64[np.ndarray, "n 2"]
    velocity_mps: Float64[np.ndarray, "n 2"]
    wish: Float64[np.ndarray, "n 2"]
    """Unit vectors to where they want to go."""
    speed_mps: Float64[np.ndarray, "n"]
    """Wanted; 0 of who stands, who yields to nothing but contact."""
    radius_m: Float64[np.ndarray, "n"]
    group: Int64[np.ndarray, "n"]
    """Who has the same number belongs together; -1: alone."""
    leg_m: Float64[np.ndarray, "n 2"]
    """A point of the line between two walls."""
    along: Float64[np.ndarray, "n 2"]
    """Its direction."""
    half_width_m: Float64[np.ndarray, "n"]
    """From the line to the walls; infinite without."""


def next_velocities(people: People, boxes: Boxes, tick_s: float) -> Float64[np.ndarray, "n 2"]:
    """Velocities in the next tick.

    Args:
        people: As they are now.
        boxes: Vehicles and whatever else stands on the ground.
        tick_s: Length of a tick.
    """
    order = np.argsort(people.xy_m[:, 0], kind="stable")
    force = np.zeros_like(people.xy_m)
    members = _members(people.group)
    _drive(people.velocity_mps, people.wish, people.speed_mps, tick_s, force)
    _keep_apart(people.xy_m, people.velocity_mps, people.wish, people.speed_mps, order, force)
    _keep_together(
        people.xy_m, people.velocity_mps, people.wish, people.speed_mps, people.radius_m, *members, force
    )
    _mind_walls(
        people.xy_m, people.speed_mps, people.radius_m, people.leg_m, people.along, people.half_width_m, force
    )
    _mind_boxes(people.xy_m, people.speed_mps, people.radius_m, boxes.xy_m, boxes.along, boxes.half_m, force)
    velocity = people.velocity_mps.copy()
    _integrate(velocity, force, people.speed_mps, tick_s)
    _respect_bodies(people.xy_m, velocity, people.speed_mps, people.radius_m, order)
    _respect_boxes(people.xy_m, velocity, people.radius_m, boxes.xy_m, boxes.along, boxes.half_m)
    _respect_walls(people.xy_m, velocity, people.radius_m, people.leg_m, people.along, people.half_width_m)
    change = velocity - people.velocity_mps
    share = np.minimum(1.0, ACCELERATION_MPS2 * tick_s / np.maximum(np.hypot(*change.T), 1e-9))
    return people.velocity_mps + share[:, None] * change


def _members(group: Int64[np.ndarray, "n"]) -> tuple[Int64[np.ndarray, "k"], Int64[np.ndarray, "g"]]:
    """Rows of people in groups, group by group, and where each group begins and the last ends."""
    rows = np.flatnonzero(group >= 0)
    rows = rows[np.argsort(group[rows], kind="stable")]
    if not len(rows):
        return rows, np.zeros(1, np.int64)
    starts = np.flatnonzero(np.diff(group[rows], prepend=-1))
    return rows, np.append(starts, len(rows))


@njit(cache=True, error_model="numpy")
def _drive(velocity: Table, wish: Table, speed: Table, tick_s: float, force: Table) -> None:
    for i in range(len(velocity)):
        tau = TAU_S if speed[i] > 0.0 else tick_s
        for k in range(2):
            force[i, k] += (speed[i] * wish[i, k] - velocity[i, k]) / tau


@njit(cache=True, error_model="numpy")
def _keep_apart(xy: Table, velocity: Table, wish: Table, speed: Table, order: Table, force: Table) -> None:
    """Neighbours by a sweep along x: `order` sorts by it."""
    for a in range(len(order)):
        i = order[a]
        for b in range(a + 1, len(order)):
            j = order[b]
            if xy[j, 0] - xy[i, 0] > REACH_M:
                break
            if abs(xy[j, 1] - xy[i, 1]) > REACH_M:
                continue
            if speed[i] > 0.0:
                _repel(i, j, xy, velocity, wish, force)
            if speed[j] > 0.0:
                _repel(j, i, xy, velocity, wish, force)


@njit(cache=True, error_model="numpy")
def _repel(i: int, j: int, xy: Table, velocity: Table, wish: Table, force: Table) -> None:
    ex, ey = xy[j, 0] - xy[i, 0], xy[j, 1] - xy[i, 1]
    d = math.hypot(ex, ey)
    if d > REACH_M:
        return
    ex, ey = ex / max(d, 1e-6), ey / max(d, 1e-6)
    dx = LAMBDA * (velocity[i, 0] - velocity[j, 0]) + ex
    dy = LAMBDA * (velocity[i, 1] - velocity[j, 1]) + ey
    length = math.hypot(dx, dy)
    if length < 1e-6:
        return
    tx, ty = dx / length, dy / length
    b = GAMMA * length
    theta = math.atan2(tx * ey - ty * ex, tx * ex + ty * ey)
    size = -A_MPS2 * math.exp(-d / b)
    if wish[i, 0] * ex + wish[i, 1] * ey < SIGHT_COSINE:
        size *= BEHIND
    brake = math.exp(-((N_BRAKE * b * theta) ** 2))
    side = theta + SIDE * b
    turn = math.exp(-((N_TURN * b * side) ** 2))
    turn = turn if side >= 0.0 else -turn
    force[i, 0] += size * (brake * tx - turn * ty)
    force[i, 1] += size * (brake * ty + turn * tx)


@njit(cache=True, error_model="numpy")
def _keep_together(
    xy: Table, velocity: Table, wish: Table, speed: Table, radius: Table, rows: Table, starts: Table,
    force: Table,
) -> None:  # fmt: skip
    for g in range(len(starts) - 1):
        first, last = starts[g], starts[g + 1]
        count = last - first
        if count < 2:
            continue
        sx = sy = 0.0
        walk = True
        for a in range(first, last):
            walk = walk and speed[rows[a]] > 0.0
            sx += xy[rows[a], 0]
            sy += xy[rows[a], 1]
        # Where one stands, the others come to their own places.
        for a in range(first, last if walk else first):
            i = rows[a]
            # Towards the middle of all, once farther from it than (N - 1) / 2 metres.
            cx, cy = sx / count - xy[i, 0], sy / count - xy[i, 1]
            off = math.hypot(cx, cy)
            if off > 0.5 * (count - 1):
                force[i, 0] += COHESION_MPS2 * cx / off
                force[i, 1] += COHESION_MPS2 * cy / off
            # The head can be turned by 90 degrees: beyond, the gaze costs speed.
            ox, oy = (sx - xy[i, 0]) / (count - 1) - xy[i, 0], (sy - xy[i, 1]) / (count - 1) - xy[i, 1]
            far = math.hypot(ox, oy)
            cosine = (wish[i, 0] * ox + wish[i, 1] * oy) / max(far, 1e-6)
            turned = math.acos(min(max(cosine, -1.0), 1.0)) - 0.5 * math.pi
            if turned > 0.0:
                force[i, 0] -= GAZE_PS * turned * velocity[i, 0]
                force[i, 1] -= GAZE_PS * turned * velocity[i, 1]
            for c in range(first, last):
                j = rows[c]
                px, py = xy[i, 0] - xy[j, 0], xy[i, 1] - xy[j, 1]
                apart = math.hypot(px, py)
                if j != i and 1e-6 < apart < radius[i] + radius[j]:
                    force[i, 0] += SEPARATION_MPS2 * px / apart
                    force[i, 1] += SEPARATION_MPS2 * py / apart


@njit(cache=True, error_model="numpy")
def _mind_walls(
    xy: Table, speed: Table, radius: Table, leg: Table, along: Table, half_width: Table, force: Table
) -> None:
    for i in range(len(xy)):
        if speed[i] <= 0.0 or not half_width[i] < 1e6:
            continue
        nx, ny = -along[i, 1], along[i, 0]
        aside = (xy[i, 0] - leg[i, 0]) * nx + (xy[i, 1] - leg[i, 1]) * ny
        room = half_width[i] - radius[i]
        push = math.exp(-max(room + aside, 0.0) / WALL_M) - math.exp(-max(room - aside, 0.0) / WALL_M)
        force[i, 0] += WALL_MPS2 * push * nx
        force[i, 1] += WALL_MPS2 * push * ny


@njit(cache=True, error_model="numpy")
def _mind_boxes(
    xy: Table, speed: Table, radius: Table, at: Table, along: Table, half: Table, force: Table
) -> None:
    for i in range(len(xy)):
        if speed[i] <= 0.0:
            continue
        for k in range(len(at)):
            dx, dy = xy[i, 0] - at[k, 0], xy[i, 1] - at[k, 1]
            if abs(dx) + abs(dy) > half[k, 0] + half[k, 1] + 2.0 * BOX_REACH_M:
                continue
            d, nx, ny = gap_to_box(dx, dy, along[k, 0], along[k, 1], half[k, 0], half[k, 1])
            if d < BOX_REACH_M:
                size = BOX_MPS2 * math.exp(-max(d - radius[i], 0.0) / BOX_M)
                force[i, 0] += size * nx
                force[i, 1] += size * ny


@njit(cache=True, error_model="numpy")
def _integrate(velocity: Table, force: Table, speed: Table, tick_s: float) -> None:
    for i in range(len(velocity)):
        size = math.hypot(force[i, 0], force[i, 1])
        share = tick_s * min(1.0, ACCELERATION_MPS2 / max(size, 1e-9))
        before = math.hypot(velocity[i, 0], velocity[i, 1])
        vx, vy = velocity[i, 0] + share * force[i, 0], velocity[i, 1] + share * force[i, 1]
        # Who was faster slows down as fast as a body can, not at once.
        top = max(HASTE * speed[i], before - ACCELERATION_MPS2 * tick_s)
        keep = min(1.0, top / max(math.hypot(vx, vy), 1e-9))
        velocity[i, 0], velocity[i, 1] = keep * vx, keep * vy


@njit(cache=True, error_model="numpy")
def _respect_bodies(xy: Table, velocity: Table, speed: Table, radius: Table, order: Table) -> None:
    reach = 2.0
    for a in range(len(order)):
        i = order[a]
        for b in range(a + 1, len(order)):
            j = order[b]
            if xy[j, 0] - xy[i, 0] > reach:
                break
            if abs(xy[j, 1] - xy[i, 1]) > reach:
                continue
            dx, dy = xy[j, 0] - xy[i, 0], xy[j, 1] - xy[i, 1]
            d = math.hypot(dx, dy)
            nx, ny = (dx / d, dy / d) if d > 1e-6 else (1.0, 0.0)
            gap = d - radius[i] - radius[j]
            closing = (velocity[i, 0] - velocity[j, 0]) * nx + (velocity[i, 1] - velocity[j, 1]) * ny
            allowed = math.sqrt(2.0 * BRAKING_MPS2 * gap) if gap > 0.0 else -min(CONTACT_MPS, -4.0 * gap)
            excess = closing - allowed
            if excess <= 0.0:
                continue
            # Who stands gives way only when touched.
            share = 0.5
            if gap > 0.0 and (speed[i] > 0.0) != (speed[j] > 0.0):
                share = 1.0 if speed[i] > 0.0 else 0.0
            velocity[i, 0] -= share * excess * nx
            velocity[i, 1] -= share * excess * ny
            velocity[j, 0] += (1.0 - share) * excess * nx
            velocity[j, 1] += (1.0 - share) * excess * ny


@njit(cache=True, error_model="numpy")
def _respect_boxes(xy: Table, velocity: Table, radius: Table, at: Table, along: Table, half: Table) -> None:
    for i in range(len(xy)):
        for k in range(len(at)):
            dx, dy = xy[i, 0] - at[k, 0], xy[i, 1] - at[k, 1]
            if abs(dx) + abs(dy) > half[k, 0] + half[k, 1] + 4.0:
                continue
            d, nx, ny = gap_to_box(dx, dy, along[k, 0], along[k, 1], half[k, 0], half[k, 1])
            gap = d - radius[i]
            if gap > 2.0:
                continue
            closing = -(velocity[i, 0] * nx + velocity[i, 1] * ny)
            excess = closing - (math.sqrt(2.0 * BRAKING_MPS2 * gap) if gap > 0.0 else 0.0)
            if excess > 0.0:
                velocity[i, 0] += excess * nx
                velocity[i, 1] += excess * ny


@njit(cache=True, error_model="numpy")
def _respect_walls(
    xy: Table, velocity: Table, radius: Table, leg: Table, along: Table, half_width: Table
) -> None:
    for i in range(len(xy)):
        if not half_width[i] < 1e6:
            continue
        nx, ny = -along[i, 1], along[i, 0]
        aside = (xy[i, 0] - leg[i, 0]) * nx + (xy[i, 1] - leg[i, 1]) * ny
        out = velocity[i, 0] * nx + velocity[i, 1] * ny
        room = max(half_width[i] - radius[i], 0.0)
        left, right = room - aside, room + aside
        top = math.sqrt(2.0 * BRAKING_MPS2 * left) if left > 0.0 else -min(CONTACT_MPS, -4.0 * left)
        low = -math.sqrt(2.0 * BRAKING_MPS2 * right) if right > 0.0 else min(CONTACT_MPS, -4.0 * right)
        change = min(max(out, low), top) - out
        velocity[i, 0] += change * nx
        velocity[i, 1] += change * ny
