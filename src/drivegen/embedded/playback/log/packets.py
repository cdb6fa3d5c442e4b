"""The packets of CARLA's recordings: what each record holds, and which packet carries it.

Source: CARLA's documentation "Recorder Binary File Format" and, for packets that it does not describe yet,
the recorder of CARLA's public UE4 branch as of March to September 2025 (vehicle doors are packet 23 since
pull request 8779; weather, packet 24, came with 9556 after 0.9.16, which skips every packet unknown to it).

Lists count their records with 16 bits, as the recorder does; the documentation's sample of an Event Del
packet shows an older count of 32.

Numbers are CARLA's: left-handed, centimetres, degrees; rotations are (roll, pitch, yaw). Velocities are
metres per second, a walker's animation speed centimetres per second. `actor` is a recorded actor's id.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, Any

from drivegen.embedded.playback.log.layout import F32, F64, I32, U8, U32, U64, Flag, Many, Vector

MAGIC = "CARLA_RECORDER"
VERSION = 1
NO_ACTOR = 0xFFFFFFFF
"""In collisions: something that is not an actor."""
UNKNOWN_DURATION_S = -1.0
"""Of the last frame: a frame's duration is known when the next one begins."""


class PacketId(IntEnum):
    """What a packet holds."""

    FRAME_START = 0
    FRAME_END = 1
    EVENT_ADD = 2
    EVENT_DEL = 3
    EVENT_PARENT = 4
    COLLISION = 5
    POSITION = 6
    STATE = 7
    ANIM_VEHICLE = 8
    ANIM_WALKER = 9
    VEHICLE_LIGHT = 10
    SCENE_LIGHT = 11
    KINEMATICS = 12
    BOUNDING_BOX = 13
    PLATFORM_TIME = 14
    PHYSICS_CONTROL = 15
    TRAFFIC_LIGHT_TIME = 16
    TRIGGER_VOLUME = 17
    FRAME_COUNTER = 18
    WALKER_BONES = 19
    VISUAL_TIME = 20
    ANIM_VEHICLE_WHEELS = 21
    ANIM_BIKER = 22
    VEHICLE_DOOR = 23
    WEATHER = 24


class ActorType(IntEnum):
    """What kind of actor an `EventAdd` is about."""

    OTHER = 0
    VEHICLE = 1
    WALKER = 2
    TRAFFIC_LIGHT = 3
    TRAFFIC_SIGN = 4
    SENSOR = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameStart:
    """Begins a frame."""

    id: U64
    """From 1."""
    duration_s: F64
    """Until the next frame; `UNKNOWN_DURATION_S` for the last."""
    elapsed_s: F64
    """Since the first frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """A blueprint's attribute with its value."""

    type: U8
    id: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventAdd:
    """An actor came into being."""

    actor: U32
    type: U8
    location_cm: Vector
    rotation_deg: Vector
    uid: U32
    """Of the blueprint, in the library of the server that recorded."""
    blueprint: str
    attributes: Annotated[tuple[Attribute, ...], Many("H")]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDel:
    """An actor is gone."""

    actor: U32


@dataclass(frozen=True, slots=True, kw_only=True)
class EventParent:
    """An actor hangs on another."""

    actor: U32
    parent: U32


@dataclass(frozen=True, slots=True, kw_only=True)
class Collision:
    """Two actors touch."""

    id: U32
    """Counts collisions."""
    actor1: U32
    actor2: U32
    hero1: Flag
    hero2: Flag


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where an actor is."""

    actor: U32
    location_cm: Vector
    rotation_deg: Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class LightState:
    """What a traffic light shows."""

    actor: U32
    frozen: Flag
    elapsed_s: F32
    state: U8


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleAnimation:
    """What a driver does."""

    actor: U32
    steer: F32
    throttle: F32
    brake: F32
    hand_brake: Flag
    gear: I32


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkerAnimation:
    """How fast a walker goes."""

    actor: U32
    speed_cmps: F32


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleLights:
    """A vehicle's lights: CARLA's VehicleLightState flags."""

    actor: U32
    flags: U32


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneLight:
    """A street lamp or another light of the level has changed; its colour is linear, 0 to 1."""

    light: I32
    intensity: F32
    red: F32
    green: F32
    blue: F32
    alpha: F32
    on: Flag
    group: U8


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinematics:
    """How an actor moves."""

    actor: U32
    velocity_mps: Vector
    angular_velocity_dps: Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A bounding box in its actor's frame, or a trigger volume in the world's."""

    actor: U32
    origin_cm: Vector
    extent_cm: Vector
    """Half sizes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seconds:
    """A time: the clock's since the recording began, or that of visual effects."""

    seconds: F64


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """The server's own number of the frame."""

    frame: U64


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """A point of a torque or steering curve."""

    x: F32
    y: F32


