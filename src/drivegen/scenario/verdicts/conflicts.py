"""How close two entities came: distance, time to collision, post-encroachment time."""

from __future__ import annotations

import numpy as np
import shapely
from jaxtyping import Float

from drivegen.scenario.verdicts.motion import Motion, together

CROSSING_RAD = np.radians(20.0)
"""Courses that differ by less follow one another."""
_PET_STEP_S = 0.1
"""Pairs of ticks are compared, so not all of them."""
_MOVED_M = 1.0
_STILL_MPS = 1e-6


def distances_m(one: Motion, other: Motion) -> tuple[Float[np.ndarray, " k"], Float[np.ndarray, " k"]]:
    """(times, shortest distances of both outlines) at the ticks that both share; 0 where they overlap."""
    a, b = together(one, other)
    return a.time_s, np.asarray(shapely.distance(a.footprints(), b.footprints()), dtype=np.float64)


def times_to_collision_s(
    one: Motion, other: Motion
) -> tuple[Float[np.ndarray, " k"], Float[np.ndarray, " k"]]:
    """(times, time until the boxes would touch if both kept velocity and heading) at shared ticks.

    Hayward, Near-miss determination through use of a scale of danger, Highway Research Record 384 (1972), for
    boxes: on each axis of either box the projections overlap for an interval of time; they touch when all
    intervals have begun and none has ended (separating axes). Infinite where they never would.
    """
    a, b = together(one, other)
    gap = b.middle_m - a.middle_m
    closing = b.velocity_mps - a.velocity_mps
    begin = np.full(len(gap), -np.inf)
    end = np.full(len(gap), np.inf)
    for axis in (a.ahead, _left(a), b.ahead, _left(b)):
        reach = _reach_m(a, axis) + _reach_m(b, axis)
        away, rate = np.sum(gap * axis, axis=1), np.sum(closing * axis, axis=1)
        still = np.abs(rate) < _STILL_MPS
        safe = np.where(still, 1.0, rate)
        first, last = (-reach - away) / safe, (reach - away) / safe
        first, last = np.minimum(first, last), np.maximum(first, last)
        apart = np.abs(away) > reach
        begin = np.maximum(begin, np.where(still, np.where(apart, np.inf, -np.inf), first))
        end = np.minimum(end, np.where(still, np.where(apart, -np.inf, np.inf), last))
    touches = (begin <= end) & (end >= 0.0)
    return a.time_s, np.where(touches, np.maximum(begin, 0.0), np.inf)


def post_encroachment(one: Motion, other: Motion) -> tuple[float, float] | None:
    """(shortest time between one being at a place and the other being there, when the later came).

    Allen, Shin and Cooper, Analysis of traffic conflicts and collisions, Transportation Research Record 667
    (1978):
    from when the first leaves until the second arrives. None where their outlines never cover the same
    place at courses that differ by more than `CROSSING_RAD`, or where either never moves.
    """
    a, b = one.thinned(_PET_STEP_S), other.thinned(_PET_STEP_S)
    if min(_travelled_m(a), _travelled_m(b)) < _MOVED_M:
        return None
    i, j = shapely.STRtree(b.footprints()).query(a.footprints(), predicate="intersects")
    turn = np.abs(np.angle(np.exp(1j * (a.heading_rad[i] - b.heading_rad[j]))))
    low, other_low = a.low_m[i], b.low_m[j]
    level = (low < other_low + b.box.height_m) & (other_low < low + a.box.height_m)
    crossing = level & (turn > CROSSING_RAD)
    if not crossing.any():
        return None
    i, j = i[crossing], j[crossing]
    between = np.abs(a.time_s[i] - b.time_s[j])
    # The pair with the shortest time; of equal ones the first.
    least = int(np.lexsort((a.time_s[i], between))[0])
    return float(between[least]), float(max(a.time_s[i[least]], b.time_s[j[least]]))


def _left(motion: Motion) -> Float[np.ndarray, "n 2"]:
    ahead = motion.ahead
    return np.stack([-ahead[:, 1], ahead[:, 0]], axis=1)


def _reach_m(motion: Motion, axis: Float[np.ndarray, "n 2"]) -> Float[np.ndarray, " n"]:
    """Half the width of a box's shadow on an axis."""
    along = np.abs(np.sum(motion.ahead * axis, axis=1)) * motion.box.length_m
    across = np.abs(np.sum(_left(motion) * axis, axis=1)) * motion.box.width_m
    return np.asarray((along + across) / 2.0)


def _travelled_m(motion: Motion) -> float:
    return float(np.sum(np.linalg.norm(np.diff(motion.xyz_m[:, :2], axis=0), axis=1)))
