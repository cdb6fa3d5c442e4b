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
        every = np.concatenate([known, np.column_stack([rim, level])])
        corners = every[Delaunay(every[:, :2]).simplices]
        side = corners[:, 1:, :2] - corners[:, :1, :2]
        clockwise = side[:, 0, 0] * side[:, 1, 1] - side[:, 0, 1] * side[:, 1, 0] < 0.0
        corners[clockwise] = corners[clockwise][:, ::-1]
        self._between = TriangleIndex(corners)

    def __call__(self, xy_m: Float64[np.ndarray, "n 2"]) -> Float64[np.ndarray, "n"]:
        """Heights of points inside the box."""
        if self._level is not None:
            return np.full(len(xy_m), self._level)
        return self._between.height(xy_m, self._between.find(xy_m))
