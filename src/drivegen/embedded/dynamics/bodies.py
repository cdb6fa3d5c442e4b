"""What a vehicle is made of, as far as its motion goes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from drivegen.core.actors import TWO_WHEELERS, ObjectClass
from drivegen.embedded.dynamics.physics import VehiclePhysics
from drivegen.embedded.dynamics.usual_physics import ENGINE_BRAKE_SHARE, Makings, usual_physics

GRAVITY_MPS2 = 9.81
AIR_DENSITY_KGPM3 = 1.2
WIDEST_TRACK_M = 2.1
"""Of lorries and buses; wider boxes are wide by their mirrors."""
WIDEST_BODY_M = 3.0
"""Boxes that are wider (CARLA's coach: 3.94 m, more than a lane) are so by their mirrors, which fold."""


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
    physics: VehiclePhysics
    """Engine, gears and wheels that give the forces above."""

    @property
    def wheelbase_m(self) -> float:
        """Between the axles."""
        return self.front_axle_m + self.rear_axle_m

    @property
    def hard_width_m(self) -> float:
        """Width of what others meet: the box without mirrors that stand far out."""
        return min(float(self.size_m[1]), WIDEST_BODY_M)

    @property
    def max_single_steer_rad(self) -> float:
        """Full lock of the single wheel that stands for the front axle."""
        return self.single_steer_rad(self.max_steer_rad)

    def single_steer_rad(self, inner_rad: float) -> float:
        """Angle of the single wheel that stands for the front axle, from the inner wheel's.

        Ackermann's condition: cot(middle) = cot(inner) + track / (2 wheelbase).
        """
        if abs(inner_rad) < 1e-6:
            return 0.0
        cotangent = 1.0 / math.tan(abs(inner_rad)) + self.track_m / (2.0 * self.wheelbase_m)
        middle = math.atan2(1.0, cotangent)
        return math.copysign(middle, inner_rad)

    @property
    def brake_deceleration_mps2(self) -> float:
        """Of a full stop on the level: pedal and rolling, or the tyres' limit."""
        pedals = self.brake_force_n / self.mass_kg + self.rolling_resistance * GRAVITY_MPS2
        return min(pedals, self.tyre_friction * GRAVITY_MPS2)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """What is usual for a kind of vehicle; figures of everyday vehicles, rounded."""

    density_kgpm3: float
    """Mass over the volume of the box."""
    front_overhang: float
    """Share of the length before the front axle."""
    rear_overhang: float
    wheel_radius_m: float
    max_steer_deg: float
    acceleration_mps2: float
    """At full throttle from rest."""
    power_wpkg: float
    braking_mps2: float
    drag: float
    """Drag coefficient with respect to width times height of the box."""
    rolling_resistance: float
    friction: float
    max_rpm: float
    """Of a bicycle, how fast its rider treads."""
    final_ratio: float = 4.0
    engine_brake_share: float = ENGINE_BRAKE_SHARE
    """Hardly any on a bicycle, which runs free."""


# Full lock of 70 degrees is CARLA's default (its documentation: WheelPhysicsControl.max_steer_angle).
_KINDS: dict[ObjectClass, _Kind] = {
    ObjectClass.CAR: _Kind(
        density_kgpm3=115.0, front_overhang=0.19, rear_overhang=0.21, wheel_radius_m=0.33, max_steer_deg=70.0,
        acceleration_mps2=4.2, power_wpkg=75.0, braking_mps2=8.0, drag=0.28, rolling_resistance=0.012,
        friction=1.1, max_rpm=6000.0,
    ),
    ObjectClass.VAN: _Kind(
        density_kgpm3=85.0, front_overhang=0.17, rear_overhang=0.20, wheel_radius_m=0.35, max_steer_deg=70.0,
        acceleration_mps2=3.4, power_wpkg=45.0, braking_mps2=7.5, drag=0.34, rolling_resistance=0.012,
        friction=1.0, max_rpm=4800.0,
    ),
    ObjectClass.TRUCK: _Kind(
        density_kgpm3=130.0, front_overhang=0.17, rear_overhang=0.22, wheel_radius_m=0.5, max_steer_deg=65.0,
        acceleration_mps2=2.2, power_wpkg=18.0, braking_mps2=7.2, drag=0.6, rolling_resistance=0.009,
        friction=0.9, max_rpm=2600.0,
    ),
    ObjectClass.BUS: _Kind(
        density_kgpm3=120.0, front_overhang=0.22, rear_overhang=0.26, wheel_radius_m=0.48, max_steer_deg=65.0,
        acceleration_mps2=2.0, power_wpkg=17.0, braking_mps2=7.2, drag=0.55, rolling_resistance=0.009,
        friction=0.9, max_rpm=2600.0,
    ),
    ObjectClass.MOTORCYCLE: _Kind(
        density_kgpm3=105.0, front_overhang=0.15, rear_overhang=0.15, wheel_radius_m=0.3, max_steer_deg=60.0,
        acceleration_mps2=4.5, power_wpkg=100.0, braking_mps2=7.0, drag=0.45, rolling_resistance=0.015,
        friction=1.0, max_rpm=9500.0,
    ),
    ObjectClass.BICYCLE: _Kind(
        density_kgpm3=70.0, front_overhang=0.19, rear_overhang=0.19, wheel_radius_m=0.34, max_steer_deg=60.0,
        acceleration_mps2=2.5, power_wpkg=4.5, braking_mps2=4.5, drag=0.5, rolling_resistance=0.006,
        friction=0.8, max_rpm=120.0, final_ratio=1.0, engine_brake_share=0.01,
    ),
    ObjectClass.TRICYCLE: _Kind(
        density_kgpm3=75.0, front_overhang=0.16, rear_overhang=0.20, wheel_radius_m=0.25, max_steer_deg=50.0,
        acceleration_mps2=2.0, power_wpkg=7.0, braking_mps2=5.0, drag=0.6, rolling_resistance=0.012,
        friction=0.85, max_rpm=3000.0,
    ),
    ObjectClass.CONSTRUCTION: _Kind(
        density_kgpm3=190.0, front_overhang=0.22, rear_overhang=0.22, wheel_radius_m=0.65, max_steer_deg=45.0,
        acceleration_mps2=1.2, power_wpkg=8.0, braking_mps2=5.0, drag=0.8, rolling_resistance=0.02,
        friction=0.8, max_rpm=2200.0,
    ),
    ObjectClass.UNMANNED: _Kind(
        density_kgpm3=110.0, front_overhang=0.17, rear_overhang=0.17, wheel_radius_m=0.25, max_steer_deg=45.0,
        acceleration_mps2=1.5, power_wpkg=7.0, braking_mps2=6.0, drag=0.6, rolling_resistance=0.012,
        friction=0.9, max_rpm=3500.0,
    ),
}  # fmt: skip
_KINDS[ObjectClass.POLICE] = _KINDS[ObjectClass.CAR]
_KINDS[ObjectClass.EMERGENCY] = _KINDS[ObjectClass.VAN]


def body_for(kind: ObjectClass, size_m: Float64[np.ndarray, "3"], *, electric: bool = False) -> VehicleBody:
    """A body that is usual for a kind of vehicle of a given length, width, height.

    Args:
        kind: Any class that is not a person.
        size_m: Full length, width, height of the box (with the rider of a two-wheeler).
        electric: With one gear; the forces are the same.
    """
    usual = _KINDS[kind]
    length, width, height = (float(v) for v in size_m)
    mass = usual.density_kgpm3 * length * width * height
    makings = Makings(
        mass_kg=mass,
        drive_force_n=mass * usual.acceleration_mps2,
        drive_power_w=mass * usual.power_wpkg,
        brake_force_n=mass * usual.braking_mps2,
        hand_brake_force_n=mass * 0.4 * usual.braking_mps2,
        drag_coefficient=usual.drag,
        drag_area_m2=usual.drag * width * height,
        wheel_radius_m=min(usual.wheel_radius_m, 0.2 * length),
        max_steer_rad=math.radians(usual.max_steer_deg),
        tyre_friction=usual.friction,
        max_rpm=usual.max_rpm,
        final_ratio=usual.final_ratio,
        engine_brake_share=usual.engine_brake_share,
        electric=electric,
    )
    return VehicleBody(
        size_m=np.array([length, width, height]),
        front_axle_m=length * (0.5 - usual.front_overhang),
        rear_axle_m=length * (0.5 - usual.rear_overhang),
        track_m=0.0 if kind in TWO_WHEELERS else min(0.82 * width, WIDEST_TRACK_M),
        mass_kg=mass,
        wheel_radius_m=makings.wheel_radius_m,
        max_steer_rad=makings.max_steer_rad,
        drive_force_n=makings.drive_force_n,
        drive_power_w=makings.drive_power_w,
        brake_force_n=makings.brake_force_n,
        hand_brake_force_n=makings.hand_brake_force_n,
        drag_area_m2=makings.drag_area_m2,
        rolling_resistance=usual.rolling_resistance,
        tyre_friction=usual.friction,
        physics=usual_physics(makings),
    )
