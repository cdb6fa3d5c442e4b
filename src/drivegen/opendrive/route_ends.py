"""Where traffic enters and leaves a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from drivegen.opendrive.lane_graph import LaneGraph, Turn
from drivegen.opendrive.model import ContactPoint, ElementKind, Road
from drivegen.opendrive.topology import LaneRef


@dataclass(frozen=True, slots=True, kw_only=True)
class LanePlace:
    """A place on a driving lane."""

    lane: LaneRef
    s_m: float
    """As the road counts it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadEnd:
    """Where the network ends: a turn-around, or a road that nothing follows."""

    road_id: int
    """The turn-around, or the road that ends."""
    name: str
    """Of the road that leads there."""
    entries: tuple[LanePlace, ...]
    """First places of the lanes that lead into the network."""
    exits: tuple[LanePlace, ...]
    """Last places of the lanes that lead out of it."""


def road_ends(graph: LaneGraph) -> tuple[RoadEnd, ...]:
    """Turn-arounds and dead ends, in the order of the file."""
    lanes: dict[int, list[int]] = {}
    for i, ref in enumerate(graph.lanes):
        lanes.setdefault(ref.road_id, []).append(i)
    found = []
    for road in graph.network.roads:
        if road.junction is None and road.id in lanes:
            end = _turn_around(graph, road, lanes[road.id]) or _dead_end(graph, road, lanes[road.id])
            if end is not None:
                found.append(end)
    return tuple(found)


def _place(graph: LaneGraph, lane: int, travelled_m: float) -> LanePlace:
    return LanePlace(lane=graph.lanes[lane], s_m=graph.s_m(lane, travelled_m))


def _turn_around(graph: LaneGraph, road: Road, lanes: Sequence[int]) -> RoadEnd | None:
    ahead, behind = road.successor, road.predecessor
    if ahead is None or behind is None or not ahead.kind is behind.kind is ElementKind.ROAD:
        return None
    if any(graph.turn(i) is not Turn.U_TURN for i in lanes):
        return None
    before = sorted({p for i in lanes for p in graph.predecessors[i]} - set(lanes))
    after = sorted({p for i in lanes for p in graph.successors[i]} - set(lanes))
    return RoadEnd(
        road_id=road.id,
        name=graph.network.road_by_id[behind.id].name,
        entries=tuple(_place(graph, i, 0.0) for i in after),
        exits=tuple(_place(graph, i, float(graph.length_m[i])) for i in before),
    )


def _dead_end(graph: LaneGraph, road: Road, lanes: Sequence[int]) -> RoadEnd | None:
    """A road without a link at an end; its lanes that begin or end there."""
    entries, exits = [], []
    for link, contact, section in (
        (road.predecessor, ContactPoint.START, 0),
        (road.successor, ContactPoint.END, len(road.lane_sections) - 1),
    ):
        for i in lanes if link is None else ():
            ref = graph.lanes[i]
            if ref.section != section:
                continue
            enters = (ref.lane_id < 0) == (contact is ContactPoint.START)
            if enters and not graph.predecessors[i]:
                entries.append(_place(graph, i, 0.0))
            elif not enters and not graph.successors[i]:
                exits.append(_place(graph, i, float(graph.length_m[i])))
    if not entries and not exits:
        return None
    return RoadEnd(road_id=road.id, name=road.name, entries=tuple(entries), exits=tuple(exits))
