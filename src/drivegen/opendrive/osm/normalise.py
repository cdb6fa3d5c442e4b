"""netconvert's OpenDRIVE to the dialect that CARLA reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import (
    DRIVABLE,
    ElementKind,
    Junction,
    LaneSection,
    LaneType,
    Road,
    RoadLink,
    RoadNetwork,
)
from drivegen.opendrive.osm.connections import mend_connections
from drivegen.opendrive.osm.crossings import Crossing, place_crossings
from drivegen.opendrive.osm.lights import group_lights
from drivegen.opendrive.osm.marks import mark_roads
from drivegen.opendrive.osm.turning import limit_turns

_RAILS = frozenset({LaneType.RAIL, LaneType.TRAM})
_PAVED = frozenset({LaneType.SIDEWALK, LaneType.WALKING, LaneType.BIKING})


def normalise(
    network: RoadNetwork, name: str, geo_reference: str = "", crossings: Mapping[str, Crossing] | None = None
) -> RoadNetwork:
    """A network that CARLA reads and traffic can drive, of what netconvert wrote.

    Links to junctions that are absent go; tracks lose the pavements that netconvert guesses beside them; ways
    through junctions reach the lanes that they lead to (`mend_connections`), no faster than they turn
    (`limit_turns`); lines between opposite directions are yellow (`mark_roads`); lights get phases
    (`group_lights`); crossings lie where SUMO has them; ids of signals and objects become integers. Flat arcs
    and constant spirals are written as lines and arcs by `write_network`.

    Args:
        network: As it was read.
        name: The new map's name.
        geo_reference: PROJ string; empty: the network's own.
        crossings: Outlines by netconvert's ids; crossings that are not among them keep theirs.
    """
    roads = tuple(_tidy(network, road) for road in network.roads)
    plain = replace_roads(network, roads, name, geo_reference or network.geo_reference)
    mended = mend_connections(_without_dangling(plain))
    slow = replace_roads(mended, limit_turns(mended), name, mended.geo_reference)
    lit = group_lights(replace_roads(slow, mark_roads(slow), name, slow.geo_reference))
    geometry = NetworkGeometry(lit)
    placed = tuple(
        replace(road, objects=place_crossings(geometry, road, dict(crossings or {}))) for road in lit.roads
    )
    return _named(replace_roads(lit, _numbered(placed), name, lit.geo_reference))


def replace_roads(
    network: RoadNetwork, roads: tuple[Road, ...], name: str, geo_reference: str
) -> RoadNetwork:
    """The network with other roads, another name and another reference."""
    return RoadNetwork(
        name=name,
        geo_reference=geo_reference,
        roads=roads,
        junctions=network.junctions,
        controllers=network.controllers,
        source=network.source,
    )


def replace_junctions(network: RoadNetwork, junctions: tuple[Junction, ...]) -> RoadNetwork:
    """The network with other junctions."""
    return RoadNetwork(
        name=network.name,
        geo_reference=network.geo_reference,
        roads=network.roads,
        junctions=junctions,
        controllers=network.controllers,
        source=network.source,
    )


def _tidy(network: RoadNetwork, road: Road) -> Road:
    def known(link: RoadLink | None) -> RoadLink | None:
        if link is None:
            return None
        there = network.junction_by_id if link.kind is ElementKind.JUNCTION else network.road_by_id
        return link if link.id in there else None

    sections = tuple(_without_pavement(s) for s in road.lane_sections)
    # Names of connecting roads are SUMO's own.
    name = "" if road.junction is not None or road.name.startswith(":") else road.name
    return replace(
        road,
        name=name,
        lane_sections=sections,
        predecessor=known(road.predecessor),
        successor=known(road.successor),
    )


def _without_pavement(section: LaneSection) -> LaneSection:
    kinds = {lane.type for lane in section.lanes if lane.id != 0}
    if not kinds & _RAILS or kinds & DRIVABLE:
        return section
    return replace(section, lanes=tuple(v for v in section.lanes if v.type not in _PAVED))


def _without_dangling(network: RoadNetwork) -> RoadNetwork:
    """Connections without links to lanes that are absent."""
    lanes = {r.id: {lane.id for s in r.lane_sections for lane in s.lanes} for r in network.roads}
    junctions = tuple(
        replace(
            junction,
            connections=tuple(
                replace(
                    c,
                    lane_links=tuple(
                        k
                        for k in c.lane_links
                        if k.from_lane in lanes[c.incoming_road] and k.to_lane in lanes[c.connecting_road]
                    ),
                )
                for c in junction.connections
            ),
        )
        for junction in network.junctions
    )
    return replace_junctions(network, junctions)


def _numbered(roads: tuple[Road, ...]) -> tuple[Road, ...]:
    """Objects get numbers in the order of the file."""
    out = []
    number = 0
    for road in roads:
        objects = []
        for item in road.objects:
            number += 1
            objects.append(replace(item, id=str(number)))
        out.append(replace(road, objects=tuple(objects)))
    return tuple(out)


def _named(network: RoadNetwork) -> RoadNetwork:
    """Junctions are called after the streets that meet there."""
    junctions = []
    for junction in network.junctions:
        incoming = sorted({c.incoming_road for c in junction.connections})
        names = dict.fromkeys(network.road_by_id[i].name for i in incoming)
        junctions.append(replace(junction, name=" / ".join(n for n in names if n)))
    return replace_junctions(network, tuple(junctions))
