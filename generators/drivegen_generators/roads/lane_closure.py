"""Closes the outermost or the innermost lane of a one-way road for a stretch.

The lane narrows to nothing beside a strip of type roadWorks that takes its room, and leads into its
neighbour; where the closure ends it opens again. The asphalt stays as wide as it was.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

from drivegen.opendrive.model import Cubic, Lane, LaneSection, LaneType, Road, RoadMark
from drivegen_generators.roads.strips import WidthProfile, outermost_driving, sections_within, split

_LAST_M = 0.04
"""Width that a lane ends and begins with: checkers want no links at a width of nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """Stations of a closed lane."""

    outer: bool
    """The rightmost lane; else the leftmost."""
    narrows_m: float
    """Here the lane begins to narrow."""
    gone_m: float
    opens_m: float
    open_m: float
    """Here it is as wide as before."""


def plain_lanes(road: Road, start_m: float, end_m: float) -> int:
    """Driving lanes of a stretch of one lane section; 0 where there is a change of sections."""
    if start_m < 0.0 or end_m > road.length_m:
        return 0
    index = road.section_at(start_m)
    if index != road.section_at(end_m):
        return 0
    return -outermost_driving(road.lane_sections[index])


def close_lane(road: Road, closure: Closure) -> Road:
    """The road with the lane closed. The stretch has at least two driving lanes and lies in one section."""
    stops = (closure.narrows_m, closure.gone_m, closure.opens_m, closure.open_m)
    made = split(road, stops)
    before, shut, after = (sections_within(made, a, b)[0] for a, b in pairwise(stops))
    lanes = made.lane_sections[before]
    closed = outermost_driving(lanes) if closure.outer else -1
    beside = closed + 1 if closure.outer else closed - 1
    shifted = {before, after}

    def renamed(index: int, lane: int) -> int:
        first = closed - 1 if closure.outer else closed
        return lane - 1 if index in shifted and lane <= first else lane

    sections = list(made.lane_sections)
    for i, section in enumerate(sections):
        sections[i] = replace(
            section,
            lanes=tuple(
                replace(
                    v,
                    id=renamed(i, v.id),
                    predecessor=renamed(i - 1, v.predecessor) if v.predecessor is not None else None,
                    successor=renamed(i + 1, v.successor) if v.successor is not None else None,
                )
                for v in section.lanes
            ),
        )
    strip = closed - 1 if closure.outer else closed
    lane_there = closed if closure.outer else closed - 1
    sections[before] = _narrowing(
        sections[before], lane_there, strip, closed, (closure.narrows_m, closure.gone_m), narrows=True
    )
    sections[before] = _linked(sections[before], lane_there, successor=beside)
    sections[shut] = _shut(sections[shut], closed, beside if closure.outer else closed, strip)
    sections[after] = _narrowing(
        sections[after], lane_there, strip, closed, (closure.opens_m, closure.open_m), narrows=False
    )
    sections[after] = _linked(sections[after], lane_there, predecessor=None)
    return replace(made, lane_sections=tuple(sections))


def _narrowing(
    section: LaneSection,
    lane: int,
    strip: int,
    closed: int,
    stretch_m: tuple[float, float],
    *,
    narrows: bool,
) -> LaneSection:
    """With the strip beside a lane that goes to nothing or comes from it."""
    found = section.lane(lane)
    assert found is not None
    width = found.widths[0].a
    knots = ((stretch_m[0], width), (stretch_m[1], _LAST_M))
    if not narrows:
        knots = ((stretch_m[0], _LAST_M), (stretch_m[1], width))
    own = WidthProfile(knots_m=knots).cubic(stretch_m[0])
    outer = strip < lane
    kerb_marks = found.road_marks if outer else ()
    made = Lane(
        id=strip,
        type=LaneType.ROADWORKS,
        widths=(Cubic(s_m=0.0, a=width - own.a, c=-own.c, d=-own.d),),
        road_marks=kerb_marks,
        predecessor=None if narrows else closed,
        successor=closed if narrows else None,
    )
    marks = (_no_mark(),) if outer else found.road_marks
    lanes = [replace(v, widths=(own,), road_marks=marks) if v.id == lane else v for v in section.lanes]
    return replace(section, lanes=tuple(sorted([*lanes, made], key=lambda v: -v.id)))


def _linked(section: LaneSection, lane: int, **links: int | None) -> LaneSection:
    lanes = tuple(replace(v, **links) if v.id == lane else v for v in section.lanes)  # type: ignore[arg-type]
    return replace(section, lanes=lanes)


def _shut(section: LaneSection, closed: int, no_changes_over: int, strip: int) -> LaneSection:
    """The closed lane is no driving lane, and nobody changes onto it."""
    lanes = []
    for v in section.lanes:
        made = v
        if v.id == closed:
            made = replace(v, type=LaneType.ROADWORKS, predecessor=strip, successor=strip)
        if v.id == no_changes_over:
            made = replace(made, road_marks=tuple(replace(m, lane_change="none") for m in v.road_marks))
        lanes.append(made)
    return replace(section, lanes=tuple(lanes))


def _no_mark() -> RoadMark:
    return RoadMark(s_offset_m=0.0, type="none", color="white", lane_change="none")
