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

from drivegen.embedded.dynamics.columns import (
    AIRBORNE,
    BRAKE_INPUT,
    C_BRAKE,
    C_CONSTANT_FORWARD,
    C_CONSTANT_LEFT,
    C_HAND_BRAKE,
    C_PUSH_TURN,
    C_PUSH_X,
    C_PUSH_Y,
    C_STEER,
    C_THROTTLE,
    CENTRE_AHEAD,
    DRAG,
    ENGINE,
    FORWARD,
    FRICTION,
    FRONT_ARM,
    FRONT_STIFF,
    GRAVITY,
    GRIP,
    HAND_BRAKE_INPUT,
    HOLDS_VELOCITY,
    LEFT,
    LOAD_SHARE,
    MASS,
    MAX_STEER,
    PITCH,
    RATIO,
    REAR_ARM,
    REAR_STIFF,
    ROLL,
    ROLLING,
    SIDE_FORCE,
    STEER,
    STEER_INPUT,
    STEER_KMPH,
    STEER_POINTS,
    STEER_SHARE,
    THROTTLE_INPUT,
    TRACTION,
    WHEEL,
    WHEEL_BRAKE,
    WHEEL_DRAG,
    WHEEL_FORCE,
    WHEEL_HAND_BRAKE,
    WHEEL_RADIUS,
    WHEEL_SIDE,
    YAW,
    YAW_INERTIA,
    YAW_RATE,
    X,
    Y,
)
from drivegen.embedded.dynamics.engine import engine_pull, spin_engine
from drivegen.embedded.dynamics.gearbox import change_gears
from drivegen.embedded.dynamics.usual_physics import FULL_PEDAL

G = 9.81

# How fast actuators follow the driver, 1/s, rising and falling: the defaults of Unreal's wheeled vehicles.
STEER_RISE, STEER_FALL = 2.5, 5.0
PEDAL_RISE, PEDAL_FALL = 6.0, 10.0
HAND_RISE, HAND_FALL = 12.0, 12.0

# Cornering stiffness over load, 1/rad: usual passenger tyres; a little more behind gives understeer.
FRONT_STIFFNESS, REAR_STIFFNESS = 9.5, 11.0
SLIP_FLOOR_MPS = 0.3
"""Added to the speed in slip = lateral speed / speed, which is singular at rest."""

FRONT_GRIP = 0.92
"""The front axle lets go first: road vehicles are laid out to push wide rather than spin."""
SLIP_AT_GRIP = 1.15
"""Largest slip angle that the steering gives, over the one at which the linear tyre reaches its friction."""
STEERING_RESERVE = 0.35
"""Share of lateral grip that the brakes leave at least (anti-lock)."""
NO_FORCE_N = 1e-9

Row = np.ndarray[Any, Any]


@njit(cache=True, error_model="numpy")
def follow(current: float, wanted: float, rise: float, fall: float, h: float) -> float:
    """An actuator on its way from `current` to `wanted` after `h` seconds."""
    rising = abs(wanted) > abs(current) and current * wanted >= 0.0
    most = h * (rise if rising else fall)
    return current + min(max(wanted - current, -most), most)


@njit(cache=True, error_model="numpy")
def lock_share(body: Row, speed_kmph: float) -> float:
    """Share of full lock that the steering reaches at a speed."""
    low, share = 0.0, body[STEER_SHARE]
    for k in range(int(body[STEER_POINTS])):
        high, next_share = body[STEER_KMPH + k], body[STEER_SHARE + k]
        if speed_kmph < high:
            return float(share + (next_share - share) * (speed_kmph - low) / (high - low))
        low, share = high, next_share
    return float(share)


@njit(cache=True, error_model="numpy")
def actuate(state: Row, body: Row, control: Row, h: float) -> None:
    """Moves pedals and steering of one vehicle towards what the driver asks for."""
    state[STEER_INPUT] = follow(state[STEER_INPUT], control[C_STEER], STEER_RISE, STEER_FALL, h)
    state[THROTTLE_INPUT] = follow(state[THROTTLE_INPUT], control[C_THROTTLE], PEDAL_RISE, PEDAL_FALL, h)
    state[BRAKE_INPUT] = follow(state[BRAKE_INPUT], control[C_BRAKE], PEDAL_RISE, PEDAL_FALL, h)
    state[HAND_BRAKE_INPUT] = follow(state[HAND_BRAKE_INPUT], control[C_HAND_BRAKE], HAND_RISE, HAND_FALL, h)
    wanted = -state[STEER_INPUT] * lock_share(body, abs(state[FORWARD]) * 3.6) * body[MAX_STEER]
    if state[FORWARD] > 0.5:
        # Beyond the angle of greatest grip a tyre only drags: the steering stops there, as a driver would.
        course = math.atan2(state[LEFT] + body[FRONT_ARM] * state[YAW_RATE], state[FORWARD])
        most = (
            SLIP_AT_GRIP * body[FRICTION] / FRONT_STIFFNESS / max(body[FRONT_STIFF], 0.1)
            + max(0.0, 4.0 - state[FORWARD]) * 0.3
        )
        wanted = min(max(wanted, course - most), course + most)
    state[STEER] = wanted


