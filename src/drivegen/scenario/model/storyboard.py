"""The storyboard: what happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from drivegen.scenario.model.conditions import Trigger
from drivegen.scenario.model.element import AtLeast, Element, EntityName, Inline, UnsignedInt
from drivegen.scenario.model.entities import EntityRef
from drivegen.scenario.model.global_actions import GlobalAction, UserDefinedAction
from drivegen.scenario.model.names import Priority
from drivegen.scenario.model.private_actions import PrivateAction


@dataclass(frozen=True, slots=True, kw_only=True)
class Private(Element):
    """What an entity does at the beginning."""

    entity_ref: EntityName
    private_actions: Annotated[tuple[PrivateAction, ...], AtLeast(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class InitActions(Element):
    """What is done before the simulation begins, in this order."""

    TAG: ClassVar[str] = "Actions"

    global_actions: tuple[GlobalAction, ...] = ()
    user_defined_actions: tuple[UserDefinedAction, ...] = ()
    privates: tuple[Private, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Init(Element):
    """The beginning."""

    actions: InitActions


@dataclass(frozen=True, slots=True, kw_only=True)
class Action(Element):
    """A named action: of the maneuver group's actors if it is a private one.

    `action` is None where a file of 1.0 to 1.2 leaves it out, which those versions allow: it does nothing.
    """

    name: str
    action: Annotated[PrivateAction | GlobalAction | UserDefinedAction | None, Inline()] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(Element):
    """Actions that begin together. Without a start trigger they begin with their maneuver."""

    name: str
    priority: Priority
    maximum_execution_count: UnsignedInt = 1
    actions: Annotated[tuple[Action, ...], AtLeast(1)]
    start_trigger: Trigger | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Maneuver(Element):
    """Events."""

    name: str
    events: Annotated[tuple[Event, ...], AtLeast(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Actors(Element):
    """Who acts: the entities named and, if so chosen, those that met the conditions."""

    select_triggering_entities: bool
    entity_refs: tuple[EntityRef, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ManeuverGroup(Element):
    """Actors and their maneuvers."""

    name: str
    maximum_execution_count: UnsignedInt
    actors: Actors
    maneuvers: tuple[Maneuver, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Act(Element):
    """Maneuver groups with a common beginning and end. Without a start trigger it begins with its story."""

    name: str
    maneuver_groups: Annotated[tuple[ManeuverGroup, ...], AtLeast(1)]
    start_trigger: Trigger | None = None
    stop_trigger: Trigger | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story(Element):
    """Acts."""

    name: str
    acts: Annotated[tuple[Act, ...], AtLeast(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Storyboard(Element):
    """The beginning, the stories, and when all ends (None: when the stories are over)."""

    init: Init
    stories: tuple[Story, ...] = ()
    stop_trigger: Trigger | None = None
