"""What of a mesh is solid: convex ground plans with the heights between which they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from jaxtyping import Bool, Float64, Int
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from drivegen.core.tags import Tag
from drivegen.embedded.mesh import Material, Mesh

STEP_M = 0.2
"""What is lower than this is driven and stepped over: the clearance under a car's body."""
REACH_M = 2.5
"""What hangs higher than this over its foot stops nobody: arms of masts, roofs, crowns."""
MOST_CORNERS = 8
"""Of a ground plan; kernels keep room for as many."""
STANDS_OUT_M = 0.05
"""A part that stands out of another by no more than this counts with it."""
PLIANT_M = 0.1
"""Stems of plants thinner than this give way."""
THINNEST_M = 0.01
"""What has no thickness gets this."""

Points = Float64[np.ndarray, "k 2"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Solid:
    """An upright prism in its mesh's frame."""

    corners_m: Points
    """Convex, counter-clockwise, 3 to `MOST_CORNERS`."""
    low_m: float
    high_m: float
    tag: Tag


def solids_of(mesh: Mesh) -> tuple[Solid, ...]:
    """The solid parts of a mesh that stands at its origin: those a person or a car can run into.

    Each connected part of the mesh gives the convex hull of what lies of it between `STEP_M` and `REACH_M`.
    Leaves are not solid.
    """
    points = mesh.positions_m.astype(np.float64)
    triangles = mesh.triangles[mesh.materials[mesh.triangles[:, 0]] != Material.FOLIAGE]
    if not len(triangles):
        return ()
    parts = _parts(points, triangles)
    found = []
    for part in range(int(parts.max()) + 1):
        own = triangles[parts == part]
        heights = points[own, 2]
        if heights.max() <= STEP_M or heights.min() >= REACH_M:
            continue
        corners = hull(_between(points[own], STEP_M, REACH_M))
        tag = Tag(int(mesh.tags[own[0, 0]]))
        if tag is Tag.VEGETATION and np.ptp(corners, axis=0).max() < PLIANT_M:
            continue
        found.append(
            Solid(corners_m=corners, low_m=float(heights.min()), high_m=float(heights.max()), tag=tag)
        )
    return _joined(found)


def single_solid(solids: Sequence[Solid]) -> Solid:
    """One solid around several; ValueError for none."""
    if not solids:
        raise ValueError("no solids to join")
    return Solid(
        corners_m=hull(np.concatenate([s.corners_m for s in solids])),
        low_m=min(s.low_m for s in solids),
        high_m=max(s.high_m for s in solids),
        tag=solids[0].tag,
    )


def box_solid(half_length_m: float, half_width_m: float, high_m: float, tag: Tag) -> Solid:
    """An upright box about the origin."""
    signs = np.array([(1.0, 1.0), (-1.0, 1.0), (-1.0, -1.0), (1.0, -1.0)])
    return Solid(corners_m=signs * (half_length_m, half_width_m), low_m=0.0, high_m=high_m, tag=tag)


def hull(points_m: Points) -> Points:
    """Convex hull of points, counter-clockwise, with few enough corners and some thickness.

    Andrew's monotone chain (1979); then the corners that matter least to the area go.
    """
    ordered = np.unique(np.round(np.asarray(points_m, np.float64), 6), axis=0)
    chain = _half_hull(ordered)[:-1] + _half_hull(ordered[::-1])[:-1]
    corners = np.array(chain).reshape(-1, 2)
    if len(corners) < 3 or _area(corners) < 1e-4 * THINNEST_M:
        return _thickened(ordered)
    while len(corners) > MOST_CORNERS or (len(corners) > 3 and _losses(corners).min() < 1e-7):
        corners = np.delete(corners, int(np.argmin(_losses(corners))), axis=0)
    return corners


def _half_hull(points: Points) -> list[tuple[float, float]]:
    chain: list[tuple[float, float]] = []
    for x, y in points.tolist():
        while len(chain) >= 2:
            (ax, ay), (bx, by) = chain[-2], chain[-1]
            if (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0.0:
                break
            chain.pop()
        chain.append((x, y))
    return chain


def _area(corners: Points) -> float:
    x, y = corners.T
    return 0.5 * float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))


