"""Traffic that is made by rule: sources, sinks, swarms, areas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from drivegen.scenario.model.element import AtLeast, EachIn, Element, EntityName, Inline, UnsignedInt, Wrapped
from drivegen.scenario.model.entities import Controller, EntityObject, ObjectController, Properties
from drivegen.scenario.model.names import Role, VehicleCategory
from drivegen.scenario.model.positions import Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Range(Element):
    """From `lower_limit` to `upper_limit`."""

    lower_limit: float
    upper_limit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleCategoryDistributionEntry(Element):
    """A category and how often it comes."""

    category: VehicleCategory
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleRoleDistributionEntry(Element):
    """A role and how often it comes."""

    role: Role
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ControllerDistributionEntry(Element):
    """A controller and how often it comes."""

    weight: float
    controller: Controller


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficDefinition(Element):
    """Which vehicles there are, by category, role and controller."""

    name: str
    vehicle_category_distribution: Annotated[
        tuple[VehicleCategoryDistributionEntry, ...], Wrapped("VehicleCategoryDistribution"), AtLeast(1)
    ]
    vehicle_role_distribution: Annotated[
        tuple[VehicleRoleDistributionEntry, ...], Wrapped("VehicleRoleDistribution")
    ] = ()
    controller_distribution: Annotated[
        tuple[ControllerDistributionEntry, ...], Wrapped("ControllerDistribution"), AtLeast(1)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioObjectTemplate(Element):
    """An entity without a name."""

    entity_object: Annotated[EntityObject, Inline()]
    object_controllers: tuple[ObjectController, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityDistributionEntry(Element):
    """An entity and how often it comes."""

    weight: float
    scenario_object_template: ScenarioObjectTemplate


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficDistributionEntry(Element):
    """Entities and how often they come."""

    weight: float
    entity_distribution: Annotated[
        tuple[EntityDistributionEntry, ...], Wrapped("EntityDistribution"), AtLeast(1)
    ]
    properties: Properties | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficDistribution(Element):
    """Which entities there are."""

    traffic_distribution_entries: Annotated[tuple[TrafficDistributionEntry, ...], AtLeast(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficSourceAction(Element):
    """Brings vehicles in around a position: `rate` a second, at `speed`."""

    radius: float
    rate: float
    speed: float | None = None
    position: Position
    traffic_definition: TrafficDefinition | None = None
    traffic_distribution: TrafficDistribution | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficSinkAction(Element):
    """Takes vehicles out around a position, `rate` a second."""

    radius: float
    rate: float | None = None
    position: Position
    traffic_definition: TrafficDefinition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CentralSwarmObject(Element):
    """The entity that the swarm is around."""

    TAG: ClassVar[str] = "CentralObject"

    entity_ref: EntityName


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectionOfTravelDistribution(Element):
    """Weights of the entity's own and the opposite direction."""

    same: float
    opposite: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficSwarmAction(Element):
    """Keeps vehicles in an ellipse around an entity, outside `inner_radius`."""

    inner_radius: float
    number_of_vehicles: UnsignedInt
    offset: float
    semi_major_axis: float
    semi_minor_axis: float
    central_object: CentralSwarmObject
    traffic_definition: TrafficDefinition | None = None
    traffic_distribution: TrafficDistribution | None = None
    initial_speed_range: Range | None = None
    direction_of_travel_distribution: DirectionOfTravelDistribution | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane(Element):
    """A lane by its id."""

    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadCursor(Element):
    """A place on a road, on all lanes or on those named."""

    road_id: str
    s: float | None = None
    lanes: tuple[Lane, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadRange(Element):
    """A stretch from cursor to cursor."""

    length: float | None = None
    road_cursors: Annotated[tuple[RoadCursor, ...], AtLeast(2)]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficArea(Element):
    """A polygon or stretches of road."""

    polygon: Annotated[tuple[Position, ...], Wrapped("Polygon"), EachIn("Position")] = ()
    road_ranges: tuple[RoadRange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficAreaAction(Element):
    """Fills an area with entities."""

    number_of_entities: UnsignedInt
    continuous: bool
    traffic_distribution: TrafficDistribution
    traffic_area: TrafficArea


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficStopAction(Element):
    """Stops the traffic action of the same name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficAction(Element):
    """Makes or stops traffic."""

    WITHIN: ClassVar[tuple[str, ...]] = ("GlobalAction",)

    traffic_name: str | None = None
    action: Annotated[
        TrafficSourceAction | TrafficSinkAction | TrafficSwarmAction | TrafficAreaAction | TrafficStopAction,
        Inline(),
    ]
