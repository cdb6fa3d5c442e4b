"""A street that dips under another one through a tunnel, joined with it by a link on the ground."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from drivegen.opendrive.model import RoadNetwork, Structure, StructureKind
from drivegen.opendrive.structures import ROOF_M
from drivegen_generators.roads.options import as_pair, check_range, draw_between, read_options
from drivegen_generators.roads.separation import separated_network
from drivegen_generators.roads.separation_config import SeparationConfig, draw_separation

_FORM = "tunnel"
_LAMPS_M = 0.3
"""Lamps hang so far from the ceiling, above the clearance."""
_BEYOND_M = 1.0
"""The level stretch goes on so far outside the portals."""


@dataclass(slots=True, kw_only=True)
class TunnelConfig(SeparationConfig):
    """Sizes of a tunnel."""

    covered_length_m: Sequence[float] = (50.0, 120.0)
    """Between the portals; at least what the other street needs."""

    def check(self, form: str) -> None:
        """Raises ConfigError for the first value that cannot be."""
        SeparationConfig.check(self, form)
        check_range(form, "covered_length_m", self.covered_length_m, 20.0, 1000.0)


class Tunnel:
    """Generator plugin: configuration and random numbers to a network."""

    def __init__(self, **config: object) -> None:
        """Takes the fields of `TunnelConfig`. Raises ConfigError for unknown or bad values."""
        self.config = read_options(_FORM, TunnelConfig, config)
        self.config.check(_FORM)

    def generate(self, rng: np.random.Generator, name: str) -> RoadNetwork:
        """A network that keeps to CARLA's dialect; equal draws give equal networks."""
        config = self.config
        drawn = draw_separation(rng, config, ROOF_M + _LAMPS_M)
        covered = max(draw_between(rng, as_pair(config.covered_length_m)), 2.0 * drawn.level_m)
        separation = replace(drawn, rise_m=-drawn.rise_m, level_m=0.5 * covered + _BEYOND_M)
        tunnel = Structure(
            id="7001",
            kind=StructureKind.TUNNEL,
            s_m=separation.crossing_m - 0.5 * covered,
            length_m=covered,
            type="underpass",
            name="tunnel",
            lighting=0.5,
        )
        return separated_network(
            separation,
            (tunnel,),
            name,
            latitude_deg=config.latitude_deg,
            longitude_deg=config.longitude_deg,
        )
