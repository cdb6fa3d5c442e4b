"""Rays against placed meshes, by Embree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, UInt8, UInt32

from drivegen.core.errors import RenderError
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import MeshLibrary
from drivegen.embedded.raycast.embree import PACKET_FIELDS, Embree, Handle
from drivegen.embedded.raycast.packets import cast_packets, reset_packet

_STATIC = 0
_MOVING = 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hits:
    """What n rays met first. Where a ray met nothing, the distance is inf and the rest is 0."""

    distance_m: Float32[np.ndarray, "n"]
    object_id: UInt32[np.ndarray, "n"]
    tag: UInt8[np.ndarray, "n"]
    material: UInt8[np.ndarray, "n"]
    cos_incidence: Float32[np.ndarray, "n"]
    """Between the ray turned round and the normal, 0-1: both sides of a face reflect."""
    normal: Float32[np.ndarray, "n 3"]
    """Of the face, unit, world frame, turned towards the ray's origin."""


class _Group:
    """Instances that change together."""

    def __init__(
        self, drawables: Drawables, handle: Handle, transforms: Float32[np.ndarray, "n 4 3"]
    ) -> None:
        self.drawables = drawables
        self.handle = handle
        self.transforms = transforms


def _columns(drawables: Drawables) -> Float32[np.ndarray, "n 4 3"]:
    return np.ascontiguousarray(drawables.world_mesh[:, :3, :].transpose(0, 2, 1), dtype=np.float32)


