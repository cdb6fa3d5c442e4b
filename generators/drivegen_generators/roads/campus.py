"""Streets of a campus or park: slow, one lane each way, without lights, with parking beside them."""

from __future__ import annotations

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
from drivegen_generators.roads.parking import PARALLEL, PERPENDICULAR

_FORM = "campus"


@dataclass(slots=True, kw_only=True)
class CampusConfig:
    """Sizes of a campus. Pairs are drawn from, evenly between both numbers."""

    width_m: Sequence[float] = (190.0, 280.0)
    """Of the ring of streets."""
    depth_m: Sequence[float] = (160.0, 230.0)
    inner_streets: int | None = None
    """That lead from the ring inwards, 2 to 4; None: drawn."""
    gates: int | None = None
    """Streets that lead out, 1 to 4; None: drawn, 1 to 3."""
    lane_width_m: Sequence[float] = (3.0, 3.5)
    pavement_width_m: Sequence[float] = (2.0, 3.5)
    gate_length_m: Sequence[float] = (50.0, 80.0)
    corner_radius_m: Sequence[float] = (18.0, 24.0)
    """Of the streets' axes."""
    kerb_radius_m: Sequence[float] = (6.0, 9.0)
    """At junctions."""
    barriers: bool = True
    """A keeper's house and barriers at each gate; the barriers are up."""
    bus_stops: int | None = None
    """At most so many, as room allows; this and the next two on a straight each; None: drawn, 0 to 2."""
    parking_lanes: int | None = 4
    """With bays along the street or at right angles to it."""
    work_zones: int | None = 0
    """None find room: no lane can be spared."""
    speed_limit_kmh: float = 25.0
    latitude_deg: float = 39.795
    longitude_deg: float = 116.506

    def check(self) -> None:
        """Raises ConfigError for the first value that cannot be."""
        for name, most in (("inner_streets", 4), ("gates", 4)):
            if getattr(self, name) is not None:
                check_whole(_FORM, name, getattr(self, name), 1 if name == "gates" else 2, most)
        check_ranges(
            _FORM,
            self,
            ("width_m", 180.0, 800.0),
            ("depth_m", 160.0, 800.0),
            ("lane_width_m", 2.75, 4.0),
            ("pavement_width_m", 1.5, 6.0),
            ("gate_length_m", 40.0, 300.0),
            ("corner_radius_m", 16.0, 30.0),
            ("kerb_radius_m", 5.0, 12.0),
        )
        check_flag(_FORM, "barriers", self.barriers)
        check_extras(_FORM, self)
        check_number(_FORM, "speed_limit_kmh", self.speed_limit_kmh, 10.0, 40.0)
        check_place(_FORM, self.latitude_deg, self.longitude_deg)


class Campus:
    """Generator plugin: configuration and random numbers to a network."""

    def __init__(self, **config: object) -> None:
        """Takes the fields of `CampusConfig`. Raises ConfigError for unknown or bad values."""
        self.config = read_options(_FORM, CampusConfig, config)
        self.config.check()

    def generate(self, rng: np.random.Generator, name: str) -> RoadNetwork:
        """A network that keeps to CARLA's dialect; equal draws give equal networks."""
        config = self.config
        inner, gates = int(rng.integers(2, 5)), int(rng.integers(1, 4))
        section = CrossSection(
            lanes=1,
            lane_m=draw_between(rng, as_pair(config.lane_width_m)),
            median_m=0.0,
            separator_m=0.0,
            bicycle_m=0.0,
            pavement_m=draw_between(rng, as_pair(config.pavement_width_m)),
            pocket_m=0.0,
        )
        middle, streets, out, turned = draw_shape(
            rng, inner=config.inner_streets or inner, gates=config.gates or gates
        )
        plan = EstatePlan(
            width_m=draw_between(rng, as_pair(config.width_m)),
            depth_m=draw_between(rng, as_pair(config.depth_m)),
            middle=middle,
            inner=streets,
            gates=out,
            gate_m=draw_between(rng, as_pair(config.gate_length_m)),
            corner_m=draw_between(rng, as_pair(config.corner_radius_m)),
            kerb_m=draw_between(rng, as_pair(config.kerb_radius_m)),
            turned_rad=turned,
            ring=section,
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
            forms=(PARALLEL, PERPENDICULAR),
            first_object=100_000,
            first_signal=60_000,
        )
        return with_gates(network, estate.gates, rng, first_object=90_000) if config.barriers else network
