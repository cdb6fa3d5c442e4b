"""Ramps between main carriageway and side road: an S-bend, its two ends inside junctions."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from drivegen.opendrive.model import ElementKind, LaneType, Road, RoadLink
from drivegen_generators.roads.expressway_axis import heading_at, stretch
from drivegen_generators.roads.expressway_carriageway import (
    RAMP,
    RAMP_LEFT,
    RAMP_RIGHT,
    RampEnd,
    one_way_road,
)
from drivegen_generators.roads.expressway_section import SOLID, CrossSection, Profile, Strip, lanes_of
from drivegen_generators.roads.expressway_zones import Lengths
from drivegen_generators.roads.plan_view import Path, biarc

RAMP_LEFT_M = 0.75
RAMP_RIGHT_M = 1.5
NOSE_M = 0.8
"""Roads outside junctions lie at least so far apart."""
_MIDDLE_M = 1.5
"""A ramp shifts at least so far between its two noses."""


def ramp_section(lane_m: float) -> CrossSection:
    """One lane with narrow strips on both sides."""
    return CrossSection(
        left=(Strip(name=RAMP_LEFT, kind=LaneType.SHOULDER, width_m=RAMP_LEFT_M),),
        right=(
            Strip(name=RAMP, kind=LaneType.DRIVING, width_m=lane_m),
            Strip(name=RAMP_RIGHT, kind=LaneType.SHOULDER, width_m=RAMP_RIGHT_M),
        ),
    )


def least_green_m(lane_m: float) -> float:
    """Least width between main carriageway and side road for both noses and a piece of ramp between them."""
    return lane_m + RAMP_LEFT_M + RAMP_RIGHT_M + 2.0 * NOSE_M + _MIDDLE_M


def nose_lengths_m(main: Profile, side: Profile, ramp_m: float) -> tuple[float, float]:
    """How long the junctions at both ends of a ramp are: until its borders are clear of both carriageways."""
    shift = side.auxiliary_border_m - main.auxiliary_border_m
    from_main = sum(v.width_m for v in main.near) + RAMP_LEFT_M + NOSE_M
    from_side = side.near[0].width_m + RAMP_RIGHT_M + NOSE_M
    return _station_m(from_main, shift, ramp_m), _station_m(from_side, shift, ramp_m)


def _station_m(aside_m: float, shift_m: float, ramp_m: float) -> float:
    """Where an S-bend of two equal arcs has moved aside so far."""
    radius = (ramp_m**2 + shift_m**2) / (4.0 * shift_m)
    if aside_m <= shift_m / 2.0:
        return math.sqrt(2.0 * radius * aside_m)
    return ramp_m - math.sqrt(2.0 * radius * (shift_m - aside_m))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ramp:
    """A ramp of one direction."""

    road_id: int
    name: str
    is_exit: bool
    path: Path
    """Left border of its lane from carriageway to carriageway."""
    section: CrossSection
    main_end_m: float
    """Its part inside the main carriageway's junction."""
    side_end_m: float
    speed_mps: float

    def end(self, *, at_main: bool) -> RampEnd:
        """Its part inside a junction."""
        total = self.path.length_m
        if at_main == self.is_exit:
            path = stretch(self.path, 0.0, self.main_end_m if at_main else self.side_end_m)
        else:
            path = stretch(self.path, total - (self.main_end_m if at_main else self.side_end_m), total)
        return RampEnd(road_id=self.road_id, section=self.section, path=path, speed_mps=self.speed_mps)

    def road(self, from_junction: int, to_junction: int) -> Road:
        """Its part between the junctions."""
        before, after = self.main_end_m, self.side_end_m
        if not self.is_exit:
            before, after = after, before
        return one_way_road(
            self.road_id,
            self.name,
            stretch(self.path, before, self.path.length_m - after),
            tuple(replace(v, road_marks=(SOLID,)) if v.id == 0 else v for v in lanes_of(self.section)),
            predecessor=RoadLink(kind=ElementKind.JUNCTION, id=from_junction),
            successor=RoadLink(kind=ElementKind.JUNCTION, id=to_junction),
            speed_mps=self.speed_mps,
            kind="town",
        )


def make_ramp(
    axis: Path,
    main: Profile,
    side: Profile,
    lengths: Lengths,
    *,
    road_id: int,
    name: str,
    is_exit: bool,
    start_m: float,
    speed_mps: float,
) -> Ramp:
    """The ramp that begins at a station of the axis."""
    first, last = (main, side) if is_exit else (side, main)
    path = biarc(
        heading_at(axis, start_m).moved(0.0, -first.auxiliary_border_m),
        heading_at(axis, start_m + lengths.ramp_m).moved(0.0, -last.auxiliary_border_m),
    )
    share = path.length_m / lengths.ramp_m
    return Ramp(
        road_id=road_id,
        name=name,
        is_exit=is_exit,
        path=path,
        section=ramp_section(main.auxiliary.width_m),
        main_end_m=lengths.main_nose_m * share,
        side_end_m=lengths.side_nose_m * share,
        speed_mps=speed_mps,
    )
