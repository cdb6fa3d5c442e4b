"""Which vehicle is at which light.

The client's Traffic Manager brakes with all force while a vehicle is told to be at a light that is red or
yellow, and takes no distance into account. So a vehicle is told when full braking would just stop it before
the line. The Traffic Manager also goes on taking for green a light that was green when the vehicle was last
told of it (so that nobody stops in the middle of a crossing). A vehicle that was told of green and can still
stop when the light changes is therefore told of no light for one step, and of the new state from the next
step on.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from jaxtyping import Float64, Int32, UInt8, UInt32
from numba import njit

from drivegen.embedded.traffic_lights.ahead import approach_table, line_ahead
from drivegen.embedded.traffic_lights.approaches import Approaches
from drivegen.embedded.traffic_lights.states import LightState

BRAKE_DELAY_S = 0.07
"""Half the time in which the brakes reach full force."""
GAP_M = 1.25
"""Space between a stopped front and the line, on the average over where a step happens to end."""
REST_ZONE_M = 4.0
"""Who stands this close before the line is at the light."""
ROLL_BACK_M = 2.0
"""Who is told of a light stays told while it rolls back no farther than this in a step."""
SPARE_M = 0.3
"""Who could only stop closer to the line than this goes on."""

_PERMISSIVE = np.array([0, 1, 3, 2, 2], np.int64)
"""How far each `LightState` lets traffic go."""


_RED, _YELLOW = int(LightState.RED), int(LightState.YELLOW)

Table = np.ndarray[Any, Any]


@njit(cache=True, error_model="numpy")
def stopping_distance_m(speed_mps: float, braking_mps2: float) -> float:
    """Way to a stand at full braking: v t + v^2 / (2 a)."""
    speed = max(speed_mps, 0.0)
    return speed * BRAKE_DELAY_S + speed * speed / (2.0 * braking_mps2)


class Halts:
    """Remembers who has been told of which light."""

    def __init__(self, approaches: Approaches) -> None:
        self._table = approach_table(approaches)
        longest = max((len(rows) for rows in approaches.rows), default=1)
        self._rows = np.full((len(approaches), longest), -1, np.int32)
        for a, rows in enumerate(approaches.rows):
            self._rows[a, : len(rows)] = rows
        self._ids = np.zeros(0, np.uint32)
        self._told = np.zeros(0, np.int32)
        self._told_free = np.zeros(0, np.bool_)
        self._way = np.zeros(0)

    def update(
        self,
        ids: UInt32[np.ndarray, "m"],
        position_m: Float64[np.ndarray, "m 3"],
        yaw_rad: Float64[np.ndarray, "m"],
        speed_mps: Float64[np.ndarray, "m"],
        half_length_m: Float64[np.ndarray, "m"],
        braking_mps2: Float64[np.ndarray, "m"],
        state: UInt8[np.ndarray, "n"],
        dt_s: float,
    ) -> Int32[np.ndarray, "m"]:
        """Row of the light that each vehicle is to be told of, -1 for none."""
        if not len(self._rows):
            return np.full(len(ids), -1, np.int32)
        if not np.array_equal(ids, self._ids):
            self._take_in(ids)
        told, free = self._told.copy(), self._told_free
        known = self._table
        _tell(
            position_m, yaw_rad, speed_mps, half_length_m, braking_mps2, known.pieces, known.start, known.box,
            known.beyond_m, self._rows, state, dt_s, told, free, self._way,
        )  # fmt: skip
        self._told = told
        return told.copy()

    def _take_in(self, ids: UInt32[np.ndarray, "m"]) -> None:
        """Vehicles have come or gone."""
        told, free = np.full(len(ids), -1, np.int32), np.zeros(len(ids), np.bool_)
        _, here, there = np.intersect1d(ids, self._ids, assume_unique=True, return_indices=True)
        told[here], free[here] = self._told[there], self._told_free[there]
        way = np.zeros(len(ids))
        way[here] = self._way[there]
        self._ids, self._told, self._told_free, self._way = np.array(ids, np.uint32), told, free, way


@njit(cache=True, error_model="numpy")
def _governing(rows: Table, state: Table) -> int:
    """Of several lights for one lane the one that lets most traffic go, else the first."""
    chosen, most = -1, -1
    for row in rows:
        if row >= 0 and _PERMISSIVE[state[row]] > most:
            chosen, most = row, _PERMISSIVE[state[row]]
    return chosen


@njit(cache=True, error_model="numpy")
def _tell(
    position: Table, yaw: Table, speed: Table, half_length: Table, braking: Table, pieces: Table,
    start: Table, box: Table, beyond: Table, rows: Table, state: Table, dt_s: float, told: Table, free: Table,
    way_before: Table,
) -> None:  # fmt: skip
    """Fills in what was told before: the light, whether it was free to go, and the way to its line."""
    for i in range(len(position)):
        x = position[i, 0] + half_length[i] * math.cos(yaw[i])
        y = position[i, 1] + half_length[i] * math.sin(yaw[i])
        approach, way = line_ahead(x, y, position[i, 2], yaw[i], pieces, start, box)
        row = _governing(rows[approach], state) if approach >= 0 else -1
        if row < 0:
            told[i], free[i] = -1, False
            continue
        v = speed[i]
        closed = state[row] == _RED or state[row] == _YELLOW
        stop = stopping_distance_m(v, braking[i])
        zone = REST_ZONE_M if abs(v) < 0.1 else stop + GAP_M + 0.5 * max(v, 0.0) * dt_s
        inside = -beyond[approach] < way <= zone
        can_stop = way >= stop + SPARE_M or v < 0.5
        # Who was put farther back is asked anew.
        again = told[i] == row and way <= way_before[i] + ROLL_BACK_M
        way_before[i] = way
        was_free = again and free[i]
        goes_on = closed and was_free and not can_stop and way > 0.0
        fresh = inside and not (closed and was_free) and (not closed or can_stop)
        waiting = again and not free[i] and (closed or way > 0.0)
        if goes_on or fresh or waiting:
            told[i], free[i] = row, not closed or goes_on
        else:
            told[i], free[i] = -1, False
