"""The commands of `apply_batch`: on the wire `[[kind, body]]`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from drivegen.embedded.traffic_lights.states import LightState
from drivegen.embedded.wire.actors import ActorDescription, VehicleControl, WalkerControl
from drivegen.embedded.wire.codec import U8, U32, Plain, WireError, decoder_of
from drivegen.embedded.wire.physics import Moment3D, VehicleAckermannControl, VehiclePhysicsControl
from drivegen.embedded.wire.values import Transform, Vector3D

MAX_DO_AFTER_DEPTH = 8
"""`SpawnActor` carries commands that may spawn again; clients nest once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DestroyActor:
    """Kind 1."""

    actor: U32


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyVehicleControl:
    """Kind 2."""

    actor: U32
    control: VehicleControl


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyWalkerControl:
    """Kind 4."""

    actor: U32
    control: WalkerControl


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyTransform:
    """Kind 6."""

    actor: U32
    transform: Transform


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyWalkerState:
    """Kind 7."""

    actor: U32
    transform: Transform
    speed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyTargetVelocity:
    """Kind 8."""

    actor: U32
    velocity: Vector3D


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyTargetAngularVelocity:
    """Kind 9; degrees per second."""

    actor: U32
    angular_velocity: Vector3D


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyImpulse:
    """Kind 10; newton seconds."""

    actor: U32
    impulse: Vector3D


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSimulatePhysics:
    """Kind 14."""

    actor: U32
    enabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SetEnableGravity:
    """Kind 15."""

    actor: U32
    enabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAutopilot:
    """Kind 16."""

    actor: U32
    enabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SetVehicleLightState:
    """Kind 18."""

    actor: U32
    flags: U32


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyVehicleAckermannControl:
    """Kind 3."""

    actor: U32
    control: VehicleAckermannControl


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyVehiclePhysicsControl:
    """Kind 5."""

    actor: U32
    control: VehiclePhysicsControl


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyForce:
    """Kind 11; newton."""

    actor: U32
    force: Vector3D


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyAngularImpulse:
    """Kind 12; kg cm2 deg / s."""

    actor: U32
    impulse: Moment3D


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyTorque:
    """Kind 13; kg cm2 deg / s2."""

    actor: U32
    torque: Moment3D


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowDebugTelemetry:
    """Kind 17."""

    actor: U32
    enabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyLocation:
    """Kind 19."""

    actor: U32
    location: Vector3D


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTrafficLightState:
    """Kind 21."""

    actor: U32
    state: LightState


@dataclass(frozen=True, slots=True, kw_only=True)
class SpawnActor:
    """Kind 0."""

    description: ActorDescription
    transform: Transform
    parent: U32 | None
    attachment: U8
    """Garbage on the wire when there is no parent: the client does not set it."""
    socket: str
    do_after: tuple[Command, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsupportedCommand:
    """A command of CARLA that this server does not carry out."""

    name: str


Command = (
    SpawnActor
    | DestroyActor
    | ApplyVehicleControl
    | ApplyWalkerControl
    | ApplyTransform
    | ApplyWalkerState
    | ApplyTargetVelocity
    | ApplyTargetAngularVelocity
    | ApplyImpulse
    | SetSimulatePhysics
    | SetEnableGravity
    | SetAutopilot
    | SetVehicleLightState
    | ApplyVehicleAckermannControl
    | ApplyVehiclePhysicsControl
    | ApplyForce
    | ApplyAngularImpulse
    | ApplyTorque
    | ShowDebugTelemetry
    | ApplyLocation
    | SetTrafficLightState
    | UnsupportedCommand
)

BODIES: dict[int, type] = {
    1: DestroyActor,
    2: ApplyVehicleControl,
    3: ApplyVehicleAckermannControl,
    4: ApplyWalkerControl,
    5: ApplyVehiclePhysicsControl,
    6: ApplyTransform,
    7: ApplyWalkerState,
    8: ApplyTargetVelocity,
    9: ApplyTargetAngularVelocity,
    10: ApplyImpulse,
    11: ApplyForce,
    12: ApplyAngularImpulse,
    13: ApplyTorque,
    14: SetSimulatePhysics,
    15: SetEnableGravity,
    16: SetAutopilot,
    17: ShowDebugTelemetry,
    18: SetVehicleLightState,
    19: ApplyLocation,
    21: SetTrafficLightState,
}
"""Bodies by kind; 0, SpawnActor, is recursive and read by `_spawn`."""

KIND_OF: dict[type, int] = {body: kind for kind, body in BODIES.items()}

UNSUPPORTED = {
    20: "ConsoleCommand",
}

_decoders: dict[int, Callable[[Plain], Any]] = {kind: decoder_of(body) for kind, body in BODIES.items()}
_decode_description = decoder_of(ActorDescription)
_decode_transform = decoder_of(Transform)
_decode_parent = decoder_of(U32 | None)
_decode_attachment = decoder_of(U8)
_decode_socket = decoder_of(str)


def decode_command(value: Plain, depth: int = 0) -> Command:
    """A command from msgpack's plain values. Raises WireError."""
    if type(value) is not list or len(value) != 1 or type(value[0]) is not list or len(value[0]) != 2:
        raise WireError("a command is [[kind, body]]")
    kind, body = value[0]
    decoder = _decoders.get(kind) if type(kind) is int else None
    if decoder is not None:
        return decoder(body)
    if kind == 0 and type(kind) is int:
        return _spawn(body, depth)
    if type(kind) is int and kind in UNSUPPORTED:
        return UnsupportedCommand(name=UNSUPPORTED[kind])
    raise WireError(f"a command's kind is a number from 0 to 21, not {str(kind)[:40]}")


def _spawn(body: Plain, depth: int) -> SpawnActor:
    if depth >= MAX_DO_AFTER_DEPTH:
        raise WireError(f"spawn commands nested more than {MAX_DO_AFTER_DEPTH} deep")
    if type(body) is not list or len(body) != 6 or type(body[5]) is not list:
        raise WireError(
            "SpawnActor has 6 fields: description, transform, parent, attachment, socket, do_after"
        )
    return SpawnActor(
        description=_decode_description(body[0]),
        transform=_decode_transform(body[1]),
        parent=_decode_parent(body[2]),
        attachment=_decode_attachment(body[3]),
        socket=_decode_socket(body[4]),
        do_after=tuple([decode_command(c, depth + 1) for c in body[5]]),
    )
