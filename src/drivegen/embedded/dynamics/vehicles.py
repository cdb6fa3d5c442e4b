"""All vehicles of a world, stepped together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from jaxtyping import Float64, Int64, UInt32

from drivegen.core.geometry import Pose, Vec3, rpy_from_rotation
from drivegen.embedded.dynamics import ackermann
from drivegen.embedded.dynamics import columns as col
from drivegen.embedded.dynamics.bodies import VehicleBody
from drivegen.embedded.dynamics.body_rows import body_row
from drivegen.embedded.dynamics.colliders import vehicle_forms
from drivegen.embedded.dynamics.contacts import Contacts
from drivegen.embedded.dynamics.controls import VehicleControls
from drivegen.embedded.dynamics.footing import SAMPLES, footprints, stand
from drivegen.embedded.dynamics.gearbox import engage_at_speed
from drivegen.embedded.dynamics.ground import GroundHeights
from drivegen.embedded.dynamics.physics import WHEELS, VehiclePhysics
from drivegen.embedded.dynamics.readings import VehicleReadings
from drivegen.embedded.dynamics.readout import poses, read_motion
from drivegen.embedded.dynamics.sanity import keep_sane
from drivegen.embedded.dynamics.stepping import Surroundings, advance_all
from drivegen.embedded.dynamics.telemetry import front_angles

__all__ = ["VehicleControls", "VehicleDynamics"]

Table = np.ndarray[Any, Any]


def _with_row(table: Table, row: Table) -> Table:
    return np.concatenate([table, row[None].astype(table.dtype)])


class VehicleDynamics(VehicleReadings):
    """All vehicles, and what can be done with them."""

    def __init__(self) -> None:
        self._ids = np.zeros(0, np.uint32)
        self._rows = {}
        self._bodies = []
        self._physics = []
        self._state = np.zeros((0, col.N_STATE))
        self._body = np.zeros((0, col.N_BODY))
        self._control = np.zeros((0, col.N_CONTROL))
        self._flags = np.zeros((0, col.N_FLAGS), np.bool_)
        self._motion = np.zeros((0, 9))
        self._last_poses = np.zeros((0, 6))
        self._courses = np.zeros((0, ackermann.N_ACKERMANN))
        self._turned = np.zeros((0, 8))
        self._surface = np.zeros((0, 4))
        self._forms = np.zeros((0, 2, 8, 2))
        self._contacts = Contacts.none()

    def add(self, actor_id: int, body: VehicleBody, pose: Pose, *, sticky: bool = True) -> None:
        """Adds a vehicle at rest, in first gear. In the air it falls; under the ground it is lifted.

        Args:
            actor_id: Of no vehicle that is there; KeyError otherwise.
            body: What it is.
            pose: Where its origin is.
            sticky: Drivers' controls last until the next one, not for a step alone.
        """
        if actor_id in self._rows:
            raise KeyError(f"vehicle {actor_id} exists already")
        row = len(self._ids)
        self._rows[actor_id] = row
        self._ids = np.append(self._ids, np.uint32(actor_id))
        self._bodies.append(body)
        self._physics.append(body.physics)
        self._body = _with_row(self._body, body_row(body, body.physics))
        for name in ("_state", "_control", "_flags", "_motion", "_last_poses", "_courses", "_turned"):
            table = getattr(self, name)
            setattr(self, name, _with_row(table, np.zeros(table.shape[1:])))
        self._surface = _with_row(self._surface, np.full(WHEELS, np.nan))
        size = self._body[row:]
        forms = vehicle_forms(size[:, col.HALF_LENGTH], size[:, col.HARD_HALF_WIDTH])
        self._forms = np.concatenate([self._forms, forms])
        self._flags[row, [col.PHYSICS, col.GRAVITY]] = True
        self._flags[row, col.STICKY] = sticky
        self._courses[row, ackermann.GAINS : ackermann.GAINS + 6] = ackermann.USUAL_GAINS
        self._set_lock(row)
        self.set_pose(actor_id, pose)
        self._last_poses[row] = poses(self._state[row:])[0]

    def remove(self, actor_id: int) -> None:
        """Takes a vehicle out. KeyError if there is none of this id."""
        row = self._rows.pop(actor_id)
        self._rows = {key: at - (at > row) for key, at in self._rows.items()}
        del self._bodies[row], self._physics[row]
        for name in self._TABLES:
            setattr(self, name, np.delete(getattr(self, name), row, axis=0))

    def _rows_of(self, ids: UInt32[np.ndarray, "n"]) -> Int64[np.ndarray, "n"]:
        if np.array_equal(ids, self._ids):  # the Traffic Manager's usual batch
            return np.arange(len(ids))
        return np.array([self._rows[i] for i in ids.tolist()], np.int64)

    # -- what drivers do ----------------------------------------------------------------------------------

    def set_control(self, ids: UInt32[np.ndarray, "n"], controls: VehicleControls) -> None:
        """Sets what the drivers of some vehicles ask for, until set again; values are clipped.

        Ends courses that were to be kept.
        """
        rows = self._rows_of(ids)
        asked = np.zeros((len(rows), 7))
        asked[:, 0] = np.clip(np.nan_to_num(controls.throttle), 0.0, 1.0)
        asked[:, 1] = np.clip(np.nan_to_num(controls.steer), -1.0, 1.0)
        asked[:, 2] = np.clip(np.nan_to_num(controls.brake), 0.0, 1.0)
        asked[:, 3] = controls.hand_brake
        asked[:, 4] = controls.reverse
        asked[:, 5] = controls.manual_gear
        asked[:, 6] = controls.gear
        self._control[rows[:, None], _ASKED] = asked
        kept = rows[self._courses[rows, ackermann.ACTIVE] > 0.0]
        if len(kept):
            self._end_courses(kept)
        put = ~self._flags[rows, col.PHYSICS]
        if put.any():
            gear = np.where(controls.manual_gear, controls.gear, np.maximum(controls.gear, 1))
            gear = np.where(controls.reverse & ~controls.manual_gear, -1, gear)
            self._state[rows[put], col.GEAR] = gear[put]

    def set_course(self, actor_id: int, course: tuple[float, float, float, float, float]) -> None:
        """Keeps a course and a speed until a control is set (CARLA's Ackermann control).

        Args:
            actor_id: The vehicle.
            course: Steer (rad, positive to the right), greatest steer speed (rad/s), speed (m/s), greatest
                acceleration (m/s2), greatest jerk (m/s3); 0 for no limit of one's own.
        """
        row = self._courses[self._rows[actor_id]]
        row[ackermann.ACTIVE] = 1.0
        row[ackermann.WANT_STEER : ackermann.WANT_JERK + 1] = np.nan_to_num(np.array(course))
        for limit in (ackermann.WANT_STEER_RATE, ackermann.WANT_ACCELERATION, ackermann.WANT_JERK):
            row[limit] = abs(row[limit])

    def _end_courses(self, rows: Int64[np.ndarray, "k"]) -> None:
        self._courses[rows, ackermann.ACTIVE] = 0.0
        self._courses[rows, ackermann.SPEED :] = 0.0

    def set_course_gains(self, actor_id: int, gains: tuple[float, ...]) -> None:
        """As `course_gains`."""
        self._courses[self._rows[actor_id], ackermann.GAINS : ackermann.GAINS + 6] = gains

    # -- what a vehicle is --------------------------------------------------------------------------------

    def set_physics(self, actor_id: int, physics: VehiclePhysics) -> None:
        """Gives a vehicle another engine, other gears or wheels. Raises ConfigError.

        A wheel for which the friction of where it is comes back keeps its own for elsewhere.
        """
        physics.check()
        row = self._rows[actor_id]
        # Clients have it in single precision.
        given = np.array([wheel.tire_friction for wheel in physics.wheels], np.float32)
        same = given == self._surface[row].astype(np.float32)
        wheels = tuple(
            replace(wheel, tire_friction=own.tire_friction) if borrowed else wheel
            for wheel, own, borrowed in zip(physics.wheels, self._physics[row].wheels, same, strict=True)
        )
        self._physics[row] = replace(physics, wheels=wheels) if same.any() else physics
        self._body[row] = body_row(self._bodies[row], self._physics_now(row))
        self._set_lock(row)

    def set_surface(self, friction: Float64[np.ndarray, "n 4"]) -> None:
        """Gives wheels the tyre friction (CARLA's scale) of where they are; NaN gives their own back."""
        before = self._surface
        same = (friction == before) | (np.isnan(friction) & np.isnan(before))
        for row in np.flatnonzero(~same.all(axis=1)).tolist():
            self._surface[row] = friction[row]
            self._body[row] = body_row(self._bodies[row], self._physics_now(row))

    def _set_lock(self, row: int) -> None:
        self._courses[row, ackermann.LOCK] = np.radians(self._physics[row].wheels[0].max_steer_deg)

    def stop_engine(self, actor_id: int) -> None:
        """For good: the throttle has no effect any more."""
        self._flags[self._rows[actor_id], col.DEAD] = True

    def set_simulate_physics(self, actor_id: int, enabled: bool) -> None:
        """A vehicle without physics stays where it is put; its velocity is that of how it is put."""
        row = self._rows[actor_id]
        if self._flags[row, col.PHYSICS] and not enabled:
            self._state[row, [col.FORWARD, col.LEFT, col.YAW_RATE, col.FALL, col.ENGINE]] = 0.0
            self._state[row, col.WHEEL_FORCE : col.SIDE_FORCE + 2] = 0.0
            self._turned[row] = (*self.wheel_steer_rad(actor_id), *self.wheel_pitch_rad(actor_id))
        self._flags[row, col.PHYSICS] = enabled

    def set_gravity(self, actor_id: int, enabled: bool) -> None:
        """A vehicle without gravity neither falls nor rolls down slopes, and its tyres find no hold."""
        self._flags[self._rows[actor_id], col.GRAVITY] = enabled

    def set_collisions(self, actor_id: int, enabled: bool) -> None:
        """A vehicle without collisions passes through everything but the ground."""
        self._flags[self._rows[actor_id], col.INTANGIBLE] = not enabled

    # -- where it is and how it moves ---------------------------------------------------------------------

    def set_pose(self, actor_id: int, pose: Pose) -> None:
        """Puts a vehicle somewhere; its velocity over the ground stays (CARLA's set_transform)."""
        row = self._rows[actor_id]
        roll, pitch, yaw = rpy_from_rotation(pose.rotation)
        self._state[row, [col.X, col.Y, col.Z]] = pose.position_m
        self._state[row, [col.YAW, col.PITCH, col.ROLL]] = yaw, pitch, roll
        self._state[row, [col.FALL, col.AIRBORNE]] = 0.0
        if self._flags[row, col.PHYSICS]:
            self.set_target_velocity(actor_id, self._motion[row, :3].copy())

    def place(
        self,
        ids: UInt32[np.ndarray, "n"],
        position_m: Float64[np.ndarray, "n 3"],
        rpy_rad: Float64[np.ndarray, "n 3"],
    ) -> None:
        """Puts vehicles without physics somewhere; how they move is told by the next step."""
        rows = self._rows_of(ids)
        self._state[rows[:, None], [col.X, col.Y, col.Z]] = position_m
        self._state[rows[:, None], [col.ROLL, col.PITCH, col.YAW]] = rpy_rad

    def set_wheels(self, actor_id: int, steer_rad: float, rotation_rad: float) -> None:
        """Turns the wheels of a vehicle without physics, as `steer_rad` and `wheel_rotation_rad` tell."""
        row = self._rows[actor_id]
        self._state[row, [col.STEER, col.WHEEL]] = steer_rad, rotation_rad % (2.0 * np.pi)
        self._turned[row, :4] = *front_angles(self._state[row], self._body[row]), 0.0, 0.0
        self._turned[row, 4:] = rotation_rad

    def turn_wheel(
        self, actor_id: int, wheel: int, *, steer_rad: float | None = None, rotation_rad: float | None = None
    ) -> None:
        """Turns a wheel (0 .. 3) of a vehicle without physics; what is seen is as `set_wheels`.

        A front wheel's steer is the seen one, any wheel's rotation that of all.
        """
        row = self._rows[actor_id]
        if steer_rad is not None:
            self._turned[row, wheel] = steer_rad
            if wheel < 2:
                self._state[row, col.STEER] = steer_rad
        if rotation_rad is not None:
            self._turned[row, 4 + wheel] = rotation_rad
            self._state[row, col.WHEEL] = rotation_rad % (2.0 * np.pi)

    def set_target_velocity(self, actor_id: int, velocity_mps: Vec3) -> None:
        """Sets the velocity once, world frame; gear and engine follow it."""
        row = self._rows[actor_id]
        state = self._state[row]
        forward, left = self._along(row, velocity_mps)
        state[col.FORWARD] = forward
        state[col.LEFT] = left + state[col.YAW_RATE] * self._body[row, col.CENTRE_AHEAD]
        if state[col.AIRBORNE]:
            state[col.FALL] = float(velocity_mps[2])
        if self._flags[row, col.PHYSICS]:
            engage_at_speed(state, self._body[row], self._control[row])

    def _along(self, row: int, vector: Vec3) -> tuple[float, float]:
        """The forward and leftward part of a vector of the world."""
        c, s = np.cos(self._state[row, col.YAW]), np.sin(self._state[row, col.YAW])
        x, y = float(vector[0]), float(vector[1])
        return x * c + y * s, y * c - x * s

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

    # -- what pushes it -----------------------------------------------------------------------------------

    def add_impulse(self, actor_id: int, impulse_ns: Vec3, at_m: Vec3 | None = None) -> None:
        """A push, newton seconds, world frame, at a place or at the centre of mass.

        Its horizontal part acts, and in the air the vertical one; it turns about the vertical alone.
        """
        row = self._rows[actor_id]
        forward, left = self._along(row, impulse_ns)
        mass = self._body[row, col.MASS]
        self._state[row, col.FORWARD] += forward / mass
        self._state[row, col.LEFT] += left / mass
        if self._state[row, col.AIRBORNE]:
            self._state[row, col.FALL] += float(impulse_ns[2]) / mass
        if at_m is not None:
            self.add_angular_impulse(actor_id, np.array([0.0, 0.0, self._lever(row, impulse_ns, at_m)]))

    def add_angular_impulse(self, actor_id: int, impulse_nms: Vec3) -> None:
        """Turns a vehicle at once, newton metre seconds, world frame; the part about the vertical acts."""
        row = self._rows[actor_id]
        self._state[row, col.YAW_RATE] += float(impulse_nms[2]) / self._body[row, col.YAW_INERTIA]

    def add_force(self, actor_id: int, force_n: Vec3, at_m: Vec3 | None = None) -> None:
        """A force over the next step, world frame, at a place or at the centre of mass. As `add_impulse`."""
        row = self._rows[actor_id]
        self._control[row, col.C_PUSH_X] += float(force_n[0])
        self._control[row, col.C_PUSH_Y] += float(force_n[1])
        if at_m is not None:
            self._control[row, col.C_PUSH_TURN] += self._lever(row, force_n, at_m)

    def add_torque(self, actor_id: int, torque_nm: Vec3) -> None:
        """A torque over the next step, world frame; the part about the vertical acts."""
        self._control[self._rows[actor_id], col.C_PUSH_TURN] += float(torque_nm[2])

    def _lever(self, row: int, push: Vec3, at_m: Vec3) -> float:
        """Moment of a push about the vertical through the centre of mass."""
        state = self._state[row]
        ahead = self._body[row, col.CENTRE_AHEAD]
        x = float(at_m[0]) - state[col.X] - ahead * np.cos(state[col.YAW])
        y = float(at_m[1]) - state[col.Y] - ahead * np.sin(state[col.YAW])
        return float(x * push[1] - y * push[0])

    # -- time ---------------------------------------------------------------------------------------------

    def step(self, dt_s: float, ground: GroundHeights, around: Surroundings | None = None) -> None:
        """Moves all vehicles on by `dt_s`, on the ground and clear of one another and of what is around.

        Walkers and props that are met are pushed, and keep clear of what is around too; step them before.
        """
        state, body, control, flags = self._state, self._body, self._control, self._flags
        # By rows also of several vehicles: for each order of an array there is compiled code of its own.
        tilts_before = np.ascontiguousarray(state[:, [col.ROLL, col.PITCH]])
        if self._courses[:, ackermann.ACTIVE].any():
            ackermann.keep_courses(state, control, flags, self._courses, dt_s)
        before = state.copy()
        self._contacts = advance_all(
            self._ids, (state, body, control, flags), self._forms, dt_s, around or Surroundings()
        )
        if not len(self):
            return
        keep_sane(state, before, dt_s)
        points = np.empty((len(self), SAMPLES, 3))
        footprints(state, body, points)
        heights = ground.height_near(points.reshape(-1, 3))
        stand(state, body, flags, heights.reshape(-1, SAMPLES), dt_s)
        read_motion(state, body, flags, tilts_before, self._last_poses, self._motion, dt_s)
        control[:, col.C_PUSH_X : col.C_PUSH_TURN + 1] = 0.0
        if not flags[:, col.STICKY].all():
            control[np.flatnonzero(~flags[:, col.STICKY])[:, None], _ASKED] = 0.0


_ASKED = (
    col.C_THROTTLE, col.C_STEER, col.C_BRAKE, col.C_HAND_BRAKE, col.C_REVERSE, col.C_MANUAL, col.C_GEAR,
)  # fmt: skip
