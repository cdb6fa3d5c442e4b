"""Every broken file is one MapError that names the file, the line, and what to do."""

import re

import pytest

from drivegen.core.errors import MapError
from drivegen.opendrive.reader import read_network
from tests.unit.opendrive.roads import STRAIGHT

ROAD = re.search(r"  <road.*</road>\n", STRAIGHT, re.S)
assert ROAD is not None
JUNCTION = '<junction id="5" name=""><connection id="0" incomingRoad="1" connectingRoad="9"/></junction>'


def changed(old: str, new: str) -> str:
    assert STRAIGHT.count(old) >= 1
    return STRAIGHT.replace(old, new, 1)


CASES = {
    "empty": ("", r":? ?the file is empty"),
    "not XML": ("this is no road", r":1: not well-formed"),
    "cut short": (STRAIGHT[:400], r":\d+: not well-formed"),
    "another format": ("<osm version='0.6'/>", r":1: <osm>: the root element is not"),
    "entities": ('<!DOCTYPE a [<!ENTITY b "c">]>\n' + STRAIGHT[22:], r"declares a document type"),
    "no roads": (STRAIGHT.replace(ROAD.group(0), ""), r":2: <OpenDRIVE>: there is no <road>"),
    "missing attribute": (changed(' hdg="0"', ""), r':6: <geometry>: attribute "hdg" is missing'),
    "not a number": (changed('a="3.5"', 'a="wide"'), r':12: <width>: a="wide" is not a number'),
    "NaN": (changed('y="0"', 'y="nan"'), r':6: <geometry>: y="nan" is not finite'),
    "infinite": (changed('a="3.5"', 'a="1e999"'), r':12: <width>: a="1e999" is not finite'),
    "id not an integer": (
        changed('id="1" junction', 'id="main" junction'),
        r':4: <road>: id="main" is not an',
    ),
    "road twice": (
        STRAIGHT.replace(ROAD.group(0), ROAD.group(0) * 2),
        r":17: <road>: road id 1 is used twice, first in line 4",
    ),
    "no plan view": (
        re.sub(r"<planView>.*</planView>", "", STRAIGHT, flags=re.S),
        r":4: <road>: has no <planView>",
    ),
    "no geometry": (
        re.sub(r"<geometry.*</geometry>", "", STRAIGHT, flags=re.S),
        r":5: <planView>: there is no <geometry>",
    ),
    "geometry too short": (
        changed('length="100"><line', 'length="60"><line'),
        r":5: <planView>: the geometries",
    ),
    "geometry out of order": (
        changed(
            "</geometry>", '</geometry><geometry s="0" x="0" y="0" hdg="0" length="1"><line/></geometry>'
        ),
        r":5: <planView>: the geometries are not in order",
    ),
    "unknown shape": (changed("<line/>", "<bezier/>"), r":6: <bezier>: \"bezier\" is not a shape"),
    "no shape": (changed("<line/>", ""), r":6: <geometry>: has no shape"),
    "negative length": (
        changed('length="100" id', 'length="-3" id'),
        r":4: <road>: length -3 is not pos",
    ),
    "no lanes": (re.sub(r"<lanes>.*</lanes>", "", STRAIGHT, flags=re.S), r":4: <road>: has no <lanes>"),
    "no lane section": (
        re.sub(r"<laneSection.*</laneSection>", "", STRAIGHT, flags=re.S),
        r":8: <lanes>: there is no <laneSection>",
    ),
    "nothing drivable": (
        changed('type="driving"', 'type="sidewalk"'),
        r":2: <OpenDRIVE>: no lane of any",
    ),
    "lane on the wrong side": (changed('id="-1"', 'id="1"'), r":12: <lane>: lane id 1 stands under <right>"),
    "gap in lane ids": (changed('id="-1"', 'id="-2"'), r":9: <laneSection>: lane -2 has no neighbour -1"),
    "dangling connection": (
        changed("</OpenDRIVE>", JUNCTION + "</OpenDRIVE>"),
        r":17: <junction> 5: connection 0 names road 9",
    ),
    "missing junction": (changed('junction="-1"', 'junction="8"'), r":4: <road> 1: belongs to junction 8"),
    "direct junction": (
        changed("</OpenDRIVE>", '<junction id="5" type="direct"/></OpenDRIVE>'),
        r':17: <junction>: type="direct" makes the CARLA client fail',
    ),
    "unknown speed unit": (
        changed("<planView>", '<type s="0" type="town"><speed max="3" unit="knots"/></type><planView>'),
        r':5: <speed>: unit="knots" is unknown',
    ),
}


@pytest.mark.parametrize("case", CASES, ids=list(CASES))
def test_broken_file_is_named_with_line_and_mend(case: str) -> None:
    text, pattern = CASES[case]
    with pytest.raises(MapError) as caught:
        read_network(text, "maps/broken.xodr")
    message = str(caught.value)
    assert message.startswith("maps/broken.xodr:")
    assert re.search(pattern, message), message
    assert message.endswith(".")
    assert "\n" not in message


def test_the_pattern_itself_reads() -> None:
    network = read_network(STRAIGHT, "straight.xodr")
    assert [road.id for road in network.roads] == [1]
    assert network.source == "straight.xodr"


def test_links_that_lead_nowhere_are_kept() -> None:
    text = changed("<planView>", '<link><successor elementType="road" elementId="77"/></link><planView>')
    successor = read_network(text, "x").roads[0].successor
    assert successor is not None
    assert successor.id == 77


def test_external_files_are_never_loaded(tmp_path: object) -> None:
    text = f'<!DOCTYPE a SYSTEM "file://{tmp_path}/secret.dtd">\n' + STRAIGHT[22:]
    with pytest.raises(MapError, match="document type"):
        read_network(text, "x.xodr")
