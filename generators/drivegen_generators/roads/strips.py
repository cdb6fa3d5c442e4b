"""Strips that are added to the right of a finished carriageway: bays, platforms, parking lanes.

All of it works on one-way roads whose driving lanes have negative ids. Roads come back with more lane
sections; lanes outside the strips keep their ids and links at both ends of the road.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from drivegen.opendrive.model import Cubic, Lane, LaneSection, LaneType, Road, RoadMark

_SAME_M = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class WidthProfile:
    """A width along a road: knots (s, width), between them eased with level ends; 0 beyond them."""

    knots_m: tuple[tuple[float, float], ...]

    @property
    def start_m(self) -> float:
        """First station."""
        return self.knots_m[0][0]

    @property
    def end_m(self) -> float:
        """Last station."""
        return self.knots_m[-1][0]

    def width_m(self, s_m: float) -> float:
        """At a station."""
        for (s0, w0), (s1, w1) in pairwise(self.knots_m):
            if s0 <= s_m <= s1:
                x = (s_m - s0) / (s1 - s0)
                return w0 + (w1 - w0) * (3.0 * x * x - 2.0 * x**3)
        return 0.0

    def cubic(self, s_m: float) -> Cubic:
        """From a knot on, with ds counted from it."""
        for (s0, w0), (s1, w1) in pairwise(self.knots_m):
            if abs(s0 - s_m) < _SAME_M:
                over, change = s1 - s0, w1 - w0
                return Cubic(s_m=0.0, a=w0, c=3.0 * change / over**2, d=-2.0 * change / over**3)
        return Cubic(s_m=0.0, a=0.0)

    def plus(self, more_m: float) -> WidthProfile:
        """Wider by a constant."""
        return WidthProfile(knots_m=tuple((s, w + more_m) for s, w in self.knots_m))


def bump(start_m: float, end_m: float, width_m: float, before_m: float, after_m: float) -> WidthProfile:
    """From nothing to a width and back, by tapers of given lengths inside the two stations."""
    knots = ((start_m, 0.0), (start_m + before_m, width_m), (end_m - after_m, width_m), (end_m, 0.0))
    return WidthProfile(knots_m=knots)


def split(road: Road, stations_m: Sequence[float]) -> Road:
    """The same road with lane sections that begin at the stations too."""
    sections = list(road.lane_sections)
    for s in sorted(stations_m):
        index = max(i for i, v in enumerate(sections) if v.s_m <= s + _SAME_M)
        here = sections[index]
        if abs(here.s_m - s) < _SAME_M or s <= 0.0 or s >= road.length_m - _SAME_M:
            continue
        first = tuple(replace(v, successor=v.id) if v.id else v for v in here.lanes)
        second = tuple(_later(v, s - here.s_m) for v in here.lanes)
        sections[index : index + 1] = [
            replace(here, lanes=tuple(_until(v, s - here.s_m) for v in first)),
            LaneSection(s_m=s, lanes=second, single_side=here.single_side),
        ]
    return replace(road, lane_sections=tuple(sections))


def _until(lane: Lane, ds: float) -> Lane:
    """What begins later belongs to the next section."""
    return replace(
        lane,
        widths=tuple(v for v in lane.widths if v.s_m < ds - _SAME_M),
        road_marks=tuple(v for v in lane.road_marks if v.s_offset_m < ds - _SAME_M),
        speeds=tuple(v for v in lane.speeds if v.s_offset_m < ds - _SAME_M),
    )


def _later(lane: Lane, ds: float) -> Lane:
    marks = [v for v in lane.road_marks if v.s_offset_m <= ds + _SAME_M][-1:]
    marks += [v for v in lane.road_marks if v.s_offset_m > ds + _SAME_M]
    speeds = [v for v in lane.speeds if v.s_offset_m <= ds + _SAME_M][-1:]
    speeds += [v for v in lane.speeds if v.s_offset_m > ds + _SAME_M]
    return replace(
        lane,
        widths=_shifted(lane.widths, ds),
        road_marks=tuple(replace(v, s_offset_m=max(v.s_offset_m - ds, 0.0)) for v in marks),
        speeds=tuple(replace(v, s_offset_m=max(v.s_offset_m - ds, 0.0)) for v in speeds),
        predecessor=lane.id if lane.id else None,
    )


def _shifted(widths: Sequence[Cubic], ds: float) -> tuple[Cubic, ...]:
    """The same profile counted from a later point."""
    before = [v for v in widths if v.s_m <= ds + _SAME_M][-1:]
    after = [replace(v, s_m=v.s_m - ds) for v in widths if v.s_m > ds + _SAME_M]
    return (*(_from(v, ds - v.s_m) for v in before), *after)


def _from(cubic: Cubic, x: float) -> Cubic:
    """A cubic counted from x, valid from 0."""
    a, b, c, d = cubic.a, cubic.b, cubic.c, cubic.d
    return Cubic(
        s_m=0.0,
        a=a + b * x + c * x * x + d * x**3,
        b=b + 2.0 * c * x + 3.0 * d * x * x,
        c=c + 3.0 * d * x,
        d=d,
    )


def sections_within(road: Road, start_m: float, end_m: float) -> list[int]:
    """Indexes of the lane sections between two stations at which sections begin."""
    return [i for i, v in enumerate(road.lane_sections) if start_m - _SAME_M <= v.s_m < end_m - _SAME_M]


def outermost_driving(section: LaneSection) -> int:
    """Id of the rightmost driving lane."""
    return min(v.id for v in section.lanes if v.type is LaneType.DRIVING and v.id < 0)


def edge_m(road: Road, s_m: float, through: Callable[[Lane], bool]) -> float:
    """t of the outer border of the last right lane that fits, counting all lanes up to it."""
    section = road.lane_sections[road.section_at(s_m)]
    offsets = [v for v in road.lane_offsets if v.s_m <= s_m + _SAME_M][-1:]
    t = _at(offsets[0], s_m - offsets[0].s_m) if offsets else 0.0
    out = t
    for lane in section.right:
        piece = [v for v in lane.widths if v.s_m <= s_m - section.s_m + _SAME_M][-1]
        t -= _at(piece, s_m - section.s_m - piece.s_m)
        if through(lane):
            out = t
    return out


def _at(cubic: Cubic, x: float) -> float:
    return cubic.a + cubic.b * x + cubic.c * x * x + cubic.d * x**3


def driving_edge_m(road: Road, s_m: float) -> float:
    """t of the outer border of the driving lanes."""
    return edge_m(road, s_m, lambda lane: lane.type is LaneType.DRIVING)


def add_strip(road: Road, kind: LaneType, profile: WidthProfile, *, line: str, mark: str) -> Road:
    """A strip right of the driving lanes, where the profile has one; all beyond it moves outwards.

    Args:
        road: one-way; the profile lies inside it.
        kind: of the strip.
        profile: its width.
        line: mark between the driving lanes and the strip.
        mark: at the strip's outer border.
    """
    made = split(road, [s for s, _ in profile.knots_m])
    inside = sections_within(made, profile.start_m, profile.end_m)
    outer = {i: outermost_driving(made.lane_sections[i]) for i in inside}

    def renamed(index: int, lane: int) -> int:
        return lane if index not in outer or lane >= outer[index] else lane - 1

    sections = list(made.lane_sections)
    for i, section in enumerate(sections):
        lanes = [
            replace(
                v,
                id=renamed(i, v.id),
                predecessor=renamed(i - 1, v.predecessor) if v.predecessor is not None else None,
                successor=renamed(i + 1, v.successor) if v.successor is not None else None,
                road_marks=_line(v.road_marks, line) if i in outer and v.id == outer[i] else v.road_marks,
            )
            for v in section.lanes
        ]
        if i in outer:
            lanes.append(
                Lane(
                    id=outer[i] - 1,
                    type=kind,
                    widths=(_from(*_piece(profile, section.s_m)),),
                    road_marks=(_mark(mark),),
                    predecessor=outer[i - 1] - 1 if i - 1 in outer else None,
                    successor=outer[i + 1] - 1 if i + 1 in outer else None,
                )
            )
        lanes.sort(key=lambda v: -v.id)
        sections[i] = replace(section, lanes=tuple(lanes))
    return _moved_outwards(road, replace(made, lane_sections=tuple(sections)), profile, driving_edge_m)


def _piece(profile: WidthProfile, s_m: float) -> tuple[Cubic, float]:
    start = max(s for s, _ in profile.knots_m if s <= s_m + _SAME_M)
    return profile.cubic(start), s_m - start


def widen(road: Road, kind: LaneType, profile: WidthProfile) -> Road:
    """The innermost right lane of a kind is wider by a profile; all beyond it moves outwards."""
    made = split(road, [s for s, _ in profile.knots_m])
    inside = set(sections_within(made, profile.start_m, profile.end_m))
    sections = []
    for i, section in enumerate(made.lane_sections):
        ids = [v.id for v in section.lanes if v.id < 0 and v.type is kind]
        chosen = max(ids) if ids and i in inside else None
        extra = _from(*_piece(profile, section.s_m)) if chosen is not None else None
        sections.append(
            replace(
                section,
                lanes=tuple(
                    replace(
                        v,
                        widths=_sum(v.widths, extra) if extra is not None else v.widths,
                    )
                    if v.id == chosen
                    else v
                    for v in section.lanes
                ),
            )
        )

    def border_m(before: Road, s_m: float) -> float:
        lanes = before.lane_sections[before.section_at(s_m)].lanes
        chosen = max((v.id for v in lanes if v.id < 0 and v.type is kind), default=-math.inf)
        return edge_m(before, s_m, lambda lane: lane.id >= chosen)

    return _moved_outwards(road, replace(made, lane_sections=tuple(sections)), profile, border_m)


def become(road: Road, kind: LaneType, other: LaneType, start_m: float, end_m: float) -> Road:
    """The innermost right lane of a kind is of another between two stations."""
    made = split(road, (start_m, end_m))
    turned = set(sections_within(made, start_m, end_m))
    sections = []
    for i, section in enumerate(made.lane_sections):
        chosen = max((v.id for v in section.lanes if v.id < 0 and v.type is kind), default=None)
        lanes = section.lanes
        if i in turned and chosen is not None:
            lanes = tuple(replace(v, type=other) if v.id == chosen else v for v in lanes)
        sections.append(replace(section, lanes=lanes))
    return replace(made, lane_sections=tuple(sections))


def _sum(widths: Sequence[Cubic], extra: Cubic) -> tuple[Cubic, ...]:
    """Pieces of a lane's width plus a cubic that begins with the section."""
    out = []
    for piece in widths:
        more = _from(extra, piece.s_m)
        out.append(
            replace(piece, a=piece.a + more.a, b=piece.b + more.b, c=piece.c + more.c, d=piece.d + more.d)
        )
    return tuple(out)


def _line(marks: Sequence[RoadMark], kind: str) -> tuple[RoadMark, ...]:
    first = marks[0] if marks else RoadMark(s_offset_m=0.0, type=kind, color="white", lane_change="none")
    return (replace(first, s_offset_m=0.0, type=kind, lane_change="none"),)


def _mark(kind: str) -> RoadMark:
    return RoadMark(s_offset_m=0.0, type=kind, color="white", lane_change="none")


def _moved_outwards(
    before: Road, after: Road, profile: WidthProfile, border_m: Callable[[Road, float], float]
) -> Road:
    """What stands beyond a border goes outwards with the kerb."""

    def moved(s_m: float, t_m: float) -> float:
        return t_m - profile.width_m(s_m) if t_m < border_m(before, s_m) - _SAME_M else t_m

    return replace(
        after,
        objects=tuple(replace(o, t_m=moved(o.s_m, o.t_m)) for o in before.objects),
        signals=tuple(replace(v, t_m=moved(v.s_m, v.t_m)) for v in before.signals),
    )
