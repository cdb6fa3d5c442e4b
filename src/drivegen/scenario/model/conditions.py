"""Triggers and their conditions. Seconds, metres, m/s, radians."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar

from drivegen.scenario.model.element import AtLeast, Element, EntityName, Inline, Refers, Stated
from drivegen.scenario.model.entities import EntityRef
from drivegen.scenario.model.names import (
    AngleType,
    ConditionEdge,
    CoordinateSystem,
    DirectionalDimension,
    ObjectType,
    RelativeDistanceType,
    RoutingAlgorithm,
    Rule,
    StoryboardElementState,
    StoryboardElementType,
    TriggeringEntitiesRule,
)
from drivegen.scenario.model.positions import Position


@dataclass(frozen=True, slots=True, kw_only=True)
class EndOfRoadCondition(Element):
    """An entity has been at the end of the road for `duration`."""

    duration: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ByObjectType(Element):
    """Any entity of one kind."""

    TAG: ClassVar[str] = "ByType"

    type: ObjectType


@dataclass(frozen=True, slots=True, kw_only=True)
class CollisionCondition(Element):
    """An entity touches another one, or one of a kind."""

    target: Annotated[EntityRef | ByObjectType, Inline()]


@dataclass(frozen=True, slots=True, kw_only=True)
class OffroadCondition(Element):
    """An entity has been off the road for `duration`."""

    duration: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeHeadwayCondition(Element):
    """The distance to another entity over the own speed."""

    entity_ref: EntityName
    rule: Rule
    value: float
    freespace: bool
    coordinate_system: CoordinateSystem = CoordinateSystem.ENTITY
    relative_distance_type: RelativeDistanceType = RelativeDistanceType.EUCLIDIAN_DISTANCE
    routing_algorithm: RoutingAlgorithm = RoutingAlgorithm.UNDEFINED


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeToCollisionConditionTarget(Element):
    """With what: just one of the two is there."""

    position: Position | None = None
    entity_ref: EntityRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeToCollisionCondition(Element):
    """The distance to an entity or a position over the speed at which it shrinks."""

    time_to_collision_condition_target: TimeToCollisionConditionTarget
    rule: Rule
    value: float
    freespace: bool
    coordinate_system: CoordinateSystem = CoordinateSystem.ENTITY
    relative_distance_type: RelativeDistanceType = RelativeDistanceType.EUCLIDIAN_DISTANCE
    routing_algorithm: RoutingAlgorithm = RoutingAlgorithm.UNDEFINED


@dataclass(frozen=True, slots=True, kw_only=True)
class AccelerationCondition(Element):
    """An entity's acceleration, or its part along an axis."""

    rule: Rule
    value: float
    direction: DirectionalDimension | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StandStillCondition(Element):
    """An entity has stood still for `duration`."""

    duration: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedCondition(Element):
    """An entity's speed, or its part along an axis."""

    rule: Rule
    value: float
    direction: DirectionalDimension | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RelativeSpeedCondition(Element):
    """The own speed less another entity's."""

    entity_ref: EntityName
    rule: Rule
    value: float
    direction: DirectionalDimension | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TraveledDistanceCondition(Element):
    """An entity has gone `value` metres since the scenario began."""

    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachPositionCondition(Element):
    """An entity is within `tolerance` of a position."""

    position: Position
    tolerance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DistanceCondition(Element):
    """The distance to a position."""

    position: Position
    rule: Rule
    value: float
    freespace: bool
    coordinate_system: CoordinateSystem = CoordinateSystem.ENTITY
    relative_distance_type: RelativeDistanceType = RelativeDistanceType.EUCLIDIAN_DISTANCE
    routing_algorithm: RoutingAlgorithm = RoutingAlgorithm.UNDEFINED


@dataclass(frozen=True, slots=True, kw_only=True)
class RelativeDistanceCondition(Element):
    """The distance to another entity."""

    entity_ref: EntityName
    rule: Rule
    value: float
    freespace: bool
    relative_distance_type: RelativeDistanceType
    coordinate_system: CoordinateSystem = CoordinateSystem.ENTITY
    routing_algorithm: RoutingAlgorithm = RoutingAlgorithm.UNDEFINED


