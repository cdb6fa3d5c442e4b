"""The road network as OpenDRIVE states it (ASAM OpenDRIVE 1.4 to 1.8, the part that CARLA reads).

Frame: OpenDRIVE's own, right-handed, metres, x east, y north, z up: drivegen's map frame. Along a road runs
`s`, to its left `t`. Lanes with positive ids lie left of the reference line, with negative ids right; id 0 is
the centre lane, which has no width. Negative lanes run along `s`, positive against it; CARLA knows no other
rule, so a road's `rule="LHT"` is not read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property


class LaneType(StrEnum):
    """OpenDRIVE's lane types; a type that is not among them is read as NONE, as CARLA does."""

    NONE = "none"
    DRIVING = "driving"
    STOP = "stop"
    SHOULDER = "shoulder"
    BIKING = "biking"
    SIDEWALK = "sidewalk"
    WALKING = "walking"
    BORDER = "border"
    RESTRICTED = "restricted"
    PARKING = "parking"
    BIDIRECTIONAL = "bidirectional"
    MEDIAN = "median"
    CURB = "curb"
    ENTRY = "entry"
    EXIT = "exit"
    ON_RAMP = "onRamp"
    OFF_RAMP = "offRamp"
    CONNECTING_RAMP = "connectingRamp"
    SLIP_LANE = "slipLane"
    BUS = "bus"
    TAXI = "taxi"
    HOV = "HOV"
    RAIL = "rail"
    TRAM = "tram"
    SPECIAL1 = "special1"
    SPECIAL2 = "special2"
    SPECIAL3 = "special3"
    ROADWORKS = "roadWorks"


DRIVABLE = frozenset(
    {
        LaneType.DRIVING,
        LaneType.BIDIRECTIONAL,
        LaneType.ENTRY,
        LaneType.EXIT,
        LaneType.ON_RAMP,
        LaneType.OFF_RAMP,
        LaneType.CONNECTING_RAMP,
        LaneType.SLIP_LANE,
        LaneType.BUS,
        LaneType.TAXI,
        LaneType.HOV,
    }
)
"""Lanes that motor traffic uses. CARLA's Traffic Manager itself drives on DRIVING alone."""

WALKABLE = frozenset({LaneType.SIDEWALK, LaneType.WALKING})


class ContactPoint(StrEnum):
    """The end of a road that another one touches."""

    START = "start"
    END = "end"


class ElementKind(StrEnum):
    """What a road's link leads to."""

    ROAD = "road"
    JUNCTION = "junction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cubic:
    """a + b ds + c ds^2 + d ds^3 with ds = s - s_m, valid until the next one begins."""

    s_m: float
    """Start: along the road, or from the start of the lane section for widths."""
    a: float
    b: float = 0.0
    c: float = 0.0
    d: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Straight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arc:
    """Constant curvature."""

    curvature_pm: float
    """1/m, positive to the left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spiral:
    """Clothoid: curvature is linear in s."""

    curvature_start_pm: float
    curvature_end_pm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Poly3:
    """v(u) = a + b u + c u^2 + d u^3 in the frame of the geometry's start."""

    a: float
    b: float
    c: float
    d: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ParamPoly3:
    """u(p), v(p): two cubics of one parameter in the frame of the geometry's start."""

    u: tuple[float, float, float, float]
    v: tuple[float, float, float, float]
    normalized: bool
    """True: p runs 0..1 over the geometry; false: p is the arc length, 0..length."""


Shape = Line | Arc | Spiral | Poly3 | ParamPoly3


