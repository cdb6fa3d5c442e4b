"""Actions on the speed: SpeedAction, SpeedProfileAction."""

from __future__ import annotations

import math

from drivegen.scenario.model.names import (
    DynamicsDimension,
    DynamicsShape,
    FollowingMode,
    SpeedTargetValueType,
)
from drivegen.scenario.model.private_actions import (
    AbsoluteTargetSpeed,
    DynamicConstraints,
    RelativeTargetSpeed,
    SpeedAction,
    SpeedProfileAction,
)
from drivegen.scenario.player.actions.base import Domain, Running
from drivegen.scenario.player.bodies import UNLIMITED, Body
from drivegen.scenario.player.dynamics import Transition, steepest, transition
from drivegen.scenario.player.motion import Mover
from drivegen.scenario.player.play import Play

_AT_SPEED = 1e-9


class ChangeSpeed(Running):
    """Brings the speed to a target along a transition.

    A continuous relative target is followed for ever: first along the transition, then exactly. A transition
    that is steeper than the vehicle's performance allows takes longer; a step is a step.
    """

    domains = frozenset({Domain.LONGITUDINAL})

    def __init__(self, play: Play, mover: Mover, body: Body, action: SpeedAction) -> None:
        super().__init__(play, mover, body)
        self._action = action
        self._way: Transition | None = None
        self._reached = False

    def begin(self) -> None:
        """See `Running`."""
        dynamics = self._action.speed_action_dynamics
        dimension, value = dynamics.dynamics_dimension, dynamics.value
        start, target = self.body.speed_mps, self._target()
        if dimension is DynamicsDimension.DISTANCE:
            # All shapes are symmetric: their mean is half way, which gives the time that the distance takes.
            mean = 0.5 * abs(start + target)
            dimension = DynamicsDimension.TIME
            value = value / mean if mean > _AT_SPEED else 0.0
        self._way = transition(dynamics.dynamics_shape, dimension, value, start, target)
        self._slow_down()
        if dynamics.dynamics_shape is DynamicsShape.STEP or self._way.done:
            self.body.speed_mps = self._target()
            self._reached = True
            self.done = not self._continuous

    def _slow_down(self) -> None:
        """Lengthens the way where the vehicle cannot accelerate or brake as hard as it asks for."""
        way, body = self._way, self.body
        assert way is not None
        faster = abs(way.target) > abs(way.start)
        limit = body.greatest_acceleration_mps2 if faster else body.greatest_deceleration_mps2
        if way.shape is not DynamicsShape.STEP and way.length > 0.0 and limit > 0.0:
            way.length = max(way.length, steepest(way.shape) * abs(way.target - way.start) / limit)

    def advance(self, dt_s: float) -> None:
        """See `Running`."""
        assert self._way is not None
        if self._continuous:
            self._way.target = self._target()
        if self._reached:
            self.body.speed_mps = self._target()
            return
        self._way.advance(dt_s, abs(self.body.speed_mps) * dt_s)
        self.body.speed_mps = self._way.value
        if self._way.done:
            self._reached = True
            self.done = not self._continuous

    @property
    def _continuous(self) -> bool:
        target = self._action.speed_action_target
        return isinstance(target, RelativeTargetSpeed) and target.continuous

    def _target(self) -> float:
        target = self._action.speed_action_target
        if isinstance(target, AbsoluteTargetSpeed):
            return target.value
        other = self.play.body(target.entity_ref).speed_mps
        if target.speed_target_value_type is SpeedTargetValueType.FACTOR:
            return other * target.value
        return other + target.value


