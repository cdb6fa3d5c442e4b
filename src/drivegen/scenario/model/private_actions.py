"""Actions of one entity. Metres, seconds, m/s, radians."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from drivegen.scenario.model.appearance import AnimationAction, LightStateAction
from drivegen.scenario.model.controller_actions import ControllerAction
from drivegen.scenario.model.element import AtLeast, Element, EntityName, Refers, Wrapped
from drivegen.scenario.model.names import (
    CoordinateSystem,
    DynamicsDimension,
    DynamicsShape,
    FollowingMode,
    LateralDisplacement,
    LongitudinalDisplacement,
    ReferenceContext,
    SpeedTargetValueType,
)
from drivegen.scenario.model.positions import Position
from drivegen.scenario.model.routing import Route, Trajectory


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitionDynamics(Element):
    """How a value gets to its target: the curve, and its time (s), distance (m) or rate (unit/s)."""

    dynamics_shape: DynamicsShape
    dynamics_dimension: DynamicsDimension
    value: float
    following_mode: FollowingMode = FollowingMode.POSITION


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamicConstraints(Element):
    """Limits of a motion; what is missing has no limit."""

    max_acceleration: float | None = None
    max_acceleration_rate: float | None = None
    max_deceleration: float | None = None
    max_deceleration_rate: float | None = None
    max_speed: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RelativeTargetSpeed(Element):
    """A speed got from another entity's by addition or multiplication."""

    entity_ref: EntityName
    value: float
    speed_target_value_type: SpeedTargetValueType
    continuous: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsoluteTargetSpeed(Element):
    """A speed."""

    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedAction(Element):
    """Changes the speed."""

    WITHIN: ClassVar[tuple[str, ...]] = ("PrivateAction", "LongitudinalAction")

    speed_action_dynamics: TransitionDynamics
    speed_action_target: RelativeTargetSpeed | AbsoluteTargetSpeed


