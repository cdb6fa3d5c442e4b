"""Checks of how roads, lanes and junctions follow each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from drivegen.opendrive.checks.finding import Finding, Severity
from drivegen.opendrive.model import DRIVABLE, ContactPoint, ElementKind, Road, RoadLink, RoadNetwork


@dataclass(frozen=True, slots=True, kw_only=True)
class _End:
    """One end of a road."""

    road: Road
    contact: ContactPoint

    @property
    def link(self) -> RoadLink | None:
        return self.road.predecessor if self.contact is ContactPoint.START else self.road.successor

    @property
    def s_m(self) -> float:
        return 0.0 if self.contact is ContactPoint.START else self.road.length_m

    @property
    def word(self) -> str:
        return "predecessor" if self.contact is ContactPoint.START else "successor"


def check_links(network: RoadNetwork) -> Iterator[Finding]:
    """Findings of road links that lead nowhere or only one way, and of connections of junctions."""
    for road in network.roads:
        for contact in ContactPoint:
            end = _End(road=road, contact=contact)
            if end.link is not None:
                yield from _link(network, end, end.link)
        yield from _two_way(road)
    yield from _connections(network)
    yield from _not_entered(network)


def _finding(end: _End, kind: str, what: str, mend: str, severity: Severity) -> Finding:
    return Finding(severity=severity, kind=kind, what=what, mend=mend, road_id=end.road.id, s_m=end.s_m)


def _link(network: RoadNetwork, end: _End, link: RoadLink) -> Iterator[Finding]:
    if link.kind is ElementKind.JUNCTION:
        if link.id not in network.junction_by_id:
            what = f"its {end.word} is junction {link.id}, which the file does not have"
            yield _finding(
                end, "no-such-junction", what, "add the junction or remove the link", Severity.ERROR
            )
        return
    other = network.road_by_id.get(link.id)
    if other is None:
        what = f"its {end.word} is road {link.id}, which the file does not have"
        yield _finding(end, "no-such-road", what, "add the road or remove the link", Severity.ERROR)
        return
    back = _End(road=other, contact=link.contact or ContactPoint.START)
    if end.road.junction is not None and other.junction is None:
        if back.link == RoadLink(kind=ElementKind.JUNCTION, id=end.road.junction):
            return
        answers = back.link is not None and back.link.kind is ElementKind.ROAD and back.link.id == end.road.id
        if answers:
            return
        what = f"its {end.word} is the {back.contact.value} of road {other.id}, which does not lead to "
        what += f"junction {end.road.junction}"
    elif back.link is None or (back.link.kind, back.link.id) != (ElementKind.ROAD, end.road.id):
        if end.road.junction is None and other.junction is not None:
            what = f"its {end.word} is connecting road {other.id} itself, not the junction"
        else:
            what = f"its {end.word} is road {other.id}, whose {back.word} is another"
    else:
        return
    mend = "make predecessor and successor of both roads name each other, or the junction"
    yield _finding(end, "one-way-link", what, mend, Severity.WARNING)


def _two_way(road: Road) -> Iterator[Finding]:
    if road.junction is None:
        return
    for index, section in enumerate(road.lane_sections):
        sides = {lane.id > 0 for lane in section.lanes if lane.id != 0 and lane.type in DRIVABLE}
        if len(sides) == 2:
            yield Finding(
                severity=Severity.WARNING,
                kind="two-way-connection",
                what="a connecting road with driving lanes both ways: CARLA finds no way through it",
                mend="give each movement a connecting road of its own",
                road_id=road.id,
                section=index,
                junction_id=road.junction,
                s_m=section.s_m,
            )
            return


def _connections(network: RoadNetwork) -> Iterator[Finding]:
    for junction in network.junctions:
        for connection in junction.connections:
            incoming = network.road_by_id[connection.incoming_road]
            connecting = network.road_by_id[connection.connecting_road]
            named = _End(road=connecting, contact=connection.contact).link
            touched = named is not None and named.kind is ElementKind.ROAD and named.id == incoming.id
            if not touched:
                yield Finding(
                    severity=Severity.WARNING,
                    kind="connection-end",
                    what=f"connection {connection.id} says that the {connection.contact.value} of road "
                    f"{connecting.id} touches road {incoming.id}; the road's own link says otherwise",
                    mend="correct contactPoint or the connecting road's link",
                    junction_id=junction.id,
                    road_id=connecting.id,
                )
            ids = {lane.id for s in incoming.lane_sections for lane in s.lanes}
            ids_in = {lane.id for s in connecting.lane_sections for lane in s.lanes}
            for link in connection.lane_links:
                if link.from_lane not in ids or link.to_lane not in ids_in:
                    yield Finding(
                        severity=Severity.ERROR,
                        kind="no-such-lane",
                        what=f"connection {connection.id} links lane {link.from_lane} of road {incoming.id} "
                        f"to lane {link.to_lane} of road {connecting.id}; one of them is not there",
                        mend="correct the <laneLink>",
                        junction_id=junction.id,
                        road_id=connecting.id,
                    )


def _not_entered(network: RoadNetwork) -> Iterator[Finding]:
    """Lanes of connecting roads that no connection names: CARLA finds no way into them."""
    connections = [c for junction in network.junctions for c in junction.connections]
    named = {(c.connecting_road, link.to_lane) for c in connections for link in c.lane_links}
    for road in network.roads:
        if road.junction is None:
            continue
        last = len(road.lane_sections) - 1
        entries = [(0, lane) for lane in road.lane_sections[0].right]
        entries += [(last, lane) for lane in road.lane_sections[last].left]
        for index, lane in entries:
            if lane.type in DRIVABLE and (road.id, lane.id) not in named:
                yield Finding(
                    severity=Severity.WARNING,
                    kind="lane-not-entered",
                    what="a driving lane in a junction that no connection leads into",
                    mend="add a <connection> with a <laneLink>, or remove the lane",
                    road_id=road.id,
                    section=index,
                    lane_id=lane.id,
                    junction_id=road.junction,
                    s_m=0.0 if lane.id < 0 else road.length_m,
                )
