"""SynchronizeAction: two arrive at the same time."""

from __future__ import annotations

import math

from drivegen.scenario.model.names import SpeedTargetValueType
from drivegen.scenario.model.private_actions import AbsoluteSpeed, SynchronizeAction
from drivegen.scenario.player.actions.base import Domain, Running
from drivegen.scenario.player.bodies import Body
from drivegen.scenario.player.motion import Mover
from drivegen.scenario.player.placed import Placed
from drivegen.scenario.player.play import Play

_SOON_S = 1e-6


class ArriveWith(Running):
    """Chooses the speed so that the actor is at its position when the master is at its own.

    The master is taken to go on at its speed. Without a final speed the actor drives evenly. With one it goes
    to a middle speed in the first half of the time and to the final speed in the second, which is the
    gentlest course that covers the distance: v_m = 2 d / T - (v_0 + v_f) / 2, reckoned anew at every step. Of
    a steady state the last metres or seconds are driven at the final speed.
    """

    domains = frozenset({Domain.LONGITUDINAL})

    def __init__(self, play: Play, mover: Mover, body: Body, action: SynchronizeAction) -> None:
        super().__init__(play, mover, body)
        self._action = action
        self._goal: Placed | None = None
        self._master_goal: Placed | None = None
        self._last = (math.inf, math.inf)

    def begin(self) -> None:
        """See `Running`."""
        master = self.play.body(self._action.master_entity_ref)
        self._goal = self.play.places.find(self._action.target_position, self.body)
        self._master_goal = self.play.places.find(self._action.target_position_master, master)

    def advance(self, dt_s: float) -> None:
        """See `Running`."""
        action = self._action
        master = self.play.body(action.master_entity_ref)
        assert self._goal is not None and self._master_goal is not None
        own, its = self._left(self.body, self._goal), self._left(master, self._master_goal)
        tolerances = (action.target_tolerance or 0.0, action.target_tolerance_master or 0.0)
        reach = abs(self.body.speed_mps) * dt_s
        master_reach = abs(master.speed_mps) * dt_s
        passed = own > self._last[0] and self._last[0] < 2.0 * reach + 1.0
        master_passed = its > self._last[1] and self._last[1] < 2.0 * master_reach + 1.0
        if own <= tolerances[0] + 1e-6 or its <= tolerances[1] + 1e-6 or passed or master_passed:
            final = self._final(master)
            if final is not None:
                self.body.speed_mps = final
            self.done = True
            return
        self._last = (own, its)
        if abs(master.speed_mps) < 1e-6:
            return
        time = its / abs(master.speed_mps)
        self.body.speed_mps = max(self._speed(own, time, self._final(master), dt_s), 0.0)

    def _left(self, body: Body, goal: Placed) -> float:
        """How far a body has to go: along the roads if it faces its goal there, else straight."""
        straight = math.hypot(goal.pose.x_m - body.pose.x_m, goal.pose.y_m - body.pose.y_m)
        if body.spot is None or goal.spot is None:
            return straight
        if body.route is not None:
            here, there = body.route.distance_of(body.spot), body.route.distance_of(goal.spot)
            if here is not None and there is not None and there >= here:
                return there - here
        if abs(body.spot.offset_m) > 5.0:
            return straight
        found = self.play.roads.distances.along(body.spot, goal.spot)
        if found is None:
            return straight
        along = abs(found[0])
        # Across the road, or over a field, roads are no measure.
        return along if straight * 0.9 <= along <= 3.0 * straight + 20.0 else straight

    def _final(self, master: Body) -> float | None:
        final = self._action.final_speed
        if final is None:
            return None
        if isinstance(final, AbsoluteSpeed):
            return final.value
        if final.speed_target_value_type is SpeedTargetValueType.FACTOR:
            return master.speed_mps * final.value
        return master.speed_mps + final.value

    def _speed(self, left_m: float, time_s: float, final: float | None, dt_s: float) -> float:
        if time_s <= _SOON_S:
            return self.body.speed_mps if final is None else final
        if final is None:
            return left_m / time_s
        left, time = left_m, time_s
        steady = self._action.final_speed
        assert steady is not None
        if steady.target_distance_steady_state is not None:
            last = steady.target_distance_steady_state.distance
            left, time = left - last, time - (last / final if final > 0.0 else 0.0)
        elif steady.target_time_steady_state is not None:
            last_s = steady.target_time_steady_state.time
            left, time = left - last_s * final, time - last_s
        if time <= dt_s or left <= 0.0:
            return final
        now = self.body.speed_mps
        middle = 2.0 * left / time - 0.5 * (now + final)
        half = 0.5 * time
        return now + (middle - now) / half * dt_s if half > dt_s else final
