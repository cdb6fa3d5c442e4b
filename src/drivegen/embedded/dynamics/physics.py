"""What drives and holds a vehicle, as CARLA's clients see and change it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from drivegen.core.errors import ConfigError

WHEELS = 4
"""Front left, front right, rear left, rear right; a two-wheeler's pairs share their places."""
MAX_GEARS = 12
DEFAULT_TIRE_FRICTION = 3.5
"""Of CARLA's vehicles; stands for the usual tyres of a kind of vehicle."""
DEFAULT_LATERAL_STIFFNESS = 20.0
DEFAULT_STIFFNESS_LOAD = 3.0
DEFAULT_DAMPING_RATE = 0.25
"""Friction of a wheel's bearing, kg m2/s; it is part of the usual rolling resistance."""
DEFAULT_MASS_CENTRE = (0.0, 0.0, 0.0)

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class GearPhysics:
    """A forward gear."""

    ratio: float
    down_ratio: float
    """Below this share of the greatest engine speed the automatic box shifts down."""
    up_ratio: float
    """Above this share it shifts up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelPhysics:
    """A wheel, in the units in which clients write it."""

    tire_friction: float
    damping_rate: float
    max_steer_deg: float
    radius_cm: float
    max_brake_torque_nm: float
    max_hand_brake_torque_nm: float
    lat_stiff_max_load: float
    lat_stiff_value: float
    long_stiff_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class VehiclePhysics:
    """CARLA's VehiclePhysicsControl without the wheels' places."""

    torque_curve: tuple[Point, ...]
    """(rpm, newton metres), at full throttle."""
    max_rpm: float
    moi: float
    """Moment of inertia of the engine, kg m2."""
    damping_full_throttle: float
    """Torque that slows the engine over its speed, N m s, as are the next two."""
    damping_closed_engaged: float
    damping_closed_disengaged: float
    automatic: bool
    gear_switch_time_s: float
    clutch_strength: float
    """Torque over the difference of speeds, N m s."""
    final_ratio: float
    gears: tuple[GearPhysics, ...]
    mass_kg: float
    drag_coefficient: float
    mass_centre_m: tuple[float, float, float]
    """Forward, left, up, from where the centre of mass is by itself."""
    steering_curve: tuple[Point, ...]
    """(km/h, share of full lock)."""
    wheels: tuple[WheelPhysics, ...]
    sweep_wheel_collision: bool
    """Kept for clients; there is one way for wheels to meet the ground here."""

    def check(self) -> None:
        """Raises ConfigError, which names the field, where a vehicle cannot be made of this."""
        if len(self.wheels) != WHEELS:
            raise ConfigError(f"physics control: {len(self.wheels)} wheels; CARLA's vehicles have 4")
        if not 1 <= len(self.gears) <= MAX_GEARS:
            raise ConfigError(f"physics control: forward_gears: 1 to {MAX_GEARS}, not {len(self.gears)}")
        if not self.torque_curve or not self.steering_curve:
            raise ConfigError("physics control: torque_curve and steering_curve need a point each at least")
        for name, points in (("torque_curve", self.torque_curve), ("steering_curve", self.steering_curve)):
            xs = [x for x, _ in points]
            if not all(math.isfinite(v) for point in points for v in point) or xs != sorted(xs):
                raise ConfigError(f"physics control: {name}: x must be finite and not fall")
        self._check_range("mass", self.mass_kg, 1.0, 1e6)
        self._check_range("max_rpm", self.max_rpm, 1.0, 1e6)
        self._check_range("moi", self.moi, 1e-4, 1e6)
        self._check_range("final_ratio", self.final_ratio, 1e-3, 1e3)
        for name in (
            "damping_full_throttle", "damping_closed_engaged", "damping_closed_disengaged",
            "gear_switch_time_s", "clutch_strength", "drag_coefficient",
        ):  # fmt: skip
            self._check_range(name, getattr(self, name), 0.0, 1e6)
        for value in self.mass_centre_m:
            self._check_range("center_of_mass", value, -1e3, 1e3)
        for gear in self.gears:
            self._check_range("forward_gears: ratio", gear.ratio, 1e-3, 1e3)
            self._check_range("forward_gears: up_ratio", gear.up_ratio, 0.0, 1e3)
            self._check_range("forward_gears: down_ratio", gear.down_ratio, 0.0, 1e3)
        for wheel in self.wheels:
            self._check_range("wheels: radius", wheel.radius_cm, 1.0, 1e4)
            self._check_range("wheels: max_steer_angle", wheel.max_steer_deg, -180.0, 180.0)
            for name in (
                "tire_friction", "damping_rate", "max_brake_torque_nm", "max_hand_brake_torque_nm",
                "lat_stiff_max_load", "lat_stiff_value", "long_stiff_value",
            ):  # fmt: skip
                self._check_range(f"wheels: {name}", getattr(wheel, name), 0.0, 1e9)

    @staticmethod
    def _check_range(name: str, value: float, low: float, high: float) -> None:
        if not low <= value <= high:
            raise ConfigError(f"physics control: {name} is {value:g}; it must be within {low:g} and {high:g}")


def on_curve(points: tuple[Point, ...], x: float) -> float:
    """Value of a curve at x: linear between its points, constant beyond (Unreal's default)."""
    x0, y0 = points[0]
    if x <= x0:
        return y0
    for x1, y1 in points[1:]:
        if x < x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
        x0, y0 = x1, y1
    return y0
