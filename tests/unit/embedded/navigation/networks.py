"""Small networks written out by hand: streets with pavements, a bridge."""

from __future__ import annotations

import math

from drivegen.opendrive.model import (
    CornerLocal,
    Cubic,
    Geometry,
    Lane,
    LaneSection,
    LaneType,
    Line,
    Road,
    RoadNetwork,
    RoadObject,
)

LANE_M = 3.5


def street(
    road_id: int = 1,
    start: tuple[float, float, float] = (0.0, 0.0, 0.0),
    length_m: float = 100.0,
    pavement_m: float = 3.0,
    elevations: tuple[Cubic, ...] = (),
    crossings_at_m: tuple[float, ...] = (),
) -> Road:
    """A driving lane and a pavement a side (0 m wide: none); crossings from kerb to kerb, 4 m wide."""
    x, y, heading = start

    def lane(lane_id: int) -> Lane:
        kind = (LaneType.NONE, LaneType.DRIVING, LaneType.SIDEWALK)[abs(lane_id)]
        width = (0.0, LANE_M, pavement_m)[abs(lane_id)]
        return Lane(id=lane_id, type=kind, widths=(Cubic(s_m=0.0, a=width),) if lane_id else ())

    ids = (2, 1, 0, -1, -2) if pavement_m else (1, 0, -1)
    return Road(
        id=road_id,
        name="",
        length_m=length_m,
        junction=None,
        geometries=(Geometry(s_m=0.0, x_m=x, y_m=y, heading_rad=heading, length_m=length_m, shape=Line()),),
        lane_sections=(LaneSection(s_m=0.0, lanes=tuple(lane(i) for i in ids)),),
        elevations=elevations,
        objects=tuple(_crossing(i, s) for i, s in enumerate(crossings_at_m)),
    )


def _crossing(number: int, s_m: float) -> RoadObject:
    corners = ((-2.0, -LANE_M), (2.0, -LANE_M), (2.0, LANE_M), (-2.0, LANE_M))
    return RoadObject(
        id=str(900 + number),
        name="zebra",
        type="crosswalk",
        s_m=s_m,
        t_m=0.0,
        outline=tuple(CornerLocal(u_m=u, v_m=v) for u, v in corners),
    )


def network(*roads: Road) -> RoadNetwork:
    return RoadNetwork(name="test", geo_reference="", roads=roads)


def flyover() -> RoadNetwork:
    """A street along x, and one along y that passes 6 m above it."""
    return network(
        street(1, (-100.0, 0.0, 0.0), 200.0),
        street(2, (0.0, -100.0, math.pi / 2), 200.0, elevations=(Cubic(s_m=0.0, a=6.0),)),
    )
