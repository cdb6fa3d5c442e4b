"""Frames: all data of one simulation tick, as the recorder hands them to the writer.

World frame and agent frames are right-handed (x forward, y left, z up), metres, radians.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from jaxtyping import Float32, Int8, UInt8, UInt16, UInt32

from drivegen.core import agents
from drivegen.core.cooperation import Belief, Exchange
from drivegen.core.geometry import Pose, Vec3
from drivegen.core.labels import ObjectLabel

EGO = agents.EGO
"""Name of the agent that `ScenePlan.ego` describes."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CameraImage:
    """What one camera delivered in one frame. All images are (h, w) of the camera in the rig."""

    bgr: UInt8[np.ndarray, "h w 3"]
    depth_m: Float32[np.ndarray, "h w"]
    """Along the optical axis, or along the ray (`Camera.depth_along_ray`); 0 where nothing was hit. Kept at
    1/256 m; 255.99 m and more become 0."""
    tag: UInt8[np.ndarray, "h w"]
    """`drivegen.core.tags.Tag`."""
    instance: UInt16[np.ndarray, "h w"]
    """Low 16 bits of the object id; 0 for scenery. Objects behind dirt on the glass are here all the same."""
    soiling: UInt8[np.ndarray, "h w"] | None = None
    """Of cameras with soiling: the share of a pixel's light that does not come from the scene's own point
    there, 0 clean .. 255 opaque. The same in all images of a scene; kept once."""


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
    """Cosine of the angle between ray and surface normal, where the sensor gives it; 0 for clutter."""
    clutter: UInt8[np.ndarray, "n"] | None = None
    """`Clutter`. What no surface gave has object id 0 and `Tag.NONE`. None: there is nothing of the kind."""
    return_index: UInt8[np.ndarray, "n"] | None = None
    """0 for the strongest return of a beam, 1 for the other one; of a LiDAR with two returns."""
    time_offset_s: Float32[np.ndarray, "n"] | None = None
    """When the point was met, against the frame's time (not positive); it is in the frame that the sensor had
    then. None: the whole sweep shows the frame's instant."""

    def __len__(self) -> int:
        return len(self.points_m)


class Clutter(IntEnum):
    """What a LiDAR return came from."""

    SURFACE = 0
    RAIN = 1
    SNOW = 2
    FOG = 3
    DUST = 4
    SPRAY = 5


class Echo(IntEnum):
    """What a radar detection came from."""

    OBJECT = 0
    """An annotated object."""
    STATIC = 1
    """Road, buildings and all else that is not annotated."""
    GHOST = 2
    """Mirror image of something, or its echo by way of the carrier."""
    NOISE = 3
    """Thermal noise over the threshold."""
    WEATHER = 4
    """Rain or snow."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RadarScan:
    """One measurement of a radar: n detections, by ascending range."""

    range_m: Float32[np.ndarray, "n"]
    azimuth_rad: Float32[np.ndarray, "n"]
    """In the sensor's frame, positive to the left."""
    elevation_rad: Float32[np.ndarray, "n"]
    """In the sensor's frame, positive upwards; 0 where the radar does not measure it."""
    velocity_mps: Float32[np.ndarray, "n"]
    """Radial, as measured: positive for what goes away, folded into the unambiguous interval."""
    compensated_mps: Float32[np.ndarray, "n"]
    """Radial, without the sensor's own motion and unfolded: 0 for what stands."""
    rcs_dbsm: Float32[np.ndarray, "n"]
    """Radar cross section as measured, with its fluctuation."""
    snr_db: Float32[np.ndarray, "n"]
    object_id: UInt32[np.ndarray, "n"]
    """Actor ids; 0 for all that is not an annotated object."""
    echo: UInt8[np.ndarray, "n"]
    """`Echo`."""
    ambiguity: Int8[np.ndarray, "n"]
    """How many unambiguous intervals were folded away; 0: the velocity is as it is."""

    def __len__(self) -> int:
        return len(self.range_m)

    @property
    def points_m(self) -> Float32[np.ndarray, "n 3"]:
        """In the sensor's frame."""
        level = self.range_m * np.cos(self.elevation_rad)
        points = (
            level * np.cos(self.azimuth_rad),
            level * np.sin(self.azimuth_rad),
            self.range_m * np.sin(self.elevation_rad),
        )
        return np.stack(points, axis=1)


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
    radars: dict[str, RadarScan] = field(default_factory=dict)
    """By channel."""
    gnss: dict[str, GnssFix] = field(default_factory=dict)
    """By channel."""
    imu: dict[str, ImuReading] = field(default_factory=dict)
    """By channel."""
    track_id: int | None = None
    """Of the vehicle that carries the agent, among the frame's objects (the ego's: of `body`)."""
    body: ObjectLabel | None = None
    """The ego's own label, where there are other agents that see it; nothing of those, whose bodies are among
    the frame's objects."""
    belief: Belief | None = None
    """None of an agent in a scene where everybody knows the truth."""

    @property
    def delivered(self) -> tuple[str, ...]:
        """Channels that delivered, by name."""
        return tuple(sorted((*self.images, *self.sweeps, *self.radars, *self.gnss, *self.imu)))


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
    exchange: Exchange | None = None
    """What agents told one another; none where nobody talks."""

    def around(self, agent: str) -> tuple[ObjectLabel, ...]:
        """Objects as an agent has them, by ascending track id: with the ego, without its own body."""
        return objects_around(self.objects, self.agents[EGO].body, self.agents[agent].track_id)


def objects_around(
    objects: Iterable[ObjectLabel], body: ObjectLabel | None, own: int | None
) -> tuple[ObjectLabel, ...]:
    """Objects and the ego's body, but for the one that carries the agent; by ascending track id."""
    bodies = (body,) if body is not None else ()
    found = (o for o in (*objects, *bodies) if o.track_id != own)
    return tuple(sorted(found, key=lambda o: o.track_id))
