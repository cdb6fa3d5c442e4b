"""Boxes on the ground that people on foot go round, and stop for.

This project's own rules: the social forces of the literature end at walls and points.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float64
from numba import njit

STANDING_MPS = 0.3
"""Slower boxes stand."""

Table = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Boxes:
    """m rectangles on the ground."""

    xy_m: Float64[np.ndarray, "m 2"]
    along: Float64[np.ndarray, "m 2"]
    """Unit vectors of their length."""
    half_m: Float64[np.ndarray, "m 2"]
    velocity_mps: Float64[np.ndarray, "m 2"]

    def with_more(self, others: Boxes) -> Boxes:
        """These and the others."""
        return Boxes(
            xy_m=np.concatenate([self.xy_m, others.xy_m]),
            along=np.concatenate([self.along, others.along]),
            half_m=np.concatenate([self.half_m, others.half_m]),
            velocity_mps=np.concatenate([self.velocity_mps, others.velocity_mps]),
        )


def detour(
    xy_m: Float64[np.ndarray, "n 2"],
    goal_m: Float64[np.ndarray, "n 2"],
    radius_m: Float64[np.ndarray, "n"],
    boxes: Boxes,
    still: Bool[np.ndarray, "m"],
    ahead_m: float,
    clearance_m: float,
) -> Float64[np.ndarray, "n 2"]:
    """Points to go to: the goals, or a corner to go round of a standing box that lies in the way.

    Args:
        xy_m: Where people are.
        goal_m: Where they want to go.
        radius_m: Of their bodies.
        boxes: All.
        still: Which of them stand.
        ahead_m: Boxes farther ahead are not minded yet.
        clearance_m: Left between body and box.
    """
    out = goal_m.copy()
    _go_round(
        xy_m, goal_m, radius_m + clearance_m, boxes.xy_m, boxes.along, boxes.half_m, still, ahead_m, out
    )
    return out


def must_stop(
    xy_m: Float64[np.ndarray, "n 2"],
    velocity_mps: Float64[np.ndarray, "n 2"],
    boxes: Boxes,
    horizon_s: float,
    clearance_m: float,
) -> Bool[np.ndarray, "n"]:
    """Whose way a moving box is about to cut that will pass where they stand now.

    Args:
        xy_m: Where people are.
        velocity_mps: With which they would go on.
        boxes: All; those that stand do not count.
        horizon_s: What happens later is not minded yet.
        clearance_m: Around the boxes.
    """
    out = np.zeros(len(xy_m), np.bool_)
    _would_be_hit(
        xy_m, velocity_mps, boxes.xy_m, boxes.along, boxes.half_m, boxes.velocity_mps, horizon_s,
        clearance_m, out,
    )  # fmt: skip
    return out


@njit(cache=True, error_model="numpy")
def gap_to_box(x: float, y: float, ax: float, ay: float, hx: float, hy: float) -> tuple[float, float, float]:
    """Distance of a point, from a box's centre, to its edge, and the unit vector away; inside it is < 0."""
    u, v = x * ax + y * ay, -x * ay + y * ax
    pu, pv = max(abs(u) - hx, 0.0), max(abs(v) - hy, 0.0)
    if pu > 0.0 or pv > 0.0:
        d = math.hypot(pu, pv)
        wu, wv = math.copysign(pu, u) / d, math.copysign(pv, v) / d
    elif hx - abs(u) < hy - abs(v):
        d, wu, wv = abs(u) - hx, math.copysign(1.0, u), 0.0
    else:
        d, wu, wv = abs(v) - hy, 0.0, math.copysign(1.0, v)
    return d, wu * ax - wv * ay, wu * ay + wv * ax


@njit(cache=True, error_model="numpy")
def _enters(u: float, v: float, du: float, dv: float, hx: float, hy: float) -> float:
    """Share of a stretch at which it enters a box around the origin; infinite where it does not."""
    first, last = 0.0, 1.0
    for p, d, h in ((u, du, hx), (v, dv, hy)):
        if abs(d) < 1e-12:
            if abs(p) >= h:
                return math.inf
            continue
        a, b = (-h - p) / d, (h - p) / d
        first, last = max(first, min(a, b)), min(last, max(a, b))
    return first if first < last else math.inf


