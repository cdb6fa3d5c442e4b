"""The episode stream: one record of 119 bytes for every actor in every tick."""

from __future__ import annotations

import struct

import numpy as np
from jaxtyping import Shaped

from drivegen.embedded.wire.streams import HEADER, SensorType

EPISODE = struct.Struct("<Qdf3iI")
"""Episode id, platform time, delta seconds, map origin, simulation state: 36 bytes."""
MAP_CHANGED = 0x1
"""Simulation state: the client drops the map that it keeps."""
LIGHTS_CHANGED = 0x2
"""Simulation state: the client asks for the street lights again."""
ACTIVE = 1
"""Actor state."""
STATE_BYTES = 54
"""Of the part that depends on the kind of actor."""

ACTOR = np.dtype(
    [
        ("id", "<u4"),
        ("state", "u1"),
        ("location", "<f4", 3),
        ("rotation", "<f4", 3),  # pitch, yaw, roll in degrees
        ("velocity", "<f4", 3),
        ("angular_velocity", "<f4", 3),  # degrees per second
        ("acceleration", "<f4", 3),
        ("union", "V54"),
    ]
)
VEHICLE = np.dtype(
    [
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
WALKER = np.dtype([("direction", "<f4", 3), ("speed", "<f4"), ("jump", "u1"), ("unused", "V37")])
TRAFFIC_LIGHT = np.dtype(
    [
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
TRAFFIC_SIGN = np.dtype([("sign_id", "S32"), ("unused", "V22")])

for _kind in (VEHICLE, WALKER, TRAFFIC_LIGHT, TRAFFIC_SIGN):
    assert _kind.itemsize == STATE_BYTES
assert ACTOR.itemsize == 119


def with_state(kind: np.dtype[np.void]) -> np.dtype[np.void]:
    """`ACTOR` with the union read as `kind`: a view of the same bytes."""
    fields = [(name, *ACTOR.fields[name]) for name in ACTOR.names or () if name != "union"]  # type: ignore[index]
    names = [f[0] for f in fields] + ["union"]
    return np.dtype(
        {
            "names": names,
            "formats": [f[1] for f in fields] + [kind],
            "offsets": [f[2] for f in fields] + [ACTOR.itemsize - STATE_BYTES],
            "itemsize": ACTOR.itemsize,
        }
    )


def pack_snapshot(
    actors: Shaped[np.ndarray, "n"],
    *,
    episode_id: int,
    frame: int,
    elapsed_s: float,
    delta_s: float,
    platform_s: float,
    simulation_state: int,
) -> bytes:
    """A snapshot message, without the size before it.

    Args:
        actors: Records of dtype `ACTOR`, every actor of the episode.
        episode_id: A new one makes the client forget all it knows of actors.
        frame: Of this snapshot.
        elapsed_s: Simulated since the episode began.
        delta_s: Simulated since the snapshot before.
        platform_s: Seconds of the server's clock.
        simulation_state: MAP_CHANGED, LIGHTS_CHANGED.
    """
    head = HEADER.pack(int(SensorType.WORLD_OBSERVER), frame, elapsed_s, 0, 0, 0, 0, 0, 0)
    episode = EPISODE.pack(episode_id, platform_s, delta_s, 0, 0, 0, simulation_state)
    return head + episode + actors.tobytes()
