"""All vehicles of a world, stepped together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float64, Int32, UInt32

from drivegen.core.geometry import Pose, Vec3, rpy_from_rotation
from drivegen.embedded.dynamics import columns as col
from drivegen.embedded.dynamics.bodies import AIR_DENSITY_KGPM3, GRAVITY_MPS2, VehicleBody
from drivegen.embedded.dynamics.contacts import Contacts
from drivegen.embedded.dynamics.footing import SAMPLES, footprints, stand
from drivegen.embedded.dynamics.gearbox import engaged_gears
from drivegen.embedded.dynamics.ground import GroundHeights
from drivegen.embedded.dynamics.readout import poses, world_motion, wrapped
from drivegen.embedded.dynamics.stepping import Surroundings, advance_all

Table = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VehicleControls:
    """What drivers ask for, a row a vehicle; values as in CARLA."""

    throttle: Float64[np.ndarray, "n"]
    """0 .. 1."""
    steer: Float64[np.ndarray, "n"]
    """-1 .. 1, positive to the right."""
    brake: Float64[np.ndarray, "n"]
    """0 .. 1."""
    hand_brake: Bool[np.ndarray, "n"]
    reverse: Bool[np.ndarray, "n"]
    manual_gear: Bool[np.ndarray, "n"]
    """`gear` is the driver's, else the gearbox chooses."""
    gear: Int32[np.ndarray, "n"]
    """-1 reverse, 0 neutral."""


def _body_row(body: VehicleBody) -> Float64[np.ndarray, "b"]:
    length, width, height = (float(v) for v in body.size_m)
    row = np.zeros(col.N_BODY)
    row[[col.HALF_LENGTH, col.HALF_WIDTH, col.HEIGHT]] = length / 2, width / 2, height
    row[[col.FRONT_ARM, col.REAR_ARM]] = body.wheelbase_m / 2
    row[col.CENTRE_AHEAD] = (body.front_axle_m - body.rear_axle_m) / 2
    row[col.MASS] = body.mass_kg
    row[col.YAW_INERTIA] = body.mass_kg * (length**2 + width**2) / 12.0  # a homogeneous block
    row[col.WHEEL_RADIUS] = body.wheel_radius_m
    row[col.MAX_STEER] = body.max_single_steer_rad
    row[[col.DRIVE_FORCE, col.DRIVE_POWER]] = body.drive_force_n, body.drive_power_w
    row[[col.BRAKE_FORCE, col.HAND_BRAKE_FORCE]] = body.brake_force_n, body.hand_brake_force_n
    row[col.DRAG] = 0.5 * AIR_DENSITY_KGPM3 * body.drag_area_m2
    row[col.ROLLING] = body.rolling_resistance
    row[col.FRICTION] = body.tyre_friction
    row[col.HARD_HALF_WIDTH] = body.hard_width_m / 2
    return row


def _with_row(table: Table, row: Table) -> Table:
    return np.concatenate([table, row[None].astype(table.dtype)])


