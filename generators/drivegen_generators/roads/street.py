"""A small street between two junctions: equal lanes each way from end to end, and no median."""

from __future__ import annotations

import math
from collections.abc import Sequence

from drivegen.core.errors import ConfigError
from drivegen.opendrive.model import Cubic, ElementKind, LaneSection, Road, RoadLink, RoadType
from drivegen_generators.roads.arm import driving_lanes, edge_lane, linked, outer_lanes
from drivegen_generators.roads.fittings import ArmFittings
from drivegen_generators.roads.link import Link
from drivegen_generators.roads.plan_view import Heading, Path, Point, reversed_path

_SOLID_M = 30.0
_LEAST_M = 8.0
"""Of straight street between junctions and bends."""


def street_roads(link: Link, at_a: ArmFittings, at_b: ArmFittings) -> tuple[Road, Road]:
    """The carriageways from a to b and from b to a, each of one lane section.

    Args:
        link: both ends alike, without median and pockets.
        at_a: what junction a puts on this street.
        at_b: the same of junction b.
    """
    ends = (link.a.junction, link.b.junction)
    return (
        _road(link, link.there, link.axis, ends, at_a, at_b),
        _road(link, link.back, reversed_path(link.axis), ends[::-1], at_b, at_a),
    )


def _road(
    link: Link, road_id: int, path: Path, ends: Sequence[int], behind: ArmFittings, ahead: ArmFittings
) -> Road:
    section = link.a.section
    lanes = (
        edge_lane(),
        *driving_lanes(section.lanes, section.lane_m, path.length_m - _SOLID_M),
        *outer_lanes(section, section.lanes + 1),
    )
    junctions = [RoadLink(kind=ElementKind.JUNCTION, id=v) for v in ends]
    return Road(
        id=road_id,
        name=link.name,
        length_m=path.length_m,
        junction=None,
        geometries=path.geometries,
        lane_sections=(
            LaneSection(s_m=0.0, lanes=linked(lanes, before=lambda _: None, after=lambda _: None)),
        ),
        lane_offsets=(Cubic(s_m=0.0, a=0.0),),
        elevations=(Cubic(s_m=0.0, a=0.0),),
        predecessor=junctions[0],
        successor=junctions[1],
        types=(RoadType(s_m=0.0, type="town", max_mps=link.speed_mps),),
        objects=(*behind.out_objects, *ahead.in_objects),
        signals=(*behind.out_signals, *ahead.in_signals),
    )


def rounded(start: Heading, corners: Sequence[Point], end: Heading, radius_m: float, name: str) -> Path:
    """Straight from a beginning past corners to an end, with arcs at the corners.

    Args:
        start: where it begins, and looks along the first leg.
        corners: where legs meet.
        end: where it ends; it looks back along the last leg.
        radius_m: of the arcs.
        name: for messages.

    Raises ConfigError where a leg is too short for its arcs.
    """
    path = Path(start)
    here, points = (start.x_m, start.y_m), [*corners, (end.x_m, end.y_m)]
    taken = 0.0
    for i, point in enumerate(points):
        leg = math.dist(here, point)
        turn = _turn(here, point, points[i + 1]) if i + 1 < len(points) else 0.0
        tangent = radius_m * math.tan(abs(turn) / 2.0)
        straight = leg - taken - tangent
        if straight < _LEAST_M:
            raise ConfigError(
                f"roads: {name}: a side of {leg:.0f} m is too short for corners of radius {radius_m:g} m; "
                "make the estate larger or the corners tighter"
            )
        path.line(straight)
        if turn != 0.0:
            path.arc(radius_m * abs(turn), math.copysign(1.0 / radius_m, turn))
        here, taken = point, tangent
    return path


def _turn(a: Point, b: Point, c: Point) -> float:
    before = math.atan2(b[1] - a[1], b[0] - a[0])
    return math.remainder(math.atan2(c[1] - b[1], c[0] - b[0]) - before, math.tau)
