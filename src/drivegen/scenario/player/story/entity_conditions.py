"""Conditions of entities: each one is asked about one entity at one tick."""

from __future__ import annotations

import math
from collections.abc import Callable

from drivegen.scenario.model.conditions import (
    AccelerationCondition,
    AngleCondition,
    ByObjectType,
    CollisionCondition,
    DistanceCondition,
    EndOfRoadCondition,
    EntityCondition,
    OffroadCondition,
    ReachPositionCondition,
    RelativeAngleCondition,
    RelativeClearanceCondition,
    RelativeDistanceCondition,
    RelativeLaneRange,
    RelativeSpeedCondition,
    SpeedCondition,
    StandStillCondition,
    TimeHeadwayCondition,
    TimeToCollisionCondition,
    TraveledDistanceCondition,
)
from drivegen.scenario.model.names import (
    AngleType,
    CoordinateSystem,
    DirectionalDimension,
    RelativeDistanceType,
)
from drivegen.scenario.player.bodies import Body
from drivegen.scenario.player.measures import Target, overlap, within_angle
from drivegen.scenario.player.play import Play
from drivegen.scenario.player.roads.angles import wrapped
from drivegen.scenario.player.roads.distances import lane_steps
from drivegen.scenario.player.story.compare import TIE_M, holds

Check = Callable[[Play, Body], bool]
_STILL_MPS = 1e-3
_FACING_RAD = 0.05
"""A position that is to be reached with an orientation is reached within this of its heading."""


class Lasting:
    """Something that has to be so for a time, kept for each entity."""

    def __init__(self, duration_s: float, now: Check) -> None:
        self._duration = duration_s
        self._now = now
        self._since: dict[str, float] = {}

    def __call__(self, play: Play, body: Body) -> bool:
        """True once it has been so for the whole duration."""
        if not self._now(play, body):
            self._since.pop(body.name, None)
            return False
        begun = self._since.setdefault(body.name, play.time_s)
        return play.time_s - begun >= self._duration - 1e-9


def entity_check(condition: EntityCondition) -> Check:
    """What a condition asks of an entity."""
    match condition:
        case EndOfRoadCondition():
            return Lasting(condition.duration, lambda _, body: body.at_end_of_road)
        case OffroadCondition():
            return Lasting(
                condition.duration,
                lambda play, body: not play.roads.space.on_road(body.pose.x_m, body.pose.y_m),
            )
        case StandStillCondition():
            return Lasting(condition.duration, lambda _, body: abs(body.speed_mps) < _STILL_MPS)
        case SpeedCondition():
            return lambda _, body: holds(_speed(body, condition.direction), condition.rule, condition.value)
        case AccelerationCondition():
            return lambda _, body: holds(
                _acceleration(body, condition.direction), condition.rule, condition.value
            )
        case RelativeSpeedCondition():
            return lambda play, body: holds(
                _relative_speed(play, body, condition), condition.rule, condition.value
            )
        case TraveledDistanceCondition():
            return lambda _, body: body.travelled_m >= condition.value - TIE_M
        case CollisionCondition():
            return lambda play, body: _collides(play, body, condition)
        case ReachPositionCondition():
            return lambda play, body: _reaches(play, body, condition)
        case AngleCondition():
            return lambda play, body: _angle(play, body, condition)
        case RelativeAngleCondition():
            return lambda play, body: _relative_angle(play, body, condition)
        case RelativeClearanceCondition():
            return lambda play, body: _clear(play, body, condition)
        case _:
            return _distance_check(condition)


def _distance_check(
    condition: TimeHeadwayCondition
    | TimeToCollisionCondition
    | DistanceCondition
    | RelativeDistanceCondition,
) -> Check:
    match condition:
        case TimeHeadwayCondition():
            return lambda play, body: _headway(play, body, condition)
        case TimeToCollisionCondition():
            return lambda play, body: _time_to_collision(play, body, condition)
        case DistanceCondition():

            def to_position(play: Play, body: Body) -> bool:
                placed = play.places.find(condition.position, body)
                return _within(play, body, Target.at(placed.pose, placed.spot), condition)

            return to_position
        case RelativeDistanceCondition():

            def to_entity(play: Play, body: Body) -> bool:
                other = play.body(condition.entity_ref)
                return other.present and _within(play, body, Target.of(other), condition)

            return to_entity


