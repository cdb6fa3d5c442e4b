"""Zebra crossings, stop lines, arrows and gores."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64

from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import Road, RoadObject
from drivegen.opendrive.surfaces.builder import grid_triangles
from drivegen.opendrive.surfaces.gores import add_gore
from drivegen.opendrive.surfaces.lane_kinds import long_box, object_outline
from drivegen.opendrive.surfaces.paint import Paint
from drivegen.opendrive.surfaces.painted_stands import add_stands
from drivegen.opendrive.surfaces.surface import SurfaceKind

_STRIPE_M = 0.45
_STRIPE_GAP_M = 0.6
_CROSSING_LINE_M = 0.3
_STOP_LINE_M = 0.4
_STEP_M = 1.0
_ARROW_LENGTH_M = 6.0
"""Length that the arrows below are drawn in."""

_SHAFT_M = 0.1
"""Half the width of an arrow's shaft."""


def add_painted_objects(paint: Paint, geometry: NetworkGeometry) -> None:
    """Paints the objects of all roads."""
    for road in geometry.network.roads:
        for item in road.objects:
            name = item.name.lower().replace("_", "").replace(" ", "")
            if item.type == "crosswalk" and len(item.outline) >= 3:
                outline = object_outline(geometry, road.id, item)
                if len(outline) >= 3:
                    _add_crosswalk(paint, outline, striped=not name.startswith("simple"))
            elif "stopline" in name:
                _add_stop_line(paint, geometry, road, item)
            elif name.startswith("gore") and len(item.outline) >= 3:
                add_gore(paint, object_outline(geometry, road.id, item), _frame(geometry, road, item)[2])
            elif "arrow" in name:
                _add_arrow(paint, geometry, road, item, name)
    add_stands(paint, geometry)


