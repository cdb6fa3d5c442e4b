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
ENGINE = 17  # engine speed, rad/s
GEAR = 18  # engaged, -1 reverse, 0 neutral
SHIFT_LEFT = 19  # of a gear change, s
RATIO = 20  # turns of the engine per metre, negative in reverse, rad/m; slides over while gears change
WHEEL_FORCE = 21  # 4 columns: along the vehicle, N
SIDE_FORCE = 25  # 2 columns: front and rear axle, positive left, N
N_STATE = 27

# body: float64
HALF_LENGTH, HALF_WIDTH, HEIGHT = 0, 1, 2
FRONT_ARM, REAR_ARM = 3, 4  # axles from the centre of mass, m
CENTRE_AHEAD = 5  # centre of mass ahead of the origin, m
MASS, YAW_INERTIA = 6, 7
WHEEL_RADIUS = 8
MAX_STEER = 9  # of the single front wheel, rad
CENTRE_HEIGHT = 10  # of the centre of mass over the ground
TRACK = 11
DRAG = 14  # force over squared speed, kg/m
ROLLING = 15
FRICTION = 16
HARD_HALF_WIDTH = 17  # without mirrors
# from here on what clients can change; see body_rows
GRIP = 18  # 4 columns: greatest force of each wheel, N
TRACTION = 22  # 4 columns: the same along the wheel, which a soft tyre reaches less of
WHEEL_SIDE = 26  # 4 columns: how far left of the centre of mass, m
LOAD_SHARE = 30  # 4 columns: of the weight at rest
WHEEL_BRAKE = 34  # 4 columns: force at full pedal, N
WHEEL_HAND_BRAKE = 38  # 4 columns
WHEEL_DRAG = 42  # 4 columns: bearings beyond the usual, N s/m
FRONT_STIFF, REAR_STIFF = 46, 47  # cornering stiffness over the usual
BRAKING = 48  # deceleration of a full stop on the level, m/s2
ENGINE_TOP = 49  # greatest engine speed, rad/s
ENGINE_INERTIA = 50
DAMP_FULL, DAMP_ENGAGED, DAMP_DISENGAGED = 51, 52, 53
CLUTCH = 54
AUTOMATIC = 55
SHIFT_TIME = 56
GEARS = 57  # how many
GEAR_RATIO, GEAR_UP, GEAR_DOWN = 58, 70, 82  # 12 columns each: rad/m, and engine speeds in rad/s
STEER_POINTS = 94  # how many points the steering curve has
STEER_KMPH, STEER_SHARE = 95, 111  # 16 columns each
MAX_STEER_POINTS = 16
TORQUE = 127  # 65 columns: from 0 to ENGINE_TOP, N m
N_TORQUE = 65
N_BODY = 192

# control: float64
C_THROTTLE, C_STEER, C_BRAKE, C_HAND_BRAKE = 0, 1, 2, 3
C_CONSTANT_FORWARD, C_CONSTANT_LEFT, C_CONSTANT_UP = 5, 6, 7  # m/s, own frame; only where HOLDS_VELOCITY
C_REVERSE, C_MANUAL, C_GEAR = 4, 8, 9
C_PUSH_X, C_PUSH_Y, C_PUSH_TURN = 10, 11, 12  # over the next step: N in the world's frame, N m
N_CONTROL = 13

# flags: bool
PHYSICS, GRAVITY, HOLDS_VELOCITY = 0, 1, 2
INTANGIBLE = 3  # touches nothing but the ground
STICKY = 4  # keeps its driver's control until the next one
DEAD = 5  # the engine has stopped
N_FLAGS = 6
