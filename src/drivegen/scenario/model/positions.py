"""The kinds of positions. Metres and radians; `Position` is any of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from drivegen.scenario.model.element import Element, EntityName, Wrapped
from drivegen.scenario.model.names import ReferenceContext

if TYPE_CHECKING:
    from drivegen.scenario.model.routing import Route, Trajectory


@dataclass(frozen=True, slots=True, kw_only=True)
class Orientation(Element):
    """Heading, pitch and roll in radians. A relative angle is added to the reference's."""

    h: float = 0.0
    p: float = 0.0
    r: float = 0.0
    type: ReferenceContext = ReferenceContext.ABSOLUTE


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldPosition(Element):
    """A point in the inertial frame of the road network. Without `z` it lies on the road."""

    x: float
    y: float
    z: float | None = None
    h: float | None = None
    p: float | None = None
    r: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RelativeWorldPosition(Element):
    """A point off an entity along the world's axes."""

    entity_ref: EntityName
    dx: float
    dy: float
    dz: float = 0.0
    orientation: Orientation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RelativeObjectPosition(Element):
    """A point off an entity along the entity's axes."""

    entity_ref: EntityName
    dx: float
    dy: float
    dz: float = 0.0
    orientation: Orientation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadPosition(Element):
    """A point at (s, t) of a road."""

    road_id: str
    s: float
    t: float
    orientation: Orientation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RelativeRoadPosition(Element):
    """A point off an entity along the reference line of the entity's road."""

    entity_ref: EntityName
    ds: float
    dt: float
    orientation: Orientation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LanePosition(Element):
    """A point at `s` of a road, `offset` metres left of a lane's centre as `t` grows."""

    road_id: str
    lane_id: str
    s: float
    offset: float = 0.0
    orientation: Orientation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RelativeLanePosition(Element):
    """A point off an entity: lanes to its left, `ds` along the road or `ds_lane` along the lane."""

    entity_ref: EntityName
    d_lane: int
    ds: float | None = None
    ds_lane: float | None = None
    offset: float = 0.0
    orientation: Orientation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionOfCurrentEntity(Element):
    """Where an entity is on the route."""

    TAG: ClassVar[str] = "FromCurrentEntity"

    entity_ref: EntityName


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionInRoadCoordinates(Element):
    """`path_s` metres along the route and `t` metres left of its reference line."""

    TAG: ClassVar[str] = "FromRoadCoordinates"

    path_s: float
    t: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionInLaneCoordinates(Element):
    """`path_s` metres along the route, in a lane."""

    TAG: ClassVar[str] = "FromLaneCoordinates"

    path_s: float
    lane_id: str
    lane_offset: float = 0.0


InRoutePosition = PositionOfCurrentEntity | PositionInRoadCoordinates | PositionInLaneCoordinates


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutePosition(Element):
    """A point on a route."""

    route: Annotated[Route, Wrapped("RouteRef")]
    in_route_position: InRoutePosition
    orientation: Orientation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GeoPosition(Element):
    """A point on the Earth (WGS 84), degrees and metres."""

    latitude_deg: float
    longitude_deg: float
    altitude: float | None = None
    vertical_road_selection: int = 0
    orientation: Orientation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrajectoryPosition(Element):
    """A point `s` metres along a trajectory and `t` metres to its left."""

    trajectory: Annotated[Trajectory, Wrapped("TrajectoryRef")]
    s: float
    t: float = 0.0
    orientation: Orientation | None = None


Position = (
    WorldPosition
    | RelativeWorldPosition
    | RelativeObjectPosition
    | RoadPosition
    | RelativeRoadPosition
    | LanePosition
    | RelativeLanePosition
    | RoutePosition
    | GeoPosition
    | TrajectoryPosition
)