class RayScene:
    """The meshes of a world as rays see them: a scene of its own for each mesh, instances of them above.

    Not for use by two threads at once; `cast` releases the GIL.
    """

    def __init__(self, library: MeshLibrary) -> None:
        """Loads Embree.

        Raises:
            RenderError: The Embree library of the embreex wheel is not there or refused.
        """
        self.library = library
        """The meshes that are placed."""
        self._embree = Embree()
        # Every ray goes through two scenes: building one is work for each of its instances, moving things
        # change in each tick, and a street has thousands that stand still.
        self._tops = np.array([self._embree.instance_scene() for _ in (_STATIC, _MOVING)], np.uintp)
        self._top_stale = [True, True]
        self._mesh_scenes: dict[int, Handle] = {}
        self._groups: dict[int, _Group] = {}
        self._mesh_start = np.zeros(0, np.int64)
        self._triangle_tag = np.zeros(0, np.uint8)
        self._triangle_material = np.zeros(0, np.uint8)
        width = self._embree.packet_width
        self._words = _aligned(PACKET_FIELDS * width).reshape(PACKET_FIELDS, width)
        reset_packet(self._words)
        self._valid = _aligned(width).view(np.int32)
        self._rows_stale = True
        self._released = 0
        self._closed = False

    def set_static(self, drawables: Drawables) -> None:
        """Replaces what does not move; nothing is built when only lights and tints are new."""
        group = self._groups.get(_STATIC)
        if group is not None and all(
            getattr(group.drawables, name) is getattr(drawables, name)
            for name in ("mesh_index", "world_mesh", "object_id")
        ):
            return
        self._replace(_STATIC, drawables)

    def update(self, drawables: Drawables) -> None:
        """Replaces what moves; when the meshes are the same as before only their transforms are taken up."""
        self._require_open()
        group = self._groups.get(_MOVING)
        if group is not None and group.drawables is drawables:
            return
        if group is None or not np.array_equal(group.drawables.mesh_index, drawables.mesh_index):
            self._replace(_MOVING, drawables)
            return
        group.transforms[:] = drawables.world_mesh[:, :3, :].transpose(0, 2, 1)
        group.drawables = drawables
        self._embree.refit(group.handle)
        self._top_stale[_MOVING] = True
        self._rows_stale = True

    def cast(
        self,
        origins: Float[np.ndarray, "n 3"] | Float[np.ndarray, "1 3"],
        directions: Float32[np.ndarray, "n 3"],
        t_max: float = np.inf,
        rotation: Float[np.ndarray, "3 3"] | None = None,
    ) -> Hits:
        """First hits of rays.

        Args:
            origins: In the world frame: one for each ray, or one row for all.
            directions: Unit length. Rays go in packets of up to 16, fastest when neighbours in the list are
                neighbours in direction.
            t_max: Rays end here, in metres.
            rotation: Of the directions' frame to the world; None where they are in the world frame.

        Raises:
            RenderError: The scene has been closed.
        """
        self._require_open()
        self._refresh()
        count = len(directions)
        hits = Hits(
            distance_m=np.empty(count, np.float32),
            object_id=np.empty(count, np.uint32),
            tag=np.empty(count, np.uint8),
            material=np.empty(count, np.uint8),
            cos_incidence=np.empty(count, np.float32),
            normal=np.empty((count, 3), np.float32),
        )
        cast_packets(
            np.uintp(self._embree.intersect_address),
            self._tops,
            np.uintp(self._embree.coherent_address),
            self._words,
            self._valid,
            np.ascontiguousarray(origins, dtype=np.float32),
            np.ascontiguousarray(directions, dtype=np.float32),
            np.asarray(np.eye(3) if rotation is None else rotation, dtype=np.float32, order="C"),
            np.float32(t_max),
            self._group_start,
            self._row_mesh,
            self._row_object_id,
            self._row_rotation,
            self._mesh_start,
            self._triangle_tag,
            self._triangle_material,
            hits.distance_m,
            hits.object_id,
            hits.tag,
            hits.material,
            hits.cos_incidence,
            hits.normal,
        )
        return hits

    def close(self) -> None:
        """Frees Embree's memory; the scene cannot be used afterwards."""
        if self._closed:
            return
        self._closed = True
        for kind, group in self._groups.items():
            self._embree.detach(int(self._tops[kind]), group.handle, kind)
        self._groups.clear()
        for scene in (*self._tops.tolist(), *self._mesh_scenes.values()):
            self._embree.release_scene(scene)
        self._mesh_scenes.clear()
        self._embree.close()

    def _replace(self, kind: int, drawables: Drawables) -> None:
        self._require_open()
        old = self._groups.pop(kind, None)
        if old is not None:
            self._embree.detach(int(self._tops[kind]), old.handle, kind)
        self._top_stale[kind] = True
        self._rows_stale = True
        self._let_go()
        if len(drawables) == 0:
            return
        used, part_of = np.unique(drawables.mesh_index, return_inverse=True)
        parts = [self._mesh_scene(int(index)) for index in used]
        transforms = _columns(drawables)
        handle = self._embree.instances(parts, part_of.astype(np.uint32), transforms)
        self._embree.attach(int(self._tops[kind]), handle, kind)
        self._groups[kind] = _Group(drawables, handle, transforms)

    def _let_go(self) -> None:
        """Frees the scenes of meshes that the library has released since the last call."""
        gone = self.library.released[self._released :]
        self._released += len(gone)
        for index in gone:
            scene = self._mesh_scenes.pop(index, None)
            if scene is not None:
                self._embree.release_scene(scene)

    def _mesh_scene(self, index: int) -> Handle:
        scene = self._mesh_scenes.get(index)
        if scene is None:
            mesh = self.library.meshes[index]
            scene = self._embree.mesh_scene(mesh.positions_m, mesh.triangles)
            self._mesh_scenes[index] = scene
        return scene

    def _refresh(self) -> None:
        for kind in (_STATIC, _MOVING):
            if self._top_stale[kind]:
                self._embree.commit(int(self._tops[kind]))
                self._top_stale[kind] = False
        if self._rows_stale:
            self._refresh_triangles()
            empty = Drawables.empty()
            rows = [self._groups[k].drawables if k in self._groups else empty for k in (_STATIC, _MOVING)]
            self._group_start = np.array([0, len(rows[0])], np.int64)
            self._row_mesh = np.concatenate([d.mesh_index for d in rows])
            self._row_object_id = np.concatenate([d.object_id for d in rows])
            self._row_rotation = np.concatenate([d.world_mesh[:, :3, :3] for d in rows])
            self._rows_stale = False

    def _refresh_triangles(self) -> None:
        new = self.library.meshes[len(self._mesh_start) :]
        if not new:
            return
        starts = len(self._triangle_tag) + np.cumsum([0, *(len(m.triangles) for m in new)])[:-1]
        first = [m.triangles[:, 0] for m in new]
        tags = [m.tags[f] for m, f in zip(new, first, strict=True)]
        materials = [m.materials[f] for m, f in zip(new, first, strict=True)]
        self._mesh_start = np.concatenate([self._mesh_start, starts])
        self._triangle_tag = np.concatenate([self._triangle_tag, *tags])
        self._triangle_material = np.concatenate([self._triangle_material, *materials])

    def _require_open(self) -> None:
        if self._closed:
            raise RenderError("this RayScene has been closed")


def _aligned(words: int) -> Float32[np.ndarray, "words"]:
    """float32 memory that starts on a multiple of 64 bytes, as packets must."""
    memory = np.zeros(words * 4 + 64, np.uint8)
    skip = -memory.ctypes.data % 64
    return memory[skip : skip + words * 4].view(np.float32)
