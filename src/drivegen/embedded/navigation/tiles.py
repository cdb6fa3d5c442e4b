"""Tiles of the mesh: polygons with heights and neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from jaxtyping import Bool, Float64

from drivegen.embedded.navigation.areas import Area, make_areas
from drivegen.embedded.navigation.partition import Box, Corners, Partition, make_partition
from drivegen.embedded.navigation.pieces import Piece, PieceKind
from drivegen.opendrive.surfaces.lane_kinds import DroppedKerbs

NO_NEIGHBOUR = -1
SIDES = (-2, -3, -4, -5)
"""Neighbours beyond the tile's border: towards +x, +y, -x, -y of the map frame."""
_SMALLEST_REGION_M2 = 4.0
"""Pavement that is not connected to this much of its kind is no place to send a walker to."""
_RAISED = (PieceKind.PAVEMENT, PieceKind.ISLAND)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tile:
    """Convex polygons, counter-clockwise in the map frame."""

    column: int
    row: int
    """Counted along +x and +y."""
    vertices_m: Float64[np.ndarray, "v 3"]
    polygons: tuple[Corners, ...]
    neighbours: tuple[Corners, ...]
    """Per edge, from corner k to corner k + 1: a polygon of this tile, NO_NEIGHBOUR, or one of SIDES."""
    areas: tuple[Area, ...]
    triangles: tuple[tuple[Corners, ...], ...]


def make_tile(
    column: int, row: int, levels: Sequence[Sequence[Piece]], drops: DroppedKerbs, box: Box | None
) -> Tile | None:
    """One tile of all levels, cut along a box whose sides lead to other tiles; None without pavement."""
    parts = []
    for pieces in levels:
        areas = make_areas(pieces)
        if areas.pavement.is_empty:
            continue
        partition = make_partition(areas, box)
        if not partition.polygons:
            continue
        parts.append(_kept(partition, _heights(partition, pieces, drops), box))
    parts = [part for part in parts if part.polygons]
    if not parts:
        return None
    return _together(column, row, parts)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Part:
    vertices_m: Float64[np.ndarray, "v 3"]
    polygons: list[Corners]
    neighbours: list[Corners]
    areas: list[Area]
    triangles: list[tuple[Corners, ...]]


def _heights(partition: Partition, pieces: Sequence[Piece], drops: DroppedKerbs) -> Float64[np.ndarray, "v"]:
    """Of the surface under each vertex: on pavements and kerbed medians above the carriageway."""
    points = shapely.points(partition.xy_m)
    raised = np.array([p.kind in _RAISED for p in pieces])
    crossing = np.array([p.kind is PieceKind.CROSSING for p in pieces])
    wants = np.zeros(len(points), dtype=bool)
    for corners, area in zip(partition.polygons, partition.areas, strict=True):
        if area is Area.PAVEMENT:
            wants[list(corners)] = True
    vertex, piece = shapely.STRtree([p.outline for p in pieces]).query_nearest(points)
    # A pavement's corner is on the pavement, any other on the carriageway if there is one; crossings have
    # no height of their own.
    rank = (raised[piece] != wants[vertex]) + 2 * crossing[piece]
    best = np.full(len(points), 9)
    np.minimum.at(best, vertex, rank)
    chosen = rank == best[vertex]
    vertex, piece = vertex[chosen], piece[chosen]
    total, count = np.zeros(len(points)), np.zeros(len(points))
    lift = np.zeros(len(points))
    for i in np.unique(piece):
        mine = vertex[piece == i]
        total[mine] += pieces[i].height(points[mine])
        lift[mine] = np.maximum(lift[mine], pieces[i].lift_m)
        count[mine] += 1.0
    return total / count + lift * drops.factor(partition.xy_m)


