"""Routes: AssignRouteAction, AcquirePositionAction."""

from __future__ import annotations

from drivegen.core.errors import ScenarioError
from drivegen.scenario.model.private_actions import (
    AcquirePositionAction,
    AssignRouteAction,
)
from drivegen.scenario.player.actions.base import AtOnce, Domain, Running
from drivegen.scenario.player.bodies import Body
from drivegen.scenario.player.motion import Mover
from drivegen.scenario.player.play import Play


class GiveRoute(AtOnce):
    """Gives its actor a route, which decides at forks from now on."""

    def __init__(self, play: Play, mover: Mover, body: Body, action: AssignRouteAction) -> None:
        super().__init__(play, mover, body)
        self._action = action

    def act(self) -> None:
        """See `Running`."""
        self.body.route = self.play.places.route(self._action.route, self.body)


class ForgetRoute(AtOnce):
    """Takes the route away: the straightest lane is the choice of an entity without one."""

    def __init__(self, play: Play, mover: Mover, body: Body) -> None:
        super().__init__(play, mover, body)

    def act(self) -> None:
        """See `Running`."""
        self.body.route = None


class GoTo(Running):
    """Takes the shortest route to a position; over when the actor is there."""

    domains = frozenset({Domain.LATERAL})

    def __init__(self, play: Play, mover: Mover, body: Body, action: AcquirePositionAction) -> None:
        super().__init__(play, mover, body)
        self._action = action
        self._goal: tuple[float, float] = (0.0, 0.0)
        self._near = float("inf")

    def begin(self) -> None:
        """See `Running`."""
        body = self.body
        if body.spot is None:
            raise ScenarioError(f'{self._action.place}: "{body.name}" has no position: teleport it first')
        placed = self.play.places.find(self._action.position, body)
        self._goal = (placed.pose.x_m, placed.pose.y_m)
        own = self.play.roads.space.in_own_lane(body.spot)
        if placed.spot is None:
            raise ScenarioError(
                f"{self._action.place}: a route needs roads: name the LogicFile of the road network"
            )
        body.route = self.play.roads.planner.route([own, placed.spot])

    def advance(self, dt_s: float) -> None:
        """See `Running`."""
        pose = self.body.pose
        away = ((pose.x_m - self._goal[0]) ** 2 + (pose.y_m - self._goal[1]) ** 2) ** 0.5
        passed = away > self._near and self._near < 10.0
        self._near = min(away, self._near)
        reach = abs(self.body.speed_mps) * dt_s + 0.5
        self.done = away <= reach or passed
