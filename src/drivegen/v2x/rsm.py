"""RSM: the participants that a roadside unit perceives, at most 16 a message (T/CSAE 53-2020)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from drivegen.core.errors import V2xError
from drivegen.v2x import units
from drivegen.v2x.parts import (
    NO_PRECISION,
    BodySize,
    FourWay,
    Gear,
    GeoPosition,
    MotionPrecision,
    PlacePrecision,
    Wire,
    body_class_wire,
    offset_read,
    offset_wire,
)

MOST_PARTICIPANTS = 16
"""Of one message."""


class ParticipantKind(StrEnum):
    """The coarse kinds of participants."""

    UNKNOWN = "unknown"
    MOTOR = "motor"
    NON_MOTOR = "non-motor"
    PEDESTRIAN = "pedestrian"
    RSU = "rsu"


class Source(StrEnum):
    """What a participant was perceived with."""

    UNKNOWN = "unknown"
    SELF = "selfinfo"
    V2X = "v2x"
    VIDEO = "video"
    RADAR = "microwaveRadar"
    LOOP = "loop"
    LIDAR = "lidar"
    INTEGRATED = "integrated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """A road user as a sender perceives them. Position: the middle of the footprint, on the ground."""

    kind: ParticipantKind
    number: int
    """The sender's own; 0 is the sender."""
    source: Source
    second_s: float | None
    """Of the sender's clock when the sensor saw them, within the minute."""
    position: GeoPosition
    """On the wire an offset from the message's reference."""
    speed_mps: float | None
    heading_rad: float | None
    """Clockwise from true north: of a vehicle where its front points, of people where they go."""
    size: BodySize
    precision: PlacePrecision = NO_PRECISION
    vehicle_id: bytes | None = None
    """Of their own BSM."""
    gear: Gear | None = None
    wheel_rad: float | None = None
    motion: FourWay | None = None
    motion_precision: MotionPrecision | None = None
    body_class: int | None = None

    def wire(self, reference: GeoPosition) -> Wire:
        """As a Participant. Raises V2xError that names the field and its range."""
        out: Wire = {
            "ptcType": self.kind.value,
            "ptcId": units.whole("number", self.number, 0, 65535),
            "source": self.source.value,
            "secMark": units.SECOND.raw(self.second_s),
            "pos": offset_wire(self.position, reference),
            "posConfidence": self.precision.wire(),
            "speed": units.SPEED.raw(self.speed_mps),
            "heading": units.HEADING.raw(self.heading_rad),
            "size": self.size.wire(),
        }
        if self.vehicle_id is not None:
            out["id"] = units.identity("vehicle_id", self.vehicle_id)
        if self.gear is not None:
            out["transmission"] = self.gear.value
        if self.wheel_rad is not None:
            out["angle"] = units.WHEEL.raw(self.wheel_rad)
        if self.motion_precision is not None:
            out["motionCfd"] = self.motion_precision.wire()
        if self.motion is not None:
            out["accelSet"] = self.motion.wire()
        if self.body_class is not None:
            out["vehicleClass"] = body_class_wire(self.body_class)
        return out

    @staticmethod
    def read(wire: Wire, reference: GeoPosition) -> Participant:
        """From a Participant."""
        return Participant(
            kind=ParticipantKind(wire["ptcType"]),
            number=wire["ptcId"],
            source=Source(wire["source"]),
            second_s=units.SECOND.value(wire["secMark"]),
            position=offset_read(wire["pos"], reference),
            speed_mps=units.SPEED.value(wire["speed"]),
            heading_rad=units.HEADING.value(wire["heading"]),
            size=BodySize.read(wire["size"]),
            precision=PlacePrecision.read(wire["posConfidence"]),
            vehicle_id=wire.get("id"),
            gear=Gear(wire["transmission"]) if "transmission" in wire else None,
            wheel_rad=units.WHEEL.value(wire["angle"]) if "angle" in wire else None,
            motion=FourWay.read(wire["accelSet"]) if "accelSet" in wire else None,
            motion_precision=MotionPrecision.read(wire["motionCfd"]) if "motionCfd" in wire else None,
            body_class=wire["vehicleClass"]["classification"] if "vehicleClass" in wire else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rsm:
    """Some or all of what a roadside unit perceives."""

    count: int
    """0..127, one more with each message of the sender, then round."""
    sender_id: bytes
    reference: GeoPosition
    participants: tuple[Participant, ...]

    def wire(self) -> Wire:
        """As an Rsm. Raises V2xError that names the field and its range."""
        units.listed("participants", self.participants, 1, MOST_PARTICIPANTS)
        return {
            "msgCnt": units.whole("count", self.count, 0, 127),
            "id": units.identity("sender_id", self.sender_id),
            "refPos": self.reference.wire(),
            "participants": participants_wire(self.participants, self.reference),
        }

    @staticmethod
    def read(wire: Wire) -> Rsm:
        """From an Rsm."""
        reference = GeoPosition.read(wire["refPos"])
        return Rsm(
            count=wire["msgCnt"],
            sender_id=wire["id"],
            reference=reference,
            participants=tuple(Participant.read(p, reference) for p in wire["participants"]),
        )


def participants_wire(participants: tuple[Participant, ...], reference: GeoPosition) -> list[Wire]:
    """As a list of Participants. Raises V2xError that names the participant, the field and its range."""
    out = []
    for index, participant in enumerate(participants):
        try:
            out.append(participant.wire(reference))
        except V2xError as error:
            raise V2xError(f"participants[{index}].{error}") from None
    return out
