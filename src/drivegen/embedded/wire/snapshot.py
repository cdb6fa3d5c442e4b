"""The episode stream: one record of 119 bytes for every actor in every tick."""

from __future__ import annotations

import struct
from functools import lru_cache

import numpy as np
from jaxtyping import Shaped

from drivegen.embedded.wire.frames import locations_to_carla, rotations_to_carla, turnings_to_carla
from drivegen.embedded.wire.streams import HEADER, SensorType
from drivegen.embedded.world.state import (
    LightStates,
    Motion,
    SignStates,
    VehicleStates,
    WalkerStates,
    WorldState,
)

EPISODE = struct.Struct("<Qdf3iI")
"""Episode id, platform time, delta seconds, map origin, simulation state: 36 bytes."""
MAP_CHANGED = 0x1
"""Simulation state: the client drops the map that it keeps."""
LIGHTS_CHANGED = 0x2
"""Simulation state: the client asks for the street lights again."""
ACTIVE = 1
"""Actor state."""
_COMMON = [
    ("id", "<u4"),
    ("state", "u1"),
    ("location", "<f4", 3),
    ("rotation", "<f4", 3),  # pitch, yaw, roll in degrees
    ("velocity", "<f4", 3),
    ("angular_velocity", "<f4", 3),  # degrees per second
    ("acceleration", "<f4", 3),
]
_RECORD_BYTES = 119
"""Of which the last 54 depend on the kind of actor."""

BARE_RECORD = np.dtype([*_COMMON, ("unused", "V54")])
VEHICLE_RECORD = np.dtype(
    [
        *_COMMON,
        ("throttle", "<f4"),
        ("steer", "<f4"),
        ("brake", "<f4"),
        ("hand_brake", "u1"),
        ("reverse", "u1"),
        ("manual_gear", "u1"),
        ("gear", "<i4"),
        ("speed_limit", "<f4"),  # km/h
        ("light_state", "u1"),
        ("at_light", "u1"),
        ("light_id", "<u4"),
        ("failure", "u1"),
        ("unused", "V24"),
    ]
)
WALKER_RECORD = np.dtype(
    [*_COMMON, ("direction", "<f4", 3), ("speed", "<f4"), ("jump", "u1"), ("unused", "V37")]
)
LIGHT_RECORD = np.dtype(
    [
        *_COMMON,
        ("sign_id", "S32"),
        ("green_time", "<f4"),
        ("yellow_time", "<f4"),
        ("red_time", "<f4"),
        ("elapsed", "<f4"),
        ("pole_index", "<u4"),
        ("frozen", "u1"),
        ("light_state", "u1"),
    ]
)
SIGN_RECORD = np.dtype([*_COMMON, ("sign_id", "S32"), ("unused", "V22")])
for _kind in (BARE_RECORD, VEHICLE_RECORD, WALKER_RECORD, LIGHT_RECORD, SIGN_RECORD):
    assert _kind.itemsize == _RECORD_BYTES

Records = Shaped[np.ndarray, "n"]


def pack_state(state: WorldState, *, simulation_state: int, platform_s: float) -> bytes:
    """A snapshot message, without the size before it.

    Args:
        state: All actors of the episode.
        simulation_state: MAP_CHANGED, LIGHTS_CHANGED.
        platform_s: Seconds of the server's clock.
    """
    head = HEADER.pack(int(SensorType.WORLD_OBSERVER), state.frame, state.elapsed_s, *([0.0] * 6))
    episode = EPISODE.pack(state.episode_id, platform_s, state.delta_s, 0, 0, 0, simulation_state)
    records = (
        _vehicles(state.vehicles),
        _walkers(state.walkers),
        _lights(state.lights),
        _bare(state.others, BARE_RECORD),
    )
    return b"".join([head, episode, *(r.tobytes() for r in records), _signs(state.signs)])


def _bare(motion: Motion, kind: np.dtype[np.void]) -> Records:
    records = np.zeros(len(motion.ids), kind)
    records["id"] = motion.ids
    records["state"] = ACTIVE
    records["location"] = locations_to_carla(motion.position_m)
    records["rotation"] = rotations_to_carla(motion.rpy_rad)
    records["velocity"] = locations_to_carla(motion.velocity_mps)
    records["angular_velocity"] = turnings_to_carla(motion.angular_velocity_radps)
    records["acceleration"] = locations_to_carla(motion.acceleration_mps2)
    return records


def _vehicles(states: VehicleStates) -> Records:
    records = _bare(states.motion, VEHICLE_RECORD)
    controls = states.controls
    records["throttle"] = controls.throttle
    records["steer"] = controls.steer
    records["brake"] = controls.brake
    records["hand_brake"] = controls.hand_brake
    records["reverse"] = controls.reverse
    records["manual_gear"] = controls.manual_gear
    records["gear"] = controls.gear
    records["speed_limit"] = states.speed_limit_mps * 3.6
    records["light_state"] = states.light_state
    records["at_light"] = states.at_light
    records["light_id"] = states.light_id
    records["failure"] = states.failure
    return records


def _walkers(states: WalkerStates) -> Records:
    records = _bare(states.motion, WALKER_RECORD)
    records["direction"] = locations_to_carla(states.direction)
    records["speed"] = states.speed_mps
    records["jump"] = states.jump
    return records


@lru_cache(maxsize=2)
def _signs(states: SignStates) -> bytes:
    records = _bare(states.motion, SIGN_RECORD)
    records["sign_id"] = np.array([i.encode()[:32] for i in states.opendrive_ids], "S32")
    return records.tobytes()


def _lights(states: LightStates) -> Records:
    records = _bare(states.motion, LIGHT_RECORD)
    records["sign_id"] = np.array([i.encode()[:32] for i in states.opendrive_ids], "S32")
    records["green_time"] = states.green_time_s
    records["yellow_time"] = states.yellow_time_s
    records["red_time"] = states.red_time_s
    records["elapsed"] = states.elapsed_s
    records["pole_index"] = states.pole_index
    records["frozen"] = states.frozen
    records["light_state"] = states.state
    return records
