"""Measurements as the payloads that the client reads, in CARLA's frame."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import msgpack
import numpy as np
from jaxtyping import Float32, UInt32

from drivegen.core.handedness import FLIP_AXIAL, FLIP_Y
from drivegen.embedded.sensors.measurements import (
    CameraImage,
    FlowImage,
    GnssFix,
    ImuReading,
    LidarScan,
    Measurement,
    PixelEvents,
    RadarScan,
    SemanticScan,
)

Buffers = Sequence[bytes | memoryview]
"""Parts of a message; kept apart so that an image is never copied."""

_IMAGE = struct.Struct("<IIf")
_LIDAR = struct.Struct("<fI")
SEMANTIC_POINT = np.dtype([("xyz", "<f4", 3), ("cos", "<f4"), ("object_id", "<u4"), ("tag", "<u4")])


def payload(measurement: Measurement) -> Buffers:
    """What follows the 48-byte header."""
    match measurement:
        case CameraImage():
            return _image(measurement)
        case FlowImage():
            return _flow(measurement)
        case PixelEvents():
            return _events(measurement)
        case LidarScan():
            return _lidar(measurement)
        case SemanticScan():
            return _semantic(measurement)
        case GnssFix():
            fix = [measurement.latitude_deg, measurement.longitude_deg, measurement.altitude_m]
            return [msgpack.packb(fix)]
        case ImuReading():
            return [_imu(measurement)]
        case RadarScan():
            return [_radar(measurement)]


def _image(image: CameraImage) -> Buffers:
    """u32 width, u32 height, f32 fov, then BGRA rows from the top."""
    height, width, _ = image.bgra.shape
    pixels = np.ascontiguousarray(image.bgra)
    return [_IMAGE.pack(width, height, image.fov_deg), pixels.reshape(-1).data.cast("B")]


def _flow(image: FlowImage) -> Buffers:
    """The head of an image, then h x w x (f32 to the right, f32 up)."""
    height, width, _ = image.flow.shape
    pixels = np.ascontiguousarray(image.flow, "<f4")
    return [_IMAGE.pack(width, height, image.fov_deg), pixels.reshape(-1).data.cast("B")]


def _events(image: PixelEvents) -> Buffers:
    """The head of an image, then n x (u16 x, u16 y, i64 t, u8 polarity)."""
    return [_IMAGE.pack(image.width_px, image.height_px, image.fov_deg), image.events.tobytes()]


def _lidar_head(angle_rad: float, counts: UInt32[np.ndarray, "c"]) -> bytes:
    """f32 horizontal angle, u32 channels, u32 points of each channel."""
    return _LIDAR.pack(angle_rad, len(counts)) + counts.astype("<u4").tobytes()


def _lidar(scan: LidarScan) -> Buffers:
    """n x (x, y, z, intensity)."""
    points: Float32[np.ndarray, "n 4"] = scan.points.astype("<f4")
    points[:, 1] *= -1.0
    return [_lidar_head(scan.horizontal_angle_rad, scan.channel_counts), points.tobytes()]


def _semantic(scan: SemanticScan) -> Buffers:
    """n x (x, y, z, cosine, object id, tag)."""
    points = np.empty(len(scan.points_m), SEMANTIC_POINT)
    points["xyz"] = scan.points_m * FLIP_Y.astype(np.float32)
    points["cos"] = scan.cos_incidence
    points["object_id"] = scan.object_id
    points["tag"] = scan.tag
    return [_lidar_head(scan.horizontal_angle_rad, scan.channel_counts), points.tobytes()]


def _radar(scan: RadarScan) -> bytes:
    """n x (velocity, azimuth to the right, altitude, distance)."""
    detections: Float32[np.ndarray, "n 4"] = scan.detections.astype("<f4")
    detections[:, 1] *= -1.0
    return detections.tobytes()


def _imu(reading: ImuReading) -> bytes:
    """msgpack [accelerometer, gyroscope in rad/s, compass]."""
    acceleration = (reading.acceleration_mps2 * FLIP_Y).tolist()
    turning = (reading.angular_velocity_radps * FLIP_AXIAL).tolist()
    return msgpack.packb([acceleration, turning, reading.compass_rad])
