"""Lines along the borders of lanes: solid, broken, double, white, yellow."""

from __future__ import annotations

from itertools import zip_longest

import numpy as np
from jaxtyping import Bool, Float64

from drivegen.opendrive.evaluate import RoadCurve
from drivegen.opendrive.model import Lane, LaneSection, Road, RoadMark
from drivegen.opendrive.surfaces.builder import COLORS, YELLOW
from drivegen.opendrive.surfaces.lane_kinds import RAISED, lane_kind
from drivegen.opendrive.surfaces.paint import Paint, ribbon_triangles
from drivegen.opendrive.surfaces.surface import SurfaceKind

_WIDTH_M = 0.15
_FROM_KERB_M = 0.2
_GONE_M = 0.3
"""A lane narrower than this has not opened yet; the line inside it would double the one outside."""
_JUNCTION_STEP_M = 1.0
_FAST_MPS = 60.0 / 3.6
_FAST_DASH_M = (6.0, 9.0)
"""Line and gap of broken lines on roads of 60 km/h and more, as painted in China; below, the next."""
_SLOW_DASH_M = (2.0, 4.0)

_PATTERNS: dict[str, tuple[tuple[float, bool], ...]] = {
    "solid": ((0.0, False),),
    "broken": ((0.0, True),),
    "solid solid": ((1.0, False), (-1.0, False)),
    "broken broken": ((1.0, True), (-1.0, True)),
    "solid broken": ((1.0, False), (-1.0, True)),
    "broken solid": ((1.0, True), (-1.0, False)),
}
"""Per line: its place in widths beside the border (positive: inside, at the centre lane left), if broken."""


def add_lane_lines(paint: Paint, curve: RoadCurve, section_index: int) -> None:
    """Paints the road marks of one lane section."""
    section = curve.road.lane_sections[section_index]
    first, last = curve.section_range(section_index)
    if last - first < 0.05:
        return
    base = curve.stations(section_index)
    if curve.road.junction is not None:
        base = np.union1d(base, np.arange(first, last, _JUNCTION_STEP_M))
    for lane in section.lanes:
        marks = lane.road_marks
        for mark, following in zip_longest(marks, marks[1:]):
            start = first + mark.s_offset_m
            stop = last if following is None else min(first + following.s_offset_m, last)
            shift = _beside_kerb(section, lane, alone=curve.road.junction is None)
            if mark.type in _PATTERNS and stop - start > 0.05 and shift is not None:
                _add_mark(paint, curve, section_index, lane, mark, (start, stop), base, shift)


def _beside_kerb(section: LaneSection, lane: Lane, alone: bool) -> float | None:
    """Direction (in t) away from a kerb at the lane's outer border; None between two kerbs."""
    outward = 1 if lane.id > 0 else -1
    outer = section.lane(lane.id + outward) if lane.id != 0 else section.lane(-1)
    inner = lane if lane.id != 0 else section.lane(1)
    # Outside junctions the kerb of another road may begin where the road ends.
    outer_high = alone if outer is None else lane_kind(section, outer) in RAISED
    inner_high = alone if inner is None else lane_kind(section, inner) in RAISED
    if outer_high and inner_high:
        return None
    if outer_high:
        return -float(outward) if lane.id != 0 else 1.0
    if inner_high:
        return float(outward) if lane.id != 0 else -1.0
    return 0.0


def _add_mark(
    paint: Paint,
    curve: RoadCurve,
    section: int,
    lane: Lane,
    mark: RoadMark,
    between: tuple[float, float],
    base: Float64[np.ndarray, "n"],
    away: float,
) -> None:
    width = mark.width_m or _WIDTH_M
    dash, gap = _dashes(curve.road, between[0])
    inside = -1.0 if lane.id > 0 else 1.0
    color = YELLOW if mark.color in {"yellow", "orange"} else COLORS[SurfaceKind.MARKING]
    for place, broken in _PATTERNS[mark.type]:
        stations = np.concatenate([base[(base > between[0]) & (base < between[1])], between])
        if broken:
            starts = np.arange(np.floor(between[0] / (dash + gap)), np.ceil(between[1] / (dash + gap)) + 1)
            edges = np.concatenate([starts * (dash + gap), starts * (dash + gap) + dash])
            stations = np.concatenate([stations, edges[(edges > between[0]) & (edges < between[1])]])
        stations = np.unique(np.round(stations, 6))
        if len(stations) < 2:
            continue
        middle = 0.5 * (stations[1:] + stations[:-1])
        shown = (middle % (dash + gap) < dash) if broken else np.ones(len(middle), dtype=bool)
        shown &= _open(curve, section, lane, middle)
        border = curve.border_offsets(section, stations)[lane.id]
        t = border + inside * place * width + away * (_FROM_KERB_M + width * (0.5 + abs(place)))
        xy, heading, _ = curve.reference(stations)
        normal = np.stack([-np.sin(heading), np.cos(heading)], axis=1)
        sides = np.stack([t + width / 2.0, t - width / 2.0], axis=1)
        points = (xy[:, None] + sides[:, :, None] * normal[:, None]).reshape(-1, 2)
        z = np.repeat(curve.elevation(stations)[0], 2)
        uvs = np.column_stack([np.repeat(stations, 2), np.tile([width, 0.0], len(stations))])
        triangles = ribbon_triangles(np.flatnonzero(shown))
        paint.add(SurfaceKind.MARKING, points, z, triangles, color=color, uvs=uvs)


def _dashes(road: Road, s_m: float) -> tuple[float, float]:
    limit = None
    for kind in road.types:
        if kind.s_m <= s_m + 1e-6 and kind.max_mps is not None:
            limit = kind.max_mps
    return _FAST_DASH_M if limit is not None and limit >= _FAST_MPS - 0.01 else _SLOW_DASH_M


def _open(curve: RoadCurve, section: int, lane: Lane, s: Float64[np.ndarray, "n"]) -> Bool[np.ndarray, "n"]:
    """Where the lane outside the border is wide enough for the border to be one of its own."""
    outward = 1 if lane.id > 0 else -1
    sides = (lane.id + outward,) if lane.id != 0 else (-1,)
    out = np.ones(len(s), dtype=bool)
    for side in sides:
        if curve.road.lane_sections[section].lane(side) is not None:
            out &= curve.width(section, side, s)[0] > _GONE_M
    return out
