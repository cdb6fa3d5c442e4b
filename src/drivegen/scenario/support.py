"""What the player does of the standard, element by element, and the check before a start.

The table names every action, condition, position, shape and kind of entity that there is. What occurs in
two or more files of the public libraries is played; what is refused is refused before anything starts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import UnionType
from typing import Union, get_args, get_origin

from drivegen.scenario.limits import limit_problems
from drivegen.scenario.model import (
    appearance,
    conditions,
    controller_actions,
    entities,
    global_actions,
    positions,
    private_actions,
    routing,
    traffic,
)
from drivegen.scenario.model.element import Element
from drivegen.scenario.model.scenario import Notice, Scenario
from drivegen.scenario.model.walk import walk
from drivegen.scenario.reading.problems import BrokenScenarioError, Problem
from drivegen.scenario.reading.schema import tag_of


class Level(StrEnum):
    """What the player does with an element."""

    PLAYED = "played"
    LEFT_OUT = "left out"
    REFUSED = "not supported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """What the player does with an element, and what else there is to say."""

    level: Level
    note: str = ""


GROUPS: Mapping[str, object] = {
    "Private actions": private_actions.PrivateAction,
    "Actions on controllers": controller_actions.AssignControllerAction
    | controller_actions.OverrideControllerValueAction
    | controller_actions.ActivateControllerAction,
    "Global and user-defined actions": global_actions.GlobalAction | global_actions.UserDefinedAction,
    "Traffic actions": traffic.TrafficSourceAction
    | traffic.TrafficSinkAction
    | traffic.TrafficSwarmAction
    | traffic.TrafficAreaAction
    | traffic.TrafficStopAction,
    "Changes of entities, parameters and variables": global_actions.AddEntityAction
    | global_actions.DeleteEntityAction
    | global_actions.SetAction
    | global_actions.ModifyAction,
    "Conditions of entities": conditions.EntityCondition,
    "Conditions of values": conditions.ByValueCondition,
    "Positions": positions.Position,
    "Shapes of trajectories": routing.Shape,
    "Kinds of entities": entities.EntityObject,
    "Trailers of vehicles": entities.TrailerObject | entities.TrailerRef,
}
"""The choices that the standard gives, by what they choose."""

_REFUSED: Mapping[type[Element], str] = {
    appearance.AnimationAction: "no vehicle opens its doors and no pedestrian has gestures to order",
    private_actions.ConnectTrailerAction: "there are no trailers",
    private_actions.DisconnectTrailerAction: "there are no trailers",
    traffic.TrafficSourceAction: "traffic by rule is not made; name the vehicles as entities",
    traffic.TrafficSinkAction: "traffic by rule is not made; use DeleteEntityAction",
    traffic.TrafficSwarmAction: "traffic by rule is not made; name the vehicles as entities",
    traffic.TrafficAreaAction: "traffic by rule is not made; name the vehicles as entities",
    traffic.TrafficStopAction: "traffic by rule is not made",
}
_LEFT_OUT: Mapping[type[Element], str] = {
    entities.TrailerObject: "a vehicle drives without its trailer",
    entities.TrailerRef: "a vehicle drives without its trailer",
}
_NOTES: Mapping[type[Element], str] = {
    conditions.UserDefinedValueCondition: "true only with a value that the caller of the player gives",
    global_actions.CustomCommandAction: "handed to the caller of the player",
    traffic.TrafficAction: "by what is in it",
    positions.GeoPosition: "needs a geoReference in the road network",
    entities.ExternalObjectReference: "a box of the size of a car, which somebody else moves",
}


def support_of(element: type[Element]) -> Support | None:
    """What the player does with an element; None for one that no choice leads to."""
    if element in _REFUSED:
        return Support(level=Level.REFUSED, note=_REFUSED[element])
    if element in _LEFT_OUT:
        return Support(level=Level.LEFT_OUT, note=_LEFT_OUT[element])
    if any(element in classes(choice) for choice in GROUPS.values()):
        return Support(level=Level.PLAYED, note=_NOTES.get(element, ""))
    return None


def classes(choice: object) -> tuple[type[Element], ...]:
    """The classes of a choice, in its order."""
    if get_origin(choice) in (Union, UnionType):
        return tuple(c for part in get_args(choice) for c in classes(part))
    assert isinstance(choice, type)
    return (choice,)


def unsupported(scenario: Scenario) -> Iterator[Problem]:
    """The elements that the player refuses, in the order of the file."""
    for element in walk(scenario):
        why = _REFUSED.get(type(element))
        if why is not None:
            yield Problem(place=element.place, text=f"not supported: {tag_of(type(element))} ({why})")


def left_out(scenario: Scenario) -> Iterator[Notice]:
    """What the player does without, in the order of the file."""
    for element in walk(scenario):
        why = _LEFT_OUT.get(type(element))
        if why is not None and not (isinstance(element, entities.TrailerRef) and element.entity_ref == ""):
            yield Notice(place=element.place, text=f"left out: {tag_of(type(element))} ({why})")


def check_support(scenario: Scenario) -> None:
    """Nothing if the player can play the scenario: what it asks for, and how much of it.

    Raises:
        BrokenScenarioError: all elements that it cannot, each with file and line.
    """
    problems = (*unsupported(scenario), *limit_problems(scenario))
    if problems:
        raise BrokenScenarioError(problems)


def support_table() -> str:
    """The table as Markdown, for the documentation."""
    lines = []
    for title, choice in GROUPS.items():
        lines += [f"**{title}**", "", "| element | | remark |", "|---|---|---|"]
        for element in classes(choice):
            support = support_of(element)
            assert support is not None
            lines.append(
                f"| `{tag_of(element)}` | {support.level.value} | {support.note} |".replace("|  |", "| |")
            )
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"
