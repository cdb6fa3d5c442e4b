"""The faces of Chinese signs after the forms of GB 5768.2: outline, colours, pictogram or text of each.

A disc is 1.0 m across and the side of a triangle 1.15 m, as on fast urban roads: large enough to be read at
30 m in a camera of 1280 pixels and 90 degrees.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from shapely.geometry.base import BaseGeometry

from drivegen.embedded.assets.panels import boards
from drivegen.embedded.assets.panels import pictograms as p
from drivegen.embedded.assets.panels.drawing import (
    bar,
    disc,
    mirrored,
    moved,
    rectangle,
    text_shape,
    triangle,
    union,
)
from drivegen.embedded.assets.panels.panel import BLACK, BLUE, GREEN, RED, WHITE, YELLOW, Color, Panel
from drivegen.embedded.assets.panels.strokes import writable
from drivegen.opendrive.sign_faces import SignFace as F

DISC_M = 0.50
"""Radius."""
SIDE_M = 1.15
"""Of a triangle."""
SQUARE_M = 0.90
MOST_LETTERS = 6
"""Of a number on a plate; what a map has more is left out."""
_Layers = tuple[tuple[BaseGeometry, Color], ...]


@lru_cache(maxsize=512)
def panel_of(face: F, text: str = "") -> Panel:
    """The panel of a face with a text; characters for which there are no strokes are left out."""
    text = writable(text)[:MOST_LETTERS] if face not in boards.BOARDS else text
    if face in boards.BOARDS:
        return boards.BOARDS[face](text)
    if face in _WARNINGS:
        return _warning(_WARNINGS[face]())
    if face in _MANDATORY:
        return _mandatory(_MANDATORY[face]())
    return _OTHERS[face](text)


def _warning(sign: BaseGeometry | _Layers, scale: float = 0.31) -> Panel:
    """A yellow triangle; the pictogram sits in its lower two thirds."""
    outline = triangle(SIDE_M, 0.05)
    layers: list[tuple[BaseGeometry, Color]] = [
        (outline, YELLOW),
        (outline.buffer(-0.012), BLACK),
        (
            triangle(SIDE_M, 0.05).buffer(-0.074, join_style="mitre").buffer(-0.02).buffer(0.02, quad_segs=2),
            YELLOW,
        ),
    ]
    marks = ((sign, BLACK),) if isinstance(sign, BaseGeometry) else sign
    layers += [(moved(mark, 0.0, -0.135, scale), color) for mark, color in marks]
    return Panel(outline=outline, layers=tuple(layers))


def _signal_ahead() -> _Layers:
    board, red, yellow, green = p.lens_board()
    return ((board, BLACK), (red, RED), (yellow, (250, 232, 120)), (green, GREEN))


_WARNINGS: dict[F, Callable[[], BaseGeometry | _Layers]] = {
    F.CROSSROADS: p.crossroads,
    F.T_JUNCTION: p.t_junction,
    F.SIDE_ROAD_LEFT: p.side_road,
    F.SIDE_ROAD_RIGHT: lambda: mirrored(p.side_road()),
    F.CURVE_LEFT: p.curve,
    F.CURVE_RIGHT: lambda: mirrored(p.curve()),
    F.DOUBLE_CURVE: p.double_curve,
    F.ROAD_NARROWS: p.narrowing,
    F.TWO_WAY: p.opposing,
    F.PEDESTRIANS: lambda: union(p.walker(), moved(p.stripes(), 0.0, -0.10)),
    F.CHILDREN: lambda: moved(p.children(), 0.0, -0.12, 1.1),
    F.SIGNALS_AHEAD: _signal_ahead,
    F.SLIPPERY: p.slipping_car,
    F.UNEVEN: lambda: moved(p.bumps(), 0.0, -0.1, 1.05),
    F.BICYCLES: lambda: moved(p.bicycle(), 0.0, -0.15, 1.15),
    F.MERGE: p.merging,
    F.ROADWORKS: lambda: moved(p.worker(), 0.0, 0.0, 1.1),
    F.SLOW: lambda: text_shape("慢", 1.75, (0.0, -0.1), weight=0.072),
    F.DANGER: p.bang,
}


def _mandatory(mark: BaseGeometry) -> Panel:
    outline = disc(DISC_M)
    return Panel(
        outline=outline,
        layers=((outline, WHITE), (disc(DISC_M - 0.018), BLUE), (moved(mark, scale=DISC_M * 0.74), WHITE)),
    )


_MANDATORY: dict[F, Callable[[], BaseGeometry]] = {
    F.STRAIGHT: p.straight_arrow,
    F.LEFT: p.left_arrow,
    F.RIGHT: lambda: mirrored(p.left_arrow()),
    F.STRAIGHT_LEFT: p.ahead_and_left,
    F.STRAIGHT_RIGHT: lambda: mirrored(p.ahead_and_left()),
    F.KEEP_LEFT: p.down_left,
    F.KEEP_RIGHT: lambda: mirrored(p.down_left()),
    F.ROUNDABOUT: p.circling,
    F.PEDESTRIAN_STREET: lambda: moved(p.walker(), 0.0, 0.02, 1.02),
    F.BICYCLE_LANE: lambda: moved(p.bicycle(), 0.0, 0.0, 1.08),
    F.MOTOR_LANE: lambda: moved(p.car_front(), 0.0, 0.03, 1.0),
}


def _ring(mark: BaseGeometry | None, *, slash: bool = True, ground: Color = WHITE) -> Panel:
    """A red ring; what is forbidden is black, the bar runs over it from upper left to lower right."""
    outline = disc(DISC_M)
    inner = disc(DISC_M - 0.098)
    layers: list[tuple[BaseGeometry, Color]] = [
        (outline, WHITE),
        (disc(DISC_M - 0.010), RED),
        (inner, ground),
    ]
    if mark is not None:
        layers.append((moved(mark, scale=0.36).intersection(inner), BLACK))
    if slash:
        layers.append((bar([(-0.31, 0.31), (0.31, -0.31)], 0.068).intersection(disc(DISC_M - 0.09)), RED))
    return Panel(outline=outline, layers=tuple(layers))


def _parking(crossed: bool) -> Panel:
    outline = disc(DISC_M)
    bars = [bar([(-0.32, 0.32), (0.32, -0.32)], 0.088)]
    if crossed:
        bars.append(mirrored(bars[0]))
    layers: _Layers = (
        (outline, WHITE),
        (disc(DISC_M - 0.010), RED),
        (disc(DISC_M - 0.092), BLUE),
        (union(*bars).intersection(disc(DISC_M - 0.05)), RED),
    )
    return Panel(outline=outline, layers=layers)


def _number(text: str, unit: str = "") -> BaseGeometry:
    """Digits in the unit square of a ring."""
    height = 1.0 if unit else 1.16
    narrow = 0.80 if len(text) > 2 else 0.95
    number = text_shape(
        text, height, (-0.16 if unit else 0.0, 0.0), weight=0.185, squeeze=narrow, widest=1.74
    )
    if not unit or number.is_empty:
        return number  # empty where the map gives none: a plate without a number
    right = number.bounds[2] + 0.14
    return union(number, text_shape(unit, 0.62, (right + 0.20, -0.19), weight=0.20))


def _limit(text: str, *, end: bool = False) -> Panel:
    if not end:
        return _ring(_number(text), slash=False)
    outline = disc(DISC_M)
    inner = disc(DISC_M - 0.05)
    lines = union(
        *(moved(rectangle(0.92, 0.020, (0.0, y)), turn_deg=45.0) for y in (-0.10, -0.05, 0.0, 0.05, 0.10))
    )
    layers: _Layers = (
        (outline, WHITE),
        (disc(DISC_M - 0.010), BLACK),
        (inner, WHITE),
        (moved(_number(text), scale=0.36), BLACK),
        (lines.intersection(inner), BLACK),
    )
    return Panel(outline=outline, layers=layers)


def _gauge(text: str, *, tall: bool) -> Panel:
    """A limit of height or width: the number between two wedges."""
    wedge = moved(triangle(0.66), 0.0, -0.80, 0.62)
    wedges = union(wedge, moved(wedge, turn_deg=180.0))
    if not tall:
        wedges = moved(wedges, turn_deg=90.0)
    number = moved(_number(text, "m"), scale=0.86 if tall else 0.72)
    return _ring(union(number, moved(wedges, scale=1.10)), slash=False)


def _stop(text: str) -> Panel:
    del text
    outline = moved(disc(DISC_M * 1.04, sides=8))
    layers: _Layers = (
        (outline, WHITE),
        (outline.buffer(-0.026, join_style="mitre"), RED),
        (text_shape("停", 0.62, (0.0, 0.0), weight=0.082), WHITE),
    )
    return Panel(outline=outline, layers=layers)


def _yield(text: str) -> Panel:
    del text
    outline = triangle(SIDE_M, 0.05, down=True)
    layers: _Layers = (
        (outline, WHITE),
        (outline.buffer(-0.010), RED),
        (outline.buffer(-0.105, join_style="mitre").buffer(-0.02).buffer(0.02, quad_segs=2), WHITE),
        (text_shape("让", 0.32, (0.0, 0.135), weight=0.125), BLACK),
    )
    return Panel(outline=outline, layers=layers)


def _no_entry(text: str) -> Panel:
    del text
    outline = disc(DISC_M)
    layers: _Layers = ((outline, WHITE), (disc(DISC_M - 0.010), RED), (rectangle(0.72, 0.17), WHITE))
    return Panel(outline=outline, layers=layers)


def _min_speed(text: str) -> Panel:
    outline = disc(DISC_M)
    layers: _Layers = (
        (outline, WHITE),
        (disc(DISC_M - 0.018), BLUE),
        (moved(_number(text), scale=0.38), WHITE),
    )
    return Panel(outline=outline, layers=layers)


def _square(
    mark: BaseGeometry, ground: Color = BLUE, width: float = SQUARE_M, height: float = SQUARE_M
) -> Panel:
    outline = rectangle(width, height, corner=0.05)
    layers: _Layers = (
        (outline, WHITE),
        (rectangle(width - 0.036, height - 0.036, corner=0.04), ground),
        (mark, WHITE),
    )
    return Panel(outline=outline, layers=layers)


def _crossing(text: str) -> Panel:
    """White triangle on blue with a person on the stripes."""
    del text
    outline = rectangle(SQUARE_M, SQUARE_M, corner=0.05)
    layers: _Layers = (
        (outline, WHITE),
        (rectangle(SQUARE_M - 0.036, SQUARE_M - 0.036, corner=0.04), BLUE),
        (moved(triangle(0.80), 0.0, 0.0), WHITE),
        (moved(union(p.walker(), moved(p.stripes(), 0.0, -0.14)), 0.0, -0.09, 0.205), BLACK),
    )
    return Panel(outline=outline, layers=layers)


def _one_way(turn_deg: float) -> Panel:
    mark = moved(p.straight_arrow(), scale=0.38, turn_deg=turn_deg)
    if turn_deg == 0.0:
        return _square(mark)
    return _square(mark, BLUE, 1.1, 0.55) if abs(turn_deg) == 90.0 else _square(mark)


def _plain(text: str) -> Panel:
    del text
    outline = rectangle(0.62, 0.62, corner=0.04)
    layers: _Layers = (
        (outline, WHITE),
        (rectangle(0.584, 0.584, corner=0.03), BLUE),
        (rectangle(0.08, 0.36), WHITE),
    )
    return Panel(outline=outline, layers=layers)


def _fixed(panel: Callable[[], Panel]) -> Callable[[str], Panel]:
    return lambda _: panel()


_OTHERS: dict[F, Callable[[str], Panel]] = {
    F.PLAIN: _plain,
    F.STOP: _stop,
    F.YIELD: _yield,
    F.NO_ENTRY: _no_entry,
    F.NO_THROUGH: _fixed(lambda: _ring(None, slash=False)),
    F.NO_MOTOR_VEHICLES: _fixed(lambda: _ring(p.car_front())),
    F.NO_TRUCKS: _fixed(lambda: _ring(moved(p.truck(), 0.0, 0.0, 1.08))),
    F.NO_BICYCLES: _fixed(lambda: _ring(moved(p.bicycle(), 0.0, 0.0, 1.05))),
    F.NO_PEDESTRIANS: _fixed(lambda: _ring(p.walker())),
    F.NO_LEFT_TURN: _fixed(lambda: _ring(p.left_turn())),
    F.NO_RIGHT_TURN: _fixed(lambda: _ring(mirrored(p.left_turn()))),
    F.NO_STRAIGHT: _fixed(lambda: _ring(moved(p.straight_arrow(), scale=0.92))),
    F.NO_U_TURN: _fixed(lambda: _ring(p.u_turn())),
    F.NO_STOPPING: _fixed(lambda: _parking(True)),
    F.NO_PARKING: _fixed(lambda: _parking(False)),
    F.NO_HORN: _fixed(lambda: _ring(p.horn())),
    F.WIDTH_LIMIT: lambda text: _gauge(text, tall=False),
    F.HEIGHT_LIMIT: lambda text: _gauge(text, tall=True),
    F.WEIGHT_LIMIT: lambda text: _ring(_number(text, "t"), slash=False),
    F.SPEED_LIMIT: _limit,
    F.SPEED_LIMIT_END: lambda text: _limit(text, end=True),
    F.MIN_SPEED: _min_speed,
    F.ONE_WAY: _fixed(lambda: _one_way(0.0)),
    F.ONE_WAY_LEFT: _fixed(lambda: _one_way(90.0)),
    F.ONE_WAY_RIGHT: _fixed(lambda: _one_way(-90.0)),
    F.CROSSING: _crossing,
    F.BUS_LANE: _fixed(lambda: _square(moved(p.bus(), 0.0, 0.02, 0.39))),
    F.PARKING: _fixed(lambda: _square(text_shape("P", 0.58, weight=0.19))),
}
