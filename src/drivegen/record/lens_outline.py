"""What boxes cover in the image of a lens that bends straight lines.

A box is convex, and a lens takes directions to pixels one to one, so what a box covers is bounded by the
image of the outline that it has as seen from the camera. That outline is found in perspective, in the plane
before the camera or, for a fisheye, in the plane that touches the nearest point of the box, which lies all
before it. Its edges are then followed degree by degree through the lens, which is continued straight beyond
its field so that a part outside has an area as well.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numba
import numpy as np
from jaxtyping import Float64

from drivegen.core.labels import PixelBox
from drivegen.core.lenses import KannalaBrandt, Lens
from drivegen.record.projection import NEAR_M, clip_box, convex_hull, polygon_area

STEP_RAD = math.radians(1.0)
"""Between points along an edge. A chord of a circle over one degree leaves it by 4e-5 of its radius."""
MOST_POINTS = 2048
CIRCLE_POINTS = 360


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """What a box covers."""

    whole_px2: float
    """With what lies outside the image."""
    inside_px2: float
    box_px: PixelBox
    """Tight around the part inside."""

    @staticmethod
    def around(polygon: Float64[np.ndarray, "n 2"], whole_px2: float, inside_px2: float) -> Outline:
        """Of the part inside, as a polygon."""
        left, top = polygon.min(axis=0)
        right, bottom = polygon.max(axis=0)
        box = (float(left), float(top), float(right), float(bottom))
        return Outline(whole_px2=whole_px2, inside_px2=inside_px2, box_px=box)


class LensOutlines:
    """Outlines in the images of one lens."""

    def __init__(self, lens: Lens, width_px: int, height_px: int) -> None:
        self._lens = lens
        self._window = _window(lens, width_px, height_px)

    def of(self, corners_m: Sequence[Float64[np.ndarray, "8 3"]]) -> list[Outline | None]:
        """Outlines of boxes; none where a box covers nothing of the image.

        Args:
            corners_m: In the optical frame, in the order of `Box.corners_m`.
        """
        fisheye = isinstance(self._lens, KannalaBrandt)
        room = np.empty((MOST_POINTS, 3))
        parts = [room[: _outline_rays(each, fisheye, STEP_RAD, room)].copy() for each in corners_m]
        ends = np.cumsum([len(p) for p in parts]).tolist()
        pixels = self._lens.project_on(np.concatenate([np.empty((0, 3)), *parts]))
        found: list[Outline | None] = []
        for start, end in zip([0, *ends], ends, strict=False):
            found.append(self._cut(pixels[start:end]))
        return found

    def _cut(self, polygon: Float64[np.ndarray, "n 2"]) -> Outline | None:
        n = len(polygon)
        if n < 3:
            return None
        low, high = self._window.min(axis=0), self._window.max(axis=0)
        if (polygon.max(axis=0) < low).any() or (polygon.min(axis=0) > high).any():
            return None
        out = np.empty((2 * n + 2 * len(self._window) + 8, 2))
        k = _clip_to(polygon, n, self._window, out)
        inside = polygon_area(out, k) if k >= 3 else 0.0
        if inside <= 0.0:
            return None
        return Outline.around(out[:k], max(polygon_area(polygon, n), inside), inside)


def _window(lens: Lens, width_px: int, height_px: int) -> Float64[np.ndarray, "m 2"]:
    """The part of the image that the lens sees, as a convex polygon, clockwise on the screen."""
    image = np.array([[0.0, 0.0], [width_px, 0.0], [width_px, height_px], [0.0, height_px]])
    if not isinstance(lens, KannalaBrandt):
        return image
    turn = np.arange(CIRCLE_POINTS) * 2.0 * np.pi / CIRCLE_POINTS
    radius = float(lens.radius(lens.half_field_rad))
    circle = np.stack(
        [
            lens.cx_px + lens.fx_px * radius * np.cos(turn),
            lens.cy_px + lens.fy_px * radius * np.sin(turn),
        ],
        axis=-1,
    )
    out = np.empty((2 * CIRCLE_POINTS + 16, 2))
    return out[: _clip_to(circle, CIRCLE_POINTS, image, out)].copy()


@numba.njit(cache=True)
def _clip_to(
    polygon: Float64[np.ndarray, "n 2"],
    n: int,
    window: Float64[np.ndarray, "m 2"],
    out: Float64[np.ndarray, "k 2"],
) -> int:
    """A polygon cut to a convex one that runs clockwise on the screen (Sutherland and Hodgman 1974)."""
    work = np.empty(out.shape)
    for i in range(n):
        out[i, 0], out[i, 1] = polygon[i, 0], polygon[i, 1]
    m = len(window)
    for side in range(m):
        ax, ay = window[side, 0], window[side, 1]
        nx, ny = -(window[(side + 1) % m, 1] - ay), window[(side + 1) % m, 0] - ax
        k = 0
        for i in range(n):
            j = i + 1 if i + 1 < n else 0
            a = (out[i, 0] - ax) * nx + (out[i, 1] - ay) * ny
            b = (out[j, 0] - ax) * nx + (out[j, 1] - ay) * ny
            if a >= 0.0:
                work[k, 0], work[k, 1] = out[i, 0], out[i, 1]
                k += 1
            if (a >= 0.0) != (b >= 0.0):
                share = a / (a - b)
                work[k, 0] = out[i, 0] + (out[j, 0] - out[i, 0]) * share
                work[k, 1] = out[i, 1] + (out[j, 1] - out[i, 1]) * share
                k += 1
        n = k
        if n < 3:
            return 0
        for i in range(n):
            out[i, 0], out[i, 1] = work[i, 0], work[i, 1]
    return n


@numba.njit(cache=True)
def _nearest(corners_m: Float64[np.ndarray, "8 3"], out: Float64[np.ndarray, "3"]) -> float:
    """The point of a box nearest to the origin, and its distance."""
    for c in range(3):
        out[c] = corners_m[0, c]
    for k in range(3):
        along, length = 0.0, 0.0
        for c in range(3):
            edge = corners_m[1 << k, c] - corners_m[0, c]
            along -= corners_m[0, c] * edge
            length += edge * edge
        share = min(1.0, max(0.0, along / max(length, 1e-12)))
        for c in range(3):
            out[c] += (corners_m[1 << k, c] - corners_m[0, c]) * share
    return float(np.sqrt(out[0] * out[0] + out[1] * out[1] + out[2] * out[2]))


@numba.njit(cache=True)
def _behind(corners_m: Float64[np.ndarray, "8 3"]) -> bool:
    """Whether the ray straight back meets the box."""
    enter, leave = 0.0, np.inf
    for k in range(3):
        start, size = 0.0, 0.0
        for c in range(3):
            edge = corners_m[1 << k, c] - corners_m[0, c]
            start -= corners_m[0, c] * edge
            size += edge * edge
        step = corners_m[0, 2] - corners_m[1 << k, 2]
        if abs(step) < 1e-12:
            if start < 0.0 or start > size:
                return False
            continue
        a, b = -start / step, (size - start) / step
        enter, leave = max(enter, min(a, b)), min(leave, max(a, b))
    return enter <= leave


@numba.njit(cache=True)
def _look_along(towards: Float64[np.ndarray, "3"], length: float, frame: Float64[np.ndarray, "3 3"]) -> None:
    """Fills in axes (rows) of which the third leads along a vector."""
    x, y, z = towards[0] / length, towards[1] / length, towards[2] / length
    # Across the axis that it is least along.
    if abs(x) <= abs(y) and abs(x) <= abs(z):
        ax, ay, az = 0.0, -z, y
    elif abs(y) <= abs(z):
        ax, ay, az = z, 0.0, -x
    else:
        ax, ay, az = -y, x, 0.0
    size = np.sqrt(ax * ax + ay * ay + az * az)
    ax, ay, az = ax / size, ay / size, az / size
    frame[0, 0], frame[0, 1], frame[0, 2] = ax, ay, az
    frame[1, 0], frame[1, 1], frame[1, 2] = y * az - z * ay, z * ax - x * az, x * ay - y * ax
    frame[2, 0], frame[2, 1], frame[2, 2] = x, y, z


@numba.njit(cache=True)
def _outline_rays(
    corners_m: Float64[np.ndarray, "8 3"],
    fisheye: bool,
    step_rad: float,
    out: Float64[np.ndarray, "m 3"],
) -> int:
    """Rays along the outline of a box, in order; how many there are.

    A fisheye's outline around the ray straight back would be that of everything but the box: of such a box,
    and of one that the camera is in, only what is in front of the camera counts.
    """
    frame = np.zeros((3, 3))
    points = np.empty((32, 2))
    if fisheye and not _behind(corners_m):
        nearest = np.empty(3)
        distance = _nearest(corners_m, nearest)
        if distance < NEAR_M:
            return 0
        _look_along(nearest, distance, frame)
        n = 8
        for i in range(8):
            x, y, z = 0.0, 0.0, 0.0
            for c in range(3):
                x += frame[0, c] * corners_m[i, c]
                y += frame[1, c] * corners_m[i, c]
                z += frame[2, c] * corners_m[i, c]
            points[i, 0], points[i, 1] = x / z, y / z
    else:
        for c in range(3):
            frame[c, c] = 1.0
        cut = np.empty((32, 3))
        n = clip_box(corners_m, NEAR_M, cut)
        if n < 3:
            return 0
        for i in range(n):
            points[i, 0], points[i, 1] = cut[i, 0] / cut[i, 2], cut[i, 1] / cut[i, 2]
    hull = np.empty((64, 2))
    return _follow(hull, convex_hull(points, n, hull), frame, step_rad, out)


@numba.njit(cache=True)
def _follow(
    hull: Float64[np.ndarray, "m 2"],
    n: int,
    frame: Float64[np.ndarray, "3 3"],
    step_rad: float,
    out: Float64[np.ndarray, "k 3"],
) -> int:
    """Rays along the edges of a polygon in the plane z = 1 of a frame (rows are its axes)."""
    k = 0
    for i in range(n):
        j = i + 1 if i + 1 < n else 0
        ax, ay, bx, by = hull[i, 0], hull[i, 1], hull[j, 0], hull[j, 1]
        a = 1.0 / np.sqrt(ax * ax + ay * ay + 1.0)
        b = 1.0 / np.sqrt(bx * bx + by * by + 1.0)
        angle = np.arccos(min(1.0, max(-1.0, (ax * bx + ay * by + 1.0) * a * b)))
        steps = max(1, int(np.ceil(angle / step_rad)))
        for s in range(min(steps, len(out) - k)):
            share = s / steps
            x = ax * a + (bx * b - ax * a) * share
            y = ay * a + (by * b - ay * a) * share
            z = a + (b - a) * share
            for c in range(3):
                out[k, c] = frame[0, c] * x + frame[1, c] * y + frame[2, c] * z
            k += 1
    return k
