"""Which triangle lies under a point: a uniform grid over the plan, searched by compiled code."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Float64, Int32, Int64
from numba import njit

_CELL_M = 2.0
_LARGEST_GRID = 4_000_000
_SLACK_M = 0.02
"""A point this far outside a triangle still counts as on it: floors meet with gaps of a millimetre."""
WIDE_SLACK_M = 1.0
"""A point in a wider crack takes the nearest triangle of its cell."""

_SLACKS = np.array([_SLACK_M, WIDE_SLACK_M])


@njit(cache=True)
def _count(low: np.ndarray, high: np.ndarray, columns: int, counts: np.ndarray) -> None:  # pragma: no cover
    for i in range(low.shape[0]):
        for cx in range(low[i, 0], high[i, 0] + 1):
            for cy in range(low[i, 1], high[i, 1] + 1):
                counts[cx * columns + cy + 1] += 1


@njit(cache=True)
def _fill(
    low: np.ndarray, high: np.ndarray, columns: int, place: np.ndarray, items: np.ndarray
) -> None:  # pragma: no cover
    for i in range(low.shape[0]):
        for cx in range(low[i, 0], high[i, 0] + 1):
            for cy in range(low[i, 1], high[i, 1] + 1):
                cell = cx * columns + cy
                items[place[cell]] = i
                place[cell] += 1


@njit(cache=True)
def _find_one(
    x: float,
    y: float,
    wanted_z: float,
    by_height: bool,
    origin: np.ndarray,
    cell_m: float,
    shape: np.ndarray,
    starts: np.ndarray,
    items: np.ndarray,
    edges: np.ndarray,
    planes: np.ndarray,
    slack: float,
) -> int:  # pragma: no cover
    cx = min(max(int((x - origin[0]) / cell_m), 0), shape[0] - 1)
    cy = min(max(int((y - origin[1]) / cell_m), 0), shape[1] - 1)
    cell = cx * shape[1] + cy
    best = -1
    best_score = 1e300
    for k in range(starts[cell], starts[cell + 1]):
        i = items[k]
        outside = 0.0
        for e in range(3):
            d = edges[i, e, 0] * x + edges[i, e, 1] * y + edges[i, e, 2]
            outside = max(outside, -d)
        if outside > slack:
            continue
        z = planes[i, 0] * x + planes[i, 1] * y + planes[i, 2]
        # Inside comes before the slack around; then the highest, or the nearest to the wanted height.
        score = abs(z - wanted_z) if by_height else -z
        score += 1e6 * outside if outside > 1e-6 else 0.0
        if score < best_score:
            best_score = score
            best = i
    return best


@njit(cache=True)
def _find(
    points: np.ndarray,
    wanted_z: np.ndarray,
    by_height: bool,
    origin: np.ndarray,
    cell_m: float,
    shape: np.ndarray,
    starts: np.ndarray,
    items: np.ndarray,
    edges: np.ndarray,
    planes: np.ndarray,
    slack: float,
    out: np.ndarray,
) -> None:  # pragma: no cover
    for p in range(points.shape[0]):
        out[p] = _find_one(
            points[p, 0],
            points[p, 1],
            wanted_z[p],
            by_height,
            origin,
            cell_m,
            shape,
            starts,
            items,
            edges,
            planes,
            slack,
        )


@njit(cache=True)
def _nearest_heights(
    points: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    origin: np.ndarray,
    cell_m: float,
    shape: np.ndarray,
    starts: np.ndarray,
    items: np.ndarray,
    edges: np.ndarray,
    planes: np.ndarray,
    slacks: np.ndarray,
    out: np.ndarray,
) -> None:  # pragma: no cover
    for p in range(points.shape[0]):
        x = min(max(points[p, 0], low[0]), high[0])
        y = min(max(points[p, 1], low[1]), high[1])
        out[p] = 0.0
        for slack in slacks:
            # For the literal True, _find_one would be compiled again.
            nearest = bool(1)
            i = _find_one(
                x, y, points[p, 2], nearest, origin, cell_m, shape, starts, items, edges, planes, slack
            )
            if i >= 0:
                out[p] = planes[i, 0] * x + planes[i, 1] * y + planes[i, 2]
                break


class TriangleIndex:
    """Triangles that face up, found by plan position."""

    def __init__(self, corners_m: Float[np.ndarray, "t 3 3"]) -> None:
        corners = np.asarray(corners_m, dtype=np.float64)
        normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        keep = normal[:, 2] > 1e-9
        corners, normal = corners[keep], normal[keep]
        self.kept: Int64[np.ndarray, "k"] = np.flatnonzero(keep)
        """Which of the given triangles are in the index."""
        self.normals: Float64[np.ndarray, "k 3"] = normal / np.linalg.norm(normal, axis=1, keepdims=True)
        slope = -normal[:, :2] / normal[:, 2:]
        offset = corners[:, 0, 2] - np.sum(slope * corners[:, 0, :2], axis=1)
        self.planes: Float64[np.ndarray, "k 3"] = np.column_stack([slope, offset])
        plan = corners[:, :, :2]
        side = np.roll(plan, -1, axis=1) - plan
        length = np.maximum(np.linalg.norm(side, axis=2), 1e-12)
        a, b = -side[:, :, 1] / length, side[:, :, 0] / length
        self._edges = np.stack([a, b, -(a * plan[:, :, 0] + b * plan[:, :, 1])], axis=2)
        self._build(plan)

    def _build(self, plan: Float64[np.ndarray, "k 3 2"]) -> None:
        if len(plan) == 0:
            plan_low, plan_high = np.zeros(2), np.ones(2)
        else:
            plan_low, plan_high = plan.min(axis=(0, 1)), plan.max(axis=(0, 1))
        extent = plan_high - plan_low
        self._cell = max(_CELL_M, float(np.sqrt(np.prod(extent + _CELL_M) / _LARGEST_GRID)))
        self._origin = plan_low
        self._shape = np.maximum(np.ceil(extent / self._cell), 1).astype(np.int64)
        limit = self._shape - 1
        low = np.clip((plan.min(axis=1) - _SLACK_M - plan_low) // self._cell, 0, limit).astype(np.int64)
        high = np.clip((plan.max(axis=1) + _SLACK_M - plan_low) // self._cell, 0, limit).astype(np.int64)
        starts = np.zeros(int(np.prod(self._shape)) + 1, dtype=np.int64)
        _count(low, high, int(self._shape[1]), starts)
        self._starts = np.cumsum(starts)
        self._items = np.empty(int(self._starts[-1]), dtype=np.int32)
        _fill(low, high, int(self._shape[1]), self._starts[:-1].copy(), self._items)

    def find(
        self,
        xy_m: Float64[np.ndarray, "n 2"],
        z_m: Float64[np.ndarray, "n"] | None = None,
        slack_m: float = _SLACK_M,
    ) -> Int32[np.ndarray, "n"]:
        """The triangle at each point, the highest or the nearest to `z_m`; -1 where there is none."""
        out = np.empty(len(xy_m), dtype=np.int32)
        wanted = np.zeros(len(xy_m)) if z_m is None else np.ascontiguousarray(z_m, dtype=np.float64)
        _find(
            np.ascontiguousarray(xy_m, dtype=np.float64),
            wanted,
            z_m is not None,
            self._origin,
            self._cell,
            self._shape,
            self._starts,
            self._items,
            self._edges,
            self.planes,
            slack_m,
            out,
        )
        return out

    def height(
        self, xy_m: Float64[np.ndarray, "n 2"], found: Int32[np.ndarray, "n"]
    ) -> Float64[np.ndarray, "n"]:
        """Heights of the planes of found triangles at points."""
        plane = self.planes[found]
        return np.asarray(plane[:, 0] * xy_m[:, 0] + plane[:, 1] * xy_m[:, 1] + plane[:, 2])

    def heights_near(
        self,
        xyz_m: Float64[np.ndarray, "n 3"],
        low_m: Float64[np.ndarray, "2"],
        high_m: Float64[np.ndarray, "2"],
    ) -> Float64[np.ndarray, "n"]:
        """Heights nearest to the points' own, at points moved into a rectangle; 0 where there is nothing."""
        out = np.empty(len(xyz_m))
        _nearest_heights(
            np.ascontiguousarray(xyz_m, dtype=np.float64),
            low_m,
            high_m,
            self._origin,
            self._cell,
            self._shape,
            self._starts,
            self._items,
            self._edges,
            self.planes,
            _SLACKS,
            out,
        )
        return out
