"""The whole network as surfaces."""

from __future__ import annotations

from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.surfaces.surface import Surface


def mesh_network(network: RoadNetwork) -> tuple[Surface, ...]:
    """Surfaces of all roads and junctions and of the ground around, at most one of each kind."""
    raise NotImplementedError
