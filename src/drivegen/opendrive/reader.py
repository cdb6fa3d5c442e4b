"""OpenDRIVE text to a `RoadNetwork`."""

from __future__ import annotations

from drivegen.opendrive.model import RoadNetwork


def read_network(text: str, source: str) -> RoadNetwork:
    """Reads OpenDRIVE; `source` names the file in messages. Raises MapError with file, line and mend."""
    raise NotImplementedError
