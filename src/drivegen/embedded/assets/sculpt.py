"""Sculpting: triangles with finishes, gathered into one mesh, its normals smooth where it is round."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Float64, Int

from drivegen.core.tags import Tag
from drivegen.embedded.assets.smoothing import corner_normals
from drivegen.embedded.mesh import Material, Mesh

FLAT_RAD = 0.0
ROUND_RAD = math.radians(50.0)
"""Faces that meet at less than this shade as one round surface, unless a part asks otherwise."""

Points = Float64[np.ndarray, "v 3"]
Faces = Int[np.ndarray, "t 3"]
Vector = Sequence[float] | np.ndarray
"""Three numbers."""


class Finish(NamedTuple):
    """What a face is made of and what it counts as."""

    color: tuple[int, int, int]
    material: Material
    tag: Tag


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shape:
    """Bare geometry: points and the triangles between them, counter-clockwise from outside."""

    points_m: Points
    faces: Faces

    def moved(self, offset_m: Vector) -> Shape:
        """Shifted by a vector."""
        return Shape(points_m=self.points_m + np.asarray(offset_m, dtype=np.float64), faces=self.faces)

    def turned(self, rotation: Float[np.ndarray, "3 3"]) -> Shape:
        """Rotated about the origin."""
        return Shape(points_m=self.points_m @ np.asarray(rotation, dtype=np.float64).T, faces=self.faces)

    def scaled(self, factors: Vector) -> Shape:
        """Scaled about the origin; a mirror image keeps its outside outside."""
        scale = np.asarray(factors, dtype=np.float64)
        faces = self.faces if np.prod(scale) > 0 else self.faces[:, ::-1]
        return Shape(points_m=self.points_m * scale, faces=faces)

    def volume_m3(self) -> float:
        """Signed volume; positive for a closed shape whose faces look outward."""
        a, b, c = (self.points_m[self.faces[:, k]] for k in range(3))
        return float(np.einsum("ij,ij->", a, _cross(b, c)) / 6.0)

    def closed(self) -> Shape:
        """The same closed shape with its faces turned outward."""
        if self.volume_m3() >= 0:
            return self
        return Shape(points_m=self.points_m, faces=self.faces[:, ::-1])

    def facing(self, direction: Vector) -> Shape:
        """The same open shape with its faces turned towards a direction, by their area."""
        a, b, c = (self.points_m[self.faces[:, k]] for k in range(3))
        if float(_cross(b - a, c - a).sum(axis=0) @ np.asarray(direction, dtype=np.float64)) >= 0:
            return self
        return Shape(points_m=self.points_m, faces=self.faces[:, ::-1])


def join(shapes: Sequence[Shape]) -> Shape:
    """One shape of several."""
    offsets = np.cumsum([0, *(len(s.points_m) for s in shapes)])[:-1]
    return Shape(
        points_m=np.concatenate([s.points_m for s in shapes]),
        faces=np.concatenate([s.faces + o for s, o in zip(shapes, offsets, strict=True)]),
    )


class Sculpture:
    """Gathers shapes with their finishes and makes one `Mesh` of them."""

    def __init__(self) -> None:
        self._corners: list[Float64[np.ndarray, "t 3 3"]] = []
        self._normals: list[Float64[np.ndarray, "t 3 3"]] = []
        self._uvs: list[Float64[np.ndarray, "t 3 2"]] = []
        self._looks: list[Int[np.ndarray, "t 5"]] = []

    def add(
        self,
        shape: Shape,
        finish: Finish | tuple[Sequence[Finish], Int[np.ndarray, "t"]],
        *,
        crease_rad: float = ROUND_RAD,
        uvs: Float[np.ndarray, "v 2"] | None = None,
        normals: Float[np.ndarray, "v 3"] | None = None,
    ) -> None:
        """Takes a shape.

        Args:
            shape: its triangles; those without area are dropped.
            finish: one for all faces, or a palette and each face's index into it.
            crease_rad: edges sharper than this stay edges.
            uvs: for each point, metres; 0 by default.
            normals: unit, for each point, in place of those of the faces.
        """
        points, faces = np.asarray(shape.points_m, np.float64), np.asarray(shape.faces)
        if isinstance(finish, Finish):
            palette: Sequence[Finish] = (finish,)
            index = np.zeros(len(faces), np.int64)
        else:
            palette, index = finish
        a, b, c = (points[faces[:, k]] for k in range(3))
        normal = _cross(b - a, c - a)
        solid = np.einsum("ij,ij->i", normal, normal) > 1e-18
        index = np.asarray(index)
        if not solid.all():
            faces, index = faces[solid], index[solid]
        looks = np.array([(*f.color, int(f.material), int(f.tag)) for f in palette], np.int64).reshape(-1, 5)
        self._corners.append(points[faces])
        self._normals.append(
            corner_normals(points, faces, crease_rad) if normals is None else np.asarray(normals)[faces]
        )
        self._uvs.append(np.zeros((len(faces), 3, 2)) if uvs is None else np.asarray(uvs)[faces])
        self._looks.append(looks[index])

    def add_turned(self, part: Sculpture, linear: Float[np.ndarray, "3 3"], offset_m: Vector) -> None:
        """Takes all of another sculpture, turned (and scaled alike in all directions), then shifted."""
        matrix = np.asarray(linear, dtype=np.float64)
        unit = matrix / np.cbrt(np.linalg.det(matrix))
        self._corners += [c @ matrix.T + np.asarray(offset_m, dtype=np.float64) for c in part._corners]
        self._normals += [n @ unit.T for n in part._normals]
        self._uvs += part._uvs
        self._looks += part._looks

    def points_m(self) -> Points:
        """All corners so far."""
        return np.concatenate([c.reshape(-1, 3) for c in self._corners] or [np.zeros((0, 3))])

    def mesh(
        self,
        name: str,
        scale: Sequence[float] = (1.0, 1.0, 1.0),
        offset_m: Vector = (0.0, 0.0, 0.0),
    ) -> Mesh:
        """The mesh of all that was added, scaled (by positive factors) and then shifted."""
        factors = np.asarray(scale, dtype=np.float64)
        corners = self.points_m() * factors + np.asarray(offset_m, dtype=np.float64)
        normals = np.concatenate([n.reshape(-1, 3) for n in self._normals] or [np.zeros((0, 3))]) / factors
        normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
        uvs = np.concatenate([u.reshape(-1, 2) for u in self._uvs] or [np.zeros((0, 2))])
        looks = np.repeat(np.concatenate(self._looks or [np.zeros((0, 5), np.int64)]), 3, axis=0)
        key = np.concatenate(
            [
                np.round(corners * 1e5).astype(np.int64),
                np.round(normals * 500).astype(np.int64),
                np.round(uvs * 1e4).astype(np.int64),
                looks,
            ],
            axis=1,
        )
        _, first, inverse = np.unique(_digest(key), return_index=True, return_inverse=True)
        rank = np.argsort(np.argsort(first))
        kept = np.sort(first)
        return Mesh(
            name=name,
            positions_m=corners[kept].astype(np.float32),
            normals=normals[kept].astype(np.float32),
            uvs=uvs[kept].astype(np.float32),
            colors=looks[kept, :3].astype(np.uint8),
            materials=looks[kept, 3].astype(np.uint8),
            tags=looks[kept, 4].astype(np.uint8),
            triangles=rank[np.asarray(inverse).reshape(-1)].reshape(-1, 3).astype(np.int32),
        )


def _cross(a: Points, b: Points) -> Points:
    """Cross products of rows; numpy's own takes several times as long for few rows."""
    out = np.empty(a.shape)
    for i in range(3):
        j, k = (i + 1) % 3, (i + 2) % 3
        out[:, i] = a[:, j] * b[:, k] - a[:, k] * b[:, j]
    return out


def _digest(rows: Int[np.ndarray, "n k"]) -> Int[np.ndarray, "n"]:
    """A 64-bit number for each row, equal for equal rows and else different but for one pair in 10^19.

    Sorting numbers is several times faster than sorting rows. Steps of SplitMix64 (Steele et al. 2014).
    """
    out = np.full(len(rows), 0x9E3779B97F4A7C15, np.uint64)
    for column in rows.T.astype(np.uint64):
        out = (out ^ column) * np.uint64(0xBF58476D1CE4E5B9)
        out ^= out >> np.uint64(29)
        out *= np.uint64(0x94D049BB133111EB)
        out ^= out >> np.uint64(32)
    return out
