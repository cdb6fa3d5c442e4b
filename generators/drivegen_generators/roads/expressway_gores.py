"""The painted ground between a carriageway and a ramp that leaves or reaches it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from drivegen.opendrive.model import CornerLocal, Road, RoadObject
from drivegen_generators.roads.expressway_axis import heading_at
from drivegen_generators.roads.expressway_carriageway import Carriageway, RampEnd
from drivegen_generators.roads.expressway_zones import Zone, ZoneKind
from drivegen_generators.roads.movements import Movement
from drivegen_generators.roads.plan_view import Heading, Point

_CLEAR_M = 0.3
"""Between the chevrons and the lines on both sides."""
_NARROWEST_M = 0.5
_STEPS = 24


def with_gores(
    way: Carriageway, movements: Sequence[Movement], ramps: Mapping[int, RampEnd], first_id: int
) -> list[Movement]:
    """The connecting roads of a carriageway; those beside ramps with chevrons.

    Args:
        way: the carriageway.
        movements: its connecting roads.
        ramps: their ends at this carriageway, by number.
        first_id: of the chevrons; more ids follow, one for each zone.
    """
    zones = {way.through_id(k): k for k in range(len(way.zones))}
    out = []
    for movement in movements:
        k = zones.get(movement.road.id)
        number = way.zones[k].ramp if k is not None else None
        if k is None or number is None:
            out.append(movement)
            continue
        gore = _gore(way, way.zones[k], movement.road, ramps[number], first_id + k)
        road = replace(movement.road, objects=(*movement.road.objects, *gore))
        out.append(replace(movement, road=road))
    return out


def _gore(
    way: Carriageway, zone: Zone, through: Road, ramp: RampEnd, object_id: int
) -> tuple[RoadObject, ...]:
    """The chevrons of one nose; none where both ways hardly part."""
    lane_m = ramp.section.driving[0].width_m
    on_right = way.profile.auxiliary_on_right
    border_m = way.profile.auxiliary_border_m if on_right else way.profile.border_m
    near: list[Point] = []
    far: list[Point] = []
    for share in np.linspace(0.0, 1.0, _STEPS):
        at = heading_at(way.axis, zone.first_m + float(share) * (zone.last_m - zone.first_m))
        at = at.moved(0.0, -border_m)
        beside = heading_at(ramp.path, float(share) * ramp.path.length_m)
        beside = beside.moved(0.0, 0.0 if on_right else -lane_m)
        dx, dy = beside.x_m - at.x_m, beside.y_m - at.y_m
        apart = math.hypot(dx, dy)
        if apart < _NARROWEST_M + 2.0 * _CLEAR_M:
            continue
        inset = _CLEAR_M / apart
        near.append((at.x_m + inset * dx, at.y_m + inset * dy))
        far.append((beside.x_m - inset * dx, beside.y_m - inset * dy))
    if len(near) < 3:
        return ()
    if zone.kind is ZoneKind.ARRIVE:
        near, far = near[::-1], far[::-1]
    tip = _middle(near[0], far[0])
    base = _middle(near[-1], far[-1])
    heading = math.atan2(base[1] - tip[1], base[0] - tip[0])
    start = through.geometries[0]
    frame = Heading(x_m=start.x_m, y_m=start.y_m, heading_rad=heading)
    return (
        RoadObject(
            id=str(object_id),
            name="Gore_Chevrons",
            type="roadMark",
            s_m=0.0,
            t_m=0.0,
            heading_rad=math.remainder(heading - start.heading_rad, math.tau),
            orientation="none",
            outline=tuple(_local(frame, p) for p in (tip, *near, *far[::-1], tip)),
        ),
    )


def _middle(a: Point, b: Point) -> Point:
    return 0.5 * (a[0] + b[0]), 0.5 * (a[1] + b[1])


def _local(frame: Heading, point: Point) -> CornerLocal:
    c, s = math.cos(frame.heading_rad), math.sin(frame.heading_rad)
    dx, dy = point[0] - frame.x_m, point[1] - frame.y_m
    return CornerLocal(u_m=dx * c + dy * s, v_m=dy * c - dx * s)
