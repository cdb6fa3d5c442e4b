"""The world that one server simulates."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping

import numpy as np
from jaxtyping import Float64

from drivegen.core.geometry import Mat4, Pose, quaternion_from_rotation
from drivegen.core.weather import Weather
from drivegen.embedded.assets.scenery import ALL_LAYERS
from drivegen.embedded.assets.walkers.families import pace_of
from drivegen.embedded.dynamics.bodies import WIDEST_BODY_M, body_for
from drivegen.embedded.dynamics.vehicles import VehicleDynamics
from drivegen.embedded.dynamics.walkers import WalkerDynamics
from drivegen.embedded.traffic_lights.lights import LightState, TrafficLights
from drivegen.embedded.world.actors import Actor, ActorError, ActorKind, ActorRegistry, LocalBox
from drivegen.embedded.world.blueprints import Blueprint, BlueprintLibrary, Family
from drivegen.embedded.world.blueprints.library import variant_of
from drivegen.embedded.world.collisions import Collisions
from drivegen.embedded.world.debug_shapes import DebugShapes
from drivegen.embedded.world.environment import Environment
from drivegen.embedded.world.friction_triggers import FrictionTriggers, trigger_box
from drivegen.embedded.world.maps import LoadedMap, MapStore
from drivegen.embedded.world.occupancy import upright_boxes_overlap
from drivegen.embedded.world.placement import Placement
from drivegen.embedded.world.sensing import SensorState, make_sensor_state
from drivegen.embedded.world.settings import Settings
from drivegen.embedded.world.speed_limits import SpeedLimits
from drivegen.embedded.world.standing import make_standing
from drivegen.embedded.world.state import (
    LightStates,
    Motion,
    SignStates,
    VehicleStates,
    WalkerStates,
    WorldState,
)
from drivegen.embedded.world.street_lights import StreetLights
from drivegen.embedded.world.traffic_light_actors import light_actors
from drivegen.embedded.world.traffic_sign_actors import sign_actors
from drivegen.embedded.world.transforms import rpy_of

FIRST_ACTOR_ID = 2
"""Ids of sensors are ids of streams too; 1 is the episode's stream, 0 is nobody."""
LIES_NS = 10_000_000_000
"""How long CARLA leaves dead walkers in the world."""
COLLISION = "Spawn failed because of collision at spawn position"
"""CARLA's own words: scripts look for them."""

_FAMILY_KIND = {
    Family.VEHICLE: ActorKind.VEHICLE,
    Family.WALKER: ActorKind.WALKER,
    Family.PROP: ActorKind.PROP,
    Family.TRIGGER: ActorKind.TRIGGER,
    Family.SENSOR: ActorKind.SENSOR,
    Family.CONTROLLER: ActorKind.CONTROLLER,
}
_SOLID = (ActorKind.VEHICLE, ActorKind.WALKER, ActorKind.PROP)
SIGNALS = (ActorKind.TRAFFIC_LIGHT, ActorKind.TRAFFIC_SIGN)
"""They belong to the map."""


