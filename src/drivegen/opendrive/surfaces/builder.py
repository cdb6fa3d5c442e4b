"""Collects triangles by kind and joins them into surfaces."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Float64, Int

from drivegen.opendrive.surfaces.surface import Surface, SurfaceKind

Rgb = tuple[int, int, int]

COLORS: dict[SurfaceKind, Rgb] = {
    SurfaceKind.DRIVING: (74, 75, 78),
    SurfaceKind.SHOULDER: (84, 84, 86),
    SurfaceKind.BIKING: (82, 81, 82),
    SurfaceKind.PARKING: (80, 80, 83),
    SurfaceKind.SIDEWALK: (158, 152, 144),
    SurfaceKind.MEDIAN: (92, 108, 66),
    SurfaceKind.KERB: (172, 170, 164),
    SurfaceKind.MARKING: (232, 232, 226),
    SurfaceKind.CROSSWALK: (232, 232, 226),
    SurfaceKind.STOP_LINE: (232, 232, 226),
    SurfaceKind.TERRAIN: (104, 112, 76),
    SurfaceKind.BRIDGE: (160, 158, 152),
    SurfaceKind.WALL: (168, 166, 160),
}
"""sRGB of each kind; markings may be yellow."""

YELLOW: Rgb = (222, 172, 52)


class SurfaceBuilder:
    """Parts are appended in a fixed order, so that equal networks give equal surfaces."""

    def __init__(self) -> None:
        self._parts: dict[SurfaceKind, list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, Rgb]]] = {}

    def add(
        self,
        kind: SurfaceKind,
        positions_m: Float[np.ndarray, "v 3"],
        triangles: Int[np.ndarray, "t 3"],
        color: Rgb | None = None,
        uvs: Float[np.ndarray, "v 2"] | None = None,
    ) -> None:
        """Adds triangles; degenerate ones are left out. By default uv is the plan position in metres."""
        positions = np.asarray(positions_m, dtype=np.float64)
        corners = positions[triangles]
        normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        keep = np.linalg.norm(normals, axis=1) > 1e-8
        if not np.any(keep):
            return
        used, index = np.unique(np.asarray(triangles)[keep], return_inverse=True)
        smooth = np.zeros((len(used), 3))
        index = index.reshape(-1, 3)
        for corner in range(3):
            np.add.at(smooth, index[:, corner], normals[keep])
        smooth /= np.maximum(np.linalg.norm(smooth, axis=1, keepdims=True), 1e-12)
        uv = positions[:, :2] if uvs is None else np.asarray(uvs)
        self._parts.setdefault(kind, []).append(
            (positions[used], smooth, uv[used], index, color or COLORS[kind])
        )

    def faces(self, kind: SurfaceKind, *, flat_only: bool = True) -> Float64[np.ndarray, "t 3 3"]:
        """Corners of the triangles of a kind so far; by default only those that face up."""
        parts = [p[i] for p, _, _, i, _ in self._parts.get(kind, [])]
        if not parts:
            return np.zeros((0, 3, 3))
        corners = np.concatenate(parts)
        if not flat_only:
            return corners
        normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        return corners[normals[:, 2] > 0.5 * np.linalg.norm(normals, axis=1)]

    def build(self) -> tuple[Surface, ...]:
        """One surface for each kind that has triangles, in the order of `SurfaceKind`."""
        out = []
        for kind in SurfaceKind:
            parts = self._parts.get(kind)
            if not parts:
                continue
            offsets = np.cumsum([0, *(len(p[0]) for p in parts)])[:-1]
            out.append(
                Surface(
                    kind=kind,
                    positions_m=np.concatenate([p[0] for p in parts]).astype(np.float32),
                    normals=np.concatenate([p[1] for p in parts]).astype(np.float32),
                    uvs=np.concatenate([p[2] for p in parts]).astype(np.float32),
                    triangles=np.concatenate([p[3] + o for p, o in zip(parts, offsets, strict=True)]).astype(
                        np.int32
                    ),
                    colors=np.concatenate(
                        [np.tile(np.array(p[4], dtype=np.uint8), (len(p[0]), 1)) for p in parts]
                    ),
                )
            )
        return tuple(out)


def grid_triangles(rows: int, columns: int) -> Int[np.ndarray, "t 3"]:
    """Triangles of a grid of points numbered row by row; counter-clockwise if columns run left of rows."""
    r, c = np.meshgrid(np.arange(rows - 1), np.arange(columns - 1), indexing="ij")
    a = (r * columns + c).ravel()
    b, d, e = a + 1, a + columns, a + columns + 1
    return np.concatenate([np.stack([a, d, e], axis=1), np.stack([a, e, b], axis=1)])
