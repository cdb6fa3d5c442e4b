"""The state of all walkers, as others read it."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float64, UInt32


class WalkerReadings:
    """Tables of walkers, a row each in the order of adding, and what they tell.

    A walker's origin is the middle of its box (CARLA's convention). Arrays are copies of the current state:
    writing to them changes nothing.
    """

    _rows: dict[int, int]
    _ids: UInt32[np.ndarray, "n"]
    _size: Float64[np.ndarray, "n 3"]
    _position: Float64[np.ndarray, "n 3"]
    _yaw: Float64[np.ndarray, "n"]
    _velocity: Float64[np.ndarray, "n 3"]
    _yaw_rate: Float64[np.ndarray, "n"]
    _acceleration: Float64[np.ndarray, "n 3"]
    _phase: Float64[np.ndarray, "n"]
    _direction: Float64[np.ndarray, "n 3"]
    _wanted_speed: Float64[np.ndarray, "n"]
    _jump: Bool[np.ndarray, "n"]
    _thrown: Bool[np.ndarray, "n"]
    _dead: Bool[np.ndarray, "n"]

    def __len__(self) -> int:
        return len(self._ids)

    def row_of(self, actor_id: int) -> int:
        """Row in the arrays. KeyError if there is none of this id."""
        return self._rows[actor_id]

    @property
    def ids(self) -> UInt32[np.ndarray, "n"]:
        """Actor ids."""
        return self._ids.copy()

    @property
    def position_m(self) -> Float64[np.ndarray, "n 3"]:
        """Origins: centres of the boxes."""
        return self._position.copy()

    @property
    def rpy_rad(self) -> Float64[np.ndarray, "n 3"]:
        """Roll, pitch (both 0), yaw."""
        angles = np.zeros((len(self), 3))
        angles[:, 2] = self._yaw
        return angles

    @property
    def dead(self) -> Bool[np.ndarray, "n"]:
        """Lies on the ground for good."""
        return self._dead.copy()

    @property
    def thrown(self) -> Bool[np.ndarray, "n"]:
        """Was hit off its feet and has not come to rest yet."""
        return self._thrown.copy()

    @property
    def velocity_mps(self) -> Float64[np.ndarray, "n 3"]:
        """World frame."""
        return self._velocity.copy()

    @property
    def angular_velocity_radps(self) -> Float64[np.ndarray, "n 3"]:
        """World frame."""
        rate = np.zeros((len(self), 3))
        rate[:, 2] = self._yaw_rate
        return rate

    @property
    def acceleration_mps2(self) -> Float64[np.ndarray, "n 3"]:
        """Change of velocity over the last step."""
        return self._acceleration.copy()

    @property
    def speed_mps(self) -> Float64[np.ndarray, "n"]:
        """Horizontal speed."""
        return np.hypot(self._velocity[:, 0], self._velocity[:, 1])

    @property
    def gait_phase_rad(self) -> Float64[np.ndarray, "n"]:
        """Of the walking cycle, in [0, 2 pi): two steps a turn, moved on by the distance walked."""
        return self._phase.copy()

    @property
    def size_m(self) -> Float64[np.ndarray, "n 3"]:
        """Full length, width, height of the boxes."""
        return self._size.copy()

    @property
    def control_direction(self) -> Float64[np.ndarray, "n 3"]:
        """As set last, world frame."""
        return self._direction.copy()

    @property
    def control_speed_mps(self) -> Float64[np.ndarray, "n"]:
        """As set last."""
        return self._wanted_speed.copy()

    @property
    def control_jump(self) -> Bool[np.ndarray, "n"]:
        """As set last; a jump is done once."""
        return self._jump.copy()
