"""Records a world into a log."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool

from drivegen.core.weather import Weather
from drivegen.embedded.playback import gestures, tables
from drivegen.embedded.playback.frames import pose_of_matrix
from drivegen.embedded.playback.log import LogWriter, PacketId
from drivegen.embedded.playback.log import packets as p
from drivegen.embedded.playback.log.writer import Content
from drivegen.embedded.world.actors import Actor, ActorKind
from drivegen.embedded.world.world import SIGNALS, World

_TYPE = {
    ActorKind.VEHICLE: p.ActorType.VEHICLE,
    ActorKind.WALKER: p.ActorType.WALKER,
    ActorKind.TRAFFIC_LIGHT: p.ActorType.TRAFFIC_LIGHT,
    ActorKind.TRAFFIC_SIGN: p.ActorType.TRAFFIC_SIGN,
    ActorKind.SENSOR: p.ActorType.SENSOR,
}
_PLACED = (ActorKind.PROP, ActorKind.SPECTATOR)
"""Actors of type "other" whose places are recorded."""
_TEXT = 4
"""CARLA's attribute type of a text, for values that the blueprint does not know."""
HERO = "hero"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a client may still remember of a recorded actor."""

    type_id: str
    attributes: tuple[tuple[str, str], ...]


def known(actor: Actor) -> Known:
    """What clients keep of an actor for good."""
    return Known(type_id=actor.type_id, attributes=tuple(sorted(actor.attributes.items())))


class LogRecorder:
    """One recording of one episode. A frame is what a snapshot tells: the first after the start is frame 1.

    Actors that come and go between two ticks are never told of.
    """

    def __init__(
        self,
        world: World,
        path: Path,
        *,
        additional: bool,
        date_s: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begins a file, or replaces one.

        Args:
            world: What is recorded, from its next step on.
            path: The file.
            additional: Also motion, boxes, trigger volumes, lights' times, and the clock.
            date_s: Seconds since 1970.
            clock: Seconds, for additional data.

        Raises:
            LogError: The file cannot be written.
        """
        self._world = world
        self._additional = additional
        self._clock = clock
        self._began_s = clock()
        self._alive: dict[int, Actor] = {}
        self._placed: Bool[np.ndarray, "n"] | None = None
        self._doors = gestures.DoorLog()
        self._collisions = 0
        self._weather: Weather | None = None
        self.seen: dict[int, Known] = {}
        """All actors of the recording."""
        self.writer = LogWriter(path, world.map.name, date_s)

    def after_step(self, delta_s: float) -> None:
        """Writes the frame that the world has just stepped to. Raises LogError."""
        world = self._world
        new, gone = self._changes()
        packets: list[tuple[PacketId, Content]] = [
            (PacketId.VISUAL_TIME, p.Seconds(seconds=world.elapsed_s)),
            (PacketId.EVENT_ADD, tuple(self._event_add(actor) for actor in new)),
            (PacketId.EVENT_DEL, tuple(p.EventDel(actor=id_) for id_ in gone)),
            (
                PacketId.EVENT_PARENT,
                tuple(p.EventParent(actor=a.id, parent=a.parent_id) for a in new if a.parent_id),
            ),
            (PacketId.COLLISION, self._collided()),
            (PacketId.POSITION, tables.positions(world, self._other_places(bool(new or gone)))),
            (PacketId.STATE, tables.light_states(world)),
            (PacketId.ANIM_VEHICLE, tables.vehicle_animations(world)),
            (PacketId.ANIM_WALKER, tables.walker_animations(world)),
            (PacketId.VEHICLE_LIGHT, tables.vehicle_lights(world)),
            (PacketId.ANIM_VEHICLE_WHEELS, tables.vehicle_wheels(world)),
        ]
        bones, doors = gestures.walker_bones(world), self._doors.told(world)
        packets += [(PacketId.WALKER_BONES, bones)] if bones else []
        packets += [(PacketId.VEHICLE_DOOR, doors)] if doors else []
        if self._additional:
            packets += self._more(new)
        # Last: parsers of 0.9.16's texts stop at what they do not know.
        if world.weather != self._weather:
            self._weather = world.weather
            values = dict(zip(p.WeatherChange.__dataclass_fields__, self._weather.values(), strict=True))
            packets.append((PacketId.WEATHER, (p.WeatherChange(**values),)))
        self.writer.frame(delta_s, packets)

    def close(self) -> None:
        """Ends the recording."""
        self.writer.close()

    def _changes(self) -> tuple[list[Actor], list[int]]:
        """Actors that are new since the last frame, and ids of those that have gone."""
        alive = {actor.id: actor for actor in self._world.actors}
        new = [actor for id_, actor in alive.items() if self._alive.get(id_) is not actor]
        gone = [id_ for id_, actor in self._alive.items() if alive.get(id_) is not actor]
        self._alive = alive
        for actor in new:
            self.seen[actor.id] = known(actor)
        return new, gone

    def _event_add(self, actor: Actor) -> p.EventAdd:
        kinds = {a.id: int(a.kind) for a in actor.blueprint.attributes} if actor.blueprint else {}
        location, rotation = pose_of_matrix(self._world.placement.world_actor(actor.id))
        return p.EventAdd(
            actor=actor.id,
            type=_TYPE.get(actor.kind, p.ActorType.OTHER),
            location_cm=location,
            rotation_deg=rotation,
            uid=self._world.library.uid(actor.type_id),
            blueprint=actor.type_id,
            attributes=tuple(
                p.Attribute(type=kinds.get(name, _TEXT), id=name, value=value)
                for name, value in sorted(actor.attributes.items())
            ),
        )

    def _collided(self) -> tuple[p.Collision, ...]:
        contacts = self._world.state.contacts
        records = []
        for first, second in zip(contacts.first_id.tolist(), contacts.second_id.tolist(), strict=True):
            records.append(
                p.Collision(
                    id=self._collisions,
                    actor1=first if first in self._alive else p.NO_ACTOR,
                    actor2=second if second in self._alive else p.NO_ACTOR,
                    hero1=self._is_hero(first),
                    hero2=self._is_hero(second),
                )
            )
            self._collisions += 1
        return tuple(records)

    def _is_hero(self, actor_id: int) -> bool:
        actor = self._alive.get(actor_id)
        return actor is not None and actor.role_name == HERO

    def _other_places(self, changed: bool) -> Bool[np.ndarray, "n"]:
        """Which of the placement's others have their places recorded: props and the spectator."""
        if changed or self._placed is None:
            ids, _ = self._world.placement.others()
            self._placed = np.array([self._is_placed(id_) for id_ in ids.tolist()], np.bool_)
        return self._placed

    def _is_placed(self, actor_id: int) -> bool:
        actor = self._alive.get(actor_id)
        return actor is not None and actor.kind in _PLACED

    def _more(self, new: list[Actor]) -> list[tuple[PacketId, Content]]:
        """The additional data."""
        world = self._world
        lights = [a for a in new if a.kind is ActorKind.TRAFFIC_LIGHT]
        signals = [a for a in new if a.kind in SIGNALS]
        packets: list[tuple[PacketId, Content]] = [
            (PacketId.KINEMATICS, tables.kinematics(world)),
            (
                PacketId.BOUNDING_BOX,
                tuple(tables.local_box(a) for a in new if a.kind not in SIGNALS),
            ),
        ]
        if signals:
            packets.append((PacketId.TRIGGER_VOLUME, tuple(tables.trigger_volume(a) for a in signals)))
        packets.append((PacketId.PLATFORM_TIME, p.Seconds(seconds=self._clock() - self._began_s)))
        if lights:
            packets.append((PacketId.TRAFFIC_LIGHT_TIME, tables.light_times(world, lights)))
        packets.append((PacketId.FRAME_COUNTER, p.Counter(frame=world.frame)))
        return packets
