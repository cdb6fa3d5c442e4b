"""Meshes of the road surface and the ground from the evaluated OpenDRIVE network."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from drivegen.core.tags import Tag
from drivegen.embedded.mesh import Material, Mesh, merge_meshes, part_of
from drivegen.opendrive.surfaces import Surface, SurfaceKind

TILE_M = 40.0
"""Side of the square that one mesh covers, so that what is out of sight is not drawn."""
FAR_TRIANGLE_M = 80.0
"""Larger triangles (the ground towards the horizon) go into one mesh of their own."""

LOOKS: dict[SurfaceKind, tuple[Material, Tag]] = {
    SurfaceKind.DRIVING: (Material.ASPHALT, Tag.ROAD),
    SurfaceKind.SHOULDER: (Material.ASPHALT, Tag.ROAD),
    SurfaceKind.BIKING: (Material.ASPHALT, Tag.ROAD),
    SurfaceKind.PARKING: (Material.ASPHALT, Tag.ROAD),
    SurfaceKind.SIDEWALK: (Material.CONCRETE, Tag.SIDEWALK),
    SurfaceKind.MEDIAN: (Material.GRASS, Tag.TERRAIN),
    SurfaceKind.KERB: (Material.GRANITE, Tag.SIDEWALK),
    SurfaceKind.MARKING: (Material.MARKING, Tag.ROAD_LINE),
    SurfaceKind.CROSSWALK: (Material.MARKING, Tag.ROAD_LINE),
    SurfaceKind.STOP_LINE: (Material.MARKING, Tag.ROAD_LINE),
    SurfaceKind.TERRAIN: (Material.GRASS, Tag.TERRAIN),
    SurfaceKind.BRIDGE: (Material.PLASTER, Tag.BRIDGE),
    SurfaceKind.WALL: (Material.PLASTER, Tag.WALL),
}
"""CARLA counts shoulders, parking and bicycle lanes as road, kerb stones as pavement."""


def surface_meshes(surfaces: Sequence[Surface]) -> list[Mesh]:
    """Meshes of all surfaces in the map frame, one for each tile of `TILE_M`, in a fixed order.

    Args:
        surfaces: from `drivegen.opendrive.surfaces.mesh_network`.
    """
    whole = [_mesh(surface) for surface in surfaces if len(surface.triangles)]
    if not whole:
        return []
    ground = merge_meshes(whole, "ground")
    corners = ground.positions_m[ground.triangles].astype(np.float64)
    span = np.ptp(corners[:, :, :2], axis=1).max(axis=1)
    tile = np.floor(corners[:, :, :2].mean(axis=1) / TILE_M).astype(np.int64)
    tile[span > FAR_TRIANGLE_M] = np.iinfo(np.int32).max
    keys, index = np.unique(tile, axis=0, return_inverse=True)
    index = np.asarray(index).reshape(-1)
    order = np.argsort(index, kind="stable")
    starts = np.searchsorted(index[order], np.arange(len(keys) + 1))
    return [
        part_of(ground, order[starts[k] : starts[k + 1]], f"ground/{keys[k, 0]}_{keys[k, 1]}")
        for k in range(len(keys))
    ]


def _mesh(surface: Surface) -> Mesh:
    material, tag = LOOKS[surface.kind]
    count = len(surface.positions_m)
    return Mesh(
        name=str(surface.kind),
        positions_m=surface.positions_m,
        normals=surface.normals,
        uvs=surface.uvs,
        colors=surface.colors,
        materials=np.full(count, int(material), np.uint8),
        tags=np.full(count, int(tag), np.uint8),
        triangles=surface.triangles,
    )
