"""A crossing for people between two junctions, with lights or a zebra alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from drivegen.opendrive.model import RoadNetwork
from drivegen_generators.roads.arm import CrossSection
from drivegen_generators.roads.crossing import Control, Crossing
from drivegen_generators.roads.extras import arm_stretches, check_extras, with_extras
from drivegen_generators.roads.fittings import ZEBRA_TO_EDGE_M, ZEBRA_WIDTH_M
from drivegen_generators.roads.grade import GRADE_PERCENT, STEEPEST_PERCENT, with_grades
from drivegen_generators.roads.layout import ArmPlan, place_arms
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

_FORM = "midblock"
_JUNCTION = 900


@dataclass(slots=True, kw_only=True)
class MidblockConfig:
    """Sizes of a link with a crossing. Pairs are drawn from, evenly between both numbers."""

    signalised: bool | None = None
    """Lights, or a zebra with signs; None: drawn."""
    lanes: int | None = None
    """Of one direction, 1 to 4; None: drawn from 2 to 4."""
    lane_width_m: Sequence[float] = (3.25, 3.75)
    median_width_m: Sequence[float] = (1.0, 5.0)
    separator_width_m: Sequence[float] = (1.0, 2.5)
    bicycle_lane_width_m: Sequence[float] = (2.0, 4.0)
    pavement_width_m: Sequence[float] = (3.0, 5.0)
    arm_length_m: Sequence[float] = (90.0, 160.0)
    """From the crossing to each end of the link."""
    bend_radius_m: float = 300.0
    """Tightest bend of the link."""
    grade_percent: Sequence[float] = GRADE_PERCENT
    """Of each arm, rising away from the junction; negative: falling. Less where an arm is too short."""
    bus_stops: int | None = 0
    """At most so many, as room allows; this and the next two on a carriageway each; None: drawn, 0 to 2."""
    parking_lanes: int | None = 0
    work_zones: int | None = 0
    """Closed lanes, on carriageways that leave the crossing."""
    speed_limit_kmh: float = 50.0
    latitude_deg: float = 39.795
    longitude_deg: float = 116.506

    def check(self) -> None:
        """Raises ConfigError for the first value that cannot be."""
        if self.signalised is not None:
            check_flag(_FORM, "signalised", self.signalised)
        if self.lanes is not None:
            check_whole(_FORM, "lanes", self.lanes, 1, 4)
        check_ranges(
            _FORM,
            self,
            ("lane_width_m", 2.75, 4.5),
            ("median_width_m", 0.5, 12.0),
            ("separator_width_m", 0.5, 6.0),
            ("bicycle_lane_width_m", 1.5, 7.0),
            ("pavement_width_m", 1.5, 10.0),
            ("arm_length_m", 60.0, 1000.0),
        )
        check_number(_FORM, "bend_radius_m", self.bend_radius_m, 150.0, 1e6)
        check_range(_FORM, "grade_percent", self.grade_percent, -STEEPEST_PERCENT, STEEPEST_PERCENT)
        check_number(_FORM, "speed_limit_kmh", self.speed_limit_kmh, 10.0, 100.0)
        check_place(_FORM, self.latitude_deg, self.longitude_deg)
        check_extras(_FORM, self)


class MidblockCrossing:
    """Generator plugin: configuration and random numbers to a network."""

    def __init__(self, **config: object) -> None:
        """Takes the fields of `MidblockConfig`. Raises ConfigError for unknown or bad values."""
        self.config = read_options(_FORM, MidblockConfig, config)
        self.config.check()

    def generate(self, rng: np.random.Generator, name: str) -> RoadNetwork:
        """A network that keeps to CARLA's dialect; equal draws give equal networks."""
        config = self.config
        lanes = int(rng.integers(2, 5))
        section = CrossSection(
            lanes=lanes if config.lanes is None else config.lanes,
            lane_m=draw_between(rng, as_pair(config.lane_width_m)),
            median_m=draw_between(rng, as_pair(config.median_width_m)),
            separator_m=draw_between(rng, as_pair(config.separator_width_m)),
            bicycle_m=draw_between(rng, as_pair(config.bicycle_lane_width_m)),
            pavement_m=draw_between(rng, as_pair(config.pavement_width_m)),
            pocket_m=0.0,
        )
        signalised = bool(rng.random() < 0.5)
        if config.signalised is not None:
            signalised = config.signalised
        bends = rng.uniform(-1.0, 1.0, 2) / config.bend_radius_m
        plans = [
            ArmPlan(
                name=name_of_arm,
                bearing_rad=k * math.pi,
                section=section,
                length_m=draw_between(rng, as_pair(config.arm_length_m)),
                bend_pm=float(bends[k]),
                speed_mps=config.speed_limit_kmh / 3.6,
            )
            for k, name_of_arm in enumerate(("east", "west"))
        ]
        arms = place_arms(
            plans,
            (0.0, 0.0),
            junction=_JUNCTION,
            least_edge_m=ZEBRA_TO_EDGE_M + ZEBRA_WIDTH_M / 2.0,
        )
        crossing = Crossing(
            arms=with_grades(rng, arms, as_pair(config.grade_percent)),
            junction=_JUNCTION,
            first_road=100,
            first_signal=1000,
            first_controller=2000,
            kerb_radii_m=(0.0, 0.0),
            control=Control.SIGNALS if signalised else Control.NONE,
        )
        network = crossing_network(
            crossing, name, latitude_deg=config.latitude_deg, longitude_deg=config.longitude_deg
        )
        return with_extras(network, arm_stretches(network, crossing.arms), config, rng)
