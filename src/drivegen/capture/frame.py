"""Frames: all data of one simulation tick, as the recorder hands them to the writer.

World frame and agent frames are right-handed (x forward, y left, z up), metres, radians.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float32, UInt8, UInt16, UInt32

from drivegen.core.geometry import Pose, Vec3
from drivegen.core.labels import ObjectLabel

EGO = "ego"
"""Name of the agent that `ScenePlan.ego` describes."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CameraImage:
    """What one camera delivered in one frame. All images are (h, w) of the camera in the rig."""

    bgr: UInt8[np.ndarray, "h w 3"]
    depth_m: Float32[np.ndarray, "h w"]
    """Along the optical axis; 0 where nothing was hit. Kept at 1/256 m; 255.99 m and more become 0."""
    tag: UInt8[np.ndarray, "h w"]
    """`drivegen.core.tags.Tag`."""
    instance: UInt16[np.ndarray, "h w"]
    """Low 16 bits of the object id; 0 for scenery."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sweep:
    """One sweep of a LiDAR: n returns."""

    points_m: Float32[np.ndarray, "n 3"]
    """In the sensor's frame (x forward, y left, z up)."""
    intensity: Float32[np.ndarray, "n"]
    """0..1."""
    ring: UInt16[np.ndarray, "n"]
    """Channel that fired; 0 is the lowest."""
    object_id: UInt32[np.ndarray, "n"]
    """Actor ids; 0 for scenery."""
    tag: UInt8[np.ndarray, "n"]
    """`drivegen.core.tags.Tag`."""
    cos_incidence: Float32[np.ndarray, "n"] | None = None
    """Cosine of the angle between ray and surface normal, where the sensor gives it."""

    def __len__(self) -> int:
        return len(self.points_m)


@dataclass(frozen=True, slots=True, kw_only=True)
class GnssFix:
    """What a satellite receiver said."""

    latitude_deg: float
    longitude_deg: float
    altitude_m: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ImuReading:
    """What an inertial unit said, in the sensor's frame."""

    acceleration_mps2: Vec3
    """Specific force: +9.81 along z at rest."""
    angular_velocity_radps: Vec3
    compass_rad: float
    """Clockwise from north."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AgentFrame:
    """One agent in one frame: where it is and what its sensors delivered.

    Motion is in the world frame. A sensor that is not due has no entry.
    """

    map_agent: Pose
    velocity_mps: Vec3
    acceleration_mps2: Vec3
    angular_velocity_radps: Vec3
    images: dict[str, CameraImage] = field(default_factory=dict)
    """By channel."""
    sweeps: dict[str, Sweep] = field(default_factory=dict)
    """By channel."""
    gnss: dict[str, GnssFix] = field(default_factory=dict)
    """By channel."""
    imu: dict[str, ImuReading] = field(default_factory=dict)
    """By channel."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """All data of one tick that is recorded."""

    index: int
    """0, 1, 2 ... without gaps through the capture."""
    time_ns: int
    """Simulation time."""
    keyframe: bool
    """True every `ScenePlan.keyframe_s` from the first frame on."""
    agents: dict[str, AgentFrame]
    """By name; the ego vehicle is `EGO`."""
    objects: tuple[ObjectLabel, ...]
    """All annotated objects, by ascending track id; the ego itself is none of them. Keys of their cameras
    and LiDARs are channel names; those of agents other than the ego are `agent/channel`."""
    signals: dict[str, str]
    """State (red, yellow, green, off) by OpenDRIVE signal id."""
