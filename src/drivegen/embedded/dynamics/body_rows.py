"""A vehicle's constants as the row that the compiled kernels read."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float64

from drivegen.embedded.dynamics import columns as col
from drivegen.embedded.dynamics.bodies import AIR_DENSITY_KGPM3, GRAVITY_MPS2, VehicleBody
from drivegen.embedded.dynamics.physics import (
    DEFAULT_DAMPING_RATE,
    DEFAULT_LATERAL_STIFFNESS,
    DEFAULT_STIFFNESS_LOAD,
    DEFAULT_TIRE_FRICTION,
    MAX_GEARS,
    WHEELS,
    VehiclePhysics,
    WheelPhysics,
    on_curve,
)
from drivegen.embedded.dynamics.usual_physics import FULL_PEDAL

LEAST_ARM_SHARE = 0.02
"""Of the wheelbase: how near the centre of mass may be moved to an axle."""

LOAD_SENSITIVITY = 0.3
"""Cornering stiffness over load falls with this power of the load: usual passenger tyres about their rated
load."""
CENTRE_HEIGHT_SHARE = 0.37
"""Height of the centre of mass over the box's: 0.55 m of a car's 1.5 m."""


def body_row(body: VehicleBody, physics: VehiclePhysics) -> Float64[np.ndarray, "b"]:
    """A row of `columns.N_BODY`. `physics` has been checked."""
    length, width, height = (float(v) for v in body.size_m)
    row = np.zeros(col.N_BODY)
    row[[col.HALF_LENGTH, col.HALF_WIDTH, col.HEIGHT]] = length / 2, width / 2, height
    row[col.HARD_HALF_WIDTH] = body.hard_width_m / 2
    ahead = _centre_ahead(body, physics)
    row[[col.FRONT_ARM, col.REAR_ARM]] = body.front_axle_m - ahead, body.rear_axle_m + ahead
    row[col.CENTRE_AHEAD] = ahead
    row[col.MASS] = physics.mass_kg
    row[col.YAW_INERTIA] = physics.mass_kg * (length**2 + width**2) / 12.0  # a homogeneous block
    row[col.WHEEL_RADIUS] = sum(w.radius_cm for w in physics.wheels) / WHEELS / 100.0
    row[col.MAX_STEER] = body.single_steer_rad(math.radians(physics.wheels[0].max_steer_deg))
    row[col.CENTRE_HEIGHT] = max(0.0, CENTRE_HEIGHT_SHARE * height + physics.mass_centre_m[2])
    row[col.TRACK] = body.track_m
    area = body.drag_area_m2 / body.physics.drag_coefficient
    row[col.DRAG] = 0.5 * AIR_DENSITY_KGPM3 * physics.drag_coefficient * area
    row[col.ROLLING] = body.rolling_resistance
    row[col.FRICTION] = body.tyre_friction
    _fill_wheels(row, body, physics)
    _fill_engine(row, physics)
    _fill_steering(row, physics)
    return row


def _centre_ahead(body: VehicleBody, physics: VehiclePhysics) -> float:
    """By itself midway between the axles; never beyond one."""
    spare = LEAST_ARM_SHARE * body.wheelbase_m
    ahead = (body.front_axle_m - body.rear_axle_m) / 2 + physics.mass_centre_m[0]
    return min(max(ahead, spare - body.rear_axle_m), body.front_axle_m - spare)


def friction_of(body: VehicleBody, wheel: WheelPhysics) -> float:
    """Greatest force over load of a tyre.

    CARLA's scale of 3.5 stands for the kind's usual tyre, 0 for none at all. Between them it is the square
    root of the scale: a scale of 0.5 gives 0.3 to 0.4, which is what CARLA's vehicles have there (scale times
    the 0.7 of its ground), though their 3.5 grips more than any road tyre.
    """
    return body.tyre_friction * math.sqrt(wheel.tire_friction / DEFAULT_TIRE_FRICTION)


def _load_shares(row: Float64[np.ndarray, "b"], body: VehicleBody, physics: VehiclePhysics) -> list[float]:
    """Of the weight at rest on the level, by wheel."""
    front = row[col.REAR_ARM] / (row[col.FRONT_ARM] + row[col.REAR_ARM])
    left = 0.5
    if body.track_m > 0.0:
        left = min(max(0.5 + physics.mass_centre_m[1] / body.track_m, 0.0), 1.0)
    return [axle * side for axle in (front, 1.0 - front) for side in (left, 1.0 - left)]


def _fill_wheels(row: Float64[np.ndarray, "b"], body: VehicleBody, physics: VehiclePhysics) -> None:
    shares = _load_shares(row, body, physics)
    weight = physics.mass_kg * GRAVITY_MPS2
    row[col.BRAKING] = 0.0
    for k, wheel in enumerate(physics.wheels):
        radius = wheel.radius_cm / 100.0
        load = shares[k] * weight
        grip = friction_of(body, wheel) * load
        # At a slip of 1, a wheel that spins or is locked, a tyre gives no more than its stiffness.
        traction = min(grip, wheel.long_stiff_value * GRAVITY_MPS2)
        row[col.LOAD_SHARE + k] = shares[k]
        row[col.GRIP + k] = grip
        row[col.TRACTION + k] = traction
        row[col.WHEEL_SIDE + k] = (1 - 2 * (k % 2)) * body.track_m / 2 - physics.mass_centre_m[1]
        row[col.WHEEL_BRAKE + k] = wheel.max_brake_torque_nm * FULL_PEDAL / radius
        row[col.WHEEL_HAND_BRAKE + k] = wheel.max_hand_brake_torque_nm / radius
        row[col.WHEEL_DRAG + k] = (wheel.damping_rate - DEFAULT_DAMPING_RATE) / radius**2
        row[col.BRAKING] += min(row[col.WHEEL_BRAKE + k] + body.rolling_resistance * load, traction)
    row[col.BRAKING] /= physics.mass_kg
    for column, pair in ((col.FRONT_STIFF, physics.wheels[:2]), (col.REAR_STIFF, physics.wheels[2:])):
        row[column] = sum(_stiffness(wheel) for wheel in pair) / 2.0
    # A tyre's cornering stiffness grows less than its load: the heavier axle gives way.
    usual_front = body.rear_axle_m + (body.front_axle_m - body.rear_axle_m) / 2.0
    front = row[col.REAR_ARM] / usual_front
    rear = row[col.FRONT_ARM] / (body.wheelbase_m - usual_front)
    row[col.FRONT_STIFF] *= front**-LOAD_SENSITIVITY
    row[col.REAR_STIFF] *= rear**-LOAD_SENSITIVITY


def _stiffness(wheel: WheelPhysics) -> float:
    """Cornering stiffness over the usual.

    As PhysX has it: the value times a smooth rise with load over the load at which it levels out,
    k - k^2 / 3 + k^3 / 27 with k = 3 load / greatest load; here at the load at rest.
    """

    def rise(greatest: float) -> float:
        k = min(3.0, 3.0 / max(greatest, 1e-3))
        return k - k * k / 3.0 + k**3 / 27.0

    share = rise(wheel.lat_stiff_max_load) / rise(DEFAULT_STIFFNESS_LOAD)
    return wheel.lat_stiff_value / DEFAULT_LATERAL_STIFFNESS * share


def _fill_engine(row: Float64[np.ndarray, "b"], physics: VehiclePhysics) -> None:
    top = physics.max_rpm * math.pi / 30.0
    row[col.ENGINE_TOP] = top
    row[col.ENGINE_INERTIA] = physics.moi
    row[col.DAMP_FULL] = physics.damping_full_throttle
    row[col.DAMP_ENGAGED] = physics.damping_closed_engaged
    row[col.DAMP_DISENGAGED] = physics.damping_closed_disengaged
    row[col.CLUTCH] = physics.clutch_strength
    row[col.AUTOMATIC] = physics.automatic
    row[col.SHIFT_TIME] = physics.gear_switch_time_s
    row[col.GEARS] = len(physics.gears)
    assert len(physics.gears) <= MAX_GEARS
    for k, gear in enumerate(physics.gears):
        row[col.GEAR_RATIO + k] = gear.ratio * physics.final_ratio / row[col.WHEEL_RADIUS]
        row[col.GEAR_UP + k] = gear.up_ratio * top
        row[col.GEAR_DOWN + k] = gear.down_ratio * top
    for k in range(col.N_TORQUE):
        rpm = physics.max_rpm * k / (col.N_TORQUE - 1)
        row[col.TORQUE + k] = on_curve(physics.torque_curve, rpm)


def _fill_steering(row: Float64[np.ndarray, "b"], physics: VehiclePhysics) -> None:
    points = physics.steering_curve
    if len(points) > col.MAX_STEER_POINTS:
        first, last = points[0][0], points[-1][0]
        speeds = np.linspace(first, last, col.MAX_STEER_POINTS).tolist()
        points = tuple((speed, on_curve(physics.steering_curve, speed)) for speed in speeds)
    row[col.STEER_POINTS] = len(points)
    for k, (speed, share) in enumerate(points):
        row[col.STEER_KMPH + k] = speed
        row[col.STEER_SHARE + k] = share
