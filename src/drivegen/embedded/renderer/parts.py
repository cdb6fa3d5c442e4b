"""Meshes cut into parts: what one draw command draws.

A part holds triangles of one shading class (one shader each: llvmpipe executes both sides of every branch,
so that one shader for all materials would cost the sum of all of them), in one cell of a large mesh (so that
what is out of sight can be left out).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numba
import numpy as np
from jaxtyping import Float32, Int32, UInt8

from drivegen.embedded.mesh import Material, Mesh
from drivegen.embedded.renderer.foliage import lone_leaves, thinned_levels
from drivegen.embedded.renderer.lod import coarser_levels

CELL_M = 32.0
"""Horizontal size of the cells into which a large mesh is cut."""

LEVEL_ERRORS_M = (0.0003, 0.01, 0.02, 0.04, 0.1)
"""Errors of the coarser levels of detail (see `coarser_levels`). The first leaves surfaces where they are, to
a millimetre: it takes what is flat together."""

LEAF_ERRORS_M = (0.0, 0.04, 0.08, 0.16, 0.3)
"""The same for lone leaves (see `thinned_levels`), and for the parts that hold them."""

LEVELS = 1 + len(LEVEL_ERRORS_M)
"""Levels of detail of a part, the finest first."""

MIN_TRIANGLES_FOR_LEVELS = 40


class ShadingClass(IntEnum):
    """Which shader draws a part. The order is that of drawing: what tends to hide others comes first."""

    GLOSS = 0
    SOLID = 1
    FOLIAGE = 2
    FACADE = 3
    WALL = 4
    ROAD = 5
    """This and those behind it lie on the ground: one shader file, compiled for each."""
    PAVED = 6
    GREEN = 7

    @property
    def is_ground(self) -> bool:
        """Whether it lies on the ground, and gets wet."""
        return self >= ShadingClass.ROAD


CLASS_OF_MATERIAL = np.full(256, ShadingClass.SOLID, np.uint8)
for _material, _class in (
    (Material.PAINT, ShadingClass.GLOSS),
    (Material.GLASS, ShadingClass.GLOSS),
    (Material.METAL, ShadingClass.GLOSS),
    (Material.ASPHALT, ShadingClass.ROAD),
    (Material.MARKING, ShadingClass.ROAD),
    (Material.CONCRETE, ShadingClass.PAVED),
    (Material.GRASS, ShadingClass.GREEN),
    (Material.FOLIAGE, ShadingClass.FOLIAGE),
    (Material.FACADE, ShadingClass.FACADE),
    (Material.CHROME, ShadingClass.GLOSS),
    (Material.SATIN, ShadingClass.GLOSS),
    (Material.BRICK, ShadingClass.WALL),
    (Material.PLASTER, ShadingClass.WALL),
    (Material.ROOF, ShadingClass.WALL),
    (Material.BARK, ShadingClass.WALL),
    (Material.GRANITE, ShadingClass.PAVED),
    (Material.TACTILE, ShadingClass.PAVED),
    (Material.EARTH, ShadingClass.GREEN),
):
    CLASS_OF_MATERIAL[_material] = _class

VERTEX = np.dtype(
    [
        ("position", "3f4"),
        ("normal", "3i1"),
        ("tag", "u1"),
        ("color", "3u1"),
        ("material", "u1"),
        ("uv", "2f4"),
    ]
)
"""Layout of the vertex buffer; moderngl: `3f 4i1 4u1 2f` with the tag read as the fourth signed byte."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MeshParts:
    """A mesh ready for upload: its vertices, and n parts of up to LEVELS levels."""

    vertices: np.ndarray
    """Of dtype VERTEX, (v,)."""
    indices: Int32[np.ndarray, "i"]
    shading: UInt8[np.ndarray, "n"]
    first: Int32[np.ndarray, "n levels"]
    """First index of each level."""
    count: Int32[np.ndarray, "n levels"]
    """Number of indices of each level; the coarsest one's where there is no such level."""
    error_m: Float32[np.ndarray, "n levels"]
    """See `coarser_levels`; infinite where there is no such level."""
    centre_m: Float32[np.ndarray, "n 3"]
    radius_m: Float32[np.ndarray, "n"]


