"""The state of all vehicles, as others read it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from jaxtyping import Float64, UInt8, UInt32

from drivegen.embedded.dynamics import ackermann
from drivegen.embedded.dynamics import columns as col
from drivegen.embedded.dynamics.bodies import GRAVITY_MPS2, VehicleBody
from drivegen.embedded.dynamics.contacts import Contacts
from drivegen.embedded.dynamics.controls import VehicleControls
from drivegen.embedded.dynamics.physics import VehiclePhysics
from drivegen.embedded.dynamics.readout import wrapped
from drivegen.embedded.dynamics.telemetry import VehicleTelemetry, front_angles, read_telemetry

ENGINE_FAILURE = 2
"""CARLA's VehicleFailureState of a vehicle whose engine has stopped; 0 is none."""

Table = np.ndarray[Any, Any]


class VehicleReadings:
    """Tables of vehicles, a row each in the order of adding, and what they tell.

    Arrays are copies of the current state: writing to them changes nothing. All are in the world frame unless
    said otherwise.
    """

    _TABLES = (
        "_ids", "_state", "_body", "_control", "_flags", "_motion", "_last_poses", "_courses", "_turned",
        "_surface", "_forms",
    )  # fmt: skip

    _ids: UInt32[np.ndarray, "n"]
    _state: Table
    _forms: Table
    _body: Table
    _control: Table
    _flags: Table
    _motion: Float64[np.ndarray, "n 9"]
    """Velocity, angular velocity, acceleration."""
    _last_poses: Float64[np.ndarray, "n 6"]
    """At the end of the last step; of new vehicles, where they were put."""
    _courses: Table
    """Rows of `ackermann`."""
    _turned: Float64[np.ndarray, "n 8"]
    """Of vehicles without physics: steer, then rotation of each wheel."""
    _surface: Float64[np.ndarray, "n 4"]
    """Tyre friction that each wheel has from where it is; NaN where it has its own."""
    _rows: dict[int, int]
    _bodies: list[VehicleBody]
    _physics: list[VehiclePhysics]
    """Of the vehicles themselves, wherever they are."""
    _contacts: Contacts

    def __len__(self) -> int:
        return len(self._ids)

    def row_of(self, actor_id: int) -> int:
        """Row in the arrays. KeyError if there is none of this id."""
        return self._rows[actor_id]

    def body_of(self, actor_id: int) -> VehicleBody:
        """The body as added."""
        return self._bodies[self._rows[actor_id]]

    def physics_of(self, actor_id: int) -> VehiclePhysics:
        """Engine, gears and wheels, as they are now: with the friction of where they are."""
        return self._physics_now(self._rows[actor_id])

    def _physics_now(self, row: int) -> VehiclePhysics:
        own, surface = self._physics[row], self._surface[row].tolist()
        if all(math.isnan(friction) for friction in surface):
            return own
        wheels = tuple(
            wheel if math.isnan(friction) else replace(wheel, tire_friction=friction)
            for wheel, friction in zip(own.wheels, surface, strict=True)
        )
        return replace(own, wheels=wheels)

    def telemetry_of(self, actor_id: int) -> VehicleTelemetry:
        """What engine and wheels do."""
        row = self._rows[actor_id]
        rows = (
            self._state[row],
            self._body[row],
            self._control[row],
            self._flags[row],
            self._motion[row],
        )
        return read_telemetry(rows, self._bodies[row], self._physics_now(row))

    def simulates_physics(self, actor_id: int) -> bool:
        """Whether the dynamics move a vehicle."""
        return bool(self._flags[self._rows[actor_id], col.PHYSICS])

    def wheel_steer_rad(self, actor_id: int) -> tuple[float, float, float, float]:
        """Angles of the wheels, positive left; physics steers no rear wheels."""
        row = self._rows[actor_id]
        if not self._flags[row, col.PHYSICS]:
            a, b, c, d = self._turned[row, :4].tolist()
            return a, b, c, d
        return (*front_angles(self._state[row], self._body[row]), 0.0, 0.0)

    def wheel_pitch_rad(self, actor_id: int) -> tuple[float, float, float, float]:
        """How far each wheel has rolled, growing forwards."""
        row = self._rows[actor_id]
        if not self._flags[row, col.PHYSICS]:
            a, b, c, d = self._turned[row, 4:].tolist()
            return a, b, c, d
        rolled = float(self._state[row, col.WHEEL])
        return rolled, rolled, rolled, rolled

    def course_gains(self, actor_id: int) -> tuple[float, ...]:
        """Of the Ackermann control: kp, ki, kd of the speed's controller, then of the acceleration's."""
        gains = self._courses[self._rows[actor_id], ackermann.GAINS : ackermann.GAINS + 6]
        return tuple(float(gain) for gain in gains)

    @property
    def ids(self) -> UInt32[np.ndarray, "n"]:
        """Actor ids."""
        return self._ids.copy()

    @property
    def position_m(self) -> Float64[np.ndarray, "n 3"]:
        """Origins: middle of the bottom of the box."""
        return self._state[:, col.X : col.Z + 1].copy()

    @property
    def rpy_rad(self) -> Float64[np.ndarray, "n 3"]:
        """Roll, pitch, yaw as of `core.geometry.rotation_from_rpy`; yaw in [-pi, pi)."""
        angles = self._state[:, [col.ROLL, col.PITCH, col.YAW]]
        angles[:, 2] = wrapped(angles[:, 2])
        return angles

    @property
    def velocity_mps(self) -> Float64[np.ndarray, "n 3"]:
        """Of the origin."""
        return self._motion[:, :3].copy()

    @property
    def speed_mps(self) -> Float64[np.ndarray, "n"]:
        """Along the vehicle, negative in reverse."""
        forward = self._state[:, col.FORWARD].copy()
        put = np.flatnonzero(~self._flags[:, col.PHYSICS])
        if len(put):
            yaw = self._state[put, col.YAW]
            forward[put] = self._motion[put, 0] * np.cos(yaw) + self._motion[put, 1] * np.sin(yaw)
        return forward

    @property
    def angular_velocity_radps(self) -> Float64[np.ndarray, "n 3"]:
        """World frame."""
        return self._motion[:, 3:6].copy()

    @property
    def acceleration_mps2(self) -> Float64[np.ndarray, "n 3"]:
        """Change of velocity over the last step, without gravity."""
        return self._motion[:, 6:].copy()

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
        level = self._body[:, col.BRAKING]
        return np.maximum(1.0, level - GRAVITY_MPS2 * np.sin(self._state[:, col.PITCH]))

    @property
    def controls(self) -> VehicleControls:
        """As set last (for the episode stream); `gear` is the gear engaged."""
        gear = self._state[:, col.GEAR].astype(np.int32)
        return VehicleControls(
            throttle=self._control[:, col.C_THROTTLE].copy(),
            steer=self._control[:, col.C_STEER].copy(),
            brake=self._control[:, col.C_BRAKE].copy(),
            hand_brake=self._control[:, col.C_HAND_BRAKE] > 0.5,
            reverse=gear < 0,
            manual_gear=self._control[:, col.C_MANUAL] > 0.5,
            gear=gear,
        )

    @property
    def failure(self) -> UInt8[np.ndarray, "n"]:
        """CARLA's VehicleFailureState."""
        return np.where(self._flags[:, col.DEAD], ENGINE_FAILURE, 0).astype(np.uint8)

    @property
    def size_m(self) -> Float64[np.ndarray, "n 3"]:
        """Full length, width, height of the boxes."""
        return self._body[:, [col.HALF_LENGTH, col.HALF_WIDTH, col.HEIGHT]] * np.array([2.0, 2.0, 1.0])

    @property
    def wheel_places_m(self) -> Float64[np.ndarray, "n 4 3"]:
        """Where wheels touch level ground, in their vehicle's frame."""
        places = np.zeros((len(self), 4, 3))
        centre = self._body[:, col.CENTRE_AHEAD]
        places[:, :2, 0] = (centre + self._body[:, col.FRONT_ARM])[:, None]
        places[:, 2:, 0] = (centre - self._body[:, col.REAR_ARM])[:, None]
        places[:, 0::2, 1] = (self._body[:, col.TRACK] / 2)[:, None]
        places[:, 1::2, 1] = (-self._body[:, col.TRACK] / 2)[:, None]
        return places

    @property
    def wheel_radius_m(self) -> Float64[np.ndarray, "n"]:
        """The mean of the four."""
        return self._body[:, col.WHEEL_RADIUS].copy()

    @property
    def contacts(self) -> Contacts:
        """Of the last step."""
        return self._contacts
