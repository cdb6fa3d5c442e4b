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

HEADWAY_S = 0.4
"""Riders follow closely: what they leave to who is ahead grows by so much of its speed."""

FORESIGHT_S = 2.5
"""So far ahead riders expect others to go on as they do."""

SLOWEST_FORESIGHT_MPS = 1.5
"""Who stands expects to arrive as if it rode so fast."""

CROSSING = 0.5
"""Sine of the angle from which somebody crosses the path, not follows or meets it."""

FREE_MPS = 99.0

ONCOMING_SHARE = 0.25
"""Of the way to who comes towards a rider, so much is the rider's: the other takes half, and both need time
to keep to the right."""

ONCOMING_M = 12.0
"""Riders see so much farther who comes towards them."""

LOOK_M, LOOK_S = 1.2, 0.8
LOOK_LEAST_M, LOOK_MOST_M = 2.0, 7.0
"""How far ahead riders aim: a length and a time, within bounds."""


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
        near = min(int(station_m[r] / STEP_M), count[r] - 1)
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
def lines(
    first: Int64[np.ndarray, "r"],
    count: Int64[np.ndarray, "r"],
    left_m: Float64[np.ndarray, "p"],
    right_m: Float64[np.ndarray, "p"],
    station_m: Float64[np.ndarray, "r"],
    offset_m: Float64[np.ndarray, "r"],
) -> Float64[np.ndarray, "r j"]:
    """The lines beside its path that each rider may take within the room of the next metres.

    The first is its own, `offset_m` to the left of its path.
    """
    out = np.empty((len(first), len(SHIFTS_M)))
    for r in range(len(first)):
        k = min(max(int(station_m[r] / STEP_M), 0), count[r] - 1)
        last = min(k + 20, count[r])
        left, right = np.inf, np.inf
        for row in range(first[r] + k, first[r] + last):
            left, right = min(left, left_m[row]), min(right, right_m[row])
        left, right = max(left, 0.0), -max(right, 0.0)
        for j in range(len(SHIFTS_M)):
            out[r, j] = min(max(offset_m[r] + SHIFTS_M[j], right), left)
    return out


@numba.njit(cache=True)
def steering_rad(
    first: Int64[np.ndarray, "r"],
    count: Int64[np.ndarray, "r"],
    xy_m: Float64[np.ndarray, "p 2"],
    tangent: Float64[np.ndarray, "p 2"],
    station_m: Float64[np.ndarray, "r"],
    shift_m: Float64[np.ndarray, "r"],
    place_m: Float64[np.ndarray, "r 2"],
    axis: Float64[np.ndarray, "r 2"],
    speed_mps: Float64[np.ndarray, "r"],
    wheelbase_m: Float64[np.ndarray, "r"],
) -> Float64[np.ndarray, "r"]:
    """Angles of the front wheels, to the left positive: pure pursuit of a point ahead on each rider's line.

    atan(2 L sin(a) / d): L wheelbase, a and d bearing and distance of the point from the rear axle.
    """
    out = np.empty(len(first))
    for r in range(len(first)):
        look = min(max(LOOK_M + LOOK_S * speed_mps[r], LOOK_LEAST_M), LOOK_MOST_M)
        k = min(max(int((station_m[r] + look) / STEP_M), 0), count[r] - 1)
        row = first[r] + k
        tx, ty = tangent[row, 0], tangent[row, 1]
        over = max(0.0, station_m[r] + look - k * STEP_M)  # straight on beyond the end
        ax, ay = axis[r, 0], axis[r, 1]
        dx = xy_m[row, 0] - ty * shift_m[r] + over * tx - place_m[r, 0] + 0.5 * wheelbase_m[r] * ax
        dy = xy_m[row, 1] + tx * shift_m[r] + over * ty - place_m[r, 1] + 0.5 * wheelbase_m[r] * ay
        distance = max(math.hypot(dx, dy), 0.5)
        across = (ax * dy - ay * dx) / distance
        out[r] = math.atan2(2.0 * wheelbase_m[r] * across, distance)
        if ax * dx + ay * dy < 0.0:
            out[r] = math.copysign(math.pi / 2.0, across)
    return out