def cut_mesh(mesh: Mesh) -> MeshParts:
    """The parts of a mesh, in an order that depends on nothing but the mesh."""
    vertices, triangles = _packed(mesh), mesh.triangles.astype(np.int64)
    low, size = np.zeros(3, np.float32), np.zeros(3, np.float32)
    if len(vertices):
        low = mesh.positions_m.min(axis=0)
        size = mesh.positions_m.max(axis=0) - low
    large = bool(size[:2].max() > 2 * CELL_M)
    levels = [triangles]
    # Pieces of ground stay as they are: simplified apart from each other they would part at their borders.
    ground = bool((CLASS_OF_MATERIAL[mesh.materials] >= ShadingClass.ROAD).any())
    if not (large or ground) and len(triangles) >= MIN_TRIANGLES_FOR_LEVELS:
        leaves = lone_leaves(vertices, triangles)
        levels += coarser_levels(vertices, triangles[~leaves], LEVEL_ERRORS_M)
        if leaves.any():
            vertices, thinned = thinned_levels(vertices, triangles[leaves], LEAF_ERRORS_M)
            levels[1:] = [np.concatenate(pair) for pair in zip(levels[1:], thinned, strict=True)]
    keys = [_part_keys(vertices, level, low, large) for level in levels]
    parts = np.unique(keys[0])
    n = len(parts)
    first, count = np.zeros((n, LEVELS), np.int32), np.zeros((n, LEVELS), np.int32)
    error = np.full((n, LEVELS), np.inf, np.float32)
    leafy = (parts >> 32) == ShadingClass.FOLIAGE
    error[~leafy, : len(levels)] = (0.0, *LEVEL_ERRORS_M)[: len(levels)]
    error[leafy, : len(levels)] = (0.0, *LEAF_ERRORS_M)[: len(levels)]
    low_corner, high_corner = np.full((n, 3), np.inf, np.float32), np.full((n, 3), -np.inf, np.float32)
    position = np.ascontiguousarray(vertices["position"])
    chunks: list[np.ndarray] = []
    part_of: list[np.ndarray] = []
    length = 0
    for level, (level_triangles, level_keys) in enumerate(zip(levels, keys, strict=True)):
        part = np.searchsorted(parts, level_keys).astype(np.uint16)
        chunks.append(level_triangles[np.argsort(part, kind="stable")].reshape(-1))
        part_of.append(part)
        number = np.bincount(part, minlength=n)
        first[:, level] = length + 3 * (np.cumsum(number) - number)
        count[:, level] = 3 * number
        length += chunks[-1].size
    _widen(position, levels[0], part_of[0], low_corner, high_corner)
    centre = (low_corner + high_corner) / 2
    radius = np.zeros(n, np.float32)
    for level_triangles, part in zip(levels, part_of, strict=True):
        # Grown leaves reach beyond the finest level's.
        _reach(position, level_triangles, part, centre, radius)
    first[:, len(levels) :] = first[:, len(levels) - 1 : len(levels)]
    count[:, len(levels) :] = count[:, len(levels) - 1 : len(levels)]
    return MeshParts(
        vertices=vertices,
        indices=np.concatenate(chunks).astype(np.int32),
        shading=(parts >> 32).astype(np.uint8),
        first=first,
        count=count,
        error_m=error,
        centre_m=centre,
        radius_m=np.sqrt(radius) * np.float32(1.0001) + np.float32(1e-4),
    )


@numba.njit(cache=True)
def _widen(position, triangles, part, low, high):  # type: ignore[no-untyped-def]
    """Widens the box of each part to hold its triangles."""
    for t in range(len(triangles)):
        for j in range(3):
            v = triangles[t, j]
            for i in range(3):
                low[part[t], i] = min(low[part[t], i], position[v, i])
                high[part[t], i] = max(high[part[t], i], position[v, i])


@numba.njit(cache=True)
def _reach(position, triangles, part, centre, radius2):  # type: ignore[no-untyped-def]
    """Widens the squared radius of each part's sphere to hold its triangles."""
    for t in range(len(triangles)):
        p = part[t]
        for j in range(3):
            v = triangles[t, j]
            x = position[v, 0] - centre[p, 0]
            y = position[v, 1] - centre[p, 1]
            z = position[v, 2] - centre[p, 2]
            radius2[p] = max(radius2[p], x * x + y * y + z * z)


def _packed(mesh: Mesh) -> np.ndarray:
    vertices = np.zeros(len(mesh.positions_m), VERTEX)
    vertices["position"] = mesh.positions_m
    vertices["normal"] = np.rint(np.clip(mesh.normals, -1.0, 1.0) * 127.0)
    vertices["tag"] = mesh.tags
    vertices["color"] = mesh.colors
    vertices["material"] = mesh.materials
    vertices["uv"] = mesh.uvs
    return vertices


def _part_keys(
    vertices: np.ndarray, triangles: np.ndarray, low: Float32[np.ndarray, "3"], large: bool
) -> np.ndarray:
    """One number for each triangle: its shading class, and its cell if the mesh is large."""
    shading = CLASS_OF_MATERIAL[vertices["material"][triangles[:, 0]]].astype(np.int64) << 32
    if not large:
        return shading
    middle = vertices["position"][triangles].mean(axis=1)[:, :2]
    cell = ((middle - low[:2]) / CELL_M).astype(np.int64)
    return shading + (cell[:, 0] << 16) + cell[:, 1]
