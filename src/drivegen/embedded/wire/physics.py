"""Structs of vehicles' physics, telemetry and Ackermann control. Fields in wire order, CARLA's units."""

from __future__ import annotations

from dataclasses import dataclass

from drivegen.embedded.wire.codec import I32
from drivegen.embedded.wire.values import Vector2D, Vector3D


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment3D:
    """A torque, kg cm2 deg / s2, or an angular impulse, kg cm2 deg / s: greater numbers than coordinates."""

    x: float
    y: float
    z: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GearPhysicsControl:
    """A forward gear."""

    ratio: float
    down_ratio: float
    """Below this share of `max_rpm` the automatic box shifts down."""
    up_ratio: float
    """Above this share of `max_rpm` the automatic box shifts up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelPhysicsControl:
    """A wheel."""

    tire_friction: float
    damping_rate: float
    max_steer_angle: float
    """Degrees."""
    radius: float
    """Centimetres."""
    max_brake_torque: float
    max_handbrake_torque: float
    lat_stiff_max_load: float
    lat_stiff_value: float
    long_stiff_value: float
    position: Vector3D
    """Of the wheel in the world, centimetres; what a client sends is not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VehiclePhysicsControl:
    """What a vehicle is made of: 17 fields."""

    torque_curve: tuple[Vector2D, ...]
    """(rpm, N m)."""
    max_rpm: float
    moi: float
    damping_rate_full_throttle: float
    damping_rate_zero_throttle_clutch_engaged: float
    damping_rate_zero_throttle_clutch_disengaged: float
    use_gear_autobox: bool
    gear_switch_time: float
    clutch_strength: float
    final_ratio: float
    forward_gears: tuple[GearPhysicsControl, ...]
    mass: float
    drag_coefficient: float
    center_of_mass: Vector3D
    """Metres, in the vehicle's frame, from where it is by itself."""
    steering_curve: tuple[Vector2D, ...]
    """(km/h, share of full lock)."""
    wheels: tuple[WheelPhysicsControl, ...]
    use_sweep_wheel_collision: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelTelemetryData:
    """What a wheel does."""

    tire_friction: float
    lat_slip: float
    """Degrees."""
    long_slip: float
    omega: float
    """Radians per second."""
    tire_load: float
    normalized_tire_load: float
    torque: float
    long_force: float
    lat_force: float
    normalized_long_force: float
    normalized_lat_force: float


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleTelemetryData:
    """What a vehicle does."""

    speed: float
    steer: float
    throttle: float
    brake: float
    engine_rpm: float
    gear: I32
    drag: float
    wheels: tuple[WheelTelemetryData, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleAckermannControl:
    """A course and a speed to keep."""

    steer: float
    """Radians, positive to the right."""
    steer_speed: float
    speed: float
    acceleration: float
    jerk: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AckermannControllerSettings:
    """Gains of the two controllers behind `VehicleAckermannControl`."""

    speed_kp: float
    speed_ki: float
    speed_kd: float
    accel_kp: float
    accel_ki: float
    accel_kd: float
