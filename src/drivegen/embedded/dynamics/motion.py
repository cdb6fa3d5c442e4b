"""How one vehicle moves within a substep: actuators, pedals, tyres.

A single-track ("bicycle") model in the ground plane with three degrees of freedom: forward and leftward speed
of the centre of mass and yaw rate (e.g. Rajamani, Vehicle Dynamics and Control, 2nd ed. 2012, ch. 2). Lateral
tyre forces grow linearly with slip up to the friction that pedals leave. They are solved implicitly, so the
model stays stable at any step and goes over into the kinematic one (no slip, radius = wheelbase / tan steer)
at rest.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from drivegen.embedded.dynamics.bodies import ENGINE_BRAKE_SHARE
from drivegen.embedded.dynamics.columns import (
    AIRBORNE,
    BRAKE_FORCE,
    BRAKE_INPUT,
    C_BRAKE,
    C_CONSTANT_FORWARD,
    C_CONSTANT_LEFT,
    C_DIRECTION,
    C_HAND_BRAKE,
    C_STEER,
    C_THROTTLE,
    CENTRE_AHEAD,
    DRAG,
    DRIVE_FORCE,
    DRIVE_POWER,
    FORWARD,
    FRICTION,
    FRONT_ARM,
    GRAVITY,
    HAND_BRAKE_FORCE,
    HAND_BRAKE_INPUT,
    HOLDS_VELOCITY,
    LEFT,
    MASS,
    MAX_STEER,
    PITCH,
    REAR_ARM,
    ROLL,
    ROLLING,
    STEER,
    STEER_INPUT,
    THROTTLE_INPUT,
    WHEEL,
    WHEEL_RADIUS,
    YAW,
    YAW_INERTIA,
    YAW_RATE,
    X,
    Y,
)

G = 9.81

# How fast actuators follow the driver, 1/s, rising and falling: the defaults of Unreal's wheeled vehicles.
STEER_RISE, STEER_FALL = 2.5, 5.0
PEDAL_RISE, PEDAL_FALL = 6.0, 10.0
HAND_RISE, HAND_FALL = 12.0, 12.0

# Share of full lock at a speed: CARLA's default steering curve (its documentation, VehiclePhysicsControl).
STEER_CURVE = ((0.0, 1.0), (20.0, 0.9), (60.0, 0.8), (120.0, 0.7))
"""(km/h, share); linear between, constant beyond."""

# Cornering stiffness over load, 1/rad: usual passenger tyres; a little more behind gives understeer.
FRONT_STIFFNESS, REAR_STIFFNESS = 9.5, 11.0
SLIP_FLOOR_MPS = 0.3
"""Added to the speed in slip = lateral speed / speed, which is singular at rest."""

MAX_REVERSE_MPS = 8.0
FULL_PEDAL = 0.75
"""From here on the anti-lock system holds the brakes at their greatest force."""
FRONT_GRIP = 0.92
"""The front axle lets go first: road vehicles are laid out to push wide rather than spin."""
SLIP_AT_GRIP = 1.15
"""Largest slip angle that the steering gives, over the one at which the linear tyre reaches its friction."""
STEERING_RESERVE = 0.35
"""Share of lateral grip that the brakes leave at least (anti-lock)."""

Row = np.ndarray[Any, Any]


@njit(cache=True, error_model="numpy")
def follow(current: float, wanted: float, rise: float, fall: float, h: float) -> float:
    """An actuator on its way from `current` to `wanted` after `h` seconds."""
    rising = abs(wanted) > abs(current) and current * wanted >= 0.0
    most = h * (rise if rising else fall)
    return current + min(max(wanted - current, -most), most)


@njit(cache=True, error_model="numpy")
def lock_share(speed_kmph: float) -> float:
    """Share of full lock that the steering reaches at a speed."""
    for k in range(1, len(STEER_CURVE)):
        low, share = STEER_CURVE[k - 1]
        high, next_share = STEER_CURVE[k]
        if speed_kmph < high:
            return share + (next_share - share) * (speed_kmph - low) / (high - low)
    return STEER_CURVE[-1][1]


@njit(cache=True, error_model="numpy")
def actuate(state: Row, body: Row, control: Row, h: float) -> None:
    """Moves pedals and steering of one vehicle towards what the driver asks for."""
    state[STEER_INPUT] = follow(state[STEER_INPUT], control[C_STEER], STEER_RISE, STEER_FALL, h)
    state[THROTTLE_INPUT] = follow(state[THROTTLE_INPUT], control[C_THROTTLE], PEDAL_RISE, PEDAL_FALL, h)
    state[BRAKE_INPUT] = follow(state[BRAKE_INPUT], control[C_BRAKE], PEDAL_RISE, PEDAL_FALL, h)
    state[HAND_BRAKE_INPUT] = follow(state[HAND_BRAKE_INPUT], control[C_HAND_BRAKE], HAND_RISE, HAND_FALL, h)
    wanted = -state[STEER_INPUT] * lock_share(abs(state[FORWARD]) * 3.6) * body[MAX_STEER]
    if state[FORWARD] > 0.5:
        # Beyond the angle of greatest grip a tyre only drags: the steering stops there, as a driver would.
        course = math.atan2(state[LEFT] + body[FRONT_ARM] * state[YAW_RATE], state[FORWARD])
        most = SLIP_AT_GRIP * body[FRICTION] / FRONT_STIFFNESS + max(0.0, 4.0 - state[FORWARD]) * 0.3
        wanted = min(max(wanted, course - most), course + most)
    state[STEER] = wanted


@njit(cache=True, error_model="numpy")
def pedal_forces(state: Row, body: Row, control: Row) -> tuple[float, float]:
    """(drive, resist) in newton: what pushes along the vehicle, and what only ever slows it down."""
    speed = state[FORWARD]
    load = body[MASS] * G
    direction = control[C_DIRECTION]
    throttle = state[THROTTLE_INPUT]
    drive = throttle * min(body[DRIVE_FORCE], body[DRIVE_POWER] / max(abs(speed), 0.1)) * direction
    if direction < 0.0 and speed < -MAX_REVERSE_MPS:
        drive = 0.0
    resist = body[ROLLING] * load
    resist += min(1.0, state[BRAKE_INPUT] / FULL_PEDAL) * body[BRAKE_FORCE]
    resist += state[HAND_BRAKE_INPUT] * body[HAND_BRAKE_FORCE]
    if throttle < 0.01 and direction != 0.0:
        # Fades out towards rest: an engine that idles does not hold a vehicle on a slope.
        resist += ENGINE_BRAKE_SHARE * body[DRIVE_FORCE] * min(1.0, abs(speed) / 2.0)
    grip = body[FRICTION] * load
    return min(max(drive, -grip), grip), min(resist, grip)


@njit(cache=True, error_model="numpy")
def turn(
    state: Row, body: Row, drive: float, resist: float, push_left: float, h: float
) -> tuple[float, float, float]:
    """Leftward speed and yaw rate after `h`, and the front tyre's force, by an implicit step.

    Solves m dv/dt = Ff cos d + Fr + m g_left - m u r and I dr/dt = a Ff cos d - b Fr for v and r at the
    step's end, where each axle's force is -stiffness x slip. An axle beyond its friction gets a lower
    stiffness (secant iteration) until it just holds.
    """
    u, v, r = state[FORWARD], state[LEFT], state[YAW_RATE]
    m, inertia, a, b = body[MASS], body[YAW_INERTIA], body[FRONT_ARM], body[REAR_ARM]
    c, s = math.cos(state[STEER]), math.sin(state[STEER])
    share_front = b / (a + b)
    grip = body[FRICTION] * m * G
    used = min(1.0, abs(drive) / grip + (resist / grip if u != 0.0 else 0.0))
    lateral = grip * max(math.sqrt(1.0 - used * used), STEERING_RESERVE)
    limit_front, limit_rear = FRONT_GRIP * lateral * share_front, lateral * (1.0 - share_front)
    k_front = FRONT_STIFFNESS * m * G * share_front / (abs(u * c + (v + a * r) * s) + SLIP_FLOOR_MPS)
    k_rear = REAR_STIFFNESS * m * G * (1.0 - share_front) / (abs(u) + SLIP_FLOOR_MPS)
    front = rear = 0.0
    for _ in range(8):
        a11 = 1.0 + h / m * (k_front * c * c + k_rear)
        a12 = h / m * (k_front * c * c * a - k_rear * b) + h * u
        a21 = h / inertia * (a * k_front * c * c - b * k_rear)
        a22 = 1.0 + h / inertia * (a * a * k_front * c * c + b * b * k_rear)
        b1 = v + h / m * k_front * c * s * u + h * push_left
        b2 = r + h / inertia * a * k_front * c * s * u
        determinant = a11 * a22 - a12 * a21
        v1 = (b1 * a22 - a12 * b2) / determinant
        r1 = (a11 * b2 - a21 * b1) / determinant
        front = -k_front * ((v1 + a * r1) * c - u * s)
        rear = -k_rear * (v1 - b * r1)
        over_front, over_rear = abs(front) / limit_front, abs(rear) / limit_rear
        if over_front <= 1.01 and over_rear <= 1.01:
            break
        k_front /= max(1.0, over_front)
        k_rear /= max(1.0, over_rear)
    front = min(max(front, -limit_front), limit_front)
    rear = min(max(rear, -limit_rear), limit_rear)
    r1 = r + h / inertia * (a * front * c - b * rear)
    return v + h * ((front * c + rear) / m + push_left - u * r1), r1, front


@njit(cache=True, error_model="numpy")
def roll_on(state: Row, body: Row, control: Row, flags: Row, h: float) -> None:
    """Speeds of one vehicle after `h`, on the plane that it stands on."""
    pull_forward = pull_left = 0.0
    if flags[GRAVITY]:
        pull_forward = G * math.sin(state[PITCH])
        pull_left = -G * math.sin(state[ROLL]) * math.cos(state[PITCH])
    if state[AIRBORNE] > 0.5:
        return
    drive, resist = pedal_forces(state, body, control)
    u = state[FORWARD]
    v, r, front = turn(state, body, drive, resist, pull_left, h)
    m = body[MASS]
    along = drive / m - body[DRAG] * abs(u) * u / m + pull_forward
    along += v * r - front * math.sin(state[STEER]) / m
    u1 = u + h * along
    slowed = h * resist / m
    if abs(u1) <= slowed:
        # Held: nothing that is left can overcome what resists. Small sideways remains end with it.
        u1 = 0.0
        if abs(v) < 0.1 and abs(r) < 0.1:
            v = r = 0.0
    else:
        u1 -= math.copysign(slowed, u1)
    state[FORWARD], state[LEFT], state[YAW_RATE] = u1, v, r


@njit(cache=True, error_model="numpy")
def move(state: Row, body: Row, control: Row, flags: Row, h: float) -> None:
    """One vehicle's substep: actuators, speeds, and where they take it."""
    actuate(state, body, control, h)
    if flags[HOLDS_VELOCITY]:
        state[FORWARD], state[LEFT] = control[C_CONSTANT_FORWARD], control[C_CONSTANT_LEFT]
        state[YAW_RATE] = state[FORWARD] * math.tan(state[STEER]) / (body[FRONT_ARM] + body[REAR_ARM])
    else:
        roll_on(state, body, control, flags, h)
    heading = state[YAW] + 0.5 * h * state[YAW_RATE]
    forward = state[FORWARD] * math.cos(state[PITCH])
    left = (state[LEFT] - state[YAW_RATE] * body[CENTRE_AHEAD]) * math.cos(state[ROLL])
    state[X] += h * (forward * math.cos(heading) - left * math.sin(heading))
    state[Y] += h * (forward * math.sin(heading) + left * math.cos(heading))
    state[YAW] += h * state[YAW_RATE]
    state[WHEEL] = (state[WHEEL] + h * state[FORWARD] / body[WHEEL_RADIUS]) % (2.0 * math.pi)
