"""What a receiver makes of messages about road users: boxes in its own world frame, as they were said."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from drivegen.core.actors import PEOPLE, ObjectClass
from drivegen.core.cooperation import MessageKind
from drivegen.core.geometry import Box, Pose, Vec3
from drivegen.v2x.bsm import Bsm
from drivegen.v2x.builders.states import NINETY_FIVE
from drivegen.v2x.classes import class_of
from drivegen.v2x.codec import Message
from drivegen.v2x.geodesy import MapProjection
from drivegen.v2x.parts import BodySize, Gear, GeoPosition, PlacePrecision
from drivegen.v2x.rsm import Participant, Rsm
from drivegen.v2x.ssm import Ssm

_DEFAULT_M = (4.6, 1.9, 1.6)
_DEFAULT_PERSON_M = (0.5, 0.6, 1.7)
"""Sizes (length, width, height) of those whose sizes are not said."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeardObject:
    """One road user as a message has it."""

    kind: MessageKind
    sender_id: bytes
    number: int
    """The sender's own of a participant; 0 for the sender itself."""
    object_class: ObjectClass | None
    box: Box
    """World frame, by the receiver's projection."""
    velocity_mps: Vec3
    """World frame; zero where the speed is not said."""
    second_s: float | None
    """Of the sender's clock, within the minute: see `drivegen.v2x.stamps.stamp_near`."""
    sigma_m: float | None
    """Standard deviation of the position, each axis, from the stated class of precision."""


def heard_objects(message: Message, projection: MapProjection) -> tuple[HeardObject, ...]:
    """Road users of a BSM, RSM or SSM; of other messages none."""
    if isinstance(message, Bsm):
        said = _said(message.position, message.size, message.precision, message.speed_mps)
        name = class_of(message.body_class)
        return (_object(MessageKind.BSM, message.sender_id, 0, name, said, message, projection),)
    if isinstance(message, Rsm):
        some = ((MessageKind.RSM, p) for p in message.participants)
    elif isinstance(message, Ssm):
        some = ((MessageKind.SSM, d.participant) for d in message.detected)
    else:
        return ()
    return tuple(
        _object(
            kind,
            message.sender_id,
            p.number,
            class_of(p.body_class, p.kind),
            _said(p.position, p.size, p.precision, p.speed_mps),
            p,
            projection,
        )
        for kind, p in some
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    position: GeoPosition
    size: BodySize
    precision: PlacePrecision | None
    speed_mps: float


def _said(
    position: GeoPosition, size: BodySize, precision: PlacePrecision | None, speed_mps: float | None
) -> _Said:
    return _Said(position=position, size=size, precision=precision, speed_mps=speed_mps or 0.0)


def _object(
    kind: MessageKind,
    sender_id: bytes,
    number: int,
    object_class: ObjectClass | None,
    said: _Said,
    whole: Bsm | Participant,
    projection: MapProjection,
) -> HeardObject:
    usual = _DEFAULT_PERSON_M if object_class in PEOPLE else _DEFAULT_M
    stated = (said.size.length_m, said.size.width_m, said.size.height_m)
    size = np.array([own or default for own, default in zip(stated, usual, strict=True)])
    foot = projection.place(said.position)
    yaw = projection.yaw_rad(whole.heading_rad or 0.0, said.position)
    speed = -said.speed_mps if whole.gear is Gear.REVERSE else said.speed_mps
    bound = said.precision.plane_m if said.precision is not None else None
    return HeardObject(
        kind=kind,
        sender_id=sender_id,
        number=number,
        object_class=object_class,
        box=Box(
            pose=Pose.from_xyz_rpy(
                float(foot[0]), float(foot[1]), float(foot[2]) + 0.5 * float(size[2]), yaw_rad=yaw
            ),
            size_m=size,
        ),
        velocity_mps=speed * np.array([math.cos(yaw), math.sin(yaw), 0.0]),
        second_s=whole.second_s,
        sigma_m=None if bound is None else bound / NINETY_FIVE,
    )
