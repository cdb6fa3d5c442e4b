"""Declarations of parameters, variables and monitors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from drivegen.scenario.model.element import AtLeast, Element
from drivegen.scenario.model.names import ParameterType, Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueConstraint(Element):
    """What a value must meet."""

    rule: Rule
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueConstraintGroup(Element):
    """Constraints that must all be met; of a parameter's groups one is enough."""

    TAG: ClassVar[str] = "ConstraintGroup"

    value_constraints: Annotated[tuple[ValueConstraint, ...], AtLeast(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterDeclaration(Element):
    """A parameter of the whole scenario with the value that it has in this reading."""

    name: str
    parameter_type: ParameterType
    value: str
    constraint_groups: tuple[ValueConstraintGroup, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableDeclaration(Element):
    """A variable and the value that it begins with."""

    name: str
    variable_type: ParameterType
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorDeclaration(Element):
    """A monitor and the value that it begins with."""

    name: str
    value: bool
