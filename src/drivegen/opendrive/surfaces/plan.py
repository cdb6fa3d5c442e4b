"""Set operations on areas in plan, snapped to a millimetre; lines and points that they leave are dropped."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import shapely
from jaxtyping import Float

SNAP_M = 0.001


def polygons_of(shape: shapely.Geometry) -> list[shapely.Geometry]:
    """The polygons of any shape, without slivers below a square centimetre."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    return [p for p in parts if p.geom_type == "Polygon" and p.area > 1e-4]


def areas(shape: shapely.Geometry) -> shapely.Geometry:
    """The shape without its lines and points."""
    if shape.geom_type in {"Polygon", "MultiPolygon"}:
        return shape
    return shapely.MultiPolygon(polygons_of(shape))


def ring_area(ring_m: Float[np.ndarray, "n 2"]) -> shapely.Geometry:
    """The area inside a ring that may cross itself."""
    return areas(shapely.make_valid(shapely.polygons(ring_m)))


def union(shapes: Iterable[shapely.Geometry]) -> shapely.Geometry:
    """All areas together; empty for none."""
    listed = list(shapes)
    return areas(shapely.union_all(listed, grid_size=SNAP_M)) if listed else shapely.Polygon()


def minus(shape: shapely.Geometry, other: shapely.Geometry) -> shapely.Geometry:
    """What of a shape lies outside another."""
    return areas(shapely.difference(shape, other, grid_size=SNAP_M))


def common(shape: shapely.Geometry, other: shapely.Geometry) -> shapely.Geometry:
    """What of a shape lies inside another."""
    return areas(shapely.intersection(shape, other, grid_size=SNAP_M))
