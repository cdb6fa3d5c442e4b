"""A sphere pushed through placed meshes: what it touches first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float32, Float64, UInt32
from numba import njit

from drivegen.core.geometry import Vec3
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import MeshLibrary

Vector = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SphereHit:
    """The first touch of a sphere."""

    distance_m: float
    """How far the centre has gone; 0 where the sphere touches already at its start."""
    object_id: int
    tag: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Bounds:
    """Spheres around the rows of one group of drawables."""

    drawables: Drawables
    centre_m: Float32[np.ndarray, "n 3"]
    radius_m: Float32[np.ndarray, "n"]


class SphereSweep:
    """Exact against triangles. Embree has no such query, and the few meshes near a sphere's way are soon
    gone through."""

    def __init__(self, library: MeshLibrary) -> None:
        self._library = library
        self._mesh_centre = np.zeros((0, 3), np.float32)
        self._mesh_radius = np.zeros(0, np.float32)
        self._bounds: list[_Bounds] = []

    def first(
        self,
        groups: Sequence[Drawables],
        start_m: Vec3,
        direction: Vec3,
        length_m: float,
        radius_m: float,
        *,
        without: UInt32[np.ndarray, "k"],
        only: UInt32[np.ndarray, "m"] | None = None,
    ) -> SphereHit | None:
        """What a sphere meets first on its way; of several at the same distance the first row.

        Args:
            groups: What stands about. Groups that stay the same object are looked at once.
            start_m: The centre at the start, world frame.
            direction: Unit length.
            length_m: How far the centre goes.
            radius_m: Of the sphere.
            without: Object ids to pass through.
            only: Object ids to mind; None for all, with scenery.
        """
        self._bounds = [self._bounds_of(group) for group in groups]
        best: SphereHit | None = None
        reach = length_m
        for bounds in self._bounds:
            placed = bounds.drawables
            near = _near_segment(bounds, start_m, direction, reach, radius_m)
            near &= ~np.isin(placed.object_id, without)
            if only is not None:
                near &= np.isin(placed.object_id, only)
            for row in np.flatnonzero(near).tolist():
                mesh = self._library.meshes[int(placed.mesh_index[row])]
                pose = placed.world_mesh[row].astype(np.float64)
                turn = pose[:3, :3]
                distance, triangle = sweep_triangles(
                    np.ascontiguousarray(turn.T @ (start_m - pose[:3, 3])),
                    np.ascontiguousarray(turn.T @ direction),
                    reach,
                    radius_m,
                    mesh.positions_m,
                    mesh.triangles,
                )
                if triangle >= 0 and (best is None or distance < best.distance_m):
                    vertex = int(mesh.triangles[triangle, 0])
                    best = SphereHit(
                        distance_m=float(distance),
                        object_id=int(placed.object_id[row]),
                        tag=int(mesh.tags[vertex]),
                    )
                    reach = best.distance_m
        return best

    def _bounds_of(self, drawables: Drawables) -> _Bounds:
        for bounds in self._bounds:
            if bounds.drawables is drawables:
                return bounds
        self._take_up_meshes()
        turn = drawables.world_mesh[:, :3, :3]
        centre = np.einsum("nij,nj->ni", turn, self._mesh_centre[drawables.mesh_index])
        return _Bounds(
            drawables=drawables,
            centre_m=centre + drawables.world_mesh[:, :3, 3],
            radius_m=self._mesh_radius[drawables.mesh_index],
        )

    def _take_up_meshes(self) -> None:
        new = self._library.meshes[len(self._mesh_radius) :]
        if not new:
            return
        centres, radii = [], []
        for mesh in new:
            corners = mesh.positions_m
            if not len(corners):
                centres.append(np.zeros(3, np.float32))
                radii.append(np.float32(0.0))
                continue
            centre = (corners.min(axis=0) + corners.max(axis=0)) / 2
            centres.append(centre)
            radii.append(np.linalg.norm(corners - centre, axis=1).max())
        self._mesh_centre = np.concatenate([self._mesh_centre, np.array(centres, np.float32)])
        self._mesh_radius = np.concatenate([self._mesh_radius, np.array(radii, np.float32)])


def _near_segment(
    bounds: _Bounds, start_m: Vec3, direction: Vec3, length_m: float, radius_m: float
) -> Bool[np.ndarray, "n"]:
    """Which rows' spheres come within `radius_m` of a segment, with a centimetre for rounding."""
    to_centre = bounds.centre_m - start_m
    along = np.clip(to_centre @ direction, 0.0, length_m)
    apart: Float64[np.ndarray, "n 3"] = to_centre - along[:, None] * direction
    near: Bool[np.ndarray, "n"] = np.linalg.norm(apart, axis=1) <= bounds.radius_m + radius_m + 0.01
    return near


