"""All walkers of a world, stepped together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float64, UInt32

from drivegen.core.geometry import Pose, Vec3, rpy_from_rotation
from drivegen.embedded.assets.walkers.stride import (
    ADULT_HEIGHT_M,
    SCALE_POWER,
    SLOWEST_MPS,
    WALK_RATIO_SM,
    Pace,
)
from drivegen.embedded.dynamics import colliders as c
from drivegen.embedded.dynamics.ground import GroundHeights
from drivegen.embedded.dynamics.readout import wrapped
from drivegen.embedded.dynamics.solids import STEP_M
from drivegen.embedded.dynamics.walker_readings import WalkerReadings
from drivegen.embedded.dynamics.walking import SAMPLES, feet_points, stand, walk

KNOCK_MPS = 2.5
"""A change of speed at which nobody keeps their feet."""
LYING_M = 0.4
"""How high a body is that lies on the ground."""

Table = np.ndarray[Any, Any]


def stride_m(
    speed_mps: Float64[np.ndarray, "n"], height_m: Float64[np.ndarray, "n"]
) -> Float64[np.ndarray, "n"]:
    """Length of two steps at a speed: `drivegen.embedded.assets.walkers.stride.stride_m` of many."""
    step_m = np.sqrt(WALK_RATIO_SM * np.maximum(speed_mps, SLOWEST_MPS))
    return 2.0 * step_m * (height_m / ADULT_HEIGHT_M) ** SCALE_POWER


class WalkerDynamics(WalkerReadings):
    """All walkers, and what can be done with them."""

    _TABLES = (
        "_ids", "_size", "_position", "_yaw", "_velocity", "_yaw_rate", "_acceleration", "_phase",
        "_direction", "_wanted_speed", "_jump", "_fall", "_physics", "_has_state", "_state_xy", "_state_yaw",
        "_state_speed", "_led", "_intangible", "_from_xy", "_swept", "_thrown", "_dead",
        "_forms", "_reach", "_foot", "_stature", "_cycle",
    )  # fmt: skip

    def __init__(self) -> None:
        self._rows = {}
        self._ids = np.zeros(0, np.uint32)
        self._size = np.zeros((0, 3))
        self._position = np.zeros((0, 3))
        self._yaw = np.zeros(0)
        self._velocity = np.zeros((0, 3))
        self._yaw_rate = np.zeros(0)
        self._acceleration = np.zeros((0, 3))
        self._phase = np.zeros(0)
        self._direction = np.zeros((0, 3))
        self._wanted_speed = np.zeros(0)
        self._jump = np.zeros(0, np.bool_)
        self._fall = np.zeros(0)
        """Vertical speed while off the ground; NaN on it."""
        self._physics = np.zeros(0, np.bool_)
        self._has_state = np.zeros(0, np.bool_)
        self._state_xy = np.zeros((0, 2))
        self._state_yaw = np.zeros(0)
        self._state_speed = np.zeros(0)
        self._led = np.zeros(0, np.bool_)
        """Stands on the ground in the next step though without physics."""
        self._intangible = np.zeros(0, np.bool_)
        self._from_xy = np.zeros((0, 2))
        """Where the last step began."""
        self._swept = np.zeros(0, np.bool_)
        """Walked in the last step all the way from there."""
        self._thrown = np.zeros(0, np.bool_)
        """Lost its feet: slides to a rest."""
        self._dead = np.zeros(0, np.bool_)
        self._forms = np.zeros((0, 2, 8, 2))
        self._reach = np.zeros(0)
        self._foot = np.zeros((0, 3))
        """Box of the body without what is held far from it: length and width as the ground sees them."""
        self._stature = np.zeros(0)
        self._cycle = np.zeros(0)
        """Way of one turn of the phase; 0: of the body's stride."""

    def add(self, actor_id: int, size_m: Vec3, pose: Pose, pace: Pace | None = None) -> None:
        """Adds a walker at rest; `size_m` is the box, `pose` that of the box's centre.

        Without a pace the body is as high as the box.
        """
        pace = pace or Pace(stature_m=float(size_m[2]))
        if actor_id in self._rows:
            raise KeyError(f"walker {actor_id} exists already")
        self._rows[actor_id] = len(self._ids)
        for name in self._TABLES:
            table = getattr(self, name)
            setattr(self, name, np.concatenate([table, np.zeros((1, *table.shape[1:]), table.dtype)]))
        self._ids[-1] = actor_id
        self._size[-1] = size_m
        self._physics[-1] = True
        self._fall[-1] = np.nan
        self._foot[-1] = np.minimum(size_m, (2 * pace.reach_m, 2 * pace.reach_m, np.inf))
        self._stature[-1] = pace.stature_m
        self._cycle[-1] = pace.cycle_m
        corners = c.round_corners(np.array([max(self._foot[-1, 0], self._foot[-1, 1]) / 2]))
        self._forms[-1] = c.both_forms(corners)[0]
        self._reach[-1] = np.hypot(*corners[0, 0])
        self.set_pose(actor_id, pose)

    def remove(self, actor_id: int) -> None:
        """Takes a walker out. KeyError if there is none of this id."""
        row = self._rows.pop(actor_id)
        self._rows = {key: at - (at > row) for key, at in self._rows.items()}
        for name in self._TABLES:
            setattr(self, name, np.delete(getattr(self, name), row, axis=0))

    def set_control(self, actor_id: int, direction: Vec3, speed_mps: float, jump: bool = False) -> None:
        """Walk along a world direction (only its horizontal part counts) until told otherwise."""
        row = self._rows[actor_id]
        self._direction[row] = direction
        self._wanted_speed[row] = max(0.0, speed_mps)
        self._jump[row] = jump

    def set_state(self, actor_id: int, pose: Pose, speed_mps: float) -> None:
        """Puts a walker there in the next step.

        Its place and heading are the pose's, its height the ground's, its velocity what takes it there.
        Where that is too fast for a person (the client moved it elsewhere) its velocity is `speed_mps` along
        its heading. Without a new state it comes to a stand. Without physics it takes the pose's height too.
        """
        row = self._rows[actor_id]
        if not self._physics[row]:
            self._position[row, 2] = pose.position_m[2]
        self._has_state[row] = True
        self._state_xy[row] = pose.position_m[:2]
        self._state_yaw[row] = rpy_from_rotation(pose.rotation)[2]
        self._state_speed[row] = speed_mps
        self._wanted_speed[row] = 0.0

    def lead(
        self,
        actor_ids: Sequence[int],
        xy_m: Float64[np.ndarray, "k 2"],
        yaw_rad: Float64[np.ndarray, "k"],
        speed_mps: Float64[np.ndarray, "k"],
    ) -> None:
        """As `set_state` for many, with the ground's height without physics too (CARLA's ApplyWalkerState).

        CARLA's client takes physics from the walkers that it leads over its mesh.
        """
        rows = [self._rows[i] for i in actor_ids]
        self._has_state[rows] = True
        self._led[rows] = True
        self._state_xy[rows] = xy_m
        self._state_yaw[rows] = yaw_rad
        self._state_speed[rows] = speed_mps
        self._wanted_speed[rows] = 0.0

    def place(
        self,
        ids: UInt32[np.ndarray, "n"],
        position_m: Float64[np.ndarray, "n 3"],
        yaw_rad: Float64[np.ndarray, "n"],
        speed_mps: Float64[np.ndarray, "n"],
    ) -> None:
        """As `set_state` for walkers without physics: they are exactly there in the next step."""
        rows = np.array([self._rows[int(i)] for i in ids], np.int64)
        self._position[rows, 2] = position_m[:, 2]
        self._has_state[rows] = True
        self._led[rows] = False
        self._state_xy[rows] = position_m[:, :2]
        self._state_yaw[rows] = yaw_rad
        self._state_speed[rows] = speed_mps
        self._wanted_speed[rows] = 0.0

    def set_pose(self, actor_id: int, pose: Pose) -> None:
        """Puts a walker somewhere now, without walking there (CARLA's set_transform)."""
        row = self._rows[actor_id]
        self._position[row] = pose.position_m
        self._yaw[row] = rpy_from_rotation(pose.rotation)[2]
        self._has_state[row] = False

    def set_simulate_physics(self, actor_id: int, enabled: bool) -> None:
        """A walker without physics stays exactly where it is put."""
        self._physics[self._rows[actor_id]] = enabled

    def set_collisions(self, actor_id: int, enabled: bool) -> None:
        """A walker without collisions passes through everything but the ground."""
        self._intangible[self._rows[actor_id]] = not enabled

    def set_dead(self, actor_id: int) -> None:
        """From now on a walker lies where it is, or slides to a rest; controls and states do not move it."""
        row = self._rows[actor_id]
        self._dead[row] = True
        self._has_state[row] = False
        self._wanted_speed[row] = 0.0

    def step(self, dt_s: float, ground: GroundHeights) -> None:
        """Moves all walkers on by `dt_s`, feet on the highest ground under them."""
        if not len(self):
            return
        before = self._velocity.copy()
        self._from_xy = self._position[:, :2].copy()
        self._has_state &= ~self._dead
        yaw_before = self._yaw.copy()
        walk(
            self._position, self._yaw, self._velocity, self._direction, self._wanted_speed, self._fall,
            self._physics, self._dead, self._thrown, self._swept, self._has_state, self._state_xy,
            self._state_yaw, self._state_speed, dt_s,
        )  # fmt: skip
        points = np.empty((len(self), SAMPLES, 3))
        feet_points(self._position, self._yaw, self._velocity, self._foot, points)
        heights = ground.height_near(points.reshape(-1, 3)).reshape(-1, SAMPLES)
        stand(
            self._position, self._velocity, self._size, heights, self._fall, self._jump, self._physics,
            self._led, dt_s,
        )  # fmt: skip
        self._yaw = wrapped(self._yaw)
        self._yaw_rate = wrapped(self._yaw - yaw_before) / dt_s
        self._acceleration = (self._velocity - before) / dt_s
        speed = self.speed_mps
        cycle_m = np.where(self._cycle > 0.0, self._cycle, stride_m(speed, self._stature))
        turned = 2.0 * np.pi * speed * dt_s / cycle_m
        self._phase = (self._phase + turned) % (2.0 * np.pi)
        self._has_state[:] = False
        self._led[:] = False

    def bodies(self, dt_s: float) -> tuple[Table, Table, Table]:
        """(rows, forms, counts of corners) as of `colliders`, as the last step of `dt_s` began.

        They go from there to where the step has taken them, unless `met` says otherwise.
        """
        rows = np.zeros((len(self), c.N_BODY))
        start = np.where(self._swept[:, None], self._from_xy, self._position[:, :2])
        way = self._position[:, :2] - start
        rows[:, [c.X, c.Y]] = start
        rows[:, [c.VX, c.VY]] = way / dt_s
        feet = self._position[:, 2] - self._size[:, 2] / 2
        rows[:, c.LOW] = feet + STEP_M
        rows[:, c.HIGH] = feet + np.where(self._dead, LYING_M, self._size[:, 2])
        rows[:, c.EASE] = self._physics / c.WALKER_MASS_KG
        rows[:, c.REACH] = self._reach
        rows[:, c.SOLID] = ~self._intangible
        rows[:, c.SOFT] = 1.0
        return rows, self._forms, np.full((len(self), 2), c.WALKER_SIDES, np.int64)

    def met(self, rows: Table, dt_s: float) -> None:
        """Takes back what contacts have changed of `bodies`."""
        touched = rows[:, c.TOUCHED] > 0.0
        if not touched.any():
            return
        after = rows[:, [c.VX, c.VY]]
        change = after - self._velocity[:, :2]
        knocked = touched & self._physics & (np.hypot(*change.T) > KNOCK_MPS)
        knocked &= np.hypot(*after.T) > KNOCK_MPS
        self._thrown |= knocked
        moves = (touched & self._physics)[:, None]
        self._position[:, :2] = np.where(moves, rows[:, [c.X, c.Y]], self._position[:, :2])
        self._acceleration[:, :2] += np.where(moves, change / dt_s, 0.0)
        self._velocity[:, :2] = np.where(moves, after, self._velocity[:, :2])
