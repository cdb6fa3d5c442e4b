"""A small town as OpenStreetMap would state it, invented here: no data of anybody.

An avenue of two carriageways (科创大街) crosses three streets at traffic lights; the middle one ends in a
roundabout; a tram runs beside the avenue; pavements, painted cycle lanes, a cycleway of its own, crossings.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from xml.sax.saxutils import quoteattr

LATITUDE_DEG, LONGITUDE_DEG = 39.795, 116.506
_METRES_PER_DEGREE = 111_320.0


@dataclass
class OsmText:
    """Nodes and ways in local metres; `text` is the file."""

    nodes: list[str] = field(default_factory=list)
    ways: list[str] = field(default_factory=list)

    def node(self, x_m: float, y_m: float, **tags: str) -> int:
        """A node; returns its id."""
        lat = LATITUDE_DEG + y_m / _METRES_PER_DEGREE
        lon = LONGITUDE_DEG + x_m / (_METRES_PER_DEGREE * math.cos(math.radians(LATITUDE_DEG)))
        identity = 101 + len(self.nodes)
        self.nodes.append(
            f'<node id="{identity}" version="1" visible="true" lat="{lat:.7f}" lon="{lon:.7f}">'
            f"{_tags(tags)}</node>"
        )
        return identity

    def way(self, nodes: list[int], **tags: str) -> None:
        """A way along nodes."""
        refs = "".join(f'<nd ref="{n}"/>' for n in nodes)
        self.ways.append(
            f'<way id="{5001 + len(self.ways)}" version="1" visible="true">{refs}{_tags(tags)}</way>'
        )

    @property
    def text(self) -> str:
        """The whole file."""
        lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6" generator="by hand">']
        return "\n".join([*lines, *self.nodes, *self.ways, "</osm>"]) + "\n"


def _tags(tags: dict[str, str]) -> str:
    return "".join(
        f"<tag k={quoteattr(k.replace('__', ':'))} v={quoteattr(v)}/>" for k, v in sorted(tags.items())
    )


STREETS = {-160.0: "经海路", 0.0: "荣华中路", 160.0: "永昌南路"}
AVENUE = "科创大街"
ROUNDABOUT = "文化园环岛"
_AVENUE_Y_M = 9.0
_TRAM_Y_M = -70.0
_PARK_Y_M = -115.0
_SOUTH_Y_M = -200.0
_RING_Y_M = 190.0
_RING_RADIUS_M = 26.0
_TURN_M = 18.0


def town() -> str:
    """The extract. The only end without a way on is the northern arm of the roundabout."""
    osm = OsmText()
    lights = {
        (x, side): osm.node(x, side * _AVENUE_Y_M, highway="traffic_signals")
        for x in STREETS
        for side in (-1, 1)
    }
    rails = {x: osm.node(x, _TRAM_Y_M, railway="level_crossing") for x in STREETS}
    park = {x: osm.node(x, _PARK_Y_M, highway="crossing", crossing="uncontrolled") for x in STREETS}
    south = {x: osm.node(x, -150.0 if x else _SOUTH_Y_M) for x in STREETS}
    ring = _roundabout(osm)
    _avenue(osm, lights)
    for x, name in STREETS.items():
        crossing = osm.node(x, -32.0, highway="crossing", crossing="traffic_signals")
        nodes = [south[x], park[x], rails[x], crossing, lights[x, -1], lights[x, 1]]
        if x == 0.0:
            nodes.append(ring[0])
        else:
            corner = ((1.0, 150.0), (0.94, 172.0), (0.81, 186.0), (0.6, _RING_Y_M))
            nodes += [osm.node(x * part, y) for part, y in corner]
            nodes.append(ring[4 if x > 0 else 12])
        osm.way(
            nodes,
            highway="secondary",
            name=name,
            lanes="4",
            maxspeed="50",
            sidewalk="both",
            cycleway="lane",
        )
    osm.way(
        [ring[8], osm.node(0.0, 320.0)],
        highway="tertiary",
        name="宏达北路",
        lanes="2",
        maxspeed="40",
        sidewalk="both",
    )
    bend = ((1.0, -170.0), (0.96, -184.0), (0.9, -194.0), (0.8, -200.0))
    left, right = ([osm.node(x * part, y) for part, y in bend] for x in (-160.0, 160.0))
    osm.way(
        [south[-160.0], *left, south[0.0], *right[::-1], south[160.0]],
        highway="tertiary",
        name="凉水河路",
        lanes="2",
        maxspeed="40",
        sidewalk="both",
    )
    rail = [osm.node(-280.0, _TRAM_Y_M), *(rails[x] for x in sorted(STREETS)), osm.node(280.0, _TRAM_Y_M)]
    osm.way(rail, railway="tram", name="亦庄T1线", electrified="contact_line", gauge="1435")
    green = [osm.node(-280.0, -125.0), *(park[x] for x in sorted(STREETS)), osm.node(280.0, -125.0)]
    osm.way(green, highway="cycleway", name="凉水河绿道", oneway="no", width="3")
    return osm.text


def _avenue(osm: OsmText, lights: dict[tuple[float, int], int]) -> None:
    """Two carriageways, turning into each other at both ends of the extract."""
    xs = sorted(STREETS)
    east = [osm.node(300.0 + _TURN_M * math.cos(a), _TURN_M * math.sin(a)) for a in _half_turn()]
    west = [osm.node(-300.0 - _TURN_M * math.cos(a), -_TURN_M * math.sin(a)) for a in _half_turn()]
    tags = {"highway": "primary", "name": AVENUE, "lanes": "3", "oneway": "yes", "maxspeed": "60"}
    for nodes in (
        [west[-1], *(lights[x, -1] for x in xs), east[0]],
        [east[-1], *(lights[x, 1] for x in xs[::-1]), west[0]],
    ):
        osm.way(nodes, **tags, sidewalk="right", cycleway__right="track")
    turn = {**tags, "maxspeed": "20", "sidewalk": "right", "cycleway:right": "track"}
    osm.way(east, **turn)
    osm.way(west, **turn)


def _half_turn() -> list[float]:
    """Angles of a turn to the left that begins and ends across the avenue's axis."""
    first = math.asin(_AVENUE_Y_M / _TURN_M)
    return [-math.pi + first + step * (math.tau - 2.0 * first) / 24 for step in range(25)]


def _roundabout(osm: OsmText) -> list[int]:
    """A ring of 16 nodes; the first is the southernmost."""
    ring = []
    for step in range(16):
        angle = -math.pi / 2 + step * math.tau / 16
        x, y = _RING_RADIUS_M * math.cos(angle), _RING_Y_M + _RING_RADIUS_M * math.sin(angle)
        ring.append(osm.node(x, y))
    osm.way(
        [*ring, ring[0]],
        highway="tertiary",
        junction="roundabout",
        name=ROUNDABOUT,
        lanes="1",
        oneway="yes",
        maxspeed="30",
    )
    return ring