@njit(cache=True, error_model="numpy")
def brake_wheels(state: Row, body: Row, load: float) -> tuple[float, float]:
    """(force, turning moment at forward motion) of all that only ever slows the wheels down.

    Leaves each wheel's force, at least 0, in the state. `load` is the share of the weight on the wheels.
    """
    pedal = min(1.0, state[BRAKE_INPUT] / FULL_PEDAL)
    hand = state[HAND_BRAKE_INPUT]
    weight = body[MASS] * G * load
    speed = abs(state[FORWARD])
    total = moment = 0.0
    for k in range(4):
        force = body[ROLLING] * weight * body[LOAD_SHARE + k] + body[WHEEL_DRAG + k] * speed
        force = max(force, 0.0) + pedal * body[WHEEL_BRAKE + k] + hand * body[WHEEL_HAND_BRAKE + k]
        force = min(force, body[TRACTION + k] * load)
        state[WHEEL_FORCE + k] = force
        total += force
        moment += force * body[WHEEL_SIDE + k]
    return total, moment


@njit(cache=True, error_model="numpy")
def turn(
    state: Row, body: Row, used: float, push_left: float, moment: float, load: float, h: float
) -> tuple[float, float]:
    """Leftward speed and yaw rate after `h`, by an implicit step. Leaves the axles' forces in the state.

    Solves m dv/dt = Ff cos d + Fr + m push_left - m u r and I dr/dt = a Ff cos d - b Fr + moment for v and r
    at the step's end, where each axle's force is -stiffness x slip. An axle beyond its friction gets a lower
    stiffness (secant iteration) until it just holds. `used` is the share of the grip that pedals take.
    """
    u, v, r = state[FORWARD], state[LEFT], state[YAW_RATE]
    m, inertia, a, b = body[MASS], body[YAW_INERTIA], body[FRONT_ARM], body[REAR_ARM]
    c, s = math.cos(state[STEER]), math.sin(state[STEER])
    left = max(math.sqrt(1.0 - used * used), STEERING_RESERVE) * load
    limit_front = max(FRONT_GRIP * left * (body[GRIP] + body[GRIP + 1]), NO_FORCE_N)
    limit_rear = max(left * (body[GRIP + 2] + body[GRIP + 3]), NO_FORCE_N)
    stiffness = m * G * load / (a + b)
    k_front = FRONT_STIFFNESS * body[FRONT_STIFF] * stiffness * b
    k_rear = REAR_STIFFNESS * body[REAR_STIFF] * stiffness * a
    k_front /= abs(u * c + (v + a * r) * s) + SLIP_FLOOR_MPS
    k_rear /= abs(u) + SLIP_FLOOR_MPS
    front = rear = 0.0
    for _ in range(8):
        a11 = 1.0 + h / m * (k_front * c * c + k_rear)
        a12 = h / m * (k_front * c * c * a - k_rear * b) + h * u
        a21 = h / inertia * (a * k_front * c * c - b * k_rear)
        a22 = 1.0 + h / inertia * (a * a * k_front * c * c + b * b * k_rear)
        b1 = v + h / m * k_front * c * s * u + h * push_left
        b2 = r + h / inertia * (a * k_front * c * s * u + moment)
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
    state[SIDE_FORCE], state[SIDE_FORCE + 1] = front, rear
    r1 = r + h / inertia * (a * front * c - b * rear + moment)
    return v + h * ((front * c + rear) / m + push_left - u * r1), r1


@njit(cache=True, error_model="numpy")
def pushed(state: Row, body: Row, control: Row) -> tuple[float, float]:
    """(forward, left) acceleration that comes from outside: clients' forces."""
    c, s = math.cos(state[YAW]), math.sin(state[YAW])
    x, y = control[C_PUSH_X] / body[MASS], control[C_PUSH_Y] / body[MASS]
    return x * c + y * s, y * c - x * s


