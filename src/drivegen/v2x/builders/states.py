"""BSM from a vehicle's own belief; RSM and SSM from an agent's detections."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from drivegen.capture.frame import AgentFrame
from drivegen.core.actors import PEOPLE, ObjectClass
from drivegen.core.cooperation import Belief, Detection
from drivegen.core.geometry import Box, Pose, Vec3
from drivegen.core.labels import ObjectLabel
from drivegen.v2x.bsm import Bsm
from drivegen.v2x.classes import BODY_CLASS, DETECTED_TYPE, PARTICIPANT_KIND
from drivegen.v2x.geodesy import MapProjection
from drivegen.v2x.parts import BodySize, FourWay, Gear, GeoPosition, PlacePrecision
from drivegen.v2x.rsm import MOST_PARTICIPANTS, Participant, Rsm, Source
from drivegen.v2x.ssm import MOST_DETECTED, Detected, Equipment, Ssm
from drivegen.v2x.stamps import second_of

COUNTS = 128
"""Message counts go round after so many."""
NINETY_FIVE = math.sqrt(-2.0 * math.log(0.05))
"""Radius that holds 95 % of a circular normal error, in standard deviations (Rayleigh)."""
_WALKS_MPS = 0.3
"""People who go slower are told to face where their box does."""
_REVERSES_MPS = 0.5
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OwnState:
    """What a vehicle believes of itself. World frame."""

    object_class: ObjectClass
    box: Box
    """Its body."""
    velocity_mps: Vec3
    acceleration_mps2: Vec3
    yaw_rate_radps: float
    stamp_ns: int
    """Of its own clock."""
    position_sigma_m: float

    @staticmethod
    def of(agent: AgentFrame, body: ObjectLabel) -> OwnState:
        """From an agent's frame and the label of the vehicle that carries it.

        The body and its motion lie to the believed pose as the true ones do to the true pose. Raises
        ValueError for an agent without belief.
        """
        belief = agent.belief
        if belief is None:
            raise ValueError("an agent without belief knows nothing to say of itself")
        moved = belief.map_agent @ agent.map_agent.inverse()
        return OwnState(
            object_class=body.object_class,
            box=Box(pose=moved @ body.box.pose, size_m=body.box.size_m),
            velocity_mps=moved.rotation @ body.velocity_mps,
            acceleration_mps2=moved.rotation @ body.acceleration_mps2,
            yaw_rate_radps=body.yaw_rate_radps,
            stamp_ns=belief.stamp_ns,
            position_sigma_m=belief.position_sigma_m,
        )


def footprint(box: Box, projection: MapProjection) -> GeoPosition:
    """The middle of a box's underside."""
    down = box.pose.rotation[:, 2] * (0.5 * float(box.size_m[2]))
    return projection.locate(box.pose.position_m - down)


def _size(box: Box) -> BodySize:
    length, width, height = (float(v) for v in box.size_m)
    return BodySize(length_m=length, width_m=width, height_m=height)


def _motion(
    box: Box, velocity_mps: Vec3, object_class: ObjectClass, place: GeoPosition, projection: MapProjection
) -> tuple[float, float, Gear]:
    """(speed, heading, gear): people go where they go, vehicles where they point, or backwards."""
    speed = float(np.hypot(velocity_mps[0], velocity_mps[1]))
    yaw, gear = box.pose.yaw_rad, Gear.FORWARD
    if object_class in PEOPLE:
        gear = Gear.UNAVAILABLE
        if speed > _WALKS_MPS:
            yaw = math.atan2(float(velocity_mps[1]), float(velocity_mps[0]))
    elif speed > _REVERSES_MPS and float(box.pose.rotation[:, 0] @ velocity_mps) < 0.0:
        gear = Gear.REVERSE
    return speed, projection.heading_rad(yaw, place), gear


