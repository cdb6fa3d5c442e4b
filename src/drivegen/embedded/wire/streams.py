"""Stream messages: framing, tokens, the header that every sensor message begins with.

A client connects, sends a u32 stream id, and from then on only reads: u32 size, then `size` bytes.
"""

from __future__ import annotations

import struct
from enum import IntEnum

from drivegen.core.geometry import Pose
from drivegen.core.handedness import pose_to_carla

SUBSCRIPTION = struct.Struct("<I")
"""What the client sends: the stream's id."""
SIZE = struct.Struct("<I")
"""What stands before every message."""
HEADER = struct.Struct("<QQd6f")
"""Sensor type, frame, timestamp in seconds, location, (pitch, yaw, roll): 48 bytes."""
_TOKEN = struct.Struct("<IHBB16s")
TCP = 1
ADDRESS_UNSET = 0
"""The client then takes the address of its RPC connection."""


class SensorType(IntEnum):
    """Index of a sensor in the registry of the 0.9.16 client."""

    COLLISION = 0
    DEPTH = 1
    NORMALS = 2
    DVS = 3
    GNSS = 4
    IMU = 5
    OBSTACLE = 7
    OPTICAL_FLOW = 8
    RADAR = 9
    LIDAR_SEMANTIC = 10
    LIDAR = 11
    RGB = 13
    SEMANTIC = 14
    INSTANCE = 15
    WORLD_OBSERVER = 17


SENSOR_TYPES: dict[str, SensorType] = {
    "sensor.camera.depth": SensorType.DEPTH,
    "sensor.camera.normals": SensorType.NORMALS,
    "sensor.camera.dvs": SensorType.DVS,
    "sensor.camera.optical_flow": SensorType.OPTICAL_FLOW,
    "sensor.other.collision": SensorType.COLLISION,
    "sensor.other.gnss": SensorType.GNSS,
    "sensor.other.imu": SensorType.IMU,
    "sensor.other.obstacle": SensorType.OBSTACLE,
    "sensor.other.radar": SensorType.RADAR,
    "sensor.lidar.ray_cast_semantic": SensorType.LIDAR_SEMANTIC,
    "sensor.lidar.ray_cast": SensorType.LIDAR,
    "sensor.camera.rgb": SensorType.RGB,
    "sensor.camera.semantic_segmentation": SensorType.SEMANTIC,
    "sensor.camera.instance_segmentation": SensorType.INSTANCE,
}
"""By blueprint."""


def token(stream_id: int, port: int) -> bytes:
    """Where a stream is found: 24 bytes."""
    return _TOKEN.pack(stream_id, port, TCP, ADDRESS_UNSET, bytes(16))


def header(sensor: SensorType, frame: int, timestamp_s: float, world_sensor: Pose) -> bytes:
    """The 48 bytes before a payload."""
    x, y, z, pitch, yaw, roll = pose_to_carla(world_sensor)
    return HEADER.pack(int(sensor), frame, timestamp_s, x, y, z, pitch, yaw, roll)
