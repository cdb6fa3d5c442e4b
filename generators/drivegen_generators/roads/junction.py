"""Signalised junctions of three or four arms."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from drivegen.core.errors import ConfigError
from drivegen.opendrive.model import RoadNetwork
from drivegen_generators.roads.arm import CrossSection
from drivegen_generators.roads.crossing import Crossing
from drivegen_generators.roads.extras import arm_stretches, check_extras, with_extras
from drivegen_generators.roads.grade import GRADE_PERCENT, STEEPEST_PERCENT, with_grades
from drivegen_generators.roads.layout import ArmPlan, draw_bearings, place_arms
from drivegen_generators.roads.movements import LEAST_U_TURN_M
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
from drivegen_generators.roads.poles import draw_pole_variants
from drivegen_generators.roads.turns import Turn

_FORM = "junction"
_JUNCTION = 900
KERB_RADIUS_M = 8.0
_ISLAND_M = 5.0
"""Depth of a slip's island, across its corner."""
_SLIP_RADIUS_M = (24.0, 60.0)
_POCKET_NARROWER_M = 0.25
_TAPER_AND_LEAD_M = 40.0
_WIDEST_MEDIAN_M = 12.0


@dataclass(slots=True, kw_only=True)
class JunctionConfig:
    """Sizes of a signalised junction. Pairs are drawn from, evenly between both numbers."""

    arms: int = 4
    """3 or 4; of three the third one meets a road that goes straight on."""
    lanes: Sequence[int] | None = None
    """Lanes of one direction of each arm, anticlockwise from the east (of three arms: east, west, south), 2
    to 5; None: drawn, 2 to 4 for each of both streets, at most one apart at three arms."""
    lane_width_m: Sequence[float] = (3.25, 3.75)
    median_width_m: Sequence[float] = (4.0, 9.0)
    separator_width_m: Sequence[float] = (1.0, 2.5)
    bicycle_lane_width_m: Sequence[float] = (2.5, 4.0)
    pavement_width_m: Sequence[float] = (3.0, 5.0)
    arm_length_m: Sequence[float] = (110.0, 170.0)
    pocket_length_m: Sequence[float] = (30.0, 50.0)
    """Without its taper of 30 m."""
    bend_radius_m: float = 500.0
    """Tightest bend of the arms."""
    skew_deg: float = 12.0
    """The streets cross at a right angle plus or minus at most this."""
    left_turn_pockets: bool = True
    waiting_areas: bool = True
    """Mark where left-turning traffic waits inside the junction (左转待转区)."""
    slips: bool | None = None
    """Right-turn slips with islands; None: drawn for each corner."""
    u_turns: bool | None = None
    """Openings for turning back, where the lane's centre can turn on 7 m; None: drawn for each arm."""
    roadside_sites: bool = True
    """A pole with mounts for cameras, LiDARs and radio at each arm (多杆合一)."""
    grade_percent: Sequence[float] = GRADE_PERCENT
    """Of each arm, rising away from the junction; negative: falling. Less where an arm is too short."""
    bus_stops: int | None = 0
    """At most so many, as room allows; this and the next two on a carriageway each; None: drawn, 0 to 2."""
    parking_lanes: int | None = 0
    work_zones: int | None = 0
    """Closed lanes, on carriageways that leave the crossing."""
    speed_limit_kmh: float = 60.0
    latitude_deg: float = 39.795
    longitude_deg: float = 116.506

    def check(self) -> None:
        """Raises ConfigError for the first value that cannot be."""
        check_whole(_FORM, "arms", self.arms, 3, 4)
        if self.lanes is not None:
            given = list(self.lanes)
            if len(given) != self.arms:
                raise ConfigError(f"{_FORM}: lanes={given!r} must have {self.arms} numbers, one an arm")
            for lanes in given:
                check_whole(_FORM, "lanes", lanes, 2, 5)
        check_ranges(
            _FORM,
            self,
            ("lane_width_m", 2.75, 4.5),
            ("median_width_m", 1.0, _WIDEST_MEDIAN_M),
            ("separator_width_m", 0.5, 6.0),
            ("bicycle_lane_width_m", 1.5, 7.0),
            ("pavement_width_m", 1.5, 10.0),
            ("arm_length_m", 90.0, 1000.0),
            ("pocket_length_m", 10.0, 200.0),
        )
        check_number(_FORM, "bend_radius_m", self.bend_radius_m, 150.0, 1e6)
        check_number(_FORM, "skew_deg", self.skew_deg, 0.0, 15.0)
        check_range(_FORM, "grade_percent", self.grade_percent, -STEEPEST_PERCENT, STEEPEST_PERCENT)
        check_number(_FORM, "speed_limit_kmh", self.speed_limit_kmh, 10.0, 120.0)
        check_place(_FORM, self.latitude_deg, self.longitude_deg)
        check_extras(_FORM, self)
        for name in ("left_turn_pockets", "waiting_areas", "roadside_sites"):
            check_flag(_FORM, name, getattr(self, name))
        for name in ("slips", "u_turns"):
            if getattr(self, name) is not None:
                check_flag(_FORM, name, getattr(self, name))
        if self.left_turn_pockets and self.median_width_m[0] < self.lane_width_m[1]:
            raise ConfigError(
                f"{_FORM}: left-turn pockets need medians as wide as a lane, {self.lane_width_m[1]} m, not "
                f" median_width_m={list(self.median_width_m)}; widen them or set left_turn_pockets=false"
            )
        if self.left_turn_pockets and self.arm_length_m[0] < self.pocket_length_m[1] + _TAPER_AND_LEAD_M:
            raise ConfigError(
                f"{_FORM}: pocket_length_m={list(self.pocket_length_m)} does not fit into "
                f"arm_length_m={list(self.arm_length_m)}; shorten the pockets or lengthen the arms"
            )


