"""Connecting roads: one for each movement through a junction."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from drivegen.core.errors import ConfigError
from drivegen.opendrive.model import (
    ContactPoint,
    Cubic,
    ElementKind,
    Lane,
    LaneLink,
    LaneSection,
    LaneType,
    LaneValidity,
    Road,
    RoadLink,
    RoadMark,
    RoadType,
    SignalReference,
)
from drivegen_generators.roads.arm import Arm, CrossSection, median_lane
from drivegen_generators.roads.fittings import ZEBRA_TO_EDGE_M, ZEBRA_WIDTH_M, speed_sign
from drivegen_generators.roads.islands import island_lane, meeting_point, wedge
from drivegen_generators.roads.plan_view import Path, biarc, fillet
from drivegen_generators.roads.turns import Lanes

_MOST_MPS = 40.0 / 3.6
U_TURN_MPS = 15.0 / 3.6
LEAST_U_TURN_M = 7.0
"""Radius of the lane's centre: what the client's Traffic Manager drives vans on."""
_U_TURN_AHEAD_M = 6.0
"""The bend begins so far inside the junction: rear wheels that cut in stay clear of the median."""
_LANE_LINE_M = 0.15
OPEN_AT_ZEBRA_M = ZEBRA_TO_EDGE_M + ZEBRA_WIDTH_M + 0.5
"""Nothing raised stands so far from an arm's edge inwards: people cross there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """A connecting road with the lanes that lead onto it."""

    road: Road
    incoming: int
    links: tuple[LaneLink, ...]


@dataclass(frozen=True, slots=True)
class Strip:
    """One lane of a connecting road."""

    kind: LaneType
    width_m: float
    into: int | None
    """Lane that leads onto it."""
    out_of: int | None
    """Lane that it leads onto."""
    to_m: float | None = None
    """Width at its end, where that differs."""


def connect(
    path: Path,
    strips: Sequence[Strip],
    *,
    road_id: int,
    name: str,
    junction: int,
    incoming: int,
    outgoing: int,
    speed_mps: float,
    signal: int | None = None,
    left: Lane | None = None,
) -> Movement:
    """A connecting road along a path, from the end of a road to the start of another.

    Args:
        path: left border of the first strip.
        strips: lanes -1, -2, ...
        road_id: of the connecting road.
        name: of it.
        junction: that it lies in.
        incoming: road that leads onto it.
        outgoing: road that it leads onto.
        speed_mps: its limit.
        signal: light that governs the lanes of the first strip's kind.
        left: lane +1, if any.
    """
    lanes = []
    for i, strip in enumerate(strips):
        slope = 0.0 if strip.to_m is None else (strip.to_m - strip.width_m) / path.length_m
        lanes.append(
            Lane(
                id=-1 - i,
                type=strip.kind,
                widths=(Cubic(s_m=0.0, a=strip.width_m, b=slope),),
                predecessor=strip.into,
                successor=strip.out_of,
            )
        )
    references: tuple[SignalReference, ...] = ()
    if signal is not None:
        governed = sum(strip.kind is strips[0].kind for strip in strips)
        references = (
            SignalReference(
                signal_id=str(signal),
                s_m=0.1,
                t_m=0.0,
                orientation="+",
                # The lower number first: the carla client looks for a lane between the two.
                validities=(LaneValidity(from_lane=-governed, to_lane=-1),),
            ),
        )
    centre = Lane(id=0, type=LaneType.NONE)
    road = Road(
        id=road_id,
        name=name,
        length_m=path.length_m,
        junction=junction,
        geometries=path.geometries,
        lane_sections=(LaneSection(s_m=0.0, lanes=(*((left,) if left is not None else ()), centre, *lanes)),),
        elevations=(Cubic(s_m=0.0, a=0.0),),
        predecessor=RoadLink(kind=ElementKind.ROAD, id=incoming, contact=ContactPoint.END),
        successor=RoadLink(kind=ElementKind.ROAD, id=outgoing, contact=ContactPoint.START),
        types=(RoadType(s_m=0.0, type="town", max_mps=speed_mps),),
        signal_references=references,
    )
    links = tuple(
        LaneLink(from_lane=strip.into, to_lane=-1 - i)
        for i, strip in enumerate(strips)
        if strip.into is not None
    )
    return Movement(road=road, incoming=incoming, links=links)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """From an arm to another, as one connecting road."""

    road_id: int
    junction: int
    arm: Arm
    to: Arm
    signal: int | None = None
    """Id of the light that governs it."""


