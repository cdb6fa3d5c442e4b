"""Columns of the arrays that the compiled kernels share. A kernel sees a vehicle as rows of four arrays."""

from __future__ import annotations

# state: float64, world frame unless said otherwise
X, Y, Z = 0, 1, 2  # origin: middle of the bottom of the box, m
YAW, PITCH, ROLL = 3, 4, 5  # rad
FORWARD, LEFT = 6, 7  # velocity of the centre of mass in the vehicle's own ground plane, m/s
YAW_RATE = 8  # rad/s
FALL = 9  # vertical velocity while off the ground, m/s
AIRBORNE = 10  # 1 while no wheel touches
STEER_INPUT, THROTTLE_INPUT, BRAKE_INPUT, HAND_BRAKE_INPUT = 11, 12, 13, 14  # what the actuators have reached
STEER = 15  # angle of the single front wheel, positive left, rad
WHEEL = 16  # rolled angle, rad
N_STATE = 17

# body: float64
HALF_LENGTH, HALF_WIDTH, HEIGHT = 0, 1, 2
FRONT_ARM, REAR_ARM = 3, 4  # axles from the centre of mass, m
CENTRE_AHEAD = 5  # centre of mass ahead of the origin, m
MASS, YAW_INERTIA = 6, 7
WHEEL_RADIUS = 8
MAX_STEER = 9  # of the single front wheel, rad
DRIVE_FORCE, DRIVE_POWER = 10, 11
BRAKE_FORCE, HAND_BRAKE_FORCE = 12, 13
DRAG = 14  # force over squared speed, kg/m
ROLLING = 15
FRICTION = 16
HARD_HALF_WIDTH = 17  # without mirrors
N_BODY = 18

# control: float64
C_THROTTLE, C_STEER, C_BRAKE, C_HAND_BRAKE = 0, 1, 2, 3
C_DIRECTION = 4  # 1 forwards, 0 neutral, -1 reverse
C_CONSTANT_FORWARD, C_CONSTANT_LEFT, C_CONSTANT_UP = 5, 6, 7  # m/s, own frame; only where HOLDS_VELOCITY
N_CONTROL = 8

# flags: bool
PHYSICS, GRAVITY, HOLDS_VELOCITY = 0, 1, 2
INTANGIBLE = 3  # touches nothing but the ground
N_FLAGS = 4
