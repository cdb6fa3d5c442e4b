"""The episode stream: one record of 119 bytes for every actor in every tick."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from jaxtyping import Float32, Shaped

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


_MOTION = np.dtype(
    {"names": ["id", "state", "motion"], "formats": ["<u4", "u1", ("<f4", 15)], "offsets": [0, 4, 5],
     "itemsize": _RECORD_BYTES}
)  # fmt: skip
"""The common fields again, from location to acceleration as one: five writes are slower than one."""


def pack_state(state: WorldState, *, simulation_state: int, platform_s: float) -> bytes:
    """A snapshot message, without the size before it.

    Args:
        state: All actors of the episode.
        simulation_state: MAP_CHANGED, LIGHTS_CHANGED.
        platform_s: Seconds of the server's clock.
    """
    head = HEADER.pack(int(SensorType.WORLD_OBSERVER), state.frame, state.elapsed_s, *([0.0] * 6))
    episode = EPISODE.pack(state.episode_id, platform_s, state.delta_s, 0, 0, 0, simulation_state)
    moving = (state.vehicles.motion, state.walkers.motion, state.others)
    rows = _motion_rows(moving)
    vehicles, walkers = len(moving[0].ids), len(moving[0].ids) + len(moving[1].ids)
    records = (
        _vehicles(state.vehicles, rows[:vehicles]),
        _walkers(state.walkers, rows[vehicles:walkers]),
        _lights(state.lights),
        _bare(state.others, rows[walkers:], BARE_RECORD),
    )
    return b"".join([head, episode, *(r.tobytes() for r in records), _signs(state.signs)])


def _motion_rows(motions: Sequence[Motion]) -> Float32[np.ndarray, "n 15"]:
    """Location, rotation, velocity, angular velocity, acceleration of all, as CARLA has them."""
    columns = (
        locations_to_carla(np.concatenate([m.position_m for m in motions])),
        rotations_to_carla(np.concatenate([m.rpy_rad for m in motions])),
        locations_to_carla(np.concatenate([m.velocity_mps for m in motions])),
        turnings_to_carla(np.concatenate([m.angular_velocity_radps for m in motions])),
        locations_to_carla(np.concatenate([m.acceleration_mps2 for m in motions])),
    )
    return np.concatenate(columns, axis=1, dtype=np.float32, casting="same_kind")


def _bare(motion: Motion, rows: Float32[np.ndarray, "n 15"], kind: np.dtype[np.void]) -> Records:
    records = np.zeros(len(motion.ids), kind)
    common = records.view(_MOTION)
    common["id"] = motion.ids
    common["state"] = ACTIVE
    common["motion"] = rows
    return records


@lru_cache(maxsize=2)
def _resting(motion: Motion, kind: np.dtype[np.void]) -> Records:
    """Of actors whose motion is the same object in all frames. Copy it before it is changed."""
    return _bare(motion, _motion_rows([motion]), kind)


@lru_cache(maxsize=4)
def _sign_ids(opendrive_ids: tuple[str, ...]) -> Records:
    return np.array([i.encode()[:32] for i in opendrive_ids], "S32")


def _vehicles(states: VehicleStates, rows: Float32[np.ndarray, "n 15"]) -> Records:
    records = _bare(states.motion, rows, VEHICLE_RECORD)
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


def _walkers(states: WalkerStates, rows: Float32[np.ndarray, "n 15"]) -> Records:
    records = _bare(states.motion, rows, WALKER_RECORD)
    records["direction"] = locations_to_carla(states.direction)
    records["speed"] = states.speed_mps
    records["jump"] = states.jump
    return records


@lru_cache(maxsize=2)
def _signs(states: SignStates) -> bytes:
    records = _resting(states.motion, SIGN_RECORD).copy()
    records["sign_id"] = _sign_ids(states.opendrive_ids)
    return records.tobytes()


def _lights(states: LightStates) -> Records:
    records = _resting(states.motion, LIGHT_RECORD).copy()
    records["sign_id"] = _sign_ids(states.opendrive_ids)
    records["green_time"] = states.green_time_s
    records["yellow_time"] = states.yellow_time_s
    records["red_time"] = states.red_time_s
    records["elapsed"] = states.elapsed_s
    records["pole_index"] = states.pole_index
    records["frozen"] = states.frozen
    records["light_state"] = states.state
    return records
