"""Coarser levels of a mesh: edges collapse onto an end while quadrics allow (Garland and Heckbert 1997).

Vertices keep their places, so that a coarse surface has no corner that the fine one lacks. Triangles of
different material, tag or colour never grow into each other.
"""

from __future__ import annotations

from collections.abc import Sequence

import numba
import numpy as np
from jaxtyping import Float64, Int64

SEAM_WEIGHT = 4.0
"""Weight of the planes that hold borders and seams in place, against that of faces."""
MIN_TURN = 0.3
"""Cosine by which a triangle may turn in one collapse."""
MIN_NORMAL = 0.4
"""Cosine between the shading normals of a vertex and the one that takes its place."""
SMALL_M = 0.04
"""Detail up to this size may vanish altogether; what is larger keeps a form at any distance."""
STEPS = (0.4, 1.0, 1.0, 1.0)
"""Passes over a level, with these shares of its error: cheap collapses come first."""


def coarser_levels(
    vertices: np.ndarray, triangles: Int64[np.ndarray, "t 3"], errors_m: Sequence[float]
) -> list[Int64[np.ndarray, "s 3"]]:
    """One array of triangles for each error, each made from the one before.

    Args:
        vertices: Rows with `position`, `normal`, `material`, `tag`, `color`.
        triangles: Into the vertices.
        errors_m: Root mean square distance, weighted by area, that a collapsed vertex may have from the
            planes that met in it; ascending.
    """
    places, place_of = np.unique(vertices["position"], axis=0, return_inverse=True)
    place_of = place_of.reshape(-1)
    look = np.column_stack([vertices["material"], vertices["tag"], vertices["color"]])
    group = np.unique(look, axis=0, return_inverse=True)[1].reshape(-1)
    normals = vertices["normal"].astype(np.float64) / 127.0
    xyz = places.astype(np.float64)
    quadrics, weights = _quadrics(xyz, place_of[triangles], group[triangles[:, 0]])
    working = triangles.copy()
    levels = []
    for error_m in errors_m:
        for step in STEPS:
            limit = (step * error_m) ** 2
            start, lists = _lists(place_of[working], len(xyz))
            alive = _collapse(working, place_of, xyz, quadrics, weights, group, normals, start, lists, limit)
            working = working[alive]
        levels.append(working.copy())
    return levels


def _quadrics(
    xyz: Float64[np.ndarray, "p 3"], corners: Int64[np.ndarray, "t 3"], group: Int64[np.ndarray, "t"]
) -> tuple[Float64[np.ndarray, "p 4 4"], Float64[np.ndarray, "p"]]:
    """Sums of plane quadrics about each place, and the area that they stand for."""
    a, b, c = (xyz[corners[:, k]] for k in range(3))
    cross = np.cross(b - a, c - a)
    area = np.linalg.norm(cross, axis=1) / 2.0
    normal = cross / np.maximum(2.0 * area, 1e-12)[:, None]
    plane = np.column_stack([normal, -(normal * a).sum(1)])
    faces = area[:, None, None] * plane[:, :, None] * plane[:, None, :]
    quadrics = np.zeros((len(xyz), 4, 4))
    weights = np.zeros(len(xyz))
    for k in range(3):
        np.add.at(quadrics, corners[:, k], faces)
        np.add.at(weights, corners[:, k], area)
    # Borders and seams: a plane through the edge, upright on its triangle.
    edges = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]])
    of = np.tile(np.arange(len(corners)), 3)
    low, high = edges.min(axis=1), edges.max(axis=1)
    _, index, count = np.unique(low * len(xyz) + high, return_inverse=True, return_counts=True)
    index = index.reshape(-1)
    least, most = np.full(len(count), np.iinfo(np.int64).max), np.full(len(count), -1)
    np.minimum.at(least, index, group[of])
    np.maximum.at(most, index, group[of])
    held = ((count != 2) | (least != most))[index]
    u, v, t = edges[held, 0], edges[held, 1], of[held]
    along = xyz[v] - xyz[u]
    wall = np.cross(along, normal[t])
    wall /= np.maximum(np.linalg.norm(wall, axis=1, keepdims=True), 1e-12)
    plane = np.column_stack([wall, -(wall * xyz[u]).sum(1)])
    seams = (SEAM_WEIGHT * (along**2).sum(1))[:, None, None] * plane[:, :, None] * plane[:, None, :]
    np.add.at(quadrics, u, seams)
    np.add.at(quadrics, v, seams)
    return quadrics, np.maximum(weights, 1e-12)


