"""Rules of the standard that a table of elements cannot say."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from drivegen.scenario.model.conditions import TimeToCollisionConditionTarget
from drivegen.scenario.model.controller_actions import (
    AssignControllerAction,
    ControllerAction,
    OverrideBrakeAction,
    OverrideGearAction,
)
from drivegen.scenario.model.element import Element
from drivegen.scenario.model.entities import SelectedEntities
from drivegen.scenario.model.parameters import VariableDeclaration
from drivegen.scenario.model.positions import RelativeLanePosition
from drivegen.scenario.model.private_actions import (
    AbsoluteSpeed,
    LongitudinalDistanceAction,
    RelativeSpeedToMaster,
)
from drivegen.scenario.model.road_network import Phase, RoadNetwork
from drivegen.scenario.model.routing import Clothoid, Nurbs, Polyline
from drivegen.scenario.model.scenario import Scenario
from drivegen.scenario.model.traffic import TrafficArea
from drivegen.scenario.model.walk import walk
from drivegen.scenario.reading.problems import Problem
from drivegen.scenario.reading.schema import tag_of
from drivegen.scenario.reading.values import to_typed


def rule_problems(scenario: Scenario) -> Iterator[Problem]:
    """What is against a rule, in the order of the file."""
    for element in walk(scenario):
        rule = _RULES.get(type(element))
        said = None if rule is None else rule(element)
        if said is not None:
            yield Problem(place=element.place, text=f"{tag_of(type(element))}: {said}")
        for name in _without_sign(type(element)):
            value = getattr(element, name)
            if isinstance(value, float) and value < 0.0:
                said = f"the {name.replace('_', ' ')} is negative ({value:g})"
                yield Problem(place=element.place, text=f"{tag_of(type(element))}: {said}")


def _without_sign(cls: type[Element]) -> tuple[str, ...]:
    found = _WITHOUT_SIGN.get(cls)
    if found is None:
        names = [f.name for f in dataclasses.fields(cls)]
        found = _WITHOUT_SIGN[cls] = tuple(n for n in names if n in _NOT_NEGATIVE)
    return found


_WITHOUT_SIGN: dict[type[Element], tuple[str, ...]] = {}
_NOT_NEGATIVE = frozenset(
    {
        "delay",
        "duration",
        "tolerance",
        "length",
        "width",
        "height",
        "mass",
        "max_speed",
        "max_acceleration",
        "max_deceleration",
        "max_acceleration_rate",
        "max_deceleration_rate",
        "max_lateral_acc",
        "visual_range",
        "friction_scale_factor",
        "angle_tolerance",
        "initial_distance_offset",
        "animation_duration",
        "transition_time",
        "target_tolerance",
        "target_tolerance_master",
        "distance_forward",
        "distance_backward",
        "weight",
        "radius",
        "rate",
    }
)
"""Fields of any element that are quantities without a sign."""


def _one_of(element: Element, names: tuple[str, ...]) -> str | None:
    given = [n for n in names if getattr(element, n)]
    if len(given) == 1:
        return None
    return f"just one of {', '.join(names)} must be given; {len(given)} are"


def _distance(element: LongitudinalDistanceAction) -> str | None:
    given = [n for n in ("distance", "time_gap") if getattr(element, n) is not None]
    return None if len(given) == 1 else "either distance or timeGap must be given"


def _nurbs(element: Nurbs) -> str | None:
    points, knots = len(element.control_points), len(element.knots)
    if element.order < 2 or points < element.order:
        return f"order {element.order} needs {max(2, element.order)} control points or more; the least is 2"
    if knots != points + element.order:
        needed = points + element.order
        return f"{points} control points of order {element.order} need {needed} knots, not {knots}"
    values = [k.value for k in element.knots]
    if any(b < a for a, b in pairwise(values)):
        return "the knots go back: each must be at least the one before"
    if any(p.weight <= 0.0 for p in element.control_points):
        return "every weight must be above 0"
    return None


def _polyline(element: Polyline) -> str | None:
    times = [v.time for v in element.vertices if v.time is not None]
    if times and len(times) < len(element.vertices):
        return "some vertices have a time and some have none"
    return "the times of the vertices go back" if any(b < a for a, b in pairwise(times)) else None


def _clothoid(element: Clothoid) -> str | None:
    if (element.start_time is None) != (element.stop_time is None):
        return "startTime and stopTime must be given both or not at all"
    if element.start_time is not None and element.stop_time is not None:
        return "stopTime is before startTime" if element.stop_time < element.start_time else None
    return None


def _controller(element: ControllerAction) -> str | None:
    given = [
        f for f in dataclasses.fields(element) if f.name != "place" and getattr(element, f.name) is not None
    ]
    return None if given else "one action on the controller must be given"


def _members(element: SelectedEntities) -> str | None:
    return None if element.entity_refs or element.by_types else "it has no members"


def _variable(element: VariableDeclaration) -> str | None:
    try:
        to_typed(element.value, element.variable_type)
    except ValueError as error:
        return str(error)
    return None


def _most_one(*names: str) -> Callable[[Element], str | None]:
    def rule(element: Element) -> str | None:
        given = [n for n in names if getattr(element, n) not in (None, ())]
        return None if len(given) < 2 else f"{' and '.join(given)} are both given: take one out"

    return rule


def _area(element: RoadNetwork | TrafficArea) -> str | None:
    if isinstance(element, RoadNetwork):
        return "UsedArea needs two positions or more" if len(element.used_area) == 1 else None
    if element.polygon and element.road_ranges:
        return "a polygon and stretches of road are both given: take one out"
    return "Polygon needs three positions or more" if 0 < len(element.polygon) < 3 else None


_STEADY = _most_one("target_distance_steady_state", "target_time_steady_state")
_RULES: Mapping[type[Element], Callable[[Any], str | None]] = {
    LongitudinalDistanceAction: _distance,
    RelativeLanePosition: _most_one("ds", "ds_lane"),
    TimeToCollisionConditionTarget: lambda e: _one_of(e, ("position", "entity_ref")),
    Nurbs: _nurbs,
    Polyline: _polyline,
    Clothoid: _clothoid,
    Phase: _most_one("traffic_signal_states", "traffic_signal_group_state"),
    AssignControllerAction: _most_one("controller", "object_controller"),
    OverrideBrakeAction: _most_one("value", "brake_percent", "brake_force"),
    OverrideGearAction: _most_one("number", "manual_gear", "automatic_gear"),
    RoadNetwork: _area,
    TrafficArea: _area,
    ControllerAction: _controller,
    SelectedEntities: _members,
    VariableDeclaration: _variable,
    AbsoluteSpeed: _STEADY,
    RelativeSpeedToMaster: _STEADY,
}
