"""How lanes follow each other, across sections, roads and junctions."""

from __future__ import annotations

from dataclasses import dataclass

from drivegen.opendrive.model import ContactPoint, ElementKind, Road, RoadNetwork


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class LaneRef:
    """A lane of one section of a road."""

    road_id: int
    section: int
    lane_id: int


class Topology:
    """Predecessors and successors of lanes in the direction of travel (right-hand traffic)."""

    def __init__(self, network: RoadNetwork) -> None:
        self._network = network
        self._after: dict[LaneRef, list[LaneRef]] = {}
        self._before: dict[LaneRef, list[LaneRef]] = {}
        for road in network.roads:
            self._add_road(road)
        for junction in network.junctions:
            for connection in junction.connections:
                incoming = network.road_by_id[connection.incoming_road]
                connecting = network.road_by_id[connection.connecting_road]
                contact = _contact_with(incoming, junction.id, connecting.id)
                for link in connection.lane_links:
                    if contact is not None:
                        self._join(
                            (incoming, contact, link.from_lane),
                            (connecting, connection.contact, link.to_lane),
                        )

    def _add_road(self, road: Road) -> None:
        last = len(road.lane_sections) - 1
        for index, section in enumerate(road.lane_sections):
            for lane in section.lanes:
                if lane.id == 0:
                    continue
                if index < last and lane.successor is not None:
                    self._link(road.id, index, lane.id, road.id, index + 1, lane.successor)
                if index > 0 and lane.predecessor is not None:
                    self._link(road.id, index - 1, lane.predecessor, road.id, index, lane.id)
        for link, contact, section_index in (
            (road.predecessor, ContactPoint.START, 0),
            (road.successor, ContactPoint.END, last),
        ):
            if link is None or link.kind is not ElementKind.ROAD or link.contact is None:
                continue
            other = self._network.road_by_id.get(link.id)
            if other is None:
                continue
            for lane in road.lane_sections[section_index].lanes:
                target = lane.predecessor if contact is ContactPoint.START else lane.successor
                if lane.id != 0 and target is not None:
                    self._join((road, contact, lane.id), (other, link.contact, target))

    def _join(self, first: tuple[Road, ContactPoint, int], second: tuple[Road, ContactPoint, int]) -> None:
        """Joins two lanes at the ends of two roads, whichever way the traffic runs."""
        road, contact, lane = first
        other, other_contact, other_lane = second
        here = 0 if contact is ContactPoint.START else len(road.lane_sections) - 1
        there = 0 if other_contact is ContactPoint.START else len(other.lane_sections) - 1
        leaves = (lane < 0) == (contact is ContactPoint.END)
        enters = (other_lane < 0) == (other_contact is ContactPoint.START)
        if leaves != enters:
            return
        a = LaneRef(road_id=road.id, section=here, lane_id=lane)
        b = LaneRef(road_id=other.id, section=there, lane_id=other_lane)
        self._put(*((a, b) if leaves else (b, a)))

    def _link(self, road: int, section: int, lane: int, to_road: int, to_section: int, to_lane: int) -> None:
        a = LaneRef(road_id=road, section=section, lane_id=lane)
        b = LaneRef(road_id=to_road, section=to_section, lane_id=to_lane)
        self._put(*((a, b) if lane < 0 else (b, a)))

    def _put(self, before: LaneRef, after: LaneRef) -> None:
        known = self._network.road_by_id
        for ref in (before, after):
            if known[ref.road_id].lane_sections[ref.section].lane(ref.lane_id) is None:
                return
        if after not in self._after.setdefault(before, []):
            self._after[before].append(after)
        if before not in self._before.setdefault(after, []):
            self._before[after].append(before)

    def successors(self, lane: LaneRef) -> tuple[LaneRef, ...]:
        """Where the lane's traffic goes next."""
        return tuple(self._after.get(lane, ()))

    def predecessors(self, lane: LaneRef) -> tuple[LaneRef, ...]:
        """Where the lane's traffic comes from."""
        return tuple(self._before.get(lane, ()))


def _contact_with(incoming: Road, junction: int, connecting: int) -> ContactPoint | None:
    """The end of an incoming road at a junction, or at a connecting road named directly."""
    for link, contact in (
        (incoming.successor, ContactPoint.END),
        (incoming.predecessor, ContactPoint.START),
    ):
        if link is None:
            continue
        if link.kind is ElementKind.JUNCTION and link.id == junction:
            return contact
        if link.kind is ElementKind.ROAD and link.id == connecting:
            return contact
    return None
