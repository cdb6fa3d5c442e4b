"""Districts and whole cities: arterials and minor streets that meet in junctions of all forms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from drivegen.opendrive.model import RoadNetwork
from drivegen_generators.roads.district_builder import DistrictBuilder
from drivegen_generators.roads.district_config import DistrictConfig
from drivegen_generators.roads.network import geo_reference
from drivegen_generators.roads.options import read_options
from drivegen_generators.roads.street_grid import draw_grid


@dataclass(slots=True, kw_only=True)
class CityConfig(DistrictConfig):
    """The same for a whole city."""

    junctions: int = 329
    """Junctions with lights, as many as the zone had in its phase 2.0; those without come on top."""


class District:
    """Generator plugin: configuration and random numbers to a network.

    Streets' ends are turn-arounds, so that every driving lane goes on for ever.
    """

    form = "district"
    options: type[DistrictConfig] = DistrictConfig
    count_lights = False
    """`junctions` counts those with lights only."""

    def __init__(self, **config: object) -> None:
        """Takes the fields of `DistrictConfig`. Raises ConfigError for unknown or bad values."""
        self.config = read_options(self.form, self.options, config)
        self.config.check(self.form)

    def generate(self, rng: np.random.Generator, name: str) -> RoadNetwork:
        """A network that keeps to CARLA's dialect; equal draws give equal networks."""
        config = self.config
        grid = draw_grid(config, rng, count_lights=self.count_lights)
        builder = DistrictBuilder(config, rng, grid)
        return RoadNetwork(
            name=name,
            geo_reference=geo_reference(config.latitude_deg, config.longitude_deg),
            roads=tuple(builder.roads),
            junctions=tuple(builder.junctions),
            controllers=tuple(builder.controllers),
            source=name,
        )


class City(District):
    """Generator plugin: a district of hundreds of junctions with lights."""

    form = "city"
    options = CityConfig
    count_lights = True