def _lists(
    corners: Int64[np.ndarray, "t 3"], places: int
) -> tuple[Int64[np.ndarray, "p1"], Int64[np.ndarray, "c"]]:
    """Triangles at each place: those of place p are lists[start[p]:start[p + 1]]."""
    flat = corners.reshape(-1)
    order = np.argsort(flat, kind="stable")
    start = np.searchsorted(flat[order], np.arange(places + 1))
    return start.astype(np.int64), order // 3


@numba.njit(cache=True)
def _form(q, p):  # type: ignore[no-untyped-def]
    """p^T Q p of a homogeneous point."""
    total = q[3, 3]
    for i in range(3):
        total += 2.0 * q[i, 3] * p[i]
        for j in range(3):
            total += p[i] * q[i, j] * p[j]
    return total


@numba.njit(cache=True)
def _stand_in(corner, target, triangles, place_of, group, normals, start, lists, least):  # type: ignore[no-untyped-def]
    """The vertex at a place that can stand in for a corner: same look, nearest normal; -1 if none."""
    best, best_cosine = -1, least
    for k in range(start[target], start[target + 1]):
        for j in range(3):
            w = triangles[lists[k], j]
            if w < 0 or place_of[w] != target or group[w] != group[corner]:
                continue
            cosine = 0.0
            for i in range(3):
                cosine += normals[w, i] * normals[corner, i]
            if cosine > best_cosine:
                best, best_cosine = w, cosine
    return best


@numba.njit(cache=True)
def _turns(triangle, source, target, place_of, xyz):  # type: ignore[no-untyped-def]
    """True if the triangle would turn over or vanish when a corner moves from one place to another."""
    p = np.empty((3, 3))
    q = np.empty((3, 3))
    for j in range(3):
        place = place_of[triangle[j]]
        p[j] = xyz[place]
        q[j] = xyz[target] if place == source else xyz[place]
    m = np.cross(p[1] - p[0], p[2] - p[0])
    n = np.cross(q[1] - q[0], q[2] - q[0])
    size = np.sqrt((m * m).sum() * (n * n).sum())
    return size < 1e-14 or (m * n).sum() < MIN_TURN * size


@numba.njit(cache=True)
def _fits(u, v, small, triangles, alive, place_of, xyz, group, normals, start, lists, stand_in):  # type: ignore[no-untyped-def]
    """Whether place u may move to place v; fills `stand_in` for u's triangles, -1 for those that vanish.

    Over a `small` distance triangles may turn: what is thinner than the error shows no sides.
    """
    least = -1.1 if small else MIN_NORMAL
    for k in range(start[u + 1] - start[u]):
        s = lists[start[u] + k]
        stand_in[k] = -1
        if not alive[s]:
            continue
        touches, corner = False, -1
        for i in range(3):
            place = place_of[triangles[s, i]]
            touches |= place == v
            if place == u:
                corner = triangles[s, i]
        if touches:
            continue
        if not small and _turns(triangles[s], u, v, place_of, xyz):
            return False
        stand_in[k] = _stand_in(corner, v, triangles, place_of, group, normals, start, lists, least)
        if stand_in[k] < 0:
            return False
    return True


@numba.njit(cache=True)
def _collapse(triangles, place_of, xyz, quadrics, weights, group, normals, start, lists, limit):  # type: ignore[no-untyped-def]
    """One pass over all edges, in order; changes triangles and quadrics, returns which triangles are left."""
    count = len(triangles)
    alive = np.ones(count, np.bool_)
    locked = np.zeros(len(xyz), np.bool_)
    stand_in = np.empty(64, np.int64)
    for t in range(count):
        for j in range(6):
            if not alive[t]:
                break
            a, b = j % 3, (j + 1) % 3
            if j >= 3:
                a, b = b, a
            u, v = place_of[triangles[t, a]], place_of[triangles[t, b]]
            if locked[u] or locked[v] or _form(quadrics[u], xyz[v]) > limit * weights[u]:
                continue
            small = ((xyz[u] - xyz[v]) ** 2).sum() < min(limit, SMALL_M**2)
            number = start[u + 1] - start[u]
            if number > len(stand_in) or not _fits(
                u, v, small, triangles, alive, place_of, xyz, group, normals, start, lists, stand_in
            ):
                continue
            for k in range(number):
                s = lists[start[u] + k]
                if alive[s] and stand_in[k] < 0:
                    alive[s] = False
                elif alive[s]:
                    for i in range(3):
                        if place_of[triangles[s, i]] == u:
                            triangles[s, i] = stand_in[k]
            quadrics[v] += quadrics[u]
            weights[v] += weights[u]
            locked[u] = True
            locked[v] = True
    return alive