@njit(cache=True, error_model="numpy")
def float_on(state: Row, h: float, pull_forward: float, pull_left: float) -> None:
    """Speeds after `h` without tyres: turning turns the vehicle's frame, not where it goes."""
    turned = h * state[YAW_RATE]
    c, s = math.cos(turned), math.sin(turned)
    u, v = state[FORWARD] + h * pull_forward, state[LEFT] + h * pull_left
    state[FORWARD], state[LEFT] = u * c + v * s, v * c - u * s


@njit(cache=True, error_model="numpy")
def roll_on(state: Row, body: Row, control: Row, flags: Row, h: float) -> None:
    """Speeds of one vehicle after `h`, on the plane that it stands on or in the air."""
    # Without gravity nothing presses the wheels onto the ground: they neither drive, brake, nor steer.
    load = 1.0 if flags[GRAVITY] and state[AIRBORNE] < 0.5 else 0.0
    closed = change_gears(state, body, control, h)
    torque, damping, push, hold = engine_pull(state, body, flags, closed, h)
    resist, moment = brake_wheels(state, body, load)
    pull_forward, pull_left = pushed(state, body, control)
    u, m = state[FORWARD], body[MASS]
    if load == 0.0:
        spin_engine(state, body, torque, damping, 0.0, h)
        state[SIDE_FORCE] = state[SIDE_FORCE + 1] = 0.0
        float_on(state, h, pull_forward - body[DRAG] * abs(u) * u / m * (1.0 - state[AIRBORNE]), pull_left)
        state[YAW_RATE] += h * control[C_PUSH_TURN] / body[YAW_INERTIA]
        return
    pull_forward += G * math.sin(state[PITCH])
    pull_left -= G * math.sin(state[ROLL]) * math.cos(state[PITCH])
    grip = traction = 0.0
    for k in range(4):
        grip += body[GRIP + k]
        traction += body[TRACTION + k]
    drive = min(max(push - hold * u, -traction), traction)
    used = min(1.0, (abs(drive) + (resist if u != 0.0 else 0.0)) / max(grip, NO_FORCE_N))
    moment *= math.copysign(1.0, u) if abs(u) > 0.1 else 0.0
    v, r = turn(state, body, used, pull_left, moment + control[C_PUSH_TURN], load, h)
    along = pull_forward - body[DRAG] * abs(u) * u / m
    along += v * r - state[SIDE_FORCE] * math.sin(state[STEER]) / m
    u1 = (u + h * (along + push / m)) / (1.0 + h * hold / m)
    drive = push - hold * u1
    # An engine that brakes and the brakes share what the tyres hold.
    most = max(traction - resist, 0.0) if drive * u < 0.0 else traction
    if abs(drive) > most:
        drive = math.copysign(most, drive)
        u1 = u + h * (along + drive / m)
    spin_engine(state, body, torque, damping, drive, h)
    slowed = h * resist / m
    held = abs(u1) <= slowed
    for k in range(4):
        share = drive * body[TRACTION + k] / max(traction, NO_FORCE_N)
        braking = state[WHEEL_FORCE + k] * (abs(u1) / slowed if held and slowed > 0.0 else 1.0)
        state[WHEEL_FORCE + k] = share - math.copysign(braking, u1)
    if held:
        # Held: nothing that is left can overcome what resists. Small sideways remains end with it.
        u1 = 0.0
        if abs(v) < 0.1 and abs(r) < 0.1 and resist > 0.0:
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
        change_gears(state, body, control, h)
        state[ENGINE] = max(0.0, state[FORWARD] * state[RATIO])
    else:
        roll_on(state, body, control, flags, h)
    heading = state[YAW] + 0.5 * h * state[YAW_RATE]
    forward = state[FORWARD] * math.cos(state[PITCH])
    left = (state[LEFT] - state[YAW_RATE] * body[CENTRE_AHEAD]) * math.cos(state[ROLL])
    state[X] += h * (forward * math.cos(heading) - left * math.sin(heading))
    state[Y] += h * (forward * math.sin(heading) + left * math.cos(heading))
    state[YAW] += h * state[YAW_RATE]
    state[WHEEL] = (state[WHEEL] + h * state[FORWARD] / body[WHEEL_RADIUS]) % (2.0 * math.pi)
