"""Meshes cut into parts: what one draw command draws.

A part holds triangles of one shading class (one shader each: llvmpipe executes both sides of every branch,
so that one shader for all materials would cost the sum of all of them), in one cell of a large mesh (so that
what is out of sight can be left out).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from jaxtyping import Bool, Float32, Int32, UInt8

from drivegen.embedded.mesh import Material, Mesh
from drivegen.embedded.renderer.lod import clustered

CELL_M = 32.0
"""Horizontal size of the cells into which a large mesh is cut."""

MAX_EDGE_M = 24.0
"""Longer edges are halved: llvmpipe interpolates 1/depth over the whole triangle in 32 bits, so that a
triangle that begins behind the camera's near plane and ends far away has wrong depths."""

LEVELS = 3
"""Levels of detail of a part, the finest first."""

LEVEL_CELLS_M = (0.05, 0.15)
"""Sizes of the clusters in which vertices become one, for the coarser levels."""

MIN_TRIANGLES_FOR_LEVELS = 150


class ShadingClass(IntEnum):
    """Which shader draws a part. The order is that of drawing: what tends to hide others comes first."""

    GLOSS = 0
    SOLID = 1
    FOLIAGE = 2
    FACADE = 3
    GROUND = 4


CLASS_OF_MATERIAL = np.full(256, ShadingClass.SOLID, np.uint8)
for _material, _class in (
    (Material.PAINT, ShadingClass.GLOSS),
    (Material.GLASS, ShadingClass.GLOSS),
    (Material.METAL, ShadingClass.GLOSS),
    (Material.ASPHALT, ShadingClass.GROUND),
    (Material.MARKING, ShadingClass.GROUND),
    (Material.CONCRETE, ShadingClass.GROUND),
    (Material.GRASS, ShadingClass.GROUND),
    (Material.FOLIAGE, ShadingClass.FOLIAGE),
    (Material.FACADE, ShadingClass.FACADE),
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
    """Number of indices of each level; the same as the finer one's where a level is not worth while."""
    error_m: Float32[np.ndarray, "n levels"]
    """How far a level's vertices lie from where they belong; infinite where there is no such level."""
    centre_m: Float32[np.ndarray, "n 3"]
    radius_m: Float32[np.ndarray, "n"]


def cut_mesh(mesh: Mesh) -> MeshParts:
    """The parts of a mesh, in an order that depends on nothing but the mesh."""
    vertices, triangles = _halved(_packed(mesh), mesh.triangles.astype(np.int64))
    key = _part_keys(vertices, triangles)
    order = np.argsort(key, kind="stable")
    triangles, key = triangles[order], key[order]
    starts = np.flatnonzero(np.r_[True, key[1:] != key[:-1]]) if len(key) else np.zeros(0, np.int64)
    ends = np.r_[starts[1:], len(key)]
    n = len(starts)
    first, count = np.zeros((n, LEVELS), np.int32), np.zeros((n, LEVELS), np.int32)
    error = np.full((n, LEVELS), np.inf, np.float32)
    centre, radius = np.zeros((n, 3), np.float32), np.zeros(n, np.float32)
    chunks: list[np.ndarray] = []
    length = 0
    for k, (start, end) in enumerate(zip(starts, ends, strict=True)):
        part = triangles[start:end]
        points = vertices["position"][part.reshape(-1)]
        low, high = points.min(axis=0), points.max(axis=0)
        centre[k] = (low + high) / 2
        radius[k] = np.sqrt(((points - centre[k]) ** 2).sum(axis=1).max()) * 1.0001 + 1e-4
        levels = [(part, 0.0), *_coarser(vertices, part)]
        for level in range(LEVELS):
            if level < len(levels):
                chunks.append(levels[level][0].reshape(-1))
                first[k, level], count[k, level] = length, chunks[-1].size
                error[k, level] = levels[level][1]
                length += chunks[-1].size
            else:
                first[k, level], count[k, level] = first[k, level - 1], count[k, level - 1]
    return MeshParts(
        vertices=vertices,
        indices=np.concatenate(chunks).astype(np.int32) if chunks else np.zeros(0, np.int32),
        shading=CLASS_OF_MATERIAL[vertices["material"][triangles[starts, 0]]] if n else np.zeros(0, np.uint8),
        first=first,
        count=count,
        error_m=error,
        centre_m=centre,
        radius_m=radius,
    )


def _packed(mesh: Mesh) -> np.ndarray:
    vertices = np.zeros(len(mesh.positions_m), VERTEX)
    vertices["position"] = mesh.positions_m
    vertices["normal"] = np.rint(np.clip(mesh.normals, -1.0, 1.0) * 127.0)
    vertices["tag"] = mesh.tags
    vertices["color"] = mesh.colors
    vertices["material"] = mesh.materials
    vertices["uv"] = mesh.uvs
    return vertices


def _part_keys(vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """One number for each triangle: its shading class, and its cell if the mesh is larger than two cells."""
    if len(triangles) == 0:
        return np.zeros(0, np.int64)
    shading = CLASS_OF_MATERIAL[vertices["material"][triangles[:, 0]]].astype(np.int64)
    middle = vertices["position"][triangles].mean(axis=1)[:, :2]
    low = middle.min(axis=0)
    if (middle.max(axis=0) - low).max() <= 2 * CELL_M:
        return shading
    cell = ((middle - low) / CELL_M).astype(np.int64)
    return (shading * 65536 + cell[:, 0]) * 65536 + cell[:, 1]


def _coarser(vertices: np.ndarray, part: np.ndarray) -> list[tuple[np.ndarray, float]]:
    levels: list[tuple[np.ndarray, float]] = []
    best = len(part)
    if best < MIN_TRIANGLES_FOR_LEVELS:
        return levels
    for cell_m in LEVEL_CELLS_M:
        triangles, error_m = clustered(vertices, part, cell_m)
        if len(triangles) < 0.7 * best:
            levels.append((triangles, error_m))
            best = len(triangles)
    return levels


def _halved(vertices: np.ndarray, triangles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bisects triangles at their longest edge until none is longer than MAX_EDGE_M.

    Every edge is cut at its own middle, whichever triangle it belongs to, so that no gap opens between two.
    """
    while len(triangles):
        points = vertices["position"][triangles].astype(np.float64)
        edges = np.linalg.norm(points - np.roll(points, -1, axis=1), axis=2)
        long: Bool[np.ndarray, "t"] = edges.max(axis=1) > MAX_EDGE_M
        if not long.any():
            break
        at = edges[long].argmax(axis=1)
        rows = np.arange(len(at))
        a, b, c = (triangles[long][rows, (at + k) % 3] for k in range(3))
        middle = _middles(vertices[a], vertices[b])
        m = len(vertices) + rows
        vertices = np.concatenate([vertices, middle])
        halves = np.concatenate([np.stack([a, m, c], 1), np.stack([m, b, c], 1)])
        triangles = np.concatenate([triangles[~long], halves])
    return vertices, triangles


def _middles(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    middle = a.copy()
    for field in ("position", "uv"):
        middle[field] = (a[field].astype(np.float64) + b[field]) / 2
    middle["color"] = (a["color"].astype(np.int32) + b["color"]) // 2
    normal = a["normal"].astype(np.float64) + b["normal"]
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    middle["normal"] = np.rint(normal * 127.0)
    return middle