@njit(cache=True, error_model="numpy")
def sweep_triangles(
    start: Vector, direction: Vector, length: float, radius: float, positions: Vector, triangles: Vector
) -> tuple[float, int]:
    """(distance, triangle) of the first touch of a moving sphere; triangle -1 for none within `length`."""
    best, hit = length, -1
    low, high = np.empty(3), np.empty(3)
    for k in range(3):
        end = start[k] + direction[k] * length
        low[k], high[k] = min(start[k], end) - radius, max(start[k], end) + radius
    corners = np.empty((3, 3))
    for t in range(len(triangles)):
        outside = False
        for k in range(3):
            a, b, c = (
                positions[triangles[t, 0], k],
                positions[triangles[t, 1], k],
                positions[triangles[t, 2], k],
            )
            if min(a, b, c) > high[k] or max(a, b, c) < low[k]:
                outside = True
                break
            corners[0, k], corners[1, k], corners[2, k] = a, b, c
        if outside:
            continue
        distance = _sweep_triangle(start, direction, best, radius, corners)
        if distance < best or (distance == best and hit < 0 and distance <= length):
            best, hit = distance, t
            if best <= 0.0:
                return 0.0, hit
    return best, hit


@njit(cache=True, error_model="numpy")
def _sweep_triangle(start: Vector, direction: Vector, length: float, radius: float, corners: Vector) -> float:
    """Distance to the first touch of one triangle; inf for none within `length`.

    A sphere touches a triangle first with its face, an edge or a corner: the ray of the centre meets the
    triangle grown by the radius, which is two parallel faces, three cylinders and three spheres.
    """
    best = math.inf
    if _apart_squared(start, corners) <= radius * radius:
        return 0.0
    e0, e1 = corners[1] - corners[0], corners[2] - corners[0]
    nx = e0[1] * e1[2] - e0[2] * e1[1]
    ny = e0[2] * e1[0] - e0[0] * e1[2]
    nz = e0[0] * e1[1] - e0[1] * e1[0]
    size = math.sqrt(nx * nx + ny * ny + nz * nz)
    if size > 1e-18:
        nx, ny, nz = nx / size, ny / size, nz / size
        height = (
            (start[0] - corners[0, 0]) * nx
            + (start[1] - corners[0, 1]) * ny
            + (start[2] - corners[0, 2]) * nz
        )
        if height < 0.0:
            nx, ny, nz, height = -nx, -ny, -nz, -height
        fall = -(direction[0] * nx + direction[1] * ny + direction[2] * nz)
        if fall > 1e-12:
            along = (height - radius) / fall
            if 0.0 <= along <= length:
                foot = start + along * direction
                foot[0] -= radius * nx
                foot[1] -= radius * ny
                foot[2] -= radius * nz
                if _apart_squared(foot, corners) <= 1e-12 * (1.0 + radius * radius):
                    return along
    for k in range(3):
        along = _sweep_edge(start, direction, radius, corners[k], corners[(k + 1) % 3])
        best = min(best, along)
        best = min(best, _sweep_corner(start, direction, radius, corners[k]))
    return best if best <= length else math.inf


