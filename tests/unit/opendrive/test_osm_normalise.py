"""What netconvert writes, rebuilt by hand in small, becomes what CARLA reads and traffic can drive."""

from __future__ import annotations

import numpy as np
import pytest

from drivegen.opendrive.checks import Finding, Severity, check_text
from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import LaneType, RoadNetwork, RoadObject
from drivegen.opendrive.osm import normalise
from drivegen.opendrive.osm.crossings import Crossing
from drivegen.opendrive.reader import read_network
from drivegen.opendrive.signals import signal_heads
from drivegen.opendrive.writer import write_network

GEO = "+proj=tmerc +lat_0=39.795 +lon_0=116.506"


def lane_xml(number: int, kind: str, before: int | None, after: int | None, width_m: float = 3.2) -> str:
    link = "" if before is None else f'<predecessor id="{before}"/>'
    link += "" if after is None else f'<successor id="{after}"/>'
    return (
        f'<lane id="{number}" type="{kind}" level="true"><link>{link}</link>'
        f'<width sOffset="0" a="{width_m}" b="0" c="0" d="0"/><roadMark sOffset="0" type="broken"/>'
        '<speed sOffset="0" max="13.89"/></lane>'
    )


def road_xml(
    number: int,
    start: tuple[float, float, float],
    lanes: str,
    *,
    length_m: float = 80.0,
    shape: str = "<line/>",
    name: str = "",
    junction: int = -1,
    link: str = "",
    extra: str = "",
) -> str:
    x, y, heading = start
    return (
        f'<road name="{name}" length="{length_m}" id="{number}" junction="{junction}"><link>{link}</link>'
        f'<planView><geometry s="0" x="{x}" y="{y}" hdg="{heading}" length="{length_m}">{shape}</geometry>'
        f'</planView><lanes><laneSection s="0"><center><lane id="0" type="none"/></center>'
        f"<right>{lanes}</right></laneSection></lanes>{extra}</road>"
    )


def to_junction(end: str, number: int) -> str:
    return f'<{end} elementType="junction" elementId="{number}"/>'


def to_road(end: str, number: int, contact: str) -> str:
    return f'<{end} elementType="road" elementId="{number}" contactPoint="{contact}"/>'


def lights(name: str, lanes: int) -> str:
    signals = "".join(
        f'<signal id="{name}_{i}" s="79.9" t="-{1.6 + 3.2 * i}" orientation="+" dynamic="yes" zOffset="5" '
        f'country="OpenDRIVE" type="1000011" subtype="30" height="0.78" width="0.26">'
        f'<validity fromLane="-{i + 1}" toLane="-{i + 1}"/></signal>'
        for i in range(lanes)
    )
    return f"<signals>{signals}</signals>"


CROSSING = (
    '<objects><object id=":c_0" type="crosswalk" s="0" t="0" hdg="0" length="4" width="6"><outline>'
    '<cornerLocal u="2" v="-3" z="0"/><cornerLocal u="2" v="3" z="0"/><cornerLocal u="-2" v="3" z="0"/>'
    '<cornerLocal u="-2" v="-3" z="0"/></outline></object></objects>'
)


def raw() -> RoadNetwork:
    """A road of two lanes from the west into one of a single lane, crossed by one from the south.

    As netconvert does it, both lanes of the first are linked to the one lane of the next, their road through
    the junction runs on beside it; the left lane of the road from the south goes nowhere.
    """
    two = lane_xml(-1, "driving", None, None) + lane_xml(-2, "driving", None, None)
    one = lane_xml(-1, "driving", None, None)
    rails = lane_xml(-1, "tram", None, None) + lane_xml(-2, "sidewalk", None, None, 2.0)
    roads = [
        road_xml(
            1, (-100, 0, 0), two, name="科创大街", link=to_junction("successor", 9), extra=lights("a", 2)
        ),
        road_xml(2, (0, 0, 0), one, name="科创大街", link=to_junction("predecessor", 9), extra=CROSSING),
        road_xml(
            3,
            (-10, -100, np.pi / 2),
            two,
            name="荣华中路 &amp; 东",
            link=to_junction("successor", 9),
            extra=lights("b", 2),
        ),
        road_xml(4, (-10, 20, np.pi / 2), two, name="荣华中路", link=to_junction("predecessor", 9)),
        road_xml(
            5,
            (-20, 0, 0),
            lane_xml(-1, "driving", -1, -1) + lane_xml(-2, "driving", -2, -1),
            length_m=20.0,
            name=":j_0",
            junction=9,
            link=to_road("predecessor", 1, "end") + to_road("successor", 2, "start"),
        ),
        road_xml(
            6,
            (-6.8, -20, np.pi / 2),
            lane_xml(-1, "driving", -2, -2),
            length_m=40.0,
            shape='<arc curvature="1e-9"/>',
            name=":j_1",
            junction=9,
            link=to_road("predecessor", 3, "end") + to_road("successor", 4, "start"),
        ),
        road_xml(7, (-100, 90, 0), rails, name="亦庄T1线", link=to_junction("successor", 77)),
    ]
    links = (
        '<connection id="0" incomingRoad="1" connectingRoad="5" contactPoint="start">'
        '<laneLink from="-1" to="-1"/><laneLink from="-2" to="-2"/></connection>'
        '<connection id="1" incomingRoad="3" connectingRoad="6" contactPoint="start">'
        '<laneLink from="-2" to="-1"/></connection>'
    )
    text = (
        f"<OpenDRIVE><header><geoReference><![CDATA[\n {GEO}\n]]></geoReference></header>{''.join(roads)}"
        '<controller id="a"><control signalId="a_0"/><control signalId="b_0"/></controller>'
        f'<junction name="cluster_1_2" id="9">{links}</junction></OpenDRIVE>'
    )
    return read_network(text, "raw.xodr")


