"""Areas cut into convex polygons of at most six corners that share whole edges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from jaxtyping import Float64, Int64

from drivegen.embedded.navigation.areas import GRID_M, Area, Areas

MAX_CORNERS = 6
"""Of a Detour polygon."""
_LONGEST_EDGE_M = 10.0
"""Routes are searched over the middles of edges, heights are right at corners: both must be close."""

Corners = tuple[int, ...]
Box = tuple[float, float, float, float]
"""Smallest x, smallest y, largest x, largest y."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Partition:
    """Convex polygons, counter-clockwise, over shared vertices."""

    xy_m: Float64[np.ndarray, "v 2"]
    """On the grid, no two alike."""
    polygons: tuple[Corners, ...]
    """Indexes of vertices."""
    areas: tuple[Area, ...]
    triangles: tuple[tuple[Corners, ...], ...]
    """Of each polygon: three indexes of its own corners each."""


def make_partition(areas: Areas, box: Box | None) -> Partition:
    """Cuts up what of the areas lies in a box, or all. The same areas give the same polygons, in order."""
    faces, kinds = _faces(areas, box)
    xy, triangles, owner = _triangles(faces)
    labels = [kinds[i] for i in owner]
    merged = _merged(np.round(xy / GRID_M).astype(np.int64), triangles, labels)
    return Partition(
        xy_m=xy,
        polygons=tuple(corners for corners, _, _ in merged),
        areas=tuple(kind for _, kind, _ in merged),
        triangles=tuple(_local(corners, parts) for corners, _, parts in merged),
    )


def _local(corners: Corners, parts: Sequence[Corners]) -> tuple[Corners, ...]:
    place = {vertex: i for i, vertex in enumerate(corners)}
    return tuple((place[a], place[b], place[c]) for a, b, c in parts)


def _faces(areas: Areas, box: Box | None) -> tuple[np.ndarray, list[Area]]:
    """Faces between the areas' borders, cut at common nodes and after at most ten metres."""
    shapes = {
        Area.PAVEMENT: areas.pavement,
        Area.CROSSING: areas.crossing,
        Area.CARRIAGEWAY: areas.carriageway,
    }
    borders = [shapely.boundary(s) for s in shapes.values() if not s.is_empty]
    if not borders:
        return np.zeros(0, dtype=object), []
    lines = shapely.get_parts(shapely.union_all(borders, grid_size=GRID_M))
    if box is not None:
        # Cutting each area by itself would put the ends of a common border in different places.
        cut = shapely.union_all([*lines, shapely.boundary(shapely.box(*box))], grid_size=GRID_M)
        lines = shapely.get_parts(cut)
    lines = shapely.segmentize(lines, _LONGEST_EDGE_M)
    # The new corners are not on the grid; moved there they may touch another line, so nodes are sought again.
    lines = shapely.get_parts(shapely.union_all(lines, grid_size=GRID_M))
    faces = shapely.get_parts(shapely.polygonize(lines))
    inside = shapely.point_on_surface(faces)
    label = np.zeros(len(faces), dtype=np.int64)
    for kind, shape in shapes.items():
        shapely.prepare(shape)
        label[(label == 0) & shapely.intersects(shape, inside)] = int(kind)
    if box is not None:
        label[~shapely.contains(shapely.box(*box), inside)] = 0
    faces, label = faces[label > 0], label[label > 0]
    order = np.lexsort((*shapely.bounds(faces).T[::-1], label))
    return faces[order], [Area(int(k)) for k in label[order]]


def _triangles(faces: np.ndarray) -> tuple[Float64[np.ndarray, "v 2"], Int64[np.ndarray, "t 3"], list[int]]:
    """(vertices, counter-clockwise triangles, face of each triangle)."""
    parts, owner = shapely.get_parts(shapely.constrained_delaunay_triangles(faces), return_index=True)
    corners = shapely.get_coordinates(parts).reshape(-1, 4, 2)[:, :3]
    keys = np.round(corners.reshape(-1, 2) / GRID_M).astype(np.int64)
    unique, index = np.unique(keys, axis=0, return_inverse=True)
    triangles = index.reshape(-1, 3).astype(np.int64)
    a, b, c = (unique[triangles[:, i]] for i in range(3))
    twice = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    triangles[twice < 0] = triangles[twice < 0][:, ::-1]
    keep = twice != 0
    return unique * GRID_M, triangles[keep], [int(i) for i in owner[keep]]


def _merged(
    grid: Int64[np.ndarray, "v 2"], triangles: Int64[np.ndarray, "t 3"], labels: Sequence[Area]
) -> list[tuple[Corners, Area, list[Corners]]]:
    """Polygons from triangles: longest inner edges are taken away while the rest stays convex.

    (Hertel and Mehlhorn 1983: at most four times as many convex parts as needed.) One pass is enough, since
    joining never makes another join possible.
    """
    points = [(int(x), int(y)) for x, y in grid]
    polygons: list[Corners] = [(int(a), int(b), int(c)) for a, b, c in triangles]
    parts: list[list[Corners]] = [[p] for p in polygons]
    into = list(range(len(polygons)))

    def current(i: int) -> int:
        while into[i] != i:
            into[i] = into[into[i]]
            i = into[i]
        return i

    for first, second, u, v in _inner_edges(points, polygons, labels):
        i, j = current(first), current(second)
        if i == j:
            continue
        joined = _join(points, polygons[i], polygons[j], u, v)
        if joined is not None:
            polygons[i] = joined
            parts[i] += parts[j]
            into[j] = i
    return [(polygons[i], labels[i], parts[i]) for i in range(len(polygons)) if into[i] == i]


def _inner_edges(
    points: Sequence[tuple[int, int]], polygons: Sequence[Corners], labels: Sequence[Area]
) -> list[tuple[int, int, int, int]]:
    """(triangle, other triangle, from, to) of edges between triangles of one area, the longest first."""
    seen: dict[tuple[int, int], int] = {}
    found = []
    for j, corners in enumerate(polygons):
        for k, v in enumerate(corners):
            u = corners[k - 1]
            i = seen.get((v, u))
            seen[u, v] = j
            if i is not None and labels[i] is labels[j]:
                length = (points[u][0] - points[v][0]) ** 2 + (points[u][1] - points[v][1]) ** 2
                found.append((-length, i, j, v, u))
    return [(i, j, u, v) for _, i, j, u, v in sorted(found)]


def _join(points: Sequence[tuple[int, int]], left: Corners, right: Corners, u: int, v: int) -> Corners | None:
    """Two convex polygons joined over the edge that runs u to v in `left`; None if that is not convex."""
    if len(left) + len(right) - 2 > MAX_CORNERS or len(set(left) & set(right)) != 2:
        return None
    at, back = left.index(v), right.index(u)
    joined = (*left[at:], *left[:at], *(right[back:] + right[:back])[1:-1])
    for corner in (u, v):
        k = joined.index(corner)
        if _turn(points[joined[k - 1]], points[corner], points[joined[(k + 1) % len(joined)]]) < 0:
            return None
    return joined


def _turn(a: tuple[int, int], b: tuple[int, int], c: tuple[int, int]) -> int:
    return (b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0])