def _add_crosswalk(paint: Paint, outline: Float64[np.ndarray, "n 3"], *, striped: bool) -> None:
    centre, along, across, length, _ = long_box(outline)
    local = np.column_stack([(outline[:, :2] - centre) @ along, (outline[:, :2] - centre) @ across])
    z = float(np.mean(outline[:, 2]))
    if striped:
        period = _STRIPE_M + _STRIPE_GAP_M
        count = int((2.0 * length - _STRIPE_GAP_M) // period)
        starts = (np.arange(count) - 0.5 * count) * period + 0.5 * _STRIPE_GAP_M
        for start in starts:
            a = np.array([start, start + _STRIPE_M])
            low, high = _across_range(local, a)
            rows = max(2, int(np.ceil(float(np.max(high - low)) / _STEP_M)) + 1)
            share = np.linspace(0.0, 1.0, rows)[:, None]
            b = low + share * (high - low)
            _add_patch(
                paint, SurfaceKind.CROSSWALK, np.broadcast_to(a, b.shape), b, (centre, along, across), z
            )
        return
    a = np.linspace(-length + 0.1, length - 0.1, max(2, int(np.ceil(2.0 * length / _STEP_M)) + 1))
    low, high = _across_range(local, a)
    for edge, inward in ((low, 1.0), (high, -1.0)):
        b = np.stack([edge, edge + inward * _CROSSING_LINE_M], axis=1)
        _add_patch(
            paint, SurfaceKind.CROSSWALK, np.repeat(a[:, None], 2, axis=1), b, (centre, along, across), z
        )


def _across_range(
    ring: Float64[np.ndarray, "n 2"], a: Float64[np.ndarray, "m"]
) -> tuple[Float64[np.ndarray, "m"], Float64[np.ndarray, "m"]]:
    """Least and largest b of a convex ring at each a."""
    low, high = np.full(len(a), np.inf), np.full(len(a), -np.inf)
    for p, q in zip(ring, np.roll(ring, -1, axis=0), strict=True):
        first, last = (p, q) if p[0] <= q[0] else (q, p)
        inside = (a >= first[0] - 1e-9) & (a <= last[0] + 1e-9)
        share = np.clip((a - first[0]) / max(last[0] - first[0], 1e-9), 0.0, 1.0)
        b = first[1] + share * (last[1] - first[1])
        low = np.where(inside, np.minimum(low, b), low)
        high = np.where(inside, np.maximum(high, b), high)
    empty = ~np.isfinite(low) | ~np.isfinite(high)
    return np.where(empty, 0.0, low), np.where(empty, 0.0, high)


def _add_patch(
    paint: Paint,
    kind: SurfaceKind,
    a: Float64[np.ndarray, "r c"],
    b: Float64[np.ndarray, "r c"],
    frame: tuple[np.ndarray, np.ndarray, np.ndarray],
    z_m: float,
) -> None:
    """A grid of points given along two axes from a centre."""
    centre, along, across = frame
    xy = centre + a.reshape(-1, 1) * along + b.reshape(-1, 1) * across
    uvs = np.column_stack([a.ravel(), b.ravel()])
    paint.add(kind, xy, np.full(len(xy), z_m), grid_triangles(*a.shape), uvs=uvs)


def _frame(
    geometry: NetworkGeometry, road: Road, item: RoadObject
) -> tuple[Float64[np.ndarray, "3"], float, float]:
    """(position, heading of the road, heading of the object)."""
    curve = geometry.curve(road.id)
    s = np.array([np.clip(item.s_m, 0.0, road.length_m)])
    position = curve.points(s, np.array([item.t_m]))[0]
    heading = float(curve.reference(s)[1][0])
    return position, heading, heading + item.heading_rad


def _add_stop_line(paint: Paint, geometry: NetworkGeometry, road: Road, item: RoadObject) -> None:
    position, _, angle = _frame(geometry, road, item)
    long, wide = item.length_m, item.width_m
    if wide > long:
        long, wide, angle = wide, long, angle + np.pi / 2.0
    wide = wide if wide > 0.1 else _STOP_LINE_M
    along = np.array([np.cos(angle), np.sin(angle)])
    across = np.array([-along[1], along[0]])
    a = np.linspace(-long / 2.0, long / 2.0, max(2, int(np.ceil(long / _STEP_M)) + 1))
    grid_a = np.repeat(a[:, None], 2, axis=1)
    grid_b = np.tile(np.array([-wide / 2.0, wide / 2.0]), (len(a), 1))
    _add_patch(
        paint, SurfaceKind.STOP_LINE, grid_a, grid_b, (position[:2], along, across), float(position[2])
    )


def _arrow_parts(name: str) -> list[list[tuple[float, float]]]:
    """Convex pieces of an arrow that points along +x, `_ARROW_LENGTH_M` long."""
    left = "left" in name or name.endswith("4l")
    right = "right" in name or name.endswith("4r")
    ahead = "through" in name or "straight" in name or not (left or right)
    w = _SHAFT_M
    bend = -0.4 if ahead else 1.0
    parts: list[list[tuple[float, float]]] = [[(-3.0, -w), (bend, -w), (bend, w), (-3.0, w)]]
    if ahead:
        parts.append([(bend, -w), (1.2, -w), (1.2, w), (bend, w)])
        parts.append([(1.2, -0.4), (3.0, 0.0), (1.2, 0.4)])
    for side, shown in ((1.0, left), (-1.0, right)):
        if not shown:
            continue
        # The branch leaves the shaft at 45 degrees, then runs across it into the head.
        branch = [
            [(bend - w, -w), (bend + w, -w), (bend + 0.75, 0.55), (bend + 0.35, 0.55)],
            [(bend + 0.0, 0.5), (bend + 1.1, 0.5), (bend + 0.75, 1.25)],
        ]
        parts.extend([(x, side * y) for x, y in piece] for piece in branch)
    return parts


def _add_arrow(paint: Paint, geometry: NetworkGeometry, road: Road, item: RoadObject, name: str) -> None:
    position, heading, angle = _frame(geometry, road, item)
    # Exporters state the direction of stencils in several ways; arrows always point along the traffic.
    travel = heading + (np.pi if item.t_m > 0.0 else 0.0)
    if np.cos(angle - travel) < 0.0:
        angle += np.pi
    scale = (item.length_m or _ARROW_LENGTH_M) / _ARROW_LENGTH_M
    broad = max(scale, 0.5)
    c, s = np.cos(angle), np.sin(angle)
    for part in _arrow_parts(name):
        local = np.array(part) * np.array([scale, broad])
        xy = position[:2] + np.column_stack(
            [local[:, 0] * c - local[:, 1] * s, local[:, 0] * s + local[:, 1] * c]
        )
        fan = np.array([(0, i, i + 1) for i in range(1, len(part) - 1)])
        paint.add(SurfaceKind.MARKING, xy, np.full(len(xy), float(position[2])), fan)
