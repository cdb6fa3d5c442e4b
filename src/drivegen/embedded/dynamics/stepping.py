"""One step of all that moves: substeps of motion with contacts between."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numba import njit

from drivegen.embedded.dynamics import colliders as c
from drivegen.embedded.dynamics import columns as col
from drivegen.embedded.dynamics.colliders import (
    AHEAD,
    EASE,
    SLOWING,
    SPIN,
    START_X,
    START_Y,
    TOUCHED,
    TURN_SLOWING,
    VX,
    VY,
)
from drivegen.embedded.dynamics.columns import CENTRE_AHEAD, FORWARD, LEFT, PHYSICS, YAW, YAW_RATE, X, Y
from drivegen.embedded.dynamics.contacts import SCENERY_ID, Contacts
from drivegen.embedded.dynamics.motion import move
from drivegen.embedded.dynamics.nearness import bounds_within, near_bodies, near_pieces
from drivegen.embedded.dynamics.obstacles import Obstacles
from drivegen.embedded.dynamics.props import PropDynamics
from drivegen.embedded.dynamics.solids import STEP_M
from drivegen.embedded.dynamics.solving import solve
from drivegen.embedded.dynamics.walkers import WalkerDynamics

SUBSTEP_S = 0.01
"""CARLA's own default (max_substep_delta_time); longer steps are divided."""

Table = np.ndarray[Any, Any]
Row = np.ndarray[Any, Any]


@njit(cache=True, error_model="numpy")
def turn_corners(local: Table, x: float, y: float, yaw: float, corners: Table) -> None:
    """A body's corners in the world, of both its forms."""
    cos, sin = math.cos(yaw), math.sin(yaw)
    for form in range(2):
        for k in range(local.shape[1]):
            along, across = local[form, k, 0], local[form, k, 1]
            corners[form, k, 0] = x + along * cos - across * sin
            corners[form, k, 1] = y + along * sin + across * cos


@njit(cache=True, error_model="numpy")
def read_vehicle(state: Row, body: Row, row: Row) -> None:
    """Takes a vehicle's place and speeds over into its row among the bodies."""
    cos, sin = math.cos(state[YAW]), math.sin(state[YAW])
    row[c.X], row[c.Y], row[c.YAW] = state[X], state[Y], state[YAW]
    row[VX] = state[FORWARD] * cos - state[LEFT] * sin
    row[VY] = state[FORWARD] * sin + state[LEFT] * cos
    row[SPIN] = state[YAW_RATE]
    row[AHEAD] = body[CENTRE_AHEAD]


@njit(cache=True, error_model="numpy")
def vehicle_rows(state: Table, body: Table, flags: Table, rows: Table) -> None:
    """Fills the vehicles' rows among the bodies, which are zero."""
    for i in range(len(state)):
        row = rows[i]
        read_vehicle(state[i], body[i], row)
        row[c.LOW], row[c.HIGH] = state[i, col.Z] + STEP_M, state[i, col.Z] + body[i, col.HEIGHT]
        if flags[i, PHYSICS]:
            row[EASE], row[c.TURN_EASE] = 1.0 / body[i, col.MASS], 1.0 / body[i, col.YAW_INERTIA]
        row[c.REACH] = math.hypot(body[i, col.HALF_LENGTH], body[i, col.HARD_HALF_WIDTH])
        row[c.SOLID] = 0.0 if flags[i, col.INTANGIBLE] else 1.0


@njit(cache=True, error_model="numpy")
def write_vehicle(row: Row, state: Row) -> None:
    """Takes back what contacts have changed."""
    cos, sin = math.cos(state[YAW]), math.sin(state[YAW])
    state[X], state[Y] = row[c.X], row[c.Y]
    state[FORWARD] = row[VX] * cos + row[VY] * sin
    state[LEFT] = row[VY] * cos - row[VX] * sin
    state[YAW_RATE] = row[SPIN]


@njit(cache=True, error_model="numpy")
def slide(row: Row, h: float) -> None:
    """Moves a walker or a prop on, slowed by its friction on the ground."""
    if row[EASE] == 0.0:
        return
    if row[SLOWING] > 0.0:
        speed = math.hypot(row[VX], row[VY])
        keep = max(0.0, speed - h * row[SLOWING]) / max(speed, 1e-12)
        row[VX] *= keep
        row[VY] *= keep
        turning = abs(row[SPIN])
        row[SPIN] *= max(0.0, turning - h * row[TURN_SLOWING]) / max(turning, 1e-12)
    row[c.X] += h * row[VX]
    row[c.Y] += h * row[VY]
    row[c.YAW] += h * row[SPIN]


