"""The map as lines in space: borders of lanes, and crossings."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64

from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.surfaces.lane_kinds import object_outline

Line = Float64[np.ndarray, "n 3"]
_RAISED_M = np.array([0.0, 0.0, 0.03])
"""Over the road, so that lines can be told from its points."""


def lane_borders(network: RoadNetwork) -> list[Line]:
    """The outer border of each lane, and the line between left and right lanes, section by section.

    In the world frame, metres.
    """
    geometry = NetworkGeometry(network)
    lines = []
    for road in network.roads:
        curve = geometry.curve(road.id)
        for index in range(len(road.lane_sections)):
            first, last = curve.section_range(index)
            if last - first < 0.01:
                continue
            stations = curve.stations(index)
            borders = curve.border_offsets(index, stations)
            lines += [curve.points(stations, t) + _RAISED_M for t in borders.values()]
    return lines


def crossings(network: RoadNetwork) -> list[Line]:
    """Outlines of crossings, closed; in the world frame, metres."""
    geometry = NetworkGeometry(network)
    outlines = [
        object_outline(geometry, road.id, item)
        for road in network.roads
        for item in road.objects
        if item.type == "crosswalk" and len(item.outline) >= 3
    ]
    return [np.concatenate([ring, ring[:1]]) + _RAISED_M for ring in outlines]
