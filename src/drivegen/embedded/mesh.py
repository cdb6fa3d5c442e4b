"""Triangle meshes: what the renderer draws and what rays hit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int, Int32, UInt8


class Material(IntEnum):
    """How a surface takes light. The renderer's shader knows these numbers."""

    MATTE = 0
    """Any rough surface in its vertex colour: plastic, cloth, skin, plaster."""
    PAINT = 1
    """Car paint: vertex colour times the drawable's tint, with a gloss."""
    GLASS = 2
    """Windows: glow when the drawable's LIGHT_INTERIOR bit is set."""
    RUBBER = 3
    METAL = 4
    ASPHALT = 5
    MARKING = 6
    CONCRETE = 7
    """Pavement and kerb stones."""
    GRASS = 8
    FOLIAGE = 9
    FACADE = 10
    """Wall of a building with windows drawn by the shader: uv in metres along the wall and up."""
    CLOTH = 11
    """Vertex colour times the drawable's tint, no gloss."""
    HEAD_LAMP = 12
    """Emits when the drawable's LIGHT_LOW_BEAM or LIGHT_POSITION bit is set."""
    TAIL_LAMP = 13
    BRAKE_LAMP = 14
    INDICATOR_LEFT = 15
    INDICATOR_RIGHT = 16
    SIGNAL_RED = 17
    """A traffic signal's lens: emits when the drawable's bit for it is set, else dark."""
    SIGNAL_YELLOW = 18
    SIGNAL_GREEN = 19
    STREET_LAMP = 20
    PLATE = 21
    """Licence-plate area."""
    REVERSE_LAMP = 22
    FOG_LAMP = 23
    """In front, white."""
    REAR_FOG_LAMP = 24
    BEACON_FIRST = 25
    """A light bar's lens in its vertex colour: emits when LIGHT_SPECIAL1 is set."""
    BEACON_SECOND = 26
    """The same for LIGHT_SPECIAL2."""
    CHROME = 32
    """Bright trim and mirrors: reflects most of what is around it."""
    SATIN = 33
    """Leather, polished plastic, lacquered wood, helmets: vertex colour with a dull sheen."""
    SKIN = 34
    """Vertex colour; the border between light and shade is soft and reddish."""
    RETRO = 35
    """Retroreflective sheeting: faces of signs, licence plates, bands of vests and cones. Vertex colour; in
    the light of head lamps it shines back to where the light comes from."""
    LIT_SIGN = 36
    """Shop signs, advertisements, displays: shines in its vertex colour from dusk on, by day as MATTE."""
    BRICK = 37
    """A wall in courses of brick of about its vertex colour; drawn from world position and normal, no uv.
    This and the following five are for what stands still."""
    PLASTER = 38
    """A wall in its vertex colour with stains, streaks below and dirt at its foot; no uv."""
    ROOF = 39
    """Rows of tiles down the slope, or a flat roof's gravel and seams where the normal looks up; no uv."""
    BARK = 40
    """Vertex colour, furrowed upright; no uv."""
    GRANITE = 41
    """Kerb stones and large slabs: joints every metre of uv; none without uv."""
    TACTILE = 42
    """Guiding strips for the blind: vertex colour with bars; uv in metres along and across."""
    EARTH = 43
    """Bare soil: tree pits, building sites."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mesh:
    """Triangles in the mesh's own frame (right-handed, metres, front faces counter-clockwise).

    A vertex is never shared by triangles of different material or tag, so that a triangle's material and
    tag are those of its first vertex.
    """

    name: str
    positions_m: Float32[np.ndarray, "v 3"]
    normals: Float32[np.ndarray, "v 3"]
    """Unit length; smooth or flat as the maker wants."""
    uvs: Float32[np.ndarray, "v 2"]
    """Metres along the surface where a material asks for it, else 0."""
    colors: UInt8[np.ndarray, "v 3"]
    """sRGB."""
    materials: UInt8[np.ndarray, "v"]
    """`Material`."""
    tags: UInt8[np.ndarray, "v"]
    """`drivegen.core.tags.Tag`."""
    triangles: Int32[np.ndarray, "t 3"]

    def transformed(self, matrix: Float64[np.ndarray, "4 4"], name: str | None = None) -> Mesh:
        """The mesh moved by a rigid or scaling matrix with positive determinant."""
        linear = matrix[:3, :3]
        normals = self.normals.astype(np.float64) @ np.linalg.inv(linear)
        normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
        return Mesh(
            name=name or self.name,
            positions_m=(self.positions_m.astype(np.float64) @ linear.T + matrix[:3, 3]).astype(np.float32),
            normals=normals.astype(np.float32),
            uvs=self.uvs,
            colors=self.colors,
            materials=self.materials,
            tags=self.tags,
            triangles=self.triangles,
        )


def part_of(mesh: Mesh, chosen: Bool[np.ndarray, "t"] | Int[np.ndarray, "k"], name: str) -> Mesh:
    """Some triangles of a mesh, with the vertices that they use."""
    used, inverse = np.unique(mesh.triangles[chosen], return_inverse=True)
    return Mesh(
        name=name,
        positions_m=mesh.positions_m[used],
        normals=mesh.normals[used],
        uvs=mesh.uvs[used],
        colors=mesh.colors[used],
        materials=mesh.materials[used],
        tags=mesh.tags[used],
        triangles=np.asarray(inverse).reshape(-1, 3).astype(np.int32),
    )


def merge_meshes(meshes: Sequence[Mesh], name: str) -> Mesh:
    """One mesh of several, in order; no vertex is joined."""
    sizes = [len(m.positions_m) for m in meshes]
    offsets = np.cumsum([0, *sizes])[:-1]
    return Mesh(
        name=name,
        positions_m=np.concatenate([m.positions_m for m in meshes] or [np.zeros((0, 3), np.float32)]),
        normals=np.concatenate([m.normals for m in meshes] or [np.zeros((0, 3), np.float32)]),
        uvs=np.concatenate([m.uvs for m in meshes] or [np.zeros((0, 2), np.float32)]),
        colors=np.concatenate([m.colors for m in meshes] or [np.zeros((0, 3), np.uint8)]),
        materials=np.concatenate([m.materials for m in meshes] or [np.zeros(0, np.uint8)]),
        tags=np.concatenate([m.tags for m in meshes] or [np.zeros(0, np.uint8)]),
        triangles=np.concatenate(
            [m.triangles + np.int32(o) for m, o in zip(meshes, offsets, strict=True)]
            or [np.zeros((0, 3), np.int32)]
        ),
    )


class MeshLibrary:
    """The meshes of a world, by index. Only grows; an index never gets another mesh.

    Renderer and ray caster take up what is new since they last looked, and what has been let go.
    """

    def __init__(self) -> None:
        self.meshes: list[Mesh] = []
        self.released: list[int] = []
        """Indices of meshes that are not used any more, in the order of their release."""

    def add(self, mesh: Mesh) -> int:
        """Adds a mesh and returns its index."""
        self.meshes.append(mesh)
        return len(self.meshes) - 1

    def release(self, index: int) -> None:
        """Lets a mesh go: an empty one takes its place, and no drawable may name it again."""
        mesh = self.meshes[index]
        self.meshes[index] = part_of(mesh, np.zeros(0, np.int64), mesh.name)
        self.released.append(index)