@njit(cache=True, error_model="numpy")
def _sweep_corner(start: Vector, direction: Vector, radius: float, corner: Vector) -> float:
    """Where a ray enters a sphere about a corner; inf if it does not."""
    rx, ry, rz = start[0] - corner[0], start[1] - corner[1], start[2] - corner[2]
    b = rx * direction[0] + ry * direction[1] + rz * direction[2]
    c = rx * rx + ry * ry + rz * rz - radius * radius
    inside = b * b - c
    if inside < 0.0 or b > 0.0:
        return math.inf
    along = -b - math.sqrt(inside)
    return along if along >= 0.0 else math.inf


@njit(cache=True, error_model="numpy")
def _sweep_edge(start: Vector, direction: Vector, radius: float, a: Vector, b: Vector) -> float:
    """Where a ray enters a cylinder about an edge, between its ends; inf if it does not."""
    ex, ey, ez = b[0] - a[0], b[1] - a[1], b[2] - a[2]
    rx, ry, rz = start[0] - a[0], start[1] - a[1], start[2] - a[2]
    ee = ex * ex + ey * ey + ez * ez
    ed = ex * direction[0] + ey * direction[1] + ez * direction[2]
    er = ex * rx + ey * ry + ez * rz
    dr = direction[0] * rx + direction[1] * ry + direction[2] * rz
    qa = ee - ed * ed
    if qa <= 1e-12 * ee:
        return math.inf  # along the edge: a corner is met first
    qb = ee * dr - ed * er
    qc = ee * (rx * rx + ry * ry + rz * rz - radius * radius) - er * er
    inside = qb * qb - qa * qc
    if inside < 0.0:
        return math.inf
    along = (-qb - math.sqrt(inside)) / qa
    at = er + along * ed
    return along if along >= 0.0 and 0.0 <= at <= ee else math.inf


@njit(cache=True, error_model="numpy")
def _apart_squared(point: Vector, corners: Vector) -> float:
    """Squared distance of a point from a triangle (Ericson, Real-Time Collision Detection, 2005, 5.1.5)."""
    abx, aby, abz = (
        corners[1, 0] - corners[0, 0],
        corners[1, 1] - corners[0, 1],
        corners[1, 2] - corners[0, 2],
    )
    acx, acy, acz = (
        corners[2, 0] - corners[0, 0],
        corners[2, 1] - corners[0, 1],
        corners[2, 2] - corners[0, 2],
    )
    apx, apy, apz = point[0] - corners[0, 0], point[1] - corners[0, 1], point[2] - corners[0, 2]
    d1 = abx * apx + aby * apy + abz * apz
    d2 = acx * apx + acy * apy + acz * apz
    bb = abx * abx + aby * aby + abz * abz
    cc = acx * acx + acy * acy + acz * acz
    bc = abx * acx + aby * acy + abz * acz
    d3, d4, d5, d6 = d1 - bb, d2 - bc, d1 - bc, d2 - cc
    v = w = 0.0
    va, vb, vc = d3 * d6 - d5 * d4, d5 * d2 - d1 * d6, d1 * d4 - d3 * d2
    if d1 <= 0.0 and d2 <= 0.0:
        pass
    elif d3 >= 0.0 and d4 <= d3:
        v = 1.0
    elif vc <= 0.0 and d1 >= 0.0 and d3 <= 0.0:
        v = d1 / (d1 - d3)
    elif d6 >= 0.0 and d5 <= d6:
        w = 1.0
    elif vb <= 0.0 and d2 >= 0.0 and d6 <= 0.0:
        w = d2 / (d2 - d6)
    elif va <= 0.0 and d4 - d3 >= 0.0 and d5 - d6 >= 0.0:
        w = (d4 - d3) / ((d4 - d3) + (d5 - d6))
        v = 1.0 - w
    elif va + vb + vc > 0.0:
        v, w = vb / (va + vb + vc), vc / (va + vb + vc)
    x, y, z = apx - v * abx - w * acx, apy - v * aby - w * acy, apz - v * abz - w * acz
    return x * x + y * y + z * z
