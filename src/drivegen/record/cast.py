"""The actors of a scene: spawned from the plan, counted, and taken away again."""

from __future__ import annotations

import contextlib
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import carla
import numpy as np

from drivegen.capture.frame import EGO
from drivegen.core.actors import PEOPLE
from drivegen.core.errors import PlanError, ServerError
from drivegen.core.geometry import Pose
from drivegen.core.handedness import flip_points
from drivegen.core.plans import EgoPlan, PlacedPose, PropPlan, ScenePlan, VehiclePlan, WalkerPlan
from drivegen.core.tracks import Track
from drivegen.record.behaviour import hand_over
from drivegen.record.streams import configured, transform_of
from drivegen.record.truth import Tracked
from drivegen.record.world import ServerWorld

VEHICLE_LIFT_M = 0.2
"""Vehicles are spawned so high above the road, so that uneven ground does not refuse them."""

ABOVE_TRACK_M, APART_M = 500.0, 10.0
"""Who follows a track appears so high above its beginning, each so much above the other, so that none is
refused for touching another; then it is put there."""

WALKER_LIFT_M = 1.0
"""A walker's origin is in its middle, about 0.93 m above the ground for CARLA's adults."""


class Cast:
    """Who takes part, by the plan; what the server refused is on record."""

    def __init__(self, server: ServerWorld, plan: ScenePlan) -> None:
        """Spawns all. Raises PlanError for unknown blueprints, ServerError when the ego or another agent is
        refused.
        """
        self._server = server
        self._plan = plan
        self._spawned: list[int] = []
        self.failures: list[str] = []
        self.vehicle_plans: dict[int, VehiclePlan] = {}
        """By actor id, also of those that have left."""
        self._left: set[int] = set()
        try:
            with server.calls("spawning"):
                self._library = server.world.get_blueprint_library()
                self._check_blueprints()
                self._spawn()
        except BaseException:
            self.destroy()
            raise

    def _check_blueprints(self) -> None:
        plan = self._plan
        known = self._known = {blueprint.id for blueprint in self._library}
        wanted = {plan.ego.blueprint}
        wanted |= {self._played_by(p) for p in plan.vehicles} | {self._played_by(p) for p in plan.walkers}
        wanted |= {p.blueprint for p in plan.props}
        unknown = sorted(wanted - known)
        if unknown:
            raise PlanError(
                f"{plan.scene}: the server at {self._server.endpoint} has no blueprint {', '.join(unknown)}; "
                "take one of its library"
            )

    def _played_by(self, plan: VehiclePlan | WalkerPlan) -> str:
        """The plan's blueprint, or CARLA's that stands in for it where the server lacks it."""
        return plan.blueprint if plan.blueprint in self._known or not plan.stand_in else plan.stand_in

    def _spawn(self) -> None:
        plan = self._plan
        ego = self._batch([self._vehicle(plan.ego, "hero")])[0]
        if isinstance(ego, str):
            raise ServerError(f"{plan.scene}: the ego {plan.ego.blueprint} was refused: {ego}")
        # A hero is never taken away by the Traffic Manager, however long it waits.
        heroes = {c.vehicle for c in plan.connected}
        numbered = [
            (k, v)
            for k, v in enumerate(plan.vehicles)
            if v.enters_s <= 0.0 and (v.track is None or k in heroes)
        ]
        first = [v for _, v in numbered]
        vehicles = self._batch(
            [self._vehicle(v, "hero" if k in heroes else "autopilot") for k, v in numbered]
        )
        afoot = [w for w in plan.walkers if w.track is None]
        walkers = self._batch([self._walker(w) for w in afoot])
        self.vehicle_plans = {i: p for i, p in zip(vehicles, first, strict=True) if isinstance(i, int)}
        answers = {k: answer for (k, _), answer in zip(numbered, vehicles, strict=True)}
        self.walker_plans = {i: p for i, p in zip(walkers, afoot, strict=True) if isinstance(i, int)}
        """By actor id, also of those that have left."""
        plans: list[VehiclePlan | WalkerPlan] = [*first, *afoot]
        self.failures = [
            f"{each.blueprint}: {answer}"
            for answer, each in zip([*vehicles, *walkers], plans, strict=True)
            if isinstance(answer, str)
        ]
        actors = {actor.id: actor for actor in self._server.world.get_actors(self._spawned)}
        missing = [i for i in self._spawned if i not in actors]
        if missing:
            raise ServerError(f"{plan.scene}: the server spawned actors {missing} and does not know them")
        self.ego = Tracked.of(actors[ego])
        self.carriers = {EGO: ego, **self._connected(answers)}
        """Actors that carry agents, by the agent's name."""
        self.others = [Tracked.of(actors[i]) for i in self._spawned if i != ego]
        if plan.ego.track is None:
            hand_over(self._server.traffic, self.ego.actor, plan.ego)

    def _connected(self, answers: Mapping[int, int | str]) -> dict[str, int]:
        """Actors of connected vehicles by the agent's name, from what the server said to each vehicle."""
        found: dict[str, int] = {}
        for each in self._plan.connected:
            answer = answers[each.vehicle]
            if isinstance(answer, str):
                blueprint = self._plan.vehicles[each.vehicle].blueprint
                raise ServerError(f"{self._plan.scene}: {each.name} ({blueprint}) was refused: {answer}")
            found[each.name] = answer
        return found

    def enter(self, plans: Sequence[VehiclePlan], speeds_mps: Sequence[float]) -> list[Tracked | None]:
        """Spawns vehicles while the scene runs, at speeds along their headings.

        None where the server refuses. Raises RuntimeError as the client does.
        """
        commands = []
        for plan, speed in zip(plans, speeds_mps, strict=True):
            yaw = plan.start.yaw_rad
            velocity = flip_points(np.array([speed * math.cos(yaw), speed * math.sin(yaw), 0.0]))
            move = carla.command.ApplyTargetVelocity(
                carla.command.FutureActor, carla.Vector3D(*velocity.tolist())
            )
            spawn = self._vehicle(plan, "autopilot")
            commands.append(spawn.then(move) if speed > 0.0 else spawn)
        answers = self._batch(commands)
        actors = {a.id: a for a in self._server.world.get_actors([i for i in answers if isinstance(i, int)])}
        out: list[Tracked | None] = []
        for plan, answer in zip(plans, answers, strict=True):
            if isinstance(answer, str):
                out.append(None)
                continue
            tracked = Tracked.of(actors[answer])
            self.vehicle_plans[answer] = plan
            self.others.append(tracked)
            out.append(tracked)
        return out

    def put_in(self, plans: Sequence[VehiclePlan | WalkerPlan]) -> list[Tracked | None]:
        """Spawns who follows a track while the scene runs, without physics and high above it.

        None where the server refuses, which is among the failures. Raises RuntimeError as the client does.
        """
        commands = [
            self._vehicle(p, "autopilot") if isinstance(p, VehiclePlan) else self._walker(p) for p in plans
        ]
        out: list[Tracked | None] = []
        for plan, actor in zip(plans, self._actors(commands, plans), strict=True):
            out.append(None if actor is None else Tracked.of(actor))
            if out[-1] is None:
                continue
            self.others.append(out[-1])
            if isinstance(plan, VehiclePlan):
                self.vehicle_plans[out[-1].track_id] = plan
            else:
                self.walker_plans[out[-1].track_id] = plan
        return out

    def put_things(self, plans: Sequence[PropPlan]) -> list[Any]:
        """As `put_in` for things: their `carla.Actor`s."""
        return self._actors(
            [self._above(configured(self._library, p.blueprint, {}), p.track) for p in plans], plans
        )

    def _actors(
        self, commands: Sequence[Any], plans: Sequence[VehiclePlan | WalkerPlan | PropPlan]
    ) -> list[Any]:
        """What spawned, None where it was refused."""
        answers = self._batch(commands)
        actors = {a.id: a for a in self._server.world.get_actors([i for i in answers if isinstance(i, int)])}
        self.failures += [
            f"{p.blueprint}: {a}" for p, a in zip(plans, answers, strict=True) if isinstance(a, str)
        ]
        return [actors.get(answer) for answer in answers]

    def _above(self, blueprint: Any, track: Track) -> Any:
        """Spawns what follows a track: high above its beginning, and without physics."""
        height = track.z_m[0] + ABOVE_TRACK_M + APART_M * len(self._spawned)
        at = Pose.from_xyz_rpy(track.x_m[0], track.y_m[0], height, yaw_rad=track.yaw_rad[0])
        spawn = carla.command.SpawnActor(blueprint, transform_of(at))
        return spawn.then(carla.command.SetSimulatePhysics(carla.command.FutureActor, False))

    def leave(self, actors: Sequence[int]) -> None:
        """Takes vehicles out of the world; they stay counted. Raises RuntimeError as the client does."""
        self._left.update(actors)
        self._spawned = [i for i in self._spawned if i not in self._left]
        self._server.client.apply_batch_sync([carla.command.DestroyActor(i) for i in actors], False)

    def actor(self, track_id: int) -> Any:
        """The `carla.Actor` of one of the others."""
        return next(t.actor for t in self.others if t.track_id == track_id)

    def by_id(self, track_id: int) -> Tracked:
        """The ego or one of the others."""
        return next(t for t in (self.ego, *self.others) if t.track_id == track_id)

    def _vehicle(self, plan: VehiclePlan | EgoPlan, role: str) -> Any:
        attributes = {"color": ",".join(str(c) for c in plan.color_rgb), "role_name": role}
        name = plan.blueprint
        if isinstance(plan, VehiclePlan):
            name = self._played_by(plan)
            attributes["variant"] = str(plan.variant)
        elif plan.variant is not None:
            attributes["variant"] = str(plan.variant)
        blueprint = configured(self._library, name, attributes)
        if plan.track is not None:
            return self._above(blueprint, plan.track)
        return carla.command.SpawnActor(blueprint, transform_of(_lifted(plan.start, VEHICLE_LIFT_M)))

    def _walker(self, plan: WalkerPlan) -> Any:
        attributes = {"is_invincible": "false", "variant": str(plan.variant)}
        blueprint = configured(self._library, self._played_by(plan), attributes)
        if plan.track is not None:
            return self._above(blueprint, plan.track)
        x, y, z = plan.waypoints[0]
        tx, ty, _ = plan.waypoints[1] if len(plan.waypoints) > 1 else (x + 1.0, y, z)
        heading = Pose.from_xyz_rpy(x, y, z + WALKER_LIFT_M, yaw_rad=_bearing(tx - x, ty - y))
        return carla.command.SpawnActor(blueprint, transform_of(heading))

    def _batch(self, commands: Sequence[Any]) -> list[int | str]:
        """Ids, or the server's words where it refused."""
        if not commands:
            return []
        answers = self._server.client.apply_batch_sync(list(commands), False)
        found: list[int | str] = [a.error if a.error else int(a.actor_id) for a in answers]
        self._spawned += [i for i in found if isinstance(i, int)]
        return found

    @property
    def tracked(self) -> list[Tracked]:
        """All that are in the world, the ego first."""
        return [self.ego, *(t for t in self.others if t.track_id not in self._left)]

    @property
    def entered(self) -> list[VehiclePlan]:
        """The plans of all vehicles that came, also of those that left."""
        return list(self.vehicle_plans.values())

    def achieved(self) -> dict[str, float]:
        """What was spawned beside the ego: vehicles, pedestrians, each class by its name; and how many of
        CARLA's blueprints stood in for drivegen's, by their names.
        """
        classes = Counter(t.object_class for t in self.others)
        people = sum(n for c, n in classes.items() if c in PEOPLE)
        plans: list[VehiclePlan | WalkerPlan] = [*self.vehicle_plans.values(), *self.walker_plans.values()]
        stood = Counter(
            f"{self._played_by(p)} for {p.blueprint}" for p in plans if self._played_by(p) != p.blueprint
        )
        return {
            "vehicles": float(classes.total() - people),
            "pedestrians": float(people),
            **{c.value: float(classes[c]) for c in sorted(classes)},
            **{name: float(stood[name]) for name in sorted(stood)},
        }

    def destroy(self) -> None:
        """Takes all away; never raises for a dead server."""
        commands = [carla.command.DestroyActor(i) for i in reversed(self._spawned)]
        self._spawned = []
        with contextlib.suppress(RuntimeError):
            if commands:
                self._server.client.apply_batch_sync(commands, False)


def _lifted(start: PlacedPose, lift_m: float) -> Pose:
    return Pose.from_xyz_rpy(start.x_m, start.y_m, start.z_m + lift_m, yaw_rad=start.yaw_rad)


def _bearing(dx: float, dy: float) -> float:
    return math.atan2(dy, dx)
