"""What sensors deliver. All vectors are right-handed; the wire turns them into CARLA's frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64, UInt8, UInt32


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CameraImage:
    """One image of any of the cameras, as CARLA lays it out: blue, green, red, alpha; alpha is 255.

    sensor.camera.rgb: sRGB. sensor.camera.depth: distance along the optical axis, 24 bit over 1000 m,
    least significant byte in red. sensor.camera.semantic_segmentation: tag in red.
    sensor.camera.instance_segmentation: tag in red, low byte of the object id in green, next byte in blue.
    sensor.camera.normals: the world's x, y (CARLA's, to the right), z from -1..1 in red, green, blue.
    """

    bgra: UInt8[np.ndarray, "h w 4"]
    fov_deg: float
    """Horizontal field of view."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FlowImage:
    """One image of sensor.camera.optical_flow."""

    flow: Float32[np.ndarray, "h w 2"]
    """Motion since the image before: to the right in halves of the width, up in halves of the height."""
    fov_deg: float


EVENT = np.dtype([("x", "<u2"), ("y", "<u2"), ("t", "<i8"), ("pol", "u1")])
"""Column, row, simulation time in nanoseconds, 1 for brighter; packed, as CARLA sends it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PixelEvents:
    """What sensor.camera.dvs has seen since the image before."""

    events: np.ndarray
    """Of dtype EVENT, (n,), by time."""
    width_px: int
    height_px: int
    fov_deg: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LidarScan:
    """n points of sensor.lidar.ray_cast, grouped by channel from the top one down, in firing order."""

    horizontal_angle_rad: float
    """Where the next sweep begins, as CARLA reports it: clockwise, within the horizontal field of view."""
    channel_counts: UInt32[np.ndarray, "c"]
    """Points of each channel; they sum to n."""
    points: Float32[np.ndarray, "n 4"]
    """x, y, z in metres in the sensor's right-handed frame, intensity 0-1."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SemanticScan:
    """n points of sensor.lidar.ray_cast_semantic, grouped as in `LidarScan`; never dropped, no noise."""

    horizontal_angle_rad: float
    channel_counts: UInt32[np.ndarray, "c"]
    points_m: Float32[np.ndarray, "n 3"]
    """In the sensor's right-handed frame."""
    cos_incidence: Float32[np.ndarray, "n"]
    """Between the ray and the surface's normal, 0-1."""
    object_id: UInt32[np.ndarray, "n"]
    """Actor id; 0 for scenery."""
    tag: UInt32[np.ndarray, "n"]
    """`drivegen.core.tags.Tag`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GnssFix:
    """sensor.other.gnss: degrees and metres."""

    latitude_deg: float
    longitude_deg: float
    altitude_m: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ImuReading:
    """sensor.other.imu, in the sensor's right-handed frame."""

    acceleration_mps2: Float64[np.ndarray, "3"]
    """Specific force: at rest it points up with the size of gravity. A polar vector (wire: FLIP_Y)."""
    angular_velocity_radps: Float64[np.ndarray, "3"]
    """An axial vector (wire: FLIP_AXIAL)."""
    compass_rad: float
    """From north (CARLA's -y, here +y), clockwise seen from above, in [0, 2 pi)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RadarScan:
    """n detections of sensor.other.radar."""

    detections: Float32[np.ndarray, "n 4"]
    """Velocity in m/s, positive for what goes away; azimuth in radians, counter-clockwise (to the left);
    altitude in radians, upwards; distance in metres. The wire turns the azimuth round.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """What a sensor came upon."""

    object_id: int
    """Actor id; 0 for scenery."""
    tag: int
    """`drivegen.core.tags.Tag` of the surface; 0 where the actor tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObstacleEvent:
    """sensor.other.obstacle."""

    other: Met
    distance_m: float
    """How far the sphere goes until it touches."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CollisionEvent:
    """sensor.other.collision."""

    other: Met
    impulse_ns: Float64[np.ndarray, "3"]
    """Given to the sensor's parent in this tick, newton seconds, right-handed world frame."""


CameraData = CameraImage | FlowImage | PixelEvents
Measurement = CameraData | LidarScan | SemanticScan | GnssFix | ImuReading | RadarScan
"""What a sensor delivers whenever it is due."""
Event = ObstacleEvent | CollisionEvent
"""What a sensor delivers when something happens: none, one, or several in a tick."""
