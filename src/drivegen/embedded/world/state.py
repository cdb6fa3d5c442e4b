"""What a tick leaves to be told: the state of every actor, structure of arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Int32, UInt8, UInt32

from drivegen.core.geometry import Mat4
from drivegen.embedded.dynamics.contacts import Contacts
from drivegen.embedded.dynamics.readings import VehicleReadings
from drivegen.embedded.dynamics.vehicles import VehicleControls
from drivegen.embedded.dynamics.walker_readings import WalkerReadings
from drivegen.embedded.traffic_lights.lights import TrafficLights
from drivegen.embedded.world.transforms import rpy_of


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Motion:
    """Where n actors are and how they move: world frame, right-handed."""

    ids: UInt32[np.ndarray, "n"]
    position_m: Float64[np.ndarray, "n 3"]
    rpy_rad: Float64[np.ndarray, "n 3"]
    velocity_mps: Float64[np.ndarray, "n 3"]
    angular_velocity_radps: Float64[np.ndarray, "n 3"]
    acceleration_mps2: Float64[np.ndarray, "n 3"]

    @staticmethod
    def of(movers: VehicleReadings | WalkerReadings) -> Motion:
        """All that dynamics moves of a kind."""
        return Motion(
            ids=movers.ids,
            position_m=movers.position_m,
            rpy_rad=movers.rpy_rad,
            velocity_mps=movers.velocity_mps,
            angular_velocity_radps=movers.angular_velocity_radps,
            acceleration_mps2=movers.acceleration_mps2,
        )

    @staticmethod
    def of_fixed(actor_ids: Sequence[int], world_actors: Sequence[Mat4]) -> Motion:
        """Actors that stand at these poses for good."""
        world = np.stack(world_actors) if world_actors else np.zeros((0, 4, 4))
        return Motion.at_rest(np.array(actor_ids, np.uint32), world[:, :3, 3], rpy_of(world))

    @staticmethod
    def at_rest(
        ids: UInt32[np.ndarray, "n"],
        position_m: Float64[np.ndarray, "n 3"],
        rpy_rad: Float64[np.ndarray, "n 3"],
    ) -> Motion:
        """Actors that do not move by themselves."""
        zero = np.zeros((len(ids), 3))
        return Motion(
            ids=ids,
            position_m=position_m,
            rpy_rad=rpy_rad,
            velocity_mps=zero,
            angular_velocity_radps=zero,
            acceleration_mps2=zero,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VehicleStates:
    """n vehicles."""

    motion: Motion
    controls: VehicleControls
    failure: UInt8[np.ndarray, "n"]
    """CARLA's VehicleFailureState."""
    speed_limit_mps: Float64[np.ndarray, "n"]
    light_state: UInt8[np.ndarray, "n"]
    """Of the light that the vehicle is at; green for none."""
    at_light: Bool[np.ndarray, "n"]
    light_id: UInt32[np.ndarray, "n"]
    """Actor id of that light; 0 for none."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WalkerStates:
    """n walkers."""

    motion: Motion
    direction: Float64[np.ndarray, "n 3"]
    speed_mps: Float64[np.ndarray, "n"]
    jump: Bool[np.ndarray, "n"]

    @staticmethod
    def of(walkers: WalkerReadings) -> WalkerStates:
        """As they are now."""
        return WalkerStates(
            motion=Motion.of(walkers),
            direction=walkers.control_direction,
            speed_mps=walkers.control_speed_mps,
            jump=walkers.control_jump,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LightStates:
    """n traffic lights."""

    motion: Motion
    opendrive_ids: tuple[str, ...]
    green_time_s: Float64[np.ndarray, "n"]
    yellow_time_s: Float64[np.ndarray, "n"]
    red_time_s: Float64[np.ndarray, "n"]
    elapsed_s: Float64[np.ndarray, "n"]
    pole_index: Int32[np.ndarray, "n"]
    frozen: Bool[np.ndarray, "n"]
    state: UInt8[np.ndarray, "n"]

    @staticmethod
    def of(lights: TrafficLights, motion: Motion) -> LightStates:
        """As they are now; `motion` is that of their actors."""
        return LightStates(
            motion=motion,
            opendrive_ids=lights.opendrive_ids,
            green_time_s=lights.green_time_s,
            yellow_time_s=lights.yellow_time_s,
            red_time_s=lights.red_time_s,
            elapsed_s=lights.elapsed_s,
            pole_index=lights.pole_index,
            frozen=lights.frozen,
            state=lights.state,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SignStates:
    """n traffic signs. They never change: an episode has one of these."""

    motion: Motion
    opendrive_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WorldState:
    """All actors after a step."""

    episode_id: int
    frame: int
    elapsed_s: float
    """Simulated since the episode began."""
    delta_s: float
    """Length of the step."""
    map_changed: bool
    """True in the first states of an episode."""
    vehicles: VehicleStates
    walkers: WalkerStates
    lights: LightStates
    signs: SignStates
    others: Motion
    contacts: Contacts
    """Who touched whom in the step."""
