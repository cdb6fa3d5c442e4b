"""The steering head of a machine with one front wheel."""

from __future__ import annotations

import math

import numpy as np

from drivegen.embedded.assets.people.limbs import Vec3


class Steering:
    """The axis about which fork and bars turn."""

    def __init__(self, front_axle_m: Vec3, rake_deg: float, trail_m: float = 0.035) -> None:
        slope = math.tan(math.radians(rake_deg))
        self.axle = front_axle_m
        self.axis = np.array([-slope, 0.0, 1.0]) / math.hypot(1.0, slope)
        self.foot = front_axle_m - np.array([trail_m, 0.0, 0.0])

    def at(self, z_m: float) -> Vec3:
        """The point of the axis at a height."""
        return np.asarray(self.foot + self.axis * ((z_m - self.foot[2]) / self.axis[2]))
