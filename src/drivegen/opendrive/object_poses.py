"""Where OpenDRIVE objects lie, and names of those that vehicles stand on."""

from __future__ import annotations

import numpy as np

from drivegen.core.geometry import Pose
from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import Road, RoadObject

BAY = "parkingSpace"
"""Type of marked bays for parked vehicles."""
STAND = "BusStop_"
"""Name, before a number, of the place where buses stand."""
PLATFORM = "BusPlatform_"
"""The same of the place where people wait for them."""


def object_pose(geometry: NetworkGeometry, road: Road, item: RoadObject, above_m: float = 0.0) -> Pose:
    """The middle of an object above its road, x along the object's own heading; level."""
    curve = geometry.curve(road.id)
    s = np.array([np.clip(item.s_m, 0.0, road.length_m)])
    x, y, z = (float(v) for v in curve.points(s, np.array([item.t_m]))[0])
    yaw = float(curve.reference(s)[1][0]) + item.heading_rad
    return Pose.from_xyz_rpy(x, y, z + item.z_offset_m + above_m, yaw_rad=yaw)