class ProfileSpeed(Running):
    """Goes through speeds one after another.

    With `followingMode="position"` speeds are hit at their times, linear between them; entries without a time
    are reached at the greatest acceleration. With "follow" acceleration and jerk keep to the limits, and a
    speed that cannot be had in time comes later.
    """

    domains = frozenset({Domain.LONGITUDINAL})

    def __init__(self, play: Play, mover: Mover, body: Body, action: SpeedProfileAction) -> None:
        super().__init__(play, mover, body)
        self._action = action
        self._index = 0
        self._gone_s = 0.0
        self._from_mps = 0.0
        self._acceleration = 0.0

    def begin(self) -> None:
        """See `Running`."""
        self._from_mps = self.body.speed_mps
        self._acceleration = 0.0
        self._skip_done()

    def advance(self, dt_s: float) -> None:
        """See `Running`."""
        if self._action.following_mode is FollowingMode.FOLLOW:
            self._follow(dt_s)
        else:
            self._hit(dt_s)

    def _speed(self, index: int) -> float:
        base = 0.0
        if self._action.entity_ref is not None:
            base = self.play.body(self._action.entity_ref).speed_mps
        return base + self._action.speed_profile_entries[index].speed

    def _time(self, index: int) -> float:
        """How long the way to an entry takes."""
        entry = self._action.speed_profile_entries[index]
        if entry.time is not None:
            return entry.time
        up, down = self._limits()
        change = self._speed(index) - self._from_mps
        limit = up if change > 0.0 else down
        return abs(change) / limit if limit < UNLIMITED else 0.0

    def _limits(self) -> tuple[float, float]:
        given = self._action.dynamic_constraints or DynamicConstraints()
        body = self.body
        up = body.greatest_acceleration_mps2 if given.max_acceleration is None else given.max_acceleration
        down = body.greatest_deceleration_mps2 if given.max_deceleration is None else given.max_deceleration
        return up, down

    def _skip_done(self) -> None:
        """Entries that take no time are done at once."""
        while self._index < len(self._action.speed_profile_entries) and self._time(self._index) <= 1e-9:
            self.body.speed_mps = self._speed(self._index)
            self._next()
        self.done = self._index >= len(self._action.speed_profile_entries)

    def _next(self) -> None:
        self._from_mps = self.body.speed_mps
        self._index += 1
        self._gone_s = 0.0

    def _hit(self, dt_s: float) -> None:
        left = dt_s
        while left > 1e-12 and self._index < len(self._action.speed_profile_entries):
            whole, goal = self._time(self._index), self._speed(self._index)
            used = min(left, whole - self._gone_s)
            self._gone_s += used
            left -= used
            share = self._gone_s / whole if whole > 0.0 else 1.0
            self.body.speed_mps = self._from_mps + share * (goal - self._from_mps)
            if self._gone_s >= whole - 1e-9:
                self.body.speed_mps = goal
                self._next()
        self.done = self._index >= len(self._action.speed_profile_entries)

    def _follow(self, dt_s: float) -> None:
        """Towards the entry's speed within the limits of acceleration and jerk, as late as its time
        allows."""
        given = self._action.dynamic_constraints or DynamicConstraints()
        up, down = self._limits()
        jerk_up = UNLIMITED if given.max_acceleration_rate is None else given.max_acceleration_rate
        jerk_down = UNLIMITED if given.max_deceleration_rate is None else given.max_deceleration_rate
        goal = min(self._speed(self._index), given.max_speed if given.max_speed is not None else UNLIMITED)
        change = goal - self.body.speed_mps
        left = max(self._time(self._index) - self._gone_s, dt_s)
        # The acceleration has to be gone again when the speed is there: sqrt(2 j dv) is the most that can be.
        rate = jerk_down if change > 0.0 else jerk_up
        most = math.sqrt(2.0 * rate * abs(change)) if rate < UNLIMITED else UNLIMITED
        even = self._even(change, left, jerk_up if change > 0.0 else jerk_down, rate)
        wanted = math.copysign(min(even, most, up if change > 0.0 else down), change)
        step_up, step_down = jerk_up * dt_s, jerk_down * dt_s
        self._acceleration = min(max(wanted, self._acceleration - step_down), self._acceleration + step_up)
        speed = self.body.speed_mps + self._acceleration * dt_s
        self._gone_s += dt_s
        if (goal - speed) * change <= 0.0 or abs(goal - speed) < 1e-6:
            speed, self._acceleration = goal, 0.0
        self.body.speed_mps = speed
        if speed == goal and self._gone_s >= self._time(self._index) - 1e-9:
            self._next()
            self.done = self._index >= len(self._action.speed_profile_entries)

    @staticmethod
    def _even(change: float, left_s: float, rise: float, fall: float) -> float:
        """The even acceleration that, risen to and fallen from at given rates, makes a change within a
        time."""
        if rise >= UNLIMITED and fall >= UNLIMITED:
            return abs(change) / left_s
        # dv = a T - a^2 (1/rise + 1/fall) / 2
        half = 0.5 * (1.0 / rise + 1.0 / fall)
        root = left_s * left_s - 4.0 * half * abs(change)
        if root < 0.0:
            return UNLIMITED
        return (left_s - math.sqrt(root)) / (2.0 * half)
