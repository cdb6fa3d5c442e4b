"""Who can touch whom within a step: pairs of bodies, and pieces of scenery by body.

Both come from grids, so that the work grows with the number of bodies and not with its square.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from drivegen.embedded.dynamics.colliders import EASE, HIGH, LOW, REACH, SOLID, VX, VY, X, Y

CELL_M = 8.0
GREATEST_ACCELERATION_MPS2 = 20.0
"""More than any pedal or tyre gives."""
SLACK_M = 0.1
GREATEST_WAY_M = 200.0
"""Within one step; whoever is made to go further meets only what is nearer. Without a limit the grid would
have no limit either.
"""

Table = np.ndarray[Any, Any]
Row = np.ndarray[Any, Any]


@njit(cache=True, error_model="numpy")
def bounds_within(bodies: Table, dt: float, bounds: Table) -> None:
    """Fills n x 4 with x0, y0, x1, y1 of where each body can get to within `dt`.

    What is struck by the fastest can go about as fast: half of that is allowed for.
    """
    fastest = 0.0
    for i in range(len(bodies)):
        fastest = max(fastest, math.hypot(bodies[i, VX], bodies[i, VY]))
    for i in range(len(bodies)):
        reach = bodies[i, REACH] + SLACK_M
        if bodies[i, EASE] > 0.0:
            speed = max(math.hypot(bodies[i, VX], bodies[i, VY]), 0.5 * fastest)
            reach += min(dt * (speed + GREATEST_ACCELERATION_MPS2 * dt), GREATEST_WAY_M)
        bounds[i, 0], bounds[i, 1] = bodies[i, X] - reach, bodies[i, Y] - reach
        bounds[i, 2], bounds[i, 3] = bodies[i, X] + reach, bodies[i, Y] + reach


@njit(cache=True, error_model="numpy")
def larger(table: Table) -> Table:
    """The rows of a table with room for as many more."""
    out = np.empty((2 * len(table), table.shape[1]), np.int64)
    for k in range(len(table)):
        for c in range(table.shape[1]):
            out[k, c] = table[k, c]
    return out


@njit(cache=True, error_model="numpy")
def near_bodies(bodies: Table, bounds: Table) -> Table:
    """Pairs (k x 2) of bodies whose bounds overlap and of which one can move, the earlier row first.

    A hashed grid: a body is entered in all cells that its bounds touch, and a pair counts in the one cell
    where both bounds' overlap begins.
    """
    n = len(bodies)
    total = 0
    for i in range(n):
        if bodies[i, SOLID] > 0.0:
            across = math.floor(bounds[i, 2] / CELL_M) - math.floor(bounds[i, 0] / CELL_M) + 1
            total += int(across * (math.floor(bounds[i, 3] / CELL_M) - math.floor(bounds[i, 1] / CELL_M) + 1))
    size = 16
    while size < 2 * total:
        size *= 2
    heads = np.empty(size, np.int64)
    for k in range(size):
        heads[k] = -1
    chain = np.empty((max(total, 1), 4), np.int64)  # next, body, cell x, cell y
    entered = 0
    pairs = np.empty((16 + 4 * n, 2), np.int64)
    count = 0
    for i in range(n):
        if bodies[i, SOLID] == 0.0:
            continue
        x0, y0 = math.floor(bounds[i, 0] / CELL_M), math.floor(bounds[i, 1] / CELL_M)
        x1, y1 = math.floor(bounds[i, 2] / CELL_M), math.floor(bounds[i, 3] / CELL_M)
        for cx in range(x0, x1 + 1):
            for cy in range(y0, y1 + 1):
                place = (cx * 73856093 ^ cy * 19349663) & (size - 1)
                at = heads[place]
                while at >= 0:
                    j = chain[at, 1]
                    same = chain[at, 2] == cx and chain[at, 3] == cy
                    at = chain[at, 0]
                    if not same or (bodies[i, EASE] == 0.0 and bodies[j, EASE] == 0.0):
                        continue
                    if bounds[i, 0] > bounds[j, 2] or bounds[j, 0] > bounds[i, 2]:
                        continue
                    if bounds[i, 1] > bounds[j, 3] or bounds[j, 1] > bounds[i, 3]:
                        continue
                    if bodies[i, LOW] > bodies[j, HIGH] or bodies[j, LOW] > bodies[i, HIGH]:
                        continue
                    if cx != max(x0, math.floor(bounds[j, 0] / CELL_M)):
                        continue
                    if cy != max(y0, math.floor(bounds[j, 1] / CELL_M)):
                        continue
                    if count == len(pairs):
                        pairs = larger(pairs)
                    pairs[count, 0], pairs[count, 1] = j, i
                    count += 1
                chain[entered, 0], chain[entered, 1] = heads[place], i
                chain[entered, 2], chain[entered, 3] = cx, cy
                heads[place] = entered
                entered += 1
    return pairs[:count]


@njit(cache=True, error_model="numpy")
def near_pieces(
    bodies: Table,
    bounds: Table,
    piece_bounds: Table,
    piece_heights: Table,
    origin: Row,
    cell: float,
    shape: tuple[int, int],
    starts: Row,
    entries: Row,
) -> Table:
    """(body, piece of scenery) (k x 2) whose bounds overlap, for bodies that can move, by body."""
    found = np.empty((16 + 4 * len(bodies), 2), np.int64)
    count = 0
    nx, ny = shape
    for i in range(len(bodies)):
        if bodies[i, SOLID] == 0.0 or bodies[i, EASE] == 0.0:
            continue
        x0 = max(math.floor((bounds[i, 0] - origin[0]) / cell), 0)
        y0 = max(math.floor((bounds[i, 1] - origin[1]) / cell), 0)
        x1 = min(math.floor((bounds[i, 2] - origin[0]) / cell), nx - 1)
        y1 = min(math.floor((bounds[i, 3] - origin[1]) / cell), ny - 1)
        for cx in range(x0, x1 + 1):
            for cy in range(y0, y1 + 1):
                for k in range(starts[cx * ny + cy], starts[cx * ny + cy + 1]):
                    j = entries[k]
                    if bounds[i, 0] > piece_bounds[j, 2] or piece_bounds[j, 0] > bounds[i, 2]:
                        continue
                    if bounds[i, 1] > piece_bounds[j, 3] or piece_bounds[j, 1] > bounds[i, 3]:
                        continue
                    if bodies[i, LOW] > piece_heights[j, 1] or piece_heights[j, 0] > bodies[i, HIGH]:
                        continue
                    if cx != max(x0, math.floor((piece_bounds[j, 0] - origin[0]) / cell)):
                        continue
                    if cy != max(y0, math.floor((piece_bounds[j, 1] - origin[1]) / cell)):
                        continue
                    if count == len(found):
                        found = larger(found)
                    found[count, 0], found[count, 1] = i, j
                    count += 1
    return found[:count]
