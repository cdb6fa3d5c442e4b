"""SPAT: what the lights of junctions show, and for how long (T/CSAE 53-2020)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from drivegen.v2x import precisions, units
from drivegen.v2x.parts import NodeRef, Wire, flags_read, flags_wire


class Light(StrEnum):
    """What a light shows."""

    UNAVAILABLE = "unavailable"
    DARK = "dark"
    FLASHING_RED = "flashing-red"
    RED = "red"
    FLASHING_GREEN = "flashing-green"
    PERMISSIVE_GREEN = "permissive-green"
    PROTECTED_GREEN = "protected-green"
    YELLOW = "yellow"
    FLASHING_YELLOW = "flashing-yellow"


class Status(StrEnum):
    """How a junction's controller works, in the order of the bits."""

    MANUAL = "manualControlIsEnabled"
    TIME_STOPPED = "stopTimeIsActivated"
    FAILURE_FLASH = "failureFlash"
    PREEMPT = "preemptIsActive"
    PRIORITY = "signalPriorityIsActive"
    FIXED_TIME = "fixedTimeOperation"
    TRAFFIC_DEPENDENT = "trafficDependentOperation"
    STANDBY = "standbyOperation"
    FAILURE = "failureMode"
    OFF = "off"
    MAP_CHANGED = "recentMAPmessageUpdate"
    LANES_CHANGED = "recentChangeInMAPassignedLanesIDsUsed"
    NO_MAP = "noValidMAPisAvailableAtThisTime"
    NO_SPAT = "noValidSPATisAvailableAtThisTime"
    RESERVED_14 = "reserved14"
    RESERVED_15 = "reserved15"


_STATUS = tuple(Status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Countdown:
    """When a state begins and ends, from now; an hour stands for more than that."""

    likely_end_s: float | None
    """None: unknown."""
    start_s: float | None = 0.0
    """0: it has begun."""
    least_end_s: float | None = None
    most_end_s: float | None = None
    confidence: float | None = None
    """Of `likely_end_s`, 0..1."""
    next_start_s: float | None = None
    next_length_s: float | None = None

    def wire(self) -> Wire:
        """As a Countdown."""
        out: Wire = {
            "startTime": units.COUNTDOWN.raw(self.start_s),
            "likelyEndTime": units.COUNTDOWN.raw(self.likely_end_s),
        }
        for name, value in (
            ("minEndTime", self.least_end_s),
            ("maxEndTime", self.most_end_s),
            ("nextStartTime", self.next_start_s),
            ("nextDuration", self.next_length_s),
        ):
            if value is not None:
                out[name] = units.COUNTDOWN.raw(value)
        if self.confidence is not None:
            out["timeConfidence"] = units.CONFIDENCE.raw(self.confidence)
        return out

    @staticmethod
    def read(wire: Wire) -> Countdown:
        """From a Countdown."""

        def seconds(name: str) -> float | None:
            return units.COUNTDOWN.value(wire[name]) if name in wire else None

        return Countdown(
            likely_end_s=seconds("likelyEndTime"),
            start_s=seconds("startTime"),
            least_end_s=seconds("minEndTime"),
            most_end_s=seconds("maxEndTime"),
            confidence=units.CONFIDENCE.value(wire["timeConfidence"]) if "timeConfidence" in wire else None,
            next_start_s=seconds("nextStartTime"),
            next_length_s=seconds("nextDuration"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseState:
    """A light and its time. Times by the clock of the hour, which foreign messages may have, are not held."""

    light: Light
    countdown: Countdown | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One group of signals: what it shows now, and what it will show where that is known."""

    number: int
    """0: unknown; 255: always green."""
    states: tuple[PhaseState, ...]

    def wire(self) -> Wire:
        """As a Phase."""
        states = []
        for state in units.listed("states", self.states, 1, 16):
            one: Wire = {"light": state.light.value}
            if state.countdown is not None:
                one["timing"] = ("counting", state.countdown.wire())
            states.append(one)
        return {"id": units.whole("phase", self.number, 0, 255), "phaseStates": states}

    @staticmethod
    def read(wire: Wire) -> Phase:
        """From a Phase."""
        states = []
        for state in wire["phaseStates"]:
            form, timing = state.get("timing", (None, {}))
            states.append(
                PhaseState(
                    light=Light(state["light"]),
                    countdown=Countdown.read(timing) if form == "counting" else None,
                )
            )
        return Phase(number=wire["id"], states=tuple(states))


@dataclass(frozen=True, slots=True, kw_only=True)
class Intersection:
    """The lights of a junction."""

    node: NodeRef
    phases: tuple[Phase, ...]
    status: frozenset[Status] = frozenset()
    minute_of_year: int | None = None
    second_s: float | None = None
    time_precision_s: float | None = None

    def wire(self) -> Wire:
        """As an Intersection."""
        out: Wire = {
            "intersectionId": self.node.wire(),
            "status": flags_wire(frozenset(self.status), _STATUS),
            "phases": [phase.wire() for phase in units.listed("phases", self.phases, 1, 16)],
        }
        if self.minute_of_year is not None:
            out["moy"] = units.MINUTE_OF_YEAR.raw(self.minute_of_year)
        if self.second_s is not None:
            out["timeStamp"] = units.SECOND.raw(self.second_s)
        if self.time_precision_s is not None:
            out["timeConfidence"] = precisions.TIME.name(self.time_precision_s)
        return out

    @staticmethod
    def read(wire: Wire) -> Intersection:
        """From an Intersection."""
        return Intersection(
            node=NodeRef.read(wire["intersectionId"]),
            phases=tuple(Phase.read(p) for p in wire["phases"]),
            status=flags_read(wire["status"], _STATUS),
            minute_of_year=minute_of_year(wire.get("moy")),
            second_s=units.SECOND.value(wire["timeStamp"]) if "timeStamp" in wire else None,
            time_precision_s=precisions.TIME.bound(wire.get("timeConfidence")),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Spat:
    """The lights of one or more junctions."""

    count: int
    intersections: tuple[Intersection, ...]
    minute_of_year: int | None = None
    second_s: float | None = None
    """Of the sender's clock, within the minute."""
    name: str | None = field(default=None)

    def wire(self) -> Wire:
        """As a Spat. Raises V2xError that names the field and its range."""
        out: Wire = {
            "msgCnt": units.whole("count", self.count, 0, 127),
            "intersections": [i.wire() for i in units.listed("intersections", self.intersections, 1, 32)],
        }
        if self.minute_of_year is not None:
            out["moy"] = units.MINUTE_OF_YEAR.raw(self.minute_of_year)
        if self.second_s is not None:
            out["timeStamp"] = units.SECOND.raw(self.second_s)
        if self.name is not None:
            out["name"] = units.text("name", self.name, 63)
        return out

    @staticmethod
    def read(wire: Wire) -> Spat:
        """From a Spat."""
        return Spat(
            count=wire["msgCnt"],
            intersections=tuple(Intersection.read(i) for i in wire["intersections"]),
            minute_of_year=minute_of_year(wire.get("moy")),
            second_s=units.SECOND.value(wire["timeStamp"]) if "timeStamp" in wire else None,
            name=wire.get("name"),
        )


def minute_of_year(raw: int | None) -> int | None:
    """None for a minute that is not given or not valid."""
    return None if raw is None or units.MINUTE_OF_YEAR.value(raw) is None else raw
