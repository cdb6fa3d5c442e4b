"""CARLA's value structs: geometry, settings, weather, maps. Fields in wire order, CARLA's frame and units.

Shapes: facts read from the 0.9.16 client and exercised with it; checked by tests against recorded calls.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated

from drivegen.embedded.wire.codec import I32, U8, U32, U64, FloatRange

GREATEST = 1e9
"""Of any coordinate, angle, velocity or push: a million kilometres. What is further off can only do harm."""
Coordinate = Annotated[float, FloatRange(-GREATEST, GREATEST)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector2D:
    """Two numbers."""

    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector3D:
    """A free vector, or a location in metres."""

    x: Coordinate
    y: Coordinate
    z: Coordinate


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """Degrees."""

    pitch: Coordinate
    yaw: Coordinate
    roll: Coordinate


@dataclass(frozen=True, slots=True, kw_only=True)
class Transform:
    """Location in metres and rotation in degrees."""

    location: Vector3D
    rotation: Rotation


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundingBox:
    """A box in its owner's frame, or in the world's for level boxes."""

    location: Vector3D
    extent: Vector3D
    """Half sizes."""
    rotation: Rotation
    actor_id: U32 = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """Where a stream is found: 24 bytes."""

    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeInfo:
    """The running episode and its snapshot stream."""

    id: U64
    token: Token


@dataclass(frozen=True, slots=True, kw_only=True)
class MapInfo:
    """The map's name and where vehicles may be spawned."""

    name: str
    spawn_points: tuple[Transform, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeSettings:
    """How time passes."""

    synchronous_mode: bool
    no_rendering_mode: bool
    fixed_delta_seconds: float | None
    substepping: bool
    max_substep_delta_time: float
    max_substeps: I32
    max_culling_distance: float
    deterministic_ragdolls: bool
    tile_stream_distance: float
    actor_active_distance: float
    spectator_as_ego: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WeatherParameters:
    """The 14 parameters; see `drivegen.core.weather.Weather`."""

    cloudiness: float
    precipitation: float
    precipitation_deposits: float
    wind_intensity: float
    sun_azimuth_angle: float
    sun_altitude_angle: float
    fog_density: float
    fog_distance: float
    fog_falloff: float
    wetness: float
    scattering_intensity: float
    mie_scattering_scale: float
    rayleigh_scattering_scale: float
    dust_storm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OpendriveGenerationParameters:
    """How CARLA would mesh a map given as text."""

    vertex_distance: float
    max_road_length: float
    wall_height: float
    additional_width: float
    smooth_junctions: bool
    enable_mesh_visibility: bool
    enable_pedestrian_navigation: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Color:
    """sRGB."""

    r: U8
    g: U8
    b: U8


@dataclass(frozen=True, slots=True, kw_only=True)
class LightState:
    """A street light."""

    id: U32
    location: Vector3D
    intensity: float
    group: U8
    color: Color
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentObject:
    """A piece of the level that is not an actor."""

    transform: Transform
    bounding_box: BoundingBox
    id: U64
    name: str
    type: U8


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledPoint:
    """Where a ray meets something, and what."""

    location: Vector3D
    label: U8


@dataclass(frozen=True, slots=True, kw_only=True)
class EndPoint:
    """Where a Traffic Manager listens."""

    address: str
    port: I32


class AttachmentType(IntEnum):
    """How an actor follows its parent."""

    RIGID = 0
    SPRING_ARM = 1
    SPRING_ARM_GHOST = 2
