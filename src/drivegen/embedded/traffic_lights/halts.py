"""Which vehicle is at which light.

The client's Traffic Manager brakes with all force while a vehicle is told to be at a light that is red or
yellow, and takes no distance into account. So a vehicle is told when full braking would just stop it before
the line. The Traffic Manager also goes on taking for green a light that was green when the vehicle was last
told of it (so that nobody stops in the middle of a crossing). A vehicle that was told of green and can still
stop when the light changes is therefore told of no light for one step, and of the new state from the next
step on.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float64, Int32, UInt8, UInt32

from drivegen.embedded.traffic_lights.ahead import lines_ahead
from drivegen.embedded.traffic_lights.approaches import Approaches
from drivegen.embedded.traffic_lights.states import LightState

BRAKE_DELAY_S = 0.07
"""Half the time in which the brakes reach full force."""
GAP_M = 1.25
"""Space between a stopped front and the line, on the average over where a step happens to end."""
REST_ZONE_M = 4.0
"""Who stands this close before the line is at the light."""
SPARE_M = 0.3
"""Who could only stop closer to the line than this goes on."""

_PERMISSIVE = np.array([0, 1, 3, 2, 2], np.int64)
"""How far each `LightState` lets traffic go."""


def stopping_distance_m(
    speed_mps: Float64[np.ndarray, "m"], braking_mps2: Float64[np.ndarray, "m"]
) -> Float64[np.ndarray, "m"]:
    """Way to a stand at full braking: v t + v^2 / (2 a)."""
    speed = np.maximum(speed_mps, 0.0)
    return np.asarray(speed * BRAKE_DELAY_S + speed**2 / (2.0 * braking_mps2))


class Halts:
    """Remembers who has been told of which light."""

    def __init__(self, approaches: Approaches) -> None:
        self._approaches = approaches
        longest = max((len(rows) for rows in approaches.rows), default=1)
        self._rows = np.full((len(approaches), longest), -1, np.int32)
        for a, rows in enumerate(approaches.rows):
            self._rows[a, : len(rows)] = rows
        self._ids = np.zeros(0, np.uint32)
        self._told = np.zeros(0, np.int32)
        self._told_free = np.zeros(0, np.bool_)

    def _governing(
        self, approach: Int32[np.ndarray, "m"], state: UInt8[np.ndarray, "n"]
    ) -> Int32[np.ndarray, "m"]:
        """Of several lights for one lane the one that lets most traffic go, else the first."""
        rows = self._rows[np.maximum(approach, 0)]
        allowed = np.where(rows >= 0, _PERMISSIVE[state[np.maximum(rows, 0)]], -1)
        chosen = rows[np.arange(len(rows)), allowed.argmax(axis=1)]
        return np.where(approach >= 0, chosen, -1).astype(np.int32)

    def _recall(self, ids: UInt32[np.ndarray, "m"]) -> tuple[Int32[np.ndarray, "m"], Bool[np.ndarray, "m"]]:
        """(row last told, whether it was free to go then)."""
        told = np.full(len(ids), -1, np.int32)
        free = np.zeros(len(ids), np.bool_)
        if len(self._ids):
            at = np.minimum(np.searchsorted(self._ids, ids), len(self._ids) - 1)
            known = self._ids[at] == ids
            told[known] = self._told[at[known]]
            free[known] = self._told_free[at[known]]
        return told, free

    def update(
        self,
        ids: UInt32[np.ndarray, "m"],
        front_m: Float64[np.ndarray, "m 3"],
        yaw_rad: Float64[np.ndarray, "m"],
        speed_mps: Float64[np.ndarray, "m"],
        braking_mps2: Float64[np.ndarray, "m"],
        state: UInt8[np.ndarray, "n"],
        dt_s: float,
    ) -> Int32[np.ndarray, "m"]:
        """Row of the light that each vehicle is to be told of, -1 for none."""
        if not len(self._approaches):
            return np.full(len(ids), -1, np.int32)
        approach = np.empty(len(ids), np.int32)
        way = np.empty(len(ids))
        known = self._approaches
        lines_ahead(front_m, yaw_rad, known.points_m, known.half_width_m, known.start, approach, way)
        row = self._governing(approach, state)
        closed = (
            np.isin(state[row], (LightState.RED, LightState.YELLOW)) & (row >= 0) if len(state) else row >= 0
        )
        stop = stopping_distance_m(speed_mps, braking_mps2)
        zone = stop + GAP_M + 0.5 * np.maximum(speed_mps, 0.0) * dt_s
        zone = np.where(np.abs(speed_mps) < 0.1, REST_ZONE_M, zone)
        inside = (way > 0.0) & (way <= zone) & (row >= 0)
        can_stop = (way >= stop + SPARE_M) | (speed_mps < 0.5)
        told_before, free_before = self._recall(ids)
        again = (told_before == row) & (row >= 0)
        goes_on = closed & again & free_before & ~can_stop & (way > 0.0)
        fresh = inside & ~(closed & again & free_before) & (~closed | can_stop)
        waiting = again & ~free_before & (closed | (way > 0.0))
        told = np.where(goes_on | fresh | waiting, row, -1).astype(np.int32)
        order = np.argsort(ids, kind="stable")
        self._ids, self._told = ids[order].astype(np.uint32), told[order]
        self._told_free = ((~closed | goes_on) & (told >= 0))[order]
        return told
