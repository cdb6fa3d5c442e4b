"""Numbers that no road and no vehicle has: refused before a start, for a player could only hang or fail."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from drivegen.scenario.model import entities, positions, private_actions
from drivegen.scenario.model.element import Element
from drivegen.scenario.model.walk import walk
from drivegen.scenario.reading.problems import Problem
from drivegen.scenario.reading.schema import schema_of, tag_of

FARTHEST_M = 1e7
"""From the origin of a map, and along a road. A metre is still told to a nanometre there."""
FASTEST_MPS = 1e4
LARGEST_M = 1e4
"""Of boxes and axles."""

_SPEEDS: Mapping[type[Element], tuple[str, ...]] = {
    private_actions.AbsoluteTargetSpeed: ("value",),
    private_actions.AbsoluteSpeed: ("value",),
    private_actions.RelativeSpeedToMaster: ("value",),
    private_actions.SpeedProfileEntry: ("speed",),
}
_SIZES = (entities.Center, entities.Dimensions, entities.Axle)


def limit_problems(top: Element) -> Iterator[Problem]:
    """What is beyond a limit, with file and line."""
    for element in walk(top):
        kind = type(element)
        if kind.__module__ == positions.__name__:
            yield from _beyond(element, tuple(schema_of(kind).attributes), FARTHEST_M, "m")
        elif kind in _SIZES:
            yield from _beyond(element, tuple(schema_of(kind).attributes), LARGEST_M, "m")
        elif kind in _SPEEDS:
            yield from _beyond(element, _SPEEDS[kind], FASTEST_MPS, "m/s")


def _beyond(element: Element, names: tuple[str, ...], most: float, unit: str) -> Iterator[Problem]:
    for name in names:
        attribute = schema_of(type(element)).attributes[name]
        value = getattr(element, attribute.field)
        if isinstance(value, float) and not math.fabs(value) <= most:
            said = f"{tag_of(type(element))}: {name} is {value:g}; {most:g} {unit} is the most that is played"
            yield Problem(place=element.place, text=said)
