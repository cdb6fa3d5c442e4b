"""Actors and the registry that gives them ids."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
from jaxtyping import Float64

from drivegen.core.errors import DrivegenError
from drivegen.core.geometry import Mat4
from drivegen.embedded.assets.people.posing import CustomPose
from drivegen.embedded.world.blueprints import Blueprint
from drivegen.embedded.world.doors import DoorStates
from drivegen.opendrive.sign_faces import SignFace
from drivegen.opendrive.signal_forms import HeadForm

GREATEST_CLAIM = 2**30
"""Ids have 32 bits; above a claimed one there must be room for all that a server ever spawns."""


KEPT_BOXES = 1024
"""Of actors that are gone."""


class ActorError(DrivegenError):
    """An actor is unknown, or is not one that this can be done with."""


class ActorKind(StrEnum):
    """What moves an actor, and what its record in a snapshot looks like."""

    SPECTATOR = "spectator"
    TRAFFIC_LIGHT = "traffic light"
    TRAFFIC_SIGN = "traffic sign"
    VEHICLE = "vehicle"
    WALKER = "walker"
    PROP = "prop"
    TRIGGER = "trigger"
    """A box that is not there for anybody but what it acts on."""
    SENSOR = "sensor"
    CONTROLLER = "controller"
    """Of a walker: the client moves the walker itself, this stands for it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LocalBox:
    """A box in its actor's frame."""

    centre_m: Float64[np.ndarray, "3"]
    half_m: Float64[np.ndarray, "3"]
    yaw_rad: float = 0.0

    @staticmethod
    def empty() -> LocalBox:
        """Of actors without a body."""
        return LocalBox(centre_m=np.zeros(3), half_m=np.zeros(3))


@dataclass(slots=True, kw_only=True, eq=False)
class Actor:
    """One actor. What dynamics moves has its pose there; everything else has it here."""

    id: int
    kind: ActorKind
    type_id: str
    """The blueprint's id, or what CARLA calls an actor that has none, such as traffic.traffic_light."""
    attributes: dict[str, str]
    box: LocalBox
    tags: tuple[int, ...] = ()
    blueprint: Blueprint | None = None
    parent_id: int = 0
    """0 without parent."""
    local: Mat4 = field(default_factory=lambda: np.eye(4))
    """Pose in the parent's frame, or in the world's without parent. Unused for vehicles and walkers."""
    children: list[int] = field(default_factory=list)
    light_flags: int = 0
    """LIGHT_* bits as the clients set them; for vehicles."""
    row: int = -1
    """Of a traffic light or sign among the map's."""
    arm_m: float = 0.0
    """How far a traffic light's head hangs from its pole."""
    head: HeadForm | None = None
    """How a traffic light's head is built."""
    plate: tuple[SignFace, str] | None = None
    """What a traffic sign shows, and its number or words."""
    facing_rad: float = 0.0
    """From the x of a traffic light or sign to where it looks."""
    sensor: Any = None
    """A `SensorState` for sensors that measure."""
    asset: Any = None
    """Its meshes, made when they are first drawn."""
    pose: CustomPose | None = None
    """What clients have set of a walker's bones."""
    doors: DoorStates = field(default_factory=DoorStates)
    """Of a vehicle."""

    @property
    def role_name(self) -> str:
        """For example hero."""
        return self.attributes.get("role_name", "")


class ActorRegistry:
    """Actors by id, in the order of their birth. An id is never given twice, not even in another episode."""

    def __init__(self, first_id: int) -> None:
        self._next = first_id
        self._actors: dict[int, Actor] = {}
        self._by_kind: dict[ActorKind, dict[int, Actor]] = {kind: {} for kind in ActorKind}
        self._gone: dict[int, LocalBox] = {}

    def new_id(self) -> int:
        """The id of the next actor."""
        self._next += 1
        return self._next - 1

    @property
    def newest_id(self) -> int:
        """The greatest id given so far."""
        return self._next - 1

    def may_claim(self, actor_id: int) -> bool:
        """Whether an id was never given, and leaves enough for others."""
        return self._next <= actor_id <= GREATEST_CLAIM

    def claim(self, actor_id: int) -> int:
        """Takes a certain id, such as a recording names; those given later are greater. Raises ActorError.

        Whoever claims an id that was given before answers for its being the same actor to the clients, which
        keep what they know of an id.
        """
        if actor_id in self._actors or not 0 < actor_id <= GREATEST_CLAIM:
            raise ActorError(f"actor id {actor_id} cannot be taken")
        self._next = max(self._next, actor_id + 1)
        return actor_id

    def add(self, actor: Actor) -> None:
        """Takes an actor in, and tells its parent."""
        self._actors[actor.id] = actor
        self._by_kind[actor.kind][actor.id] = actor
        if actor.parent_id:
            self._actors[actor.parent_id].children.append(actor.id)

    def remove(self, actor: Actor) -> None:
        """Forgets an actor. Its children stay where they are."""
        del self._actors[actor.id], self._by_kind[actor.kind][actor.id]
        self._gone[actor.id] = actor.box
        if len(self._gone) > KEPT_BOXES:
            del self._gone[next(iter(self._gone))]
        parent = self._actors.get(actor.parent_id)
        if parent is not None:
            parent.children.remove(actor.id)

    def clear(self) -> None:
        """Forgets all; ids go on."""
        self._actors.clear()
        self._gone.clear()
        for actors in self._by_kind.values():
            actors.clear()

    def get(self, actor_id: int) -> Actor | None:
        """An actor, if it exists."""
        return self._actors.get(actor_id)

    def find(self, actor_id: int, *kinds: ActorKind) -> Actor:
        """An actor of one of the kinds (any without). Raises ActorError."""
        actor = self._actors.get(actor_id)
        if actor is None:
            raise ActorError(f"actor {actor_id} does not exist")
        if kinds and actor.kind not in kinds:
            raise ActorError(f"actor {actor_id} ({actor.type_id}) is no {' or '.join(kinds)}")
        return actor

    def box_of(self, actor_id: int) -> LocalBox:
        """An actor's box, also of one that was there not long ago. Raises ActorError.

        The client's Traffic Manager asks on a thread of its own for the boxes of all it saw in the last
        snapshot, and its process aborts when it is answered with an error.
        """
        gone = self._gone.get(actor_id)
        return gone if gone is not None and actor_id not in self._actors else self.find(actor_id).box

    def __iter__(self) -> Iterator[Actor]:
        return iter(self._actors.values())

    def __len__(self) -> int:
        return len(self._actors)

    def of_kind(self, *kinds: ActorKind) -> list[Actor]:
        """All actors of some kinds, in the order of birth."""
        if len(kinds) == 1:
            return list(self._by_kind[kinds[0]].values())
        return [a for a in self._actors.values() if a.kind in kinds]
