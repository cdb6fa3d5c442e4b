"""Streets of an industrial park: wide lanes and bends for lorries, yards at the sides, few pavements."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from drivegen.opendrive.model import RoadNetwork
from drivegen_generators.roads.arm import CrossSection
from drivegen_generators.roads.estate import EstatePlan, build_estate, draw_shape
from drivegen_generators.roads.extras import check_extras, with_extras
from drivegen_generators.roads.gates import with_gates
from drivegen_generators.roads.options import (
    as_pair,
    check_flag,
    check_number,
    check_place,
    check_ranges,
    check_whole,
    draw_between,
    read_options,
)
from drivegen_generators.roads.parking import LORRY, PARALLEL

_FORM = "industrial_park"


@dataclass(slots=True, kw_only=True)
class IndustrialParkConfig:
    """Sizes of an industrial park. Pairs are drawn from, evenly between both numbers."""

    width_m: Sequence[float] = (300.0, 420.0)
    """Of the ring of streets."""
    depth_m: Sequence[float] = (240.0, 340.0)
    inner_streets: int | None = None
    """That lead from the ring inwards, 2 to 4; None: drawn."""
    yards: int | None = None
    """Entrances that lead from the ring to a yard to turn in, 1 to 4; None: drawn, 2 to 4."""
    ring_lanes: int | None = None
    """Of one direction of the ring, 1 or 2; None: drawn. All other streets have one."""
    pavements: bool | None = None
    """Narrow ones; else people walk nowhere; None: drawn, three in four."""
    lane_width_m: Sequence[float] = (3.5, 4.0)
    pavement_width_m: Sequence[float] = (1.5, 2.0)
    yard_length_m: Sequence[float] = (40.0, 70.0)
    corner_radius_m: Sequence[float] = (28.0, 36.0)
    """Of the streets' axes."""
    kerb_radius_m: Sequence[float] = (12.0, 15.0)
    """At junctions."""
    barriers: bool = True
    """A keeper's house and barriers at each yard; the barriers are up."""
    bus_stops: int | None = None
    """At most so many, as room allows; this and the next two on a straight each; None: drawn, 0 to 2."""
    parking_lanes: int | None = 3
    """With bays for lorries or cars."""
    work_zones: int | None = None
    """Closed lanes of a ring with two."""
    speed_limit_kmh: float = 40.0
    latitude_deg: float = 39.795
    longitude_deg: float = 116.506

    def check(self) -> None:
        """Raises ConfigError for the first value that cannot be."""
        for name, least, most in (("inner_streets", 2, 4), ("yards", 1, 4), ("ring_lanes", 1, 2)):
            if getattr(self, name) is not None:
                check_whole(_FORM, name, getattr(self, name), least, most)
        check_ranges(
            _FORM,
            self,
            ("width_m", 260.0, 1500.0),
            ("depth_m", 240.0, 1500.0),
            ("lane_width_m", 3.25, 4.5),
            ("pavement_width_m", 1.5, 5.0),
            ("yard_length_m", 40.0, 300.0),
            ("corner_radius_m", 24.0, 40.0),
            ("kerb_radius_m", 9.0, 15.0),
        )
        if self.pavements is not None:
            check_flag(_FORM, "pavements", self.pavements)
        check_flag(_FORM, "barriers", self.barriers)
        check_extras(_FORM, self)
        check_number(_FORM, "speed_limit_kmh", self.speed_limit_kmh, 10.0, 60.0)
        check_place(_FORM, self.latitude_deg, self.longitude_deg)


class IndustrialPark:
    """Generator plugin: configuration and random numbers to a network."""

    def __init__(self, **config: object) -> None:
        """Takes the fields of `IndustrialParkConfig`. Raises ConfigError for unknown or bad values."""
        self.config = read_options(_FORM, IndustrialParkConfig, config)
        self.config.check()

    def generate(self, rng: np.random.Generator, name: str) -> RoadNetwork:
        """A network that keeps to CARLA's dialect; equal draws give equal networks."""
        config = self.config
        inner, yards, lanes = int(rng.integers(2, 5)), int(rng.integers(2, 5)), int(rng.integers(1, 3))
        paved = bool(rng.random() < 0.75) if config.pavements is None else config.pavements
        width = draw_between(rng, as_pair(config.pavement_width_m))
        section = CrossSection(
            lanes=1,
            lane_m=draw_between(rng, as_pair(config.lane_width_m)),
            median_m=0.0,
            separator_m=0.0,
            bicycle_m=0.0,
            pavement_m=width if paved else 0.0,
            pocket_m=0.0,
        )
        middle, streets, out, turned = draw_shape(
            rng, inner=config.inner_streets or inner, gates=config.yards or yards
        )
        plan = EstatePlan(
            width_m=draw_between(rng, as_pair(config.width_m)),
            depth_m=draw_between(rng, as_pair(config.depth_m)),
            middle=middle,
            inner=streets,
            gates=out,
            gate_m=draw_between(rng, as_pair(config.yard_length_m)),
            corner_m=draw_between(rng, as_pair(config.corner_radius_m)),
            kerb_m=draw_between(rng, as_pair(config.kerb_radius_m)),
            turned_rad=turned,
            ring=dataclasses.replace(section, lanes=config.ring_lanes or lanes),
            across=section,
            speed_mps=config.speed_limit_kmh / 3.6,
            stops=bool(rng.random() < 0.5),
        )
        estate = build_estate(
            plan, name, latitude_deg=config.latitude_deg, longitude_deg=config.longitude_deg
        )
        network = with_extras(
            estate.network,
            estate.stretches,
            config,
            rng,
            forms=(LORRY, PARALLEL),
            first_object=100_000,
            first_signal=60_000,
        )
        return with_gates(network, estate.gates, rng, first_object=90_000) if config.barriers else network
