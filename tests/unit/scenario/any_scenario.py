"""Scenarios of all elements of the model, drawn at random by what the model's classes say of themselves."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar, cast

from drivegen.scenario.model.conditions import TimeToCollisionConditionTarget
from drivegen.scenario.model.controller_actions import (
    AssignControllerAction,
    ControllerAction,
    OverrideBrakeAction,
    OverrideGearAction,
)
from drivegen.scenario.model.element import Element
from drivegen.scenario.model.entities import Entities, ScenarioObject, SelectedEntities
from drivegen.scenario.model.names import ParameterType
from drivegen.scenario.model.parameters import MonitorDeclaration, ParameterDeclaration, VariableDeclaration
from drivegen.scenario.model.positions import RelativeLanePosition
from drivegen.scenario.model.private_actions import (
    AbsoluteSpeed,
    LongitudinalDistanceAction,
    RelativeSpeedToMaster,
)
from drivegen.scenario.model.road_network import Phase, RoadNetwork, TrafficSignalController
from drivegen.scenario.model.routing import Clothoid, Knot, Nurbs, Polyline
from drivegen.scenario.model.scenario import FileHeader, Scenario
from drivegen.scenario.model.storyboard import Action, Story, Storyboard
from drivegen.scenario.model.traffic import TrafficArea
from drivegen.scenario.reading.schema import Attribute, Child, leaves, schema_of

E = TypeVar("E", bound=Element)

ONE_OF: Mapping[type[Element], tuple[str, ...]] = {
    LongitudinalDistanceAction: ("distance", "time_gap"),
    RelativeLanePosition: ("ds", "ds_lane"),
    TimeToCollisionConditionTarget: ("position", "entity_ref"),
    AbsoluteSpeed: ("target_distance_steady_state", "target_time_steady_state"),
    RelativeSpeedToMaster: ("target_distance_steady_state", "target_time_steady_state"),
    ControllerAction: (
        "assign_controller_action",
        "override_controller_value_action",
        "activate_controller_action",
    ),
    AssignControllerAction: ("controller", "object_controller"),
    OverrideBrakeAction: ("value", "brake_percent", "brake_force"),
    OverrideGearAction: ("number", "manual_gear", "automatic_gear"),
    Phase: ("traffic_signal_states", "traffic_signal_group_state"),
    SelectedEntities: ("entity_refs", "by_types"),
}
"""Fields of which a file has just one."""

NAMES = {
    "entity": "Ego",
    "parameter": "speed",
    "variable": "v",
    "monitor": "m",
    "signal controller": "signals",
}


class AnyScenario:
    """Draws elements; deep in the tree it leaves out what may be left out."""

    def __init__(self, seed: int, drawn: set[type[Element]] | None = None) -> None:
        self.random = random.Random(seed)
        self.drawn: set[type[Element]] = set() if drawn is None else drawn
        """What has been drawn; what has not yet goes first."""

    def scenario(self) -> Scenario:
        """A whole scenario in which every name that is used is declared."""
        return Scenario(
            file_header=self.element(FileHeader),
            parameter_declarations=(
                ParameterDeclaration(name="speed", parameter_type=ParameterType.DOUBLE, value="1.5"),
            ),
            variable_declarations=(
                VariableDeclaration(name="v", variable_type=ParameterType.INT, value="3"),
            ),
            monitor_declarations=(MonitorDeclaration(name="m", value=True),),
            road_network=dataclasses.replace(self.element(RoadNetwork), traffic_signals=(self.signals(),)),
            entities=Entities(
                scenario_objects=(dataclasses.replace(self.element(ScenarioObject), name="Ego"),),
                entity_selections=self.element(Entities).entity_selections[:1],
            ),
            storyboard=self.storyboard(),
        )

    def signals(self) -> TrafficSignalController:
        """The signal controller that all refer to, itself too."""
        return dataclasses.replace(self.element(TrafficSignalController), name="signals", reference="signals")

    def storyboard(self) -> Storyboard:
        """A storyboard whose first story has the name that all conditions refer to."""
        board = self.element(Storyboard)
        first = dataclasses.replace(self.element(Story, 3), name="Story")
        return dataclasses.replace(board, stories=(first, *board.stories))

    def element(self, cls: type[E], depth: int = 0) -> E:
        """An element with all fields drawn."""
        self.drawn.add(cls)
        schema = schema_of(cls)
        values: dict[str, Any] = {}
        for attribute in schema.attributes.values():
            if attribute.required or self.random.random() < 0.7:
                values[attribute.field] = self.value(attribute)
        for child in {c.field: c for c in schema.children.values()}.values():
            values.update(self.children(child, depth, always=cls is Action))
        if schema.text is not None:
            values[schema.text] = self.random.choice(["", "some <text> & more", "行人"])
        return cast("E", self.kept(cls, values))

    def kept(self, cls: type[Element], values: dict[str, Any]) -> Element:
        """The element, with the rules kept that the table of elements cannot say."""
        names = ONE_OF.get(cls, ())
        if names:
            chosen = self.random.choice(names)
            for name in names:
                if name != chosen:
                    values.pop(name, None)
            schema = schema_of(cls)
            for attribute in schema.attributes.values():
                if attribute.field == chosen:
                    values[chosen] = self.value(attribute)
            for child in schema.children.values():
                if child.field == chosen:
                    values.update(self.children(child, 0, always=True))
        if cls is RoadNetwork:
            values["used_area"] = values["used_area"] * 2
        if cls is TrafficArea:
            values["polygon" if values["road_ranges"] else "road_ranges"] = ()
            values["polygon"] = values["polygon"] * 3
        if cls is Nurbs:
            values["order"] = 2
            values["knots"] = tuple(Knot(value=float(i)) for i in range(len(values["control_points"]) + 2))
        if cls is Clothoid:
            values.update(start_time=1.0, stop_time=2.5)
        if cls is Polyline:
            times = self.random.random() < 0.5
            values["vertices"] = tuple(
                dataclasses.replace(v, time=float(i) if times else None)
                for i, v in enumerate(values["vertices"])
            )
        return cls(**values)

    def children(self, child: Child, depth: int, *, always: bool = False) -> dict[str, Any]:
        """The field's elements, or nothing."""
        options = list(leaves(child.branches))
        new = [c for c in options if c not in self.drawn]
        options, always = new or options, always or bool(new and depth < 20)
        if child.many:
            more = int(self.random.random() < 0.3) if depth > 6 else self.random.randint(0, 2)
            count = child.least + more
            count = max(count, int(always))
            return {
                child.field: tuple(self.element(self.random.choice(options), depth + 1) for _ in range(count))
            }
        if child.least or always or (depth < 12 and self.random.random() < 0.7):
            return {child.field: self.element(self.random.choice(options), depth + 1)}
        return {}

    def value(self, attribute: Attribute) -> Any:
        """A value of an attribute's type."""
        if attribute.refers is not None:
            return NAMES[attribute.refers]
        if attribute.field == "storyboard_element_ref":
            return "Story"
        if attribute.field == "storyboard_element_type":
            return next(w for w in attribute.type if w.value == "story")  # type: ignore[attr-defined]
        if issubclass(attribute.type, StrEnum):
            return self.random.choice(list(attribute.type))
        if attribute.type is bool:
            return self.random.random() < 0.5
        if attribute.type is int:
            return self.random.randint(0, 9)
        if attribute.type is float:
            return self.random.choice([1.0, 2.5, 1e-9, 0.1 + 0.2, 123456.789])
        if attribute.type is datetime:
            return datetime(2024, 5, self.random.randint(1, 28), 12, tzinfo=UTC)
        if attribute.field == "name":
            return f"name {self.random.randrange(10**9)}"
        return self.random.choice(["1", "a <b> & 'c'", "$5", "行人", "x\ty"])