@njit(cache=True, error_model="numpy")
def advance(
    state: Table,
    body: Table,
    control: Table,
    flags: Table,
    bodies: Table,
    local: Table,
    counts: Table,
    first_prop: int,
    pairs: Table,
    given: Table,
    near: Table,
    pieces: Table,
    piece_counts: Row,
    near_given: Table,
    dt: float,
) -> None:
    """Moves all by `dt` over the ground; vehicles are the first bodies.

    `given` and `near_given`, a row for each of `pairs` and `near`, grow by the impulse x, y on the second
    and by 1 a touch.
    """
    n, total = len(state), len(bodies)
    count = max(1, math.ceil(dt / SUBSTEP_S - 1e-9))
    h = dt / count
    meets = np.zeros(total, np.bool_)
    for k in range(len(pairs)):
        meets[pairs[k, 0]] = meets[pairs[k, 1]] = True
    for k in range(len(near)):
        meets[near[k, 0]] = True
    corners = np.empty((total, 2, local.shape[2], 2))
    wall = np.zeros(c.N_BODY)
    for i in range(total):
        if meets[i]:
            turn_corners(local[i], bodies[i, c.X], bodies[i, c.Y], bodies[i, c.YAW], corners[i])
    for _ in range(count):
        for i in range(total):
            row = bodies[i]
            row[START_X], row[START_Y] = row[c.X], row[c.Y]
            if i >= n:
                slide(row, h)
            elif flags[i, PHYSICS]:
                move(state[i], body[i], control[i], flags[i], h)
                if meets[i]:
                    read_vehicle(state[i], body[i], row)
            if meets[i] and row[EASE] > 0.0:
                turn_corners(local[i], row[c.X], row[c.Y], row[c.YAW], corners[i])
        if len(pairs) + len(near) == 0:
            continue
        solve(bodies, corners, counts, first_prop, pairs, given, near, pieces, piece_counts, near_given, wall)
        for i in range(n):
            if bodies[i, TOUCHED] > 0.0 and flags[i, PHYSICS]:
                write_vehicle(bodies[i], state[i])


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What vehicles may meet besides one another."""

    walkers: WalkerDynamics = field(default_factory=WalkerDynamics)
    props: PropDynamics = field(default_factory=PropDynamics)
    obstacles: Obstacles = field(default_factory=Obstacles.none)


def advance_all(
    ids: Row, vehicles: tuple[Table, Table, Table, Table], forms: Table, dt_s: float, around: Surroundings
) -> Contacts:
    """Moves vehicles on by `dt_s`, and lets them, walkers and props meet.

    Args:
        ids: Of the vehicles.
        vehicles: State, body, control, flags; arrays as of `columns`.
        forms: Of the vehicles, as of `colliders`.
        dt_s: Step.
        around: The others.
    """
    state, body, control, flags = vehicles
    rows = np.zeros((len(ids), c.N_BODY))
    vehicle_rows(state, body, flags, rows)
    sides = np.full((len(ids), 2), 4, np.int64)
    sides[:, c.OUTLINE] = forms.shape[2]
    tables = ((rows, forms, sides), around.walkers.bodies(dt_s), around.props.bodies())
    bodies, local, counts = (np.concatenate(parts) for parts in zip(*tables, strict=True))
    first_walker, first_prop = len(ids), len(ids) + len(around.walkers)
    bounds = np.empty((len(bodies), 4))
    bounds_within(bodies, dt_s, bounds)
    pairs = near_bodies(bodies, bounds)
    fast = around.obstacles
    near = near_pieces(
        bodies,
        bounds,
        fast.bounds_m,
        fast.heights_m,
        fast.origin_m,
        fast.cell_m,
        fast.shape,
        fast.starts,
        fast.entries,
    )
    given, near_given = np.zeros((len(pairs), 3)), np.zeros((len(near), 3))
    advance(
        state, body, control, flags, bodies, local, counts, first_prop, pairs, given,
        near, fast.corners_m, fast.counts, near_given, dt_s,
    )  # fmt: skip
    around.walkers.met(bodies[first_walker:first_prop], dt_s)
    around.props.met(bodies[first_prop:])
    if not given[:, 2].any() and not near_given[:, 2].any():
        return Contacts.none()
    owners = np.concatenate([ids, around.walkers.ids, around.props.body_ids])
    return _contacts(owners, pairs, given, near, near_given, fast)


def _contacts(
    owners: Row, pairs: Table, given: Table, near: Table, near_given: Table, fast: Obstacles
) -> Contacts:
    """One row for each two that touched."""
    met, met_fast = given[:, 2] > 0.0, near_given[:, 2] > 0.0
    piece = near[met_fast, 1]
    first = np.concatenate([owners[pairs[met, 0]], owners[near[met_fast, 0]]])
    second = np.concatenate([owners[pairs[met, 1]], fast.owners[piece]])
    tag = np.concatenate([np.zeros(int(met.sum()), np.uint8), fast.tags[piece]])
    impulse = np.concatenate([given[met, :2], near_given[met_fast, :2]])
    same = second != SCENERY_ID  # of an actor all parts count as one
    key = np.stack([first, second, np.where(same, 0, tag)], axis=1).astype(np.int64)
    _, begins, inverse = np.unique(key, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(begins)
    kept = begins[order]
    place = np.argsort(order)[np.asarray(inverse).reshape(-1)]
    total = np.zeros((len(kept), 3))
    np.add.at(total[:, :2], place, impulse)
    return Contacts(
        first_id=first[kept].astype(np.uint32),
        second_id=second[kept].astype(np.uint32),
        second_tag=tag[kept],
        impulse_ns=total,
    )
