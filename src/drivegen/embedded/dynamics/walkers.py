"""All walkers of a world, stepped together."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float64, UInt32

from drivegen.core.geometry import Pose, Vec3
from drivegen.embedded.dynamics.ground import GroundHeights


class WalkerDynamics:
    """State of all walkers, structure of arrays; rows in the order of adding.

    A walker's origin is the middle of its box (CARLA's convention). Arrays are copies of the current state.
    """

    def __init__(self) -> None:
        raise NotImplementedError

    def __len__(self) -> int:
        raise NotImplementedError

    def add(self, actor_id: int, size_m: Vec3, pose: Pose) -> None:
        """Adds a walker at rest; `size_m` is the box, `pose` that of the box's centre."""
        raise NotImplementedError

    def remove(self, actor_id: int) -> None:
        """Takes a walker out. KeyError if there is none of this id."""
        raise NotImplementedError

    def row_of(self, actor_id: int) -> int:
        """Row in the arrays. KeyError if there is none of this id."""
        raise NotImplementedError

    def set_control(self, actor_id: int, direction: Vec3, speed_mps: float, jump: bool = False) -> None:
        """Walk along a world direction (only its horizontal part counts) until told otherwise."""
        raise NotImplementedError

    def set_state(self, actor_id: int, pose: Pose, speed_mps: float) -> None:
        """Puts a walker there in the next step (CARLA's ApplyWalkerState): its position over the ground and
        its heading are the pose's, its height the ground's, its velocity what takes it there.
        """
        raise NotImplementedError

    def set_pose(self, actor_id: int, pose: Pose) -> None:
        """Puts a walker somewhere now, without walking there (CARLA's set_transform)."""
        raise NotImplementedError

    def set_simulate_physics(self, actor_id: int, enabled: bool) -> None:
        """A walker without physics stays exactly where it is put."""
        raise NotImplementedError

    def step(self, dt_s: float, ground: GroundHeights) -> None:
        """Moves all walkers on by `dt_s`, feet on the highest ground under them."""
        raise NotImplementedError

    @property
    def ids(self) -> UInt32[np.ndarray, "n"]:
        """Actor ids."""
        raise NotImplementedError

    @property
    def position_m(self) -> Float64[np.ndarray, "n 3"]:
        """Origins: centres of the boxes."""
        raise NotImplementedError

    @property
    def rpy_rad(self) -> Float64[np.ndarray, "n 3"]:
        """Roll, pitch (both 0), yaw."""
        raise NotImplementedError

    @property
    def velocity_mps(self) -> Float64[np.ndarray, "n 3"]:
        """World frame."""
        raise NotImplementedError

    @property
    def angular_velocity_radps(self) -> Float64[np.ndarray, "n 3"]:
        """World frame."""
        raise NotImplementedError

    @property
    def acceleration_mps2(self) -> Float64[np.ndarray, "n 3"]:
        """Change of velocity over the last step."""
        raise NotImplementedError

    @property
    def speed_mps(self) -> Float64[np.ndarray, "n"]:
        """Horizontal speed."""
        raise NotImplementedError

    @property
    def gait_phase_rad(self) -> Float64[np.ndarray, "n"]:
        """Of the walking cycle, in [0, 2 pi): two steps a turn, moved on by the distance walked."""
        raise NotImplementedError

    @property
    def size_m(self) -> Float64[np.ndarray, "n 3"]:
        """Full length, width, height of the boxes."""
        raise NotImplementedError

    @property
    def control_direction(self) -> Float64[np.ndarray, "n 3"]:
        """As set last, world frame."""
        raise NotImplementedError

    @property
    def control_speed_mps(self) -> Float64[np.ndarray, "n"]:
        """As set last."""
        raise NotImplementedError

    @property
    def control_jump(self) -> Bool[np.ndarray, "n"]:
        """As set last."""
        raise NotImplementedError
