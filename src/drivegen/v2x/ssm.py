"""SSM: what any station's sensors perceive (T/CSAE 157-2020, day 2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from drivegen.core.errors import V2xError
from drivegen.v2x import units
from drivegen.v2x.parts import GeoPosition, Wire, offset_read, offset_wire
from drivegen.v2x.rsm import Participant

MOST_DETECTED = 512
"""Participants of one message."""


class Equipment(StrEnum):
    """Who sends."""

    UNKNOWN = "unknown"
    RSU = "rsu"
    OBU = "obu"
    VRU = "vru"


class DetectedType(StrEnum):
    """The finer kinds of participants of day 2."""

    UNKNOWN = "unknown"
    MOVABLE = "unknown-movable"
    UNMOVABLE = "unknown-unmovable"
    CAR = "car"
    VAN = "van"
    TRUCK = "truck"
    BUS = "bus"
    CYCLIST = "cyclist"
    MOTORCYCLIST = "motorcyclist"
    TRICYCLIST = "tricyclist"
    PEDESTRIAN = "pedestrian"


@dataclass(frozen=True, slots=True, kw_only=True)
class Detected:
    """A perceived participant, and how sure the sender is."""

    participant: Participant
    type: DetectedType | None = None
    confidence: float | None = None
    """That the type is right, 0..1."""
    tracked_s: float | None = None
    """How long the sender has known it."""

    def wire(self, reference: GeoPosition) -> Wire:
        """As a DetectedParticipant."""
        out: Wire = {"ptc": self.participant.wire(reference)}
        if self.type is not None:
            out["detectedPTCType"] = self.type.value
        if self.confidence is not None:
            out["typeConfidence"] = units.CONFIDENCE.raw(self.confidence)
        if self.tracked_s is not None:
            out["statusDuration"] = units.TRACKED.raw(self.tracked_s)
        return out

    @staticmethod
    def read(wire: Wire, reference: GeoPosition) -> Detected:
        """From a DetectedParticipant."""
        return Detected(
            participant=Participant.read(wire["ptc"], reference),
            type=DetectedType(wire["detectedPTCType"]) if "detectedPTCType" in wire else None,
            confidence=units.CONFIDENCE.value(wire["typeConfidence"]) if "typeConfidence" in wire else None,
            tracked_s=units.TRACKED.value(wire["statusDuration"]) if "statusDuration" in wire else None,
        )


Region = tuple[GeoPosition, ...]
"""Corners of an area, 4 to 32."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ssm:
    """What a station's sensors perceive.

    Not held, though a foreign message may have them (`decoded_fields` shows them): obstacles, events, and of
    participants their past and coming ways, outlines and details.
    """

    count: int
    sender_id: bytes
    equipment: Equipment
    second_s: float | None
    """Of the sender's clock, within the minute."""
    sensor: GeoPosition
    """Where the sensors are; positions on the wire are offsets from here."""
    detected: tuple[Detected, ...] = field(default=())
    regions: tuple[Region, ...] = field(default=())
    """What the sensors cover: at most 8 areas."""

    def wire(self) -> Wire:
        """As an Ssm. Raises V2xError that names the field and its range."""
        out: Wire = {
            "msgCnt": units.whole("count", self.count, 0, 127),
            "id": units.identity("sender_id", self.sender_id),
            "equipmentType": self.equipment.value,
            "secMark": units.SECOND.raw(self.second_s),
            "sensorPos": self.sensor.wire(),
        }
        if units.listed("regions", self.regions, 0, 8):
            out["detectedRegion"] = [
                [offset_wire(p, self.sensor) for p in units.listed("region", region, 4, 32)]
                for region in self.regions
            ]
        found = []
        for index, one in enumerate(units.listed("detected", self.detected, 0, MOST_DETECTED)):
            try:
                found.append(one.wire(self.sensor))
            except V2xError as error:
                raise V2xError(f"detected[{index}].{error}") from None
        if found:
            out["participants"] = found
        return out

    @staticmethod
    def read(wire: Wire) -> Ssm:
        """From an Ssm."""
        sensor = GeoPosition.read(wire["sensorPos"])
        return Ssm(
            count=wire["msgCnt"],
            sender_id=wire["id"],
            equipment=Equipment(wire["equipmentType"]),
            second_s=units.SECOND.value(wire["secMark"]),
            sensor=sensor,
            detected=tuple(Detected.read(d, sensor) for d in wire.get("participants", ())),
            regions=tuple(
                tuple(offset_read(p, sensor) for p in region) for region in wire.get("detectedRegion", ())
            ),
        )