@dataclass(frozen=True, slots=True, kw_only=True)
class LongitudinalDistanceAction(Element):
    """Keeps a distance, or a time gap, along the way: just one of `distance` and `time_gap` is there."""

    WITHIN: ClassVar[tuple[str, ...]] = ("PrivateAction", "LongitudinalAction")

    entity_ref: EntityName
    continuous: bool
    freespace: bool
    distance: float | None = None
    time_gap: float | None = None
    displacement: LongitudinalDisplacement = LongitudinalDisplacement.TRAILING_REFERENCED_ENTITY
    coordinate_system: CoordinateSystem = CoordinateSystem.ENTITY
    dynamic_constraints: DynamicConstraints | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedProfileEntry(Element):
    """A speed to be had `time` seconds after the entry before."""

    speed: float
    time: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedProfileAction(Element):
    """Speeds one after another; with `entity_ref` they are relative to that entity's."""

    WITHIN: ClassVar[tuple[str, ...]] = ("PrivateAction", "LongitudinalAction")

    following_mode: FollowingMode
    entity_ref: Annotated[str | None, Refers("entity")] = None
    dynamic_constraints: DynamicConstraints | None = None
    speed_profile_entries: Annotated[tuple[SpeedProfileEntry, ...], AtLeast(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class RelativeTargetLane(Element):
    """Lanes to the left (positive) of an entity's."""

    entity_ref: EntityName
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsoluteTargetLane(Element):
    """A lane by its id."""

    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneChangeAction(Element):
    """Changes the lane."""

    WITHIN: ClassVar[tuple[str, ...]] = ("PrivateAction", "LateralAction")

    lane_change_action_dynamics: TransitionDynamics
    lane_change_target: RelativeTargetLane | AbsoluteTargetLane
    target_lane_offset: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneOffsetActionDynamics(Element):
    """The curve of a lane offset and its greatest lateral acceleration (m/s^2)."""

    dynamics_shape: DynamicsShape
    max_lateral_acc: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RelativeTargetLaneOffset(Element):
    """An offset from an entity's own offset in its lane."""

    entity_ref: EntityName
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsoluteTargetLaneOffset(Element):
    """An offset from the lane's middle, along t."""

    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneOffsetAction(Element):
    """Goes to another place within the lane."""

    WITHIN: ClassVar[tuple[str, ...]] = ("PrivateAction", "LateralAction")

    continuous: bool
    lane_offset_action_dynamics: LaneOffsetActionDynamics
    lane_offset_target: RelativeTargetLaneOffset | AbsoluteTargetLaneOffset


@dataclass(frozen=True, slots=True, kw_only=True)
class LateralDistanceAction(Element):
    """Keeps a distance to the side; without `distance` the one that there is."""

    WITHIN: ClassVar[tuple[str, ...]] = ("PrivateAction", "LateralAction")

    entity_ref: EntityName
    continuous: bool
    freespace: bool
    distance: float | None = None
    displacement: LateralDisplacement = LateralDisplacement.ANY
    coordinate_system: CoordinateSystem = CoordinateSystem.ENTITY
    dynamic_constraints: DynamicConstraints | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorReference(Element):
    """A sensor by its name."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorReferenceSet(Element):
    """Sensors by name."""

    sensor_references: Annotated[tuple[SensorReference, ...], AtLeast(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisibilityAction(Element):
    """Who can see the entity."""

    WITHIN: ClassVar[tuple[str, ...]] = ("PrivateAction",)

    graphics: bool
    sensors: bool
    traffic: bool
    sensor_reference_set: SensorReferenceSet | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetDistanceSteadyState(Element):
    """The last metres are driven at an even speed."""

    distance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetTimeSteadyState(Element):
    """The last seconds are driven at an even speed."""

    time: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsoluteSpeed(Element):
    """A final speed."""

    value: float
    target_distance_steady_state: TargetDistanceSteadyState | None = None
    target_time_steady_state: TargetTimeSteadyState | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RelativeSpeedToMaster(Element):
    """A final speed got from the master's."""

    speed_target_value_type: SpeedTargetValueType
    value: float
    target_distance_steady_state: TargetDistanceSteadyState | None = None
    target_time_steady_state: TargetTimeSteadyState | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SynchronizeAction(Element):
    """Arrives at a position when the master arrives at its own. Tolerances in metres."""

    WITHIN: ClassVar[tuple[str, ...]] = ("PrivateAction",)

    master_entity_ref: EntityName
    target_position_master: Position
    target_position: Position
    final_speed: AbsoluteSpeed | RelativeSpeedToMaster | None = None
    target_tolerance_master: float | None = None
    target_tolerance: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TeleportAction(Element):
    """Sets an entity to a position."""

    WITHIN: ClassVar[tuple[str, ...]] = ("PrivateAction",)

    position: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignRouteAction(Element):
    """Gives an entity a route."""

    WITHIN: ClassVar[tuple[str, ...]] = ("PrivateAction", "RoutingAction")

    route: Route


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing(Element):
    """The trajectory's times times `scale` plus `offset`, from the action's start or the simulation's."""

    domain_absolute_relative: ReferenceContext
    scale: float
    offset: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TrajectoryFollowingMode(Element):
    """Whether the trajectory is steered along or hit exactly."""

    following_mode: FollowingMode


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeReference(Element):
    """How the trajectory's times are used; `timing` is None where they are not."""

    EMPTY: ClassVar[str] = "None"

    timing: Timing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowTrajectoryAction(Element):
    """Follows a trajectory, from `initial_distance_offset` metres after its start on."""

    WITHIN: ClassVar[tuple[str, ...]] = ("PrivateAction", "RoutingAction")

    trajectory: Annotated[Trajectory, Wrapped("TrajectoryRef")]
    time_reference: TimeReference
    trajectory_following_mode: TrajectoryFollowingMode
    initial_distance_offset: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AcquirePositionAction(Element):
    """Goes to a position by the shortest route."""

    WITHIN: ClassVar[tuple[str, ...]] = ("PrivateAction", "RoutingAction")

    position: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomRouteAction(Element):
    """Drives on at random."""

    WITHIN: ClassVar[tuple[str, ...]] = ("PrivateAction", "RoutingAction")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectTrailerAction(Element):
    """Couples a trailer on."""

    WITHIN: ClassVar[tuple[str, ...]] = ("PrivateAction", "TrailerAction")

    trailer_ref: EntityName


@dataclass(frozen=True, slots=True, kw_only=True)
class DisconnectTrailerAction(Element):
    """Uncouples the trailer."""

    WITHIN: ClassVar[tuple[str, ...]] = ("PrivateAction", "TrailerAction")


PrivateAction = (
    SpeedAction
    | LongitudinalDistanceAction
    | SpeedProfileAction
    | LaneChangeAction
    | LaneOffsetAction
    | LateralDistanceAction
    | VisibilityAction
    | SynchronizeAction
    | ControllerAction
    | TeleportAction
    | AssignRouteAction
    | FollowTrajectoryAction
    | AcquirePositionAction
    | RandomRouteAction
    | LightStateAction
    | AnimationAction
    | ConnectTrailerAction
    | DisconnectTrailerAction
)
