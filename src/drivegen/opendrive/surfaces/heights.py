"""Heights between roads: across a junction, and of the ground around."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64
from scipy.spatial import Delaunay, cKDTree

from drivegen.opendrive.surfaces.strips import Slab
from drivegen.opendrive.triangle_index import TriangleIndex

_STEP_M = 2.0
_REACH_M = 0.7
_NEIGHBOURS = 64
_RIM_POINTS = 24
_PLOT_REACH_M = 40.0
"""Roads farther than this from a plot's border do not bear on the heights along it."""
_PLOT_STEP_M = 10.0
_FAR_WEIGHT = 1e-6


class HeightBlend:
    """The height of a junction: on each connecting road its own, in between a smooth mean.

    Roads weigh exp(-(d / 0.7 m)^2) with d the distance outside their border, so the mean does not jump where
    a road's border is crossed, and at the junction's edge only the roads that begin there count.
    """

    def __init__(self, slabs: Sequence[Slab]) -> None:
        self._roads: list[tuple[np.ndarray, ...]] = []
        heights = np.concatenate([s.z_m for s in slabs])
        self._level = float(heights[0]) if np.ptp(heights) < 1e-6 else None
        if self._level is None:
            for slab in slabs:
                self._roads.append(_samples(slab))

    def __call__(self, xy_m: Float64[np.ndarray, "n 2"]) -> Float64[np.ndarray, "n"]:
        """Heights of points."""
        if self._level is not None:
            return np.full(len(xy_m), self._level)
        total = np.zeros(len(xy_m))
        weights = np.zeros(len(xy_m))
        for xy, heading, z, slope, left, right in self._roads:
            dx, dy = xy_m[:, None, 0] - xy[:, 0], xy_m[:, None, 1] - xy[:, 1]
            nearest = np.argmin(dx * dx + dy * dy, axis=1)
            offset = xy_m - xy[nearest]
            c, s = np.cos(heading[nearest]), np.sin(heading[nearest])
            along = offset[:, 0] * c + offset[:, 1] * s
            across = offset[:, 1] * c - offset[:, 0] * s
            before = np.where(nearest == 0, np.maximum(-along, 0.0), 0.0)
            after = np.where(nearest == len(xy) - 1, np.maximum(along, 0.0), 0.0)
            beside = np.maximum.reduce([np.zeros(len(xy_m)), across - left[nearest], right[nearest] - across])
            outside = np.hypot(beside, before + after)
            inside = np.where(before + after > 0.0, 0.0, along)
            weight = np.exp(-((outside / _REACH_M) ** 2)) + 1e-6 / (1.0 + outside**2)
            total += weight * (z[nearest] + slope[nearest] * inside)
            weights += weight
        return total / weights


def _samples(slab: Slab) -> tuple[np.ndarray, ...]:
    first, last = float(slab.s_m[0]), float(slab.s_m[-1])
    s = np.linspace(first, last, max(2, int(np.ceil((last - first) / _STEP_M)) + 1))
    xy, heading, _ = slab.curve.reference(s)
    z, slope = slab.curve.elevation(s)
    borders = slab.curve.border_offsets(slab.section, s)
    every = np.stack(list(borders.values()))
    return xy, heading, z, slope, every.max(axis=0), every.min(axis=0)


class TerrainHeight:
    """The ground beside the roads: linear between the roads' outer borders and a box around them."""

    def __init__(
        self, border_m: Float64[np.ndarray, "n 3"], box_m: tuple[float, float, float, float]
    ) -> None:
        self._level = float(border_m[0, 2]) if np.ptp(border_m[:, 2]) < 1e-6 else None
        if self._level is not None:
            return
        _, first = np.unique(np.round(border_m[:, :2], 2), axis=0, return_index=True)
        known = border_m[np.sort(first)]
        x0, y0, x1, y1 = box_m
        xs = np.linspace(x0 - 1.0, x1 + 1.0, _RIM_POINTS)
        ys = np.linspace(y0 - 1.0, y1 + 1.0, _RIM_POINTS)
        rim = np.concatenate(
            [
                np.column_stack([xs, np.full(_RIM_POINTS, ys[0])]),
                np.column_stack([xs, np.full(_RIM_POINTS, ys[-1])]),
                np.column_stack([np.full(_RIM_POINTS - 2, xs[0]), ys[1:-1]]),
                np.column_stack([np.full(_RIM_POINTS - 2, xs[-1]), ys[1:-1]]),
            ]
        )
        distance, index = cKDTree(known[:, :2]).query(rim, k=min(_NEIGHBOURS, len(known)))
        weight = 1.0 / (distance.reshape(len(rim), -1) ** 2 + 1.0)
        level = np.sum(weight * known[index.reshape(len(rim), -1), 2], axis=1) / np.sum(weight, axis=1)
        self._between = _between(np.concatenate([known, np.column_stack([rim, level])]))

    def __call__(self, xy_m: Float64[np.ndarray, "n 2"]) -> Float64[np.ndarray, "n"]:
        """Heights of points inside the box."""
        if self._level is not None:
            return np.full(len(xy_m), self._level)
        return self._between.height(xy_m, self._between.find(xy_m))


