"""Junctions: connecting roads overlap, so each junction gets one floor and the pavements around it.

Connecting roads at different heights (a bridge over a junction) make separate floors.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from jaxtyping import Float64

from drivegen.opendrive.surfaces.builder import SurfaceBuilder, grid_triangles
from drivegen.opendrive.surfaces.heights import HeightBlend
from drivegen.opendrive.surfaces.lane_kinds import (
    KERB_HEIGHT_M,
    KERB_STONE_M,
    RAISED,
    RAMP_M,
    DroppedKerbs,
)
from drivegen.opendrive.surfaces.plan import common, minus, polygons_of, union
from drivegen.opendrive.surfaces.strips import Slab
from drivegen.opendrive.surfaces.surface import SurfaceKind
from drivegen.opendrive.surfaces.triangulate import triangulate

_OVERLAP_M = 0.01
"""Floors reach this far under their neighbours, so that no ray falls between them."""
_CLOSE_M = 3.0
"""Gaps and notches up to twice this wide between connecting roads are carriageway."""
_LARGEST_HOLE_M2 = 500.0
"""Larger holes are islands: ground."""
_SEAM_M = 0.2
"""Roads that should touch may miss each other this far."""
_CELL_M = 4.0
_RAMP_CELL_M = 0.3
_SAME_FLOOR_M = 1.0
_TOGETHER_M = 10.0
"""Corners of a junction may hang together with its carriageway by nothing but the floor between."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Floor:
    """One level of a junction in plan."""

    carriageway: shapely.Geometry
    raised: tuple[tuple[SurfaceKind, shapely.Geometry], ...]
    blend: HeightBlend

    @cached_property
    def outline(self) -> shapely.Geometry:
        """Everything."""
        return union([self.carriageway, *(shape for _, shape in self.raised)])


def make_floors(slabs: list[Slab], around: shapely.STRtree, neighbours: list[Slab]) -> list[Floor]:
    """The floors of one junction from its connecting roads' sections, and the slabs of roads around it."""
    out = []
    for level in _levels(slabs):
        by_kind: dict[SurfaceKind, list[shapely.Geometry]] = {}
        for slab in level:
            for i, kind in enumerate(slab.kinds):
                by_kind.setdefault(kind, []).append(slab.lane_outline(i))
        flat = union([s for kind, shapes in by_kind.items() if kind not in RAISED for s in shapes])
        driving = union(by_kind.get(SurfaceKind.DRIVING, []))
        raised_all = union([s for kind, shapes in by_kind.items() if kind in RAISED for s in shapes])
        raised_all = minus(raised_all, driving)
        own = union([flat, raised_all])
        whole = _closed(own)
        height = float(np.mean(np.concatenate([s.z_m for s in level])))
        nearby = [
            neighbours[i].outline
            for i in np.sort(around.query(whole, predicate="intersects"))
            if abs(float(np.mean(neighbours[i].z_m)) - height) < 3.0
        ]
        grown = minus(union([whole, *_enclosed(own, [whole, *nearby])]), union([own, *nearby]))
        floor = minus(union([flat, grown]), raised_all)
        raised = []
        taken = shapely.Polygon()
        for kind in (SurfaceKind.SIDEWALK, SurfaceKind.MEDIAN, SurfaceKind.KERB):
            shape = common(union(by_kind.get(kind, [])), raised_all)
            shape = minus(shape, taken)
            taken = union([taken, shape])
            if not shape.is_empty:
                raised.append((kind, shape))
        out.append(Floor(carriageway=floor, raised=tuple(raised), blend=HeightBlend(level)))
    return out


def _closed(shape: shapely.Geometry) -> shapely.Geometry:
    """Small holes and notches filled; never smaller than the shape."""
    grown = shapely.buffer(shape, _CLOSE_M, join_style="mitre", mitre_limit=2.0)
    closed = shapely.buffer(grown, -_CLOSE_M, join_style="mitre", mitre_limit=2.0)
    parts = []
    for polygon in polygons_of(union([shape, closed])):
        holes = [h for h in polygon.interiors if shapely.Polygon(h).area > _LARGEST_HOLE_M2]
        parts.append(shapely.Polygon(polygon.exterior, holes))
    return union(parts)