def _kept(partition: Partition, z_m: Float64[np.ndarray, "v"], box: Box | None) -> _Part:
    """The partition with neighbours, less what no walker could use."""
    neighbours = _neighbours(partition, box)
    areas = list(partition.areas)
    size = _sizes(partition)
    on_foot = np.array([a is not Area.CARRIAGEWAY for a in areas])
    for region in _regions(neighbours, on_foot):
        pavement = sum(size[i] for i in region if areas[i] is Area.PAVEMENT)
        if pavement < _SMALLEST_REGION_M2 and not _leads_out(neighbours, region):
            for i in region:
                areas[i] = Area.CARRIAGEWAY
    keep = np.zeros(len(areas), dtype=bool)
    for region in _regions(neighbours, np.ones(len(areas), dtype=bool)):
        if any(areas[i] is Area.PAVEMENT for i in region) or _leads_out(neighbours, region):
            keep[region] = True
    place = np.cumsum(keep) - 1
    rows = np.flatnonzero(keep).tolist()
    return _Part(
        vertices_m=np.column_stack([partition.xy_m, z_m]),
        polygons=[partition.polygons[i] for i in rows],
        neighbours=[tuple(int(place[n]) if n >= 0 else n for n in neighbours[i]) for i in rows],
        areas=[areas[i] for i in rows],
        triangles=[partition.triangles[i] for i in rows],
    )


def _neighbours(partition: Partition, box: Box | None) -> list[Corners]:
    at: dict[tuple[int, int], int] = {}
    for i, corners in enumerate(partition.polygons):
        for k, v in enumerate(corners):
            at[corners[k - 1], v] = i
    out = []
    for corners in partition.polygons:
        row = []
        for k, u in enumerate(corners):
            v = corners[(k + 1) % len(corners)]
            other = at.get((v, u))
            row.append(_side(partition.xy_m[[u, v]], box) if other is None else other)
        out.append(tuple(row))
    return out


def _side(edge_m: Float64[np.ndarray, "2 2"], box: Box | None) -> int:
    if box is not None:
        x0, y0, x1, y1 = box
        for side, axis, border in zip(SIDES, (0, 1, 0, 1), (x1, y1, x0, y0), strict=True):
            if np.all(edge_m[:, axis] == border):
                return side
    return NO_NEIGHBOUR


def _sizes(partition: Partition) -> list[float]:
    out = []
    for corners in partition.polygons:
        x, y = partition.xy_m[list(corners)].T
        out.append(0.5 * float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))))
    return out


def _regions(neighbours: Sequence[Corners], member: Bool[np.ndarray, "p"]) -> list[list[int]]:
    """Connected sets of the polygons that are members."""
    seen = ~member
    out = []
    for start in range(len(neighbours)):
        if seen[start]:
            continue
        seen[start] = True
        region, todo = [], [start]
        while todo:
            i = todo.pop()
            region.append(i)
            for n in neighbours[i]:
                if n >= 0 and not seen[n]:
                    seen[n] = True
                    todo.append(n)
        out.append(sorted(region))
    return out


def _leads_out(neighbours: Sequence[Corners], region: Sequence[int]) -> bool:
    return any(n in SIDES for i in region for n in neighbours[i])


def _together(column: int, row: int, parts: Sequence[_Part]) -> Tile:
    vertices: list[np.ndarray] = []
    polygons: list[Corners] = []
    neighbours: list[Corners] = []
    areas: list[Area] = []
    triangles: list[tuple[Corners, ...]] = []
    count = 0
    for part in parts:
        used = np.unique(np.array([v for corners in part.polygons for v in corners]))
        place = np.zeros(len(part.vertices_m), dtype=np.int64)
        place[used] = np.arange(len(used)) + count
        first = len(polygons)
        polygons += [tuple(int(place[v]) for v in corners) for corners in part.polygons]
        neighbours += [tuple(n + first if n >= 0 else n for n in row_) for row_ in part.neighbours]
        areas += part.areas
        triangles += part.triangles
        vertices.append(part.vertices_m[used])
        count += len(used)
    return Tile(
        column=column,
        row=row,
        vertices_m=np.concatenate(vertices),
        polygons=tuple(polygons),
        neighbours=tuple(neighbours),
        areas=tuple(areas),
        triangles=tuple(triangles),
    )
