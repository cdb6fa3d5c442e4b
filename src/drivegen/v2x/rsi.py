"""RSI: traffic events and traffic signs (T/CSAE 53-2020)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from drivegen.core.errors import V2xError
from drivegen.v2x import units
from drivegen.v2x.parts import GeoPosition, NodeRef, Wire, offset_read, offset_wire
from drivegen.v2x.spat import minute_of_year

TEXT_CODE = "gb2312"
"""Of texts that are not ASCII."""


class EventSource(StrEnum):
    """Who says that an event is."""

    UNKNOWN = "unknown"
    POLICE = "police"
    GOVERNMENT = "government"
    METEOROLOGICAL = "meteorological"
    INTERNET = "internet"
    DETECTION = "detection"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertPath:
    """A way along which something holds."""

    points: tuple[GeoPosition, ...]
    """From upstream to downstream, 1 to 32; one: a round area."""
    radius_m: float
    """How far to its sides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLink:
    """A link of the MAP on which something holds."""

    upstream: NodeRef
    downstream: NodeRef
    lanes: frozenset[int] | None = None
    """1..15; none: all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Where and when something holds; shared by events and signs."""

    description: str | None = None
    start_minute: int | None = None
    """Of the year."""
    end_minute: int | None = None
    priority: int | None = None
    """0..7, 7 the most urgent."""
    paths: tuple[AlertPath, ...] = ()
    links: tuple[AlertLink, ...] = ()

    def wire(self, reference: GeoPosition) -> Wire:
        """The shared fields of an Event or a Sign."""
        out: Wire = {}
        if self.description is not None:
            out["description"] = _words(self.description)
        times = {
            name: units.MINUTE_OF_YEAR.raw(minute)
            for name, minute in (("startTime", self.start_minute), ("endTime", self.end_minute))
            if minute is not None
        }
        if times:
            out["timeDetails"] = times
        if self.priority is not None:
            out["priority"] = bytes([units.whole("priority", self.priority, 0, 7) << 5])
        if units.listed("paths", self.paths, 0, 8):
            out["referencePaths"] = [
                {
                    "activePath": [
                        offset_wire(p, reference) for p in units.listed("points", path.points, 1, 32)
                    ],
                    "pathRadius": units.RADIUS.raw(path.radius_m),
                }
                for path in self.paths
            ]
        if units.listed("links", self.links, 0, 16):
            out["referenceLinks"] = [_link_wire(link) for link in self.links]
        return out

    @staticmethod
    def read(wire: Wire, reference: GeoPosition) -> Scope:
        """From an Event or a Sign."""
        times = wire.get("timeDetails", {})
        return Scope(
            description=_unworded(wire["description"]) if "description" in wire else None,
            start_minute=minute_of_year(times.get("startTime")),
            end_minute=minute_of_year(times.get("endTime")),
            priority=wire["priority"][0] >> 5 if "priority" in wire else None,
            paths=tuple(
                AlertPath(
                    points=tuple(offset_read(p, reference) for p in path["activePath"]),
                    radius_m=units.RADIUS.given(path["pathRadius"]),
                )
                for path in wire.get("referencePaths", ())
            ),
            links=tuple(_link_read(link) for link in wire.get("referenceLinks", ())),
        )


