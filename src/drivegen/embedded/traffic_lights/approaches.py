"""The stretches of lane before stop lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int32

from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import ContactPoint, ElementKind, RoadNetwork
from drivegen.opendrive.signals import SignalHead
from drivegen.opendrive.topology import LaneRef, Topology

REACH_M = 80.0
"""Enough to stop from 110 km/h."""
STEP_M = 2.0
SHORT_M = 8.0
"""A lane between two junctions shorter than this holds no vehicle that waits at its end."""
MOST_BEYOND_M = 10.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Approaches:
    """Lanes before stop lines as centre lines that run against the traffic, from the line upstream."""

    points_m: Float64[np.ndarray, "p 3"]
    """Of all approaches, one after the other."""
    half_width_m: Float64[np.ndarray, "p"]
    start: Int32[np.ndarray, "a+1"]
    """First point of each approach, and the end."""
    beyond_m: Float64[np.ndarray, "a"]
    """How far beyond the end of the lane the line is painted, where that is just inside the junction.

    Vehicles stop at the lane's end: the client's Traffic Manager heeds no light inside a junction.
    """
    rows: tuple[tuple[int, ...], ...]
    """Lights that govern each approach, ascending."""

    def __len__(self) -> int:
        return len(self.rows)


Place = tuple[int, int, float]
"""Road, lane, station."""


def _previous(network: RoadNetwork, road_id: int, section: int, lane_id: int) -> tuple[int, int, int] | None:
    """(road, section, lane) that leads into a lane section; None at a junction or a dead end."""
    road = network.road_by_id[road_id]
    lane = road.lane_sections[section].lane(lane_id)
    if lane is None:
        return None
    along = lane_id < 0
    link = lane.predecessor if along else lane.successor
    neighbour = section - 1 if along else section + 1
    if 0 <= neighbour < len(road.lane_sections):
        found = link if link is not None else lane_id
        return (road_id, neighbour, found) if road.lane_sections[neighbour].lane(found) else None
    leads_from = road.predecessor if along else road.successor
    if link is None or leads_from is None or leads_from.kind is not ElementKind.ROAD:
        return None
    before = network.road_by_id.get(leads_from.id)
    if before is None:
        return None
    at = 0 if leads_from.contact is ContactPoint.START else len(before.lane_sections) - 1
    return (before.id, at, link) if before.lane_sections[at].lane(link) else None


def _outside_junction(network: RoadNetwork, geometry: NetworkGeometry, place: Place) -> Place:
    """The end of the lane that leads into the junction, for a place on a connecting road; else the place."""
    road_id, lane_id, s_m = place
    for _ in range(8):
        road = network.road_by_id[road_id]
        if road.junction is None:
            break
        section: int | None = 0 if lane_id < 0 else len(road.lane_sections) - 1
        before = _previous(network, road_id, section or 0, lane_id)
        if before is None:
            first, last = geometry.curve(road_id).section_range(section or 0)
            return road_id, lane_id, first if lane_id < 0 else last
        road_id, section, lane_id = before
        first, last = geometry.curve(road_id).section_range(section)
        s_m = last if lane_id < 0 else first
    return road_id, lane_id, s_m


def _centre_line(
    network: RoadNetwork, geometry: NetworkGeometry, place: Place
) -> tuple[Float64[np.ndarray, "k 4"], LaneRef, float]:
    """Points (x, y, z, half width) of the lane from a place upstream, every `STEP_M` and at section ends.

    Also the last lane of the line, and the line's length.
    """
    road_id, lane_id, s_m = place
    section = network.road_by_id[road_id].section_at(s_m)
    if network.road_by_id[road_id].lane_sections[section].lane(lane_id) is None:
        section = max(0, section - 1)
    parts: list[Float64[np.ndarray, "k 4"]] = []
    length = 0.0
    while length < REACH_M:
        curve = geometry.curve(road_id)
        first, last = curve.section_range(section)
        begin = min(max(s_m, first), last)
        end = first if lane_id < 0 else last
        reach = min(abs(end - begin), REACH_M - length)
        count = max(2, int(np.ceil(reach / STEP_M)) + 1)
        stations = begin + np.linspace(0.0, reach, count) * np.sign(end - begin)
        lane = curve.lane_centre(section, lane_id, stations)
        parts.append(np.column_stack([lane.position_m, lane.width_m / 2]))
        reached = LaneRef(road_id=road_id, section=section, lane_id=lane_id)
        length += reach
        before = _previous(network, road_id, section, lane_id)
        if before is None:
            break
        road_id, section, lane_id = before
        first, last = geometry.curve(road_id).section_range(section)
        s_m = last if lane_id < 0 else first
    return np.concatenate(parts), reached, length


def _lines_to(
    network: RoadNetwork, geometry: NetworkGeometry, topology: Topology, place: Place
) -> list[Float64[np.ndarray, "k 4"]]:
    """The centre line of a place; where it is too short to hold a vehicle, one for each way onto it."""
    line, reached, length = _centre_line(network, geometry, place)
    if length >= SHORT_M:
        return [line]
    lines = []
    for before in topology.predecessors(reached):
        first, last = geometry.curve(before.road_id).section_range(before.section)
        start = (before.road_id, before.lane_id, last if before.lane_id < 0 else first)
        lines.append(np.concatenate([line, _centre_line(network, geometry, start)[0]]))
    return lines or [line]


def _beyond(line: Float64[np.ndarray, "k 4"], painted: list[Float64[np.ndarray, "3"]]) -> float:
    """How far beyond the beginning of a centre line the farthest of some painted lines lies, at least 0."""
    onward = line[0, :2] - line[1, :2]
    onward /= max(float(np.linalg.norm(onward)), 1e-9)
    away = [float((middle[:2] - line[0, :2]) @ onward) for middle in painted]
    return min(max([*away, 0.0]), MOST_BEYOND_M)


def find_approaches(network: RoadNetwork, heads: Sequence[SignalHead]) -> Approaches:
    """The approaches of all stop lines. A line that is given inside a junction counts at its entry.

    Lines of several lights on one lane are one approach.
    """
    geometry = NetworkGeometry(network)
    lights: dict[Place, list[int]] = {}
    middles: dict[Place, list[Float64[np.ndarray, "3"]]] = {}
    for head in heads:
        for line in head.stop_lines:
            place = _outside_junction(network, geometry, (line.road_id, line.lane_id, line.s_m))
            key = (place[0], place[1], round(place[2], 1))
            rows = lights.setdefault(key, [])
            middles.setdefault(key, []).append(0.5 * (line.start_m + line.end_m))
            if head.index not in rows:
                rows.append(head.index)
    topology = Topology(network)
    keys, lines = [], []
    for key in lights:
        for found in _lines_to(network, geometry, topology, key):
            keys.append(key)
            lines.append(found)
    table = np.concatenate(lines) if lines else np.zeros((0, 4))
    return Approaches(
        points_m=table[:, :3].copy(),
        half_width_m=table[:, 3].copy(),
        start=np.cumsum([0, *(len(line) for line in lines)]).astype(np.int32),
        beyond_m=np.array([_beyond(line, middles[key]) for key, line in zip(keys, lines, strict=True)]),
        rows=tuple(tuple(sorted(lights[key])) for key in keys),
    )
