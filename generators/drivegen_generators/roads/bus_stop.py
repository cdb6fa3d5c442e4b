"""Bus stops: a bay or a stand in the lane, a platform, a shelter and the post with the lines."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from drivegen.opendrive.model import CornerLocal, LaneType, Road, RoadObject
from drivegen.opendrive.object_poses import PLATFORM, STAND
from drivegen.opendrive.surfaces.lane_kinds import KERB_HEIGHT_M
from drivegen.opendrive.things import thing_object
from drivegen_generators.roads.strips import (
    add_strip,
    become,
    bump,
    driving_edge_m,
    edge_m,
    widen,
)

_BAY_M = 3.0
_PLATFORM_M = 3.0
_PAVEMENT_M = 4.5
"""Where people wait on the pavement, it is made so wide."""
_TAPERS_M = {True: (20.0, 15.0), False: (15.0, 15.0)}
"""Way in and out, of a bay and of a platform alone."""
LEAST_STAND_M = 20.0
_LENGTHS_M = (LEAST_STAND_M, 26.0, 32.0)
"""Of stands for one bus or two."""
_CROSSING_M = 2.2
_NARROWEST_CROSSED_M = 1.4
_SHELTER_M = (8.4, 1.9, 2.85)
"""Boxes that hold every member of the family."""
_POST_M = (0.32, 1.0, 2.9)
_EDGE_LINE_M = 0.4
"""A stand in the lane leaves the line at the kerb free."""
_SHELTER_FROM_BACK_M = 1.15
"""From its middle to the back of the platform."""


def length_m(bay: bool, stand_m: float) -> float:
    """Of the road that a stop takes, tapers included."""
    return stand_m + sum(_TAPERS_M[bay])


def draw_stand_m(rng: np.random.Generator) -> float:
    """Length of a stand."""
    return _LENGTHS_M[int(rng.integers(len(_LENGTHS_M)))]


def can_stop(road: Road, s_m: float) -> bool:
    """A platform needs a pavement to lead to."""
    return any(v.type is LaneType.SIDEWALK for v in road.lane_sections[road.section_at(s_m)].right)


def add_bus_stop(
    road: Road,
    start_m: float,
    stand_m: float,
    rng: np.random.Generator,
    *,
    bay: bool,
    number: int,
    first_object: int,
) -> Road:
    """A stop on the right of a one-way road.

    The platform is the separator, made wider, with the bicycle lane behind it; without a separator an island
    before the bicycle lane; without either the pavement.

    Args:
        road: plain from `start_m` on, as far as `length_m`.
        start_m: where its taper begins.
        stand_m: length of the stand.
        rng: draws the looks of shelter and post.
        bay: beside the lanes; else buses stand in the rightmost lane.
        number: of the stop, unique in the road.
        first_object: the first of five ids of objects.
    """
    before, after = _TAPERS_M[bay]
    begin, end = start_m + before, start_m + before + stand_m
    whole = (start_m, end + after)
    kinds = [v.type for v in road.lane_sections[road.section_at(begin)].right]
    made = road
    if LaneType.MEDIAN in kinds:
        lacking = _PLATFORM_M - _width_m(road, begin, LaneType.MEDIAN)
        if lacking > 0.0:
            made = widen(made, LaneType.MEDIAN, bump(*whole, lacking, before, after))
        made = become(made, LaneType.MEDIAN, LaneType.SIDEWALK, begin, end)
    elif LaneType.BIKING in kinds:
        island = bump(*whole, _PLATFORM_M, before, after)
        made = add_strip(made, LaneType.MEDIAN, island, line="solid", mark="curb")
        made = become(made, LaneType.MEDIAN, LaneType.SIDEWALK, begin, end)
    else:
        lacking = _PAVEMENT_M - _width_m(road, begin, LaneType.SIDEWALK)
        if lacking > 0.0:
            made = widen(made, LaneType.SIDEWALK, bump(*whole, lacking, before, after))
    if bay:
        made = add_strip(made, LaneType.STOP, bump(*whole, _BAY_M, before, after), line="broken", mark="none")
    objects = _objects(made, (begin, end), rng, bay=bay, number=number, first_object=first_object)
    return replace(made, objects=(*made.objects, *objects))


def _width_m(road: Road, s_m: float, kind: LaneType) -> float:
    """Of the innermost right lane of a kind."""
    lanes = road.lane_sections[road.section_at(s_m)].right
    chosen = next(v.id for v in lanes if v.type is kind)
    return edge_m(road, s_m, lambda v: v.id > chosen) - edge_m(road, s_m, lambda v: v.id >= chosen)


def _objects(
    road: Road,
    stand_m: tuple[float, float],
    rng: np.random.Generator,
    *,
    bay: bool,
    number: int,
    first_object: int,
) -> tuple[RoadObject, ...]:
    begin, end = stand_m
    middle, long = 0.5 * (begin + end), end - begin
    lanes = road.lane_sections[road.section_at(middle)].right
    driving = driving_edge_m(road, middle)
    kerb = edge_m(road, middle, lambda v: v.type is LaneType.STOP) if bay else driving + _EDGE_LINE_M
    outer_driving = min(v.id for v in lanes if v.type is LaneType.DRIVING)
    inner = driving if bay else edge_m(road, middle, lambda v: v.id > outer_driving)
    platform = next(v.id for v in lanes if v.type is LaneType.SIDEWALK)
    front = edge_m(road, middle, lambda v: v.id > platform)
    back = edge_m(road, middle, lambda v: v.id >= platform)
    variants = [int(v) for v in rng.integers(0, 1000, 2)]
    out = [
        _area(first_object, f"{STAND}{number}", middle, 0.5 * (inner + kerb), long, inner - kerb),
        _area(first_object + 1, f"{PLATFORM}{number}", middle, 0.5 * (front + back), long, front - back),
        thing_object(
            object_id=first_object + 2,
            name="BusShelter",
            kind="building",
            blueprint_id="static.prop.drivegen.bus_stop",
            variant=variants[0],
            s_m=middle,
            t_m=back + _SHELTER_FROM_BACK_M,
            z_offset_m=KERB_HEIGHT_M,
            heading_rad=math.pi,
            size_m=_SHELTER_M,
        ),
        thing_object(
            object_id=first_object + 3,
            name="BusSign",
            kind="pole",
            blueprint_id="static.prop.drivegen.bus_sign",
            variant=variants[1],
            s_m=end - 1.0,
            t_m=front - 0.9,
            z_offset_m=KERB_HEIGHT_M,
            heading_rad=math.pi,
            size_m=_POST_M,
        ),
    ]
    beyond = edge_m(road, begin, lambda v: v.type is LaneType.BIKING)
    crossed = back - beyond
    if any(v.type is LaneType.BIKING for v in lanes) and crossed >= _NARROWEST_CROSSED_M:
        out.append(_crossing(first_object + 4, begin + 3.0, back, beyond))
    return tuple(out)


def _area(object_id: int, name: str, s_m: float, t_m: float, length: float, width: float) -> RoadObject:
    return RoadObject(
        id=str(object_id),
        name=name,
        type="none",
        s_m=s_m,
        t_m=t_m,
        orientation="+",
        length_m=length,
        width_m=width,
    )


def _crossing(object_id: int, s_m: float, near_m: float, far_m: float) -> RoadObject:
    """From the platform over the bicycle lane; longer than wide, as readers find its ends by that."""
    half = 0.5 * (near_m - far_m)
    wide = min(_CROSSING_M, 1.7 * half) / 2.0
    corners = ((wide, half), (-wide, half), (-wide, -half), (wide, -half), (wide, half))
    return RoadObject(
        id=str(object_id),
        name="ContinentalCrosswalk",
        type="crosswalk",
        s_m=s_m,
        t_m=0.5 * (near_m + far_m),
        orientation="none",
        length_m=2.0 * wide,
        width_m=2.0 * half,
        outline=tuple(CornerLocal(u_m=u, v_m=v) for u, v in corners),
    )
