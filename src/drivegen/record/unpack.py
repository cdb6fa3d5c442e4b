"""Raw sensor data of the carla client to the arrays of a frame."""

from __future__ import annotations

from typing import Any

import cv2
import numba
import numpy as np
from jaxtyping import Float32, UInt8, UInt16

from drivegen.capture.frame import GnssFix, ImuReading
from drivegen.core.handedness import FLIP_AXIAL, FLIP_Y

DEPTH_FAR_M = 1000.0
"""CARLA's depth images are metres / 1000 in 24 bits."""

SKY_FROM_M = 990.0
"""What is deeper was not hit: CARLA draws the sky at the far end."""


def bgra(image: Any) -> UInt8[np.ndarray, "h w 4"]:
    """A view of a `carla.Image`; valid as long as the image lives."""
    return np.frombuffer(image.raw_data, dtype=np.uint8).reshape(image.height, image.width, 4)


def color(pixels: UInt8[np.ndarray, "h w 4"]) -> UInt8[np.ndarray, "h w 3"]:
    """A copy without alpha."""
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGRA2BGR))


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