_ANYWHERE = Scope()


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficEvent:
    """Something that happens on the road."""

    number: int
    """The sender's own, 0..255."""
    type: int
    """By GB/T 29100-2012."""
    source: EventSource = EventSource.UNKNOWN
    position: GeoPosition | None = None
    radius_m: float | None = None
    confidence: float | None = None
    """0..1."""
    scope: Scope = _ANYWHERE

    def wire(self, reference: GeoPosition) -> Wire:
        """As an Event."""
        out: Wire = {
            "rteId": units.whole("number", self.number, 0, 255),
            "eventType": units.whole("type", self.type, 0, 65535),
            "eventSource": self.source.value,
            **self.scope.wire(reference),
        }
        if self.position is not None:
            out["eventPos"] = offset_wire(self.position, reference)
        if self.radius_m is not None:
            out["eventRadius"] = units.RADIUS.raw(self.radius_m)
        if self.confidence is not None:
            out["eventConfidence"] = units.CONFIDENCE.raw(self.confidence)
        return out

    @staticmethod
    def read(wire: Wire, reference: GeoPosition) -> TrafficEvent:
        """From an Event."""
        return TrafficEvent(
            number=wire["rteId"],
            type=wire["eventType"],
            source=EventSource(wire["eventSource"]),
            position=offset_read(wire["eventPos"], reference) if "eventPos" in wire else None,
            radius_m=units.RADIUS.value(wire["eventRadius"]) if "eventRadius" in wire else None,
            confidence=units.CONFIDENCE.value(wire["eventConfidence"]) if "eventConfidence" in wire else None,
            scope=Scope.read(wire, reference),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficSign:
    """A sign, on a plate or in the air alone."""

    number: int
    """The sender's own, 0..255."""
    type: int
    """By GB 5768.2; 0 is a text."""
    position: GeoPosition | None = None
    scope: Scope = _ANYWHERE

    def wire(self, reference: GeoPosition) -> Wire:
        """As a Sign."""
        out: Wire = {
            "rtsId": units.whole("number", self.number, 0, 255),
            "signType": units.whole("type", self.type, 0, 65535),
            **self.scope.wire(reference),
        }
        if self.position is not None:
            out["signPos"] = offset_wire(self.position, reference)
        return out

    @staticmethod
    def read(wire: Wire, reference: GeoPosition) -> TrafficSign:
        """From a Sign."""
        return TrafficSign(
            number=wire["rtsId"],
            type=wire["signType"],
            position=offset_read(wire["signPos"], reference) if "signPos" in wire else None,
            scope=Scope.read(wire, reference),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rsi:
    """Events and signs around a roadside unit."""

    count: int
    sender_id: bytes
    reference: GeoPosition
    events: tuple[TrafficEvent, ...] = ()
    """At most 8."""
    signs: tuple[TrafficSign, ...] = ()
    """At most 16."""
    minute_of_year: int | None = None

    def wire(self) -> Wire:
        """As an Rsi. Raises V2xError that names the field and its range."""
        out: Wire = {
            "msgCnt": units.whole("count", self.count, 0, 127),
            "id": units.identity("sender_id", self.sender_id),
            "refPos": self.reference.wire(),
        }
        if self.minute_of_year is not None:
            out["moy"] = units.MINUTE_OF_YEAR.raw(self.minute_of_year)
        if units.listed("events", self.events, 0, 8):
            out["rtes"] = [_at(f"events[{i}]", v, self.reference) for i, v in enumerate(self.events)]
        if units.listed("signs", self.signs, 0, 16):
            out["rtss"] = [_at(f"signs[{i}]", v, self.reference) for i, v in enumerate(self.signs)]
        return out

    @staticmethod
    def read(wire: Wire) -> Rsi:
        """From an Rsi."""
        reference = GeoPosition.read(wire["refPos"])
        return Rsi(
            count=wire["msgCnt"],
            sender_id=wire["id"],
            reference=reference,
            events=tuple(TrafficEvent.read(v, reference) for v in wire.get("rtes", ())),
            signs=tuple(TrafficSign.read(v, reference) for v in wire.get("rtss", ())),
            minute_of_year=minute_of_year(wire.get("moy")),
        )


def _at(place: str, part: TrafficEvent | TrafficSign, reference: GeoPosition) -> Wire:
    try:
        return part.wire(reference)
    except V2xError as error:
        raise V2xError(f"{place}.{error}") from None


def _words(text: str) -> tuple[str, str | bytes]:
    if text.isascii():
        return "textString", units.text("description", text, 512)
    try:
        code = text.encode(TEXT_CODE)
    except UnicodeEncodeError as error:
        raise V2xError(f"description: {text[error.start]!r} is not in GB 2312") from None
    if len(code) > 512:
        raise V2xError(f"description: {len(code)} bytes of GB 2312, not 2 .. 512")
    return "textGB2312", code


def _unworded(wire: tuple[str, str | bytes]) -> str:
    text = wire[1]
    return text if isinstance(text, str) else text.decode(TEXT_CODE, errors="replace")


def _link_wire(link: AlertLink) -> Wire:
    out: Wire = {"upstreamNodeId": link.upstream.wire(), "downstreamNodeId": link.downstream.wire()}
    if link.lanes is not None:
        bits = sum(1 << (15 - units.whole("lanes", lane, 1, 15)) for lane in sorted(link.lanes))
        out["referenceLanes"] = (bits.to_bytes(2, "big"), 16)
    return out


def _link_read(wire: Wire) -> AlertLink:
    lanes = wire.get("referenceLanes")
    bits = 0 if lanes is None else int.from_bytes(lanes[0], "big")
    return AlertLink(
        upstream=NodeRef.read(wire["upstreamNodeId"]),
        downstream=NodeRef.read(wire["downstreamNodeId"]),
        lanes=None if lanes is None else frozenset(n for n in range(1, 16) if bits >> (15 - n) & 1),
    )
