"""The kinematic core: a scenario stepped from tick to tick, without a simulator.

One `step` takes the state at t to t + dt:

1. Signal controllers show what they show at t.
2. The storyboard is asked with the state at t: first its stop trigger (once it is met nothing moves any more:
the last rows are those of t, written at t + dt), then story by story each act's stop
and start triggers and the triggers of events, in the order of the file. What starts, starts now; what is over
at once (a teleport, a set value, a speed step) is done now, so that later conditions of the same tick see it.
3. Running actions go on by dt, the initial ones first, then in the order in which they started.
4. Entities are driven on along their lanes at their new speeds, in the order of the file, unless an action
has set their pose, they were teleported in this tick, or somebody else moves them.
5. The clock shows t + dt. Actions, events, maneuvers, groups, acts and stories that are done end; conditions
see that at the next step.

The same scenario, network and step give the same numbers: no randomness, no dependence on hashes, plain
floats.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from drivegen.core.errors import DrivegenError, ScenarioError
from drivegen.opendrive.model import RoadNetwork
from drivegen.scenario.model.controller_actions import ControllerAction
from drivegen.scenario.model.global_actions import EntityAction
from drivegen.scenario.model.private_actions import PrivateAction
from drivegen.scenario.model.scenario import Scenario
from drivegen.scenario.model.storyboard import Action, Private
from drivegen.scenario.player.actions.base import Domain, Running
from drivegen.scenario.player.actions.factory import global_action, is_private, private_action
from drivegen.scenario.player.bodies import Body, Driver
from drivegen.scenario.player.drivers import Lookout, SimpleDriver, centred
from drivegen.scenario.player.motion import Mover
from drivegen.scenario.player.play import Play
from drivegen.scenario.player.roads.network import Roads
from drivegen.scenario.player.roads.spot import Pose
from drivegen.scenario.player.rows import Row
from drivegen.scenario.player.story.board import Board
from drivegen.scenario.support import check_support

_NS = 1_000_000_000
_LEAST_STEP_S = 1e-4


class Kinematics:
    """A scenario under way."""

    def __init__(
        self,
        scenario: Scenario,
        network: RoadNetwork | None,
        dt_s: float = 0.05,
        *,
        outside: Iterable[str] = (),
        simple: Mapping[str, SimpleDriver] | None = None,
    ) -> None:
        """Sets the scenario to its beginning: initial actions are done, time is 0.

        Without a network all stands on a plane, and who is not led goes straight on.

        `outside` and `simple` name entities that somebody else or the simple driver moves: from the time at
        which the scenario activates their controller, or from the beginning if it never does.
        Raises ScenarioError and MapError for what cannot be played.
        """
        if not _LEAST_STEP_S <= dt_s <= 1.0:
            raise ScenarioError(f"a step of {dt_s:g} s is out of range: give one from 0.0001 to 1 s")
        check_support(scenario)
        self._dt_ns = round(dt_s * _NS)
        self._drivers = dict(simple or {})
        self.play = Play(
            scenario=scenario,
            roads=Roads(network or RoadNetwork(name="", geo_reference="", roads=())),
            dt_s=self._dt_ns / _NS,
        )
        self.play.outside = frozenset(outside)
        self.play.simple = frozenset(self._drivers)
        for name in (*self.play.outside, *self._drivers):
            self.play.body(name)
        self._mover = Mover(self.play.roads)
        self._running: list[Running] = []
        self._wanted: dict[str, float] = {}
        self._lookouts = {name: Lookout() for name in self._drivers}
        self.board = Board(scenario.storyboard, self.play)
        self._begin_all()

    @property
    def time_s(self) -> float:
        """Simulation time."""
        return self.play.time_s

    @property
    def done(self) -> bool:
        """True once the storyboard is over."""
        return self.board.over

    @property
    def bodies(self) -> Mapping[str, Body]:
        """Entities by name, in the order of the file."""
        return self.play.bodies

    def rows(self) -> list[Row]:
        """A row of each entity that is there, in the order of the file."""
        return [Row.of(self.play.time_s, body) for body in self.play.present()]

    def step(self) -> None:
        """Goes on by one step."""
        play = self.play
        for body in play.bodies.values():
            body.teleported = body.moved_exactly = False
            body.lane_speed_mps = 0.0
        play.signal_cycles.update(play)
        self.board.ask(self._begin)
        before = {name: (b.pose, b.speed_mps, b.velocity_mps) for name, b in play.bodies.items()}
        if not self.board.stopped:
            for action in list(self._running):
                if not action.done and self._present(action):
                    action.advance(play.dt_s)
            self._move()
        play.tick += 1
        play.time_s = play.tick * self._dt_ns / _NS
        self._reckon(before)
        self.board.update()
        self._running = [a for a in self._running if not a.done]

    def report(
        self,
        name: str,
        pose: Pose,
        speed_mps: float,
        velocity_mps: tuple[float, float, float] | None = None,
    ) -> None:
        """Tells where an entity is that is moved from outside, after a step, for the time that the clock
        shows."""
        body = self.play.body(name)
        if Driver.OUTSIDE not in (body.longitudinal, body.lateral):
            return
        last = body.pose
        lasted = body.present
        self._mover.put(body, pose)
        if lasted:
            body.travelled_m += math.hypot(pose.x_m - last.x_m, pose.y_m - last.y_m)
        new = velocity_mps or (
            speed_mps * math.cos(pose.heading_rad),
            speed_mps * math.sin(pose.heading_rad),
            0.0,
        )
        self._accelerate(body, new, body.velocity_mps)
        body.speed_mps, body.velocity_mps = speed_mps, new

    def _begin_all(self) -> None:
        """The initial actions; an entity that is placed by another one waits until that one has its place."""
        init = self.play.scenario.storyboard.init.actions
        late = []
        for action in (*init.global_actions, *init.user_defined_actions):
            if self._awaits(action):
                late.append(action)
            else:
                self._start(global_action(self.play, self._mover, action))
        waiting = [(private, list(private.private_actions)) for private in init.privates]
        while waiting:
            left: list[tuple[Private, list[PrivateAction]]] = []
            error: DrivegenError | None = None
            for private, actions in waiting:
                try:
                    for body in self.play.members({private.entity_ref: None}):
                        self._begin_private(body, actions)
                except _NotYetError as problem:
                    left.append((private, problem.actions))
                    error = error or problem.cause
            stuck = [len(a) for _, a in left] == [len(a) for _, a in waiting]
            ready = [a for a in late if not self._awaits(a)]
            for action in ready:
                late.remove(action)
                self._start(global_action(self.play, self._mover, action))
            stuck = stuck and not ready
            if error is not None and stuck:
                raise error
            waiting = left
        while late:  # each may have waited for the one before; what never comes is told by the action itself
            action = next((a for a in late if not self._awaits(a)), late[0])
            late.remove(action)
            self._start(global_action(self.play, self._mover, action))
        for body in self.play.bodies.values():
            body.teleported = False
            self._hand_over(body)
            c, s = math.cos(body.pose.heading_rad), math.sin(body.pose.heading_rad)
            body.velocity_mps = (body.speed_mps * c, body.speed_mps * s, 0.0)
        self.play.signal_cycles.update(self.play)

    def _awaits(self, action: object) -> bool:
        """Whether an initial action brings an entity in beside one that has no place yet."""
        if not isinstance(action, EntityAction):
            return False
        return any(not self.play.body(name).present for name in _referred(action.action))

    def _begin_private(self, body: Body, actions: list[PrivateAction]) -> None:
        for index, action in enumerate(actions):
            waits = [
                name for name in _referred(action) if name != body.name and not self.play.body(name).present
            ]
            if waits:
                raise _NotYetError(
                    actions[index:],
                    ScenarioError(
                        f'{action.place}: "{body.name}" refers to "{waits[0]}", which has no position at the '
                        "beginning: teleport that one first"
                    ),
                )
            self._start(private_action(self.play, self._mover, body, action))

    def _hand_over(self, body: Body) -> None:
        """Gives an entity to its driver from the beginning if the scenario never activates a controller of
        it."""
        if body.name not in self.play.outside and body.name not in self.play.simple:
            return
        if self._activates(body.name):
            return
        body.longitudinal = body.lateral = Driver.OUTSIDE if body.name in self.play.outside else Driver.SIMPLE

    def _activates(self, name: str) -> bool:
        """Whether the scenario says when an entity's controller begins."""
        board = self.play.scenario.storyboard
        found = [(p.entity_ref, a) for p in board.init.actions.privates for a in p.private_actions]
        for story in board.stories:
            for act in story.acts:
                for group in act.maneuver_groups:
                    names = [b.name for b in self.play.members(group.actors.entity_refs)]
                    actions = [a.action for m in group.maneuvers for e in m.events for a in e.actions]
                    found += [(n, a) for n in names for a in actions if is_private(a)]  # type: ignore[misc]
        for entity, action in found:
            if entity != name or not isinstance(action, ControllerAction):
                continue
            activate, assign = action.activate_controller_action, action.assign_controller_action
            if activate is not None and (activate.lateral or activate.longitudinal):
                return True
            if assign is not None and (assign.activate_lateral or assign.activate_longitudinal):
                return True
        return False

    def _begin(self, model: Action, actors: tuple[str, ...]) -> list[Running]:
        """Begins an action of the storyboard for its actors."""
        if model.action is None:
            return []  # old files have actions with nothing in them, to wait for
        if is_private(model.action):
            parts = [
                private_action(self.play, self._mover, self.play.body(name), model.action)  # type: ignore[arg-type]
                for name in actors
            ]
        else:
            parts = [global_action(self.play, self._mover, model.action)]  # type: ignore[arg-type]
        for part in parts:
            self._start(part)
        return parts

    def _start(self, action: Running) -> None:
        """Begins an action; running ones of the same actor and domain give way."""
        if action.domains:
            for other in self._running:
                if other.actor == action.actor and other.domains & action.domains and not other.done:
                    other.stop()
                    other.done = True
        action.begin()
        if not action.done:
            self._running.append(action)

    def _present(self, action: Running) -> bool:
        """Whether an action may move its actor."""
        name = action.actor
        if name is None:
            return True
        body = self.play.bodies[name]
        if not body.present:
            return False
        taken = (
            (Domain.LONGITUDINAL, body.longitudinal),
            (Domain.LATERAL, body.lateral),
        )
        return not any(domain in action.domains and who is not Driver.SCRIPT for domain, who in taken)

    def _move(self) -> None:
        play = self.play
        offsets: dict[str, float] = {}
        for action in self._running:
            offset = action.lateral_offset()
            if offset is not None and action.actor is not None:
                offsets[action.actor] = offset
        for body in play.bodies.values():
            if not body.present or body.teleported or body.moved_exactly:
                continue
            if body.longitudinal is Driver.OUTSIDE or body.lateral is Driver.OUTSIDE:
                continue
            offset = offsets.get(body.name)
            if body.longitudinal is Driver.SIMPLE:
                self._drive_simply(body)
            if body.lateral is Driver.SIMPLE and body.spot is not None:
                offset = centred(body.spot.offset_m, play.dt_s)
            self._mover.drive_on(body, play.dt_s, offset)

    def _drive_simply(self, body: Body) -> None:
        driver = self._drivers[body.name]
        wanted = driver.wanted_mps
        if wanted is None:
            wanted = self._wanted.setdefault(body.name, max(body.speed_mps, 0.0))
        acceleration = driver.acceleration(
            body.speed_mps, wanted, self._lookouts[body.name].lead(self.play, body)
        )
        body.speed_mps = max(body.speed_mps + acceleration * self.play.dt_s, 0.0)

    def _reckon(self, before: Mapping[str, tuple[Pose, float, tuple[float, float, float]]]) -> None:
        """Velocities, accelerations and ways of the step."""
        dt = self.play.dt_s
        for name, body in self.play.bodies.items():
            pose, speed, velocity = before[name]
            if not body.present or Driver.OUTSIDE in (body.longitudinal, body.lateral):
                continue
            if body.teleported:
                continue
            dx, dy = body.pose.x_m - pose.x_m, body.pose.y_m - pose.y_m
            body.travelled_m += math.hypot(dx, dy)
            new = (dx / dt, dy / dt, (body.pose.z_m - pose.z_m) / dt)
            self._accelerate(body, new, velocity)
            body.acceleration_mps2 = (body.speed_mps - speed) / dt
            body.velocity_mps = new

    def _accelerate(
        self, body: Body, new: tuple[float, float, float], old: tuple[float, float, float]
    ) -> None:
        dt = self.play.dt_s
        ax, ay = (new[0] - old[0]) / dt, (new[1] - old[1]) / dt
        c, s = math.cos(body.pose.heading_rad), math.sin(body.pose.heading_rad)
        body.acceleration_mps2 = ax * c + ay * s
        body.lateral_acceleration_mps2 = ay * c - ax * s


class _NotYetError(Exception):
    """An initial action refers to an entity that has no place yet."""

    def __init__(self, actions: list[PrivateAction], cause: DrivegenError) -> None:
        super().__init__()
        self.actions = actions
        self.cause = cause


def _referred(action: object) -> list[str]:
    """Entities whose place an action needs when it begins."""
    out: list[str] = []
    seen: list[object] = [action]
    while seen:
        item = seen.pop()
        name = getattr(item, "entity_ref", None)
        if isinstance(name, str):
            out.append(name)
        for field in ("position", "speed_action_target", "lane_change_target", "lane_offset_target"):
            child = getattr(item, field, None)
            if child is not None:
                seen.append(child)
    return out