@dataclass(frozen=True, slots=True, kw_only=True)
class Gear:
    """A forward gear."""

    ratio: F32
    down_ratio: F32
    up_ratio: F32


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelPhysics:
    """A wheel of `PhysicsControl`, in the client's units."""

    tire_friction: F32
    damping_rate: F32
    max_steer_angle: F32
    radius: F32
    max_brake_torque: F32
    max_handbrake_torque: F32
    lat_stiff_max_load: F32
    lat_stiff_value: F32
    long_stiff_value: F32
    position: Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class PhysicsControl:
    """A vehicle's constants, in the client's units."""

    actor: U32
    max_rpm: F32
    moi: F32
    damping_rate_full_throttle: F32
    damping_rate_zero_throttle_clutch_engaged: F32
    damping_rate_zero_throttle_clutch_disengaged: F32
    use_gear_autobox: Flag
    clutch_strength: F32
    final_ratio: F32
    mass: F32
    drag_coefficient: F32
    center_of_mass: Vector
    torque_curve: Annotated[tuple[CurvePoint, ...], Many("I")]
    forward_gears: Annotated[tuple[Gear, ...], Many("I")]
    steering_curve: Annotated[tuple[CurvePoint, ...], Many("I")]
    wheels: Annotated[tuple[WheelPhysics, ...], Many("I")]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficLightTime:
    """How long a traffic light shows its colours."""

    actor: U32
    green_s: F32
    yellow_s: F32
    red_s: F32


@dataclass(frozen=True, slots=True, kw_only=True)
class Bone:
    """A bone in its parent's frame."""

    name: str
    location_cm: Vector
    rotation_deg: Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkerBones:
    """A walker's pose."""

    actor: U32
    bones: Annotated[tuple[Bone, ...], Many("H")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheel:
    """How a wheel is turned."""

    place: U8
    """CARLA's VehicleWheelLocation: front left, front right, back left, back right."""
    steer_deg: F32
    """Positive to the right."""
    rotation_deg: F32
    """Rolled angle; falls when driving forwards, as Unreal's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleWheels:
    """A vehicle's wheels."""

    actor: U32
    wheels: Annotated[tuple[Wheel, ...], Many("I")]


@dataclass(frozen=True, slots=True, kw_only=True)
class BikerAnimation:
    """How a two-wheeler moves its rider."""

    actor: U32
    forward_speed_cmps: F32
    engine_rotation: F32
    """Share of the greatest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleDoor:
    """A vehicle's door was opened or closed."""

    actor: U32
    door: U8
    open: Flag


@dataclass(frozen=True, slots=True, kw_only=True)
class WeatherChange:
    """The weather, in the order of CARLA's weather parameters."""

    cloudiness: F32
    precipitation: F32
    precipitation_deposits: F32
    wind_intensity: F32
    sun_azimuth_angle: F32
    sun_altitude_angle: F32
    fog_density: F32
    fog_distance: F32
    fog_falloff: F32
    wetness: F32
    scattering_intensity: F32
    mie_scattering_scale: F32
    rayleigh_scattering_scale: F32
    dust_storm: F32


SINGLES: dict[PacketId, Any] = {
    PacketId.FRAME_START: FrameStart,
    PacketId.PLATFORM_TIME: Seconds,
    PacketId.VISUAL_TIME: Seconds,
    PacketId.FRAME_COUNTER: Counter,
}
"""Packets that are one record."""

LISTS: dict[PacketId, Any] = {
    PacketId.EVENT_ADD: EventAdd,
    PacketId.EVENT_DEL: EventDel,
    PacketId.EVENT_PARENT: EventParent,
    PacketId.COLLISION: Collision,
    PacketId.POSITION: Position,
    PacketId.STATE: LightState,
    PacketId.ANIM_VEHICLE: VehicleAnimation,
    PacketId.ANIM_WALKER: WalkerAnimation,
    PacketId.VEHICLE_LIGHT: VehicleLights,
    PacketId.SCENE_LIGHT: SceneLight,
    PacketId.KINEMATICS: Kinematics,
    PacketId.BOUNDING_BOX: Box,
    PacketId.PHYSICS_CONTROL: PhysicsControl,
    PacketId.TRAFFIC_LIGHT_TIME: TrafficLightTime,
    PacketId.TRIGGER_VOLUME: Box,
    PacketId.WALKER_BONES: WalkerBones,
    PacketId.ANIM_VEHICLE_WHEELS: VehicleWheels,
    PacketId.ANIM_BIKER: BikerAnimation,
    PacketId.VEHICLE_DOOR: VehicleDoor,
    PacketId.WEATHER: WeatherChange,
}
"""Packets that are a count of 16 bits and as many records."""
