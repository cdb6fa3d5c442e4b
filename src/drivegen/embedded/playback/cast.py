"""Who plays whom: recorded actors and those of the world that stand for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from drivegen.core.errors import DrivegenError
from drivegen.core.geometry import Pose
from drivegen.embedded.dynamics.vehicles import VehicleControls
from drivegen.embedded.playback.frames import pose, pose_of_vectors
from drivegen.embedded.playback.log import Frame, PacketId
from drivegen.embedded.playback.log import packets as p
from drivegen.embedded.playback.recorder import HERO, Known
from drivegen.embedded.world.actors import Actor, ActorError, ActorKind
from drivegen.embedded.world.world import World

SAME_PLACE_M = 0.5
"""A recorded traffic light is the world's that stands no farther off."""
_SAME_TO_CLIENTS = (ActorKind.VEHICLE, ActorKind.WALKER, ActorKind.PROP)
_SPECTATOR = "spectator"
_SIGN = ("traffic.stop", "traffic.yield", "traffic.speed_limit.", "traffic.unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """What a server does beside the world's part."""

    spawned: Callable[[Actor], None]
    destroyed: Callable[[Actor], None]
    warn: Callable[[str], None]


class Cast:
    """Actors of one replay."""

    def __init__(
        self,
        world: World,
        hooks: Hooks,
        remembered: Mapping[int, Known],
        *,
        sensors: bool,
        ignore_hero: bool,
        ignore_spectator: bool,
    ) -> None:
        """
        Args:
            world: Where they play.
            hooks: Told of actors that come and go.
            remembered: Actors that this server has recorded: they come back under the ids that they had.
            sensors: Whether recorded sensors are spawned.
            ignore_hero: Leave vehicles and walkers with role name "hero" out.
            ignore_spectator: Leave the spectator where it is.
        """
        self._world = world
        self._hooks = hooks
        self._remembered = remembered
        self._sensors = sensors
        self._ignore_hero = ignore_hero
        self._ignore_spectator = ignore_spectator
        self._live: dict[int, Actor] = {}
        """By recorded id."""
        self._spawned: list[Actor] = []
        self._stilled: list[Actor] = []
        """Whose physics has been switched off."""

    def actor(self, recorded_id: int) -> Actor | None:
        """The actor that plays a recorded one, if there is one and it is still alive."""
        actor = self._live.get(recorded_id)
        if actor is None or self._world.actors.get(actor.id) is not actor:
            return None
        return actor

    def events(self, frame: Frame) -> None:
        """Lets actors come and go as in a frame. Raises LogError."""
        parents = {r.actor: r.parent for r in frame.records(PacketId.EVENT_PARENT)}
        adds: tuple[p.EventAdd, ...] = frame.records(PacketId.EVENT_ADD)
        poses = _poses_now(frame, adds)
        for add in adds:
            if np.isfinite(poses[add.actor].matrix).all():
                self._add(add, parents.get(add.actor, 0), poses)
        for gone in frame.records(PacketId.EVENT_DEL):
            self._remove(gone.actor)

    def release(self, *, keep: bool) -> None:
        """Gives vehicles and walkers back to dynamics, at rest; or destroys what was spawned.

        Args:
            keep: Whether actors that were spawned stay.
        """
        if not keep:
            for actor in self._spawned:
                self._destroy(actor)
        for actor in self._stilled:
            if self._world.actors.get(actor.id) is actor:
                self._let_go(actor)
        self._live.clear()

    # -- coming -------------------------------------------------------------------------------------------

    def _add(self, add: p.EventAdd, parent: int, poses: Mapping[int, Pose]) -> None:
        values = {a.id: a.value for a in add.attributes}
        if add.blueprint.startswith(_SPECTATOR):
            if not self._ignore_spectator:
                self._live[add.actor] = self._world.spectator
        elif add.blueprint.startswith(_SIGN):
            pass  # Signs belong to the map and show nothing else.
        elif add.blueprint.startswith("traffic."):
            light = self._light_at(poses[add.actor])
            if light is not None:
                self._live[add.actor] = light
        elif self._ignore_hero and values.get("role_name") == HERO:
            pass
        elif self._sensors or not add.blueprint.startswith("sensor."):
            actor = self._present(add) or self._spawn(add, values, parent, poses)
            if actor is not None:
                self._live[add.actor] = actor
                self._still(actor)

    def _light_at(self, where: Pose) -> Actor | None:
        lights = self._world.light_actors
        if not lights:
            return None
        away = np.linalg.norm(np.stack([a.local[:3, 3] for a in lights]) - where.position_m, axis=1)
        nearest = int(np.argmin(away))
        return lights[nearest] if away[nearest] <= SAME_PLACE_M else None

    def _present(self, add: p.EventAdd) -> Actor | None:
        """The world's own actor of the same id and kind."""
        actor = self._world.actors.get(add.actor)
        return actor if actor is not None and actor.type_id == add.blueprint else None

    def _spawn(
        self, add: p.EventAdd, values: dict[str, str], parent: int, poses: Mapping[int, Pose]
    ) -> Actor | None:
        where, parent_id = poses[add.actor], 0
        holder = self.actor(parent) if parent else None
        if holder is not None:
            world_holder = poses.get(parent) or Pose.from_matrix(self._world.world_actor(holder.id))
            where, parent_id = world_holder.inverse() @ where, holder.id
        try:
            actor = self._world.spawn(
                add.blueprint, values, where, parent_id, actor_id=self._id_for(add, values), anywhere=True
            )
        except DrivegenError as error:
            self._hooks.warn(f"replay: {add.blueprint} (recorded as {add.actor}) is left out: {error}")
            return None
        self._spawned.append(actor)
        self._hooks.spawned(actor)
        return actor

    def _id_for(self, add: p.EventAdd, values: dict[str, str]) -> int:
        """The recorded id where clients cannot mistake the actor for another; else 0."""
        actors = self._world.actors
        if actors.may_claim(add.actor):
            return add.actor
        was = self._remembered.get(add.actor)
        same = was == Known(type_id=add.blueprint, attributes=tuple(sorted(values.items())))
        if same and actors.get(add.actor) is None and not add.blueprint.startswith("sensor."):
            return add.actor
        return 0

    def _still(self, actor: Actor) -> None:
        if actor.kind is ActorKind.VEHICLE:
            self._world.vehicles.set_simulate_physics(actor.id, False)
        elif actor.kind is ActorKind.WALKER:
            self._world.walkers.set_simulate_physics(actor.id, False)
        else:
            return
        self._stilled.append(actor)

    # -- going --------------------------------------------------------------------------------------------

    def _remove(self, recorded_id: int) -> None:
        actor = self._live.pop(recorded_id, None)
        if actor is not None:
            self._destroy(actor)

    def _destroy(self, actor: Actor) -> None:
        if self._world.actors.get(actor.id) is not actor:
            return
        try:
            self._world.destroy(actor.id)
        except ActorError:
            return  # The spectator and traffic lights belong to the map.
        self._hooks.destroyed(actor)

    def _let_go(self, actor: Actor) -> None:
        if actor.kind is ActorKind.VEHICLE:
            at_rest = np.zeros(1)
            no = np.zeros(1, np.bool_)
            self._world.vehicles.set_control(
                np.array([actor.id], np.uint32),
                VehicleControls(
                    throttle=at_rest, steer=at_rest, brake=at_rest, hand_brake=no, reverse=no, manual_gear=no,
                    gear=np.ones(1, np.int32),
                ),
            )  # fmt: skip
            self._world.vehicles.set_simulate_physics(actor.id, True)
        else:
            self._world.walkers.set_control(actor.id, np.zeros(3), 0.0)
            self._world.walkers.set_simulate_physics(actor.id, True)


def _poses_now(frame: Frame, adds: tuple[p.EventAdd, ...]) -> dict[int, Pose]:
    """Where actors are in a frame: as the frame says, for the others where they came into being."""
    if not adds:
        return {}
    found = {add.actor: pose_of_vectors(add.location_cm, add.rotation_deg) for add in adds}
    if frame.has(PacketId.POSITION):
        for row in frame.table(PacketId.POSITION):
            found[int(row["actor"])] = pose(row["location_cm"], row["rotation_deg"])
    return found