class VehicleDynamics:
    """State of all vehicles, structure of arrays; rows in the order of adding.

    The arrays below are copies of the current state: writing to them changes nothing.
    All are in the world frame unless said otherwise.
    """

    def __init__(self) -> None:
        self._ids = np.zeros(0, np.uint32)
        self._rows: dict[int, int] = {}
        self._bodies: list[VehicleBody] = []
        self._state = np.zeros((0, col.N_STATE))
        self._body = np.zeros((0, col.N_BODY))
        self._control = np.zeros((0, col.N_CONTROL))
        self._flags = np.zeros((0, col.N_FLAGS), np.bool_)
        self._asked = np.zeros((0, 3), np.int32)
        """Reverse, manual gear, gear as the drivers asked."""
        self._gear = np.zeros(0, np.int32)
        self._velocity = np.zeros((0, 3))
        self._angular = np.zeros((0, 3))
        self._acceleration = np.zeros((0, 3))
        self._last_poses = np.zeros((0, 6))
        """At the end of the last step; of new vehicles, where they were put."""
        self._contacts = Contacts.none()

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, actor_id: int, body: VehicleBody, pose: Pose) -> None:
        """Adds a vehicle at rest, in first gear. In the air it falls; under the ground it is lifted."""
        if actor_id in self._rows:
            raise KeyError(f"vehicle {actor_id} exists already")
        self._rows[actor_id] = len(self._ids)
        self._ids = np.append(self._ids, np.uint32(actor_id))
        self._bodies.append(body)
        self._state = _with_row(self._state, np.zeros(col.N_STATE))
        self._body = _with_row(self._body, _body_row(body))
        control = np.zeros(col.N_CONTROL)
        control[col.C_DIRECTION] = 1.0
        self._control = _with_row(self._control, control)
        self._flags = _with_row(self._flags, np.array([True, True, False, False]))
        self._asked = _with_row(self._asked, np.zeros(3))
        self._gear = np.append(self._gear, np.int32(1))
        for name in ("_velocity", "_angular", "_acceleration"):
            setattr(self, name, _with_row(getattr(self, name), np.zeros(3)))
        self._last_poses = _with_row(self._last_poses, np.zeros(6))
        self.set_pose(actor_id, pose)
        self._last_poses[-1] = poses(self._state)[-1]

    def remove(self, actor_id: int) -> None:
        """Takes a vehicle out. KeyError if there is none of this id."""
        row = self._rows.pop(actor_id)
        self._rows = {key: at - (at > row) for key, at in self._rows.items()}
        del self._bodies[row]
        for name in (
            "_ids", "_state", "_body", "_control", "_flags", "_asked", "_gear", "_velocity", "_angular",
            "_acceleration", "_last_poses",
        ):  # fmt: skip
            setattr(self, name, np.delete(getattr(self, name), row, axis=0))

    def row_of(self, actor_id: int) -> int:
        """Row in the arrays. KeyError if there is none of this id."""
        return self._rows[actor_id]

    def body_of(self, actor_id: int) -> VehicleBody:
        """The body as added."""
        return self._bodies[self._rows[actor_id]]

    def set_control(self, ids: UInt32[np.ndarray, "n"], controls: VehicleControls) -> None:
        """Sets what the drivers of some vehicles ask for, until set again; values are clipped."""
        rows = np.array([self._rows[int(i)] for i in ids], np.int64)
        table = self._control
        table[rows, col.C_THROTTLE] = np.clip(np.nan_to_num(controls.throttle), 0.0, 1.0)
        table[rows, col.C_STEER] = np.clip(np.nan_to_num(controls.steer), -1.0, 1.0)
        table[rows, col.C_BRAKE] = np.clip(np.nan_to_num(controls.brake), 0.0, 1.0)
        table[rows, col.C_HAND_BRAKE] = controls.hand_brake
        direction = np.where(controls.reverse, -1.0, 1.0)
        table[rows, col.C_DIRECTION] = np.where(controls.manual_gear, np.sign(controls.gear), direction)
        self._asked[rows, 0] = controls.reverse
        self._asked[rows, 1] = controls.manual_gear
        self._asked[rows, 2] = controls.gear

    def set_pose(self, actor_id: int, pose: Pose) -> None:
        """Puts a vehicle somewhere; its velocity over the ground stays (CARLA's set_transform)."""
        row = self._rows[actor_id]
        keep = self._velocity[row].copy()
        roll, pitch, yaw = rpy_from_rotation(pose.rotation)
        self._state[row, [col.X, col.Y, col.Z]] = pose.position_m
        self._state[row, [col.YAW, col.PITCH, col.ROLL]] = yaw, pitch, roll
        self._state[row, [col.FALL, col.AIRBORNE]] = 0.0
        if self._flags[row, col.PHYSICS]:
            self.set_target_velocity(actor_id, keep)

    def set_target_velocity(self, actor_id: int, velocity_mps: Vec3) -> None:
        """Sets the velocity once, world frame."""
        row = self._rows[actor_id]
        c, s = np.cos(self._state[row, col.YAW]), np.sin(self._state[row, col.YAW])
        x, y, z = (float(v) for v in velocity_mps)
        self._state[row, col.FORWARD] = x * c + y * s
        self._state[row, col.LEFT] = (
            y * c - x * s + self._state[row, col.YAW_RATE] * self._body[row, col.CENTRE_AHEAD]
        )
        if self._state[row, col.AIRBORNE]:
            self._state[row, col.FALL] = z

    def set_target_angular_velocity(self, actor_id: int, angular_velocity_radps: Vec3) -> None:
        """Sets the turning once, world frame; only the part about the vertical has an effect."""
        self._state[self._rows[actor_id], col.YAW_RATE] = float(angular_velocity_radps[2])

    def set_constant_velocity(self, actor_id: int, velocity_mps: Vec3 | None) -> None:
        """Keeps a velocity, in the vehicle's own frame, whatever pedals and tyres; None ends it.

        The vehicle stays on the ground and goes on turning as it is steered.
        """
        row = self._rows[actor_id]
        self._flags[row, col.HOLDS_VELOCITY] = velocity_mps is not None
        if velocity_mps is not None:
            self._control[row, [col.C_CONSTANT_FORWARD, col.C_CONSTANT_LEFT]] = velocity_mps[:2]

    def add_impulse(self, actor_id: int, impulse_ns: Vec3) -> None:
        """A push at the centre of mass, newton seconds, world frame; its horizontal part acts."""
        row = self._rows[actor_id]
        c, s = np.cos(self._state[row, col.YAW]), np.sin(self._state[row, col.YAW])
        x, y = float(impulse_ns[0]), float(impulse_ns[1])
        self._state[row, col.FORWARD] += (x * c + y * s) / self._body[row, col.MASS]
        self._state[row, col.LEFT] += (y * c - x * s) / self._body[row, col.MASS]

    def set_simulate_physics(self, actor_id: int, enabled: bool) -> None:
        """A vehicle without physics stays where it is put; its velocity is that of how it is put."""
        row = self._rows[actor_id]
        if self._flags[row, col.PHYSICS] and not enabled:
            self._state[row, [col.FORWARD, col.LEFT, col.YAW_RATE, col.FALL]] = 0.0
        self._flags[row, col.PHYSICS] = enabled

    def place(
        self,
        ids: UInt32[np.ndarray, "n"],
        position_m: Float64[np.ndarray, "n 3"],
        rpy_rad: Float64[np.ndarray, "n 3"],
    ) -> None:
        """Puts vehicles without physics somewhere; how they move is told by the next step."""
        rows = np.array([self._rows[int(i)] for i in ids], np.int64)
        self._state[rows[:, None], [col.X, col.Y, col.Z]] = position_m
        self._state[rows[:, None], [col.ROLL, col.PITCH, col.YAW]] = rpy_rad

    def set_wheels(self, actor_id: int, steer_rad: float, rotation_rad: float) -> None:
        """Turns the wheels of a vehicle without physics, as `steer_rad` and `wheel_rotation_rad` tell."""
        row = self._rows[actor_id]
        self._state[row, [col.STEER, col.WHEEL]] = steer_rad, rotation_rad % (2.0 * np.pi)

    def set_gravity(self, actor_id: int, enabled: bool) -> None:
        """A vehicle without gravity neither falls nor rolls down slopes."""
        self._flags[self._rows[actor_id], col.GRAVITY] = enabled

    def set_collisions(self, actor_id: int, enabled: bool) -> None:
        """A vehicle without collisions passes through everything but the ground."""
        self._flags[self._rows[actor_id], col.INTANGIBLE] = not enabled

    def step(self, dt_s: float, ground: GroundHeights, around: Surroundings | None = None) -> None:
        """Moves all vehicles on by `dt_s`, on the ground and clear of one another and of what is around.

        Walkers and props that are met are pushed, and keep clear of what is around too; step them before.
        """
        tilts_before = self._state[:, [col.ROLL, col.PITCH]]
        self._contacts = advance_all(
            self._ids, self._state, self._body, self._control, self._flags, dt_s, around or Surroundings()
        )
        if not len(self):
            return
        points = np.empty((len(self), SAMPLES, 3))
        footprints(self._state, self._body, points)
        heights = ground.height_near(points.reshape(-1, 3))
        stand(self._state, self._body, self._flags, heights.reshape(-1, SAMPLES), dt_s)
        physics = self._flags[:, col.PHYSICS]
        velocity, self._angular = world_motion(
            self._state, self._body, physics, tilts_before, self._last_poses, dt_s
        )
        self._acceleration = (velocity - self._velocity) / dt_s
        self._velocity = velocity
        self._last_poses = poses(self._state)
        self._gear = engaged_gears(self._gear, self._state[:, col.FORWARD], self._asked)

    @property
    def ids(self) -> UInt32[np.ndarray, "n"]:
        """Actor ids."""
        return self._ids.copy()

    @property
    def position_m(self) -> Float64[np.ndarray, "n 3"]:
        """Origins: middle of the bottom of the box."""
        return self._state[:, [col.X, col.Y, col.Z]]

    @property
    def rpy_rad(self) -> Float64[np.ndarray, "n 3"]:
        """Roll, pitch, yaw as of `core.geometry.rotation_from_rpy`; yaw in [-pi, pi)."""
        angles = self._state[:, [col.ROLL, col.PITCH, col.YAW]]
        angles[:, 2] = wrapped(angles[:, 2])
        return angles

    @property
    def velocity_mps(self) -> Float64[np.ndarray, "n 3"]:
        """Of the origin."""
        return self._velocity.copy()

    @property
    def speed_mps(self) -> Float64[np.ndarray, "n"]:
        """Along the vehicle, negative in reverse."""
        return np.asarray(
            np.where(
                self._flags[:, col.PHYSICS],
                self._state[:, col.FORWARD],
                self._velocity[:, 0] * np.cos(self._state[:, col.YAW])
                + self._velocity[:, 1] * np.sin(self._state[:, col.YAW]),
            )
        )

    @property
    def angular_velocity_radps(self) -> Float64[np.ndarray, "n 3"]:
        """World frame."""
        return self._angular.copy()

    @property
    def acceleration_mps2(self) -> Float64[np.ndarray, "n 3"]:
        """Change of velocity over the last step, without gravity."""
        return self._acceleration.copy()

    @property
    def wheel_rotation_rad(self) -> Float64[np.ndarray, "n"]:
        """How far the wheels have rolled, in [0, 2 pi), growing when driving forwards."""
        return self._state[:, col.WHEEL].copy()

    @property
    def steer_rad(self) -> Float64[np.ndarray, "n"]:
        """Angle of the single wheel that stands for the front axle, positive to the left."""
        return self._state[:, col.STEER].copy()

    @property
    def brake_deceleration_mps2(self) -> Float64[np.ndarray, "n"]:
        """Of a full stop on the slope that each vehicle is on; at least 1."""
        level = np.array([body.brake_deceleration_mps2 for body in self._bodies])
        return np.maximum(1.0, level - GRAVITY_MPS2 * np.sin(self._state[:, col.PITCH]))

    @property
    def controls(self) -> VehicleControls:
        """As set last (for the episode stream); `gear` is the gear engaged."""
        return VehicleControls(
            throttle=self._control[:, col.C_THROTTLE].copy(),
            steer=self._control[:, col.C_STEER].copy(),
            brake=self._control[:, col.C_BRAKE].copy(),
            hand_brake=self._control[:, col.C_HAND_BRAKE] > 0.5,
            reverse=self._asked[:, 0] != 0,
            manual_gear=self._asked[:, 1] != 0,
            gear=self._gear.copy(),
        )

    @property
    def size_m(self) -> Float64[np.ndarray, "n 3"]:
        """Full length, width, height of the boxes."""
        return self._body[:, [col.HALF_LENGTH, col.HALF_WIDTH, col.HEIGHT]] * np.array([2.0, 2.0, 1.0])

    @property
    def contacts(self) -> Contacts:
        """Of the last step."""
        return self._contacts
