"""What a vehicle's engine and wheels do at a moment, consistent with its motion."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from drivegen.embedded.dynamics import columns as col
from drivegen.embedded.dynamics.bodies import GRAVITY_MPS2, VehicleBody
from drivegen.embedded.dynamics.body_rows import friction_of
from drivegen.embedded.dynamics.physics import WHEELS, VehiclePhysics

Row = np.ndarray[Any, Any]
SLOW_MPS = 0.05
"""Below this a slip angle means nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelTelemetry:
    """One wheel; left is positive."""

    friction: float
    """Greatest force over load."""
    lateral_slip_rad: float
    """Of the wheel's course from where it points."""
    longitudinal_slip: float
    turning_radps: float
    load_n: float
    rest_load_n: float
    """On level ground at rest."""
    torque_nm: float
    """Of drive and brakes together."""
    forward_force_n: float
    left_force_n: float


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleTelemetry:
    """A vehicle with its four wheels: front left, front right, rear left, rear right."""

    speed_mps: float
    steer: float
    """As the driver asked, as are the next two; steer is positive to the right."""
    throttle: float
    brake: float
    engine_rpm: float
    gear: int
    drag_n: float
    wheels: tuple[WheelTelemetry, ...]


def front_angles(state: Row, body: Row) -> tuple[float, float]:
    """Angles of the left and the right front wheel, rad, positive left: both point across one centre.

    Ackermann's condition: cot(wheel) = cot(middle) -+ track / (2 wheelbase).
    """
    middle = float(state[col.STEER])
    if abs(middle) < 1e-6:
        return middle, middle
    half = float(body[col.TRACK] / (2.0 * (body[col.FRONT_ARM] + body[col.REAR_ARM])))
    cotangent = 1.0 / math.tan(middle)
    sign = math.copysign(1.0, middle)
    left, right = (math.atan2(sign, sign * (cotangent + side)) for side in (-half, half))
    return left, right


def read_telemetry(
    tables: tuple[Row, Row, Row, Row, Row], vehicle: VehicleBody, physics: VehiclePhysics
) -> VehicleTelemetry:
    """Telemetry of a vehicle from its rows of state, body, control, flags and motion."""
    state, body, control, flags, motion = tables
    forward = float(state[col.FORWARD])
    loads = _loads(state, body, flags, motion)
    return VehicleTelemetry(
        speed_mps=forward,
        steer=float(control[col.C_STEER]),
        throttle=float(control[col.C_THROTTLE]),
        brake=float(control[col.C_BRAKE]),
        engine_rpm=float(state[col.ENGINE]) * 30.0 / math.pi,
        gear=int(state[col.GEAR]),
        drag_n=float(body[col.DRAG]) * forward**2,
        wheels=tuple(_wheel(k, tables, loads, vehicle, physics) for k in range(WHEELS)),
    )


def _loads(state: Row, body: Row, flags: Row, motion: Row) -> list[float]:
    """On each wheel: the weight by where it lies, shifted by what accelerates the vehicle at its height."""
    if not (flags[col.PHYSICS] and flags[col.GRAVITY]) or state[col.AIRBORNE] > 0.5:
        return [0.0] * WHEELS
    pitch, roll, yaw = (float(state[c]) for c in (col.PITCH, col.ROLL, col.YAW))
    mass, height = float(body[col.MASS]), float(body[col.CENTRE_HEIGHT])
    c, s = math.cos(yaw), math.sin(yaw)
    along = float(motion[6]) * c + float(motion[7]) * s - GRAVITY_MPS2 * math.sin(pitch)
    aside = float(motion[7]) * c - float(motion[6]) * s + GRAVITY_MPS2 * math.sin(roll) * math.cos(pitch)
    weight = mass * GRAVITY_MPS2 * math.cos(pitch) * math.cos(roll)
    shares = [float(body[col.LOAD_SHARE + k]) for k in range(WHEELS)]
    back = mass * along * height / float(body[col.FRONT_ARM] + body[col.REAR_ARM])
    over = mass * aside * height / float(body[col.TRACK]) if body[col.TRACK] > 0.0 else 0.0
    axles = (shares[0] + shares[1], shares[2] + shares[3])
    loads = []
    for k in range(WHEELS):
        of_axle = axles[k // 2]
        to_rear = (-back if k < 2 else back) * shares[k] / of_axle
        to_right = (-over if k % 2 == 0 else over) * of_axle
        loads.append(max(0.0, weight * shares[k] + to_rear + to_right))
    return loads


def _wheel(
    k: int,
    tables: tuple[Row, Row, Row, Row, Row],
    loads: list[float],
    vehicle: VehicleBody,
    physics: VehiclePhysics,
) -> WheelTelemetry:
    state, body, _, flags, _ = tables
    wheel = physics.wheels[k]
    radius = wheel.radius_cm / 100.0
    angle = front_angles(state, body)[k] if k < 2 else 0.0
    arm = float(body[col.FRONT_ARM]) if k < 2 else -float(body[col.REAR_ARM])
    turn = float(state[col.YAW_RATE])
    ahead = float(state[col.FORWARD]) - turn * float(body[col.WHEEL_SIDE + k])
    aside = float(state[col.LEFT]) + turn * arm
    rolling = ahead * math.cos(angle) + aside * math.sin(angle)
    sliding = aside * math.cos(angle) - ahead * math.sin(angle)
    free = loads[k] > 0.0
    force = float(state[col.WHEEL_FORCE + k]) if free else 0.0
    stiffness = wheel.long_stiff_value * GRAVITY_MPS2
    slip = min(max(force / stiffness, -1.0), 1.0) if stiffness > 0.0 else 0.0
    axle = loads[0] + loads[1] if k < 2 else loads[2] + loads[3]
    side = float(state[col.SIDE_FORCE + k // 2]) * loads[k] / axle if axle > 0.0 and free else 0.0
    moving = free and math.hypot(rolling, sliding) > SLOW_MPS and bool(flags[col.PHYSICS])
    return WheelTelemetry(
        friction=friction_of(vehicle, wheel) if free else 0.0,
        lateral_slip_rad=math.atan2(sliding, abs(rolling)) if moving else 0.0,
        longitudinal_slip=slip,
        turning_radps=rolling / radius * (1.0 + math.copysign(slip, slip * rolling)),
        load_n=loads[k],
        rest_load_n=float(body[col.LOAD_SHARE + k] * body[col.MASS]) * GRAVITY_MPS2,
        torque_nm=force * radius,
        forward_force_n=force,
        left_force_n=side,
    )
