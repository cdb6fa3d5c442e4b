"""Surfaces cut into those of rectangles, triangle by triangle."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float64

from drivegen.opendrive.surfaces.surface import Surface

Window = tuple[float, float, float, float]
"""Least x and y, greatest x and y."""


def centred_in(surfaces: Sequence[Surface], window: Window) -> tuple[Surface, ...]:
    """The triangles whose middle lies in a window: each is in one of the windows that tile a plane."""
    low, high = np.array(window[:2]), np.array(window[2:])

    def keep(plan: Float64[np.ndarray, "t 3 2"]) -> Bool[np.ndarray, "t"]:
        middle = plan.mean(axis=1)
        return np.asarray(np.all((middle >= low) & (middle < high), axis=1))

    return tuple(_part(s, keep(_plan(s))) for s in surfaces)


def reaching_into(surfaces: Sequence[Surface], window: Window, slack_m: float) -> tuple[Surface, ...]:
    """The triangles that may lie under a point of a window, or no farther than `slack_m` from one."""
    low, high = np.array(window[:2]) - slack_m, np.array(window[2:]) + slack_m

    def keep(plan: Float64[np.ndarray, "t 3 2"]) -> Bool[np.ndarray, "t"]:
        return np.asarray(np.all((plan.max(axis=1) >= low) & (plan.min(axis=1) <= high), axis=1))

    return tuple(_part(s, keep(_plan(s))) for s in surfaces)


def _plan(surface: Surface) -> Float64[np.ndarray, "t 3 2"]:
    return surface.positions_m[surface.triangles][:, :, :2].astype(np.float64)


def _part(surface: Surface, keep: Bool[np.ndarray, "t"]) -> Surface:
    used, index = np.unique(surface.triangles[keep], return_inverse=True)
    return Surface(
        kind=surface.kind,
        positions_m=surface.positions_m[used],
        normals=surface.normals[used],
        uvs=surface.uvs[used],
        triangles=np.asarray(index).reshape(-1, 3).astype(np.int32),
        colors=surface.colors[used],
    )
