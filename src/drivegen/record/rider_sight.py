"""What riders see of their way: how fast they may go on each of a few lines beside their path.

A rider looks along its path, shifted to either side by `SHIFTS_M`. What stands or rides on such a line, or
will be there when the rider arrives, limits the speed so that a comfortable stop behind it, or its own speed,
is reached in time.
"""

from __future__ import annotations

import math

import numba
import numpy as np
from jaxtyping import Bool, Float64, Int64

from drivegen.record.rider_path import COMFORT_MPS2, STEP_M

SHIFTS_M = np.array([0.0, -0.6, 0.6, -1.2, 1.2, -1.8, 1.8, 2.4])
"""Lines beside the path, the left positive, in the order in which riders prefer them: in right-hand traffic
who meets somebody keeps to the right."""

SIDE_M = 0.25
"""Left free beside what is passed."""

PERSON_SIDE_M = 0.5

STAND_OFF_M = 0.9
"""Left free to who stands ahead."""

FORESIGHT_S = 2.5
"""So far ahead riders expect others to go on as they do."""

SLOWEST_FORESIGHT_MPS = 1.5
"""Who stands expects to arrive as if it rode so fast."""

CROSSING = 0.5
"""Sine of the angle from which somebody crosses the path, not follows or meets it."""

FREE_MPS = 99.0


@numba.njit(cache=True)
def locate(
    first: Int64[np.ndarray, "r"],
    count: Int64[np.ndarray, "r"],
    xy_m: Float64[np.ndarray, "p 2"],
    tangent: Float64[np.ndarray, "p 2"],
    place_m: Float64[np.ndarray, "r 2"],
    station_m: Float64[np.ndarray, "r"],
) -> Float64[np.ndarray, "r 2"]:
    """(station, distance to the left) of each rider on its path, near the station where it was."""
    out = np.empty((len(first), 2))
    for r in range(len(first)):
        near = int(station_m[r] / STEP_M)
        low, high = max(0, near - 6), min(count[r] - 1, near + 12)
        best, best_d2 = low, np.inf
        for k in range(low, high + 1):
            dx = place_m[r, 0] - xy_m[first[r] + k, 0]
            dy = place_m[r, 1] - xy_m[first[r] + k, 1]
            d2 = dx * dx + dy * dy
            if d2 < best_d2:
                best, best_d2 = k, d2
        row = first[r] + best
        dx, dy = place_m[r, 0] - xy_m[row, 0], place_m[r, 1] - xy_m[row, 1]
        out[r, 0] = best * STEP_M + dx * tangent[row, 0] + dy * tangent[row, 1]
        out[r, 1] = dy * tangent[row, 0] - dx * tangent[row, 1]
    return out


@numba.njit(cache=True)
def safe_speeds(
    first: Int64[np.ndarray, "r"],
    count: Int64[np.ndarray, "r"],
    xy_m: Float64[np.ndarray, "p 2"],
    tangent: Float64[np.ndarray, "p 2"],
    station_m: Float64[np.ndarray, "r"],
    lateral_m: Float64[np.ndarray, "r"],
    speed_mps: Float64[np.ndarray, "r"],
    half_m: Float64[np.ndarray, "r 2"],
    own_row: Int64[np.ndarray, "r"],
    shifts_m: Float64[np.ndarray, "r j"],
    centre_m: Float64[np.ndarray, "o 2"],
    axis: Float64[np.ndarray, "o 2"],
    extent_m: Float64[np.ndarray, "o 2"],
    velocity_mps: Float64[np.ndarray, "o 2"],
    person: Bool[np.ndarray, "o"],
    ignored: Bool[np.ndarray, "r o"],
) -> Float64[np.ndarray, "r j"]:
    """The greatest safe speed of each rider on each line; `FREE_MPS` on a free one.

    Args:
        first: Row of each path's first sample.
        count: Samples of each path.
        xy_m: Samples of all paths.
        tangent: Their directions.
        station_m: Where the riders are on their paths.
        lateral_m: How far to the left of them.
        speed_mps: How fast they are.
        half_m: Half lengths and widths of the riders.
        own_row: Row of each rider among the obstacles.
        shifts_m: The lines.
        centre_m: Middles of the obstacles.
        axis: Where they point.
        extent_m: Their half lengths and widths.
        velocity_mps: Their velocities.
        person: Whether they walk.
        ignored: Whom each rider does not look out for.
    """
    riders, lines, others = shifts_m.shape[0], shifts_m.shape[1], len(centre_m)
    out = np.full((riders, lines), FREE_MPS)
    for r in range(riders):
        v = speed_mps[r]
        reach = 7.0 + 1.0 * v + v * v / (2.0 * COMFORT_MPS2)
        front, width = half_m[r, 0], half_m[r, 1]
        here = min(max(int(station_m[r] / STEP_M), 0), count[r] - 1) + first[r]
        for o in range(others):
            if o == own_row[r] or ignored[r, o]:
                continue
            dx, dy = centre_m[o, 0] - xy_m[here, 0], centre_m[o, 1] - xy_m[here, 1]
            size = extent_m[o, 0] + extent_m[o, 1]
            ox, oy = velocity_mps[o, 0], velocity_mps[o, 1]
            pace = math.hypot(ox, oy)
            far = reach + front + size + pace * FORESIGHT_S
            if dx * dx + dy * dy > far * far:
                continue
            side = width + (PERSON_SIDE_M if person[o] else SIDE_M)
            for j in range(lines):
                beside = abs(shifts_m[r, j] - lateral_m[r]) > 0.45
                start = station_m[r] + (-front if beside else front)
                k = max(0, math.ceil(start / STEP_M))
                last = min(count[r] - 1, int((station_m[r] + front + reach) / STEP_M))
                while k <= last:
                    row = first[r] + k
                    tx, ty = tangent[row, 0], tangent[row, 1]
                    px = xy_m[row, 0] - ty * shifts_m[r, j] - centre_m[o, 0]
                    py = xy_m[row, 1] + tx * shifts_m[r, j] - centre_m[o, 1]
                    gap = max(0.0, k * STEP_M - station_m[r] - front)
                    u = px * axis[o, 0] + py * axis[o, 1]
                    w = py * axis[o, 0] - px * axis[o, 1]
                    along = ox * tx + oy * ty
                    if abs(u) < extent_m[o, 0] + side and abs(w) < extent_m[o, 1] + side:
                        # Who comes towards the rider takes half of the way between them.
                        room = gap * 0.5 if along < -0.5 else gap
                        lead = max(0.0, along)
                        limit = math.sqrt(lead * lead + 2.0 * COMFORT_MPS2 * max(0.0, room - STAND_OFF_M))
                        out[r, j] = min(out[r, j], limit)
                        break
                    if pace > 0.3 and (person[o] or abs(ox * ty - oy * tx) > CROSSING * pace):
                        t = gap / max(v, SLOWEST_FORESIGHT_MPS)
                        if t < FORESIGHT_S:
                            px -= ox * t
                            py -= oy * t
                            u = px * axis[o, 0] + py * axis[o, 1]
                            w = py * axis[o, 0] - px * axis[o, 1]
                            if abs(u) < extent_m[o, 0] + side and abs(w) < extent_m[o, 1] + side:
                                limit = math.sqrt(2.0 * COMFORT_MPS2 * max(0.0, gap - STAND_OFF_M))
                                out[r, j] = min(out[r, j], limit)
                                break
                    k += 1
    return out
