"""What lies on the GPU: vertices and indices of all meshes, and the table of their parts."""

from __future__ import annotations

import moderngl
import numpy as np
from jaxtyping import Float32, Int32, Int64, UInt8

from drivegen.embedded.mesh import MeshLibrary
from drivegen.embedded.renderer.lamps import Emitters, emitters_of
from drivegen.embedded.renderer.parts import LEVELS, VERTEX, MeshParts, cut_mesh
from drivegen.embedded.renderer.room import Room

FIRST_BYTES = 1 << 20


FOOT_M = 0.3
"""A mesh's foot is what lies no higher above its lowest point, or above its origin if it is rooted deeper."""


def foot_of(positions_m: Float32[np.ndarray, "v 3"]) -> Float32[np.ndarray, "2 3"]:
    """Lower and upper corner of the foot's box."""
    foot = positions_m[positions_m[:, 2] <= max(float(positions_m[:, 2].min()), 0.0) + FOOT_M]
    if len(foot) == 0:
        foot = positions_m
    return np.stack([foot.min(axis=0), foot.max(axis=0)])


def _runs(places: list[int], arrays: list[np.ndarray]) -> list[tuple[int, np.ndarray]]:
    """Arrays that lie behind one another joined, with their places; empty ones left out."""
    out: list[tuple[int, list[np.ndarray]]] = []
    end = -1
    for place, array in zip(places, arrays, strict=True):
        if len(array) == 0:
            continue
        if place == end:
            out[-1][1].append(array)
        else:
            out.append((place, [array]))
        end = place + len(array)
    return [(place, np.concatenate(run)) for place, run in out]


