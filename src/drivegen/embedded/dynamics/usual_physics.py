"""The engine, gears and wheels that a kind of vehicle usually has.

They are laid out to give what a body promises: at full throttle its greatest force up to the speed where its
greatest power is reached, and that power beyond. An engine gives its greatest torque up to a base speed and
constant power from there on; the third gear reaches the base speed where force and power meet, the two below
it are little shorter, so that acceleration hardly drops when they change, and those above stay within the
range of constant power, where a change of gear changes no force.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from drivegen.embedded.dynamics.physics import (
    DEFAULT_DAMPING_RATE,
    DEFAULT_LATERAL_STIFFNESS,
    DEFAULT_MASS_CENTRE,
    DEFAULT_STIFFNESS_LOAD,
    DEFAULT_TIRE_FRICTION,
    GearPhysics,
    Point,
    VehiclePhysics,
    WheelPhysics,
)

STEERING_CURVE: tuple[Point, ...] = ((0.0, 1.0), (20.0, 0.9), (60.0, 0.8), (120.0, 0.7))
"""Share of full lock at km/h: CARLA's default (its documentation, VehiclePhysicsControl)."""
FULL_PEDAL = 0.75
"""From here on the anti-lock system holds the brakes at their greatest force."""
ENGINE_BRAKE_SHARE = 0.08
"""Usual, of the greatest drive force, with the throttle closed, at 5/6 of the base speed in third gear."""

_BASE_SHARE = 0.6
"""Base speed over greatest engine speed, of combustion engines."""
_LOW_GEARS = ((1.15, 0.4), (1.07, 0.67))
"""First and second: ratio over the third's, and the speed at which they end over the base speed's."""
_THIRD_GEAR_SHARE = 0.95
"""Of the promised force."""
_STEP = 1.35
"""Between the gears above; 0.82 / 1.35 is just above the base share."""
_UP = 0.82
_HYSTERESIS = 0.8
"""A gear is left downwards at this share of the engine speed at which it is entered."""
_SPARE_SPEED = 1.15
"""What the top gear reaches at the greatest engine speed, over the greatest speed that power allows."""
_ROTATING_SHARE = 0.03
"""Of the engine's inertia in third gear, of the mass: usual for cars in town gears (Gillespie 1992, ch. 2,
gives 4 % for all rotating masses in high gear and more in low ones)."""
_SLIP_SHARE = 0.08
"""Of the base speed: how much the clutch slips at greatest torque; gives CARLA's 10 N m s for a car."""
_STEADY_SLIP = 0.1
"""Longitudinal slip at which a tyre reaches its friction: usual for passenger tyres on dry roads."""
_ELECTRIC_RPM = 15000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Makings:
    """What engine, gears and wheels are laid out for."""

    mass_kg: float
    drive_force_n: float
    drive_power_w: float
    brake_force_n: float
    hand_brake_force_n: float
    drag_coefficient: float
    drag_area_m2: float
    wheel_radius_m: float
    max_steer_rad: float
    tyre_friction: float
    max_rpm: float
    final_ratio: float
    engine_brake_share: float
    electric: bool