@numba.njit(cache=True)
def _near(
    out: Int64[np.ndarray, "o"],
    place_m: Float64[np.ndarray, "2"],
    ahead: Float64[np.ndarray, "2"],
    reach_m: float,
    front_m: float,
    own: int,
    ignored: Bool[np.ndarray, "o"],
    centre_m: Float64[np.ndarray, "o 2"],
    extent_m: Float64[np.ndarray, "o 2"],
    velocity_mps: Float64[np.ndarray, "o 2"],
) -> int:
    """How many obstacles may matter to a rider; their rows come first in `out`."""
    found = 0
    for o in range(len(centre_m)):
        if o == own or ignored[o]:
            continue
        dx, dy = centre_m[o, 0] - place_m[0], centre_m[o, 1] - place_m[1]
        expected = math.hypot(velocity_mps[o, 0], velocity_mps[o, 1]) * FORESIGHT_S
        size = extent_m[o, 0] + extent_m[o, 1] + front_m
        far = reach_m + size + max(expected, ONCOMING_M)
        # Who is behind and no faster matters to nobody.
        if dx * dx + dy * dy < far * far and dx * ahead[0] + dy * ahead[1] >= -size - expected:
            out[found] = o
            found += 1
    return found


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
    content_mps: Float64[np.ndarray, "r"],
    apart_m: Float64[np.ndarray, "r"],
    centre_m: Float64[np.ndarray, "o 2"],
    axis: Float64[np.ndarray, "o 2"],
    extent_m: Float64[np.ndarray, "o 2"],
    velocity_mps: Float64[np.ndarray, "o 2"],
    person: Bool[np.ndarray, "o"],
    ignored: Bool[np.ndarray, "r o"],
) -> Float64[np.ndarray, "r j"]:
    """The greatest safe speed of each rider on each line; `FREE_MPS` on a free one.

    A rider on its own line, the first, looks at others only where that one holds it below `content_mps`.

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
        content_mps: See above.
        apart_m: What each leaves free to who is ahead when both stand.
        centre_m: Middles of the obstacles.
        axis: Where they point.
        extent_m: Their half lengths and widths.
        velocity_mps: Their velocities.
        person: Whether they walk.
        ignored: Whom each rider does not look out for.
    """
    riders, lines, others = shifts_m.shape[0], shifts_m.shape[1], len(centre_m)
    out = np.full((riders, lines), FREE_MPS)
    near = np.empty(others, np.int64)
    for r in range(riders):
        v = speed_mps[r]
        reach = 7.0 + 1.0 * v + v * v / (2.0 * COMFORT_MPS2)
        front, width = half_m[r, 0], half_m[r, 1]
        here = min(max(int(station_m[r] / STEP_M), 0), count[r] - 1) + first[r]
        found = _near(
            near,
            xy_m[here],
            tangent[here],
            reach,
            front,
            own_row[r],
            ignored[r],
            centre_m,
            extent_m,
            velocity_mps,
        )
        last = min(count[r] - 1, int((station_m[r] + front + reach) / STEP_M))
        for j in range(lines):
            if j > 0 and out[r, 0] >= content_mps[r] and abs(shifts_m[r, 0] - lateral_m[r]) < 0.3:
                break
            beside = abs(shifts_m[r, j] - lateral_m[r]) > 0.45
            start = station_m[r] + (-front if beside else front)
            for n in range(found):
                o = near[n]
                ox, oy = velocity_mps[o, 0], velocity_mps[o, 1]
                pace = math.hypot(ox, oy)
                side = width + (PERSON_SIDE_M if person[o] else SIDE_M)
                long, wide = extent_m[o, 0] + side, extent_m[o, 1] + side
                meets = ox * tangent[here, 0] + oy * tangent[here, 1] < -0.5
                end = min(count[r], last + 1 + (int(ONCOMING_M / STEP_M) if meets else 0))
                for k in range(max(0, math.ceil(start / STEP_M)), end):
                    row = first[r] + k
                    tx, ty = tangent[row, 0], tangent[row, 1]
                    px = xy_m[row, 0] - ty * shifts_m[r, j] - centre_m[o, 0]
                    py = xy_m[row, 1] + tx * shifts_m[r, j] - centre_m[o, 1]
                    gap = max(0.0, k * STEP_M - station_m[r] - front)
                    u = px * axis[o, 0] + py * axis[o, 1]
                    w = py * axis[o, 0] - px * axis[o, 1]
                    if abs(u) < long and abs(w) < wide:
                        along = ox * tx + oy * ty
                        room = gap * ONCOMING_SHARE if along < -0.5 else gap
                        lead = max(0.0, along)
                        left = room - apart_m[r] - HEADWAY_S * lead
                        limit = math.sqrt(max(0.0, lead * lead + 2.0 * COMFORT_MPS2 * left))
                        out[r, j] = min(out[r, j], limit)
                        break
                    if pace > 0.3 and (person[o] or abs(ox * ty - oy * tx) > CROSSING * pace):
                        t = gap / max(v, SLOWEST_FORESIGHT_MPS)
                        if t < FORESIGHT_S:
                            px -= ox * t
                            py -= oy * t
                            u = px * axis[o, 0] + py * axis[o, 1]
                            w = py * axis[o, 0] - px * axis[o, 1]
                            if abs(u) < long and abs(w) < wide:
                                limit = math.sqrt(2.0 * COMFORT_MPS2 * max(0.0, gap - apart_m[r]))
                                out[r, j] = min(out[r, j], limit)
                                break
    return out
