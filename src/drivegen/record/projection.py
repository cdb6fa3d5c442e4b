"""What a box looks like through a pinhole camera: its outline, clipped where it crosses the near plane."""

from __future__ import annotations

import numba
import numpy as np
from jaxtyping import Float64

NEAR_M = 0.05
"""Boxes are cut at this depth; nothing nearer has a finite projection."""


@numba.njit(cache=True)
def clip_box(corners_m: Float64[np.ndarray, "8 3"], near_m: float, out_m: Float64[np.ndarray, "32 3"]) -> int:
    """Corners in front of the near plane and the points where edges cross it.

    Args:
        corners_m: In the optical frame, in the order of `Box.corners_m`.
        near_m: Depth of the plane.
        out_m: Receives the points.

    Returns:
        How many points there are; their convex hull is the visible part of the box.
    """
    n = 0
    for i in range(8):
        a = corners_m[i, 2] - near_m
        if a >= 0.0:
            for k in range(3):
                out_m[n, k] = corners_m[i, k]
            n += 1
        for bit in range(3):
            j = i | (1 << bit)
            b = corners_m[j, 2] - near_m
            if j != i and (a < 0.0) != (b < 0.0):
                share = a / (a - b)
                for k in range(3):
                    out_m[n, k] = corners_m[i, k] + (corners_m[j, k] - corners_m[i, k]) * share
                n += 1
    return n


@numba.njit(cache=True)
def convex_hull(points: Float64[np.ndarray, "k 2"], n: int, hull: Float64[np.ndarray, "m 2"]) -> int:
    """Convex hull of the first n points, which get sorted (Andrew 1979, monotone chain).

    `hull` needs room for 2n points; the number of its points is returned.
    """
    for i in range(1, n):  # insertion sort by x, then y
        x, y = points[i, 0], points[i, 1]
        j = i - 1
        while j >= 0 and (points[j, 0] > x or (points[j, 0] == x and points[j, 1] > y)):
            points[j + 1, 0], points[j + 1, 1] = points[j, 0], points[j, 1]
            j -= 1
        points[j + 1, 0], points[j + 1, 1] = x, y
    k = 0
    for half in range(2):
        floor = 1 if half == 0 else k
        for step in range(half, n):
            index = step if half == 0 else n - 1 - step
            x, y = points[index, 0], points[index, 1]
            while (
                k > floor
                and (hull[k - 1, 0] - hull[k - 2, 0]) * (y - hull[k - 2, 1])
                - (hull[k - 1, 1] - hull[k - 2, 1]) * (x - hull[k - 2, 0])
                <= 0.0
            ):
                k -= 1
            hull[k, 0], hull[k, 1] = x, y
            k += 1
    return max(k - 1, 1)


@numba.njit(cache=True)
def polygon_area(polygon: Float64[np.ndarray, "m 2"], n: int) -> float:
    """Area of a simple polygon of n points (shoelace formula); never negative."""
    area = 0.0
    for i in range(n):
        j = i + 1 if i + 1 < n else 0
        area += polygon[i, 0] * polygon[j, 1] - polygon[j, 0] * polygon[i, 1]
    return abs(area) / 2.0


@numba.njit(cache=True)
def clip_polygon(
    polygon: Float64[np.ndarray, "m 2"], n: int, width: float, height: float, out: Float64[np.ndarray, "m 2"]
) -> int:
    """A convex polygon cut to 0..width, 0..height (Sutherland and Hodgman 1974); `out` needs n + 8 points."""
    work = np.empty(out.shape)
    for i in range(n):
        out[i, 0], out[i, 1] = polygon[i, 0], polygon[i, 1]
    for side in range(4):
        axis = side // 2
        other = 1 - axis
        limit = 0.0 if side % 2 == 0 else (width if axis == 0 else height)
        sign = 1.0 if side % 2 == 0 else -1.0
        k = 0
        for i in range(n):
            j = i + 1 if i + 1 < n else 0
            a = sign * (out[i, axis] - limit)
            b = sign * (out[j, axis] - limit)
            if a >= 0.0:
                work[k, 0], work[k, 1] = out[i, 0], out[i, 1]
                k += 1
            if (a >= 0.0) != (b >= 0.0):
                work[k, axis] = limit
                work[k, other] = out[i, other] + (out[j, other] - out[i, other]) * (a / (a - b))
                k += 1
        n = k
        for i in range(n):
            out[i, 0], out[i, 1] = work[i, 0], work[i, 1]
    return n


@numba.njit(cache=True)
def project_box(
    corners_m: Float64[np.ndarray, "8 3"],
    focal_px: tuple[float, float],
    centre_px: tuple[float, float],
    width_px: int,
    height_px: int,
    outline: Float64[np.ndarray, "64 2"],
) -> tuple[float, float, int]:
    """Outline of a box in the image of a pinhole; `drivegen.record.lens_outline` has that of other lenses.

    Args:
        corners_m: In the optical frame (x right, y down, z forward).
        focal_px: Of the two axes.
        centre_px: The principal point.
        width_px: Of the image.
        height_px: Of the image.
        outline: Receives the corners of the part inside the image, in pixels.

    Returns:
        (area of the whole projection, area inside the image, number of outline points), square pixels.
    """
    cut = np.empty((32, 3))
    n = clip_box(corners_m, NEAR_M, cut)
    if n < 3:
        return 0.0, 0.0, 0
    points = np.empty((32, 2))
    for i in range(n):
        points[i, 0] = focal_px[0] * cut[i, 0] / cut[i, 2] + centre_px[0]
        points[i, 1] = focal_px[1] * cut[i, 1] / cut[i, 2] + centre_px[1]
    hull = np.empty((64, 2))
    m = convex_hull(points, n, hull)
    whole = polygon_area(hull, m)
    k = clip_polygon(hull, m, float(width_px), float(height_px), outline)
    return whole, polygon_area(outline, k), k
