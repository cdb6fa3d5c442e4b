"""Trajectories as curves in the map: positions by the length gone or by time.

Polylines are exact; spirals and NURBS are sampled every 0.1 m or finer, so that chords keep to the curve
within a millimetre for radii from 1.5 m on. NURBS: Piegl and Tiller, The NURBS Book, algorithm A3.1 with the
basis of A2.2.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from jaxtyping import Float64

from drivegen.core.errors import ScenarioError
from drivegen.scenario.player.roads.angles import wrapped
from drivegen.scenario.player.roads.spot import Pose

_STEP_M = 0.1
_MOST_SAMPLES = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """A point that a curve goes through."""

    pose: Pose
    heading_given: bool
    height_given: bool
    time_s: float | None = None


class Curve:
    """A course through points, straight between neighbours."""

    def __init__(self, points: list[CurvePoint], *, closed: bool, smooth: bool) -> None:
        """`smooth`: the points are samples of a smooth curve, so that headings between them are
        interpolated."""
        self.closed = closed
        self.height_given = all(p.height_given for p in points)
        self._points = points
        self._s = [0.0]
        for a, b in pairwise(points):
            self._s.append(self._s[-1] + _apart(a.pose, b.pose))
        self._times = [p.time_s for p in points]
        self._headings = self._make_headings(smooth)

    @property
    def length_m(self) -> float:
        """From the first to the last point."""
        return self._s[-1]

    @property
    def timed(self) -> bool:
        """True if every point has a time."""
        return all(t is not None for t in self._times)

    @property
    def first_s(self) -> float:
        """Time of the first point."""
        return self._times[0] or 0.0

    @property
    def last_s(self) -> float:
        """Time of the last point."""
        return self._times[-1] or 0.0

    def at(self, s_m: float) -> Pose:
        """The pose at a length; before the start and after the end on the straight lines through these."""
        if self.closed and self.length_m > 0.0 and s_m > self.length_m:
            s_m = math.fmod(s_m, self.length_m)
        index = min(max(bisect_right(self._s, s_m) - 1, 0), len(self._s) - 2)
        a, b = self._points[index].pose, self._points[index + 1].pose
        length = self._s[index + 1] - self._s[index]
        if s_m > self.length_m or s_m < 0.0:
            heading, over = self._headings[index], s_m - (self.length_m if s_m > 0.0 else 0.0)
            end = b if s_m > 0.0 else a
            along = math.atan2(b.y_m - a.y_m, b.x_m - a.x_m) if length > 0.0 else heading[1]
            return _shifted(end, over, along, heading[1] if s_m > 0.0 else heading[0])
        f = (s_m - self._s[index]) / length if length > 1e-12 else 1.0
        return self._between(index, f)

    def length_at(self, time_s: float) -> tuple[float, float, int]:
        """(length, speed, piece) at a time, clamped to the ends; for curves with times only."""
        times = [t if t is not None else 0.0 for t in self._times]
        index = min(max(bisect_right(times, time_s) - 1, 0), len(times) - 2)
        span = times[index + 1] - times[index]
        length = self._s[index + 1] - self._s[index]
        f = min(max((time_s - times[index]) / span, 0.0), 1.0) if span > 1e-12 else 1.0
        return self._s[index] + f * length, length / span if span > 1e-12 else 0.0, index

    def at_time(self, time_s: float) -> Pose:
        """The pose at a time; where points share a place, headings go on with time."""
        times = [t if t is not None else 0.0 for t in self._times]
        index = min(max(bisect_right(times, time_s) - 1, 0), len(times) - 2)
        span = times[index + 1] - times[index]
        f = min(max((time_s - times[index]) / span, 0.0), 1.0) if span > 1e-12 else 1.0
        return self._between(index, f)

    def heading_given(self, s_m: float) -> bool:
        """True if the file gives the headings around a length."""
        index = min(max(bisect_right(self._s, s_m) - 1, 0), len(self._s) - 2)
        return self._points[index].heading_given

    def nearest(self, x_m: float, y_m: float) -> float:
        """The length at the curve's point nearest to one of the map."""
        best, at = math.inf, 0.0
        for index, (a, b) in enumerate(pairwise(self._points)):
            dx, dy = b.pose.x_m - a.pose.x_m, b.pose.y_m - a.pose.y_m
            square = dx * dx + dy * dy
            f = 0.0
            if square > 0.0:
                f = min(max(((x_m - a.pose.x_m) * dx + (y_m - a.pose.y_m) * dy) / square, 0.0), 1.0)
            away = math.hypot(a.pose.x_m + f * dx - x_m, a.pose.y_m + f * dy - y_m)
            if away < best - 1e-12:
                best, at = away, self._s[index] + f * (self._s[index + 1] - self._s[index])
        return at

    def _between(self, index: int, f: float) -> Pose:
        a, b = self._points[index].pose, self._points[index + 1].pose
        first, last = self._headings[index]
        return Pose(
            x_m=a.x_m + f * (b.x_m - a.x_m),
            y_m=a.y_m + f * (b.y_m - a.y_m),
            z_m=a.z_m + f * (b.z_m - a.z_m),
            heading_rad=wrapped(first + f * wrapped(last - first)),
            pitch_rad=a.pitch_rad + f * wrapped(b.pitch_rad - a.pitch_rad),
            roll_rad=a.roll_rad + f * wrapped(b.roll_rad - a.roll_rad),
        )

    def _make_headings(self, smooth: bool) -> list[tuple[float, float]]:
        """(heading at the start, at the end) of each piece."""
        pairs = list(pairwise(self._points))
        tangents: list[float] = []
        for a, b in pairs:
            moved = math.hypot(b.pose.x_m - a.pose.x_m, b.pose.y_m - a.pose.y_m) > 1e-9
            along = math.atan2(b.pose.y_m - a.pose.y_m, b.pose.x_m - a.pose.x_m)
            tangents.append(along if moved else (tangents[-1] if tangents else a.pose.heading_rad))
        out: list[tuple[float, float]] = []
        for index, (a, b) in enumerate(pairs):
            here = tangents[index]
            before = tangents[index - 1] if smooth and index > 0 else here
            after = tangents[index + 1] if smooth and index + 1 < len(tangents) else here
            first = here + 0.5 * wrapped(before - here)
            last = here + 0.5 * wrapped(after - here)
            out.append(
                (
                    a.pose.heading_rad if a.heading_given else first,
                    b.pose.heading_rad if b.heading_given else last,
                )
            )
        return out


