"""Gaps in traffic: those that people step into, and those between vehicles that leave a light."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import numpy as np
from jaxtyping import Float64

from drivegen.opendrive.lanes import LaneFixes
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.signals import signal_heads
from drivegen.report.tracks import Movement

_LANE_HALF_M = 1.7
_LONGEST_GAP_S = 15.0
_YIELDED_MPS = 1.0
_QUEUED_MPS = 1.0
_QUEUED_S = 15.0
_LONGEST_HEADWAY_S = 6.0
_NEAR_LINE_M = 12.0


def walker_gaps_s(moved: Movement, fixes: LaneFixes) -> list[float]:
    """From the moment somebody steps into a driving lane to that when the next vehicle passes there.

    Vehicles that slow down to walking speed before have given way, and are not counted; nor are gaps of more
    than 15 s, which nobody has to judge.
    """
    out = []
    along = _along(fixes)
    inside = fixes.found & (np.abs(fixes.offset_m) < _LANE_HALF_M)
    by_lane: dict[tuple[int, int], list[np.ndarray]] = defaultdict(list)
    for rows in _tracks(moved, moved.motor & inside):
        for stay in _stays(fixes, rows):
            by_lane[_lane(fixes, stay[0])].append(stay)
    for rows in _tracks(moved, moved.people):
        stepped = np.flatnonzero(inside[rows[1:]] & ~inside[rows[:-1]]) + 1
        for row in rows[stepped]:
            passes = [
                time
                for stay in by_lane[_lane(fixes, row)]
                if (time := _passes(moved, along, stay, row)) is not None
            ]
            if passes and min(passes) <= _LONGEST_GAP_S:
                out.append(min(passes))
    return out


def _passes(moved: Movement, along: Float64[np.ndarray, "n"], stay: np.ndarray, row: int) -> float | None:
    """Seconds until a vehicle's front is where somebody stepped into its lane; None if it gives way."""
    front = along[stay] + 0.5 * moved.length_m[stay]
    later = moved.time_s[stay] >= moved.time_s[row]
    if not later.any() or front[later][0] >= along[row] or front[-1] < along[row]:
        return None
    at = int(np.flatnonzero(later & (front >= along[row]))[0])
    waited = moved.speed_mps[stay[later & (np.arange(len(stay)) <= at)]]
    if float(waited.min()) < _YIELDED_MPS:
        return None
    return float(moved.time_s[stay[at]] - moved.time_s[row])


def discharge_headways_s(moved: Movement, fixes: LaneFixes, network: RoadNetwork) -> list[float]:
    """Between successive vehicles of a queue over a stop line of a light, the first vehicle left out."""
    lines = {
        (line.road_id, line.lane_id): line.s_m for head in signal_heads(network) for line in head.stop_lines
    }
    passed: dict[tuple[int, int], list[tuple[float, bool]]] = defaultdict(list)
    along = _along(fixes)
    for rows in _tracks(moved, moved.motor & fixes.found):
        for stay in _stays(fixes, rows):
            lane = _lane(fixes, stay[0])
            if lane not in lines or stay[-1] == rows[-1]:
                continue  # no light, or it never left the lane
            line = lines[lane] * (1.0 if lane[1] < 0 else -1.0)
            if line - along[stay[-1]] > _NEAR_LINE_M:
                continue
            time = float(moved.time_s[stay[-1]])
            before = rows[(moved.time_s[rows] <= time) & (moved.time_s[rows] > time - _QUEUED_S)]
            passed[lane].append((time, bool(np.any(moved.speed_mps[before] < _QUEUED_MPS))))
    out = []
    for times in passed.values():
        times.sort()
        for (first, _), (second, queued) in pairwise(times):
            if queued and second - first < _LONGEST_HEADWAY_S:
                out.append(second - first)
    return out


def _along(fixes: LaneFixes) -> Float64[np.ndarray, "n"]:
    return np.asarray(np.where(fixes.lane_id < 0, 1.0, -1.0) * fixes.s_m, dtype=np.float64)


def _lane(fixes: LaneFixes, row: int) -> tuple[int, int]:
    return int(fixes.road_id[row]), int(fixes.lane_id[row])


def _tracks(moved: Movement, chosen: np.ndarray) -> list[np.ndarray]:
    rows = np.flatnonzero(chosen)
    return np.split(rows, np.flatnonzero(np.diff(moved.track[rows])) + 1) if len(rows) else []


def _stays(fixes: LaneFixes, rows: np.ndarray) -> list[np.ndarray]:
    """The rows of a track, lane by lane."""
    change = (np.diff(fixes.road_id[rows]) != 0) | (np.diff(fixes.lane_id[rows]) != 0)
    return np.split(rows, np.flatnonzero(change) + 1)
