"""A `RoadNetwork` to OpenDRIVE text in CARLA's dialect."""

from __future__ import annotations

from drivegen.opendrive.model import RoadNetwork


def write_network(network: RoadNetwork) -> str:
    """Canonical OpenDRIVE 1.4 text: the same network gives the same bytes."""
    raise NotImplementedError
