"""All vehicles of a world, stepped together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Int32, UInt32

from drivegen.core.geometry import Pose, Vec3
from drivegen.embedded.dynamics.bodies import VehicleBody
from drivegen.embedded.dynamics.ground import GroundHeights
from drivegen.embedded.dynamics.walkers import WalkerDynamics


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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contacts:
    """Who touched whom in the last step; a pair at most once, `first` < `second` by row of adding."""

    first_id: UInt32[np.ndarray, "k"]
    second_id: UInt32[np.ndarray, "k"]
    """A vehicle or a walker."""
    impulse_ns: Float64[np.ndarray, "k 3"]
    """Given to `second`, summed over the step, world frame, newton seconds."""


class VehicleDynamics:
    """State of all vehicles, structure of arrays; rows in the order of adding.

    The arrays below are copies of the current state: reading is free of side effects, writing changes nothing.
    All are in the world frame unless said otherwise.
    """

    def __init__(self) -> None:
        raise NotImplementedError

    def __len__(self) -> int:
        raise NotImplementedError

    def add(self, actor_id: int, body: VehicleBody, pose: Pose) -> None:
        """Adds a vehicle at rest. It drops or is lifted to the ground in the first step."""
        raise NotImplementedError

    def remove(self, actor_id: int) -> None:
        """Takes a vehicle out. KeyError if there is none of this id."""
        raise NotImplementedError

    def row_of(self, actor_id: int) -> int:
        """Row in the arrays. KeyError if there is none of this id."""
        raise NotImplementedError

    def body_of(self, actor_id: int) -> VehicleBody:
        """The body as added."""
        raise NotImplementedError

    def set_control(self, ids: UInt32[np.ndarray, "n"], controls: VehicleControls) -> None:
        """Sets what the drivers of some vehicles ask for, until set again; values are clipped to their range."""
        raise NotImplementedError

    def set_pose(self, actor_id: int, pose: Pose) -> None:
        """Puts a vehicle somewhere; its velocity stays in its own frame (CARLA's set_transform)."""
        raise NotImplementedError

    def set_target_velocity(self, actor_id: int, velocity_mps: Vec3) -> None:
        """Sets the velocity once, world frame."""
        raise NotImplementedError

    def set_target_angular_velocity(self, actor_id: int, angular_velocity_radps: Vec3) -> None:
        """Sets the turning once, world frame; only the part about the vertical has an effect."""
        raise NotImplementedError

    def set_constant_velocity(self, actor_id: int, velocity_mps: Vec3 | None) -> None:
        """Keeps a velocity, in the vehicle's own frame, whatever the controls; None ends it."""
        raise NotImplementedError

    def add_impulse(self, actor_id: int, impulse_ns: Vec3) -> None:
        """A push at the centre of mass, newton seconds, world frame; its horizontal part acts."""
        raise NotImplementedError

    def set_simulate_physics(self, actor_id: int, enabled: bool) -> None:
        """A vehicle without physics stays where it is put; its velocity is that of how it is put."""
        raise NotImplementedError

    def set_gravity(self, actor_id: int, enabled: bool) -> None:
        """A vehicle without gravity neither falls nor rolls down slopes."""
        raise NotImplementedError

    def step(self, dt_s: float, ground: GroundHeights, walkers: WalkerDynamics | None = None) -> None:
        """Moves all vehicles on by `dt_s`, on the ground and clear of one another.

        Walkers that are driven into are pushed aside; step them before.
        """
        raise NotImplementedError

    @property
    def ids(self) -> UInt32[np.ndarray, "n"]:
        """Actor ids."""
        raise NotImplementedError

    @property
    def position_m(self) -> Float64[np.ndarray, "n 3"]:
        """Origins: middle of the bottom of the box."""
        raise NotImplementedError

    @property
    def rpy_rad(self) -> Float64[np.ndarray, "n 3"]:
        """Roll, pitch, yaw as of `core.geometry.rotation_from_rpy`."""
        raise NotImplementedError

    @property
    def velocity_mps(self) -> Float64[np.ndarray, "n 3"]:
        """Of the origin."""
        raise NotImplementedError

    @property
    def speed_mps(self) -> Float64[np.ndarray, "n"]:
        """Along the vehicle, negative in reverse."""
        raise NotImplementedError

    @property
    def angular_velocity_radps(self) -> Float64[np.ndarray, "n 3"]:
        """World frame."""
        raise NotImplementedError

    @property
    def acceleration_mps2(self) -> Float64[np.ndarray, "n 3"]:
        """Change of velocity over the last step, without gravity."""
        raise NotImplementedError

    @property
    def wheel_rotation_rad(self) -> Float64[np.ndarray, "n"]:
        """How far the wheels have rolled, in [0, 2 pi), growing when driving forwards."""
        raise NotImplementedError

    @property
    def steer_rad(self) -> Float64[np.ndarray, "n"]:
        """Angle of the single wheel that stands for the front axle, positive to the left."""
        raise NotImplementedError

    @property
    def lean_rad(self) -> Float64[np.ndarray, "n"]:
        """How far a two-wheeler leans out of its box's upright, positive to the right; 0 for others."""
        raise NotImplementedError

    @property
    def controls(self) -> VehicleControls:
        """As set last (for the episode stream); `gear` is the gear engaged."""
        raise NotImplementedError

    @property
    def size_m(self) -> Float64[np.ndarray, "n 3"]:
        """Full length, width, height of the boxes."""
        raise NotImplementedError

    @property
    def contacts(self) -> Contacts:
        """Of the last step."""
        raise NotImplementedError
