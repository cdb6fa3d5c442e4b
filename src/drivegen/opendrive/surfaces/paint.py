"""Lays paint on the surfaces below it."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64, Int

from drivegen.opendrive.surfaces.builder import Rgb, SurfaceBuilder
from drivegen.opendrive.surfaces.surface import SurfaceKind
from drivegen.opendrive.triangle_index import TriangleIndex

LIFT_M = 0.006
"""Paint lies this high: under a camera 1.5 m up, 100 m away, that is 0.4 m along the line of sight."""

_CARRIERS = (
    SurfaceKind.DRIVING,
    SurfaceKind.SHOULDER,
    SurfaceKind.BIKING,
    SurfaceKind.PARKING,
)


class Paint:
    """Puts flat shapes onto the carriageways that a builder holds so far."""

    def __init__(self, builder: SurfaceBuilder) -> None:
        self._builder = builder
        self._index = TriangleIndex(np.concatenate([builder.faces(kind) for kind in _CARRIERS]))

    def add(
        self,
        kind: SurfaceKind,
        xy_m: Float64[np.ndarray, "v 2"],
        z_m: Float64[np.ndarray, "v"],
        triangles: Int[np.ndarray, "t 3"],
        color: Rgb | None = None,
        uvs: Float64[np.ndarray, "v 2"] | None = None,
    ) -> None:
        """Adds triangles that face up or down in plan; `z_m` says roughly which level is meant."""
        if len(triangles) == 0:
            return
        found = self._index.find(xy_m, z_m)
        height = np.where(found >= 0, self._index.height(xy_m, found), z_m)
        # A road above or below is not what was meant.
        height = np.where(np.abs(height - z_m) < 1.0, height, z_m) + LIFT_M
        corners = xy_m[triangles]
        a, b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
        down = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0] < 0.0
        turned = np.where(down[:, None], triangles[:, ::-1], triangles)
        self._builder.add(kind, np.column_stack([xy_m, height]), turned, color=color, uvs=uvs)


def ribbon_triangles(segments: Int[np.ndarray, "k"]) -> Int[np.ndarray, "t 3"]:
    """Triangles between points 2i, 2i+1 (left, right) and the next pair, for each segment i."""
    a = 2 * np.asarray(segments)
    return np.concatenate([np.stack([a, a + 1, a + 3], axis=1), np.stack([a, a + 3, a + 2], axis=1)])
