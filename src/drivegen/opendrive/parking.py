"""Marked bays for parked vehicles (OpenDRIVE objects of type parkingSpace)."""

from __future__ import annotations

from dataclasses import dataclass

from drivegen.core.geometry import Pose
from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.object_poses import BAY, object_pose


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ParkingBay:
    """One bay."""

    object_id: str
    road_id: int
    s_m: float
    """Of its middle, along the road."""
    pose: Pose
    """Of its middle on the ground; x as a vehicle looks that was driven in forwards."""
    length_m: float
    """Along x."""
    width_m: float


def parking_bays(network: RoadNetwork) -> tuple[ParkingBay, ...]:
    """All bays, in the order of the file."""
    geometry = NetworkGeometry(network)
    return tuple(
        ParkingBay(
            object_id=item.id,
            road_id=road.id,
            s_m=item.s_m,
            pose=object_pose(geometry, road, item),
            length_m=item.length_m,
            width_m=item.width_m,
        )
        for road in network.roads
        for item in road.objects
        if item.type == BAY and item.length_m > 0.0 and item.width_m > 0.0
    )
