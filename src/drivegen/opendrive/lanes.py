"""Which lane a vehicle is in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float64, Int32

from drivegen.opendrive.model import RoadNetwork


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LaneFixes:
    """Lanes of n points. Where `found` is false the other values mean nothing."""

    found: Bool[np.ndarray, "n"]
    """False farther than the locator's reach from any driving lane."""
    road_id: Int32[np.ndarray, "n"]
    section: Int32[np.ndarray, "n"]
    lane_id: Int32[np.ndarray, "n"]
    s_m: Float64[np.ndarray, "n"]
    offset_m: Float64[np.ndarray, "n"]
    """From the lane's centre, positive to the left of the direction of travel."""
    heading_rad: Float64[np.ndarray, "n"]
    """Direction of travel of the lane."""
    in_junction: Bool[np.ndarray, "n"]
    speed_limit_mps: Float64[np.ndarray, "n"]


class LaneLocator:
    """Finds the driving lane under a point that runs in a heading."""

    def __init__(self, network: RoadNetwork) -> None:
        raise NotImplementedError

    def locate(self, xy_m: Float[np.ndarray, "n 2"], heading_rad: Float[np.ndarray, "n"]) -> LaneFixes:
        """The nearest driving lane of each point, lanes against the heading only if there is no other."""
        raise NotImplementedError
