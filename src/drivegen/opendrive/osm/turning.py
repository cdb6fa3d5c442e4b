"""Speed limits of ways through junctions, by how tightly they turn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import DRIVABLE, Lane, LaneSpeed, Road, RoadNetwork

LATERAL_MPS2 = 3.0
"""A brisk turn of a car; netconvert lets 5.5 m/s^2 pass."""
_SLOWEST_MPS = 10.0 / 3.6
_STATIONS = 33
_STRAIGHT_PM = 1e-4


def limit_turns(network: RoadNetwork) -> tuple[Road, ...]:
    """The roads, driving lanes in junctions no faster than `LATERAL_MPS2` allows on their tightest bend."""
    geometry = NetworkGeometry(network)
    return tuple(road if road.junction is None else _limited(geometry, road) for road in network.roads)


def _limited(geometry: NetworkGeometry, road: Road) -> Road:
    sections = tuple(
        replace(section, lanes=tuple(_slowed(geometry, road, index, lane) for lane in section.lanes))
        for index, section in enumerate(road.lane_sections)
    )
    return replace(road, lane_sections=sections)


def _slowed(geometry: NetworkGeometry, road: Road, index: int, lane: Lane) -> Lane:
    if lane.type not in DRIVABLE:
        return lane
    curve = geometry.curve(road.id)
    first, last = curve.section_range(index)
    stations = np.linspace(first, last, _STATIONS)
    _, _, curvature = curve.reference(stations)
    inner, outer, _ = curve.lane_bounds(index, lane.id, stations)
    bend = np.abs(curvature / np.maximum(1.0 - curvature * 0.5 * (inner + outer), 0.1))
    if bend.max() < _STRAIGHT_PM:
        return lane
    limit = round(max(float(np.sqrt(LATERAL_MPS2 / bend.max())), _SLOWEST_MPS), 2)
    own = min((speed.max_mps for speed in lane.speeds), default=np.inf)
    return lane if own <= limit else replace(lane, speeds=(LaneSpeed(s_offset_m=0.0, max_mps=limit),))
