"""Polygons in plan to triangles whose edges are short enough to follow the ground."""

from __future__ import annotations

import numpy as np
import shapely
from jaxtyping import Float64, Int64

from drivegen.opendrive.surfaces.plan import polygons_of


def triangulate(
    shape: shapely.Geometry, cell_m: float
) -> tuple[Float64[np.ndarray, "v 2"], Int64[np.ndarray, "t 3"]]:
    """Triangles of a polygon, cut along a grid of `cell_m`; counter-clockwise, vertices shared."""
    corners = [_in_cells(p, cell_m) for p in polygons_of(shape)]
    corners = [c for c in corners if len(c)]
    if not corners:
        return np.zeros((0, 2)), np.zeros((0, 3), dtype=np.int64)
    triangles = np.concatenate(corners)
    a, b, c = triangles[:, 0], triangles[:, 1], triangles[:, 2]
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    triangles[area < 0.0] = triangles[area < 0.0][:, ::-1]
    triangles = triangles[np.abs(area) > 1e-9]
    keys = np.round(triangles.reshape(-1, 2) * 1e5).astype(np.int64)
    _, first, index = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    return triangles.reshape(-1, 2)[first], index.reshape(-1, 3).astype(np.int64)


def _in_cells(polygon: shapely.Geometry, cell: float) -> Float64[np.ndarray, "t 3 2"]:
    x0, y0, x1, y1 = polygon.bounds
    columns = np.arange(np.floor(x0 / cell), np.ceil(x1 / cell)) * cell
    rows = np.arange(np.floor(y0 / cell), np.ceil(y1 / cell)) * cell
    gx, gy = (v.ravel() for v in np.meshgrid(columns, rows, indexing="ij"))
    boxes = shapely.box(gx, gy, gx + cell, gy + cell)
    shapely.prepare(polygon)
    touched = shapely.intersects(polygon, boxes)
    whole = shapely.contains_properly(polygon, boxes)
    x, y = gx[whole], gy[whole]
    low = np.stack([x, y], axis=1)
    right = low + np.array([cell, 0.0])
    up = low + np.array([0.0, cell])
    opposite = low + cell
    full = np.concatenate([np.stack([low, right, opposite], axis=1), np.stack([low, opposite, up], axis=1)])
    pieces = shapely.intersection(polygon, boxes[touched & ~whole])
    parts = shapely.get_parts(pieces)
    parts = parts[shapely.get_type_id(parts) == 3]
    parts = parts[shapely.area(parts) > 1e-7]
    cut = shapely.get_parts(shapely.constrained_delaunay_triangles(parts))
    coordinates = shapely.get_coordinates(cut).reshape(-1, 4, 2)[:, :3]
    return np.concatenate([full, coordinates])
