"""osi3.LaneBoundary of lanes' borders: paint, kerbs, or neither (ASAM OSI 3.8, osi_lane.proto).

Borders have the number of the lane whose outer border they are; 0 lies between left and right lanes. Left and
right are seen along the road's reference line, in whose direction all points run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float64
from osi3.osi_lane_pb2 import LaneBoundary

from drivegen.opendrive.evaluate import RoadCurve
from drivegen.opendrive.model import LaneSection, RoadMark
from drivegen.opendrive.surfaces.lane_kinds import KERB_HEIGHT_M, RAISED, lane_kind
from drivegen.opendrive.surfaces.lane_lines import LINE_WIDTH_M, dash_and_gap

SHORTEST_M = 0.05
"""Stretches of a road that are shorter are left out."""
_SAME_M = 1e-3

_Kind = LaneBoundary.Classification
_Dash = LaneBoundary.BoundaryPoint

_PAINT = {"solid": _Kind.TYPE_SOLID_LINE, "broken": _Kind.TYPE_DASHED_LINE}
_NO_PAINT = {"curb": _Kind.TYPE_CURB, "edge": _Kind.TYPE_ROAD_EDGE, "grass": _Kind.TYPE_GRASS_EDGE}
_COLOR = {
    "standard": _Kind.COLOR_WHITE,
    "white": _Kind.COLOR_WHITE,
    "yellow": _Kind.COLOR_YELLOW,
    "red": _Kind.COLOR_RED,
    "blue": _Kind.COLOR_BLUE,
    "green": _Kind.COLOR_GREEN,
    "violet": _Kind.COLOR_VIOLET,
    "orange": _Kind.COLOR_ORANGE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What one of the two lanes at a border has there."""

    type: int
    """LaneBoundary.Classification.Type."""
    color: int = _Kind.COLOR_NONE
    width_m: float = 0.0
    height_m: float = 0.0
    dash_m: tuple[float, float] | None = None
    """Line and gap of a broken line."""
    beside_m: float = 0.0
    """From the border to the left: the lines of a double one lie on both sides of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A border between two stations, along which nothing changes."""

    first_m: float
    last_m: float
    left: Line
    """Of the lane on the left."""
    right: Line
    """Of the lane on the right."""


def stretches(curve: RoadCurve, index: int, border: int) -> Iterator[Stretch]:
    """A border of a lane section, cut where its road mark changes."""
    section = curve.road.lane_sections[index]
    first, last = curve.section_range(index)
    lane = section.lane(border)
    marks = sorted(lane.road_marks, key=lambda m: m.s_offset_m) if lane is not None else []
    begins: list[tuple[float, RoadMark | None]] = [(first, None), *((first + m.s_offset_m, m) for m in marks)]
    ends = [begin for begin, _ in begins[1:]] + [last]
    for (begin, mark), end in zip(begins, ends, strict=True):
        if min(end, last) - begin > SHORTEST_M:
            left, right = _lines(curve, section, border, mark, first)
            yield Stretch(first_m=begin, last_m=min(end, last), left=left, right=right)


def boundary(curve: RoadCurve, index: int, border: int, stretch: Stretch, line: Line) -> Any:
    """The message of one of a stretch's lines, without its id."""
    s, dash = _points(curve, index, stretch, line)
    places = curve.points(s, curve.border_offsets(index, s)[border] + line.beside_m)
    message = LaneBoundary()
    message.classification.type = line.type
    message.classification.color = line.color
    for place, state in zip(places, dash, strict=True):
        point = message.boundary_line.add(width=line.width_m, height=line.height_m)
        point.position.x, point.position.y, point.position.z = (float(v) for v in place)
        if line.dash_m is not None:
            point.dash = state
    return message


def _lines(
    curve: RoadCurve, section: LaneSection, border: int, mark: RoadMark | None, first_m: float
) -> tuple[Line, Line]:
    """Of the lane on the left and of that on the right."""
    if mark is None or mark.type == "none":
        line = _unpainted(section, border)
        return line, line
    words = mark.type.split()
    if len(words) > 2 or any(word not in _PAINT for word in words):
        height_m = KERB_HEIGHT_M if mark.type == "curb" else 0.0
        line = Line(type=_NO_PAINT.get(mark.type, _Kind.TYPE_OTHER), height_m=height_m)
        return line, line
    width_m = mark.width_m or LINE_WIDTH_M
    dash_m = dash_and_gap(curve.road, mark, first_m)
    # OpenDRIVE tells double lines from the inside out, those of the centre lane from left to right.
    painted = [
        Line(
            type=_PAINT[word],
            color=_COLOR.get(mark.color, _Kind.COLOR_OTHER),
            width_m=width_m,
            dash_m=dash_m if word == "broken" else None,
            beside_m=width_m * side if len(words) == 2 else 0.0,
        )
        for word, side in zip(words if border <= 0 else words[::-1], (1.0, -1.0), strict=False)
    ]
    return painted[0], painted[-1]


def _unpainted(section: LaneSection, border: int) -> Line:
    """The road's edge, a kerb where a raised lane meets another, or nothing at all."""
    sides = (section.lane(border + (border >= 0)), section.lane(border - (border <= 0)))
    raised = {lane_kind(section, lane) in RAISED for lane in sides if lane is not None}
    if None in sides:
        return Line(type=_Kind.TYPE_ROAD_EDGE)
    if len(raised) == 2:
        return Line(type=_Kind.TYPE_CURB, height_m=KERB_HEIGHT_M)
    return Line(type=_Kind.TYPE_NO_LINE)


def _points(
    curve: RoadCurve, index: int, stretch: Stretch, line: Line
) -> tuple[Float64[np.ndarray, "n"], list[int]]:
    """Stations of a line's points, among them the ends of all dashes, and `BoundaryPoint.Dash` of each."""
    first, last = stretch.first_m, stretch.last_m
    inner = [curve.stations(index)]
    if line.dash_m is not None:
        dash, period = line.dash_m[0], sum(line.dash_m)
        starts = np.arange(np.floor(first / period), np.ceil(last / period) + 1.0) * period
        inner += [starts, starts + dash]
    between = np.concatenate(inner)
    between = between[(between > first + _SAME_M) & (between < last - _SAME_M)]
    s = np.unique(np.round(np.concatenate([[first], between, [last]]), 6))
    if line.dash_m is None:
        return s, [_Dash.DASH_UNKNOWN] * len(s)
    painted = 0.5 * (s[1:] + s[:-1]) % period < dash
    before, after = np.append(False, painted), np.append(painted, False)
    states = {
        (False, True): _Dash.DASH_START,
        (True, True): _Dash.DASH_CONTINUE,
        (True, False): _Dash.DASH_END,
        (False, False): _Dash.DASH_GAP,
    }
    return s, [states[bool(b), bool(a)] for b, a in zip(before, after, strict=True)]
