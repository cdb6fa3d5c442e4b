"""Junctions of small streets without lights: one street goes first, the other gives way or stops."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from drivegen.core.errors import ConfigError
from drivegen.opendrive.model import RoadNetwork
from drivegen_generators.roads.arm import CrossSection
from drivegen_generators.roads.crossing import Control, Crossing
from drivegen_generators.roads.extras import arm_stretches, check_extras, with_extras
from drivegen_generators.roads.grade import GRADE_PERCENT, STEEPEST_PERCENT, with_grades
from drivegen_generators.roads.layout import ArmPlan, draw_bearings, place_arms
from drivegen_generators.roads.network import crossing_network
from drivegen_generators.roads.options import (
    as_pair,
    check_flag,
    check_number,
    check_place,
    check_range,
    check_ranges,
    check_whole,
    draw_between,
    read_options,
)

_FORM = "unsignalised"
_JUNCTION = 900


@dataclass(slots=True, kw_only=True)
class UnsignalisedConfig:
    """Sizes of a priority junction. Pairs are drawn from, evenly between both numbers."""

    arms: int = 4
    """3 or 4; of three the third one meets the street that goes first."""
    main_lanes: int | None = None
    """Lanes of one direction of the street that goes first, 1 or 2; None: drawn. The other street has one."""
    sign: str | None = None
    """"yield" or "stop"; None: drawn."""
    lane_width_m: Sequence[float] = (3.0, 3.5)
    bicycle_lanes: bool | None = None
    """Lanes for bicycles, marked but not kept apart; None: drawn."""
    bicycle_lane_width_m: Sequence[float] = (1.5, 2.5)
    pavement_width_m: Sequence[float] = (2.0, 3.5)
    arm_length_m: Sequence[float] = (80.0, 130.0)
    kerb_radius_m: Sequence[float] = (6.0, 10.0)
    bend_radius_m: float = 250.0
    """Tightest bend of the arms."""
    skew_deg: float = 15.0
    """The streets cross at a right angle plus or minus at most this."""
    grade_percent: Sequence[float] = GRADE_PERCENT
    """Of each arm, rising away from the junction; negative: falling. Less where an arm is too short."""
    bus_stops: int | None = 0
    """At most so many, as room allows; this and the next two on a carriageway each; None: drawn, 0 to 2."""
    parking_lanes: int | None = 0
    work_zones: int | None = 0
    """Closed lanes, on carriageways that leave the crossing."""
    speed_limit_kmh: float = 40.0
    latitude_deg: float = 39.795
    longitude_deg: float = 116.506

    def check(self) -> None:
        """Raises ConfigError for the first value that cannot be."""
        check_whole(_FORM, "arms", self.arms, 3, 4)
        if self.main_lanes is not None:
            check_whole(_FORM, "main_lanes", self.main_lanes, 1, 2)
        if self.sign not in (None, "yield", "stop"):
            raise ConfigError(f"{_FORM}: sign={self.sign!r} must be yield, stop or null")
        if self.bicycle_lanes is not None:
            check_flag(_FORM, "bicycle_lanes", self.bicycle_lanes)
        check_ranges(
            _FORM,
            self,
            ("lane_width_m", 2.75, 4.5),
            ("bicycle_lane_width_m", 1.0, 5.0),
            ("pavement_width_m", 1.5, 10.0),
            ("arm_length_m", 60.0, 1000.0),
            ("kerb_radius_m", 5.0, 15.0),
        )
        check_number(_FORM, "bend_radius_m", self.bend_radius_m, 120.0, 1e6)
        check_number(_FORM, "skew_deg", self.skew_deg, 0.0, 20.0)
        check_range(_FORM, "grade_percent", self.grade_percent, -STEEPEST_PERCENT, STEEPEST_PERCENT)
        check_number(_FORM, "speed_limit_kmh", self.speed_limit_kmh, 10.0, 80.0)
        check_place(_FORM, self.latitude_deg, self.longitude_deg)
        check_extras(_FORM, self)


class UnsignalisedJunction:
    """Generator plugin: configuration and random numbers to a network."""

    def __init__(self, **config: object) -> None:
        """Takes the fields of `UnsignalisedConfig`. Raises ConfigError for unknown or bad values."""
        self.config = read_options(_FORM, UnsignalisedConfig, config)
        self.config.check()

    def generate(self, rng: np.random.Generator, name: str) -> RoadNetwork:
        """A network that keeps to CARLA's dialect; equal draws give equal networks."""
        config = self.config
        main, minor = self._sections(rng)
        bearings, names = draw_bearings(rng, config.arms, math.radians(config.skew_deg))
        sections = (main, minor, main, minor) if config.arms == 4 else (main, main, minor)
        bends = rng.uniform(-1.0, 1.0, config.arms) / config.bend_radius_m
        plans = [
            ArmPlan(
                name=names[k],
                bearing_rad=bearings[k],
                section=sections[k],
                length_m=draw_between(rng, as_pair(config.arm_length_m)),
                bend_pm=float(bends[k]),
                speed_mps=config.speed_limit_kmh / 3.6,
            )
            for k in range(config.arms)
        ]
        stops = bool(rng.random() < 0.5) if config.sign is None else config.sign == "stop"
        radii = (draw_between(rng, as_pair(config.kerb_radius_m)),) * config.arms
        arms = place_arms(plans, radii, junction=_JUNCTION)
        crossing = Crossing(
            arms=with_grades(rng, arms, as_pair(config.grade_percent)),
            junction=_JUNCTION,
            first_road=100,
            first_signal=1000,
            first_controller=2000,
            kerb_radii_m=radii,
            control=Control.STOP if stops else Control.YIELD,
            minor=(1, 3) if config.arms == 4 else (2,),
        )
        network = crossing_network(
            crossing, name, latitude_deg=config.latitude_deg, longitude_deg=config.longitude_deg
        )
        return with_extras(network, arm_stretches(network, crossing.arms), config, rng)

    def _sections(self, rng: np.random.Generator) -> tuple[CrossSection, CrossSection]:
        """Of the street that goes first and of the other one."""
        config = self.config
        lanes = int(rng.integers(1, 3))
        bicycles = bool(rng.random() < 0.5)
        width = draw_between(rng, as_pair(config.bicycle_lane_width_m))
        minor = CrossSection(
            lanes=1,
            lane_m=draw_between(rng, as_pair(config.lane_width_m)),
            median_m=0.0,
            separator_m=0.0,
            bicycle_m=width if (bicycles if config.bicycle_lanes is None else config.bicycle_lanes) else 0.0,
            pavement_m=draw_between(rng, as_pair(config.pavement_width_m)),
            pocket_m=0.0,
        )
        return dataclasses.replace(minor, lanes=config.main_lanes or lanes), minor
