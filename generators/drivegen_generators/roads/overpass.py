"""A street that crosses another one on a bridge, joined with it by a link on the ground."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from drivegen.opendrive.model import RoadNetwork, Structure, StructureKind
from drivegen.opendrive.structures import DECK_M, WALLS_FROM_M
from drivegen_generators.roads.options import read_options
from drivegen_generators.roads.separation import separated_network
from drivegen_generators.roads.separation_config import SeparationConfig, draw_separation

_FORM = "overpass"


@dataclass(slots=True, kw_only=True)
class OverpassConfig(SeparationConfig):
    """Sizes of an overpass."""


class Overpass:
    """Generator plugin: configuration and random numbers to a network."""

    def __init__(self, **config: object) -> None:
        """Takes the fields of `OverpassConfig`. Raises ConfigError for unknown or bad values."""
        self.config = read_options(_FORM, OverpassConfig, config)
        self.config.check(_FORM)

    def generate(self, rng: np.random.Generator, name: str) -> RoadNetwork:
        """A network that keeps to CARLA's dialect; equal draws give equal networks."""
        config = self.config
        separation = draw_separation(rng, config, DECK_M)
        start = separation.station_at(WALLS_FROM_M)
        bridge = Structure(
            id="7001",
            kind=StructureKind.BRIDGE,
            s_m=start,
            length_m=2.0 * (separation.crossing_m - start),
            type="concrete",
            name="overpass",
        )
        return separated_network(
            separation,
            (bridge,),
            name,
            latitude_deg=config.latitude_deg,
            longitude_deg=config.longitude_deg,
        )
