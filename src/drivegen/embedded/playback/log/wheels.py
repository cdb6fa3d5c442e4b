"""Packets of wheels, many vehicles at once: the only ones of every frame whose records differ in size."""

from __future__ import annotations

import struct

import numpy as np
from jaxtyping import Bool, Float64, UInt32

from drivegen.embedded.playback.log.layout import LogError, layout_of
from drivegen.embedded.playback.log.packets import Wheel

_WHEEL = np.dtype(layout_of(Wheel).dtype)
_HEAD = struct.Struct("<II")
_FIRST = struct.Struct("<Bff")
_STEERED_OF_FOUR = np.array([True, True, False, False])
_STEERED_OF_TWO = np.array([True, False])


def pack_wheels(
    ids: UInt32[np.ndarray, "n"],
    steer_deg: Float64[np.ndarray, "n"],
    rotation_deg: Float64[np.ndarray, "n"],
    two_wheeled: Bool[np.ndarray, "n"],
) -> bytes:
    """The records of `PacketId.ANIM_VEHICLE_WHEELS`: those with four wheels first.

    Args:
        ids: Vehicles.
        steer_deg: Of the front wheels; the others are straight.
        rotation_deg: Of all wheels.
        two_wheeled: The others have four.
    """
    parts = []
    for steered, rows in ((_STEERED_OF_FOUR, ~two_wheeled), (_STEERED_OF_TWO, two_wheeled)):
        count = len(steered)
        table = np.zeros(
            int(rows.sum()), np.dtype([("actor", "<u4"), ("count", "<u4"), ("wheels", _WHEEL, count)])
        )
        table["actor"], table["count"] = ids[rows], count
        table["wheels"]["place"] = np.arange(count)
        table["wheels"]["steer_deg"] = np.where(steered, steer_deg[rows, None], 0.0)
        table["wheels"]["rotation_deg"] = rotation_deg[rows, None]
        parts.append(table.tobytes())
    return b"".join(parts)


def first_wheels(body: bytes) -> list[tuple[int, float, float]]:
    """(actor, steer in degrees, rotation in degrees) of the first wheel, a front wheel, of each vehicle.

    Raises:
        LogError: The packet is damaged.
    """
    found = []
    at = 2
    try:
        (vehicles,) = struct.unpack_from("<H", body)
        for _ in range(vehicles):
            actor, wheels = _HEAD.unpack_from(body, at)
            at += _HEAD.size
            if wheels:
                _, steer_deg, rotation_deg = _FIRST.unpack_from(body, at)
                found.append((actor, steer_deg, rotation_deg))
            at += wheels * _FIRST.size
    except struct.error:
        at = len(body) + 1
    if at > len(body):
        raise LogError("a packet of wheels ends within a record; the recording is damaged")
    return found
