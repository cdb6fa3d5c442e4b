"""Heights between roads: across a junction, and of the ground around."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64
from scipy.spatial import cKDTree

from drivegen.opendrive.surfaces.strips import Slab

_STEP_M = 2.0
_REACH_M = 0.7
_NEIGHBOURS = 8


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
            delta = xy_m[:, None, :] - xy[None, :, :]
            nearest = np.argmin(np.sum(delta**2, axis=2), axis=1)
            offset = delta[np.arange(len(xy_m)), nearest]
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
    """The ground beside the roads: the roads' outer borders, weighted by inverse squared distance."""

    def __init__(self, border_m: Float64[np.ndarray, "n 3"]) -> None:
        self._tree = cKDTree(border_m[:, :2])
        self._z = border_m[:, 2]
        self._level = float(self._z[0]) if np.ptp(self._z) < 1e-6 else None

    def __call__(self, xy_m: Float64[np.ndarray, "n 2"]) -> Float64[np.ndarray, "n"]:
        """Heights of points."""
        if self._level is not None:
            return np.full(len(xy_m), self._level)
        distance, index = self._tree.query(xy_m, k=min(_NEIGHBOURS, len(self._z)))
        weight = 1.0 / (distance**2 + 1e-4)
        return np.asarray(np.sum(weight * self._z[index], axis=1) / np.sum(weight, axis=1))
