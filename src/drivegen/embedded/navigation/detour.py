"""Tiles as the file that CARLA's client loads: a set of Detour tiles (Recast Navigation, version 7).

Written from the layout of Detour's structures (DetourNavMesh.h) as measured with the client. Detour's axes
are CARLA's x, z, y: left-handed x forward, then up, then right, so the map frame's y is turned round.
Everything is little-endian, references have 32 bits.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from drivegen.core.errors import MapError
from drivegen.core.handedness import flip_points
from drivegen.embedded.navigation.areas import Area
from drivegen.embedded.navigation.tiles import SIDES, Tile

MOST_VERTICES = 0xFFFF
MOST_POLYGONS = 0x7FFE
"""Neighbours are 16-bit numbers from 1 on, whose highest bit means another tile."""
_SET_MAGIC = 0x4D534554
_SET_VERSION = 1
_TILE_MAGIC = 0x444E4156
_TILE_VERSION = 7
_REFERENCE_BITS = 22
"""Of a 32-bit reference, for tile and polygon; Detour keeps ten for the salt."""
_OUTSIDE = 0x8000
_FLAGS = {Area.PAVEMENT: 0x02, Area.CROSSING: 0x04, Area.CARRIAGEWAY: 0x08}
_SIDE = {SIDES[0]: 0, SIDES[1]: 6, SIDES[2]: 4, SIDES[3]: 2}
"""Detour counts +x, (+x, +z), +z, ... from 0; its z is CARLA's y, so our +y is its -z."""
_WALKER_HEIGHT_M = 1.8
_WALKER_RADIUS_M = 0.3
_CLIMB_M = 0.5
"""Edges of two tiles that differ by less than about twice this in height are joined."""
_EDGE_ON_BORDER = 1


def pack_tiles(
    tiles: Sequence[Tile], origin_m: tuple[float, float], size_m: tuple[float, float], rows: int
) -> bytes:
    """The file.

    Args:
        tiles: At least one.
        origin_m: South-west corner of tile (0, 0), map frame.
        size_m: Of a tile, along x and y.
        rows: Tiles along y.

    Raises:
        MapError: More polygons than 32-bit references can name.
    """
    tile_bits = _bits(len(tiles))
    polygon_bits = _bits(max(len(t.polygons) for t in tiles))
    if tile_bits + polygon_bits > _REFERENCE_BITS:
        raise MapError(
            f"{sum(len(t.polygons) for t in tiles)} polygons in {len(tiles)} tiles are too many for a "
            "walkers' mesh; divide the map"
        )
    low = float(min(t.vertices_m[:, 2].min() for t in tiles))
    # Detour's z runs the other way, so its first row is our last.
    z_origin = -(origin_m[1] + rows * size_m[1])
    head = struct.pack("<3i", _SET_MAGIC, _SET_VERSION, len(tiles))
    head += struct.pack("<5f2i", origin_m[0], low, z_origin, *size_m, 1 << tile_bits, 1 << polygon_bits)
    out = [head]
    for index, tile in enumerate(tiles):
        data = _pack_tile(tile, rows)
        reference = 1 << (tile_bits + polygon_bits) | index << polygon_bits
        out += [struct.pack("<Ii", reference, len(data)), data]
    return b"".join(out)


def _bits(count: int) -> int:
    """Of numbers below `count`."""
    return max(count - 1, 0).bit_length()


def _pack_tile(tile: Tile, rows: int) -> bytes:
    points = flip_points(tile.vertices_m)[:, [0, 2, 1]].astype("<f4")
    triangles = sum(len(t) for t in tile.triangles)
    edges = sum(len(p) for p in tile.polygons)
    portals = sum(n in SIDES for row in tile.neighbours for n in row)
    links = edges + 2 * portals
    header = struct.pack(
        "<15i10f",
        _TILE_MAGIC,
        _TILE_VERSION,
        tile.column,
        rows - 1 - tile.row,
        0,  # layer
        0,  # user id
        len(tile.polygons),
        len(points),
        links,
        len(tile.polygons),
        0,  # detail vertices
        triangles,
        0,  # BV nodes
        0,  # off-mesh connections
        len(tile.polygons),
        _WALKER_HEIGHT_M,
        _WALKER_RADIUS_M,
        _CLIMB_M,
        *points.min(axis=0).tolist(),
        *points.max(axis=0).tolist(),
        0.0,  # BV quantisation
    )
    return b"".join(
        [
            header,
            points.tobytes(),
            _polygons(tile),
            bytes(12 * links),
            _details(tile),
            _detail_triangles(tile),
        ]
    )


def _polygons(tile: Tile) -> bytes:
    out = []
    for corners, neighbours, area in zip(tile.polygons, tile.neighbours, tile.areas, strict=True):
        empty = [0] * (6 - len(corners))
        beside = [_OUTSIDE | _SIDE[n] if n in _SIDE else n + 1 for n in neighbours]
        out.append(
            struct.pack(
                "<I6H6HHBB", 0xFFFFFFFF, *corners, *empty, *beside, *empty, _FLAGS[area], len(corners), area
            )
        )
    return b"".join(out)


def _details(tile: Tile) -> bytes:
    """Heights within a polygon are those of the triangles that it was joined from."""
    out = []
    first = 0
    for parts in tile.triangles:
        out.append(struct.pack("<2I2B2x", 0, first, 0, len(parts)))
        first += len(parts)
    return b"".join(out)


def _detail_triangles(tile: Tile) -> bytes:
    out = bytearray()
    for corners, parts in zip(tile.polygons, tile.triangles, strict=True):
        for triangle in parts:
            flags = 0
            for k in range(3):
                if (triangle[(k + 1) % 3] - triangle[k]) % len(corners) == 1:
                    flags |= _EDGE_ON_BORDER << 2 * k
            out += bytes((*triangle, flags))
    return bytes(out)
