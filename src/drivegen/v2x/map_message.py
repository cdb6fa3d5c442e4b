"""MAP: nodes (junctions), the links that lead into them, and their lanes (T/CSAE 53-2020)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from drivegen.core.errors import V2xError
from drivegen.v2x import units
from drivegen.v2x.parts import (
    GeoPosition,
    NodeRef,
    Wire,
    flags_read,
    flags_wire,
    offset_read,
    offset_wire,
)
from drivegen.v2x.spat import minute_of_year

MOST_POINTS = 31
"""Of a lane's or a link's line; at least 2."""


class Maneuver(StrEnum):
    """What is allowed at the end of a lane, in the order of the bits."""

    STRAIGHT = "maneuverStraightAllowed"
    LEFT = "maneuverLeftAllowed"
    RIGHT = "maneuverRightAllowed"
    U_TURN = "maneuverUTurnAllowed"
    LEFT_ON_RED = "maneuverLeftTurnOnRedAllowed"
    RIGHT_ON_RED = "maneuverRightTurnOnRedAllowed"
    LANE_CHANGE = "maneuverLaneChangeAllowed"
    NO_STOPPING = "maneuverNoStoppingAllowed"
    YIELD = "yieldAllwaysRequired"
    GO_WITH_HALT = "goWithHalt"
    CAUTION = "caution"
    RESERVED = "reserved1"


_MANEUVERS = tuple(Maneuver)


class LaneKind(StrEnum):
    """Who uses a lane. The further bits of the standard's lane attributes are sent as 0 and not read."""

    VEHICLE = "vehicle"
    CROSSWALK = "crosswalk"
    BIKE = "bikeLane"
    SIDEWALK = "sidewalk"
    MEDIAN = "median"
    STRIPING = "striping"
    TRACKED = "trackedVehicle"
    PARKING = "parking"


class LimitKind(StrEnum):
    """Whom a speed limit holds for."""

    UNKNOWN = "unknown"
    SCHOOL_ZONE = "maxSpeedInSchoolZone"
    SCHOOL_ZONE_CHILDREN = "maxSpeedInSchoolZoneWhenChildrenArePresent"
    CONSTRUCTION_ZONE = "maxSpeedInConstructionZone"
    VEHICLE_LEAST = "vehicleMinSpeed"
    VEHICLE_MOST = "vehicleMaxSpeed"
    VEHICLE_NIGHT = "vehicleNightMaxSpeed"
    TRUCK_LEAST = "truckMinSpeed"
    TRUCK_MOST = "truckMaxSpeed"
    TRUCK_NIGHT = "truckNightMaxSpeed"
    TRAILER_LEAST = "vehiclesWithTrailersMinSpeed"
    TRAILER_MOST = "vehiclesWithTrailersMaxSpeed"
    TRAILER_NIGHT = "vehiclesWithTrailersNightMaxSpeed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A speed limit."""

    kind: LimitKind
    speed_mps: float | None


