"""The entities' actors: spawned when they appear, put where the core says, read where somebody else
drives."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping
from typing import Any

import carla

from drivegen.core.errors import ServerError
from drivegen.scenario.model.names import ObjectType
from drivegen.scenario.player.bodies import Body, Driver
from drivegen.scenario.player.live.blueprints import blueprint_of
from drivegen.scenario.player.live.lights import VehicleLamps
from drivegen.scenario.player.live.placement import Seat

_SPAWN_ABOVE_M = 500.0
"""Actors appear high above their place, so that none is refused for touching another, and are then put
there."""


class Actors:
    """Actors of the entities that are there."""

    def __init__(self, client: Any, world: Any) -> None:
        self._client = client
        self._world = world
        self._library = world.get_blueprint_library()
        self._available = frozenset(b.id for b in self._library)
        self._actors: dict[str, Any] = {}
        self._seats: dict[str, Seat] = {}
        self._lamps: dict[str, VehicleLamps] = {}
        self._flags: dict[str, int] = {}
        self._handed: set[str] = set()

    @property
    def by_name(self) -> Mapping[str, Any]:
        """The `carla.Actor` of each entity that is there."""
        return self._actors

    def check(self, bodies: Mapping[str, Body]) -> None:
        """Finds a blueprint for every entity. ScenarioError where there is none."""
        for body in bodies.values():
            blueprint_of(body, self._available)

    def put(self, bodies: Mapping[str, Body], lamps: Mapping[str, VehicleLamps], time_s: float) -> None:
        """Brings actors to where their entities are now; the server applies it before its next tick."""
        orders: list[Any] = []
        for name, body in bodies.items():
            if not body.present:
                if name in self._actors:
                    orders.append(carla.command.DestroyActor(self._actors.pop(name).id))
                    self._seats.pop(name)
                    self._handed.discard(name)
                continue
            if name not in self._actors:
                self._spawn(body)
            actor = self._actors[name]
            if name not in self._handed:
                shown = body.visible[0] or body.visible[1]
                orders.append(
                    carla.command.ApplyTransform(
                        actor.id, self._seats[name].transform(body.pose, shown=shown)
                    )
                )
            flags = lamps[name].flags(time_s) if name in lamps else 0
            if flags != self._flags.get(name, 0) and body.kind is ObjectType.VEHICLE:
                self._flags[name] = flags
                orders.append(carla.command.SetVehicleLightState(actor.id, carla.VehicleLightState(flags)))
        if orders:
            self._client.apply_batch(orders)

    def hand_over(self, body: Body) -> Any:
        """Gives an actor its physics and its speed, for whoever drives it from now on; the actor."""
        actor = self._actors[body.name]
        self._handed.add(body.name)
        actor.set_simulate_physics(True)
        heading = body.pose.heading_rad
        actor.set_target_velocity(
            carla.Vector3D(x=body.speed_mps * math.cos(heading), y=-body.speed_mps * math.sin(heading), z=0.0)
        )
        return actor

    def take_back(self, body: Body) -> None:
        """Gives an actor back to the script."""
        self._handed.discard(body.name)
        self._actors[body.name].set_simulate_physics(False)

    def handed(self, name: str) -> bool:
        """Whether somebody else drives an entity."""
        return name in self._handed

    def read(self, body: Body) -> tuple[Any, float, tuple[float, float, float]]:
        """(pose of the entity, speed along its heading, velocity) of an actor after a tick."""
        actor = self._actors[body.name]
        pose = self._seats[body.name].pose(actor.get_transform())
        v = actor.get_velocity()
        velocity = (float(v.x), float(-v.y), float(v.z))
        along = velocity[0] * math.cos(pose.heading_rad) + velocity[1] * math.sin(pose.heading_rad)
        return pose, along, velocity

    def _spawn(self, body: Body) -> None:
        wanted = blueprint_of(body, self._available)
        blueprint = self._library.find(wanted)
        if blueprint.has_attribute("role_name"):
            blueprint.set_attribute("role_name", body.name)
        for what, value in _attributes(body):
            if blueprint.has_attribute(what) and blueprint.get_attribute(what).is_modifiable:
                blueprint.set_attribute(what, value)
        height = body.pose.z_m + _SPAWN_ABOVE_M + 10.0 * len(self._actors)
        at = carla.Transform(
            carla.Location(x=body.pose.x_m, y=-body.pose.y_m, z=height),
            carla.Rotation(yaw=-math.degrees(body.pose.heading_rad)),
        )
        actor = self._world.try_spawn_actor(blueprint, at)
        if actor is None:
            raise ServerError(f'the server refused "{body.name}" ({wanted}): there is no room for it')
        with contextlib.suppress(RuntimeError):  # some props have none
            actor.set_simulate_physics(False)
        self._actors[body.name] = actor
        self._seats[body.name] = Seat(body, actor)

    def destroy(self) -> None:
        """Takes all actors out; never raises for a dead server."""
        with contextlib.suppress(RuntimeError):
            self._client.apply_batch([carla.command.DestroyActor(a.id) for a in self._actors.values()])
        self._actors.clear()
        self._seats.clear()


def _attributes(body: Body) -> list[tuple[str, str]]:
    """Values of the entity's properties that its blueprint may know (colour, variant)."""
    properties = getattr(body.source.entity_object, "properties", None)
    if properties is None:
        return []
    return [(p.name, p.value) for p in properties.properties if p.name in {"color", "variant", "driver_id"}]


def outside_names(bodies: Mapping[str, Body]) -> list[str]:
    """Entities that somebody else drives now."""
    return [n for n, b in bodies.items() if Driver.OUTSIDE in (b.longitudinal, b.lateral) and b.present]
