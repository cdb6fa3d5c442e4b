"""What a vehicle is made of, as far as its motion goes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from drivegen.core.actors import ObjectClass


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VehicleBody:
    """Constants of one vehicle's motion. The origin is the middle of the bottom of the box."""

    size_m: Float64[np.ndarray, "3"]
    """Full length, width, height."""
    front_axle_m: float
    """How far the front axle lies before the origin."""
    rear_axle_m: float
    """How far the rear axle lies behind the origin."""
    track_m: float
    """Between the wheels of an axle; 0 for two-wheelers."""
    mass_kg: float
    wheel_radius_m: float
    max_steer_rad: float
    """Angle of the inner wheel at full lock."""
    drive_force_n: float
    """Greatest force at the wheels."""
    drive_power_w: float
    """Greatest power; at speed v no more force than power / v."""
    brake_force_n: float
    """At full pedal, before the tyres' limit."""
    hand_brake_force_n: float
    """At the rear axle."""
    drag_area_m2: float
    """Drag coefficient times frontal area."""
    rolling_resistance: float
    """Resisting force over weight."""
    tyre_friction: float
    """Greatest horizontal force over weight."""

    @property
    def wheelbase_m(self) -> float:
        """Between the axles."""
        return self.front_axle_m + self.rear_axle_m


def body_for(kind: ObjectClass, size_m: Float64[np.ndarray, "3"]) -> VehicleBody:
    """A body that is usual for a kind of vehicle of a given length, width, height.

    Args:
        kind: Any class that is not a person.
        size_m: Full length, width, height of the box (with the rider of a two-wheeler).
    """
    raise NotImplementedError
