"""Errors are planted in sound maps, and found where they are."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import pytest

from drivegen.core.errors import MapError
from drivegen.opendrive.checks import Finding, Severity, check_file, check_text, has_errors
from drivegen.opendrive.checks.client import check_client
from drivegen.opendrive.elements import parse_xml
from drivegen.opendrive.model import (
    ContactPoint,
    Cubic,
    ElementKind,
    LaneLink,
    LaneType,
    RoadLink,
    RoadNetwork,
)
from drivegen.opendrive.writer import write_network
from tests.unit.opendrive.roads import STRAIGHT, lane, one_road


def found(text: str) -> dict[str, Finding]:
    """The first finding of each kind, without asking the client."""
    out: dict[str, Finding] = {}
    for finding in check_text(text, "a.xodr", client_timeout_s=None):
        out.setdefault(finding.kind, finding)
    return out


def planted(old: str, new: str) -> dict[str, Finding]:
    assert old in STRAIGHT
    return found(STRAIGHT.replace(old, new))


def test_a_generated_junction_is_sound_and_the_client_reads_it(junction_text: str) -> None:
    findings = check_text(junction_text, "junction")
    assert [f for f in findings if f.severity is not Severity.NOTE] == []


def test_a_straight_road_lacks_only_its_place_on_earth() -> None:
    findings = found(STRAIGHT)
    assert set(findings) == {"no-geo-reference", "dead-end"}
    assert findings["dead-end"].place == "road 1 lane -1 s=100.00 (100.0, -1.8)"


def test_carlas_towns_have_no_errors_but_known_ones(town: tuple[str, str]) -> None:
    name, text = town
    errors = [f for f in check_text(text, name) if f.severity is Severity.ERROR]
    # In the roundabout of Town03 a lane of section 3 is linked to the lane beside the one it runs into.
    assert {(f.kind, f.road_id) for f in errors} <= {("lane-gap", 1608)}


@pytest.mark.parametrize(
    ("old", "new", "kind", "severity"),
    [
        ("<line/>", '<arc curvature="0"/>', "flat-arc", Severity.ERROR),
        ("<line/>", '<arc curvature="-5e-7"/>', "flat-arc", Severity.ERROR),
        ("<line/>", '<arc curvature="5e-6"/>', "flat-arc", Severity.WARNING),
        ("<line/>", '<spiral curvStart="0.01" curvEnd="0.01"/>', "constant-spiral", Severity.ERROR),
        (
            '<road name="" length="100" id="1"',
            '<road name="" length="100" id="a1"',
            "id-not-integer",
            "error",
        ),
        ("<width", "<border", "border-lane", Severity.ERROR),
        ('a="3.5" b="0"', 'a="3.5" b="-0.05"', "negative-width", Severity.ERROR),
        ('a="3.5" b="0"', 'a="0" b="0"', "no-width", Severity.WARNING),
        ('type="driving"', 'type="sidewalk"', "unreadable", Severity.ERROR),
        ("</OpenDRIVE>", "", "unreadable", Severity.ERROR),
        ("<OpenDRIVE>", '<!DOCTYPE a [<!ENTITY b "c">]><OpenDRIVE>', "unreadable", Severity.ERROR),
        ("</OpenDRIVE>", '<junction id="3" type="direct"/></OpenDRIVE>', "direct-junction", Severity.ERROR),
        (
            "<planView>",
            '<link><successor elementType="road" elementId="9" contactPoint="start"/></link><planView>',
            "no-such-road",
            Severity.ERROR,
        ),
        (
            "<planView>",
            '<link><successor elementType="junction" elementId="9"/></link><planView>',
            "no-such-junction",
            Severity.ERROR,
        ),
        (
            "</planView>",
            '</planView><elevationProfile><elevation s="0" a="0" b="0" c="0" d="0"/>'
            '<elevation s="40" a="0.2" b="0" c="0" d="0"/></elevationProfile>',
            "elevation-jump",
            Severity.ERROR,
        ),
        (
            "</planView>",
            '</planView><elevationProfile><elevation s="0" a="0" b="0.3" c="0" d="0"/></elevationProfile>',
            "steep",
            Severity.WARNING,
        ),
        (
            '<geometry s="0" x="0" y="0" hdg="0" length="100"><line/></geometry>',
            '<geometry s="0" x="0" y="0" hdg="0" length="50"><line/></geometry>'
            '<geometry s="50" x="50.2" y="0" hdg="0" length="50"><line/></geometry>',
            "reference-gap",
            Severity.ERROR,
        ),
        (
            '<geometry s="0" x="0" y="0" hdg="0" length="100"><line/></geometry>',
            '<geometry s="0" x="0" y="0" hdg="0" length="50"><line/></geometry>'
            '<geometry s="50" x="50" y="0" hdg="0.3" length="50"><line/></geometry>',
            "reference-kink",
            Severity.WARNING,
        ),
        (
            "</lanes>",
            '</lanes><signals><signal id="7" s="90" t="-3" orientation="+" dynamic="yes" type="1000001"/>'
            "</signals>",
            "light-without-controller",
            Severity.WARNING,
        ),
        (
            "</OpenDRIVE>",
            '<controller id="1"><control signalId="77"/></controller></OpenDRIVE>',
            "no-such-signal",
            Severity.WARNING,
        ),
    ],
)
def test_what_is_planted_is_found(old: str, new: str, kind: str, severity: str) -> None:
    findings = planted(old, new)
    assert kind in findings
    assert findings[kind].severity == severity
    assert findings[kind].mend
    assert findings[kind].road_id == 1 or findings[kind].line is not None or kind == "no-such-signal"


CROSSING = '</lanes><objects><object id="5" type="crosswalk" s="50" t="0">{}</object></objects>'
CORNERS = "".join(
    f'<corner{{0}} {{1}}="{u}" {{2}}="{v}"/>' for u, v in ((-2, -4), (2, -4), (2, 4), (-2, 4), (-2, -4))
)


@pytest.mark.parametrize(
    ("outline", "kinds"),
    [
        (f"<outline>{CORNERS.format('Local', 'u', 'v')}</outline>", set()),
        (
            f"<outlines><outline>{CORNERS.format('Local', 'u', 'v')}</outline></outlines>",
            {"crosswalk-outline"},
        ),
        (f"<outline>{CORNERS.format('Road', 's', 't')}</outline>", {"crosswalk-outline"}),
        ("", {"crosswalk-outline"}),
        (
            "<outline>" + CORNERS.format("Local", "u", "v").rsplit("<", 1)[0] + "</outline>",
            {"crosswalk-open"},
        ),
    ],
)
def test_crossings_that_carla_drops_are_found(outline: str, kinds: set[str]) -> None:
    text = STRAIGHT.replace("</lanes>", CROSSING.format(outline))
    assert {k for k in found(text) if k.startswith("crosswalk")} == kinds


def _two_roads(gap_m: float = 0.0, *, back: bool = True) -> RoadNetwork:
    """Two roads of 100 m in a line, the second shifted to the side."""
    first = one_road().roads[0]
    here = replace(lane(-1, LaneType.DRIVING, 3.5), successor=-1)
    there = replace(lane(-1, LaneType.DRIVING, 3.5), predecessor=-1)
    centre = first.lane_sections[0].lanes[0]
    section = first.lane_sections[0]
    second = replace(
        first,
        id=2,
        geometries=(replace(first.geometries[0], x_m=100.0, y_m=gap_m),),
        lane_sections=(replace(section, lanes=(centre, there)),),
        predecessor=RoadLink(kind=ElementKind.ROAD, id=1, contact=ContactPoint.END) if back else None,
    )
    first = replace(
        first,
        lane_sections=(replace(section, lanes=(centre, here)),),
        successor=RoadLink(kind=ElementKind.ROAD, id=2, contact=ContactPoint.START),
    )
    return RoadNetwork(name="two", geo_reference="+proj=tmerc", roads=(first, second))


def test_lanes_that_touch_are_sound() -> None:
    assert set(found(write_network(_two_roads()))) == {"dead-end"}


@pytest.mark.parametrize(("gap_m", "severity"), [(0.2, Severity.WARNING), (0.8, Severity.ERROR)])
def test_lanes_that_miss_each_other_are_found_at_their_place(gap_m: float, severity: Severity) -> None:
    finding = found(write_network(_two_roads(gap_m)))["lane-gap"]
    assert finding.severity is severity
    assert (finding.road_id, finding.lane_id, finding.s_m) == (1, -1, 100.0)
    assert (finding.x_m, finding.y_m) == pytest.approx((100.0, -1.75))
    assert f"{gap_m:.2f} m" in finding.what


def test_steps_in_height_between_roads_are_found() -> None:
    network = _two_roads()
    raised = replace(network.roads[1], elevations=(Cubic(s_m=0.0, a=0.3),))
    network = RoadNetwork(name="", geo_reference="x", roads=(network.roads[0], raised))
    assert found(write_network(network))["height-step"].severity is Severity.ERROR


def test_links_that_go_one_way_are_found() -> None:
    finding = found(write_network(_two_roads(back=False)))["one-way-link"]
    assert finding.road_id == 1
    assert "road 2" in finding.what


def test_links_to_absent_lanes_and_lanes_without_a_way_on_are_found(junction: RoadNetwork) -> None:
    place = junction.junctions[0]
    wrong = replace(place.connections[0], lane_links=(LaneLink(from_lane=-1, to_lane=-9),))
    broken = replace(place, connections=(wrong, *place.connections[1:]))
    text = write_network(
        RoadNetwork(
            name="broken",
            geo_reference=junction.geo_reference,
            roads=junction.roads,
            junctions=(broken,),
            controllers=junction.controllers,
        )
    )
    findings = found(text)
    assert findings["no-such-lane"].junction_id == place.id
    assert findings["lane-not-entered"].road_id == wrong.connecting_road


def test_the_client_is_asked_in_a_process_of_its_own() -> None:
    """A curvature of 0 gives NaN in the client, and it says so itself."""
    text = STRAIGHT.replace("<line/>", '<arc curvature="0"/>')
    kinds = {f.kind for f in check_client(text, None)}
    assert kinds & {"client-nan", "client-fails"}


def test_a_client_that_fails_or_hangs_is_told() -> None:
    direct = STRAIGHT.replace(
        "</OpenDRIVE>",
        '<junction id="3" type="direct"><connection id="0" incomingRoad="1" linkedRoad="1" '
        'contactPoint="start"/></junction></OpenDRIVE>',
    )
    assert {f.kind for f in check_client(direct, None)} == {"client-fails"}
    assert {f.kind for f in check_client(STRAIGHT, None, timeout_s=0.01)} == {"client-hangs"}


def test_entities_are_never_expanded() -> None:
    bomb = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><OpenDRIVE>&b;</OpenDRIVE>'
    with pytest.raises(MapError, match="DOCTYPE"):
        parse_xml(bomb, "bomb.xodr")
    assert has_errors(check_text(bomb, "bomb.xodr"))


def test_files_that_cannot_be_read_are_one_error(tmp_path: Path) -> None:
    with pytest.raises(MapError, match="No such file"):
        check_file(tmp_path / "nowhere.xodr")
    binary = tmp_path / "binary.xodr"
    binary.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(MapError, match="not UTF-8"):
        check_file(binary)
    cut = tmp_path / "cut.xodr.gz"
    cut.write_bytes(gzip.compress(STRAIGHT.encode())[:40])
    with pytest.raises(MapError, match=r"cut\.xodr\.gz"):
        check_file(cut)
    whole = tmp_path / "whole.xodr.gz"
    whole.write_bytes(gzip.compress(STRAIGHT.encode()))
    assert not has_errors(check_file(whole, client_timeout_s=None))