def usual_physics(want: Makings) -> VehiclePhysics:
    """Engine, gears and wheels for a body."""
    base_mps = want.drive_power_w / want.drive_force_n
    max_rpm = _ELECTRIC_RPM if want.electric else want.max_rpm
    top = max_rpm * math.pi / 30.0
    # Air resistance alone: a little more than the speed that is reached.
    fastest_mps = (want.drive_power_w / (0.5 * 1.2 * want.drag_area_m2)) ** (1 / 3) * _SPARE_SPEED
    base = top * (base_mps / fastest_mps if want.electric else _BASE_SHARE)
    overall = base / base_mps
    """Turns of the engine per metre in the gear that all is laid out for, rad/m."""
    inertia = _rounded(_ROTATING_SHARE * want.mass_kg / overall**2)
    # What the engine's own inertia takes away when the vehicle gains speed.
    extra = inertia * overall**2 / want.mass_kg
    # The two shorter gears give more than the promised force, the third a little less.
    share = 1.0 if want.electric else _THIRD_GEAR_SHARE
    torque = want.drive_force_n * (1.0 + extra) / overall * share
    clutch = _rounded(torque / (_SLIP_SHARE * base))
    braking = _rounded(want.engine_brake_share * want.drive_force_n / overall / (0.5 * base / _BASE_SHARE))
    ratio = overall * want.wheel_radius_m
    final = _rounded(ratio, 4) if want.electric else want.final_ratio
    gears = (
        (GearPhysics(ratio=1.0, down_ratio=0.0, up_ratio=1.0),)
        if want.electric
        else _gears(ratio / final, base / top, base_mps, fastest_mps)
    )
    return VehiclePhysics(
        torque_curve=_torque_curve(torque, base / share, top, clutch, 0.2 * braking, extra),
        max_rpm=max_rpm,
        moi=inertia,
        damping_full_throttle=0.2 * braking,
        damping_closed_engaged=braking,
        damping_closed_disengaged=0.4 * braking,
        automatic=True,
        gear_switch_time_s=0.0,
        clutch_strength=clutch,
        final_ratio=final,
        gears=gears,
        mass_kg=want.mass_kg,
        drag_coefficient=want.drag_coefficient,
        mass_centre_m=DEFAULT_MASS_CENTRE,
        steering_curve=STEERING_CURVE,
        wheels=tuple(_wheel(want, front=k < 2) for k in range(4)),
        sweep_wheel_collision=False,
    )


def _rounded(value: float, digits: int = 2) -> float:
    """To some significant digits."""
    return round(value, digits - 1 - math.floor(math.log10(value)))


def _wheel(want: Makings, *, front: bool) -> WheelPhysics:
    radius = want.wheel_radius_m
    return WheelPhysics(
        tire_friction=DEFAULT_TIRE_FRICTION,
        damping_rate=DEFAULT_DAMPING_RATE,
        max_steer_deg=math.degrees(want.max_steer_rad) if front else 0.0,
        radius_cm=100.0 * radius,
        max_brake_torque_nm=want.brake_force_n / 4.0 * radius / FULL_PEDAL,
        max_hand_brake_torque_nm=0.0 if front else want.hand_brake_force_n / 2.0 * radius,
        lat_stiff_max_load=DEFAULT_STIFFNESS_LOAD,
        lat_stiff_value=DEFAULT_LATERAL_STIFFNESS,
        long_stiff_value=_rounded(want.tyre_friction * want.mass_kg / 4.0 / _STEADY_SLIP),
    )


def _gears(ratio: float, base_share: float, base_mps: float, fastest_mps: float) -> tuple[GearPhysics, ...]:
    ratios = [ratio * share for share, _ in _LOW_GEARS] + [ratio]
    ups = [base_share * share * end for share, end in _LOW_GEARS] + [_UP]
    reach = base_mps / base_share
    while reach < fastest_mps:
        ratios.append(ratios[-1] / _STEP)
        ups.append(_UP)
        reach *= _STEP
    downs = [0.0]
    downs += [_HYSTERESIS * up * high / low for up, low, high in zip(ups, ratios, ratios[1:], strict=False)]
    return tuple(
        GearPhysics(ratio=round(r, 4), down_ratio=round(down, 4), up_ratio=round(up, 4))
        for r, down, up in zip(ratios, downs, ups, strict=True)
    )


def _torque_curve(
    torque: float, base: float, top: float, clutch: float, damping: float, extra: float
) -> tuple[Point, ...]:
    """Greatest torque to the base speed, then what leaves constant power behind the slipping clutch.

    With slip torque / clutch, power = torque (speed - torque / clutch); `extra`, the share that the engine's
    own inertia takes, fades out towards the greatest speed, where there is no more acceleration.
    """
    power = torque * base
    knee = base + torque / clutch
    points = [(0.0, torque)]
    count = 9
    for k in range(count):
        speed = knee + (top - knee) * k / (count - 1)
        left = power * (1.0 - extra / (1.0 + extra) * min(1.0, 3.0 * k / (count - 1)))
        flat = clutch * (speed - math.sqrt(max(speed * speed - 4.0 * left / clutch, 0.0))) / 2.0
        points.append((speed, min(torque, flat)))
    return tuple((round(x * 30.0 / math.pi, 1), round(y + damping * x, 3)) for x, y in points)