class SignalisedJunction:
    """Generator plugin: configuration and random numbers to a network.

    Every arm is a carriageway out, a turn-around and a carriageway in, so that every driving lane goes on for
    ever.
    """

    def __init__(self, **config: object) -> None:
        """Takes the fields of `JunctionConfig`. Raises ConfigError for unknown or bad values."""
        self.config = read_options(_FORM, JunctionConfig, config)
        self.config.check()

    def generate(self, rng: np.random.Generator, name: str) -> RoadNetwork:
        """A network that keeps to CARLA's dialect; equal draws give equal networks.

        Raises ConfigError where the numbers of lanes that were given do not fit together.
        """
        config = self.config
        sections = self._sections(rng)
        bearings, names = draw_bearings(rng, config.arms, math.radians(config.skew_deg))
        pocket = draw_between(rng, as_pair(config.pocket_length_m))
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
        chosen = rng.random((2, config.arms)) < 0.5
        turns = tuple(
            can_turn_back(sections[k]) and (bool(v) if config.u_turns is None else config.u_turns)
            for k, v in enumerate(chosen[1])
        )
        wanted = [bool(v) if config.slips is None else config.slips for v in chosen[0]]
        plain = Crossing(
            arms=place_arms(plans, (KERB_RADIUS_M,) * config.arms, junction=_JUNCTION),
            junction=_JUNCTION,
            first_road=100,
            first_signal=1000,
            first_controller=2000,
            kerb_radii_m=(KERB_RADIUS_M,) * config.arms,
            u_turns=turns,
            waiting_areas=config.waiting_areas,
            pole_variants=draw_pole_variants(rng, config.arms) if config.roadside_sites else (),
        )
        radii = slip_radii_m(plain)
        slips = tuple(want and radius is not None for want, radius in zip(wanted, radii, strict=True))
        kerbs = tuple(
            radius if slip and radius is not None else KERB_RADIUS_M
            for slip, radius in zip(slips, radii, strict=True)
        )
        arms = place_arms(plans, kerbs, junction=_JUNCTION, pocket_length_m=pocket)
        arms = with_grades(rng, arms, as_pair(config.grade_percent))
        crossing = dataclasses.replace(plain, arms=arms, kerb_radii_m=kerbs, slips=slips)
        network = crossing_network(
            crossing, name, latitude_deg=config.latitude_deg, longitude_deg=config.longitude_deg
        )
        return with_extras(network, arm_stretches(network, crossing.arms), config, rng)

    def _sections(self, rng: np.random.Generator) -> list[CrossSection]:
        """Both streets have their own number of lanes and median; all else is alike."""
        config = self.config
        first = int(rng.integers(2, 5))
        second = int(rng.integers(2, 5))
        if config.arms == 3:
            second = min(second, first + 1)
        drawn = (first, second, first, second) if config.arms == 4 else (first, first, second)
        lanes = drawn if config.lanes is None else tuple(config.lanes)
        lane = draw_between(rng, as_pair(config.lane_width_m))
        medians = [draw_between(rng, as_pair(config.median_width_m)) for _ in range(2)]
        shared = CrossSection(
            lanes=2,
            lane_m=lane,
            median_m=medians[0],
            separator_m=draw_between(rng, as_pair(config.separator_width_m)),
            bicycle_m=draw_between(rng, as_pair(config.bicycle_lane_width_m)),
            pavement_m=draw_between(rng, as_pair(config.pavement_width_m)),
            pocket_m=lane - _POCKET_NARROWER_M if config.left_turn_pockets else 0.0,
        )
        street = (0, 1, 0, 1) if config.arms == 4 else (0, 0, 1)
        return [
            dataclasses.replace(shared, lanes=lanes[k], median_m=medians[street[k]])
            for k in range(config.arms)
        ]


def can_turn_back(section: CrossSection) -> bool:
    """Whether the lane's centre can turn on 7 m around the median's end."""
    widest = section.median_m - section.pocket_m + section.lanes * section.lane_m
    return widest / 2.0 >= LEAST_U_TURN_M


def slip_radii_m(crossing: Crossing) -> tuple[float | None, ...]:
    """Radius of each corner's kerb that leaves room for an island between bicycles and a slip.

    None at corners too wide for it, with two lanes that turn right, or without a right turn.
    """
    out: list[float | None] = []
    for k, arm in enumerate(crossing.arms):
        following = crossing.arms[(k + 1) % len(crossing.arms)]
        angle = (following.edge.heading_rad - arm.edge.heading_rad) % math.tau
        right = crossing.lanes(k).get(Turn.RIGHT)
        if right is None or right.count != 1:
            out.append(None)
            continue
        strips = arm.section.lane_m + arm.section.kerb_m - arm.section.driving_edge_m
        secant = 1.0 / math.sin(angle / 2.0)
        radius = (_ISLAND_M + strips * secant) / (secant - 1.0)
        least, most = _SLIP_RADIUS_M
        out.append(max(radius, least) - strips if radius <= most else None)
    return tuple(out)