def _within(
    play: Play, body: Body, target: Target, condition: DistanceCondition | RelativeDistanceCondition
) -> bool:
    found = play.measures.distance(
        body, target, condition.relative_distance_type, condition.coordinate_system, condition.freespace
    )
    return found is not None and holds(found, condition.rule, condition.value, TIE_M)


def _headway(play: Play, body: Body, condition: TimeHeadwayCondition) -> bool:
    """The distance over the own speed; an entity that stands has no headway, whatever is asked."""
    other = play.body(condition.entity_ref)
    if not other.present:
        return False
    distance = play.measures.distance(
        body,
        Target.of(other),
        condition.relative_distance_type,
        condition.coordinate_system,
        condition.freespace,
    )
    speed = abs(body.speed_mps)
    if distance is None or speed < _STILL_MPS:
        return False
    return holds(distance / speed, condition.rule, condition.value, TIE_M)


def _time_to_collision(play: Play, body: Body, condition: TimeToCollisionCondition) -> bool:
    """The distance over the speed at which it closes; never where it opens."""
    target = condition.time_to_collision_condition_target
    if target.entity_ref is not None:
        other = play.body(target.entity_ref.entity_ref)
        if not other.present:
            return False
        goal, velocity = Target.of(other), other.velocity_mps
    else:
        assert target.position is not None
        placed = play.places.find(target.position, body)
        goal, velocity = Target.at(placed.pose, placed.spot), (0.0, 0.0, 0.0)
    distance = play.measures.distance(
        body, goal, condition.relative_distance_type, condition.coordinate_system, condition.freespace
    )
    if distance is None:
        return False
    closing = _closing(body, goal, velocity, condition.relative_distance_type)
    time = distance / closing if closing > _STILL_MPS else math.inf
    return holds(time, condition.rule, condition.value, TIE_M)


def _closing(
    body: Body, goal: Target, velocity: tuple[float, float, float], kind: RelativeDistanceType
) -> float:
    """How fast two come nearer, along the line between them or an axis of the entity."""
    dx, dy = goal.pose.x_m - body.pose.x_m, goal.pose.y_m - body.pose.y_m
    vx, vy = body.velocity_mps[0] - velocity[0], body.velocity_mps[1] - velocity[1]
    if kind is not RelativeDistanceType.EUCLIDIAN_DISTANCE:
        axis = body.pose.heading_rad
        if kind is RelativeDistanceType.LATERAL:
            axis += 0.5 * math.pi
        c, s = math.cos(axis), math.sin(axis)
        return (vx * c + vy * s) * (1.0 if dx * c + dy * s >= 0.0 else -1.0)
    away = math.hypot(dx, dy)
    return (vx * dx + vy * dy) / away if away > 1e-9 else 0.0


def _component(body: Body, vector: tuple[float, float, float], axis: DirectionalDimension) -> float:
    c, s = math.cos(body.pose.heading_rad), math.sin(body.pose.heading_rad)
    if axis is DirectionalDimension.LONGITUDINAL:
        return vector[0] * c + vector[1] * s
    if axis is DirectionalDimension.LATERAL:
        return vector[1] * c - vector[0] * s
    return vector[2]


def _speed(body: Body, axis: DirectionalDimension | None) -> float:
    return body.speed_mps if axis is None else _component(body, body.velocity_mps, axis)


def _acceleration(body: Body, axis: DirectionalDimension | None) -> float:
    if axis is None:
        return math.hypot(body.acceleration_mps2, body.lateral_acceleration_mps2)
    if axis is DirectionalDimension.LONGITUDINAL:
        return body.acceleration_mps2
    return body.lateral_acceleration_mps2 if axis is DirectionalDimension.LATERAL else 0.0


def _relative_speed(play: Play, body: Body, condition: RelativeSpeedCondition) -> float:
    other = play.body(condition.entity_ref)
    if condition.direction is None:
        return body.speed_mps - other.speed_mps
    return _component(body, body.velocity_mps, condition.direction) - _component(
        body, other.velocity_mps, condition.direction
    )


