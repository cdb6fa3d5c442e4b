"""Urban expressways with side roads (辅路): entries, exits and weaving sections in both directions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from drivegen.core.errors import ConfigError
from drivegen.opendrive.model import RoadNetwork
from drivegen_generators.roads.expressway_network import Expressway, Sizes, expressway_network
from drivegen_generators.roads.expressway_ramps import least_green_m
from drivegen_generators.roads.expressway_zones import Kind
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

_FORM = "expressway"
_NARROW_SHOULDER_M = 0.75
_LENGTHS = (
    "taper_length_m",
    "deceleration_length_m",
    "acceleration_length_m",
    "weaving_length_m",
    "ramp_length_m",
)


@dataclass(slots=True, kw_only=True)
class ExpresswayConfig:
    """Sizes of an expressway. Pairs are drawn from, evenly; lengths for each direction on its own."""

    kind: str | None = None
    """merge: an entry, and far behind it an exit; diverge: an exit, and behind it an entry; weaving: an entry
    and an exit that share a lane; all: an exit, a weaving section, an entry; None: drawn."""
    lanes: int | None = None
    """Of one direction, 2 to 4; None: drawn."""
    lane_width_m: Sequence[float] = (3.5, 3.75)
    median_width_m: Sequence[float] = (1.5, 4.0)
    hard_shoulder: bool | None = None
    """A lane for emergencies right of the others; None: drawn."""
    hard_shoulder_width_m: Sequence[float] = (2.5, 3.0)
    green_width_m: Sequence[float] = (10.0, 16.0)
    """Between main carriageway and side road; extra lanes are taken from it."""
    side_road: bool = True
    """False: ramps lead to a bare collector lane, without bicycles and people."""
    side_lanes: int | None = None
    """Of the side road, 1 to 3; None: drawn from 2 and 3."""
    side_lane_width_m: Sequence[float] = (3.25, 3.5)
    separator_width_m: Sequence[float] = (1.0, 2.0)
    """Between the side road's lanes and its bicycle lane."""
    bicycle_lane_width_m: Sequence[float] = (2.5, 3.5)
    pavement_width_m: Sequence[float] = (3.0, 5.0)
    taper_length_m: Sequence[float] = (60.0, 80.0)
    deceleration_length_m: Sequence[float] = (80.0, 120.0)
    acceleration_length_m: Sequence[float] = (150.0, 220.0)
    weaving_length_m: Sequence[float] = (180.0, 320.0)
    """From where the entry's lane is at its place to where the exit's leaves it."""
    ramp_length_m: Sequence[float] = (100.0, 140.0)
    bend_radius_m: float = 800.0
    """Tightest bend of the axis."""
    loop_radius_m: float = 40.0
    """Of the axis in the turn-arounds."""
    speed_limit_kmh: float = 80.0
    ramp_speed_limit_kmh: float = 40.0
    side_speed_limit_kmh: float = 50.0
    latitude_deg: float = 39.795
    longitude_deg: float = 116.506

    def check(self) -> None:
        """Raises ConfigError for the first value that cannot be."""
        kinds = [kind.value for kind in Kind]
        if self.kind is not None and self.kind not in kinds:
            raise ConfigError(f"{_FORM}: kind={self.kind!r} must be one of {kinds}, or null")
        if self.lanes is not None:
            check_whole(_FORM, "lanes", self.lanes, 2, 4)
        if self.side_lanes is not None:
            check_whole(_FORM, "side_lanes", self.side_lanes, 1, 3)
        if self.hard_shoulder is not None:
            check_flag(_FORM, "hard_shoulder", self.hard_shoulder)
        check_flag(_FORM, "side_road", self.side_road)
        check_ranges(
            _FORM,
            self,
            ("lane_width_m", 3.25, 4.0),
            ("median_width_m", 1.0, 12.0),
            ("hard_shoulder_width_m", 1.5, 4.0),
            ("green_width_m", 8.0, 30.0),
            ("side_lane_width_m", 3.0, 4.0),
            ("separator_width_m", 0.5, 6.0),
            ("bicycle_lane_width_m", 1.5, 7.0),
            ("pavement_width_m", 1.5, 10.0),
            ("taper_length_m", 40.0, 150.0),
            ("deceleration_length_m", 40.0, 300.0),
            ("acceleration_length_m", 60.0, 500.0),
            ("weaving_length_m", 120.0, 800.0),
            ("ramp_length_m", 90.0, 250.0),
        )
        check_number(_FORM, "bend_radius_m", self.bend_radius_m, 300.0, 1e6)
        check_number(_FORM, "loop_radius_m", self.loop_radius_m, 30.0, 150.0)
        check_number(_FORM, "speed_limit_kmh", self.speed_limit_kmh, 60.0, 100.0)
        check_number(_FORM, "ramp_speed_limit_kmh", self.ramp_speed_limit_kmh, 20.0, 60.0)
        check_number(_FORM, "side_speed_limit_kmh", self.side_speed_limit_kmh, 20.0, 70.0)
        check_place(_FORM, self.latitude_deg, self.longitude_deg)
        least = least_green_m(self.lane_width_m[1])
        if self.green_width_m[0] < least:
            raise ConfigError(
                f"{_FORM}: green_width_m={list(self.green_width_m)} leaves no room for ramps of "
                f"lane_width_m={list(self.lane_width_m)}; take at least {least:g} m"
            )