def right_movement(way: Way, lanes: Lanes, kerb_radius_m: float, *, island: bool) -> Movement:
    """A right turn with bicycle lane and pavement around the corner.

    Args:
        way: from where to where.
        lanes: driving lanes of the turn.
        kerb_radius_m: of the corner's kerb.
        island: lay a kerbed island between the turn and the bicycle lanes that go straight on.
    """
    arm, to = way.arm.section, way.to.section
    inner, to_inner = (v.driving_edge_m - lanes.count * v.lane_m for v in (arm, to))
    # Where the strips beside the lanes differ in width, the narrower ones leave room for less.
    radius = min(kerb_radius_m + arm.kerb_m - inner, kerb_radius_m + to.kerb_m - to_inner + 1e-6)
    path = fillet(
        way.arm.edge.moved(0.0, inner).turned_back(),
        way.to.edge.moved(0.0, -to_inner),
        radius_m=radius,
    )
    strips = [
        Strip(LaneType.DRIVING, arm.lane_m, -lanes.first - i, -lanes.out_first - i, to.lane_m)
        for i in range(lanes.count)
    ]
    strips += [
        _beside(arm, to, kind)
        for kind in (LaneType.MEDIAN, LaneType.BIKING, LaneType.SIDEWALK)
        if kind in dict(arm.outer) or kind in dict(to.outer)
    ]
    left = None
    if island:
        a = way.arm.edge.moved(0.0, arm.kerb_m + 0.4)
        b = way.to.edge.moved(0.0, -to.kerb_m - 0.4)
        left = island_lane(path, wedge(meeting_point(a, b), a, b))
    return _movement(way, "right", path, strips, left)


def _beside(arm: CrossSection, to: CrossSection, kind: LaneType) -> Strip:
    """A strip outside the driving lanes of a turn; where the separator was, even ground without links.

    There traffic and bicycles part.
    """
    here, there = dict(arm.outer), dict(to.outer)
    apart = kind is LaneType.MEDIAN
    return Strip(
        LaneType.SHOULDER if apart else kind,
        here.get(kind, 0.0),
        None if apart or kind not in here else arm.outer_lane(kind, -arm.entry_lanes),
        None if apart or kind not in there else to.outer_lane(kind, -to.lanes),
        there.get(kind, 0.0),
    )


def through_movement(way: Way, lanes: Lanes, *, fill_median: bool = False) -> Movement:
    """Straight on; `fill_median` paves the gap between two medians that face each other."""
    arm, to = way.arm.section, way.to.section
    left = arm.entry_edge_m - sum(arm.entry_width_m(i) for i in range(1, lanes.first))
    path = biarc(
        way.arm.edge.moved(0.0, -left).turned_back(),
        way.to.edge.moved(0.0, -to.median_m / 2.0 - (lanes.out_first - 1) * to.lane_m),
    )
    strips = [
        Strip(
            LaneType.DRIVING,
            arm.entry_width_m(lanes.first + i),
            -lanes.first - i,
            -lanes.out_first - i,
            to_m=to.lane_m,
        )
        for i in range(lanes.count)
    ]
    paved = None
    if fill_median and arm.median_m > 0.0:
        paved = Lane(id=1, type=LaneType.SHOULDER, widths=(Cubic(s_m=0.0, a=arm.median_m),))
    return _movement(way, "through", path, strips, paved)


def left_movement(way: Way, lanes: Lanes, *, waiting_m: tuple[float, float] | None = None) -> Movement:
    """A left turn; `waiting_m`: first and last station of a waiting area's dashed lines."""
    arm, to = way.arm.section, way.to.section
    path = fillet(
        way.arm.edge.moved(0.0, -arm.entry_edge_m).turned_back(),
        way.to.edge.moved(0.0, -to.median_m / 2.0),
    )
    strips = [
        Strip(LaneType.DRIVING, arm.entry_width_m(1 + i), -1 - i, -lanes.out_first - i, to_m=to.lane_m)
        for i in range(lanes.count)
    ]
    made = _movement(way, "left", path, strips, None)
    if waiting_m is None:
        return made
    section = made.road.lane_sections[0]
    marks = _dashes(*waiting_m)
    lined = tuple(replace(v, road_marks=marks) for v in section.lanes)
    return replace(made, road=replace(made.road, lane_sections=(replace(section, lanes=lined),)))


