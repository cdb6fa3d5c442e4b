"""BSM: what a vehicle says of itself ten times a second (T/CSAE 53-2020)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from drivegen.v2x import precisions, units
from drivegen.v2x.parts import (
    BodySize,
    ErrorEllipse,
    FourWay,
    Gear,
    GeoPosition,
    MotionPrecision,
    PlacePrecision,
    Wire,
    body_class_wire,
    flags_read,
    flags_wire,
)


class Lamp(StrEnum):
    """Exterior lights, in the order of the bits."""

    LOW_BEAM = "lowBeamHeadlightsOn"
    HIGH_BEAM = "highBeamHeadlightsOn"
    LEFT_TURN = "leftTurnSignalOn"
    RIGHT_TURN = "rightTurnSignalOn"
    HAZARD = "hazardSignalOn"
    AUTOMATIC = "automaticLightControlOn"
    DAYTIME = "daytimeRunningLightsOn"
    FOG = "fogLightOn"
    PARKING = "parkingLightsOn"


class VehicleEvent(StrEnum):
    """What happens to a vehicle, in the order of the bits."""

    HAZARD_LIGHTS = "eventHazardLights"
    STOP_LINE_VIOLATION = "eventStopLineViolation"
    ABS_ACTIVE = "eventABSactivated"
    TRACTION_LOSS = "eventTractionControlLoss"
    STABILITY_ACTIVE = "eventStabilityControlactivated"
    HAZARDOUS_MATERIALS = "eventHazardousMaterials"
    RESERVED_1 = "eventReserved1"
    HARD_BRAKING = "eventHardBraking"
    LIGHTS_CHANGED = "eventLightsChanged"
    WIPERS_CHANGED = "eventWipersChanged"
    FLAT_TIRE = "eventFlatTire"
    DISABLED = "eventDisabledVehicle"
    AIR_BAG = "eventAirBagDeployment"


class Wheel(StrEnum):
    """Wheels that are braked, in the order of the bits."""

    UNAVAILABLE = "unavailable"
    LEFT_FRONT = "leftFront"
    LEFT_REAR = "leftRear"
    RIGHT_FRONT = "rightFront"
    RIGHT_REAR = "rightRear"


class Response(StrEnum):
    """What an emergency vehicle is out for."""

    NOT_IN_USE = "notInUseOrNotEquipped"
    EMERGENCY = "emergency"
    NON_EMERGENCY = "nonEmergency"
    PURSUIT = "pursuit"
    STATIONARY = "stationary"
    SLOW_MOVING = "slowMoving"
    STOP_AND_GO = "stopAndGoMovement"


_LAMPS, _EVENTS, _WHEELS = tuple(Lamp), tuple(VehicleEvent), tuple(Wheel)
_PEDAL = {None: "unavailable", False: "off", True: "on"}
_PEDAL_READ = {"off": False, "on": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Brakes:
    """What the brakes do; none: not said."""

    pedal: bool | None = None
    wheels: frozenset[Wheel] | None = None

    def wire(self) -> Wire:
        """As a Brakes."""
        out: Wire = {}
        if self.pedal is not None:
            out["brakePadel"] = _PEDAL[self.pedal]
        if self.wheels is not None:
            out["wheelBrakes"] = flags_wire(frozenset(self.wheels), _WHEELS)
        return out

    @staticmethod
    def read(wire: Wire) -> Brakes:
        """From a Brakes."""
        wheels = wire.get("wheelBrakes")
        return Brakes(
            pedal=_PEDAL_READ.get(wire.get("brakePadel", "")),
            wheels=None if wheels is None else flags_read(wheels, _WHEELS),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bsm:
    """A vehicle's own state. Position: the middle of its footprint, on the road.

    Not held, though a foreign message may have them (`decoded_fields` shows them): path history and
    prediction, traction, ABS, stability, booster and auxiliary brakes, fuel, siren and light bar.
    """

    count: int
    """0..127, one more with each message of the sender, then round."""
    sender_id: bytes
    """Eight bytes, temporary."""
    second_s: float | None
    """Of the sender's clock, within the minute."""
    position: GeoPosition
    speed_mps: float | None
    """Not negative; backwards is told by the gear."""
    heading_rad: float | None
    """Where the vehicle's front points, clockwise from true north."""
    body_class: int
    """The standard's number of a kind of vehicle; `drivegen.v2x.classes` has those that are used."""
    size: BodySize
    motion: FourWay = field(default_factory=FourWay)
    gear: Gear = Gear.UNAVAILABLE
    brakes: Brakes = field(default_factory=Brakes)
    wheel_rad: float | None = None
    """Of the steering wheel, positive to the left."""
    time_precision_s: float | None = None
    ellipse: ErrorEllipse | None = None
    precision: PlacePrecision | None = None
    motion_precision: MotionPrecision | None = None
    lamps: frozenset[Lamp] | None = None
    events: frozenset[VehicleEvent] | None = None
    response: Response | None = None

    def wire(self) -> Wire:
        """As a Bsm. Raises V2xError that names the field and its range."""
        out: Wire = {
            "msgCnt": units.whole("count", self.count, 0, 127),
            "id": units.identity("sender_id", self.sender_id),
            "secMark": units.SECOND.raw(self.second_s),
            "pos": self.position.wire(),
            "transmission": self.gear.value,
            "speed": units.SPEED.raw(self.speed_mps),
            "heading": units.HEADING.raw(self.heading_rad),
            "accelSet": self.motion.wire(),
            "brakes": self.brakes.wire(),
            "size": self.size.wire(),
            "vehicleClass": body_class_wire(self.body_class),
        }
        if self.time_precision_s is not None:
            out["timeConfidence"] = precisions.TIME.name(self.time_precision_s)
        if self.ellipse is not None:
            out["posAccuracy"] = self.ellipse.wire()
        if self.precision is not None:
            out["posConfidence"] = self.precision.wire()
        if self.wheel_rad is not None:
            out["angle"] = units.WHEEL.raw(self.wheel_rad)
        if self.motion_precision is not None:
            out["motionCfd"] = self.motion_precision.wire()
        safety: Wire = {}
        if self.events is not None:
            safety["events"] = flags_wire(frozenset(self.events), _EVENTS)
        if self.lamps is not None:
            safety["lights"] = flags_wire(frozenset(self.lamps), _LAMPS)
        if safety:
            out["safetyExt"] = safety
        if self.response is not None:
            out["emergencyExt"] = {"responseType": self.response.value}
        return out

    @staticmethod
    def read(wire: Wire) -> Bsm:
        """From a Bsm."""
        safety, emergency = wire.get("safetyExt", {}), wire.get("emergencyExt", {})
        return Bsm(
            count=wire["msgCnt"],
            sender_id=wire["id"],
            second_s=units.SECOND.value(wire["secMark"]),
            position=GeoPosition.read(wire["pos"]),
            speed_mps=units.SPEED.value(wire["speed"]),
            heading_rad=units.HEADING.value(wire["heading"]),
            body_class=wire["vehicleClass"]["classification"],
            size=BodySize.read(wire["size"]),
            motion=FourWay.read(wire["accelSet"]),
            gear=Gear(wire["transmission"]),
            brakes=Brakes.read(wire["brakes"]),
            wheel_rad=units.WHEEL.value(wire["angle"]) if "angle" in wire else None,
            time_precision_s=precisions.TIME.bound(wire.get("timeConfidence")),
            ellipse=ErrorEllipse.read(wire["posAccuracy"]) if "posAccuracy" in wire else None,
            precision=PlacePrecision.read(wire["posConfidence"]) if "posConfidence" in wire else None,
            motion_precision=MotionPrecision.read(wire["motionCfd"]) if "motionCfd" in wire else None,
            lamps=flags_read(safety["lights"], _LAMPS) if "lights" in safety else None,
            events=flags_read(safety["events"], _EVENTS) if "events" in safety else None,
            response=Response(emergency["responseType"]) if "responseType" in emergency else None,
        )
