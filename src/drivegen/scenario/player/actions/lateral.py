"""Actions across the lane: LaneChangeAction, LaneOffsetAction, LateralDistanceAction."""

from __future__ import annotations

import math

from drivegen.core.errors import ScenarioError
from drivegen.scenario.model.names import CoordinateSystem, DynamicsShape, LateralDisplacement
from drivegen.scenario.model.private_actions import (
    AbsoluteTargetLane,
    AbsoluteTargetLaneOffset,
    LaneChangeAction,
    LaneOffsetAction,
    LateralDistanceAction,
    RelativeTargetLaneOffset,
)
from drivegen.scenario.player.actions.base import Domain, Running
from drivegen.scenario.player.bodies import UNLIMITED, Body
from drivegen.scenario.player.dynamics import Transition, by_greatest_acceleration, transition
from drivegen.scenario.player.measures import Target
from drivegen.scenario.player.motion import Mover
from drivegen.scenario.player.play import Play
from drivegen.scenario.player.roads.distances import relative_lane

_SLOW_MPS = 0.01


class _Across(Running):
    """An action that moves its actor within or between lanes; it remembers which way s ran when it began."""

    domains = frozenset({Domain.LATERAL})

    def __init__(self, play: Play, mover: Mover, body: Body) -> None:
        super().__init__(play, mover, body)
        self._way: Transition | None = None
        self._flips = 0
        self._offset: float | None = None

    def _sign(self) -> float:
        """1 while s runs as it did at the beginning, else -1."""
        return 1.0 if (self.body.flips - self._flips) % 2 == 0 else -1.0

    def lateral_offset(self) -> float | None:
        """See `Running`."""
        return self._offset

    def _slant(self, sideways_mps: float) -> float:
        """The angle to its lane that sideways speed gives an actor, positive towards t."""
        speed = abs(self.body.speed_mps)
        if speed < _SLOW_MPS:
            return 0.0
        return math.asin(min(max(sideways_mps / speed, -1.0), 1.0))

    def stop(self) -> None:
        """See `Running`."""
        self.body.slant_rad = None
        self.body.lane_speed_mps = 0.0


class ChangeLane(_Across):
    """Goes to the middle (or an offset) of another lane.

    The actor belongs to its new lane from the beginning, so that it keeps to that lane's course. Speed over
    ground is kept: what goes sideways is taken from what goes along, and the actor turns by the angle between
    the two.
    """

    def __init__(self, play: Play, mover: Mover, body: Body, action: LaneChangeAction) -> None:
        super().__init__(play, mover, body)
        self._action = action

    def begin(self) -> None:
        """See `Running`."""
        body = self.body
        self._flips = body.flips
        space = self.play.roads.space
        own = self.play.spot(body, self._action.place)
        body.keeps_lane = False
        lane = self._target_lane()
        points = space.points(own.road_id)
        section = points.section(own.s_m)
        if points.road.lane_sections[section].lane(lane) is None:
            raise ScenarioError(
                f'{self._action.place}: "{body.name}" shall go to lane {lane}, which road {own.road_id} has '
                f"not at s={own.s_m:.1f}: name one of its lanes"
            )
        body.spot = space.in_lane(own.road_id, lane, own.s_m, 0.0)
        centre = body.spot.t_m
        start = own.t_m - centre
        body.spot = space.in_lane(own.road_id, lane, own.s_m, start)
        dynamics = self._action.lane_change_action_dynamics
        self._way = transition(
            dynamics.dynamics_shape,
            dynamics.dynamics_dimension,
            dynamics.value,
            start,
            self._action.target_lane_offset,
        )
        self._offset = start

    def advance(self, dt_s: float) -> None:
        """See `Running`."""
        assert self._way is not None
        body, way = self.body, self._way
        speed = abs(body.speed_mps)
        sideways = way.slope * (speed if way.by_distance else 1.0)
        body.slant_rad = self._sign() * self._slant(sideways)
        body.lane_speed_mps = sideways
        way.advance(dt_s, speed * dt_s)
        self._offset = self._sign() * way.value
        if way.done:
            body.slant_rad = None
            self.done = True

    def _target_lane(self) -> int:
        target = self._action.lane_change_target
        if isinstance(target, AbsoluteTargetLane):
            try:
                return int(target.value)
            except ValueError:
                raise ScenarioError(
                    f'{self._action.place}: lane "{target.value}" is not a number: name a lane by its id'
                ) from None
        other = self.play.body(target.entity_ref)
        there = self.play.spot(other, self._action.place)
        # To the left of the entity that is referred to, whichever way its road runs.
        found = relative_lane(there.lane_id, target.value * other.direction)
        spot = self.body.spot
        if spot is not None and there.road_id != spot.road_id:
            runs = self.play.roads.distances.along(spot, there)
            if runs is not None and runs[1] < 0:
                return -found
        return found


