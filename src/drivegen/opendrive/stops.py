"""Bus stops of a network: where buses stand and where people wait.

A stop is two objects of one road: "BusStop_<n>", the stand of the buses as a rectangle, and
"BusPlatform_<n>", the platform beside it. Both lie on their own length (along the traffic) and width.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from drivegen.core.geometry import Pose
from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import LaneType, Road, RoadNetwork, RoadObject
from drivegen.opendrive.object_poses import PLATFORM, STAND, object_pose
from drivegen.opendrive.surfaces.lane_kinds import KERB_HEIGHT_M


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BusStop:
    """One stop of one direction."""

    name: str
    """Of the stand's object, unique in a road."""
    road_id: int
    lane_id: int
    """That buses stand on: in a bay of type stop, else of type driving."""
    is_bay: bool
    """False: buses stop in the lane of the traffic."""
    s_m: float
    """Of the stand's middle, along the road."""
    stand: Pose
    """Middle of the stand on the ground, x along the traffic."""
    stand_length_m: float
    stand_width_m: float
    platform: Pose
    """Middle of the platform, on its top, x along the traffic."""
    platform_length_m: float
    platform_width_m: float


def bus_stops(network: RoadNetwork) -> tuple[BusStop, ...]:
    """All stops that have a platform, in the order of the file."""
    geometry = NetworkGeometry(network)
    out: list[BusStop] = []
    for road in network.roads:
        platforms = {o.name.removeprefix(PLATFORM): o for o in road.objects if o.name.startswith(PLATFORM)}
        for item in road.objects:
            found = platforms.get(item.name.removeprefix(STAND)) if _is_stand(item) else None
            if found is not None:
                out.append(_stop(geometry, road, item, found))
    return tuple(out)


def _is_stand(item: RoadObject) -> bool:
    return re.fullmatch(re.escape(STAND) + r"\d+", item.name) is not None


def _stop(geometry: NetworkGeometry, road: Road, stand: RoadObject, platform: RoadObject) -> BusStop:
    curve = geometry.curve(road.id)
    index = road.section_at(stand.s_m)
    lane_id, kind = 0, LaneType.NONE
    for lane in road.lane_sections[index].lanes:
        if lane.id == 0:
            continue
        inner, outer, _ = curve.lane_bounds(index, lane.id, np.array([stand.s_m]))
        if min(inner[0], outer[0]) <= stand.t_m <= max(inner[0], outer[0]):
            lane_id, kind = lane.id, lane.type
    return BusStop(
        name=stand.name,
        road_id=road.id,
        lane_id=lane_id,
        is_bay=kind is LaneType.STOP,
        s_m=stand.s_m,
        stand=object_pose(geometry, road, stand),
        stand_length_m=stand.length_m,
        stand_width_m=stand.width_m,
        platform=object_pose(geometry, road, platform, above_m=KERB_HEIGHT_M),
        platform_length_m=platform.length_m,
        platform_width_m=platform.width_m,
    )
