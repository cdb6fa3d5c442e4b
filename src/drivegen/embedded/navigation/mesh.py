"""The walkers' mesh of a road network, as the file that CARLA's client loads."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from importlib import resources

import numpy as np
import shapely

from drivegen import opendrive
from drivegen.embedded import navigation
from drivegen.embedded.navigation.detour import MOST_POLYGONS, MOST_VERTICES, pack_tiles
from drivegen.embedded.navigation.levels import overlaps, split_levels
from drivegen.embedded.navigation.pieces import Piece, has_pavements, make_pieces
from drivegen.embedded.navigation.tiles import Tile, make_tile
from drivegen.opendrive import surfaces
from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.surfaces.lane_kinds import DroppedKerbs

_TILE_M = 64.0
_CONTEXT_M = 24.0
"""What lies this far outside a tile is looked at while the tile is made."""


def build_navigation(network: RoadNetwork) -> bytes:
    """A set of Detour tiles with pavements, crossings and the carriageways between them.

    A network on one level makes one tile, from which the client draws places evenly; one with bridges, or
    with more corners than a tile can have, is cut into tiles of 64 m, each of which it draws as often.
    The same network gives the same bytes.

    Returns:
        The file; empty for a network without pavements.

    Raises:
        MapError: The network is too large for one file.
    """
    if not has_pavements(network):
        return b""
    geometry = NetworkGeometry(network)
    drops = DroppedKerbs(geometry)
    pieces = make_pieces(geometry, drops)
    crossed = overlaps(pieces)
    if crossed.is_empty:
        whole = make_tile(0, 0, [pieces], drops, None)
        if whole is None:
            return b""
        if len(whole.polygons) <= MOST_POLYGONS and len(whole.vertices_m) <= MOST_VERTICES:
            low, high = whole.vertices_m[:, :2].min(axis=0), whole.vertices_m[:, :2].max(axis=0)
            size = np.ceil(high - low) + 1.0
            return pack_tiles([whole], (float(low[0]), float(low[1])), (float(size[0]), float(size[1])), 1)
    return _build_tiled(pieces, drops, crossed)


def file_name(map_name: str, text: str) -> str:
    """What clients know a mesh by.

    They keep files by name for ever, so all that a mesh comes from is in its name: the map's text, and the
    code that makes it. So the mesh itself need not be made for a client that has it.
    """
    content = hashlib.sha256(text.encode("utf-8", errors="surrogatepass"))
    content.update(_maker())
    return f"Carla/Maps/Nav/{map_name}-{content.hexdigest()[:16]}.bin"


@functools.cache
def _maker() -> bytes:
    """Digest of the modules and of the geometry library that a mesh depends on."""
    digest = hashlib.sha256(shapely.geos_version_string.encode())
    for package in (navigation, opendrive, surfaces):
        files = (f for f in resources.files(package).iterdir() if f.name.endswith(".py"))
        for file in sorted(files, key=lambda f: f.name):
            digest.update(file.read_bytes())
    return digest.digest()


def _build_tiled(pieces: Sequence[Piece], drops: DroppedKerbs, crossed: shapely.Geometry) -> bytes:
    outlines = np.array([p.outline for p in pieces], dtype=object)
    bounds = shapely.total_bounds(outlines)
    x0, y0 = (float(np.floor(v / _TILE_M) * _TILE_M) for v in bounds[:2])
    columns = int(np.ceil((bounds[2] - x0) / _TILE_M))
    rows = int(np.ceil((bounds[3] - y0) / _TILE_M))
    tree = shapely.STRtree(outlines)
    shapely.prepare(crossed)
    tiles: list[Tile] = []
    for column in range(columns):
        for row in range(rows):
            x, y = x0 + column * _TILE_M, y0 + row * _TILE_M
            box = (x, y, x + _TILE_M, y + _TILE_M)
            window = shapely.box(
                x - _CONTEXT_M, y - _CONTEXT_M, x + _TILE_M + _CONTEXT_M, y + _TILE_M + _CONTEXT_M
            )
            near = [pieces[i].within(window) for i in np.sort(tree.query(window, predicate="intersects"))]
            near = [piece for piece in near if not piece.outline.is_empty]
            if not near:
                continue
            levels = split_levels(near) if shapely.intersects(crossed, window) else [near]
            tile = make_tile(column, row, levels, drops, box)
            if tile is not None:
                tiles.append(tile)
    if not tiles:
        return b""
    return pack_tiles(tiles, (x0, y0), (_TILE_M, _TILE_M), rows)