def _losses(corners: Points) -> Float64[np.ndarray, "k"]:
    """Area that each corner's leaving would cost."""
    before, after = np.roll(corners, 1, axis=0) - corners, np.roll(corners, -1, axis=0) - corners
    return np.abs(before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]) / 2


def _thickened(points: Points) -> Points:
    """A thin rectangle along points that lie in a line."""
    middle = points.mean(axis=0)
    far = points[int(np.argmax(((points - middle) ** 2).sum(axis=1)))] - middle
    length = float(np.hypot(*far))
    along = far / length if length > 1e-9 else np.array([1.0, 0.0])
    reach = (points - middle) @ along
    low, high = min(reach.min(), -THINNEST_M / 2), max(reach.max(), THINNEST_M / 2)
    side = THINNEST_M / 2 * np.array([-along[1], along[0]])
    ends = middle + low * along, middle + high * along
    return np.array([ends[0] - side, ends[1] - side, ends[1] + side, ends[0] + side])


def _parts(points: Float64[np.ndarray, "v 3"], triangles: Int[np.ndarray, "t 3"]) -> Int[np.ndarray, "t"]:
    """Which connected part each triangle belongs to; corners at one place are one."""
    _, place = np.unique(np.round(points, 4), axis=0, return_inverse=True)
    corners = np.asarray(place).reshape(-1)[triangles]
    count = len(points)
    links = coo_array(
        (
            np.ones(2 * len(corners), np.int8),
            (np.concatenate([corners[:, 0], corners[:, 0]]), np.concatenate([corners[:, 1], corners[:, 2]])),
        ),
        shape=(count, count),
    )
    _, label = connected_components(links, directed=False)
    _, part = np.unique(label[corners[:, 0]], return_inverse=True)
    return cast(np.ndarray, part.reshape(-1))


def _between(triangles: Float64[np.ndarray, "t 3 3"], low: float, high: float) -> Points:
    """Ground places of the corners of all triangles, each cut off below `low` and above `high`."""
    a, b = triangles, np.roll(triangles, -1, axis=1)
    keep = (a[..., 2] >= low) & (a[..., 2] <= high)
    out = [a[keep][:, :2]]
    for level in (low, high):
        crosses = (a[..., 2] - level) * (b[..., 2] - level) < 0.0
        p, q = a[crosses], b[crosses]
        share = (level - p[:, 2]) / (q[:, 2] - p[:, 2])
        out.append(p[:, :2] + share[:, None] * (q[:, :2] - p[:, :2]))
    return np.concatenate(out)


def _within(inner: Points, outer: Points, slack_m: float) -> bool:
    edges = np.roll(outer, -1, axis=0) - outer
    normals = np.stack([edges[:, 1], -edges[:, 0]], axis=1)
    normals /= np.maximum(np.hypot(normals[:, 0], normals[:, 1]), 1e-12)[:, None]
    beyond: Bool[np.ndarray, "i o"] = inner @ normals.T - (outer * normals).sum(axis=1) > slack_m
    return not beyond.any()


def _joined(solids: list[Solid]) -> tuple[Solid, ...]:
    """Without the small parts that lie in larger ones, which take over their heights."""
    kept: list[Solid] = []
    for solid in sorted(solids, key=lambda s: -_area(s.corners_m)):
        for k, larger in enumerate(kept):
            if _within(solid.corners_m, larger.corners_m, STANDS_OUT_M):
                kept[k] = Solid(
                    corners_m=larger.corners_m,
                    low_m=min(larger.low_m, solid.low_m),
                    high_m=max(larger.high_m, solid.high_m),
                    tag=larger.tag,
                )
                break
        else:
            kept.append(solid)
    return tuple(kept)