def build_bsm(state: OwnState, projection: MapProjection, *, sender_id: bytes, count: int) -> Bsm:
    """What a vehicle says of itself.

    Args:
        state: of the vehicle, as it believes.
        projection: of the map.
        sender_id: see `drivegen.v2x.stamps.identity_of`.
        count: of the sender's messages of this kind; any number, it goes round by itself.
    """
    place = footprint(state.box, projection)
    speed, heading, gear = _motion(state.box, state.velocity_mps, state.object_class, place, projection)
    forward, left, up = (float(v) for v in state.box.pose.rotation.T @ state.acceleration_mps2)
    return Bsm(
        count=count % COUNTS,
        sender_id=sender_id,
        second_s=second_of(state.stamp_ns),
        position=place,
        speed_mps=speed,
        heading_rad=heading,
        body_class=BODY_CLASS[state.object_class],
        size=_size(state.box),
        motion=FourWay(forward_mps2=forward, left_mps2=left, up_mps2=up, yaw_rate_radps=state.yaw_rate_radps),
        gear=gear,
        precision=PlacePrecision(plane_m=NINETY_FIVE * state.position_sigma_m),
    )


def participant(
    detection: Detection, projection: MapProjection, *, source: Source, sigma_m: float | None
) -> Participant:
    """A detection as messages have it."""
    place = footprint(detection.box, projection)
    speed, heading, gear = _motion(
        detection.box, detection.velocity_mps, detection.object_class, place, projection
    )
    return Participant(
        kind=PARTICIPANT_KIND[detection.object_class],
        number=(detection.detection_id - 1) % 65535 + 1,
        source=source,
        second_s=second_of(detection.stamp_ns),
        position=place,
        speed_mps=speed,
        heading_rad=heading,
        size=_size(detection.box),
        precision=PlacePrecision(plane_m=None if sigma_m is None else NINETY_FIVE * sigma_m),
        gear=None if gear is Gear.UNAVAILABLE else gear,
        body_class=BODY_CLASS[detection.object_class],
    )


def build_rsm(
    detections: Sequence[Detection],
    projection: MapProjection,
    *,
    sender_id: bytes,
    reference: Pose,
    count: int,
    source: Source = Source.INTEGRATED,
    sigma_m: float | None = None,
) -> tuple[Rsm, ...]:
    """What a roadside unit perceives: as many messages as it takes, 16 participants in each but the last.

    Args:
        detections: of one frame, in the order in which they shall go; none gives no message.
        projection: of the map.
        sender_id: see `drivegen.v2x.stamps.identity_of`.
        reference: where the unit believes to be; positions are sent as offsets from there.
        count: of the first message; the next have the next.
        source: what they were perceived with.
        sigma_m: standard deviation of their positions that the unit states; none: unavailable.
    """
    base = projection.locate(reference.position_m)
    found = [participant(d, projection, source=source, sigma_m=sigma_m) for d in detections]
    return tuple(
        Rsm(count=(count + k) % COUNTS, sender_id=sender_id, reference=base, participants=tuple(some))
        for k, some in enumerate(_batches(found, MOST_PARTICIPANTS))
    )


def build_ssm(
    detections: Sequence[Detection],
    projection: MapProjection,
    *,
    sender_id: bytes,
    equipment: Equipment,
    sensor: Belief,
    count: int,
    source: Source = Source.INTEGRATED,
    sigma_m: float | None = None,
    most: int = MOST_DETECTED,
) -> tuple[Ssm, ...]:
    """What a station's sensors perceive: as many messages as it takes, `most` participants in each.

    Args:
        detections: of one frame, in the order in which they shall go; none gives one message without any.
        projection: of the map.
        sender_id: see `drivegen.v2x.stamps.identity_of`.
        equipment: what the sender is.
        sensor: the sender's belief: positions are sent as offsets from its pose.
        count: of the first message; the next have the next.
        source: what they were perceived with.
        sigma_m: standard deviation of their positions that the sender states; none: unavailable.
        most: participants of a message, at most 512.
    """
    empty = Ssm(
        count=count % COUNTS,
        sender_id=sender_id,
        equipment=equipment,
        second_s=second_of(sensor.stamp_ns),
        sensor=projection.locate(sensor.map_agent.position_m),
    )
    found = [
        Detected(
            participant=participant(d, projection, source=source, sigma_m=sigma_m),
            type=DETECTED_TYPE[d.object_class],
            confidence=d.score,
        )
        for d in detections
    ]
    if not found:
        return (empty,)
    return tuple(
        replace(empty, count=(count + k) % COUNTS, detected=tuple(some))
        for k, some in enumerate(_batches(found, most))
    )


def _batches(items: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
