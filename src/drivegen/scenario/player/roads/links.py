"""Which end of which road touches which, for measuring and for lanes that carry no links."""

from __future__ import annotations

from dataclasses import dataclass

from drivegen.opendrive.model import ContactPoint, ElementKind, RoadLink, RoadNetwork


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class RoadEnd:
    """The start or the end of a road."""

    road_id: int
    at_end: bool


class RoadLinks:
    """Ends of roads that meet; through a junction an incoming road meets its connecting roads."""

    def __init__(self, network: RoadNetwork) -> None:
        self._meets: dict[RoadEnd, list[RoadEnd]] = {}
        known = network.road_by_id
        for road in network.roads:
            for link, at_end in ((road.predecessor, False), (road.successor, True)):
                other = _other(link)
                if other is not None and other.road_id in known:
                    self._join(RoadEnd(road_id=road.id, at_end=at_end), other)
        for junction in network.junctions:
            for connection in junction.connections:
                incoming = known.get(connection.incoming_road)
                if incoming is None or connection.connecting_road not in known:
                    continue
                there = RoadEnd(
                    road_id=connection.connecting_road, at_end=connection.contact is ContactPoint.END
                )
                for link, at_end in ((incoming.predecessor, False), (incoming.successor, True)):
                    if link is not None and link.kind is ElementKind.JUNCTION and link.id == junction.id:
                        self._join(RoadEnd(road_id=incoming.id, at_end=at_end), there)

    def _join(self, one: RoadEnd, other: RoadEnd) -> None:
        for a, b in ((one, other), (other, one)):
            meets = self._meets.setdefault(a, [])
            if b not in meets:
                meets.append(b)

    def meets(self, end: RoadEnd) -> tuple[RoadEnd, ...]:
        """The ends that touch this one, in the order of the file."""
        return tuple(self._meets.get(end, ()))


def _other(link: RoadLink | None) -> RoadEnd | None:
    if link is None or link.kind is not ElementKind.ROAD or link.contact is None:
        return None
    return RoadEnd(road_id=link.id, at_end=link.contact is ContactPoint.END)
