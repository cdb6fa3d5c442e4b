"""Drawing with polygons: bars, arrows, text, discs. Everything is a shapely geometry in a plane."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
import shapely
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from drivegen.embedded.assets.panels.strokes import GAP, STROKES, is_wide, width_of

Points = Sequence[tuple[float, float]]
EMPTY: BaseGeometry = shapely.Polygon()


def disc(radius: float, at: tuple[float, float] = (0.0, 0.0), sides: int = 32) -> BaseGeometry:
    """A regular polygon in place of a circle."""
    angle = (np.arange(sides) + 0.5) * (2 * math.pi / sides)
    return shapely.Polygon(np.column_stack([at[0] + radius * np.cos(angle), at[1] + radius * np.sin(angle)]))


def rectangle(
    width: float, height: float, at: tuple[float, float] = (0.0, 0.0), corner: float = 0.0
) -> BaseGeometry:
    """An upright rectangle about a point, its corners rounded by three facets."""
    box = shapely.box(at[0] - width / 2, at[1] - height / 2, at[0] + width / 2, at[1] + height / 2)
    return box.buffer(-corner).buffer(corner, quad_segs=3) if corner > 0 else box


def triangle(side: float, corner: float = 0.0, *, down: bool = False) -> BaseGeometry:
    """An equilateral triangle about its box's middle; `corner` rounds it without making it smaller."""
    h = side * math.sqrt(3) / 2
    shape = shapely.Polygon([(-side / 2, -h / 2), (side / 2, -h / 2), (0.0, h / 2)])
    shape = shape.buffer(-corner, join_style="mitre").buffer(corner, quad_segs=3) if corner > 0 else shape
    return affinity.scale(shape, 1.0, -1.0, origin=(0, 0)) if down else shape


def bar(points: Points, width: float, *, round_ends: bool = False) -> BaseGeometry:
    """A line of a width with sharp bends."""
    if round_ends:
        return shapely.LineString(points).buffer(width / 2, quad_segs=2)
    return shapely.LineString(points).buffer(width / 2, cap_style="flat", join_style="mitre", mitre_limit=2.0)


def polygon(*points: tuple[float, float]) -> BaseGeometry:
    """An area inside points."""
    return shapely.Polygon(points)


def union(*parts: BaseGeometry) -> BaseGeometry:
    """All of several areas."""
    return shapely.union_all(list(parts))


def arc(
    centre: tuple[float, float], radius: float, start_deg: float, end_deg: float, steps: int = 8
) -> list[tuple[float, float]]:
    """Points on a circle; angles count from x to y."""
    angle = np.radians(np.linspace(start_deg, end_deg, steps + 1))
    return [(centre[0] + radius * math.cos(a), centre[1] + radius * math.sin(a)) for a in angle]


def arrow(points: Points, width: float, head: float = 2.3, length: float | None = None) -> BaseGeometry:
    """A bar that ends in a triangular head, whose tip is the last point.

    Args:
        points: from tail to tip.
        width: of the shaft.
        head: width of the head in widths of the shaft.
        length: of the head; by default as long as it is wide, times 0.85.
    """
    (ax, ay), (bx, by) = points[-2], points[-1]
    span = math.hypot(bx - ax, by - ay)
    ux, uy = (bx - ax) / span, (by - ay) / span
    long = head * width * 0.85 if length is None else length
    nx, ny = bx - ux * long, by - uy * long
    half = head * width / 2
    tip = polygon((nx - uy * half, ny + ux * half), (nx + uy * half, ny - ux * half), (bx, by))
    shaft = [*points[:-1], (nx + ux * 0.02 * long, ny + uy * 0.02 * long)]
    return union(bar(shaft, width), tip)


def moved(
    shape: BaseGeometry, x: float = 0.0, y: float = 0.0, scale: float = 1.0, turn_deg: float = 0.0
) -> BaseGeometry:
    """Scaled and turned about the origin, then shifted."""
    out = affinity.scale(shape, scale, scale, origin=(0, 0)) if scale != 1.0 else shape
    out = affinity.rotate(out, turn_deg, origin=(0, 0)) if turn_deg else out
    return affinity.translate(out, x, y)


def mirrored(shape: BaseGeometry) -> BaseGeometry:
    """Left and right changed."""
    return affinity.scale(shape, -1.0, 1.0, origin=(0, 0))


def text_width(text: str, height: float, squeeze: float = 1.0) -> float:
    """Width of a line of text."""
    if not text:
        return 0.0
    letters = sum(width_of(c) / 100 for c in text)
    gaps = sum(_gap(a, b) for a, b in itertools.pairwise(text))
    return height * squeeze * (letters + gaps)


def _gap(a: str, b: str) -> float:
    return 0.14 if is_wide(a) and is_wide(b) else GAP


def text_shape(
    text: str,
    height: float,
    at: tuple[float, float] = (0.0, 0.0),
    *,
    weight: float = 0.0,
    squeeze: float = 1.0,
    widest: float = math.inf,
) -> BaseGeometry:
    """A line of text about a point.

    Args:
        text: of characters in `STROKES`.
        height: of a capital.
        at: its middle.
        weight: width of a stroke in shares of the height; 0 for the usual one.
        squeeze: narrows the characters.
        widest: the line is squeezed further until it is no wider.
    """
    full = text_width(text, height, squeeze)
    squeeze = squeeze * min(1.0, widest / max(full, 1e-9))
    x = at[0] - text_width(text, height, squeeze) / 2
    parts = []
    for k, c in enumerate(text):
        wide = is_wide(c)
        stroke = (weight or (0.105 if wide else 0.16)) * height
        # The middle lines of the outermost strokes lie half a stroke inside.
        grow_y = (height - stroke) / height
        letter = width_of(c) / 100 * height * squeeze
        grow_x = max(letter - stroke, 0.0) / max(width_of(c) / 100 * height, 1e-9)
        for line in STROKES[c]:
            points = [
                (
                    x + stroke / 2 + px / 100 * height * grow_x,
                    at[1] - height / 2 + stroke / 2 + py / 100 * height * grow_y,
                )
                for px, py in line
            ]
            # Pieces apart from one another: mitres of strokes that turn back would stick out.
            parts.append(
                shapely.LineString(points).buffer(
                    stroke / 2, cap_style="square", join_style="mitre", mitre_limit=1.6
                )
            )
        x += letter
        if k + 1 < len(text):
            x += _gap(c, text[k + 1]) * height * squeeze
    return shapely.union_all(parts) if parts else EMPTY
