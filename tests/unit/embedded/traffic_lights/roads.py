"""Small hand-made road networks with lights."""

import numpy as np

from drivegen.core.geometry import Pose
from drivegen.opendrive.model import (
    Arc,
    ContactPoint,
    Cubic,
    ElementKind,
    Geometry,
    Lane,
    LaneSection,
    LaneType,
    Line,
    Road,
    RoadLink,
    RoadNetwork,
)
from drivegen.opendrive.signals import SignalHead, StopLine

LANE_M = 3.5


def road(
    road_id: int,
    start: tuple[float, float, float],
    length_m: float,
    curvature_pm: float = 0.0,
    junction: int | None = None,
    predecessor: int | None = None,
    successor: int | None = None,
) -> Road:
    """A road with one lane a side; `start` is x, y, heading."""

    def link(other: int | None, contact: ContactPoint) -> RoadLink | None:
        return None if other is None else RoadLink(kind=ElementKind.ROAD, id=other, contact=contact)

    def lane(lane_id: int) -> Lane:
        sides = {"predecessor": lane_id, "successor": lane_id} if lane_id else {}
        widths = (Cubic(s_m=0.0, a=LANE_M),) if lane_id else ()
        return Lane(id=lane_id, type=LaneType.DRIVING if lane_id else LaneType.NONE, widths=widths, **sides)

    shape = Arc(curvature_pm=curvature_pm) if curvature_pm else Line()
    x, y, heading = start
    return Road(
        id=road_id,
        name="",
        length_m=length_m,
        junction=junction,
        geometries=(Geometry(s_m=0.0, x_m=x, y_m=y, heading_rad=heading, length_m=length_m, shape=shape),),
        lane_sections=(LaneSection(s_m=0.0, lanes=(lane(1), lane(0), lane(-1))),),
        predecessor=link(predecessor, ContactPoint.END),
        successor=link(successor, ContactPoint.START),
    )


def network(*roads: Road) -> RoadNetwork:
    return RoadNetwork(name="test", geo_reference="", roads=roads)


def head(
    index: int,
    line: tuple[int, int, float] | None = None,
    heading_rad: float = 0.0,
    junction: int | None = 1,
    controller: str | None = None,
    sequence: int = 0,
) -> SignalHead:
    """A light; `line` is road, lane, station. The network decides where that is."""
    lines = ()
    if line is not None:
        lines = (
            StopLine(
                road_id=line[0],
                lane_id=line[1],
                s_m=line[2],
                start_m=np.zeros(3),
                end_m=np.zeros(3),
                heading_rad=heading_rad,
            ),
        )
    return SignalHead(
        index=index,
        signal_id=f"s{index}",
        pose=Pose.from_xyz_rpy(0.0, 0.0, 5.0, yaw_rad=heading_rad + np.pi),
        foot_m=np.zeros(3),
        controller_id=controller,
        junction_id=junction,
        sequence=sequence,
        stop_lines=lines,
    )
