"""Lines along the borders of lanes: solid, broken, double, white, yellow."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
from jaxtyping import Bool, Float64

from drivegen.opendrive.evaluate import RoadCurve
from drivegen.opendrive.model import Lane, LaneSection, Road, RoadMark
from drivegen.opendrive.surfaces.builder import COLORS, YELLOW
from drivegen.opendrive.surfaces.lane_kinds import RAISED, lane_kind
from drivegen.opendrive.surfaces.paint import Paint, ribbon_triangles
from drivegen.opendrive.surfaces.surface import SurfaceKind

LINE_WIDTH_M = 0.15
"""Of lines whose width the file does not tell."""
_FROM_KERB_M = 0.2
_GONE_M = 0.3
"""A lane narrower than this has not opened yet; the line inside it would double the one outside."""
_JUNCTION_STEP_M = 1.0
_FAST_MPS = 60.0 / 3.6
_FAST_DASH_M = (6.0, 9.0)
"""Line and gap of broken lines on roads of 60 km/h and more, as painted in China; below, the next."""
_SLOW_DASH_M = (2.0, 4.0)
_BOLD_DASH_M = (3.0, 3.0)
"""Of bold broken lines, beside lanes that lead to exits or from entries (GB 5768.3-2009)."""

_PATTERNS: dict[str, tuple[tuple[float, bool], ...]] = {
    "solid": ((0.0, False),),
    "broken": ((0.0, True),),
    "solid solid": ((1.0, False), (-1.0, False)),
    "broken broken": ((1.0, True), (-1.0, True)),
    "solid broken": ((1.0, False), (-1.0, True)),
    "broken solid": ((1.0, True), (-1.0, False)),
}
"""Per line: its place in widths beside the border (positive: inside, at the centre lane left), if broken."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Stations:
    """A section evaluated once for all its lines."""

    s_m: Float64[np.ndarray, "n"]
    xy_m: Float64[np.ndarray, "n 2"]
    left: Float64[np.ndarray, "n 2"]
    z_m: Float64[np.ndarray, "n"]
    borders_m: dict[int, Float64[np.ndarray, "n"]]
    dash_m: tuple[float, float]
    """Line and gap of broken lines that are not bold."""


def add_lane_lines(paint: Paint, curve: RoadCurve, section_index: int) -> None:
    """Paints the road marks of one lane section."""
    section = curve.road.lane_sections[section_index]
    first, last = curve.section_range(section_index)
    if last - first < 0.05:
        return
    marks = [
        (lane, mark, first + mark.s_offset_m, last if after is None else min(first + after.s_offset_m, last))
        for lane in section.lanes
        for mark, after in zip_longest(lane.road_marks, lane.road_marks[1:])
        if mark.type in _PATTERNS
    ]
    marks = [m for m in marks if m[3] - m[2] > 0.05]
    if not marks:
        return
    edges = np.unique([station for _, _, start, stop in marks for station in (start, stop)])
    broken = [mark for _, mark, _, _ in marks if any(dashed for _, dashed in _PATTERNS[mark.type])]
    at = _evaluate(curve, section_index, edges, broken)
    for lane, mark, start, stop in marks:
        away = _beside_kerb(section, lane, alone=curve.road.junction is None)
        if away is not None:
            _add_mark(paint, at, lane, mark, (start, stop), away)


def _evaluate(
    curve: RoadCurve, section: int, edges: Float64[np.ndarray, "k"], broken: list[RoadMark]
) -> _Stations:
    first, last = curve.section_range(section)
    usual = _dashes(curve.road, first)
    parts = [curve.stations(section), edges]
    if curve.road.junction is not None:
        parts.append(np.arange(first, last, _JUNCTION_STEP_M))
    for dash, gap in dict.fromkeys(_dash_of(mark, usual) for mark in broken):
        starts = np.arange(np.floor(first / (dash + gap)), np.ceil(last / (dash + gap)) + 1) * (dash + gap)
        parts += [starts, starts + dash]
    s = np.concatenate(parts)
    s = np.unique(np.round(s[(s >= first) & (s <= last)], 6))
    xy, heading, _ = curve.reference(s)
    return _Stations(
        s_m=s,
        xy_m=xy,
        left=np.stack([-np.sin(heading), np.cos(heading)], axis=1),
        z_m=curve.elevation(s)[0],
        borders_m=curve.border_offsets(section, s),
        dash_m=usual,
    )


def dash_and_gap(road: Road, mark: RoadMark, s_m: float) -> tuple[float, float]:
    """Lengths in metres of a broken line's dashes and gaps, in the lane section that begins at a station.

    A dash begins at every station that is a multiple of their sum.
    """
    return _dash_of(mark, _dashes(road, s_m))


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
    paint: Paint, at: _Stations, lane: Lane, mark: RoadMark, between: tuple[float, float], away: float
) -> None:
    width = mark.width_m or LINE_WIDTH_M
    dash, gap = _dash_of(mark, at.dash_m)
    inside = -1.0 if lane.id > 0 else 1.0
    color = YELLOW if mark.color in {"yellow", "orange"} else COLORS[SurfaceKind.MARKING]
    rows = np.flatnonzero((at.s_m > between[0] - 1e-5) & (at.s_m < between[1] + 1e-5))
    if len(rows) < 2:
        return
    s = at.s_m[rows]
    open_here = _open(at, lane)[rows]
    for place, broken in _PATTERNS[mark.type]:
        shown = open_here[1:] & open_here[:-1]
        if broken:
            shown &= 0.5 * (s[1:] + s[:-1]) % (dash + gap) < dash
        t = at.borders_m[lane.id][rows] + inside * place * width
        t = t + away * (_FROM_KERB_M + width * (0.5 + abs(place)))
        sides = np.stack([t + width / 2.0, t - width / 2.0], axis=1)
        points = (at.xy_m[rows, None] + sides[:, :, None] * at.left[rows, None]).reshape(-1, 2)
        uvs = np.column_stack([np.repeat(s, 2), np.tile([width, 0.0], len(s))])
        triangles = ribbon_triangles(np.flatnonzero(shown))
        paint.add(SurfaceKind.MARKING, points, np.repeat(at.z_m[rows], 2), triangles, color=color, uvs=uvs)


def _dash_of(mark: RoadMark, usual: tuple[float, float]) -> tuple[float, float]:
    return _BOLD_DASH_M if mark.weight == "bold" else usual


def _dashes(road: Road, s_m: float) -> tuple[float, float]:
    limit = None
    for kind in road.types:
        if kind.s_m <= s_m + 1e-6 and kind.max_mps is not None:
            limit = kind.max_mps
    return _FAST_DASH_M if limit is not None and limit >= _FAST_MPS - 0.01 else _SLOW_DASH_M


def _open(at: _Stations, lane: Lane) -> Bool[np.ndarray, "n"]:
    """Where the lane outside the border is wide enough for the border to be one of its own."""
    outer = lane.id + (1 if lane.id > 0 else -1)
    if outer not in at.borders_m:
        return np.ones(len(at.s_m), dtype=bool)
    return np.abs(at.borders_m[outer] - at.borders_m[lane.id]) > _GONE_M
