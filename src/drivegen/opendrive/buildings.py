"""Buildings that a map itself names: OpenDRIVE objects of type building, as rectangles or outlines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from jaxtyping import Float64

from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import CornerLocal, CornerRoad, Road, RoadNetwork, RoadObject
from drivegen.opendrive.object_poses import object_pose

BUILDING = "building"
"""OpenDRIVE 1.7, 13.7: e_objectType."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Building:
    """The ground that a building takes."""

    id: str
    """Of the OpenDRIVE object."""
    name: str
    footprint: shapely.Polygon
    """In the map frame, metres."""


def buildings(network: RoadNetwork) -> tuple[Building, ...]:
    """All buildings of a network in the order of the file; those without outline and size take no ground."""
    geometry = NetworkGeometry(network)
    found = []
    for road in network.roads:
        for item in road.objects:
            if item.type == BUILDING:
                corners = _corners(geometry, road, item)
                if len(corners) >= 3:
                    found.append(Building(id=item.id, name=item.name, footprint=shapely.Polygon(corners)))
    return tuple(found)


def _corners(geometry: NetworkGeometry, road: Road, item: RoadObject) -> Float64[np.ndarray, "n 2"]:
    local = [(c.u_m, c.v_m, 0.0) for c in item.outline if isinstance(c, CornerLocal)]
    along = [c for c in item.outline if isinstance(c, CornerRoad)]
    if along:
        s, t = np.array([c.s_m for c in along]), np.array([c.t_m for c in along])
        return np.asarray(geometry.curve(road.id).points(s, t)[:, :2])
    if not local and item.radius_m > 0.0:
        angles = np.linspace(0.0, 2.0 * np.pi, 16, endpoint=False)
        local = [(item.radius_m * np.cos(a), item.radius_m * np.sin(a), 0.0) for a in angles]
    if not local and min(item.length_m, item.width_m) > 0.0:
        u, v = item.length_m / 2, item.width_m / 2
        local = [(u, v, 0.0), (-u, v, 0.0), (-u, -v, 0.0), (u, -v, 0.0)]
    pose = object_pose(geometry, road, item)
    return pose.transform_points(np.array(local, np.float64).reshape(-1, 3))[:, :2]
