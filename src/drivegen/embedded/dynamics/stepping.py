"""One step of all vehicles in compiled code: substeps of motion with contacts between."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from drivegen.embedded.dynamics.columns import FORWARD, LEFT, PHYSICS
from drivegen.embedded.dynamics.contact import near_pairs, push_walkers, separate_vehicles
from drivegen.embedded.dynamics.contacts import Contacts
from drivegen.embedded.dynamics.motion import move
from drivegen.embedded.dynamics.walkers import WalkerDynamics

SUBSTEP_S = 0.01
"""CARLA's own default (max_substep_delta_time); longer steps are divided."""
SEPARATION_PASSES = 4

Table = np.ndarray[Any, Any]
Row = np.ndarray[Any, Any]


@njit(cache=True, error_model="numpy")
def advance(state: Table, body: Table, control: Table, flags: Table, dt: float) -> tuple[Table, Table]:
    """Moves all vehicles by `dt` over the ground.

    Returns pairs of rows that came near and, a row a pair, (impulse x, y given to the second, times touched).
    """
    n = len(state)
    count = max(1, math.ceil(dt / SUBSTEP_S - 1e-9))
    h = dt / count
    margin = np.empty(n)
    for i in range(n):
        # 20 m/s2 is more than any pedal or tyre gives.
        margin[i] = 0.1 + dt * (abs(state[i, FORWARD]) + abs(state[i, LEFT]) + 20.0 * dt)
    pairs = near_pairs(state, body, margin, np.empty(n), np.empty(n))
    impulses = np.zeros((len(pairs), 3))
    for _ in range(count):
        for i in range(n):
            if flags[i, PHYSICS]:
                move(state[i], body[i], control[i], flags[i], h)
        if len(pairs) > 0:
            separate_vehicles(state, body, flags, pairs, impulses, SEPARATION_PASSES)
    return pairs, impulses


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What vehicles may meet besides one another."""

    walkers: WalkerDynamics | None = None


def advance_all(
    ids: Row, state: Table, body: Table, control: Table, flags: Table, dt_s: float, around: Surroundings
) -> Contacts:
    """Moves vehicles on by `dt_s`, with all that they meet."""
    pairs, impulses = advance(state, body, control, flags, dt_s)
    hits = np.zeros((0, 4))
    walkers = around.walkers
    if walkers is not None and len(walkers) and len(ids):
        hits = np.empty((4 * len(walkers) + 16, 4))
        centre, radius, half_height, pushed = walkers.obstacles()
        count = push_walkers(state, body, flags, centre, radius, half_height, pushed, hits)
        walkers.displace(centre, pushed)
        hits = hits[:count]
    touched = impulses[:, 2] > 0.0
    first, second = ids[pairs[touched, 0]], ids[pairs[touched, 1]]
    given = np.zeros((int(touched.sum()) + len(hits), 3))
    given[: len(first), :2] = impulses[touched, :2]
    if walkers is not None and len(hits):
        given[len(first) :, :2] = hits[:, 2:]
        first = np.concatenate([first, ids[hits[:, 0].astype(np.int64)]])
        second = np.concatenate([second, walkers.ids[hits[:, 1].astype(np.int64)]])
    return Contacts(
        first_id=first, second_id=second, second_tag=np.zeros(len(first), np.uint8), impulse_ns=given
    )
