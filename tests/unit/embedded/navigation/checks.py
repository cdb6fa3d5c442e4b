"""What is true of every mesh, and where points lie on one."""

from __future__ import annotations

import numpy as np
import shapely

from tests.unit.embedded.navigation.detour_file import FAR, File, Polygon

PAVEMENT, CROSSING, CARRIAGEWAY = 1, 2, 3
FLAGS = {PAVEMENT: 0x02, CROSSING: 0x04, CARRIAGEWAY: 0x08}


def check(file: File) -> None:
    """References, winding, convexity, neighbours, heights' triangles, and that nothing overlaps."""
    assert file.tile_bits + file.polygon_bits <= 22
    for index, tile in enumerate(file.tiles):
        assert tile.reference >> (file.tile_bits + file.polygon_bits) == 1
        assert (tile.reference >> file.polygon_bits) & ((1 << file.tile_bits) - 1) == index
        assert len(tile.polygons) <= 1 << file.polygon_bits
        assert tile.head["links"] >= sum(len(p.neighbours) for p in tile.polygons)
        used = {v for p in tile.polygons for v in p.vertices}
        assert used == set(range(tile.head["vertices"]))
        for polygon in tile.polygons:
            _check_polygon(polygon)
            assert np.all(polygon.detour >= tile.low)
            assert np.all(polygon.detour <= tile.high)
        _check_neighbours(tile.polygons)


def _check_polygon(polygon: Polygon) -> None:
    assert polygon.flags == FLAGS[polygon.area]
    corners = polygon.detour
    n = len(corners)
    assert 3 <= n <= 6
    assert len(set(polygon.vertices)) == n
    turns = []
    for k in range(n):
        a, b, c = corners[k - 2], corners[k - 1], corners[k]
        turns.append((c - a)[0] * (b - a)[2] - (b - a)[0] * (c - a)[2])
    # The client's convention: (c-a).x (b-a).z - (b-a).x (c-a).z > 0 for corners a, b, c.
    assert min(turns) >= 0.0
    assert max(turns) > 0.0
    area = sum(_area(corners[list(t)]) for t in polygon.triangles)
    assert all(_area(corners[list(t)]) > 0.0 for t in polygon.triangles)
    assert len(polygon.triangles) == n - 2
    assert np.isclose(area, _area(corners), rtol=1e-6)
    rim = {(k, (k + 1) % n) for k in range(n)}
    for triangle, flags in zip(polygon.triangles, polygon.triangle_flags, strict=True):
        for k in range(3):
            on_rim = (triangle[k], triangle[(k + 1) % 3]) in rim
            assert bool(flags >> (2 * k) & 1) == on_rim


def _area(corners: np.ndarray) -> float:
    x, z = corners[:, 0], -corners[:, 2]
    return 0.5 * float(np.sum(x * np.roll(z, -1) - z * np.roll(x, -1)))


def _check_neighbours(polygons: list[Polygon]) -> None:
    edges = {}
    for i, polygon in enumerate(polygons):
        for k, vertex in enumerate(polygon.vertices):
            edge = (vertex, polygon.vertices[(k + 1) % len(polygon.vertices)])
            assert edge not in edges, "two polygons on one side of an edge"
            edges[edge] = (i, polygon.neighbours[k])
    for (u, v), (i, beside) in edges.items():
        back = edges.get((v, u))
        if beside & FAR or beside == 0:
            assert back is None, "neighbours that do not know each other"
        else:
            assert back is not None
            assert back[0] == beside - 1
            assert back[1] == i + 1


def plan(polygons: list[Polygon]) -> shapely.Geometry:
    """All of them in plan."""
    return shapely.union_all(shapes(polygons))


def shapes(polygons: list[Polygon]) -> np.ndarray:
    return np.array([shapely.Polygon(p.corners[:, :2]) for p in polygons], dtype=object)


def heights_at(polygons: list[Polygon], xy: np.ndarray) -> np.ndarray:
    """Height of the mesh at points, NaN beside it; the lowest where levels overlap."""
    triangles = np.array([p.corners[list(t)] for p in polygons for t in p.triangles])
    tree = shapely.STRtree(shapely.polygons(triangles[:, :, :2]))
    out = np.full(len(xy), np.nan)
    for point, index in tree.query(shapely.points(xy), predicate="intersects").T:
        a, b, c = triangles[index]
        share = np.linalg.solve(np.array([b - a, c - a])[:, :2].T, xy[point] - a[:2])
        z = a[2] + share[0] * (b - a)[2] + share[1] * (c - a)[2]
        out[point] = np.fmin(out[point], z)
    return out
