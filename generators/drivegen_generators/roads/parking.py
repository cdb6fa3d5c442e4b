"""Parking lanes with marked bays, along the road or at right angles to it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from drivegen.opendrive.model import Arc, LaneType, Road, RoadObject
from drivegen.opendrive.object_poses import BAY
from drivegen_generators.roads.strips import add_strip, bump, driving_edge_m


@dataclass(frozen=True, slots=True, kw_only=True)
class BayForm:
    """Sizes of bays."""

    along_m: float
    """Of the kerb that one takes."""
    across_m: float
    """Of the lane, but for what stays clear beside the driving lane."""
    taper_m: float
    heading_rad: float
    """Of a vehicle in it, from the direction of the traffic."""


PARALLEL = BayForm(along_m=6.0, across_m=2.4, taper_m=6.0, heading_rad=0.0)
PERPENDICULAR = BayForm(along_m=2.5, across_m=5.3, taper_m=4.0, heading_rad=-math.pi / 2.0)
LORRY = BayForm(along_m=16.0, across_m=3.5, taper_m=10.0, heading_rad=0.0)
_CLEAR_M = 0.5
"""Between the driving lane and the bays: mirrors of buses reach over the line."""
_MARGIN_M = 0.1
"""Between bays and the ends of the lane's tapers."""


def add_parking(
    road: Road, start_m: float, end_m: float, form: BayForm, *, first_object: int, most: int = 60
) -> Road:
    """A parking lane right of the driving lanes of a one-way road, with as many bays as fit.

    Args:
        road: plain between both stations, with one number of driving lanes.
        start_m: where its taper begins.
        end_m: where its last taper ends.
        form: of the bays.
        first_object: the first of `most` ids of objects.
        most: bays.
    """
    wide = form.across_m + _CLEAR_M
    outer = driving_edge_m(road, start_m) - wide
    each = form.along_m / _shortest(road, start_m, end_m, outer)
    count = min(int((end_m - start_m - 2.0 * form.taper_m - 2.0 * _MARGIN_M) / each), most)
    if count < 1:
        return road
    end_m = start_m + 2.0 * form.taper_m + 2.0 * _MARGIN_M + count * each
    profile = bump(start_m, end_m, wide, form.taper_m, form.taper_m)
    made = add_strip(road, LaneType.PARKING, profile, line="none", mark="none")
    first = start_m + form.taper_m + _MARGIN_M + 0.5 * each
    crosswise = abs(math.sin(form.heading_rad)) > 0.5
    bays = tuple(
        RoadObject(
            id=str(first_object + k),
            name="ParkingBay",
            type=BAY,
            s_m=s,
            t_m=driving_edge_m(made, s) - _CLEAR_M - 0.5 * form.across_m,
            heading_rad=form.heading_rad,
            orientation="+",
            length_m=form.across_m if crosswise else form.along_m,
            width_m=form.along_m if crosswise else form.across_m,
        )
        for k in range(count)
        for s in (first + k * each,)
    )
    return replace(made, objects=(*made.objects, *bays))


def _shortest(road: Road, start_m: float, end_m: float, t_m: float) -> float:
    """Length at an offset for each metre of the reference line, where bends make it shortest; 1 at most."""
    bends = [
        g.shape.curvature_pm
        for g in road.geometries
        if isinstance(g.shape, Arc) and g.s_m < end_m and g.s_m + g.length_m > start_m
    ]
    return min(1.0, *(1.0 - v * t_m for v in bends), 1.0)