class World:
    """Actors, dynamics, lights and time. Not for use by two threads.

    A client's change is seen by reading calls at once and by snapshots from the next step on.
    """

    def __init__(
        self, maps: MapStore, first_map: str, seed: int, scenery_seed: int = 0, *, families: bool = True
    ) -> None:
        """Begins the first episode; `scenery_seed` as the stage's, `families` as the library's.

        Raises:
            MapError: There is no such map, or it cannot be read.
        """
        self._scenery_seed = scenery_seed
        self.library = BlueprintLibrary(families=families)
        self.maps = maps
        self.seed = seed
        self.actors = ActorRegistry(FIRST_ACTOR_ID)
        self.settings = Settings()
        self.weather = Weather()
        self.gravity_mps2 = 9.81
        self.frame = 0
        self.episode_id = 0
        self.begin_episode(maps.load(first_map), reset_settings=True)

    def begin_episode(self, new_map: LoadedMap, *, reset_settings: bool, layers: int = ALL_LAYERS) -> None:
        """Forgets all actors and starts afresh on a map with some of its layers; frames and ids go on."""
        self.map = new_map
        self.environment = Environment(layers)
        self.street_lights = StreetLights()
        self.episode_id += 1
        self.frame += 1
        self._elapsed_ns = self._clock_from_ns = 0
        self._spawned = 0
        self._steps = 0
        if reset_settings:
            self.settings = Settings()
        self.weather = Weather()
        self.actors.clear()
        self.vehicles = VehicleDynamics()
        self.walkers = WalkerDynamics()
        self.debug = DebugShapes()
        self.lights = TrafficLights(new_map.network, new_map.heads)
        self.placement = Placement(self.actors, self.vehicles, self.walkers)
        self.spectator = self._add_spectator()
        self.light_actors = light_actors(new_map, self.actors.new_id)
        self.sign_actors = sign_actors(new_map, self.actors.new_id)
        for actor in self.signal_actors:
            self.actors.add(actor)
        self._light_ids = np.array([a.id for a in self.light_actors], np.uint32)
        self._signal_ids = np.array([a.id for a in self.signal_actors], np.uint32)
        self._other_ids = np.zeros(0, np.uint32)
        self._free_rows = np.zeros(0, np.int64)
        """Of `_other_ids`, those that are no signals."""
        self._light_motion = _standing(self.light_actors)
        self._signs = SignStates(
            motion=_standing(self.sign_actors),
            opendrive_ids=tuple(sign.signal_id for sign in new_map.signs),
        )
        self._speed_limits = SpeedLimits(new_map)
        standing = make_standing(new_map, self._scenery_seed, self.environment, self.signal_actors)
        self.collisions = Collisions(self.actors, standing, self.placement)
        self.friction = FrictionTriggers(self.placement)
        self._gone_at_ns: dict[int, int] = {}
        self.state = self._state(0.0)

    def _add_spectator(self) -> Actor:
        start = self.map.spawn_points[0] if self.map.spawn_points else Pose.identity()
        above = start @ Pose.from_xyz_rpy(-6.0, 0.0, 4.0, 0.0, math.radians(15.0), 0.0)
        actor = Actor(
            id=self.actors.new_id(),
            kind=ActorKind.SPECTATOR,
            type_id="spectator",
            attributes={},
            box=LocalBox.empty(),
            local=above.matrix,
        )
        self.actors.add(actor)
        return actor

    @property
    def signal_actors(self) -> list[Actor]:
        """Traffic lights, then signs."""
        return [*self.light_actors, *self.sign_actors]

    @property
    def elapsed_s(self) -> float:
        """Simulated since the episode began."""
        return self._elapsed_ns * 1e-9

    @property
    def clock_s(self) -> float:
        """Simulated time since a client took over the ticks; what blinks and falls follows it.

        So equal runs look alike, however long the server ran by itself before them.
        """
        return (self._elapsed_ns - self._clock_from_ns) * 1e-9

    def set_settings(self, settings: Settings) -> None:
        """Applies settings; a change to synchronous mode sets `clock_s` to 0."""
        if settings.synchronous and not self.settings.synchronous:
            self._clock_from_ns = self._elapsed_ns
        self.settings = settings

    # -- time ---------------------------------------------------------------------------------------------

    def step(self, delta_s: float) -> WorldState:
        """Moves the world on and makes the new frame's state."""
        self.frame += 1
        self._steps += 1
        self._elapsed_ns += round(delta_s * 1e9)
        self._bury()
        self.friction.act_on(self.vehicles)
        self.collisions.step(delta_s, self.map.ground, self.vehicles, self.walkers)
        self.lights.step(delta_s)
        self.state = self._state(delta_s)
        return self.state

    def _state(self, delta_s: float) -> WorldState:
        self.placement.update()
        ids, world = self.placement.others()
        if ids is not self._other_ids:
            self._other_ids, self._free_rows = ids, np.flatnonzero(~np.isin(ids, self._signal_ids))
        free = world[self._free_rows]
        others = self._with_moving_props(Motion.at_rest(ids[self._free_rows], free[:, :3, 3], rpy_of(free)))
        return WorldState(
            episode_id=self.episode_id,
            frame=self.frame,
            elapsed_s=self.elapsed_s,
            delta_s=delta_s,
            map_changed=self._steps <= 1,
            vehicles=self._vehicle_states(),
            walkers=WalkerStates.of(self.walkers),
            lights=LightStates.of(self.lights, self._light_motion),
            signs=self._signs,
            others=others,
            contacts=self.collisions.contacts,
        )

    def _with_moving_props(self, others: Motion) -> Motion:
        moving = self.collisions.props.moving[0]
        if not len(moving):
            return others
        velocity, angular = others.velocity_mps.copy(), others.angular_velocity_radps.copy()
        for prop in moving.tolist():
            row = int(np.flatnonzero(others.ids == prop)[0])
            velocity[row], angular[row] = self.collisions.props.motion_of(prop)
        return dataclasses.replace(others, velocity_mps=velocity, angular_velocity_radps=angular)

    def _vehicle_states(self) -> VehicleStates:
        cars, motion = self.vehicles, Motion.of(self.vehicles)
        ids, position, rpy, speed = motion.ids, motion.position_m, motion.rpy_rad, cars.speed_mps
        light = self.lights.at_light(
            ids, position, rpy[:, 2], speed, cars.size_m[:, 0] / 2, cars.brake_deceleration_mps2
        )
        at_light = light >= 0
        light_state = np.full(len(ids), LightState.GREEN, np.uint8)
        light_state[at_light] = self.lights.state[light[at_light]]
        light_id = np.zeros(len(ids), np.uint32)
        light_id[at_light] = self._light_ids[light[at_light]]
        return VehicleStates(
            motion=motion,
            controls=cars.controls,
            failure=cars.failure,
            speed_limit_mps=self._speed_limits.update(ids, position, rpy[:, 2]),
            light_state=light_state,
            at_light=at_light,
            light_id=light_id,
        )

    # -- coming and going ---------------------------------------------------------------------------------

    def spawn(
        self,
        type_id: str,
        given: Mapping[str, str],
        pose: Pose,
        parent_id: int = 0,
        *,
        actor_id: int = 0,
        anywhere: bool = False,
    ) -> Actor:
        """A new actor.

        Args:
            type_id: The blueprint's id.
            given: Its values by name.
            pose: In the world, or in the parent's frame.
            parent_id: 0 for none.
            actor_id: The id to give; 0 for the next.
            anywhere: Also where something else stands.

        Raises:
            ConfigError: The blueprint is unknown or cannot be spawned here, or a value is out of place.
            ActorError: The place is taken; the parent does not exist.
        """
        blueprint = self.library.find(type_id)
        values = self.library.complete(blueprint, given)
        blueprint = blueprint.of_variant(variant_of(values))
        kind = _FAMILY_KIND[blueprint.family]
        if kind is ActorKind.CONTROLLER and not parent_id:
            raise ActorError(f"{type_id} controls a walker: spawn it with attach_to=walker")
        if parent_id:
            self.actors.find(parent_id, *((ActorKind.WALKER,) if kind is ActorKind.CONTROLLER else ()))
            if kind in (ActorKind.VEHICLE, ActorKind.WALKER):
                raise ActorError(f"{type_id} cannot be attached to another actor")
        box = trigger_box(values) if kind is ActorKind.TRIGGER else _box_of(blueprint, kind)
        if kind in _SOLID and not parent_id and not anywhere:
            self._check_free(pose.matrix, box, among_scenery=kind is not ActorKind.PROP)
        sensor = self._sensor(blueprint, values) if kind is ActorKind.SENSOR else None
        actor = Actor(
            id=self.actors.claim(actor_id) if actor_id else self.actors.new_id(),
            kind=kind,
            type_id=type_id,
            attributes=values,
            box=box,
            tags=tuple(int(t) for t in blueprint.tags),
            blueprint=blueprint,
            parent_id=parent_id,
            local=pose.matrix,
            sensor=sensor,
        )
        if kind is ActorKind.VEHICLE:
            assert blueprint.object_class is not None
            electric = values.get("special_type") == "electric"
            body = body_for(blueprint.object_class, np.array(blueprint.size_m), electric=electric)
            sticky = values.get("sticky_control", "true").lower() == "true"
            self.vehicles.add(actor.id, body, pose, sticky=sticky)
        elif kind is ActorKind.WALKER:
            pace = pace_of(type_id, blueprint.size_m[2], variant_of(values))
            self.walkers.add(actor.id, np.array(blueprint.size_m), pose, pace)
        elif kind is ActorKind.TRIGGER:
            self.friction.add(actor)
        self._spawned += 1
        self.actors.add(actor)
        self.collisions.add(actor)
        self.placement.changed()
        return actor

    def _sensor(self, blueprint: Blueprint, values: Mapping[str, str]) -> SensorState | None:
        return make_sensor_state(blueprint.id, values, self.seed, self._spawned)

    def _check_free(self, world_actor: Mat4, box: LocalBox, *, among_scenery: bool) -> None:
        world_box = world_actor.copy()
        world_box[:3, 3] += world_actor[:3, :3] @ box.centre_m
        hard = np.minimum(box.half_m, (np.inf, WIDEST_BODY_M / 2, np.inf))
        if among_scenery and self.collisions.is_in_the_way(world_box, hard):
            raise ActorError(COLLISION)
        others = self.placement.bodies_near(world_box[:3, 3], float(np.hypot(*box.half_m[:2])))
        if not others:
            return
        poses = np.stack([pose for _, pose in others])
        centres = np.stack([a.box.centre_m for a, _ in others])
        poses[:, :3, 3] += np.einsum("nij,nj->ni", poses[:, :3, :3], centres)
        halves = np.stack([a.box.half_m for a, _ in others])
        if upright_boxes_overlap(world_box, box.half_m, poses, halves).any():
            raise ActorError(COLLISION)

    def destroy(self, actor_id: int) -> Actor:
        """Takes an actor out; what hangs on it stays where it is. Raises ActorError."""
        actor = self.actors.find(actor_id)
        if actor.kind is ActorKind.SPECTATOR or actor.kind in SIGNALS:
            raise ActorError(f"actor {actor_id} ({actor.type_id}) belongs to the map and stays")
        for child_id in actor.children:
            child = self.actors.find(child_id)
            child.local = self.placement.world_actor(child_id).copy()
            child.parent_id = 0
            self.collisions.add(child)
        if actor.kind is ActorKind.VEHICLE:
            self.vehicles.remove(actor_id)
        elif actor.kind is ActorKind.WALKER:
            self.walkers.remove(actor_id)
        self.friction.remove(actor)
        self.collisions.remove(actor)
        self.actors.remove(actor)
        self.placement.changed()
        return actor

    def set_dead(self, actor_id: int) -> None:
        """A walker lies from now on, and is gone a little later. Raises ActorError for other actors."""
        self.actors.find(actor_id, ActorKind.WALKER)
        self.walkers.set_dead(actor_id)
        self._gone_at_ns.setdefault(actor_id, self._elapsed_ns + LIES_NS)

    def _bury(self) -> None:
        gone = [id_ for id_, at_ns in self._gone_at_ns.items() if at_ns <= self._elapsed_ns]
        for id_ in gone:
            del self._gone_at_ns[id_]
            if self.actors.get(id_) is not None:
                self.destroy(id_)

    # -- being somewhere ----------------------------------------------------------------------------------

    def world_actor(self, actor_id: int) -> Mat4:
        """Pose of an actor now. Raises ActorError."""
        self.actors.find(actor_id)
        return self.placement.world_actor(actor_id)

    def put(self, actor_id: int, pose: Pose) -> None:
        """Puts an actor somewhere: in the world, or, when it hangs on another, in that one's frame.

        Raises:
            ActorError: No such actor, or a traffic light or sign.
        """
        actor = self.actors.find(actor_id)
        if actor.kind is ActorKind.VEHICLE:
            self.vehicles.set_pose(actor_id, pose)
        elif actor.kind is ActorKind.WALKER:
            self.walkers.set_pose(actor_id, pose)
        elif actor.kind in SIGNALS:
            raise ActorError(f"actor {actor_id} ({actor.type_id}) belongs to the map and stays")
        else:
            actor.local = pose.matrix
            self.collisions.put(actor)
        self.placement.changed()

    def put_at(self, actor_id: int, position_m: Float64[np.ndarray, "3"]) -> None:
        """As `put`, keeping how the actor is turned."""
        actor = self.actors.find(actor_id)
        own = self.world_actor(actor_id) if not actor.parent_id else actor.local
        self.put(
            actor_id, Pose(position_m=position_m, orientation_wxyz=quaternion_from_rotation(own[:3, :3]))
        )


def _standing(actors: list[Actor]) -> Motion:
    return Motion.of_fixed([a.id for a in actors], [a.local for a in actors])


def _box_of(blueprint: Blueprint, kind: ActorKind) -> LocalBox:
    """CARLA's conventions: a vehicle's or prop's origin is on the ground, a walker's in the box's middle."""
    half = np.array(blueprint.size_m) / 2
    lift = half[2] if kind in (ActorKind.VEHICLE, ActorKind.PROP) else 0.0
    return LocalBox(centre_m=np.array([0.0, 0.0, lift]), half_m=half)
