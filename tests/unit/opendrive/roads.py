"""Small networks written out by hand."""

from drivegen.opendrive.model import (
    Cubic,
    Geometry,
    Lane,
    LaneSection,
    LaneType,
    Line,
    Road,
    RoadMark,
    RoadNetwork,
    Shape,
)

STRAIGHT = """<?xml version="1.0"?>
<OpenDRIVE>
  <header revMajor="1" revMinor="4" name="straight"/>
  <road name="" length="100" id="1" junction="-1">
    <planView>
      <geometry s="0" x="0" y="0" hdg="0" length="100"><line/></geometry>
    </planView>
    <lanes>
      <laneSection s="0">
        <center><lane id="0" type="none"/></center>
        <right>
          <lane id="-1" type="driving"><width sOffset="0" a="3.5" b="0" c="0" d="0"/></lane>
        </right>
      </laneSection>
    </lanes>
  </road>
</OpenDRIVE>
"""


def lane(lane_id: int, kind: LaneType, width_m: float, mark: str = "none") -> Lane:
    return Lane(
        id=lane_id,
        type=kind,
        widths=(Cubic(s_m=0.0, a=width_m),),
        road_marks=(RoadMark(s_offset_m=0.0, type=mark),),
    )


def one_road(
    shape: Shape | None = None,
    length_m: float = 100.0,
    lanes: tuple[Lane, ...] = (),
    elevations: tuple[Cubic, ...] = (),
    heading_rad: float = 0.0,
) -> RoadNetwork:
    """A road from the origin; by default straight, with one driving lane along it."""
    geometry = Geometry(
        s_m=0.0, x_m=0.0, y_m=0.0, heading_rad=heading_rad, length_m=length_m, shape=shape or Line()
    )
    section = LaneSection(
        s_m=0.0, lanes=(Lane(id=0, type=LaneType.NONE), *(lanes or (lane(-1, LaneType.DRIVING, 3.5),)))
    )
    road = Road(
        id=1,
        name="",
        length_m=length_m,
        junction=None,
        geometries=(geometry,),
        lane_sections=(section,),
        elevations=elevations,
    )
    return RoadNetwork(name="one", geo_reference="", roads=(road,))
