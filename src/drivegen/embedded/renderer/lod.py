"""Coarser levels of a mesh: edges collapse onto an end while quadrics allow (Garland and Heckbert 1997).

Vertices keep their places, so that a coarse surface has no corner that the fine one lacks. Triangles of
different material, tag or colour never grow into each other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numba
import numpy as np
from jaxtyping import Int64

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
STEPS = (0.5, 1.0)
"""Passes over a level, with these shares of its error: cheap collapses come first."""
MOST_AROUND = 64
"""A place where more triangles meet stays."""


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
    # Adding zero makes one number of the two zeros.
    position = vertices["position"] + np.float32(0.0)
    place_of, first = _places(position.view(np.uint32))
    xyz = position[first].astype(np.float64)
    color = vertices["color"].astype(np.int64)
    look = vertices["material"].astype(np.int64) << 40 | vertices["tag"].astype(np.int64) << 32
    look |= color[:, 0] << 16 | color[:, 1] << 8 | color[:, 2]
    normals = vertices["normal"].astype(np.float64) / 127.0
    flat, counts = _levels(
        triangles.copy(), place_of[triangles], xyz, look, normals, np.array(errors_m), np.array(STEPS)
    )
    ends = np.cumsum(counts)
    return [flat[end - count : end] for end, count in zip(ends, counts, strict=True)]


@numba.njit(cache=True)
def _levels(triangles, corners, xyz, look, normals, errors_m, steps):  # type: ignore[no-untyped-def]
    """The triangles of all levels, one level after the other, and how many each has."""
    of_triangle = np.empty(len(triangles), np.int64)
    for t in range(len(triangles)):
        of_triangle[t] = look[triangles[t, 0]]
    quadrics, weights = _quadrics(xyz, corners, of_triangle)
    out = np.empty((len(triangles) * len(errors_m), 3), np.int64)
    counts = np.zeros(len(errors_m), np.int64)
    left, end = len(triangles), 0
    for k in range(len(errors_m)):
        for step in steps:
            limit = (step * errors_m[k]) ** 2
            start, lists = _lists(corners[:left], len(xyz))
            before = left
            left = _collapse(
                triangles[:left], corners[:left], xyz, quadrics, weights, look, normals, start, lists, limit
            )
            if step == 1.0 and (before - left) * LEAST_SHARE < left:
                break
        for t in range(left):
            for j in range(3):
                out[end + t, j] = triangles[t, j]
        end += left
        counts[k] = left
    return out[:end].copy(), counts


@numba.njit(cache=True)
def _places(bits):  # type: ignore[no-untyped-def]
    """The place of each vertex, numbered as they come, and the first vertex of each place."""
    size = 64
    while size < 2 * len(bits):
        size *= 2
    table = np.full(size, -1, np.int64)
    place_of = np.empty(len(bits), np.int64)
    first = np.empty(len(bits), np.int64)
    count = 0
    for v in range(len(bits)):
        x, y, z = np.int64(bits[v, 0]), np.int64(bits[v, 1]), np.int64(bits[v, 2])
        # Teschner and others 2003; the products stay below 2**59.
        mixed = (x * 73856093) ^ (y * 19349663) ^ (z * 83492791)
        slot = (mixed ^ (mixed >> 15) ^ (mixed >> 31)) & (size - 1)
        while table[slot] >= 0:
            w = first[table[slot]]
            if bits[w, 0] == bits[v, 0] and bits[w, 1] == bits[v, 1] and bits[w, 2] == bits[v, 2]:
                break
            slot = (slot + 1) & (size - 1)
        if table[slot] < 0:
            table[slot] = count
            first[count] = v
            count += 1
        place_of[v] = table[slot]
    return place_of, first[:count].copy()


@numba.njit(cache=True)
def _quadrics(xyz, corners, look):  # type: ignore[no-untyped-def]
    """Sums of plane quadrics about places (xx xy xz xw yy yz yw zz zw ww), and the area they stand for."""
    quadrics = np.zeros((len(xyz), 10))
    weights = np.full(len(xyz), 1e-12)
    normal = np.empty(3)
    size = 64
    while size < 6 * len(corners):
        size *= 2
    keys = np.full(size, -1, np.int64)
    uses = np.zeros(size, np.int64)
    looks = np.zeros(size, np.int64)
    for t in range(len(corners)):
        for j in range(3):
            slot = _edge(keys, corners[t, j], corners[t, (j + 1) % 3])
            # Any third use makes an edge a seam, and so does a second look.
            uses[slot] += 1 if uses[slot] == 0 or looks[slot] == look[t] else 2
            looks[slot] = look[t]
    for t in range(len(corners)):
        a = corners[t, 0]
        size2 = _cross(xyz, a, corners[t, 1], corners[t, 2], normal)
        for i in range(3):
            normal[i] /= max(size2, 1e-12)
        for j in range(3):
            _add(quadrics, corners[t, j], normal, xyz, a, size2 / 2.0)
            weights[corners[t, j]] += size2 / 2.0
        for j in range(3):
            u, v = corners[t, j], corners[t, (j + 1) % 3]
            if uses[_edge(keys, u, v)] != 2:
                _hold(quadrics, xyz, u, v, normal)
    return quadrics, weights


@numba.njit(cache=True)
def _edge(keys, u, v):  # type: ignore[no-untyped-def]
    """The slot of an edge in a table of keys; takes a free one if the edge is new."""
    key = (min(u, v) << 32) | max(u, v)
    slot = ((min(u, v) * 73856093) ^ (max(u, v) * 19349663)) & (len(keys) - 1)
    while keys[slot] >= 0 and keys[slot] != key:
        slot = (slot + 1) & (len(keys) - 1)
    keys[slot] = key
    return slot


@numba.njit(cache=True)
def _hold(quadrics, xyz, u, v, normal):  # type: ignore[no-untyped-def]
    """Adds the plane through an edge, upright on its triangle, at both ends."""
    x, y, z = xyz[v, 0] - xyz[u, 0], xyz[v, 1] - xyz[u, 1], xyz[v, 2] - xyz[u, 2]
    wall = np.empty(3)
    wall[0] = y * normal[2] - z * normal[1]
    wall[1] = z * normal[0] - x * normal[2]
    wall[2] = x * normal[1] - y * normal[0]
    size = max(math.sqrt(wall[0] * wall[0] + wall[1] * wall[1] + wall[2] * wall[2]), 1e-12)
    for i in range(3):
        wall[i] /= size
    share = SEAM_WEIGHT * (x * x + y * y + z * z)
    _add(quadrics, u, wall, xyz, u, share)
    _add(quadrics, v, wall, xyz, u, share)


@numba.njit(cache=True)
def _add(quadrics, p, normal, xyz, through, share):  # type: ignore[no-untyped-def]
    """Adds the quadric of a plane, by its normal and a place on it, at place p."""
    x, y, z = normal[0], normal[1], normal[2]
    w = -(x * xyz[through, 0] + y * xyz[through, 1] + z * xyz[through, 2])
    q = quadrics[p]
    q[0] += share * x * x
    q[1] += share * x * y
    q[2] += share * x * z
    q[3] += share * x * w
    q[4] += share * y * y
    q[5] += share * y * z
    q[6] += share * y * w
    q[7] += share * z * z
    q[8] += share * z * w
    q[9] += share * w * w


@numba.njit(cache=True)
def _form(quadrics, u, xyz, v):  # type: ignore[no-untyped-def]
    """p^T Q p with the quadric of place u and the point of place v."""
    q = quadrics[u]
    x, y, z = xyz[v, 0], xyz[v, 1], xyz[v, 2]
    return (
        x * (q[0] * x + 2.0 * (q[1] * y + q[2] * z + q[3]))
        + y * (q[4] * y + 2.0 * (q[5] * z + q[6]))
        + z * (q[7] * z + 2.0 * q[8])
        + q[9]
    )


@numba.njit(cache=True)
def _lists(corners, places):  # type: ignore[no-untyped-def]
    """Triangles at each place: those of place p are lists[start[p]:start[p + 1]]."""
    start = np.zeros(places + 1, np.int64)
    for t in range(len(corners)):
        for j in range(3):
            start[corners[t, j] + 1] += 1
    for p in range(places):
        start[p + 1] += start[p]
    filled = start[:-1].copy()
    lists = np.empty(3 * len(corners), np.int64)
    for t in range(len(corners)):
        for j in range(3):
            p = corners[t, j]
            lists[filled[p]] = t
            filled[p] += 1
    return start, lists


@numba.njit(cache=True)
def _stand_in(corner, target, triangles, corners, look, normals, start, lists, least):  # type: ignore[no-untyped-def]
    """The vertex at a place that can stand in for a corner: same look, nearest normal; -1 if none."""
    best, best_cosine = -1, least
    for k in range(start[target], start[target + 1]):
        for j in range(3):
            w = triangles[lists[k], j]
            if corners[lists[k], j] != target or look[w] != look[corner]:
                continue
            cosine = (
                normals[w, 0] * normals[corner, 0]
                + normals[w, 1] * normals[corner, 1]
                + normals[w, 2] * normals[corner, 2]
            )
            if cosine > best_cosine:
                best, best_cosine = w, cosine
    return best


@numba.njit(cache=True)
def _turns(corners, t, source, target, xyz):  # type: ignore[no-untyped-def]
    """True if the triangle would turn over or vanish when a corner moves from one place to another."""
    # Plain numbers throughout: array expressions would take numba many seconds to compile.
    a, b, c = corners[t, 0], corners[t, 1], corners[t, 2]
    # The corner that moves first.
    if b == source:
        a, b, c = b, c, a
    elif c == source:
        a, b, c = c, a, b
    ex, ey, ez = xyz[c, 0] - xyz[b, 0], xyz[c, 1] - xyz[b, 1], xyz[c, 2] - xyz[b, 2]
    px, py, pz = xyz[a, 0] - xyz[b, 0], xyz[a, 1] - xyz[b, 1], xyz[a, 2] - xyz[b, 2]
    x, y, z = ey * pz - ez * py, ez * px - ex * pz, ex * py - ey * px
    qx, qy, qz = xyz[target, 0] - xyz[b, 0], xyz[target, 1] - xyz[b, 1], xyz[target, 2] - xyz[b, 2]
    u, v, w = ey * qz - ez * qy, ez * qx - ex * qz, ex * qy - ey * qx
    size = math.sqrt((x * x + y * y + z * z) * (u * u + v * v + w * w))
    return size < 1e-14 or x * u + y * v + z * w < MIN_TURN * size


@numba.njit(cache=True)
def _cross(xyz, a, b, c, out):  # type: ignore[no-untyped-def]
    """Fills in twice the area vector of the triangle through three places; returns its length."""
    ux, uy, uz = xyz[b, 0] - xyz[a, 0], xyz[b, 1] - xyz[a, 1], xyz[b, 2] - xyz[a, 2]
    vx, vy, vz = xyz[c, 0] - xyz[a, 0], xyz[c, 1] - xyz[a, 1], xyz[c, 2] - xyz[a, 2]
    out[0], out[1], out[2] = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
    return math.sqrt(out[0] * out[0] + out[1] * out[1] + out[2] * out[2])


@numba.njit(cache=True)
def _apart2(xyz, a, b):  # type: ignore[no-untyped-def]
    """Squared distance between two places."""
    x, y, z = xyz[a, 0] - xyz[b, 0], xyz[a, 1] - xyz[b, 1], xyz[a, 2] - xyz[b, 2]
    return x * x + y * y + z * z


@numba.njit(cache=True)
def _fits(u, v, small, triangles, corners, alive, xyz, look, normals, start, lists, stand_in):  # type: ignore[no-untyped-def]
    """Whether place u may move to place v; fills `stand_in` for u's triangles, -1 for those that vanish.

    Over a `small` distance triangles may turn: what is thinner than the error shows no sides.
    """
    least = -1.1 if small else MIN_NORMAL
    last, last_stand_in = -1, -1
    for k in range(start[u + 1] - start[u]):
        s = lists[start[u] + k]
        stand_in[k] = -1
        if not alive[s]:
            continue
        if corners[s, 0] == v or corners[s, 1] == v or corners[s, 2] == v:
            continue
        if not small and _turns(corners, s, u, v, xyz):
            return False
        corner = triangles[s, 0]
        for i in range(1, 3):
            if corners[s, i] == u:
                corner = triangles[s, i]
        if corner != last:
            last = corner
            last_stand_in = _stand_in(corner, v, triangles, corners, look, normals, start, lists, least)
        stand_in[k] = last_stand_in
        if last_stand_in < 0:
            return False
    return True


@numba.njit(cache=True)
def _collapse(triangles, corners, xyz, quadrics, weights, look, normals, start, lists, limit):  # type: ignore[no-untyped-def]
    """One pass over all edges, in order; what is left moves to the front; returns how many are left."""
    count = len(triangles)
    alive = np.ones(count, np.bool_)
    locked = np.zeros(len(xyz), np.bool_)
    stand_in = np.empty(MOST_AROUND, np.int64)
    for t in range(count):
        for j in range(6):
            if not alive[t]:
                break
            a, b = j % 3, (j + 1) % 3
            if j >= 3:
                a, b = b, a
            u, v = corners[t, a], corners[t, b]
            if locked[u] or locked[v] or _form(quadrics, u, xyz, v) > limit * weights[u]:
                continue
            small = _apart2(xyz, u, v) < min(limit, SMALL_M * SMALL_M)
            number = start[u + 1] - start[u]
            if number > MOST_AROUND or not _fits(
                u, v, small, triangles, corners, alive, xyz, look, normals, start, lists, stand_in
            ):
                continue
            for k in range(number):
                s = lists[start[u] + k]
                if alive[s] and stand_in[k] < 0:
                    alive[s] = False
                elif alive[s]:
                    for i in range(3):
                        if corners[s, i] == u:
                            triangles[s, i] = stand_in[k]
                            corners[s, i] = v
            for i in range(10):
                quadrics[v, i] += quadrics[u, i]
            weights[v] = max(weights[u], weights[v])
            locked[u] = True
            locked[v] = True
    left = 0
    for t in range(count):
        if alive[t]:
            for j in range(3):
                triangles[left, j] = triangles[t, j]
                corners[left, j] = corners[t, j]
            left += 1
    return left