class ExpresswayRoads:
    """Generator plugin: configuration and random numbers to a network."""

    def __init__(self, **config: object) -> None:
        """Takes the fields of `ExpresswayConfig`. Raises ConfigError for unknown or bad values."""
        self.config = read_options(_FORM, ExpresswayConfig, config)
        self.config.check()

    def generate(self, rng: np.random.Generator, name: str) -> RoadNetwork:
        """A network that keeps to CARLA's dialect; equal draws give equal networks."""
        config = self.config
        kinds = list(Kind)
        drawn_kind = kinds[int(rng.integers(len(kinds)))]
        lanes, side_lanes = int(rng.integers(2, 5)), int(rng.integers(2, 4))
        hard = bool(rng.random() < 0.5) if config.hard_shoulder is None else config.hard_shoulder
        shoulder = draw_between(rng, as_pair(config.hard_shoulder_width_m))
        made = Expressway(
            kind=drawn_kind if config.kind is None else Kind(config.kind),
            lanes=lanes if config.lanes is None else config.lanes,
            side_lanes=side_lanes if config.side_lanes is None else config.side_lanes,
            side_road=config.side_road,
            lane_m=draw_between(rng, as_pair(config.lane_width_m)),
            median_m=draw_between(rng, as_pair(config.median_width_m)),
            shoulder_m=shoulder if hard else _NARROW_SHOULDER_M,
            green_m=draw_between(rng, as_pair(config.green_width_m)),
            side_lane_m=draw_between(rng, as_pair(config.side_lane_width_m)),
            separator_m=draw_between(rng, as_pair(config.separator_width_m)),
            bicycle_m=draw_between(rng, as_pair(config.bicycle_lane_width_m)),
            pavement_m=draw_between(rng, as_pair(config.pavement_width_m)),
            bends_pm=tuple(float(v) / config.bend_radius_m for v in rng.uniform(-1.0, 1.0, 3)),
            loop_radius_m=config.loop_radius_m,
            speed_mps=config.speed_limit_kmh / 3.6,
            ramp_mps=min(config.ramp_speed_limit_kmh, config.speed_limit_kmh) / 3.6,
            side_mps=config.side_speed_limit_kmh / 3.6,
            sizes=(self._sizes(rng), self._sizes(rng)),
            spare=(float(rng.random()), float(rng.random())),
            first_place=int(rng.integers(1000)),
        )
        return expressway_network(
            made, name, latitude_deg=config.latitude_deg, longitude_deg=config.longitude_deg
        )

    def _sizes(self, rng: np.random.Generator) -> Sizes:
        taper, slower, faster, weaving, ramp = (
            draw_between(rng, as_pair(getattr(self.config, name))) for name in _LENGTHS
        )
        return Sizes(
            taper_m=taper, deceleration_m=slower, acceleration_m=faster, weaving_m=weaving, ramp_m=ramp
        )
