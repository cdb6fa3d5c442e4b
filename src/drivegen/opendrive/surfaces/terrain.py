"""The ground around the roads, as far as the horizon."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from jaxtyping import Bool, Float64
from scipy.spatial import cKDTree

from drivegen.opendrive.surfaces.builder import SurfaceBuilder
from drivegen.opendrive.surfaces.heights import TerrainHeight
from drivegen.opendrive.surfaces.plan import minus, ring_area
from drivegen.opendrive.surfaces.strips import Slab
from drivegen.opendrive.surfaces.surface import SurfaceKind
from drivegen.opendrive.surfaces.triangulate import triangulate

_MARGIN_M = 80.0
_CELL_M = 10.0
_HORIZON_M = 1500.0
_BELOW_M = 0.02
"""The ground meets pavements this much lower, so that the two never fight for a pixel."""
_BRIDGE_M = 2.5
_BRIDGE_REACH_M = 20.0


def elevated(slabs: Sequence[Slab]) -> list[Bool[np.ndarray, "n"]]:
    """Per slab, at which stations it stands on a bridge: well above another road close by."""
    middles = [np.column_stack([s.xy_m.mean(axis=1), s.z_m]) for s in slabs]
    if not middles:
        return []
    points = np.concatenate(middles)
    if np.ptp(points[:, 2]) < _BRIDGE_M:
        return [np.zeros(len(m), dtype=bool) for m in middles]
    tree = cKDTree(points[:, :2])
    lowest = np.array(
        [np.min(points[near, 2]) for near in tree.query_ball_point(points[:, :2], _BRIDGE_REACH_M)]
    )
    # A steep road is above its own neighbouring points too; 12 % is steeper than any in use.
    high = points[:, 2] - lowest > _BRIDGE_M + 0.12 * _BRIDGE_REACH_M
    return np.split(high, np.cumsum([len(m) for m in middles])[:-1])


def ground_runs(slab: Slab, high: Bool[np.ndarray, "n"]) -> list[shapely.Geometry]:
    """Plan outlines of the stretches that lie on the ground."""
    if not np.any(high):
        return [slab.outline]
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (~high).astype(np.int8), [0]])))
    out = []
    for first, stop in zip(edges[::2], edges[1::2], strict=True):
        if stop - first >= 2:
            ring = np.concatenate([slab.xy_m[first:stop, -1], slab.xy_m[first:stop, 0][::-1]])
            out.append(ring_area(ring))
    return out


def add_terrain(
    builder: SurfaceBuilder, footprint: shapely.Geometry, border_m: Float64[np.ndarray, "n 3"]
) -> None:
    """Adds the ground outside a footprint whose border has known heights."""
    x0, y0, x1, y1 = shapely.bounds(footprint)
    x0, y0 = (np.floor((v - _MARGIN_M) / _CELL_M) * _CELL_M for v in (x0, y0))
    x1, y1 = (np.ceil((v + _MARGIN_M) / _CELL_M) * _CELL_M for v in (x1, y1))
    height = TerrainHeight(border_m, (x0, y0, x1, y1))
    # The cells of `triangulate` start at multiples of the cell, so the rim's vertices are those below.
    xy, triangles = triangulate(minus(shapely.box(x0, y0, x1, y1), footprint), _CELL_M)
    builder.add(SurfaceKind.TERRAIN, np.column_stack([xy, height(xy) - _BELOW_M]), triangles)
    xs = np.arange(x0, x1 + 0.5 * _CELL_M, _CELL_M)
    ys = np.arange(y0, y1 + 0.5 * _CELL_M, _CELL_M)
    far_x = np.concatenate([[x0 - _HORIZON_M], xs, [x1 + _HORIZON_M]])
    far_y = np.concatenate([[y0 - _HORIZON_M], ys, [y1 + _HORIZON_M]])
    _add_rim(builder, height, xs, np.array([y0 - _HORIZON_M, y0]), (x0, y0, x1, y1))
    _add_rim(builder, height, xs, np.array([y1, y1 + _HORIZON_M]), (x0, y0, x1, y1))
    _add_rim(builder, height, far_x[:2], far_y, (x0, y0, x1, y1))
    _add_rim(builder, height, far_x[-2:], far_y, (x0, y0, x1, y1))


def _add_rim(
    builder: SurfaceBuilder,
    height: TerrainHeight,
    xs: Float64[np.ndarray, "n"],
    ys: Float64[np.ndarray, "m"],
    box: tuple[float, float, float, float],
) -> None:
    """A grid outside the box that goes on at the heights of the box's edge."""
    gx, gy = np.meshgrid(xs, ys, indexing="ij")
    xy = np.column_stack([gx.ravel(), gy.ravel()])
    inside = np.column_stack([np.clip(xy[:, 0], box[0], box[2]), np.clip(xy[:, 1], box[1], box[3])])
    index = np.arange(len(xy)).reshape(len(xs), len(ys))
    a, b, c, d = (v.ravel() for v in (index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]))
    triangles = np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)])
    builder.add(SurfaceKind.TERRAIN, np.column_stack([xy, height(inside) - _BELOW_M]), triangles)