@dataclass(frozen=True, slots=True, kw_only=True)
class Geometry:
    """One piece of a road's reference line."""

    s_m: float
    x_m: float
    y_m: float
    heading_rad: float
    length_m: float
    shape: Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadMark:
    """The line at the outer border of a lane (of the centre lane: on the reference line)."""

    s_offset_m: float
    """From the start of the lane section."""
    type: str
    """OpenDRIVE's name: none, solid, broken, "solid solid", "solid broken", curb, ..."""
    color: str = "standard"
    width_m: float = 0.0
    """0 where the file gives none."""
    lane_change: str = "both"
    """increase, decrease, both, none."""
    weight: str = "standard"
    material: str = "standard"


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneSpeed:
    """A speed limit of a lane."""

    s_offset_m: float
    max_mps: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A lane within one lane section."""

    id: int
    type: LaneType
    widths: tuple[Cubic, ...] = ()
    """Empty for the centre lane, and for lanes given by `borders`."""
    borders: tuple[Cubic, ...] = ()
    """Outer border as t, where the file gives that instead of widths. CARLA reads such lanes as width 0."""
    road_marks: tuple[RoadMark, ...] = ()
    speeds: tuple[LaneSpeed, ...] = ()
    predecessor: int | None = None
    successor: int | None = None
    level: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneSection:
    """The lanes of a stretch of road; lanes sorted by descending id (from left to right)."""

    s_m: float
    lanes: tuple[Lane, ...]
    single_side: bool = False

    @property
    def left(self) -> tuple[Lane, ...]:
        """Lanes 1, 2, ... from the reference line outwards."""
        return tuple(sorted((lane for lane in self.lanes if lane.id > 0), key=lambda lane: lane.id))

    @property
    def right(self) -> tuple[Lane, ...]:
        """Lanes -1, -2, ... from the reference line outwards."""
        return tuple(sorted((lane for lane in self.lanes if lane.id < 0), key=lambda lane: -lane.id))

    def lane(self, lane_id: int) -> Lane | None:
        """The lane with this id."""
        return next((lane for lane in self.lanes if lane.id == lane_id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadLink:
    """What a road's start or end leads to."""

    kind: ElementKind
    id: int
    contact: ContactPoint | None = None
    """None for junctions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadType:
    """Type and speed limit from `s_m` on."""

    s_m: float
    type: str
    max_mps: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneValidity:
    """A range of lanes, both ends included."""

    from_lane: int
    to_lane: int

    def holds(self, lane_id: int) -> bool:
        """True if the range contains the lane."""
        return min(self.from_lane, self.to_lane) <= lane_id <= max(self.from_lane, self.to_lane)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """A traffic light or sign."""

    id: str
    name: str
    s_m: float
    t_m: float
    z_offset_m: float
    h_offset_rad: float
    orientation: str
    """"+": for traffic along s, "-": against, "none": for both."""
    dynamic: bool
    type: str
    subtype: str
    value: float | None = None
    unit: str = ""
    text: str = ""
    country: str = ""
    width_m: float = 0.0
    height_m: float = 0.0
    pitch_rad: float = 0.0
    roll_rad: float = 0.0
    validities: tuple[LaneValidity, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalReference:
    """Says that a signal which stands elsewhere governs lanes here."""

    signal_id: str
    s_m: float
    t_m: float
    orientation: str
    validities: tuple[LaneValidity, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CornerLocal:
    """A corner of an outline in the object's frame."""

    u_m: float
    v_m: float
    z_m: float = 0.0
    height_m: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CornerRoad:
    """A corner of an outline in the road's frame. CARLA ignores these."""

    s_m: float
    t_m: float
    dz_m: float = 0.0
    height_m: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectRepeat:
    """Says that an object stands again and again along the road."""

    s_m: float
    length_m: float
    distance_m: float
    """0: one continuous object."""
    t_start_m: float
    t_end_m: float
    z_offset_start_m: float = 0.0
    z_offset_end_m: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadObject:
    """A crossing, stop line, arrow, barrier, ... on or beside a road."""

    id: str
    name: str
    type: str
    s_m: float
    t_m: float
    z_offset_m: float = 0.0
    heading_rad: float = 0.0
    """Relative to the road."""
    pitch_rad: float = 0.0
    roll_rad: float = 0.0
    orientation: str = "none"
    length_m: float = 0.0
    width_m: float = 0.0
    radius_m: float = 0.0
    height_m: float = 0.0
    outline: tuple[CornerLocal, ...] | tuple[CornerRoad, ...] = ()
    repeats: tuple[ObjectRepeat, ...] = ()
    user_data: tuple[tuple[str, str], ...] = ()
    """(code, value) of each <userData>."""


class StructureKind(StrEnum):
    """What carries or covers a stretch of road."""

    BRIDGE = "bridge"
    TUNNEL = "tunnel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """A bridge under a stretch of road, or a tunnel around it. CARLA ignores both."""

    id: str
    kind: StructureKind
    s_m: float
    length_m: float
    type: str
    """Of bridges concrete, steel, brick or wood; of tunnels standard or underpass."""
    name: str = ""
    lighting: float = 0.0
    """Of tunnels: how much artificial light there is, 0 to 1."""
    daylight: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Road:
    """A road: reference line, lanes, and what stands along it."""

    id: int
    name: str
    length_m: float
    junction: int | None
    """Set for connecting roads."""
    geometries: tuple[Geometry, ...]
    lane_sections: tuple[LaneSection, ...]
    lane_offsets: tuple[Cubic, ...] = ()
    elevations: tuple[Cubic, ...] = ()
    superelevations: tuple[Cubic, ...] = ()
    """Kept, and ignored by the evaluator, as CARLA does."""
    predecessor: RoadLink | None = None
    successor: RoadLink | None = None
    types: tuple[RoadType, ...] = ()
    signals: tuple[Signal, ...] = ()
    signal_references: tuple[SignalReference, ...] = ()
    objects: tuple[RoadObject, ...] = ()
    structures: tuple[Structure, ...] = ()

    def section_at(self, s_m: float) -> int:
        """Index of the lane section that holds s."""
        index = 0
        for i, section in enumerate(self.lane_sections):
            if section.s_m <= s_m:
                index = i
        return index


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneLink:
    """Joins a lane of the incoming road to one of the connecting road."""

    from_lane: int
    to_lane: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One way into a junction."""

    id: int
    incoming_road: int
    connecting_road: int
    contact: ContactPoint
    """The end of the connecting road that touches the incoming road."""
    lane_links: tuple[LaneLink, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JunctionController:
    """A controller of a junction and its place in the junction's cycle."""

    id: str
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Junction:
    """A junction and its connections."""

    id: int
    name: str
    connections: tuple[Connection, ...]
    controllers: tuple[JunctionController, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Controller:
    """Signals that show the same at the same time."""

    id: str
    name: str
    signal_ids: tuple[str, ...]
    sequence: int = 0


@dataclass(frozen=True, kw_only=True, eq=False)
class RoadNetwork:
    """A whole OpenDRIVE file."""

    name: str
    geo_reference: str
    """A PROJ string, for example "+proj=tmerc +lat_0=39.795 +lon_0=116.506 ..."; empty if none."""
    roads: tuple[Road, ...]
    junctions: tuple[Junction, ...] = ()
    controllers: tuple[Controller, ...] = field(default=())
    source: str = ""
    """Where it was read from; for messages."""

    @cached_property
    def road_by_id(self) -> dict[int, Road]:
        """Roads by id."""
        return {road.id: road for road in self.roads}

    @cached_property
    def junction_by_id(self) -> dict[int, Junction]:
        """Junctions by id."""
        return {junction.id: junction for junction in self.junctions}