class PlotHeight:
    """The ground beside the roads in a rectangle: linear between the roads' outer borders and its rim.

    A height on the rim depends on nothing but the roads near that point: the plot on the other side has the
    same.
    """

    def __init__(
        self,
        border_m: Float64[np.ndarray, "n 3"],
        box_m: tuple[float, float, float, float],
        level_m: float,
    ) -> None:
        """`level_m`: of the ground far from all roads."""
        low, high = np.array(box_m[:2]), np.array(box_m[2:])
        plan = border_m[:, :2]
        near = np.all((plan > low - _PLOT_REACH_M) & (plan < high + _PLOT_REACH_M), axis=1)
        known = border_m[near]
        self._level = float(level_m)
        self._index: TriangleIndex | None = None
        if len(known) == 0 or float(np.abs(known[:, 2] - level_m).max()) < 1e-6:
            return
        _, first = np.unique(np.round(known[:, :2], 2), axis=0, return_index=True)
        known = known[first]
        rim = _rim_of(low, high)
        distance, index = cKDTree(known[:, :2]).query(
            rim, k=min(_NEIGHBOURS, len(known)), distance_upper_bound=_PLOT_REACH_M
        )
        away = np.minimum(distance.reshape(len(rim), -1), _PLOT_REACH_M)
        weight = (1.0 - away / _PLOT_REACH_M) / (away**2 + 1.0)
        z = np.append(known[:, 2], level_m)[index.reshape(len(rim), -1)]
        height = (np.sum(weight * z, axis=1) + _FAR_WEIGHT * level_m) / (weight.sum(axis=1) + _FAR_WEIGHT)
        inside = np.all((known[:, :2] > low + 0.01) & (known[:, :2] < high - 0.01), axis=1)
        self._index = _between(np.concatenate([known[inside], np.column_stack([rim, height])]))

    def __call__(self, xy_m: Float64[np.ndarray, "n 2"]) -> Float64[np.ndarray, "n"]:
        """Heights of points inside the box."""
        if self._index is None:
            return np.full(len(xy_m), self._level)
        return self._index.height(xy_m, self._index.find(xy_m))


def _rim_of(low_m: Float64[np.ndarray, "2"], high_m: Float64[np.ndarray, "2"]) -> Float64[np.ndarray, "k 2"]:
    xs = np.arange(low_m[0], high_m[0] + 0.5 * _PLOT_STEP_M, _PLOT_STEP_M)
    ys = np.arange(low_m[1], high_m[1] + 0.5 * _PLOT_STEP_M, _PLOT_STEP_M)[1:-1]
    sides = [np.column_stack([xs, np.full(len(xs), y)]) for y in (low_m[1], high_m[1])]
    sides += [np.column_stack([np.full(len(ys), x), ys]) for x in (low_m[0], high_m[0])]
    return np.concatenate(sides)


def _between(points_m: Float64[np.ndarray, "n 3"]) -> TriangleIndex:
    """The triangles between points, all facing up."""
    corners = points_m[Delaunay(points_m[:, :2]).simplices]
    side = corners[:, 1:, :2] - corners[:, :1, :2]
    clockwise = side[:, 0, 0] * side[:, 1, 1] - side[:, 0, 1] * side[:, 1, 0] < 0.0
    corners[clockwise] = corners[clockwise][:, ::-1]
    return TriangleIndex(corners)