def _collides(play: Play, body: Body, condition: CollisionCondition) -> bool:
    target = condition.target
    if isinstance(target, ByObjectType):
        others = play.present(target.type)
    else:
        others = [b for b in play.members((target,)) if b.present]
    outline = tuple(body.corners())
    return any(
        other is not body and _same_height(body, other) and overlap(outline, tuple(other.corners()))
        for other in others
    )


def _same_height(one: Body, other: Body) -> bool:
    def reach(body: Body) -> tuple[float, float]:
        middle = body.pose.z_m + body.box.z_m
        return middle - 0.5 * body.box.height_m, middle + 0.5 * body.box.height_m

    a, b = reach(one), reach(other)
    return a[0] <= b[1] and b[0] <= a[1]


def _reaches(play: Play, body: Body, condition: ReachPositionCondition) -> bool:
    placed = play.places.find(condition.position, body)
    near = math.hypot(placed.pose.x_m - body.pose.x_m, placed.pose.y_m - body.pose.y_m)
    if near > condition.tolerance + TIE_M:
        return False
    if getattr(condition.position, "orientation", None) is None:
        return True
    return within_angle(body.pose.heading_rad, placed.pose.heading_rad, _FACING_RAD)


def _angle(play: Play, body: Body, condition: AngleCondition) -> bool:
    pose = body.pose
    angle = {
        AngleType.HEADING: pose.heading_rad,
        AngleType.PITCH: pose.pitch_rad,
        AngleType.ROLL: pose.roll_rad,
    }[condition.angle_type]
    if condition.angle_type is AngleType.HEADING and body.spot is not None:
        line = play.roads.space.line(body.spot).heading_rad
        if condition.coordinate_system is CoordinateSystem.ROAD:
            angle = wrapped(angle - line)
        elif condition.coordinate_system is CoordinateSystem.LANE:
            own = play.roads.space.in_own_lane(body.spot)
            angle = wrapped(angle - line - play.roads.space.lane_heading(own))
    return within_angle(angle, condition.angle, condition.angle_tolerance)


def _relative_angle(play: Play, body: Body, condition: RelativeAngleCondition) -> bool:
    other = play.body(condition.entity_ref).pose
    angle = {
        AngleType.HEADING: other.heading_rad - body.pose.heading_rad,
        AngleType.PITCH: other.pitch_rad - body.pose.pitch_rad,
        AngleType.ROLL: other.roll_rad - body.pose.roll_rad,
    }[condition.angle_type]
    return within_angle(angle, condition.angle, condition.angle_tolerance)


def _clear(play: Play, body: Body, condition: RelativeClearanceCondition) -> bool:
    if body.spot is None:
        return False
    named = play.members(condition.entity_refs) if condition.entity_refs else list(play.bodies.values())
    own = play.roads.space.in_own_lane(body.spot)
    for other in named:
        if other is body or not other.present or other.spot is None:
            continue
        theirs = play.roads.space.in_own_lane(other.spot)
        if not condition.opposite_lanes and other.direction * _runs(play, body, other) != body.direction:
            continue
        lanes = lane_steps(own.lane_id, theirs.lane_id) * body.direction
        if not _in_ranges(lanes, condition.relative_lane_ranges):
            continue
        found = play.measures.ahead(body, Target.of(other), CoordinateSystem.LANE)
        if found is None:
            continue
        at = found.free_m if condition.free_space else found.between_m
        if -condition.distance_backward <= at <= condition.distance_forward:
            return False
    return True


def _runs(play: Play, body: Body, other: Body) -> int:
    """1 where s runs the same way under both, else -1."""
    if body.spot is None or other.spot is None:
        return 1
    found = play.roads.distances.along(body.spot, other.spot)
    return 1 if found is None else found[1]


def _in_ranges(lanes: int, ranges: tuple[RelativeLaneRange, ...]) -> bool:
    """Whether a lane is asked about; without ranges all are."""
    return not ranges or any(
        (r.from_ is None or lanes >= r.from_) and (r.to is None or lanes <= r.to) for r in ranges
    )
