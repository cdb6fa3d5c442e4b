"""A signalised junction in the form of Beijing's Yizhuang: wide arms, pockets, bicycle lanes, pavements."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from drivegen.core.errors import ConfigError
from drivegen.opendrive.model import RoadNetwork
from drivegen_generators.roads.arm import Arm, ArmIds, CrossSection
from drivegen_generators.roads.crossing import Crossing, edge_distance
from drivegen_generators.roads.network import crossing_network
from drivegen_generators.roads.options import check_flag, read_options
from drivegen_generators.roads.plan_view import Heading, Path
from drivegen_generators.roads.poles import draw_pole_variants

_JUNCTION = 900
_ARM_NAMES = ("east", "north", "west", "south")
_LEAST_ARM_M = 90.0
_KERB_RADIUS_M = 8.0
_LARGEST_SKEW_RAD = math.radians(4.0)
_LARGEST_BEND_PM = 1.0 / 700.0


@dataclass(slots=True, kw_only=True)
class BeijingJunctionConfig:
    """Sizes of the junction; the defaults are of an arterial crossing of the zone."""

    lanes_per_direction: int = 3
    """2 to 4; at the stop line one more with the pocket."""
    left_turn_pocket: bool = True
    """A left-turn lane taken from the median; without it the inner lane turns left."""
    lane_width_m: float = 3.5
    bicycle_lane_width_m: float = 3.0
    separator_width_m: float = 1.5
    """Kerbed strip between driving and bicycle lanes."""
    median_width_m: float = 4.0
    pavement_width_m: float = 4.0
    arm_length_m: float = 130.0
    """Stop line to turn-around."""
    pocket_length_m: float = 40.0
    """Without its taper of 30 m."""
    speed_limit_kmh: float = 60.0
    roadside_sites: bool = False
    """A pole with mounts for cameras, LiDARs and radio at each arm (多杆合一)."""
    vary: bool = True
    """Draw arm lengths (within 15 %), skew (4 degrees) and bends (700 m); false: the symmetric junction."""
    latitude_deg: float = 39.795
    """Of the junction's centre."""
    longitude_deg: float = 116.506

    def check(self) -> None:
        """Raises ConfigError for the first value out of range."""
        ranges = {
            "lanes_per_direction": (2, 4),
            "lane_width_m": (2.75, 4.5),
            "bicycle_lane_width_m": (1.5, 7.0),
            "separator_width_m": (0.5, 10.0),
            "median_width_m": (1.0, 20.0),
            "pavement_width_m": (1.5, 10.0),
            "arm_length_m": (_LEAST_ARM_M, 1000.0),
            "pocket_length_m": (10.0, 200.0),
            "speed_limit_kmh": (10.0, 120.0),
            "latitude_deg": (-80.0, 84.0),
            "longitude_deg": (-180.0, 180.0),
        }
        for name, (least, most) in ranges.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= most:
                raise ConfigError(f"beijing_junction: {name}={value!r} must lie within {least} to {most}")
        check_flag("beijing_junction", "roadside_sites", self.roadside_sites)
        if not isinstance(self.lanes_per_direction, int):
            raise ConfigError(
                f"beijing_junction: lanes_per_direction={self.lanes_per_direction!r} must be whole"
            )
        if self.left_turn_pocket and self.median_width_m < self.lane_width_m:
            raise ConfigError(
                f"beijing_junction: a left-turn pocket needs a median of at least {self.lane_width_m} m, "
                f"not median_width_m={self.median_width_m}; widen it or set left_turn_pocket=false"
            )
        if self.left_turn_pocket and self.arm_length_m * 0.85 < self.pocket_length_m + 40.0:
            raise ConfigError(
                f"beijing_junction: pocket_length_m={self.pocket_length_m} does not fit into "
                f"arm_length_m={self.arm_length_m}; shorten the pocket or lengthen the arms"
            )


class BeijingJunction:
    """Generator plugin: configuration and random numbers to a network.

    Arms lie east, north, west and south of a centre at (0, 0). Each is a carriageway out, a turn-around and a
    carriageway in, so that every driving lane goes on for ever. Four controllers in sequence: north and south
    through (with right turns), their left turns, east and west through, their left turns.
    """

    def __init__(self, **config: object) -> None:
        """Takes the fields of `BeijingJunctionConfig`. Raises ConfigError for unknown or bad values."""
        self.config = read_options("beijing_junction", BeijingJunctionConfig, config)
        self.config.check()

    def generate(self, rng: np.random.Generator, name: str) -> RoadNetwork:
        """A network that keeps to CARLA's dialect; equal draws give equal networks."""
        config = self.config
        crossing = Crossing(
            arms=self._arms(rng),
            junction=_JUNCTION,
            first_road=100,
            first_signal=1000,
            first_controller=2000,
            kerb_radii_m=(_KERB_RADIUS_M,) * 4,
            pole_variants=draw_pole_variants(rng, 4) if config.roadside_sites else (),
        )
        return crossing_network(
            crossing, name, latitude_deg=config.latitude_deg, longitude_deg=config.longitude_deg
        )

    def _cross_section(self) -> CrossSection:
        config = self.config
        return CrossSection(
            lanes=config.lanes_per_direction,
            lane_m=config.lane_width_m,
            median_m=config.median_width_m,
            separator_m=config.separator_width_m,
            bicycle_m=config.bicycle_lane_width_m,
            pavement_m=config.pavement_width_m,
            pocket_m=config.lane_width_m - 0.25 if config.left_turn_pocket else 0.0,
        )

    def _arms(self, rng: np.random.Generator) -> tuple[Arm, ...]:
        config = self.config
        section = self._cross_section()
        skew = rng.uniform(-1.0, 1.0, 4) * _LARGEST_SKEW_RAD
        stretch = rng.uniform(-0.15, 0.15, 4)
        bend = rng.uniform(-1.0, 1.0, 4) * _LARGEST_BEND_PM
        if not config.vary:
            skew, stretch, bend = np.zeros(4), np.zeros(4), np.zeros(4)
        directions = [k * math.pi / 2.0 + float(skew[k]) for k in range(4)]
        gaps = [(directions[(k + 1) % 4] - directions[k]) % math.tau for k in range(4)]
        out = []
        for k in range(4):
            angle = min(gaps[k], gaps[k - 1])
            distance = edge_distance(section.kerb_m, _KERB_RADIUS_M, angle)
            start = Heading(x_m=0.0, y_m=0.0, heading_rad=directions[k]).moved(distance, 0.0)
            length = config.arm_length_m * (1.0 + float(stretch[k]))
            straight = 0.4 * length
            axis = Path(start).line(straight).arc(length - straight, float(bend[k]))
            out.append(
                Arm(
                    ids=ArmIds(out=10 * k + 1, loop=10 * k + 2, into=10 * k + 3),
                    name=_ARM_NAMES[k],
                    axis=axis,
                    section=section,
                    pocket_length_m=config.pocket_length_m,
                    speed_mps=config.speed_limit_kmh / 3.6,
                    junction=_JUNCTION,
                )
            )
        return tuple(out)
