"""The ground around the roads, as far as the horizon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from jaxtyping import Bool, Float64, Int64
from scipy.spatial import cKDTree

from drivegen.opendrive.surfaces.builder import SurfaceBuilder
from drivegen.opendrive.surfaces.heights import PlotHeight, TerrainHeight
from drivegen.opendrive.surfaces.plan import minus, ring_area
from drivegen.opendrive.surfaces.strips import Slab
from drivegen.opendrive.surfaces.surface import SurfaceKind
from drivegen.opendrive.surfaces.triangulate import triangulate

_MARGIN_M = 80.0
_CELL_M = 10.0
_HORIZON_M = 1500.0
_BELOW_M = 0.02
"""The ground meets pavements this much lower, so that the two never fight for a pixel."""
_BRIDGE_M = 3.5
_BRIDGE_REACH_M = 8.0
_SAMPLE_M = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A rectangle of ground among others: their heights agree along the border."""

    box_m: tuple[float, float, float, float]
    """Least x and y, greatest x and y; multiples of 20 m, so that no triangle lies across the border."""
    level_m: float
    """Of the ground far from all roads, the same for all plots."""


def elevated(slabs: Sequence[Slab]) -> list[Bool[np.ndarray, "n"]]:
    """Per slab, at which stations it stands on a bridge: well above a road close by in plan."""
    flags = [np.zeros(len(s.s_m), dtype=bool) for s in slabs]
    heights = [s.z_m for s in slabs]
    if not slabs or np.ptp(np.concatenate(heights)) < _BRIDGE_M:
        return flags
    samples = [_dense(s) for s in slabs]
    points = np.concatenate([p for p, _ in samples])
    owner = np.repeat(np.arange(len(slabs)), [len(p) for p, _ in samples])
    road = np.array([s.curve.road.id for s in slabs])[owner]
    first, second = cKDTree(points[:, :2]).query_pairs(_BRIDGE_REACH_M, output_type="ndarray").T
    drop = points[first, 2] - points[second, 2]
    apart = (road[first] != road[second]) & (np.abs(drop) > _BRIDGE_M)
    upper = np.unique(np.where(drop > 0.0, first, second)[apart])
    interval = np.concatenate([i for _, i in samples])
    for point in upper:
        flags[owner[point]][interval[point] : interval[point] + 2] = True
    return flags


def _dense(slab: Slab) -> tuple[Float64[np.ndarray, "m 3"], Int64[np.ndarray, "m"]]:
    """Points on both borders and the middle every few metres, and the stations they lie between."""
    gaps = np.diff(slab.s_m)
    counts = np.maximum(1, np.ceil(gaps / _SAMPLE_M)).astype(np.int64)
    interval = np.repeat(np.arange(len(gaps)), counts)
    share = (np.arange(len(interval)) - np.repeat(np.cumsum(counts) - counts, counts) + 0.5) / counts[
        interval
    ]
    columns = [slab.xy_m[:, 0], slab.xy_m.mean(axis=1), slab.xy_m[:, -1]]
    out = []
    for column in columns:
        line = np.column_stack([column, slab.z_m])
        out.append(line[interval] + share[:, None] * (line[interval + 1] - line[interval]))
    return np.concatenate(out), np.tile(interval, len(columns))


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


def add_plot_terrain(
    builder: SurfaceBuilder, footprint: shapely.Geometry, border_m: Float64[np.ndarray, "n 3"], plot: Plot
) -> None:
    """Adds the ground of a plot outside a footprint whose border has known heights."""
    height = PlotHeight(border_m, plot.box_m, plot.level_m)
    xy, triangles = triangulate(minus(shapely.box(*plot.box_m), footprint), _CELL_M)
    if len(xy):
        builder.add(SurfaceKind.TERRAIN, np.column_stack([xy, height(xy) - _BELOW_M]), triangles)
