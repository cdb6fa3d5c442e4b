"""Places on the road where a vehicle may start."""

from __future__ import annotations

from drivegen.core.geometry import Pose
from drivegen.opendrive.model import RoadNetwork


def spawn_points(network: RoadNetwork, spacing_m: float = 15.0) -> list[Pose]:
    """Poses on the ground in the middle of driving lanes outside junctions, x along the traffic.

    The order is that of roads, sections, lanes and s in the file, so equal files give equal lists.
    """
    raise NotImplementedError
