"""Sensors and rigs: what an agent carries."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from drivegen.core.geometry import Mat3, Pose

OPTICAL_FROM_MOUNT = np.array([[0.0, -1.0, 0.0], [0.0, 0.0, -1.0], [1.0, 0.0, 0.0]])
"""Rotates (x forward, y left, z up) into the optical frame (x right, y down, z forward)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Camera:
    """A pinhole camera with square pixels, its principal point in the middle of the image."""

    name: str
    """Channel name, for example CAM_FRONT."""
    agent_sensor: Pose
    """Mount in the agent's frame; x forward along the optical axis, y left, z up."""
    width_px: int
    height_px: int
    fov_deg: float
    """Horizontal field of view."""
    period_s: float
    """Time between images; a multiple of the tick."""

    @property
    def focal_px(self) -> float:
        """Focal length in pixels, both axes."""
        return self.width_px / (2.0 * math.tan(math.radians(self.fov_deg) / 2.0))

    @property
    def intrinsic(self) -> Mat3:
        """K of the optical frame; the centre of the top left pixel is at (0.5, 0.5)."""
        f = self.focal_px
        return np.array([[f, 0.0, self.width_px / 2.0], [0.0, f, self.height_px / 2.0], [0.0, 0.0, 1.0]])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lidar:
    """A spinning LiDAR that covers 360 degrees in every delivered sweep."""

    name: str
    agent_sensor: Pose
    channels: int
    upper_fov_deg: float
    lower_fov_deg: float
    range_m: float
    columns: int
    """Directions around the circle in a sweep; channels x columns rays."""
    period_s: float
    atmosphere_attenuation: float = 0.004
    """Per metre; intensity is exp(-attenuation * range) as CARLA defines it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Gnss:
    """A satellite receiver: latitude, longitude, altitude."""

    name: str
    agent_sensor: Pose
    period_s: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Imu:
    """Acceleration, angular velocity, compass."""

    name: str
    agent_sensor: Pose
    period_s: float


Sensor = Camera | Lidar | Gnss | Imu


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rig:
    """An agent's sensors with their mounting. Agent frame: x forward, y left, z up, on the ground."""

    name: str
    sensors: tuple[Sensor, ...]

    @property
    def cameras(self) -> tuple[Camera, ...]:
        """The cameras, in the order of the rig."""
        return tuple(s for s in self.sensors if isinstance(s, Camera))

    @property
    def lidars(self) -> tuple[Lidar, ...]:
        """The LiDARs, in the order of the rig."""
        return tuple(s for s in self.sensors if isinstance(s, Lidar))
