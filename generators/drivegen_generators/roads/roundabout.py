"""Roundabouts of three to five arms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from drivegen.core.errors import ConfigError
from drivegen.opendrive.model import RoadNetwork
from drivegen_generators.roads.arm import Arm, ArmIds, CrossSection
from drivegen_generators.roads.fittings import ZEBRA_TO_EDGE_M, ZEBRA_WIDTH_M
from drivegen_generators.roads.grade import GRADE_PERCENT, STEEPEST_PERCENT, with_grades
from drivegen_generators.roads.network import geo_reference
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
from drivegen_generators.roads.plan_view import Heading, Path
from drivegen_generators.roads.ring import Ring

_FORM = "roundabout"
_FIRST_JUNCTION = 900
_RADIUS_M = {3: (15.0, 22.0), 4: (18.0, 26.0), 5: (24.0, 30.0)}
"""Of the central island by the number of arms."""
_MOST_HALF_RAD = math.radians(38.0)
_HALF_SHARE = 0.42
"""Of the smallest angle between arms; the rest is ring between their junctions."""
_JITTER = 0.12
"""Arms turn by this share of the angle between them."""
_ZEBRA_TO_RING_M = 5.0
"""A car waits between the zebra and the ring."""
_STRAIGHT_M = 30.0


@dataclass(slots=True, kw_only=True)
class RoundaboutConfig:
    """Sizes of a roundabout. Pairs are drawn from, evenly between both numbers."""

    arms: int | None = None
    """3 to 5; None: drawn."""
    circulating_lanes: int | None = None
    """1 or 2; None: drawn. Arms have as many lanes in each direction, or fewer (drawn)."""
    island_radius_m: Sequence[float] | None = None
    """Of the central island with its apron; None: what suits the number of arms."""
    lane_width_m: Sequence[float] = (3.25, 3.75)
    ring_lane_width_m: Sequence[float] = (4.25, 5.0)
    median_width_m: Sequence[float] = (2.0, 4.0)
    """Of the arms; it widens into the splitter island."""
    bicycle_lanes: bool | None = None
    """None: drawn."""
    bicycle_lane_width_m: Sequence[float] = (1.75, 2.5)
    pavement_width_m: Sequence[float] = (2.5, 4.0)
    arm_length_m: Sequence[float] = (80.0, 130.0)
    bend_radius_m: float = 300.0
    """Tightest bend of the arms."""
    grade_percent: Sequence[float] = GRADE_PERCENT
    """Of each arm, rising away from the junction; negative: falling. Less where an arm is too short."""
    speed_limit_kmh: float = 40.0
    latitude_deg: float = 39.795
    longitude_deg: float = 116.506

    def check(self) -> None:
        """Raises ConfigError for the first value that cannot be."""
        if self.arms is not None:
            check_whole(_FORM, "arms", self.arms, 3, 5)
        if self.circulating_lanes is not None:
            check_whole(_FORM, "circulating_lanes", self.circulating_lanes, 1, 2)
        if self.bicycle_lanes is not None:
            check_flag(_FORM, "bicycle_lanes", self.bicycle_lanes)
        if self.island_radius_m is not None:
            check_range(_FORM, "island_radius_m", self.island_radius_m, 12.0, 60.0)
            least = _RADIUS_M[5 if self.arms is None else self.arms][0]
            if self.island_radius_m[0] < least:
                raise ConfigError(
                    f"{_FORM}: island_radius_m={list(self.island_radius_m)} leaves no room for the entries; "
                    f"take at least {least:g} m, or fewer arms"
                )
        check_ranges(
            _FORM,
            self,
            ("lane_width_m", 2.75, 4.5),
            ("ring_lane_width_m", 3.5, 6.0),
            ("median_width_m", 1.0, 6.0),
            ("bicycle_lane_width_m", 1.0, 3.0),
            ("pavement_width_m", 1.5, 5.0),
            ("arm_length_m", 60.0, 1000.0),
        )
        check_number(_FORM, "bend_radius_m", self.bend_radius_m, 120.0, 1e6)
        check_range(_FORM, "grade_percent", self.grade_percent, -STEEPEST_PERCENT, STEEPEST_PERCENT)
        check_number(_FORM, "speed_limit_kmh", self.speed_limit_kmh, 10.0, 80.0)
        check_place(_FORM, self.latitude_deg, self.longitude_deg)


class Roundabout:
    """Generator plugin: configuration and random numbers to a network."""

    def __init__(self, **config: object) -> None:
        """Takes the fields of `RoundaboutConfig`. Raises ConfigError for unknown or bad values."""
        self.config = read_options(_FORM, RoundaboutConfig, config)
        self.config.check()

    def generate(self, rng: np.random.Generator, name: str) -> RoadNetwork:
        """A network that keeps to CARLA's dialect; equal draws give equal networks."""
        config = self.config
        arms = int(rng.integers(3, 6))
        arms = arms if config.arms is None else config.arms
        lanes = int(rng.integers(1, 3))
        lanes = lanes if config.circulating_lanes is None else config.circulating_lanes
        radius = draw_between(rng, as_pair(config.island_radius_m or _RADIUS_M[arms]))
        ring_lane = draw_between(rng, as_pair(config.ring_lane_width_m))
        step = math.tau / arms
        bearings = tuple(
            k * step + float(j) * step for k, j in enumerate(rng.uniform(-_JITTER, _JITTER, arms) / 2.0)
        )
        gaps = [(bearings[(k + 1) % arms] - bearings[k]) % math.tau for k in range(arms)]
        arms_of_ring = self._arms(rng, bearings, lanes, radius + lanes * ring_lane)
        ring = Ring(
            arms=with_grades(rng, arms_of_ring, as_pair(config.grade_percent)),
            bearings_rad=bearings,
            radius_m=radius,
            lanes=lanes,
            lane_m=ring_lane,
            half_angle_rad=min(_MOST_HALF_RAD, _HALF_SHARE * min(gaps)),
        )
        roads, movements = ring.roads()
        return RoadNetwork(
            name=name,
            geo_reference=geo_reference(config.latitude_deg, config.longitude_deg),
            roads=(*roads, *(m.road for own in movements for m in own)),
            junctions=ring.junctions(movements),
            source=name,
        )

    def _arms(
        self, rng: np.random.Generator, bearings: tuple[float, ...], lanes: int, outer_m: float
    ) -> tuple[Arm, ...]:
        config = self.config
        lane = draw_between(rng, as_pair(config.lane_width_m))
        pavement = draw_between(rng, as_pair(config.pavement_width_m))
        width = draw_between(rng, as_pair(config.bicycle_lane_width_m))
        bicycles = bool(rng.random() < 0.5) if config.bicycle_lanes is None else config.bicycle_lanes
        bicycle = width if bicycles else 0.0
        edge = outer_m + bicycle + _ZEBRA_TO_RING_M + ZEBRA_WIDTH_M + ZEBRA_TO_EDGE_M
        out = []
        for k, bearing in enumerate(bearings):
            section = CrossSection(
                lanes=int(rng.integers(1, lanes + 1)),
                lane_m=lane,
                median_m=draw_between(rng, as_pair(config.median_width_m)),
                separator_m=0.0,
                bicycle_m=bicycle,
                pavement_m=pavement,
                pocket_m=0.0,
            )
            length = draw_between(rng, as_pair(config.arm_length_m))
            bend = float(rng.uniform(-1.0, 1.0)) / config.bend_radius_m
            start = Heading(x_m=0.0, y_m=0.0, heading_rad=bearing).moved(edge, 0.0)
            out.append(
                Arm(
                    ids=ArmIds(out=10 * k + 1, loop=10 * k + 2, into=10 * k + 3),
                    name=f"arm {k + 1}",
                    axis=Path(start).line(_STRAIGHT_M).arc(length - _STRAIGHT_M, bend),
                    section=section,
                    pocket_length_m=0.0,
                    speed_mps=config.speed_limit_kmh / 3.6,
                    junction=_FIRST_JUNCTION + k,
                )
            )
        return tuple(out)