Line = tuple[GeoPosition, ...]
"""From upstream to downstream: the middle of a lane or link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneConnection:
    """Where a lane leads beyond its node."""

    node: NodeRef
    """At the end of the link that it leads into."""
    lane: int | None = None
    """Of that link."""
    maneuvers: frozenset[Maneuver] | None = None
    """Needs `lane`."""
    phase: int | None = None
    """Of the node's SPAT; none: no light."""

    def wire(self) -> Wire:
        """As a Connection."""
        out: Wire = {"remoteIntersection": self.node.wire()}
        if self.lane is not None:
            joined: Wire = {"lane": units.whole("lane", self.lane, 0, 255)}
            if self.maneuvers is not None:
                joined["maneuver"] = flags_wire(frozenset(self.maneuvers), _MANEUVERS)
            out["connectingLane"] = joined
        if self.phase is not None:
            out["phaseId"] = units.whole("phase", self.phase, 0, 255)
        return out

    @staticmethod
    def read(wire: Wire) -> LaneConnection:
        """From a Connection."""
        joined = wire.get("connectingLane", {})
        return LaneConnection(
            node=NodeRef.read(wire["remoteIntersection"]),
            lane=joined.get("lane"),
            maneuvers=flags_read(joined["maneuver"], _MANEUVERS) if "maneuver" in joined else None,
            phase=wire.get("phaseId"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MapLane:
    """A lane of a link."""

    number: int
    """From 1, from the left as the traffic sees it; 0: unknown."""
    kind: LaneKind | None = None
    width_m: float | None = None
    maneuvers: frozenset[Maneuver] | None = None
    connections: tuple[LaneConnection, ...] = ()
    limits: tuple[Limit, ...] = ()
    line: Line = ()

    def wire(self, reference: GeoPosition) -> Wire:
        """As a Lane."""
        out: Wire = {"laneID": units.whole("lane", self.number, 0, 255)}
        if self.kind is not None:
            size = 8 if self.kind is LaneKind.VEHICLE else 16
            out["laneAttributes"] = {"laneType": (self.kind.value, (bytes(size // 8), size))}
        if self.width_m is not None:
            out["laneWidth"] = units.LANE_WIDTH.raw(self.width_m)
        if self.maneuvers is not None:
            out["maneuvers"] = flags_wire(frozenset(self.maneuvers), _MANEUVERS)
        if units.listed("connections", self.connections, 0, 16):
            out["connectsTo"] = [c.wire() for c in self.connections]
        return {**out, **_common(self.limits, self.line, reference)}

    @staticmethod
    def read(wire: Wire, reference: GeoPosition) -> MapLane:
        """From a Lane."""
        attributes, width = wire.get("laneAttributes"), wire.get("laneWidth")
        return MapLane(
            number=wire["laneID"],
            kind=LaneKind(attributes["laneType"][0]) if attributes is not None else None,
            width_m=None if width is None else units.LANE_WIDTH.value(width),
            maneuvers=flags_read(wire["maneuvers"], _MANEUVERS) if "maneuvers" in wire else None,
            connections=tuple(LaneConnection.read(c) for c in wire.get("connectsTo", ())),
            limits=_limits(wire),
            line=_line(wire, reference),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """A way from a link through its node."""

    node: NodeRef
    phase: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """The road from an upstream node to the node that it belongs to."""

    upstream: NodeRef
    lanes: tuple[MapLane, ...]
    name: str | None = None
    width_m: float | None = None
    limits: tuple[Limit, ...] = ()
    movements: tuple[Movement, ...] = ()
    line: Line = ()

    def wire(self, reference: GeoPosition) -> Wire:
        """As a Link."""
        out: Wire = {
            "upstreamNodeId": self.upstream.wire(),
            "lanes": [_at(f"lanes[{i}]", v, reference) for i, v in enumerate(self.lanes)],
        }
        units.listed("lanes", self.lanes, 1, 32)
        if self.name is not None:
            out["name"] = units.text("name", self.name, 63)
        if self.width_m is not None:
            out["linkWidth"] = units.LANE_WIDTH.raw(self.width_m)
        if units.listed("movements", self.movements, 0, 32):
            out["movements"] = [
                {"remoteIntersection": m.node.wire()}
                | ({} if m.phase is None else {"phaseId": units.whole("phase", m.phase, 0, 255)})
                for m in self.movements
            ]
        return {**out, **_common(self.limits, self.line, reference)}

    @staticmethod
    def read(wire: Wire, reference: GeoPosition) -> Link:
        """From a Link."""
        width = wire.get("linkWidth")
        return Link(
            upstream=NodeRef.read(wire["upstreamNodeId"]),
            lanes=tuple(MapLane.read(v, reference) for v in wire["lanes"]),
            name=wire.get("name"),
            width_m=None if width is None else units.LANE_WIDTH.value(width),
            limits=_limits(wire),
            movements=tuple(
                Movement(node=NodeRef.read(m["remoteIntersection"]), phase=m.get("phaseId"))
                for m in wire.get("movements", ())
            ),
            line=_line(wire, reference),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MapNode:
    """A junction, or an end of the road."""

    ref: NodeRef
    position: GeoPosition
    """On the wire the reference of all lines of its links."""
    links: tuple[Link, ...] = ()
    """Those that lead into it."""
    name: str | None = None

    def wire(self) -> Wire:
        """As a Node."""
        out: Wire = {"id": self.ref.wire(), "refPos": self.position.wire()}
        if self.name is not None:
            out["name"] = units.text("name", self.name, 63)
        if units.listed("links", self.links, 0, 32):
            out["inLinks"] = [_at(f"links[{i}]", v, self.position) for i, v in enumerate(self.links)]
        return out

    @staticmethod
    def read(wire: Wire) -> MapNode:
        """From a Node."""
        position = GeoPosition.read(wire["refPos"])
        return MapNode(
            ref=NodeRef.read(wire["id"]),
            position=position,
            links=tuple(Link.read(v, position) for v in wire.get("inLinks", ())),
            name=wire.get("name"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MapMessage:
    """Part of the road network."""

    count: int
    nodes: tuple[MapNode, ...]
    minute_of_year: int | None = field(default=None)

    def wire(self) -> Wire:
        """As a MapData. Raises V2xError that names the node, the field and its range."""
        nodes = []
        for index, node in enumerate(units.listed("nodes", self.nodes, 1, 63)):
            try:
                nodes.append(node.wire())
            except V2xError as error:
                raise V2xError(f"nodes[{index}].{error}") from None
        out: Wire = {"msgCnt": units.whole("count", self.count, 0, 127), "nodes": nodes}
        if self.minute_of_year is not None:
            out["timeStamp"] = units.MINUTE_OF_YEAR.raw(self.minute_of_year)
        return out

    @staticmethod
    def read(wire: Wire) -> MapMessage:
        """From a MapData."""
        return MapMessage(
            count=wire["msgCnt"],
            nodes=tuple(MapNode.read(n) for n in wire["nodes"]),
            minute_of_year=minute_of_year(wire.get("timeStamp")),
        )


def _at(place: str, part: Link | MapLane, reference: GeoPosition) -> Wire:
    try:
        return part.wire(reference)
    except V2xError as error:
        raise V2xError(f"{place}.{error}") from None


def _common(limits: tuple[Limit, ...], line: Line, reference: GeoPosition) -> Wire:
    out: Wire = {}
    if units.listed("limits", limits, 0, 9):
        out["speedLimits"] = [{"type": v.kind.value, "speed": units.SPEED.raw(v.speed_mps)} for v in limits]
    if line:
        units.listed("line", line, 2, MOST_POINTS)
        out["points"] = [{"posOffset": offset_wire(p, reference)} for p in line]
    return out


def _limits(wire: Wire) -> tuple[Limit, ...]:
    return tuple(
        Limit(kind=LimitKind(v["type"]), speed_mps=units.SPEED.value(v["speed"]))
        for v in wire.get("speedLimits", ())
    )


def _line(wire: Wire, reference: GeoPosition) -> Line:
    return tuple(offset_read(p["posOffset"], reference) for p in wire.get("points", ()))