def u_turn_movement(way: Way, sign_id: int) -> Movement:
    """Round the end of the arm's own median, onto the innermost lane that leaves room to turn.

    Raises ConfigError if there is none.
    """
    section = way.arm.section
    for lane in range(1, section.lanes + 1):
        apart = section.median_m - section.pocket_m + (lane - 1) * section.lane_m
        if (apart + section.lane_m) / 2.0 >= LEAST_U_TURN_M:
            radius = apart / 2.0
            start = way.arm.edge.moved(0.0, -section.entry_edge_m).turned_back()
            path = Path(start).line(_U_TURN_AHEAD_M).arc(math.pi * radius, 1.0 / radius)
            path.line(_U_TURN_AHEAD_M)
            strip = Strip(LaneType.DRIVING, section.entry_width_m(1), -1, -lane, to_m=section.lane_m)
            made = _movement(way, "u-turn", path, [strip], None, most_mps=U_TURN_MPS)
            # The client's Traffic Manager slows down for signs, not for bends.
            slow = speed_sign(sign_id, 0.5, radius, U_TURN_MPS, 1)
            return replace(made, road=replace(made.road, signals=(slow,)))
    raise ConfigError(
        f"roads: no room for a U-turn at the {way.arm.name}: its centre must turn on {LEAST_U_TURN_M} m; "
        "widen the median or take more lanes"
    )


def bicycle_movement(way: Way, *, closed: bool) -> Movement | None:
    """Bicycles straight on; along a side without an arm also separator and pavement. None if both lack."""
    arm, to = way.arm.section, way.to.section
    kinds = [k for k, _ in arm.outer if k is LaneType.BIKING or (closed and k is LaneType.SIDEWALK)]
    if not kinds:
        return None
    inner, to_inner = (v.driving_edge_m + v.separator_m for v in (arm, to))
    path = biarc(way.arm.edge.moved(0.0, inner).turned_back(), way.to.edge.moved(0.0, -to_inner))
    width = dict(arm.outer)
    strips = [
        Strip(k, width[k], arm.outer_lane(k, -arm.entry_lanes), to.outer_lane(k, -to.lanes)) for k in kinds
    ]
    separator = _separator(arm.separator_m, path.length_m) if closed else None
    return _movement(way, "bicycle", path, strips, separator)


def _separator(width_m: float, length_m: float) -> Lane | None:
    """Lane +1 between the zebras at both ends of a path; None where nothing is left between them."""
    lane = median_lane(width_m)
    if lane is None or length_m < 3.0 * OPEN_AT_ZEBRA_M:
        return None
    pieces = ((0.0, 0.0), (OPEN_AT_ZEBRA_M, width_m), (length_m - OPEN_AT_ZEBRA_M, 0.0))
    return replace(lane, widths=tuple(Cubic(s_m=s, a=width) for s, width in pieces))


def _movement(
    way: Way, kind: str, path: Path, strips: list[Strip], left: Lane | None, most_mps: float = _MOST_MPS
) -> Movement:
    return connect(
        path,
        strips,
        road_id=way.road_id,
        name=f"{way.arm.name} {kind}",
        junction=way.junction,
        incoming=way.arm.ids.into,
        outgoing=way.to.ids.out,
        speed_mps=min(way.arm.speed_mps, most_mps),
        signal=way.signal,
        left=left,
    )


def _dashes(first_m: float, last_m: float) -> tuple[RoadMark, ...]:
    none = RoadMark(s_offset_m=0.0, type="none", lane_change="none")
    return (
        none,
        RoadMark(s_offset_m=first_m, type="broken", color="white", width_m=_LANE_LINE_M, lane_change="none"),
        replace(none, s_offset_m=last_m),
    )