def _apart(a: Pose, b: Pose) -> float:
    return math.hypot(b.x_m - a.x_m, b.y_m - a.y_m)


def _shifted(end: Pose, over_m: float, along_rad: float, heading_rad: float) -> Pose:
    return Pose(
        x_m=end.x_m + over_m * math.cos(along_rad),
        y_m=end.y_m + over_m * math.sin(along_rad),
        z_m=end.z_m,
        heading_rad=heading_rad,
        pitch_rad=end.pitch_rad,
        roll_rad=end.roll_rad,
    )


def spiral_points(
    start: Pose, curvature: float, curvature_end: float, length_m: float
) -> Float64[np.ndarray, "n 3"]:
    """(x, y, heading) along a clothoid whose curvature goes evenly from one value to another."""
    count = min(max(2, math.ceil(length_m / _STEP_M) + 1), _MOST_SAMPLES)
    s = np.linspace(0.0, length_m, count)
    rate = (curvature_end - curvature) / length_m if length_m > 0.0 else 0.0
    nodes, weights = np.polynomial.legendre.leggauss(4)
    half = 0.5 * np.diff(s)
    at = s[:-1, None] + half[:, None] * (nodes[None, :] + 1.0)
    angle = start.heading_rad + curvature * at + 0.5 * rate * at**2
    x = start.x_m + np.concatenate([[0.0], np.cumsum(half * (np.cos(angle) @ weights))])
    y = start.y_m + np.concatenate([[0.0], np.cumsum(half * (np.sin(angle) @ weights))])
    return np.stack([x, y, start.heading_rad + curvature * s + 0.5 * rate * s**2], axis=1)


def nurbs_points(
    order: int,
    control: Float64[np.ndarray, "n k"],
    weights: Float64[np.ndarray, "n"],
    knots: Float64[np.ndarray, "m"],
) -> Float64[np.ndarray, "p k"]:
    """Points of a rational B-spline, about every 0.1 m of its control polygon."""
    if len(knots) != len(control) + order:
        raise ScenarioError(
            f"a NURBS curve of order {order} with {len(control)} control points has {len(knots)} knots: "
            f"give it {len(control) + order}"
        )
    first, last = knots[order - 1], knots[len(control)]
    polygon = float(np.linalg.norm(np.diff(control[:, :2], axis=0), axis=1).sum())
    count = min(max(64, math.ceil(polygon / _STEP_M)), _MOST_SAMPLES)
    u = np.linspace(first, last, count + 1)
    u[-1] = np.nextafter(last, first)
    basis = np.zeros((len(u), len(knots) - 1))
    for i in range(len(knots) - 1):
        basis[:, i] = (u >= knots[i]) & (u < knots[i + 1])
    for degree in range(1, order):
        higher = np.zeros((len(u), len(knots) - 1 - degree))
        for i in range(higher.shape[1]):
            left, right = knots[i + degree] - knots[i], knots[i + degree + 1] - knots[i + 1]
            if left > 0.0:
                higher[:, i] += (u - knots[i]) / left * basis[:, i]
            if right > 0.0:
                higher[:, i] += (knots[i + degree + 1] - u) / right * basis[:, i + 1]
        basis = higher
    weighted = basis * weights[None, :]
    total = weighted.sum(axis=1, keepdims=True)
    return np.asarray(weighted @ control / np.where(total > 0.0, total, 1.0))
