"""A signalised junction in the form of Beijing's Yizhuang: wide arms, pockets, bicycle lanes, pavements."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from drivegen.opendrive.model import RoadNetwork


@dataclass(slots=True, kw_only=True)
class BeijingJunctionConfig:
    """Sizes of the junction; the defaults are of an arterial crossing of the zone."""

    lanes_per_direction: int = 3
    left_turn_pocket: bool = True
    lane_width_m: float = 3.5
    bicycle_lane_width_m: float = 3.0
    separator_width_m: float = 1.5
    median_width_m: float = 4.0
    pavement_width_m: float = 4.0
    arm_length_m: float = 130.0
    pocket_length_m: float = 40.0
    speed_limit_kmh: float = 60.0
    vary: bool = True
    """Draw arm lengths, skew and curvature; false gives the symmetric junction."""
    latitude_deg: float = 39.795
    longitude_deg: float = 116.506


class BeijingJunction:
    """Generator plugin: configuration and random numbers to a network."""

    def __init__(self, **config: object) -> None:
        """Takes the fields of `BeijingJunctionConfig`. Raises ConfigError for unknown or bad values."""
        raise NotImplementedError

    def generate(self, rng: np.random.Generator, name: str) -> RoadNetwork:
        """A network that keeps to CARLA's dialect; equal draws give equal networks."""
        raise NotImplementedError
