"""Cutting open a skin: triangles on either side of a plane, and patches given a thickness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from jaxtyping import Bool, Float64, Int

from drivegen.embedded.assets.sculpt import Shape


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Patch:
    """Triangles with a number each that says what they are."""

    corners_m: Float64[np.ndarray, "t 3 3"]
    kinds: Int[np.ndarray, "t"]

    def __len__(self) -> int:
        return len(self.kinds)

    def where(self, chosen: Bool[np.ndarray, "t"]) -> Patch:
        """Those of a choice."""
        return Patch(corners_m=self.corners_m[chosen], kinds=self.kinds[chosen])

    def parted(self, axis: int, at_m: float) -> tuple[Patch, Patch]:
        """The parts below and above a plane square to an axis; triangles across it are cut in two."""
        below = self.corners_m[..., axis] <= at_m + 1e-9
        above = self.corners_m[..., axis] >= at_m - 1e-9
        whole_low = np.asarray(below.all(axis=1))
        whole_high = np.asarray(above.all(axis=1)) & ~whole_low
        across = np.flatnonzero(~whole_low & ~whole_high)
        cut_low: list[Float64[np.ndarray, "3 3"]] = []
        cut_high: list[Float64[np.ndarray, "3 3"]] = []
        low_kinds: list[int] = []
        high_kinds: list[int] = []
        for index in across:
            for sign, cuts, said in ((1.0, cut_low, low_kinds), (-1.0, cut_high, high_kinds)):
                corners = _clipped(self.corners_m[index], axis, at_m, sign)
                cuts += [np.array([corners[0], b, c]) for b, c in pairwise(corners[1:])]
                said.extend([int(self.kinds[index])] * (len(corners) - 2))
        return (
            joined([self.where(whole_low), _of(cut_low, low_kinds)]),
            joined([self.where(whole_high), _of(cut_high, high_kinds)]),
        )

    def shape(self) -> Shape:
        """The triangles with common corners joined."""
        points, inverse = np.unique(np.round(self.corners_m.reshape(-1, 3), 5), axis=0, return_inverse=True)
        return Shape(points_m=points, faces=np.asarray(inverse).reshape(-1, 3))

    def inside(self, depth_m: float) -> Patch:
        """The far side of a sheet of this thickness: the patch moved inward and turned round."""
        shape = self.shape()
        moved = shape.points_m - depth_m * _normals(shape)
        return Patch(corners_m=moved[shape.faces[:, ::-1]], kinds=self.kinds)

    def rim(self, depth_m: float, planes: Sequence[tuple[int, float]] = ()) -> Shape:
        """What closes a sheet of this thickness along its edges, or along those in some planes.

        Args:
            depth_m: thickness.
            planes: (axis, coordinate) of each; all edges without.
        """
        shape = self.shape()
        inner = shape.points_m - depth_m * _normals(shape)
        faces = shape.faces
        edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
        known = {(int(a), int(b)) for a, b in edges}
        border = sorted((a, b) for a, b in known if (b, a) not in known)
        ends = np.array(border, np.int64).reshape(-1, 2)
        if planes:
            at = shape.points_m[ends]
            kept = [(np.abs(at[..., axis] - where) < 1e-4).all(axis=1) for axis, where in planes]
            ends = ends[np.any(kept, axis=0)]
        a, b = ends.T
        count = len(shape.points_m)
        quads = np.concatenate(
            [np.stack([a, a + count, b], axis=1), np.stack([b, a + count, b + count], axis=1)]
        )
        return Shape(points_m=np.concatenate([shape.points_m, inner]), faces=quads)


def patch_of(shape: Shape, kinds: Int[np.ndarray, "t"]) -> Patch:
    """A shape's faces."""
    return Patch(corners_m=shape.points_m[shape.faces], kinds=np.asarray(kinds))


def joined(patches: Sequence[Patch]) -> Patch:
    """All triangles of several."""
    return Patch(
        corners_m=np.concatenate([np.zeros((0, 3, 3)), *(p.corners_m for p in patches)]),
        kinds=np.concatenate([np.zeros(0, np.int64), *(p.kinds for p in patches)]).astype(np.int64),
    )


def _of(corners: list[Float64[np.ndarray, "3 3"]], kinds: list[int]) -> Patch:
    return Patch(corners_m=np.array(corners).reshape(-1, 3, 3), kinds=np.array(kinds, np.int64))


def _clipped(
    triangle: Float64[np.ndarray, "3 3"], axis: int, at_m: float, sign: float
) -> list[Float64[np.ndarray, "3"]]:
    """The part of a triangle where sign * (coordinate - at) <= 0 (Sutherland and Hodgman 1974)."""
    out: list[Float64[np.ndarray, "3"]] = []
    heights = sign * (triangle[:, axis] - at_m)
    for k in range(3):
        here, there = heights[k], heights[(k + 1) % 3]
        if here <= 0.0:
            out.append(triangle[k])
        if (here < 0.0 < there) or (there < 0.0 < here):
            share = here / (here - there)
            out.append(triangle[k] + share * (triangle[(k + 1) % 3] - triangle[k]))
    return out


def _normals(shape: Shape) -> Float64[np.ndarray, "v 3"]:
    """Of the points, by the area of the faces around them."""
    a, b, c = (shape.points_m[shape.faces[:, k]] for k in range(3))
    face = np.cross(b - a, c - a)
    out = np.zeros_like(shape.points_m)
    for k in range(3):
        np.add.at(out, shape.faces[:, k], face)
    return np.asarray(out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-12))
