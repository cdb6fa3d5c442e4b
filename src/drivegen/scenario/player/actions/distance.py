"""LongitudinalDistanceAction: a gap or a time gap to another entity."""

from __future__ import annotations

import math

from drivegen.core.errors import ScenarioError
from drivegen.scenario.model.names import CoordinateSystem, LongitudinalDisplacement
from drivegen.scenario.model.private_actions import DynamicConstraints, LongitudinalDistanceAction
from drivegen.scenario.player.actions.base import Domain, Running
from drivegen.scenario.player.bodies import UNLIMITED, Body
from drivegen.scenario.player.measures import Target
from drivegen.scenario.player.motion import Mover
from drivegen.scenario.player.play import Play

_THERE_M = 1e-3
_SETTLED_MPS = 0.1


class KeepAhead(Running):
    """Keeps a distance along the way.

    Without limits the actor is set to the distance at once (a time gap is one of the own speed); with limits
    it gets there by its speed, which goes to the other's as the gap closes: v = v_other + sign(e) sqrt(2 a
    |e|), the fastest that can still be stopped in time.
    """

    domains = frozenset({Domain.LONGITUDINAL})

    def __init__(self, play: Play, mover: Mover, body: Body, action: LongitudinalDistanceAction) -> None:
        super().__init__(play, mover, body)
        self._action = action
        self._side = 1.0
        self._acceleration = 0.0

    def begin(self) -> None:
        """See `Running`."""
        found = self._error()
        between = self._between()
        self._side = 1.0 if between <= 0.0 else -1.0
        displacement = self._action.displacement
        if displacement is LongitudinalDisplacement.LEADING_REFERENCED_ENTITY:
            self._side = 1.0
        elif displacement is LongitudinalDisplacement.TRAILING_REFERENCED_ENTITY:
            self._side = -1.0
        else:
            self._side = -1.0 if between > 0.0 else 1.0
        found = self._error()
        if self._limits() is None and not self._action.continuous:
            self._shift(found)
            self.done = True

    def advance(self, dt_s: float) -> None:
        """See `Running`."""
        limits = self._limits()
        error = self._error()
        other = self.play.body(self._action.entity_ref)
        if limits is None:
            # The other one moves on in this step, too: follow its speed, then correct by what is left.
            self.body.speed_mps = other.speed_mps
            if abs(error) > _THERE_M:
                self._shift(error)
            return
        self._drive(error, other.speed_mps, limits, dt_s)
        if not self._action.continuous:
            settled = abs(self.body.speed_mps - other.speed_mps) < _SETTLED_MPS
            self.done = abs(error) < 0.05 and settled

    def _limits(self) -> DynamicConstraints | None:
        given = self._action.dynamic_constraints
        if given is None:
            return None
        values = (given.max_acceleration, given.max_deceleration, given.max_speed)
        return None if all(v is None for v in values) else given

    def _drive(self, error: float, other_mps: float, limits: DynamicConstraints, dt_s: float) -> None:
        body = self.body
        up = limits.max_acceleration if limits.max_acceleration is not None else UNLIMITED
        down = limits.max_deceleration if limits.max_deceleration is not None else up
        most = limits.max_speed if limits.max_speed is not None else UNLIMITED
        jerk_up = limits.max_acceleration_rate if limits.max_acceleration_rate is not None else UNLIMITED
        jerk_down = limits.max_deceleration_rate if limits.max_deceleration_rate is not None else UNLIMITED
        brake = down if error > 0.0 else up
        most_closing = math.sqrt(2.0 * brake * abs(error)) if brake < UNLIMITED else UNLIMITED
        closing = math.copysign(min(most_closing, abs(error) / dt_s), error)
        goal = min(max(other_mps + closing, 0.0), most)
        wanted = (goal - body.speed_mps) / dt_s
        wanted = min(max(wanted, -down), up)
        low, high = self._acceleration - jerk_down * dt_s, self._acceleration + jerk_up * dt_s
        self._acceleration = min(max(wanted, low), high)
        body.speed_mps = min(max(body.speed_mps + self._acceleration * dt_s, 0.0), most)

    def _between(self) -> float:
        """How far the other one is ahead, from point to point."""
        found = self.play.measures.ahead(
            self.body, Target.of(self.play.body(self._action.entity_ref)), self._system()
        )
        if found is None:
            raise ScenarioError(
                f'{self._action.place}: no road joins "{self.body.name}" and "{self._action.entity_ref}": '
                "a distance along the road cannot be kept"
            )
        return found.between_m

    def _system(self) -> CoordinateSystem:
        return self._action.coordinate_system

    def _error(self) -> float:
        """How far the actor has to go ahead to be where it should."""
        action = self._action
        other = self.play.body(action.entity_ref)
        wanted = action.distance
        if wanted is None:
            wanted = (action.time_gap or 0.0) * abs(self.body.speed_mps)
        if action.freespace:
            wanted += self._taken(other)
        # The other is `between` ahead; it shall be `-side * wanted` ahead.
        return self._between() + self._side * wanted

    def _taken(self, other: Body) -> float:
        """What boxes take of the distance between reference points, on the side chosen."""
        own, its = self.body.box, other.box
        if self._side > 0.0:  # the actor leads: its rear to the other's front
            return -(own.x_m - 0.5 * own.length_m) + (its.x_m + 0.5 * its.length_m)
        return (own.x_m + 0.5 * own.length_m) - (its.x_m - 0.5 * its.length_m)

    def _shift(self, ahead_m: float) -> None:
        body = self.body
        if body.spot is None:
            return
        direction = body.direction if ahead_m >= 0.0 else -body.direction
        walked = self.play.roads.walk.walk(body.spot, abs(ahead_m), direction)
        self.mover.settle(body, walked.spot, 0.0)
