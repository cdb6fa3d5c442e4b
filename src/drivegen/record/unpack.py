"""Raw sensor data of the carla client to the arrays of a frame."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from jaxtyping import Float32, UInt8, UInt16, UInt32

from drivegen.capture.frame import GnssFix, ImuReading, Sweep
from drivegen.core.handedness import FLIP_AXIAL, FLIP_Y
from drivegen.core.sensors import Lidar

DEPTH_FAR_M = 1000.0
"""CARLA's depth images are metres / 1000 in 24 bits."""

SKY_FROM_M = 990.0
"""What is deeper was not hit: CARLA draws the sky at the far end."""

_DETECTION = np.dtype([("xyz", "<f4", 3), ("cos", "<f4"), ("object_id", "<u4"), ("tag", "<u4")], align=False)


def bgra(image: Any) -> UInt8[np.ndarray, "h w 4"]:
    """A view of a `carla.Image`; valid as long as the image lives."""
    return np.frombuffer(image.raw_data, dtype=np.uint8).reshape(image.height, image.width, 4)


def color(pixels: UInt8[np.ndarray, "h w 4"]) -> UInt8[np.ndarray, "h w 3"]:
    """A copy without alpha."""
    return np.ascontiguousarray(pixels[..., :3])


@numba.njit(cache=True)
def depth(pixels: UInt8[np.ndarray, "h w 4"]) -> Float32[np.ndarray, "h w"]:
    """Metres along the optical axis from CARLA's encoding R + 256 G + 65536 B; 0 where nothing was hit."""
    height, width, _ = pixels.shape
    out = np.zeros((height, width), np.float32)
    scale = DEPTH_FAR_M / 16777215.0
    for y in range(height):
        for x in range(width):
            code = (
                np.int64(pixels[y, x, 2])
                + 256 * np.int64(pixels[y, x, 1])
                + 65536 * np.int64(pixels[y, x, 0])
            )
            metres = code * scale
            if metres < SKY_FROM_M:
                out[y, x] = metres
    return out


def sweep(measurement: Any, lidar: Lidar, annotated: UInt32[np.ndarray, "m"]) -> Sweep:
    """A sweep of a semantic LiDAR, with intensity as CARLA's `ray_cast` defines it.

    Rings count from below; CARLA counts channels from the top. Object ids are actor ids already; those that
    are not among `annotated` become 0.
    """
    points = np.frombuffer(measurement.raw_data, dtype=_DETECTION)
    counts = [measurement.get_point_count(k) for k in range(measurement.channels)]
    ring = np.repeat(np.arange(len(counts))[::-1], counts).astype(np.uint16)
    xyz = points["xyz"] * FLIP_Y.astype(np.float32)
    ids = points["object_id"]
    distance = np.linalg.norm(xyz, axis=1)
    return Sweep(
        points_m=np.ascontiguousarray(xyz, dtype=np.float32),
        intensity=np.exp(-lidar.atmosphere_attenuation * distance).astype(np.float32),
        ring=ring,
        object_id=np.where(np.isin(ids, annotated), ids, np.uint32(0)).astype(np.uint32),
        tag=points["tag"].astype(np.uint8),
        cos_incidence=points["cos"].astype(np.float32),
    )


def gnss(measurement: Any) -> GnssFix:
    """A fix, as it comes."""
    return GnssFix(
        latitude_deg=float(measurement.latitude),
        longitude_deg=float(measurement.longitude),
        altitude_m=float(measurement.altitude),
    )


def imu(measurement: Any) -> ImuReading:
    """A reading, in the right-handed frame."""
    acceleration, gyroscope = measurement.accelerometer, measurement.gyroscope
    return ImuReading(
        acceleration_mps2=np.array([acceleration.x, acceleration.y, acceleration.z]) * FLIP_Y,
        angular_velocity_radps=np.array([gyroscope.x, gyroscope.y, gyroscope.z]) * FLIP_AXIAL,
        compass_rad=float(measurement.compass),
    )


@numba.njit(cache=True)
def split_instances(
    pixels: UInt8[np.ndarray, "h w 4"],
) -> tuple[UInt8[np.ndarray, "h w"], UInt16[np.ndarray, "h w"]]:
    """(tag, raw id) of an instance image: the tag is in R, the id in G (low byte) and B."""
    height, width, _ = pixels.shape
    tag = np.empty((height, width), np.uint8)
    raw = np.empty((height, width), np.uint16)
    for y in range(height):
        for x in range(width):
            tag[y, x] = pixels[y, x, 2]
            raw[y, x] = np.uint16(pixels[y, x, 1]) | (np.uint16(pixels[y, x, 0]) << np.uint16(8))
    return tag, raw
