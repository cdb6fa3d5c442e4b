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

_SLACK_M = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SegmentHits:
    """What a segment meets, nearest first: once for each drawable and tag, where it enters."""

    distance_m: Float64[np.ndarray, "n"]
    """From the segment's start."""
    row: Int64[np.ndarray, "n"]
    """Of the drawables."""
    tag: UInt8[np.ndarray, "n"]


class SegmentCaster:
    """Keeps the boxes of a library's meshes, and those of what stands still."""

    def __init__(self, library: MeshLibrary) -> None:
        self._library = library
        self._middle_m: Float64[np.ndarray, "m 3"] = np.zeros((0, 3))
        self._half_m: Float64[np.ndarray, "m 3"] = np.zeros((0, 3))
        self._static: Drawables | None = None
        self._static_boxes = (np.zeros((0, 3)), np.zeros((0, 3)))
        self._moving: Drawables | None = None
        self._moving_boxes = self._static_boxes

    def cast(self, static: Drawables, moving: Drawables, start_m: Vec3, end_m: Vec3) -> SegmentHits:
        """All drawables between two points of the world, from both sides.

        Args:
            static: Pass the same object while it is the same: its boxes are kept.
            moving: The rows behind those of `static`; the same of its boxes.
            start_m: Where the segment begins.
            end_m: Where it ends.
        """
        self._take_up()
        if static is not self._static:
            self._static, self._static_boxes = static, self._boxes(static)
        if moving is not self._moving:
            self._moving, self._moving_boxes = moving, self._boxes(moving)
        along = np.asarray(end_m, dtype=np.float64) - start_m
        length = float(np.linalg.norm(along))
        found: list[tuple[float, int, int]] = []
        if length > 0.0:
            first = 0
            for drawables, boxes in ((static, self._static_boxes), (moving, self._moving_boxes)):
                for row in np.flatnonzero(_passes(boxes, start_m, along)):
                    matrix = drawables.world_mesh[row].astype(np.float64)
                    origin = matrix[:3, :3].T @ (start_m - matrix[:3, 3])
                    mesh = self._library.meshes[int(drawables.mesh_index[row])]
                    share, tag = _meet(mesh, origin, matrix[:3, :3].T @ along)
                    for value in np.unique(tag):
                        nearest = length * float(share[tag == value].min())
                        found.append((nearest, first + int(row), int(value)))
                first += len(drawables)
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

    def _boxes(self, drawables: Drawables) -> tuple[Float64[np.ndarray, "n 3"], Float64[np.ndarray, "n 3"]]:
        """Middles and half sizes of boxes along the world's axes around the drawables."""
        turn = drawables.world_mesh[:, :3, :3].astype(np.float64)
        middle = np.einsum("nij,nj->ni", turn, self._middle_m[drawables.mesh_index])
        half = np.einsum("nij,nj->ni", np.abs(turn), self._half_m[drawables.mesh_index])
        return middle + drawables.world_mesh[:, :3, 3], half + _SLACK_M


def _passes(
    boxes: tuple[Float64[np.ndarray, "n 3"], Float64[np.ndarray, "n 3"]], start_m: Vec3, along: Vec3
) -> Bool[np.ndarray, "n"]:
    """Which boxes a segment passes through (slab test)."""
    middle, half = boxes
    safe = np.where(np.abs(along) < 1e-12, 1e-12, along)
    to_middle = (middle - start_m) / safe
    reach = half / np.abs(safe)
    enter, leave = (to_middle - reach).max(axis=1), (to_middle + reach).min(axis=1)
    return np.asarray((enter <= leave) & (leave >= 0.0) & (enter <= 1.0))


def _box(mesh: Mesh) -> tuple[Float64[np.ndarray, "3"], Float64[np.ndarray, "3"]]:
    if not len(mesh.positions_m):
        return np.zeros(3), np.zeros(3)
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