class OffsetInLane(_Across):
    """Goes to another offset in its lane; a continuous one keeps to the target for ever.

    Its first step is one of rest: the way begins in the tick after the event's.
    """

    def __init__(self, play: Play, mover: Mover, body: Body, action: LaneOffsetAction) -> None:
        super().__init__(play, mover, body)
        self._action = action
        self._rested = False
        self._reached = False

    def begin(self) -> None:
        """See `Running`."""
        body = self.body
        self._flips = body.flips
        body.spot = self.play.spot(body, self._action.place)
        dynamics = self._action.lane_offset_action_dynamics
        start = body.spot.offset_m
        self._way = by_greatest_acceleration(
            dynamics.dynamics_shape, dynamics.max_lateral_acc, start, self._target()
        )
        self._offset = start
        if dynamics.dynamics_shape is DynamicsShape.STEP:
            self._rested = True

    def advance(self, dt_s: float) -> None:
        """See `Running`."""
        assert self._way is not None
        body, way = self.body, self._way
        if self._action.continuous:
            way.target = self._target()
        if self._rested:
            way.advance(dt_s, abs(body.speed_mps) * dt_s)
        self._rested = True
        self._offset = self._sign() * way.value
        body.slant_rad = self._sign() * self._slant(way.slope) if not way.done else None
        # A fixed target that is kept for ever is one that is kept without doing anything.
        if way.done and not (self._action.continuous and self._relative):
            self.done = True

    @property
    def _relative(self) -> bool:
        return isinstance(self._action.lane_offset_target, RelativeTargetLaneOffset)

    def _target(self) -> float:
        target = self._action.lane_offset_target
        if isinstance(target, AbsoluteTargetLaneOffset):
            return target.value
        other = self.play.body(target.entity_ref)
        return self.play.spot(other, self._action.place).offset_m + other.direction * target.value


class KeepAside(_Across):
    """Keeps a distance to the side of another entity.

    Without limits it is there at once; with limits it goes there as fast as acceleration and speed allow,
    slowing down in time.
    """

    def __init__(self, play: Play, mover: Mover, body: Body, action: LateralDistanceAction) -> None:
        super().__init__(play, mover, body)
        self._action = action
        self._speed = 0.0
        self._side = 1.0
        self._distance = 0.0

    def begin(self) -> None:
        """See `Running`."""
        body, action = self.body, self._action
        self._flips = body.flips
        body.spot = self.play.spot(body, action.place)
        body.keeps_lane = False
        self._offset = body.spot.offset_m
        now = self._to_left()
        self._side = 1.0 if now >= 0.0 else -1.0
        if action.displacement is LateralDisplacement.LEFT_TO_REFERENCED_ENTITY:
            self._side = 1.0
        elif action.displacement is LateralDisplacement.RIGHT_TO_REFERENCED_ENTITY:
            self._side = -1.0
        self._distance = abs(self._free(now)) if action.distance is None else action.distance

    def advance(self, dt_s: float) -> None:
        """See `Running`."""
        body = self.body
        assert body.spot is not None
        now = self._to_left()
        wanted = self._side * (self._distance + self._extents())
        error = (wanted - now) * self._towards_t()
        limits = self._action.dynamic_constraints
        offset = body.spot.offset_m
        if limits is None or (limits.max_acceleration is None and limits.max_speed is None):
            offset += error
            self._speed = 0.0
        else:
            most = UNLIMITED if limits.max_speed is None else limits.max_speed
            up = UNLIMITED if limits.max_acceleration is None else limits.max_acceleration
            down = up if limits.max_deceleration is None else limits.max_deceleration
            brake = math.sqrt(2.0 * down * abs(error)) if down < UNLIMITED else UNLIMITED
            goal = math.copysign(min(most, brake, abs(error) / dt_s), error)
            self._speed = min(max(goal, self._speed - up * dt_s), self._speed + up * dt_s)
            offset += self._speed * dt_s
        body.slant_rad = self._slant(self._speed)
        body.lane_speed_mps = self._speed
        self._offset = offset
        if abs(error) < 1e-3 and not self._action.continuous:
            body.slant_rad = None
            self.done = True

    def _to_left(self) -> float:
        """How far the actor lies to the left of the other one, or, along roads, towards t."""
        other = self.play.body(self._action.entity_ref)
        system = self._action.coordinate_system
        own, its = self.body.spot, other.spot
        if system is not CoordinateSystem.ENTITY and own is not None and its is not None:
            across = self.play.roads.distances.across(own, its)
            if across is not None:
                return -across
        found = self.play.measures.aside(other, Target.of(self.body), system)
        if found is None:
            found = self.play.measures.aside(other, Target.of(self.body), CoordinateSystem.ENTITY)
        assert found is not None
        return found.between_m

    def _towards_t(self) -> int:
        """1 if a growing distance to the left is one towards t, else -1."""
        if self._action.coordinate_system is not CoordinateSystem.ENTITY:
            return 1
        turn = self.play.body(self._action.entity_ref).pose.heading_rad
        spot = self.body.spot
        assert spot is not None
        return 1 if math.cos(turn - self.play.roads.space.line(spot).heading_rad) >= 0.0 else -1

    def _extents(self) -> float:
        """What lies between reference points that is not free space, on the side chosen."""
        if not self._action.freespace:
            return 0.0
        body, other = self.body.box, self.play.body(self._action.entity_ref).box
        shift = self._side * (other.y_m - body.y_m)
        return 0.5 * (body.width_m + other.width_m) + shift

    def _free(self, between_m: float) -> float:
        return max(abs(between_m) - self._extents(), 0.0)