@njit(cache=True, error_model="numpy")
def _go_round(
    xy: Table, goal: Table, keep: Table, at: Table, along: Table, half: Table, still: Table,
    ahead_m: float, out: Table,
) -> None:  # fmt: skip
    for i in range(len(xy)):
        nearest = ahead_m
        far = math.hypot(goal[i, 0] - xy[i, 0], goal[i, 1] - xy[i, 1])
        for k in range(len(at)):
            if not still[k] or far < 1e-6:
                continue
            dx, dy = xy[i, 0] - at[k, 0], xy[i, 1] - at[k, 1]
            if abs(dx) + abs(dy) > half[k, 0] + half[k, 1] + 2.0 * (ahead_m + keep[i]):
                continue
            ax, ay = along[k, 0], along[k, 1]
            u, v = dx * ax + dy * ay, -dx * ay + dy * ax
            gx, gy = goal[i, 0] - at[k, 0], goal[i, 1] - at[k, 1]
            gu, gv = gx * ax + gy * ay, -gx * ay + gy * ax
            hx, hy = half[k, 0] + keep[i], half[k, 1] + keep[i]
            enters = _enters(u, v, gu - u, gv - v, hx, hy) * far
            if enters >= nearest:
                continue
            if abs(gu) < hx and abs(gv) < hy:
                # A goal in the box: what lies behind it on the same line.
                eu, ev = (gu - u) / far, (gv - v) / far
                tu = (hx - math.copysign(gu, eu * gu)) / abs(eu) if abs(eu) > 1e-9 else math.inf
                tv = (hy - math.copysign(gv, ev * gv)) / abs(ev) if abs(ev) > 1e-9 else math.inf
                gu, gv = gu + min(tu, tv) * eu, gv + min(tu, tv) * ev
            best = math.inf
            for su in (-1.0, 1.0):
                for sv in (-1.0, 1.0):
                    cu, cv = su * (hx + 0.05), sv * (hy + 0.05)
                    # Inside of the margin every corner is seen that the box itself does not hide.
                    shrunk = 1e-3 if abs(u) >= hx or abs(v) >= hy else keep[i]
                    if _enters(u, v, cu - u, cv - v, hx - shrunk, hy - shrunk) <= 1.0:
                        continue
                    if math.hypot(cu - u, cv - v) < 0.15:
                        continue
                    cost = math.hypot(cu - u, cv - v) + math.hypot(gu - cu, gv - cv)
                    if cost < best:
                        best = cost
                        nearest = enters
                        out[i, 0] = at[k, 0] + cu * ax - cv * ay
                        out[i, 1] = at[k, 1] + cu * ay + cv * ax


@njit(cache=True, error_model="numpy")
def _would_be_hit(
    xy: Table, own: Table, at: Table, along: Table, half: Table, velocity: Table, horizon_s: float,
    clearance_m: float, out: Table,
) -> None:  # fmt: skip
    for i in range(len(xy)):
        own_pace = math.hypot(own[i, 0], own[i, 1])
        for k in range(len(at)):
            pace = math.hypot(velocity[k, 0], velocity[k, 1])
            if pace < STANDING_MPS or own_pace <= 0.0:
                continue
            dx, dy = xy[i, 0] - at[k, 0], xy[i, 1] - at[k, 1]
            hx, hy = half[k, 0] + clearance_m, half[k, 1] + clearance_m
            if math.hypot(dx, dy) > (pace + own_pace) * horizon_s + hx + hy:
                continue
            # Seen from the box, everything else moves against its velocity.
            ax, ay = along[k, 0], along[k, 1]
            u, v = dx * ax + dy * ay, -dx * ay + dy * ax
            sx, sy = -velocity[k, 0] * horizon_s, -velocity[k, 1] * horizon_s
            stays = _enters(u, v, sx * ax + sy * ay, -sx * ay + sy * ax, hx, hy)
            sx, sy = sx + own[i, 0] * horizon_s, sy + own[i, 1] * horizon_s
            goes = _enters(u, v, sx * ax + sy * ay, -sx * ay + sy * ax, hx, hy)
            if goes <= 1.0 and stays > 1.0:
                out[i] = True
                break
