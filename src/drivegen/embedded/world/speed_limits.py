"""Which speed limit each vehicle is told of: that of the last sign it passed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float64, UInt32
from numba import njit

from drivegen.embedded.world.maps import LoadedMap
from drivegen.opendrive.signals import RoadSign, SignKind
from drivegen.opendrive.topology import LaneRef, Topology

DEFAULT_SPEED_LIMIT_MPS = 30.0 / 3.6
"""Before any sign, as CARLA has it."""
_MOST_LANES_BACK = 32
_LEVEL_M = 3.0
_LEAP_M = 10.0
"""Who is farther from where it was a step ago was put there, and passed nothing."""
_BESIDE_M = 0.3
"""A vehicle this far beside the lanes of a sign still passes it."""

Table = np.ndarray[Any, Any]


class SpeedLimits:
    """Remembers vehicles by id.

    A vehicle keeps its limit until it passes a sign. A new one begins with that of the last sign on the way
    to its place, as if it had come past it, and without such a sign with CARLA's 30 km/h.
    """

    def __init__(self, loaded: LoadedMap) -> None:
        self._map = loaded
        self._gates = _gates(loaded.signs)
        self._posted: dict[tuple[int, int], list[tuple[float, float]]] = {}
        for sign in loaded.signs:
            if sign.kind is SignKind.SPEED and sign.value is not None:
                for line in sign.stop_lines:
                    self._posted.setdefault((line.road_id, line.lane_id), []).append((line.s_m, sign.value))
        self._topology: Topology | None = None
        self._ids = np.zeros(0, np.uint32)
        self._limit = np.zeros(0)
        self._before = np.zeros((0, 3))

    def update(
        self,
        ids: UInt32[np.ndarray, "m"],
        position_m: Float64[np.ndarray, "m 3"],
        yaw_rad: Float64[np.ndarray, "m"],
    ) -> Float64[np.ndarray, "m"]:
        """The limit of each vehicle in m/s. Call once a step; who is missing is forgotten."""
        if not self._map.posts_limits:
            return np.full(len(ids), DEFAULT_SPEED_LIMIT_MPS)
        if not np.array_equal(ids, self._ids):
            self._take_in(ids, position_m, yaw_rad)
        limit = self._limit.copy()
        _pass(self._before, position_m, self._gates, limit)
        self._limit, self._before = limit, np.array(position_m, np.float64)
        return limit

    def _take_in(
        self,
        ids: UInt32[np.ndarray, "m"],
        position_m: Float64[np.ndarray, "m 3"],
        yaw_rad: Float64[np.ndarray, "m"],
    ) -> None:
        limit = np.full(len(ids), DEFAULT_SPEED_LIMIT_MPS)
        before = np.array(position_m, np.float64)
        _, here, there = np.intersect1d(ids, self._ids, assume_unique=True, return_indices=True)
        limit[here], before[here] = self._limit[there], self._before[there]
        new = np.setdiff1d(np.arange(len(ids)), here)
        if len(new):
            fixes = self._map.lanes.locate(position_m[new, :2], yaw_rad[new])
            for row in np.flatnonzero(fixes.found):
                lane = LaneRef(
                    road_id=int(fixes.road_id[row]),
                    section=int(fixes.section[row]),
                    lane_id=int(fixes.lane_id[row]),
                )
                limit[new[row]] = self._posted_before(lane, float(fixes.s_m[row]))
        self._ids, self._limit, self._before = ids.copy(), limit, before

    def _posted_before(self, lane: LaneRef, s_m: float) -> float:
        """The limit of the last sign before a place, on the first of each lane's predecessors."""
        if self._topology is None:
            self._topology = Topology(self._map.network)
        for _ in range(_MOST_LANES_BACK):
            road = self._map.network.road_by_id[lane.road_id]
            sections = road.lane_sections
            begin = sections[lane.section].s_m
            last = lane.section + 1 == len(sections)
            end = road.length_m if last else sections[lane.section + 1].s_m
            # Against s the traffic of a lane comes from its end.
            begin, end = (begin, min(s_m, end)) if lane.lane_id < 0 else (max(s_m, begin), end)
            posted = self._posted.get((lane.road_id, lane.lane_id), [])
            signs = [(s, limit) for s, limit in posted if begin <= s <= end]
            if signs:
                return max(signs)[1] if lane.lane_id < 0 else min(signs)[1]
            before = self._topology.predecessors(lane)
            if not before:
                break
            lane = before[0]
            s_m = np.inf if lane.lane_id < 0 else -np.inf
        return DEFAULT_SPEED_LIMIT_MPS


def _gates(signs: Sequence[RoadSign]) -> Float64[np.ndarray, "g 7"]:
    """One row for each lane that passes a sign: x, y, z of its middle; direction x, y; half width; limit."""
    rows = []
    for sign in signs:
        if sign.kind is not SignKind.SPEED or sign.value is None:
            continue
        for line in sign.stop_lines:
            middle = 0.5 * (line.start_m + line.end_m)
            half = 0.5 * float(np.linalg.norm(line.end_m - line.start_m)) + _BESIDE_M
            heading = line.heading_rad
            rows.append([*middle, math.cos(heading), math.sin(heading), half, sign.value])
    return np.array(rows, np.float64).reshape(-1, 7)


@njit(cache=True, error_model="numpy")
def _pass(before: Table, now: Table, gates: Table, limit: Table) -> None:
    """Fills in the limits of the gates that vehicles went through in their direction."""
    for i in range(len(now)):
        dx, dy = now[i, 0] - before[i, 0], now[i, 1] - before[i, 1]
        if dx * dx + dy * dy > _LEAP_M * _LEAP_M:
            continue
        for g in range(len(gates)):
            x, y = now[i, 0] - gates[g, 0], now[i, 1] - gates[g, 1]
            ahead = x * gates[g, 3] + y * gates[g, 4]
            if ahead < 0.0 or ahead > _LEAP_M:
                continue
            stepped = dx * gates[g, 3] + dy * gates[g, 4]
            if stepped <= 0.0 or ahead - stepped >= 0.0:
                continue
            back = ahead / stepped
            across = (y - back * dy) * gates[g, 3] - (x - back * dx) * gates[g, 4]
            if abs(across) <= gates[g, 5] and abs(now[i, 2] - gates[g, 2]) <= _LEVEL_M:
                limit[i] = gates[g, 6]
