"""Elements of the storyboard by their names, as conditions refer to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from drivegen.scenario.model.names import StoryboardElementType
from drivegen.scenario.model.storyboard import Act, Action, Event, Maneuver, ManeuverGroup, Story, Storyboard

StoryboardElement = Story | Act | ManeuverGroup | Maneuver | Event | Action


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedElement:
    """An element of the storyboard with the names on the way to it, its own last."""

    type: StoryboardElementType
    names: tuple[str, ...]
    indices: tuple[int, ...]
    """Which child it is on each level of the way, from 0; it tells elements of one name apart."""
    element: StoryboardElement


def named_elements(storyboard: Storyboard) -> Iterator[NamedElement]:
    """All elements that have names, parents before children."""
    for i, story in enumerate(storyboard.stories):
        at: tuple[tuple[str, ...], tuple[int, ...]] = ((story.name,), (i,))
        yield _named(StoryboardElementType.STORY, at, story)
        for j, act in enumerate(story.acts):
            in_act = _below(at, act.name, j)
            yield _named(StoryboardElementType.ACT, in_act, act)
            for k, group in enumerate(act.maneuver_groups):
                yield from _in_group(_below(in_act, group.name, k), group)


def _in_group(at: tuple[tuple[str, ...], tuple[int, ...]], group: ManeuverGroup) -> Iterator[NamedElement]:
    yield _named(StoryboardElementType.MANEUVER_GROUP, at, group)
    for i, maneuver in enumerate(group.maneuvers):
        in_maneuver = _below(at, maneuver.name, i)
        yield _named(StoryboardElementType.MANEUVER, in_maneuver, maneuver)
        for j, event in enumerate(maneuver.events):
            in_event = _below(in_maneuver, event.name, j)
            yield _named(StoryboardElementType.EVENT, in_event, event)
            for k, action in enumerate(event.actions):
                yield _named(StoryboardElementType.ACTION, _below(in_event, action.name, k), action)


def matching(
    elements: Iterator[NamedElement] | list[NamedElement], kind: StoryboardElementType, reference: str
) -> list[NamedElement]:
    """The elements of a kind that a reference may mean: its names, joined by `::`, are the last of theirs."""
    names = tuple(reference.split("::"))
    return [e for e in elements if e.type is kind and e.names[-len(names) :] == names]


def _below(
    at: tuple[tuple[str, ...], tuple[int, ...]], name: str, index: int
) -> tuple[tuple[str, ...], tuple[int, ...]]:
    return (*at[0], name), (*at[1], index)


def _named(
    kind: StoryboardElementType, at: tuple[tuple[str, ...], tuple[int, ...]], element: StoryboardElement
) -> NamedElement:
    return NamedElement(type=kind, names=at[0], indices=at[1], element=element)
