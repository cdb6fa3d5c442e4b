"""Spray behind vehicles on a wet road, in LiDARs.

After Linnhoff et al. 2022, "Simulating Road Spray Effects in Automotive Lidar Sensor Models" (IEEE Sensors
J.), spray is a cloud that hangs behind each moving vehicle, grows with its speed and with the water on the
road, is seen by the LiDAR as patches of returns, and hides what is behind it; Walz et al. 2021, "A Benchmark
for Spray from Nearby Cutting Vehicles" (ITSC), shows the same in the field. The cloud's form and its figures
are drivegen's: a box behind the vehicle whose extinction falls off to the rear, made patchy by a random
factor of mean 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from jaxtyping import Float32, Float64, Int64

from drivegen.core.geometry import Box, Pose
from drivegen.record.degradation.dice import gamma4, uniform

LEAST_SPEED_MPS = 7.0
"""Slower tyres only splash."""
REFERENCE_SPEED_MPS = 25.0
EXTINCTION_PER_M = 0.35
"""Right behind a car at the reference speed, per millimetre of water."""
TAIL_S = 0.6
"""The cloud reaches as far as the vehicle comes in this time."""
LONGEST_M = 15.0
FALL_OFF = 2.5
"""Extinction at the end of the cloud is exp(-this) of that behind the vehicle."""
LIDAR_RATIO_SR = 18.5
"""Of water droplets (O'Connor, Illingworth and Hogan 2004, "A Technique for Autocalibration of Cloud
Lidar")."""
PATCH_M = 0.6
"""Size of patches that are denser or thinner as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cloud:
    """The spray of one vehicle, in the world frame."""

    box: Box
    """Its x axis points the way of the vehicle; the front face is at the vehicle's rear."""
    extinction_per_m: float
    """At the front face."""


def cloud_of(vehicle: Box, speed_mps: float, film_mm: float) -> Cloud | None:
    """The cloud behind a vehicle; none when it is slow or the road dry.

    Args:
        vehicle: Its box, x axis forward.
        speed_mps: Along that axis.
        film_mm: Water on the road.
    """
    if film_mm <= 0.0 or speed_mps < LEAST_SPEED_MPS:
        return None
    length, width, height = (float(v) for v in vehicle.size_m)
    reach = min(TAIL_S * speed_mps, LONGEST_M)
    # A lorry's wheels throw up more than a car's, to the height of its tail.
    size = np.array([reach, width * 1.3, min(height, 1.0 + 0.5 * max(height - 1.4, 0.0))])
    offset = np.array([-(length + reach) / 2.0, 0.0, (size[2] - height) / 2.0])
    pose = Pose(
        position_m=vehicle.pose.position_m + vehicle.pose.rotation @ offset,
        orientation_wxyz=vehicle.pose.orientation_wxyz,
    )
    strength = EXTINCTION_PER_M * film_mm * (speed_mps / REFERENCE_SPEED_MPS) ** 2 * max(height / 1.5, 1.0)
    return Cloud(box=Box(pose=pose, size_m=size), extinction_per_m=strength)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SprayPath:
    """Where beams go through spray: of each beam the thickest cloud that it meets."""

    enter_m: Float32[np.ndarray, "beams"]
    """Infinite where there is none."""
    leave_m: Float32[np.ndarray, "beams"]
    extinction_per_m: Float32[np.ndarray, "beams"]
    """Mean along the way."""


def paths(
    clouds: Sequence[Cloud],
    map_sensor: Pose,
    directions: Float32[np.ndarray, "beams 3"],
    seed: int,
) -> SprayPath | None:
    """Ways of beams through clouds; none when no cloud is there.

    Args:
        clouds: In the world frame.
        map_sensor: Where the beams begin.
        directions: Unit length, in the sensor's frame.
        seed: Of the patches.
    """
    if not clouds:
        return None
    beams = len(directions)
    out = SprayPath(
        enter_m=np.full(beams, np.inf, np.float32),
        leave_m=np.full(beams, np.inf, np.float32),
        extinction_per_m=np.zeros(beams, np.float32),
    )
    for number, cloud in enumerate(clouds):
        cloud_sensor = cloud.box.pose.inverse() @ map_sensor
        near = _beams_near(cloud_sensor.inverse().position_m, cloud.box.size_m, directions)
        _cross(
            near,
            directions,
            cloud_sensor.rotation,
            cloud_sensor.position_m,
            cloud.box.size_m / 2.0,
            cloud.extinction_per_m,
            np.uint64(seed),
            np.uint64(number),
            out.enter_m,
            out.leave_m,
            out.extinction_per_m,
        )
    return out


def _beams_near(
    centre_m: Float64[np.ndarray, "3"],
    size_m: Float64[np.ndarray, "3"],
    directions: Float32[np.ndarray, "b 3"],
) -> Int64[np.ndarray, "n"]:
    """Beams that pass the ball around a box."""
    apart = float(np.linalg.norm(centre_m))
    radius = float(np.linalg.norm(size_m)) / 2.0
    if apart <= radius:
        return np.arange(len(directions))
    along = directions @ (centre_m / apart).astype(np.float32)
    return np.flatnonzero(along >= np.float32(np.sqrt(1.0 - (radius / apart) ** 2)))


@numba.njit(cache=True)
def _cross(
    near: Int64[np.ndarray, "n"],
    directions: Float32[np.ndarray, "beams 3"],
    turn: Float64[np.ndarray, "3 3"],
    origin: Float64[np.ndarray, "3"],
    half: Float64[np.ndarray, "3"],
    extinction: float,
    seed: Any,
    number: Any,
    enter: Float32[np.ndarray, "beams"],
    leave: Float32[np.ndarray, "beams"],
    mean: Float32[np.ndarray, "beams"],
) -> None:
    for k in range(len(near)):
        b = near[k]
        first, last = 0.0, 1e9
        ahead = 0.0
        for axis in range(3):
            d = (
                turn[axis, 0] * directions[b, 0]
                + turn[axis, 1] * directions[b, 1]
                + turn[axis, 2] * directions[b, 2]
            )
            if axis == 0:
                ahead = d
            if abs(d) < 1e-12:
                if abs(origin[axis]) > half[axis]:
                    last = -1.0
                continue
            near_side = (-half[axis] - origin[axis]) / d
            far_side = (half[axis] - origin[axis]) / d
            first = max(first, min(near_side, far_side))
            last = min(last, max(near_side, far_side))
        if last <= first:
            continue
        middle = (first + last) / 2.0
        behind = (half[0] - (origin[0] + ahead * middle)) / (2.0 * half[0])
        strength = extinction * np.exp(-2.5 * behind)
        # Beams through one patch share its density; the patch is that around the middle of the way.
        cell = np.uint64(0)
        for axis in range(3):
            d = (
                turn[axis, 0] * directions[b, 0]
                + turn[axis, 1] * directions[b, 1]
                + turn[axis, 2] * directions[b, 2]
            )
            place = np.floor((origin[axis] + d * middle) / 0.6) + 512.0
            cell = cell * np.uint64(1024) + np.uint64(min(max(place, 0.0), 1023.0))
        patch = -np.log(max(uniform(seed + number * np.uint64(7919), cell), 1e-9))
        strength *= patch * gamma4(seed ^ np.uint64(0x5BD1E995), np.uint64(b))
        if strength * (last - first) > mean[b] * (leave[b] - enter[b] if mean[b] > 0.0 else 0.0):
            enter[b], leave[b], mean[b] = first, last, strength
