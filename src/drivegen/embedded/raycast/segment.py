"""One segment against placed meshes: everything that it meets, and which drawable that is.

Embree tells the nearest thing for many rays at once; a client's query asks for all things along one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Int64, UInt8

from drivegen.core.geometry import Vec3
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import Mesh, MeshLibrary

_EDGE = 1e-9
"""Share of a triangle by which a segment may miss it: none slips between two that share an edge."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SegmentHits:
    """What a segment meets, nearest first: once for each drawable and tag, where it enters."""

    distance_m: Float64[np.ndarray, "n"]
    """From the segment's start."""
    row: Int64[np.ndarray, "n"]
    """Of the drawables."""
    tag: UInt8[np.ndarray, "n"]


class SegmentCaster:
    """Keeps the boxes of a library's meshes."""

    def __init__(self, library: MeshLibrary) -> None:
        self._library = library
        self._middle_m: Float64[np.ndarray, "m 3"] = np.zeros((0, 3))
        self._half_m: Float64[np.ndarray, "m 3"] = np.zeros((0, 3))

    def cast(self, drawables: Drawables, start_m: Vec3, end_m: Vec3) -> SegmentHits:
        """All drawables between two points of the world, from both sides."""
        self._take_up()
        along = np.asarray(end_m, dtype=np.float64) - start_m
        length = float(np.linalg.norm(along))
        found: list[tuple[float, int, int]] = []
        if length > 0.0:
            for row in np.flatnonzero(self._may_meet(drawables, start_m, along)):
                mesh = self._library.meshes[int(drawables.mesh_index[row])]
                matrix = drawables.world_mesh[row].astype(np.float64)
                origin = matrix[:3, :3].T @ (start_m - matrix[:3, 3])
                share, tag = _meet(mesh, origin, matrix[:3, :3].T @ along)
                for value in np.unique(tag):
                    found.append((length * float(share[tag == value].min()), int(row), int(value)))
        found.sort()
        return SegmentHits(
            distance_m=np.array([d for d, _, _ in found], np.float64),
            row=np.array([r for _, r, _ in found], np.int64),
            tag=np.array([t for _, _, t in found], np.uint8),
        )

    def _take_up(self) -> None:
        new = self._library.meshes[len(self._middle_m) :]
        if not new:
            return
        boxes = [_box(mesh) for mesh in new]
        self._middle_m = np.concatenate([self._middle_m, [(low + high) / 2 for low, high in boxes]])
        self._half_m = np.concatenate([self._half_m, [(high - low) / 2 for low, high in boxes]])

    def _may_meet(self, drawables: Drawables, start_m: Vec3, along: Vec3) -> Bool[np.ndarray, "n"]:
        """Whose boxes the segment passes through (slab test in each mesh's own frame)."""
        matrix = drawables.world_mesh.astype(np.float64)
        to_mesh = matrix[:, :3, :3].transpose(0, 2, 1)
        origin = np.einsum("nij,nj->ni", to_mesh, start_m - matrix[:, :3, 3])
        origin -= self._middle_m[drawables.mesh_index]
        direction = to_mesh @ along
        half = self._half_m[drawables.mesh_index] + 1e-3
        safe = np.where(np.abs(direction) < 1e-12, 1e-12, direction)
        first, second = (-half - origin) / safe, (half - origin) / safe
        enter = np.minimum(first, second).max(axis=1)
        leave = np.maximum(first, second).min(axis=1)
        return np.asarray((enter <= leave) & (leave >= 0.0) & (enter <= 1.0))


def _box(mesh: Mesh) -> tuple[Float64[np.ndarray, "3"], Float64[np.ndarray, "3"]]:
    if not len(mesh.positions_m):
        # Upside down: nothing passes through it.
        return np.full(3, 1e9), np.full(3, -1e9)
    points = mesh.positions_m
    return points.min(axis=0).astype(np.float64), points.max(axis=0).astype(np.float64)


def _meet(mesh: Mesh, origin: Vec3, along: Vec3) -> tuple[Float64[np.ndarray, "k"], UInt8[np.ndarray, "k"]]:
    """Where a segment meets a mesh, as shares of its length, and the tags there (Moeller, Trumbore 1997)."""
    a, b, c = (mesh.positions_m[mesh.triangles[:, k]].astype(np.float64) for k in range(3))
    first, second = b - a, c - a
    across = np.cross(along, second)
    volume = np.einsum("ij,ij->i", first, across)
    flat = np.abs(volume) < 1e-14
    inverse = 1.0 / np.where(flat, 1.0, volume)
    away = origin - a
    u = np.einsum("ij,ij->i", away, across) * inverse
    turned = np.cross(away, first)
    v = turned @ along * inverse
    share = np.einsum("ij,ij->i", second, turned) * inverse
    hit = ~flat & (u >= -_EDGE) & (v >= -_EDGE) & (u + v <= 1.0 + _EDGE) & (share >= 0.0) & (share <= 1.0)
    return share[hit], mesh.tags[mesh.triangles[hit, 0]]
