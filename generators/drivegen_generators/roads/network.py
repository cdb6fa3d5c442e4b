"""A whole OpenDRIVE file from a crossing."""

from __future__ import annotations

from drivegen.opendrive.model import RoadNetwork
from drivegen_generators.roads.crossing import Crossing


def geo_reference(latitude_deg: float, longitude_deg: float) -> str:
    """A transverse Mercator plane around a place, as a PROJ string."""
    return (
        f"+proj=tmerc +lat_0={latitude_deg!r} +lon_0={longitude_deg!r} "
        "+k=1 +x_0=0 +y_0=0 +datum=WGS84 +units=m +vunits=m +no_defs"
    )


def crossing_network(
    crossing: Crossing, name: str, *, latitude_deg: float, longitude_deg: float
) -> RoadNetwork:
    """Arms first, then what connects them; the origin of the map lies at the given place."""
    roads, movements = crossing.roads()
    return RoadNetwork(
        name=name,
        geo_reference=geo_reference(latitude_deg, longitude_deg),
        roads=(*roads, *(m.road for m in movements)),
        junctions=(crossing.junction_element(movements),),
        controllers=crossing.controllers(),
        source=name,
    )
