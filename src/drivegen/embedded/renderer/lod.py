"""Coarser levels of a mesh: edges collapse onto an end while quadrics allow (Garland and Heckbert 1997).

Vertices keep their places, so that a coarse surface has no corner that the fine one lacks. Triangles of
different material, tag or colour never grow into each other.
"""

from __future__ import annotations

import math
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
LEAST_SHARE = 25
"""A pass that removes less than one in so many triangles is a level's last."""
STEPS = (0.5, 1.0, 1.0)
"""Passes over a level, with these shares of its error: cheap collapses come first."""


def coarser_levels(
    vertices: np.ndarray, triangles: Int64[np.ndarray, "t 3"], errors_m: Sequence[float]
) -> list[Int64[np.ndarray, "s 3"]]:
    """One array of triangles for each error, each made from the one before.

    Args:
        vertices: Rows with `position`, `normal`, `material`, `tag`, `color`.
        triangles: Into the vertices.
        errors_m: Distance that a vertex which takes another's place may have from the planes that met there:
            root of their squares' sum, weighted by area, over the largest area of one place; ascending.
    """
    # Rows are compared as bytes: much faster than by columns, and all that matters is which are equal.
    rows = np.ascontiguousarray(vertices["position"] + np.float32(0.0)).view("V12").reshape(-1)
    _, first, place_of = np.unique(rows, return_index=True, return_inverse=True)
    places, place_of = vertices["position"][first], place_of.reshape(-1)
    color = vertices["color"].astype(np.int64)
    look = vertices["material"].astype(np.int64) << 40 | vertices["tag"].astype(np.int64) << 32
    look |= color[:, 0] << 16 | color[:, 1] << 8 | color[:, 2]
    group = np.unique(look, return_inverse=True)[1].reshape(-1)
    normals = vertices["normal"].astype(np.float64) / 127.0
    xyz = places.astype(np.float64)
    quadrics, weights = _quadrics(xyz, place_of[triangles], group[triangles[:, 0]])
    working = triangles.copy()
    levels = []
    for error_m in errors_m:
        for step in STEPS:
            limit = (step * error_m) ** 2
            start, lists = _lists(working, place_of, len(xyz))
            alive = _collapse(working, place_of, xyz, quadrics, weights, group, normals, start, lists, limit)
            removed = len(working) - int(alive.sum())
            working = working[alive]
            if step == 1.0 and removed * LEAST_SHARE < len(working):
                break
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
    quadrics = np.zeros((len(xyz), 4, 4))
    weights = np.zeros(len(xyz))
    for k in range(3):
        _add(quadrics, weights, np.ascontiguousarray(corners[:, k]), plane, area, True)
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
    share = SEAM_WEIGHT * (along**2).sum(1)
    _add(quadrics, weights, u, plane, share, False)
    _add(quadrics, weights, v, plane, share, False)
    return quadrics, np.maximum(weights, 1e-12)


@numba.njit(cache=True)
def _lists(triangles, place_of, places):  # type: ignore[no-untyped-def]
    """Triangles at each place: those of place p are lists[start[p]:start[p + 1]]."""
    start = np.zeros(places + 1, np.int64)
    filled = np.empty(places, np.int64)
    for t in range(len(triangles)):
        for j in range(3):
            start[place_of[triangles[t, j]] + 1] += 1
    for p in range(places):
        filled[p] = start[p]
        start[p + 1] += start[p]
    lists = np.empty(3 * len(triangles), np.int64)
    for t in range(len(triangles)):
        for j in range(3):
            p = place_of[triangles[t, j]]
            lists[filled[p]] = t
            filled[p] += 1
    return start, lists


@numba.njit(cache=True)
def _add(quadrics, weights, places, planes, shares, counted):  # type: ignore[no-untyped-def]
    """Adds the quadrics of planes, weighted by shares, at places; to the weights too if they are counted."""
    for k in range(len(places)):
        p = places[k]
        for i in range(4):
            for j in range(4):
                quadrics[p, i, j] += shares[k] * planes[k, i] * planes[k, j]
        if counted:
            weights[p] += shares[k]


@numba.njit(cache=True)
def _form(quadrics, u, xyz, v):  # type: ignore[no-untyped-def]
    """p^T Q p with the quadric of place u and the point of place v."""
    total = quadrics[u, 3, 3]
    for i in range(3):
        total += 2.0 * quadrics[u, i, 3] * xyz[v, i]
        for j in range(3):
            total += xyz[v, i] * quadrics[u, i, j] * xyz[v, j]
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
def _turns(triangles, t, source, target, place_of, xyz):  # type: ignore[no-untyped-def]
    """True if the triangle would turn over or vanish when a corner moves from one place to another."""
    # Plain numbers throughout: array expressions would take numba many seconds to compile.
    a, b, c = place_of[triangles[t, 0]], place_of[triangles[t, 1]], place_of[triangles[t, 2]]
    x, y, z = _cross(xyz, a, b, c)
    a = target if a == source else a
    b = target if b == source else b
    c = target if c == source else c
    u, v, w = _cross(xyz, a, b, c)
    size = math.sqrt((x * x + y * y + z * z) * (u * u + v * v + w * w))
    return size < 1e-14 or x * u + y * v + z * w < MIN_TURN * size


@numba.njit(cache=True)
def _cross(xyz, a, b, c):  # type: ignore[no-untyped-def]
    """Twice the area vector of the triangle through three places."""
    ux, uy, uz = xyz[b, 0] - xyz[a, 0], xyz[b, 1] - xyz[a, 1], xyz[b, 2] - xyz[a, 2]
    vx, vy, vz = xyz[c, 0] - xyz[a, 0], xyz[c, 1] - xyz[a, 1], xyz[c, 2] - xyz[a, 2]
    return uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx


@numba.njit(cache=True)
def _apart2(xyz, a, b):  # type: ignore[no-untyped-def]
    """Squared distance between two places."""
    x, y, z = xyz[a, 0] - xyz[b, 0], xyz[a, 1] - xyz[b, 1], xyz[a, 2] - xyz[b, 2]
    return x * x + y * y + z * z


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
        if not small and _turns(triangles, s, u, v, place_of, xyz):
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
            if locked[u] or locked[v] or _form(quadrics, u, xyz, v) > limit * weights[u]:
                continue
            small = _apart2(xyz, u, v) < min(limit, SMALL_M**2)
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
            for i in range(4):
                for k in range(4):
                    quadrics[v, i, k] += quadrics[u, i, k]
            weights[v] = max(weights[u], weights[v])
            locked[u] = True
            locked[v] = True
    return alive
