"""Structs that describe actors and steer them. Fields in wire order, CARLA's frame and units."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from drivegen.embedded.wire.codec import I32, U32
from drivegen.embedded.wire.values import BoundingBox, Transform, Vector3D


class AttributeType(IntEnum):
    """How the client reads an attribute's text. 0 is invalid."""

    BOOL = 1
    INT = 2
    FLOAT = 3
    STRING = 4
    COLOR = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorAttribute:
    """An attribute of a blueprint."""

    id: str
    type: AttributeType
    value: str
    recommended_values: tuple[str, ...]
    is_modifiable: bool
    restrict_to_recommended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorDefinition:
    """A blueprint."""

    uid: U32
    id: str
    tags: str
    """Comma separated."""
    attributes: tuple[ActorAttribute, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorAttributeValue:
    """An attribute of an actor."""

    id: str
    type: AttributeType
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorDescription:
    """What to spawn: a blueprint with its values."""

    uid: U32
    id: str
    attributes: tuple[ActorAttributeValue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """What the client keeps of an actor, for good."""

    id: U32
    parent_id: U32
    """0 without parent."""
    description: ActorDescription
    bounding_box: BoundingBox
    semantic_tags: bytes
    stream_token: bytes
    """Empty for an actor without a stream."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleControl:
    """What a driver does."""

    throttle: float
    steer: float
    brake: float
    hand_brake: bool
    reverse: bool
    manual_gear_shift: bool
    gear: I32


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkerControl:
    """Where a walker goes."""

    direction: Vector3D
    speed: float
    jump: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleLightState:
    """CARLA's VehicleLightState flags."""

    flags: U32


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkerBones:
    """All bones of a walker (WalkerBoneControlOut)."""

    bones: tuple[Any, ...]
    """[name, world, component, relative] of each, with transforms as plain lists: a recorder asks for the
    many bones of many walkers in every frame. The relative one is in the frame of the bone before it.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkerPose:
    """Bones to set (WalkerBoneControlIn): names, and poses in the frame of the bone before each."""

    bones: tuple[tuple[str, Transform], ...]
