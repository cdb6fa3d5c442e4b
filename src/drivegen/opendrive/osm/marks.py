"""Road marks as China paints them (GB 5768.3): yellow between opposite directions, none within junctions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from jaxtyping import Float64

from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import Road, RoadMark, RoadNetwork

_YELLOW = RoadMark(s_offset_m=0.0, type="solid", color="yellow", width_m=0.15, lane_change="none")
_SAME_M = 0.1


def mark_roads(network: RoadNetwork) -> tuple[Road, ...]:
    """The roads; where two run against each other along one line, it is yellow and painted once."""
    geometry = NetworkGeometry(network)
    ends = {
        road.id: geometry.curve(road.id).reference(np.array([0.0, road.length_m]))[0]
        for road in network.roads
    }
    by_start: dict[tuple[int, int], list[int]] = {}
    for road in network.roads:
        if road.junction is None:
            by_start.setdefault(_cell(ends[road.id][0]), []).append(road.id)
    out = []
    for road in network.roads:
        if road.junction is not None:
            out.append(_unmarked(road))
            continue
        last = ends[road.id][1]
        near = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
        cell = _cell(last)
        others = [o for i, j in near for o in by_start.get((cell[0] + i, cell[1] + j), ())]
        twins = [o for o in others if o != road.id and np.abs(ends[o][::-1] - ends[road.id]).max() < _SAME_M]
        out.append(_centred(road, twins))
    return tuple(out)


def _cell(point: Float64[np.ndarray, "2"]) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))


def _centred(road: Road, twins: list[int]) -> Road:
    if not twins:
        return road
    marks = (_YELLOW,) if road.id < min(twins) else ()
    sections = tuple(
        replace(s, lanes=tuple(replace(v, road_marks=marks) if v.id == 0 else v for v in s.lanes))
        for s in road.lane_sections
    )
    return replace(road, lane_sections=sections)


def _unmarked(road: Road) -> Road:
    sections = tuple(
        replace(s, lanes=tuple(replace(v, road_marks=()) for v in s.lanes)) for s in road.lane_sections
    )
    return replace(road, lane_sections=sections)
