"""All traffic lights of a world."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from jaxtyping import Bool, Float64, Int32, UInt8, UInt32

from drivegen.opendrive.model import RoadNetwork


class LightState(IntEnum):
    """CARLA's TrafficLightState."""

    RED = 0
    YELLOW = 1
    GREEN = 2
    OFF = 3
    UNKNOWN = 4


class TrafficLights:
    """State of all lights, structure of arrays; row i is `opendrive.signals.signal_heads(network)[i]`, for good.

    Lights of one junction form a group. Within it, lights of one controller show the same; controllers take
    turns: green, yellow, then all red. Without controllers, opposite approaches share a turn.
    """

    def __init__(self, network: RoadNetwork) -> None:
        raise NotImplementedError

    def __len__(self) -> int:
        raise NotImplementedError

    def step(self, dt_s: float) -> None:
        """Moves the clock of every group on."""
        raise NotImplementedError

    def set_state(self, row: int, state: LightState) -> None:
        """Shows a state now; the light's group goes on from there with its usual turns (CARLA's set_state)."""
        raise NotImplementedError

    def set_green_time(self, row: int, time_s: float) -> None:
        """Length of green, for the light and those of its controller."""
        raise NotImplementedError

    def set_yellow_time(self, row: int, time_s: float) -> None:
        """Length of yellow, for the light and those of its controller."""
        raise NotImplementedError

    def set_red_time(self, row: int, time_s: float) -> None:
        """Length of all-red after the light's yellow, for the light and those of its controller."""
        raise NotImplementedError

    def freeze(self, row: int, frozen: bool) -> None:
        """Stops the clock of the light's group."""
        raise NotImplementedError

    def freeze_all(self, frozen: bool) -> None:
        """Stops every clock."""
        raise NotImplementedError

    def reset_group(self, row: int) -> None:
        """Starts the light's group afresh: first controller green."""
        raise NotImplementedError

    def reset_all(self) -> None:
        """Starts every group afresh."""
        raise NotImplementedError

    def group_rows(self, row: int) -> Int32[np.ndarray, "k"]:
        """Rows of the lights of the same junction, itself among them."""
        raise NotImplementedError

    @property
    def state(self) -> UInt8[np.ndarray, "n"]:
        """`LightState` of each light."""
        raise NotImplementedError

    @property
    def elapsed_s(self) -> Float64[np.ndarray, "n"]:
        """For how long each light has shown its state."""
        raise NotImplementedError

    @property
    def green_time_s(self) -> Float64[np.ndarray, "n"]:
        """As set, default 10."""
        raise NotImplementedError

    @property
    def yellow_time_s(self) -> Float64[np.ndarray, "n"]:
        """As set, default 3."""
        raise NotImplementedError

    @property
    def red_time_s(self) -> Float64[np.ndarray, "n"]:
        """As set, default 2."""
        raise NotImplementedError

    @property
    def frozen(self) -> Bool[np.ndarray, "n"]:
        """Whose clock stands."""
        raise NotImplementedError

    @property
    def pole_index(self) -> Int32[np.ndarray, "n"]:
        """Place of a light within its group."""
        raise NotImplementedError

    @property
    def opendrive_ids(self) -> tuple[str, ...]:
        """Signal ids of the map."""
        raise NotImplementedError

    def at_light(
        self,
        vehicle_ids: UInt32[np.ndarray, "m"],
        position_m: Float64[np.ndarray, "m 3"],
        yaw_rad: Float64[np.ndarray, "m"],
        speed_mps: Float64[np.ndarray, "m"],
        half_length_m: Float64[np.ndarray, "m"],
    ) -> Int32[np.ndarray, "m"]:
        """Row of the light that each vehicle is at, -1 for none. Call once a step, after `step`.

        A vehicle is at a light from where braking hard would stop it before the stop line until its front
        has passed the line. Who has been told stays told (the zone shrinks with the speed otherwise), so
        this remembers vehicles by id. For -1 the record says not at a light and state Green, as CARLA does.
        """
        raise NotImplementedError
