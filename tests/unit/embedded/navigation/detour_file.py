"""A reader of Detour files of its own: plain loops over the documented layout, none of the writer's code."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

HEADER = (
    *("magic", "version", "x", "y", "layer", "user", "polygons", "vertices", "links", "details"),
    *("detail_vertices", "detail_triangles", "bv_nodes", "off_mesh", "off_mesh_base"),
)
FAR = 0x8000
"""Marks a neighbour in another tile; the low bits are its side."""
BEYOND = {0: (1, 0), 2: (0, 1), 4: (-1, 0), 6: (0, -1)}
"""Side to step in tiles along Detour's x and z."""


@dataclass
class Polygon:
    tile: tuple[int, int]
    corners: np.ndarray
    """n x 3 in the map's frame: right-handed, z up."""
    detour: np.ndarray
    """The same as they stand in the file."""
    vertices: tuple[int, ...]
    neighbours: tuple[int, ...]
    area: int
    flags: int
    triangles: list[tuple[int, int, int]]
    triangle_flags: list[int]


@dataclass
class Tile:
    head: dict[str, int]
    reference: int
    low: np.ndarray
    high: np.ndarray
    polygons: list[Polygon]


@dataclass
class File:
    origin: np.ndarray
    size: tuple[float, float]
    tile_bits: int
    polygon_bits: int
    tiles: list[Tile]

    def polygons(self, area: int | None = None) -> list[Polygon]:
        return [p for t in self.tiles for p in t.polygons if area is None or p.area == area]


def read(data: bytes) -> File:
    magic, version, count = struct.unpack_from("<3i", data)
    assert magic == 0x4D534554
    assert version == 1
    x, y, z, width, height, tiles, polygons = struct.unpack_from("<5f2i", data, 12)
    at = 40
    out = []
    for _ in range(count):
        reference, size = struct.unpack_from("<Ii", data, at)
        out.append(_tile(data[at + 8 : at + 8 + size], reference))
        at += 8 + size
    assert at == len(data)
    return File(
        origin=np.array([x, y, z]),
        size=(width, height),
        tile_bits=int(tiles).bit_length() - 1,
        polygon_bits=int(polygons).bit_length() - 1,
        tiles=out,
    )


def _tile(data: bytes, reference: int) -> Tile:
    head = dict(zip(HEADER, struct.unpack_from("<15i", data), strict=True))
    assert head["magic"] == 0x444E4156
    assert head["version"] == 7
    bounds = struct.unpack_from("<6f", data, 72)
    at = 100
    vertices = np.frombuffer(data, "<f4", 3 * head["vertices"], at).reshape(-1, 3).astype(float)
    at += 12 * head["vertices"]
    rows = [struct.unpack_from("<I6H6HHBB", data, at + 32 * i) for i in range(head["polygons"])]
    at += 32 * head["polygons"] + 12 * head["links"]
    details = [struct.unpack_from("<2I2B", data, at + 12 * i) for i in range(head["details"])]
    at += 12 * head["details"] + 12 * head["detail_vertices"]
    triangles = [struct.unpack_from("<4B", data, at + 4 * i) for i in range(head["detail_triangles"])]
    at += 4 * head["detail_triangles"] + 16 * head["bv_nodes"]
    assert at == len(data)
    polygons = []
    for row, detail in zip(rows, details, strict=True):
        count = row[14]
        corners = vertices[list(row[1 : 1 + count])]
        mine = triangles[detail[1] : detail[1] + detail[3]]
        assert row[15] >> 6 == 0, "a ground polygon"
        polygons.append(
            Polygon(
                tile=(head["x"], head["y"]),
                corners=np.stack([corners[:, 0], -corners[:, 2], corners[:, 1]], axis=1),
                detour=corners,
                vertices=row[1 : 1 + count],
                neighbours=row[7 : 7 + count],
                area=row[15] & 63,
                flags=row[13],
                triangles=[t[:3] for t in mine],
                triangle_flags=[t[3] for t in mine],
            )
        )
    return Tile(
        head=head,
        reference=reference,
        low=np.array(bounds[:3]),
        high=np.array(bounds[3:]),
        polygons=polygons,
    )


def links(file: File) -> dict[tuple[int, int], set[tuple[int, int]]]:
    """What Detour joins when it loads the tiles: (tile, polygon) to the polygons that one walks on to."""
    out: dict[tuple[int, int], set[tuple[int, int]]] = {}
    by_place = {(t.head["x"], t.head["y"]): i for i, t in enumerate(file.tiles)}
    for i, tile in enumerate(file.tiles):
        for k, polygon in enumerate(tile.polygons):
            found = out.setdefault((i, k), set())
            for edge, beside in enumerate(polygon.neighbours):
                if beside & FAR:
                    side = beside & 0xFF
                    step = BEYOND[side]
                    other = by_place.get((polygon.tile[0] + step[0], polygon.tile[1] + step[1]))
                    if other is not None:
                        found |= {(other, j) for j in _facing(file.tiles[other], polygon, edge, side)}
                elif beside:
                    found.add((i, beside - 1))
    return out


def _facing(tile: Tile, polygon: Polygon, edge: int, side: int) -> list[int]:
    """Polygons whose edge on the same border overlaps an edge, at about the same height."""
    axis = 2 if side in (0, 4) else 0
    a, b = _edge(polygon, edge)
    out = []
    for j, other in enumerate(tile.polygons):
        for k, beside in enumerate(other.neighbours):
            if beside != FAR | (side + 4) % 8:
                continue
            c, d = _edge(other, k)
            low = max(min(a[axis], b[axis]), min(c[axis], d[axis]))
            high = min(max(a[axis], b[axis]), max(c[axis], d[axis]))
            if high - low > 0.02 and abs(_height(a, b, axis, low) - _height(c, d, axis, low)) < 1.0:
                out.append(j)
    return out


def _edge(polygon: Polygon, edge: int) -> tuple[np.ndarray, np.ndarray]:
    return polygon.detour[edge], polygon.detour[(edge + 1) % len(polygon.detour)]


def _height(a: np.ndarray, b: np.ndarray, axis: int, at: float) -> float:
    return float(a[1] + (b[1] - a[1]) * (at - a[axis]) / (b[axis] - a[axis]))


def regions(file: File, areas: set[int]) -> list[set[tuple[int, int]]]:
    """Connected sets of polygons of some areas, the largest first."""
    joined = links(file)
    todo = {key for key in joined if file.tiles[key[0]].polygons[key[1]].area in areas}
    out = []
    while todo:
        start = min(todo)
        todo.remove(start)
        region, front = {start}, [start]
        while front:
            for key in joined[front.pop()]:
                if key in todo:
                    todo.remove(key)
                    region.add(key)
                    front.append(key)
        out.append(region)
    return sorted(out, key=len, reverse=True)