class GeometryStore:
    """Takes up what is new in a `MeshLibrary`. Arrays over parts are (p,), over meshes (m,)."""

    def __init__(self, gl: moderngl.Context, library: MeshLibrary) -> None:
        self._gl = gl
        self._library = library
        self.vertices = gl.buffer(reserve=FIRST_BYTES)
        self.indices = gl.buffer(reserve=FIRST_BYTES)
        self.generation = 0
        """Grows when a buffer was replaced by a larger one, so that vertex arrays must be made anew."""
        self._vertex_room = Room()
        self._index_room = Room()
        self._extents: list[tuple[tuple[int, int], tuple[int, int]]] = []
        """Where each mesh lies: its first vertex and their number, its first index and their number."""
        self._released = 0
        self.mesh_count = 0
        self.part_start: Int64[np.ndarray, "m"] = np.zeros(0, np.int64)
        self.part_count: Int64[np.ndarray, "m"] = np.zeros(0, np.int64)
        self.low_m: Float32[np.ndarray, "m 3"] = np.zeros((0, 3), np.float32)
        """Lower corner of each mesh's box in its own frame."""
        self.high_m: Float32[np.ndarray, "m 3"] = np.zeros((0, 3), np.float32)
        self.foot_low_m: Float32[np.ndarray, "m 3"] = np.zeros((0, 3), np.float32)
        """The box of what of each mesh lies near its lowest point."""
        self.foot_high_m: Float32[np.ndarray, "m 3"] = np.zeros((0, 3), np.float32)
        self.emitters: list[Emitters] = []
        """Lamps of each mesh."""
        self.shading: UInt8[np.ndarray, "p"] = np.zeros(0, np.uint8)
        self.base_vertex: Int32[np.ndarray, "p"] = np.zeros(0, np.int32)
        self.first: Int32[np.ndarray, "p levels"] = np.zeros((0, LEVELS), np.int32)
        self.count: Int32[np.ndarray, "p levels"] = np.zeros((0, LEVELS), np.int32)
        self.error_m: Float32[np.ndarray, "p levels"] = np.zeros((0, LEVELS), np.float32)
        self.centre_m: Float32[np.ndarray, "p 3"] = np.zeros((0, 3), np.float32)
        self.radius_m: Float32[np.ndarray, "p"] = np.zeros(0, np.float32)

    def take_up(self) -> None:
        """Uploads the meshes that were added since the last call."""
        self._let_go()
        new = self._library.meshes[self.mesh_count :]
        if not new:
            return
        cut = [cut_mesh(mesh) for mesh in new]
        for mesh in new:
            empty = len(mesh.positions_m) == 0
            corner = np.zeros((2, 3), np.float32)
            box = corner if empty else np.stack([mesh.positions_m.min(axis=0), mesh.positions_m.max(axis=0)])
            self.low_m = np.concatenate([self.low_m, box[:1]])
            self.high_m = np.concatenate([self.high_m, box[1:]])
            foot = corner if empty else foot_of(mesh.positions_m)
            self.foot_low_m = np.concatenate([self.foot_low_m, foot[:1]])
            self.foot_high_m = np.concatenate([self.foot_high_m, foot[1:]])
            self.emitters.append(emitters_of(mesh))
        bases, firsts = self._upload(cut)
        self._tabulate(cut, bases, firsts)
        self.mesh_count += len(new)

    def _let_go(self) -> None:
        """Makes room where the meshes lay that the library has released since the last call."""
        gone = self._library.released[self._released :]
        self._released += len(gone)
        for mesh in gone:
            if mesh < self.mesh_count:
                (vertex, vertices), (index, indices) = self._extents[mesh]
                self._vertex_room.give_back(vertex, vertices)
                self._index_room.give_back(index, indices)
                self._extents[mesh] = ((0, 0), (0, 0))
                self.emitters[mesh] = emitters_of(self._library.meshes[mesh])

    def _upload(self, cut: list[MeshParts]) -> tuple[list[int], list[int]]:
        """First vertex and first index of each mesh."""
        sizes = [(len(c.vertices), len(c.indices)) for c in cut]
        bases = self._vertex_room.take([v for v, _ in sizes])
        firsts = self._index_room.take([i for _, i in sizes])
        self.vertices = self._grown(self.vertices, self._vertex_room.end * VERTEX.itemsize)
        self.indices = self._grown(self.indices, self._index_room.end * 4)
        for base, run in _runs(bases, [c.vertices for c in cut]):
            self.vertices.write(run.tobytes(), offset=base * VERTEX.itemsize)
        for first, run in _runs(firsts, [c.indices for c in cut]):
            self.indices.write(run, offset=first * 4)
        for base, first, (vertices, indices) in zip(bases, firsts, sizes, strict=True):
            self._extents.append(((base, vertices), (first, indices)))
        return bases, firsts

    def _grown(self, buffer: moderngl.Buffer, needed: int) -> moderngl.Buffer:
        if needed <= buffer.size:
            return buffer
        larger = self._gl.buffer(reserve=max(2 * buffer.size, needed))
        self._gl.copy_buffer(larger, buffer, buffer.size)
        buffer.release()
        self.generation += 1
        return larger

    def _tabulate(self, cut: list[MeshParts], at_vertex: list[int], at_index: list[int]) -> None:
        starts, counts, bases, firsts = [], [], [], []
        parts = len(self.shading)
        for c, base, first in zip(cut, at_vertex, at_index, strict=True):
            n = len(c.shading)
            starts.append(parts)
            counts.append(n)
            bases.append(np.full(n, base, np.int32))
            firsts.append(c.first + np.int32(first))
            parts += n
        self.part_start = np.concatenate([self.part_start, np.array(starts, np.int64)])
        self.part_count = np.concatenate([self.part_count, np.array(counts, np.int64)])
        self.base_vertex = np.concatenate([self.base_vertex, *bases])
        self.first = np.concatenate([self.first, *firsts])
        self.shading = np.concatenate([self.shading, *(c.shading for c in cut)])
        self.count = np.concatenate([self.count, *(c.count for c in cut)])
        self.error_m = np.concatenate([self.error_m, *(c.error_m for c in cut)])
        self.centre_m = np.concatenate([self.centre_m, *(c.centre_m for c in cut)])
        self.radius_m = np.concatenate([self.radius_m, *(c.radius_m for c in cut)])
