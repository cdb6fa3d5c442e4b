"""Places on the road where a vehicle may start."""

from __future__ import annotations

import numpy as np

from drivegen.core.geometry import Pose
from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import LaneType, RoadNetwork

_FROM_END_M = 6.0
"""Half a bus: no point this close to the end of a lane section."""
_NARROWEST_M = 2.5


def spawn_points(network: RoadNetwork, spacing_m: float = 15.0) -> list[Pose]:
    """Poses on the ground in the middle of driving lanes outside junctions, x along the traffic.

    The order is that of roads, sections, lanes and s in the file, so equal files give equal lists.
    """
    geometry = NetworkGeometry(network)
    out: list[Pose] = []
    for road in network.roads:
        if road.junction is not None:
            continue
        curve = geometry.curve(road.id)
        for index, section in enumerate(road.lane_sections):
            first, last = curve.section_range(index)
            free = last - first - 2.0 * _FROM_END_M
            if free <= 0.0:
                continue
            count = int(free // spacing_m) + 1
            stations = 0.5 * (first + last) + (np.arange(count) - 0.5 * (count - 1)) * spacing_m
            slope = curve.elevation(stations)[1]
            centres = curve.lane_centres(index, stations)
            for lane in section.lanes:
                if lane.type is not LaneType.DRIVING or lane.id == 0:
                    continue
                centre = centres[lane.id]
                along = 1.0 if lane.id < 0 else -1.0
                for i in range(count):
                    if centre.width_m[i] >= _NARROWEST_M:
                        x, y, z = (float(v) for v in centre.position_m[i])
                        pitch = -float(np.arctan(along * slope[i]))
                        yaw = float(centre.heading_rad[i])
                        out.append(Pose.from_xyz_rpy(x, y, z, pitch_rad=pitch, yaw_rad=yaw))
    return out
