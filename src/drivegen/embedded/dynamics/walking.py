"""How walkers move, in compiled code: along the ground, then up and down on it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from drivegen.embedded.dynamics.readout import wrapped_angle

GRAVITY_MPS2 = 9.81
ACCELERATION_MPS2 = 3.0
"""How fast a person comes up to a walking pace: half a second (gait initiation takes one to two steps)."""
TURN_RATE_RADPS = 2.0 * math.pi
JUMP_MPS = 5.0
"""Take-off speed of a jump, CARLA's: 1.27 m high, a second long."""
CLIMB_MPS = 1.2
"""How fast the body rises and sinks at a kerb."""
LOOK_AHEAD_S = 0.2
"""The body begins to rise this long before the kerb."""
TELEPORT_MPS = 12.0
"""A state that asks for more than this is a jump to another place, not a walk."""
SLIDING_MPS2 = 0.66 * GRAVITY_MPS2
"""How a thrown body is slowed by the ground (Searle and Searle 1983: friction of 0.66 on asphalt)."""
STEP_DOWN_M = 0.5
"""Who stands higher than this above the ground falls."""
SAMPLES = 18
"""Points of the ground that a walker asks for: 3 by 3 under the body, and as many where it will be."""

Table = np.ndarray[Any, Any]
Row = np.ndarray[Any, Any]


@njit(cache=True, error_model="numpy")
def walk(
    position: Table, yaw: Row, velocity: Table, direction: Table, wanted_speed: Row, fall: Row,
    physics: Row, dead: Row, thrown: Row, swept: Row, has_state: Row, state_xy: Table, state_yaw: Row,
    state_speed: Row, dt: float,
) -> None:  # fmt: skip
    """Horizontal motion: by the pose given for this step, else towards the velocity asked for."""
    for i in range(len(position)):
        heading = math.hypot(direction[i, 0], direction[i, 1])
        pace = wanted_speed[i] / heading if heading > 1e-6 else 0.0
        wanted_x, wanted_y = direction[i, 0] * pace, direction[i, 1] * pace
        vx, vy = velocity[i, 0], velocity[i, 1]
        speed = math.hypot(vx, vy)
        slides = thrown[i] or dead[i]
        if math.isnan(fall[i]):
            if slides:
                keep = max(0.0, 1.0 - SLIDING_MPS2 * dt / max(speed, 1e-9))
                vx, vy = vx * keep, vy * keep
            else:
                change = math.hypot(wanted_x - vx, wanted_y - vy)
                share = min(1.0, ACCELERATION_MPS2 * dt / max(change, 1e-12))
                vx, vy = vx + share * (wanted_x - vx), vy + share * (wanted_y - vy)
        thrown[i] = thrown[i] and speed > SLIDING_MPS2 * dt
        if not physics[i]:
            vx = vy = 0.0
        x, y = position[i, 0] + vx * dt, position[i, 1] + vy * dt
        swept[i] = True
        if has_state[i]:
            vx, vy = (state_xy[i, 0] - position[i, 0]) / dt, (state_xy[i, 1] - position[i, 1]) / dt
            if math.hypot(vx, vy) > TELEPORT_MPS:
                vx = math.cos(state_yaw[i]) * state_speed[i]
                vy = math.sin(state_yaw[i]) * state_speed[i]
                swept[i] = False
            x, y = state_xy[i, 0], state_xy[i, 1]
            yaw[i] = state_yaw[i]
            thrown[i] = False
        elif physics[i] and not slides and math.hypot(wanted_x, wanted_y) > 1e-6:
            turn = wrapped_angle(math.atan2(wanted_y, wanted_x) - yaw[i])
            yaw[i] += min(max(turn, -TURN_RATE_RADPS * dt), TURN_RATE_RADPS * dt)
        velocity[i, 0], velocity[i, 1] = vx, vy
        position[i, 0], position[i, 1] = x, y


@njit(cache=True, error_model="numpy")
def feet_points(position: Table, yaw: Row, velocity: Table, size: Table, points: Table) -> None:
    """Fills n x SAMPLES x 3 with the points whose ground counts; z is the feet's."""
    for i in range(len(position)):
        cos, sin = math.cos(yaw[i]), math.sin(yaw[i])
        for k in range(SAMPLES):
            ahead = LOOK_AHEAD_S if k >= 9 else 0.0
            along, across = (k % 9 // 3 - 1) * 0.5 * size[i, 0], (k % 3 - 1) * 0.5 * size[i, 1]
            points[i, k, 0] = position[i, 0] + ahead * velocity[i, 0] + along * cos - across * sin
            points[i, k, 1] = position[i, 1] + ahead * velocity[i, 1] + along * sin + across * cos
            points[i, k, 2] = position[i, 2] - 0.5 * size[i, 2]


@njit(cache=True, error_model="numpy")
def stand(
    position: Table, velocity: Table, size: Table, heights: Table, fall: Row, jump: Row, physics: Row,
    led: Row, dt: float,
) -> None:  # fmt: skip
    """Vertical motion: feet never below the ground, rising and sinking smoothly at kerbs, jumping."""
    for i in range(len(position)):
        floor = heights[i, 0]
        for k in range(9):
            floor = max(floor, heights[i, k])
        goal = floor
        for k in range(9, SAMPLES):
            goal = max(goal, heights[i, k])
        feet = position[i, 2] - 0.5 * size[i, 2]
        if math.isnan(fall[i]):
            if jump[i] and physics[i]:
                fall[i] = JUMP_MPS
            elif feet > goal + STEP_DOWN_M:
                fall[i] = 0.0
        jump[i] = False
        velocity[i, 2] = 0.0
        if math.isnan(fall[i]):
            after = max(min(max(goal, feet - CLIMB_MPS * dt), feet + CLIMB_MPS * dt), floor)
        else:
            fall[i] -= GRAVITY_MPS2 * dt
            after = feet + (fall[i] + 0.5 * GRAVITY_MPS2 * dt) * dt
            if after <= floor:
                after, fall[i] = floor, math.nan
            elif physics[i]:
                velocity[i, 2] = fall[i]
        if physics[i] or led[i]:
            position[i, 2] = after + 0.5 * size[i, 2]