def _enclosed(own: shapely.Geometry, shapes: list[shapely.Geometry]) -> list[shapely.Geometry]:
    """Small holes between a junction and the roads around it: corners inside a pavement's bend."""
    wide = union([shapely.buffer(s, _SEAM_M, join_style="mitre") for s in shapes])
    holes = [shapely.Polygon(h) for p in polygons_of(wide) for h in p.interiors]
    near = [h for h in holes if h.area < _LARGEST_HOLE_M2 and h.distance(own) < 2.0 * _SEAM_M]
    return [shapely.buffer(h, 1.5 * _SEAM_M, join_style="mitre") for h in near]


def _levels(slabs: list[Slab]) -> list[list[Slab]]:
    """Groups of slabs that lie together at nearly equal heights (connected components)."""
    outlines = [s.outline for s in slabs]
    group = list(range(len(slabs)))

    def root(i: int) -> int:
        while group[i] != i:
            i = group[i]
        return i

    first, second = shapely.STRtree(outlines).query(outlines, predicate="dwithin", distance=_TOGETHER_M)
    for i, j in sorted(zip(first.tolist(), second.tolist(), strict=True)):
        if i < j and root(i) != root(j) and _height_gap(slabs[i], slabs[j]) < _SAME_FLOOR_M:
            group[max(root(i), root(j))] = min(root(i), root(j))
    out: dict[int, list[Slab]] = {}
    for i, slab in enumerate(slabs):
        out.setdefault(root(i), []).append(slab)
    return list(out.values())


def _height_gap(a: Slab, b: Slab) -> float:
    """Difference of height where two slabs come closest in plan."""
    pa, pb = a.xy_m.mean(axis=1), b.xy_m.mean(axis=1)
    distance = np.linalg.norm(pa[:, None] - pb[None, :], axis=2)
    i, j = np.unravel_index(int(np.argmin(distance)), distance.shape)
    return abs(float(a.z_m[i] - b.z_m[j]))


def add_floor(builder: SurfaceBuilder, floor: Floor, drops: DroppedKerbs) -> None:
    """Adds carriageway, pavements, kerb stones and faces."""
    under = shapely.buffer(floor.carriageway, _OVERLAP_M, join_style="mitre")
    xy, triangles = triangulate(under, _CELL_M)
    # No lane of its own: no wheel tracks (see `strips`).
    uvs = np.column_stack([xy[:, 0], np.full(len(xy), -1.0)])
    builder.add(SurfaceKind.DRIVING, np.column_stack([xy, floor.blend(xy)]), triangles, uvs=uvs)
    edge = shapely.buffer(floor.carriageway, KERB_STONE_M)
    for kind, shape in floor.raised:
        ramps = union([shapely.buffer(z, RAMP_M + 0.1, quad_segs=4) for z in drops.near(shape, RAMP_M)])
        stone = common(shape, edge)
        plate = minus(shape, edge)
        for part, piece in ((SurfaceKind.KERB, stone), (kind, plate)):
            _add_raised(builder, part, minus(piece, ramps), _CELL_M, floor, drops)
            _add_raised(builder, part, common(piece, ramps), _RAMP_CELL_M, floor, drops)
        _add_walls(builder, shape, floor, drops)


def _add_raised(
    builder: SurfaceBuilder,
    kind: SurfaceKind,
    shape: shapely.Geometry,
    cell_m: float,
    floor: Floor,
    drops: DroppedKerbs,
) -> None:
    xy, triangles = triangulate(shape, cell_m)
    if len(xy):
        z = floor.blend(xy) + KERB_HEIGHT_M * drops.factor(xy)
        builder.add(kind, np.column_stack([xy, z]), triangles)


def _add_walls(builder: SurfaceBuilder, shape: shapely.Geometry, floor: Floor, drops: DroppedKerbs) -> None:
    step = _RAMP_CELL_M if drops.near(shape, RAMP_M) else _CELL_M
    for polygon in polygons_of(shape):
        turned = shapely.orient_polygons(polygon)
        for ring in (turned.exterior, *turned.interiors):
            xy: Float64[np.ndarray, "n 2"] = shapely.get_coordinates(shapely.segmentize(ring, step))
            base = floor.blend(xy)
            top = base + KERB_HEIGHT_M * drops.factor(xy)
            along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(xy, axis=0), axis=1))])
            low = np.column_stack([xy, base - 0.05])
            high = np.column_stack([xy, top])
            points = np.stack([low, high], axis=1).reshape(-1, 3)
            uvs = np.stack(
                [np.column_stack([along, low[:, 2]]), np.column_stack([along, high[:, 2]])], axis=1
            ).reshape(-1, 2)
            # Rings of an oriented polygon have their outside on the right.
            builder.add(SurfaceKind.KERB, points, grid_triangles(len(xy), 2), uvs=uvs)