@pytest.fixture(scope="module")
def made() -> RoadNetwork:
    square = np.array([[1.0, 5.0], [4.0, 5.0], [4.0, -4.0], [1.0, -4.0]])
    return normalise(raw(), "town", crossings={":c_0": Crossing(id=":c_0", corners_m=square)})


def bad(network: RoadNetwork) -> list[Finding]:
    findings = check_text(write_network(network), network.name)
    return [f for f in findings if f.severity is not Severity.NOTE]


def test_what_netconvert_writes_has_faults_and_what_becomes_of_it_has_none(made: RoadNetwork) -> None:
    kinds = {f.kind for f in bad(raw())}
    assert {"lane-gap", "lane-ends", "no-such-junction", "crosswalk-open"} <= kinds
    assert bad(made) == []


def test_names_and_the_place_on_earth_are_kept(made: RoadNetwork) -> None:
    again = read_network(write_network(made), "again")
    assert again.geo_reference == GEO
    assert [r.name for r in again.roads if r.junction is None] == [
        "科创大街",
        "科创大街",
        "荣华中路 & 东",
        "荣华中路",
        "亦庄T1线",
    ]
    assert again.junctions[0].name == "科创大街 / 荣华中路 & 东"
    assert {r.name for r in again.roads if r.junction is not None} == {""}


def test_flat_arcs_become_lines(made: RoadNetwork) -> None:
    assert "<arc" not in write_network(made)


def test_every_lane_that_enters_has_a_way_on(made: RoadNetwork) -> None:
    into = {(c.incoming_road, k.from_lane) for c in made.junctions[0].connections for k in c.lane_links}
    assert into == {(1, -1), (1, -2), (3, -1), (3, -2)}


def test_ways_that_are_built_lie_within_the_lanes_they_join(made: RoadNetwork) -> None:
    geometry = NetworkGeometry(made)
    way = next(
        c for c in made.junctions[0].connections if (c.incoming_road, c.lane_links[0].from_lane) == (1, -2)
    )
    curve = geometry.curve(way.connecting_road)
    points = curve.lane_centre(0, -1, np.linspace(0.0, curve.road.length_m, 50)).position_m
    assert points[0, :2] == pytest.approx((-20.0, -4.8), abs=1e-6)
    assert points[-1, :2] == pytest.approx((0.0, -1.6), abs=0.01)
    assert np.all(np.diff(points[:, 0]) > 0.0)


def test_lights_are_grouped_by_axis(made: RoadNetwork) -> None:
    heads = signal_heads(made)
    assert [h.signal_id for h in heads] == ["1", "2"]
    lanes = [{(line.road_id, line.lane_id) for line in h.stop_lines} for h in heads]
    assert lanes == [{(1, -1), (1, -2)}, {(3, -1), (3, -2)}]
    assert [c.signal_ids for c in made.controllers] == [("1",), ("2",)]
    assert [(c.id, c.sequence) for c in made.junctions[0].controllers] == [("1", 0), ("2", 1)]
    for head in heads:
        assert head.junction_id == 9


def test_tracks_have_no_pavements(made: RoadNetwork) -> None:
    kinds = [lane.type for lane in made.road_by_id[7].lane_sections[0].lanes]
    assert kinds == [LaneType.NONE, LaneType.TRAM]


def test_crossings_lie_where_sumo_has_them_and_are_closed(made: RoadNetwork) -> None:
    crossing: RoadObject = next(o for o in made.road_by_id[2].objects if o.type == "crosswalk")
    assert crossing.id.isdigit()
    corners = [(c.u_m, c.v_m) for c in crossing.outline]
    assert corners == [(1, 5), (4, 5), (4, -4), (1, -4), (1, 5)]


def test_lines_between_opposite_directions_are_yellow_and_painted_once() -> None:
    lanes = lane_xml(-1, "driving", None, None)
    roads = road_xml(1, (0, 0, 0), lanes) + road_xml(2, (80, 0, np.pi), lanes) + road_xml(3, (0, 9, 0), lanes)
    network = read_network(f"<OpenDRIVE>{roads}</OpenDRIVE>", "streets.xodr")
    made = normalise(network, "streets", GEO)
    marks = {r.id: [m.color for m in r.lane_sections[0].lanes[0].road_marks] for r in made.roads}
    assert marks == {1: ["yellow"], 2: [], 3: []}


def test_junctions_have_no_lane_lines(made: RoadNetwork) -> None:
    marks = [
        m for r in made.roads if r.junction is None for v in r.lane_sections[0].lanes for m in v.road_marks
    ]
    assert marks, "roads keep theirs"
    inside = [road for road in made.roads if road.junction is not None]
    assert not any(lane.road_marks for r in inside for s in r.lane_sections for lane in s.lanes)


def test_the_same_network_gives_the_same_bytes() -> None:
    assert write_network(normalise(raw(), "town")) == write_network(normalise(raw(), "town"))
