"""Lays paint on the surfaces below it."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64, Int

from drivegen.opendrive.surfaces.builder import COLORS, Rgb, SurfaceBuilder
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
    """Collects flat shapes and lays them onto the carriageways that a builder holds."""

    def __init__(self, builder: SurfaceBuilder) -> None:
        self._builder = builder
        self._index = TriangleIndex(np.concatenate([builder.faces(kind) for kind in _CARRIERS]))
        self._shapes: dict[tuple[SurfaceKind, Rgb], list[tuple[np.ndarray, ...]]] = {}

    def add(
        self,
        kind: SurfaceKind,
        xy_m: Float64[np.ndarray, "v 2"],
        z_m: Float64[np.ndarray, "v"],
        triangles: Int[np.ndarray, "t 3"],
        color: Rgb | None = None,
        uvs: Float64[np.ndarray, "v 2"] | None = None,
    ) -> None:
        """Takes triangles that face up or down in plan; `z_m` says roughly which level is meant."""
        if len(triangles):
            shape = (xy_m, z_m, np.asarray(triangles), xy_m if uvs is None else uvs)
            self._shapes.setdefault((kind, color or COLORS[kind]), []).append(shape)

    def lay(self) -> None:
        """Adds all that was taken to the builder."""
        for (kind, color), shapes in self._shapes.items():
            offsets = np.cumsum([0, *(len(s[0]) for s in shapes)])[:-1]
            xy = np.concatenate([s[0] for s in shapes])
            z = np.concatenate([s[1] for s in shapes])
            triangles = np.concatenate([s[2] + o for s, o in zip(shapes, offsets, strict=True)])
            found = self._index.find(xy, z)
            height = np.where(found >= 0, self._index.height(xy, found), z)
            # A road above or below is not what was meant.
            height = np.where(np.abs(height - z) < 1.0, height, z) + LIFT_M
            corners = xy[triangles]
            a, b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
            down = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0] < 0.0
            turned = np.where(down[:, None], triangles[:, ::-1], triangles)
            uvs = np.concatenate([s[3] for s in shapes])
            self._builder.add(kind, np.column_stack([xy, height]), turned, color=color, uvs=uvs)
        self._shapes.clear()


def ribbon_triangles(segments: Int[np.ndarray, "k"]) -> Int[np.ndarray, "t 3"]:
    """Triangles between points 2i, 2i+1 (left, right) and the next pair, for each segment i."""
    a = 2 * np.asarray(segments)
    return np.concatenate([np.stack([a, a + 1, a + 3], axis=1), np.stack([a, a + 3, a + 2], axis=1)])