@dataclass(frozen=True, slots=True, kw_only=True)
class RelativeLaneRange(Element):
    """Lanes from `from_` to `to`, counted from the own lane, positive to the left; a missing end is open."""

    from_: int | None = None
    to: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RelativeClearanceCondition(Element):
    """Some lanes ahead and behind are free of the entities named (of all, if none is)."""

    opposite_lanes: bool
    free_space: bool
    distance_forward: float = 0.0
    distance_backward: float = 0.0
    relative_lane_ranges: tuple[RelativeLaneRange, ...] = ()
    entity_refs: tuple[EntityRef, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AngleCondition(Element):
    """An entity's angle is within `angle_tolerance` of `angle`."""

    angle_type: AngleType
    angle: float
    angle_tolerance: float
    coordinate_system: CoordinateSystem = CoordinateSystem.ENTITY


@dataclass(frozen=True, slots=True, kw_only=True)
class RelativeAngleCondition(Element):
    """An entity's angle against another one's."""

    entity_ref: EntityName
    angle_type: AngleType
    angle: float
    angle_tolerance: float
    coordinate_system: CoordinateSystem = CoordinateSystem.ENTITY


EntityCondition = (
    EndOfRoadCondition
    | CollisionCondition
    | OffroadCondition
    | TimeHeadwayCondition
    | TimeToCollisionCondition
    | AccelerationCondition
    | StandStillCondition
    | SpeedCondition
    | RelativeSpeedCondition
    | TraveledDistanceCondition
    | ReachPositionCondition
    | DistanceCondition
    | RelativeDistanceCondition
    | RelativeClearanceCondition
    | AngleCondition
    | RelativeAngleCondition
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggeringEntities(Element):
    """Whose condition it is."""

    triggering_entities_rule: TriggeringEntitiesRule
    entity_refs: Annotated[tuple[EntityRef, ...], AtLeast(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ByEntityCondition(Element):
    """A condition of entities."""

    triggering_entities: TriggeringEntities
    entity_condition: EntityCondition


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterCondition(Element):
    """A comparison of a parameter."""

    WITHIN: ClassVar[tuple[str, ...]] = ("ByValueCondition",)

    parameter_ref: Annotated[str, Refers("parameter")]
    rule: Rule
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeOfDayCondition(Element):
    """A comparison of the simulated date and time."""

    WITHIN: ClassVar[tuple[str, ...]] = ("ByValueCondition",)

    date_time: datetime
    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationTimeCondition(Element):
    """A comparison of the time since the storyboard began."""

    WITHIN: ClassVar[tuple[str, ...]] = ("ByValueCondition",)

    value: float
    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryboardElementStateCondition(Element):
    """An element of the storyboard is in a state or goes through a transition.

    `storyboard_element_ref` is the element's name or, where that is not unique, with its parents' before
    it, joined by `::`.
    """

    WITHIN: ClassVar[tuple[str, ...]] = ("ByValueCondition",)

    storyboard_element_type: StoryboardElementType
    storyboard_element_ref: str
    state: StoryboardElementState


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDefinedValueCondition(Element):
    """A comparison of a value that is given from outside."""

    WITHIN: ClassVar[tuple[str, ...]] = ("ByValueCondition",)

    name: str
    rule: Rule
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficSignalCondition(Element):
    """A signal of the road network (by its id) is in a state."""

    WITHIN: ClassVar[tuple[str, ...]] = ("ByValueCondition",)

    name: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficSignalControllerCondition(Element):
    """A signal controller is in a phase."""

    WITHIN: ClassVar[tuple[str, ...]] = ("ByValueCondition",)

    traffic_signal_controller_ref: Annotated[str, Refers("signal controller")]
    phase: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableCondition(Element):
    """A comparison of a variable."""

    WITHIN: ClassVar[tuple[str, ...]] = ("ByValueCondition",)

    variable_ref: Annotated[str, Refers("variable")]
    rule: Rule
    value: str


ByValueCondition = (
    ParameterCondition
    | TimeOfDayCondition
    | SimulationTimeCondition
    | StoryboardElementStateCondition
    | UserDefinedValueCondition
    | TrafficSignalCondition
    | TrafficSignalControllerCondition
    | VariableCondition
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition(Element):
    """A condition, the edge of it that counts, and the delay (s) after which it does."""

    name: str
    delay: Annotated[float, Stated()] = 0.0
    condition_edge: ConditionEdge
    condition: Annotated[ByEntityCondition | ByValueCondition, Inline()]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionGroup(Element):
    """Conditions that must all be true."""

    conditions: Annotated[tuple[Condition, ...], AtLeast(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger(Element):
    """True when one of its groups is; without groups it never is."""

    condition_groups: tuple[ConditionGroup, ...] = ()
