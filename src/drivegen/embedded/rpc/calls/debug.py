"""Calls that draw shapes to look at."""

from __future__ import annotations

import numpy as np

from drivegen.embedded.rpc.session import Session
from drivegen.embedded.wire.debug import (
    ArrowShape,
    BoxShape,
    DebugShape,
    LineShape,
    PointShape,
    Primitive,
    read_primitive,
)
from drivegen.embedded.wire.frames import pose_of, vector_of
from drivegen.embedded.wire.values import Transform
from drivegen.embedded.world.debug_shapes import (
    MOST_ROWS,
    PX_PER_SIZE,
    Layer,
    arrow_rows,
    box_rows,
    line_rows,
    text_rows,
)


def draw_debug_shape(session: Session, shape: DebugShape) -> None:
    """Draws a shape for RGB cameras; strings and HUD shapes too, which CARLA shows in its window alone."""
    world = session.world
    primitive, hud = read_primitive(shape.primitive)
    rows, layer = _rows(primitive, (shape.color.r, shape.color.g, shape.color.b), hud)
    dropped = world.debug.dropped
    world.debug.add(rows, layer, shape.life_time, frame=world.frame, now_ns=round(world.elapsed_s * 1e9))
    if world.debug.dropped != dropped:
        session.simulation.warn(
            f"more than {MOST_ROWS} debug strokes and letters are drawn: the oldest go. "
            "Give them a life_time above 0, or call clear_debug_shape"
        )


def clear_debug_shape(session: Session) -> None:
    """Forgets points, lines, arrows and boxes."""
    session.world.debug.clear_shapes()


def clear_debug_string(session: Session) -> None:
    """Forgets strings and HUD shapes."""
    session.world.debug.clear_texts()


def _rows(primitive: Primitive, rgb: tuple[int, int, int], hud: bool) -> tuple[np.ndarray, Layer]:
    layer = Layer.HUD if hud else Layer.WORLD
    if isinstance(primitive, PointShape):
        at = vector_of(primitive.location)
        pixels = max(primitive.size * (1.0 if hud else PX_PER_SIZE), 1.0)
        return line_rows(at, at, -pixels, rgb), layer
    if isinstance(primitive, LineShape):
        begin, end = vector_of(primitive.begin), vector_of(primitive.end)
        return line_rows(begin, end, _width(primitive.thickness, hud), rgb), layer
    if isinstance(primitive, ArrowShape):
        line = primitive.line
        width = _width(line.thickness, hud)
        rows = arrow_rows(vector_of(line.begin), vector_of(line.end), width, abs(primitive.arrow_size), rgb)
        return rows, layer
    if isinstance(primitive, BoxShape):
        pose = pose_of(Transform(location=primitive.box.location, rotation=primitive.rotation))
        extent = primitive.box.extent
        half = np.array([extent.x, extent.y, extent.z])
        return box_rows(pose.matrix, half, _width(primitive.thickness, hud), rgb), layer
    at = vector_of(primitive.location)
    return text_rows(primitive.text, at, rgb, shadow=primitive.draw_shadow), Layer.TEXT


def _width(thickness: float, hud: bool) -> float:
    """In metres; in the HUD pixels, which are below 0."""
    return -max(thickness, 1.0) if hud else max(thickness, 0.0)
