"""A sign's face: an outline and coloured areas on it, cut so that none lies over another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import shapely
from jaxtyping import Float64
from shapely.geometry.base import BaseGeometry

from drivegen.core.tags import Tag
from drivegen.embedded.assets.sculpt import Finish, Sculpture, Shape
from drivegen.embedded.mesh import Material

Color = tuple[int, int, int]
RED: Color = (192, 24, 32)
WHITE: Color = (240, 240, 238)
BLUE: Color = (16, 74, 162)
YELLOW: Color = (246, 190, 20)
BLACK: Color = (20, 20, 20)
BROWN: Color = (112, 66, 34)
GREEN: Color = (14, 112, 70)
ORANGE: Color = (236, 108, 24)
STEEL: Color = (146, 150, 153)
GRID_M = 0.0005
"""Corners lie on this grid, so that areas which meet have the same corners."""
THICK_M = 0.012


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Panel:
    """A face in its plane: metres, x to the reader's right, y up, its middle at the origin."""

    outline: BaseGeometry
    """The plate."""
    layers: tuple[tuple[BaseGeometry, Color], ...]
    """Areas from the ground up: each covers what came before."""

    @property
    def size_m(self) -> tuple[float, float]:
        """Width and height."""
        x0, y0, x1, y1 = self.outline.bounds
        return float(x1 - x0), float(y1 - y0)


def add_panel(
    out: Sculpture,
    panel: Panel,
    *,
    centre_m: Sequence[float] = (0.0, 0.0, 0.0),
    thick_m: float = THICK_M,
    tag: Tag = Tag.TRAFFIC_SIGN,
    material: Material = Material.RETRO,
    back: Color = STEEL,
) -> None:
    """Adds the plate of a panel; its face lies in the plane x = centre and looks along +x.

    Args:
        out: takes the triangles.
        panel: what it shows.
        centre_m: middle of the face.
        thick_m: the plate reaches back by this.
        tag: of face and back.
        material: of the face.
        back: colour of back and rim.
    """
    centre = np.asarray(centre_m, dtype=np.float64)
    for corners, color in _cut(panel):
        out.add(_upright(corners, 0.0, centre), Finish(color, material, tag), crease_rad=0.0)
    metal = Finish(back, Material.METAL, tag)
    whole = shapely.set_precision(panel.outline, GRID_M)
    out.add(_upright(triangles_of(whole)[:, ::-1], -thick_m, centre), metal, crease_rad=0.0)
    out.add(_rim(whole, thick_m, centre), metal)


@lru_cache(maxsize=64)
def _cut(panel: Panel) -> tuple[tuple[Float64[np.ndarray, "t 3 2"], Color], ...]:
    """The triangles of each colour; kept, since many plates are alike and some have a face on both sides."""
    found = ((triangles_of(area), color) for area, color in pieces_of(panel))
    return tuple((corners, color) for corners, color in found if len(corners))


def pieces_of(panel: Panel) -> list[tuple[BaseGeometry, Color]]:
    """What is seen of each layer; the areas do not overlap and fill the outline."""
    left = shapely.set_precision(panel.outline, GRID_M)
    out: list[tuple[BaseGeometry, Color]] = []
    for layer, color in reversed(panel.layers):
        area = shapely.set_precision(layer, GRID_M)
        seen = shapely.intersection(left, area, grid_size=GRID_M)
        left = shapely.difference(left, area, grid_size=GRID_M)
        out.append((seen, color))
    return out[::-1]


def triangles_of(area: BaseGeometry) -> Float64[np.ndarray, "t 3 2"]:
    """Constrained Delaunay triangles of polygons with holes, counter-clockwise."""
    parts = [p for p in shapely.get_parts(area) if p.geom_type == "Polygon" and p.area > 1e-8]
    found = [
        np.asarray(shapely.get_coordinates(t)[:3])
        for part in parts
        for t in shapely.get_parts(shapely.constrained_delaunay_triangles(part))
    ]
    if not found:
        return np.zeros((0, 3, 2))
    corners = np.stack(found)
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    turned = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) < (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    corners[turned] = corners[turned][:, ::-1]
    return corners


def _upright(corners: Float64[np.ndarray, "t 3 2"], x_m: float, centre_m: Float64[np.ndarray, "3"]) -> Shape:
    flat = corners.reshape(-1, 2)
    points = np.column_stack([np.full(len(flat), x_m), flat[:, 0], flat[:, 1]]) + centre_m
    return Shape(points_m=points, faces=np.arange(len(flat)).reshape(-1, 3))


def _rim(outline: BaseGeometry, thick_m: float, centre_m: Float64[np.ndarray, "3"]) -> Shape:
    points, faces, count = [], [], 0
    for part in shapely.get_parts(outline):
        ring = shapely.get_coordinates(shapely.orient_polygons(part).exterior)[:-1]
        n = len(ring)
        for x in (-thick_m, 0.0):
            points.append(np.column_stack([np.full(n, x), ring]) + centre_m)
        j = np.arange(n)
        k = (j + 1) % n
        faces.append(
            count + np.stack([np.stack([j, k, n + k], 1), np.stack([j, n + k, n + j], 1)], 1).reshape(-1, 3)
        )
        count += 2 * n
    return Shape(points_m=np.concatenate(points), faces=np.concatenate(faces))
