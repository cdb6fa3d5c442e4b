"""Actions of no entity in particular, and actions of the user's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from drivegen.scenario.model.element import Element, EntityName, Inline, Refers, Text
from drivegen.scenario.model.environment import Environment
from drivegen.scenario.model.positions import Position
from drivegen.scenario.model.traffic import TrafficAction


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentAction(Element):
    """Changes the environment."""

    WITHIN: ClassVar[tuple[str, ...]] = ("GlobalAction",)

    environment: Environment


@dataclass(frozen=True, slots=True, kw_only=True)
class AddEntityAction(Element):
    """Brings an entity in at a position."""

    position: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteEntityAction(Element):
    """Takes an entity out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityAction(Element):
    """Brings an entity in or takes it out."""

    WITHIN: ClassVar[tuple[str, ...]] = ("GlobalAction",)

    entity_ref: EntityName
    action: Annotated[AddEntityAction | DeleteEntityAction, Inline()]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAction(Element):
    """Sets a parameter or variable."""

    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddValue(Element):
    """Adds to a parameter or variable."""

    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MultiplyByValue(Element):
    """Multiplies a parameter or variable."""

    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ModifyAction(Element):
    """Reckons with a parameter or variable."""

    rule: AddValue | MultiplyByValue


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterAction(Element):
    """Changes a parameter at run time; only conditions see it."""

    WITHIN: ClassVar[tuple[str, ...]] = ("GlobalAction",)

    parameter_ref: Annotated[str, Refers("parameter")]
    action: Annotated[SetAction | ModifyAction, Inline()]


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableAction(Element):
    """Changes a variable."""

    WITHIN: ClassVar[tuple[str, ...]] = ("GlobalAction",)

    variable_ref: Annotated[str, Refers("variable")]
    action: Annotated[SetAction | ModifyAction, Inline()]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetMonitorAction(Element):
    """Sets a monitor."""

    WITHIN: ClassVar[tuple[str, ...]] = ("GlobalAction",)

    monitor_ref: Annotated[str, Refers("monitor")]
    value: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficSignalControllerAction(Element):
    """Sets a signal controller to a phase."""

    WITHIN: ClassVar[tuple[str, ...]] = ("GlobalAction", "InfrastructureAction", "TrafficSignalAction")

    traffic_signal_controller_ref: Annotated[str, Refers("signal controller")]
    phase: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficSignalStateAction(Element):
    """Sets a signal of the road network (by its id) to a state."""

    WITHIN: ClassVar[tuple[str, ...]] = ("GlobalAction", "InfrastructureAction", "TrafficSignalAction")

    name: str
    state: str


GlobalAction = (
    EnvironmentAction
    | EntityAction
    | ParameterAction
    | VariableAction
    | SetMonitorAction
    | TrafficSignalControllerAction
    | TrafficSignalStateAction
    | TrafficAction
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomCommandAction(Element):
    """A command of the user's own."""

    WITHIN: ClassVar[tuple[str, ...]] = ("UserDefinedAction",)

    type: str
    content: Annotated[str, Text()] = ""


UserDefinedAction = CustomCommandAction
