"""The model's classes as a table of elements: which attributes and children each may have, and of which type.

The table is the model itself (see `model.element`): what a class says of its fields is what a file may say.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Union, cast

from drivegen.scenario.model import element as marks
from drivegen.scenario.model.element import Element
from drivegen.scenario.model.routing import Route, Trajectory

Branches = Mapping[str, "type[Element] | Branches"]
"""What may stand somewhere: an element's class by its name, or what is below an element that only chooses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """An attribute: its name in the file and in the class, and its type."""

    name: str
    field: str
    type: type
    required: bool
    least: int | None
    refers: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A field that stands in child elements."""

    field: str
    branches: Branches
    """By the names of the child elements (of those within `wrapper`, if there is one)."""
    wrapper: str | None
    """The element in which all of the field's elements stand together."""
    many: bool
    least: int
    """How many there must be; of a single one 1 or 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """What an element may say."""

    element: type[Element]
    attributes: Mapping[str, Attribute]
    children: Mapping[str, Child]
    """By the names of the elements directly below this one."""
    text: str | None
    """The field that is the element's text."""
    empty: str
    """An element that may stand for nothing at all, as `None` in `TimeReference`."""


_SCHEMAS: dict[type[Element], Schema] = {}


def schema_of(cls: type[Element]) -> Schema:
    """The table's entry of one class."""
    found = _SCHEMAS.get(cls)
    if found is None:
        found = _SCHEMAS[cls] = _schema(cls)
    return found


def _schema(cls: type[Element]) -> Schema:
    hints = typing.get_type_hints(cls, None, {"Route": Route, "Trajectory": Trajectory}, include_extras=True)
    attributes: dict[str, Attribute] = {}
    children: dict[str, Child] = {}
    text = None
    for part in dataclasses.fields(cls):
        kind, found = _unmarked(hints[part.name])
        if part.name == "place" or any(isinstance(m, marks.Beside) for m in found):
            continue
        if any(isinstance(m, marks.Text) for m in found):
            text = part.name
            continue
        required = part.default is dataclasses.MISSING and part.default_factory is dataclasses.MISSING
        options, optional, many = _options(kind)
        if len(options) == 1 and not issubclass(options[0], Element):
            made = _attribute(part.name, options[0], required, found)
            attributes[made.name] = made
            continue
        for tag, child in _children(part.name, options, required and not optional, many, found):
            children[tag] = child
    return Schema(
        element=cls,
        attributes=attributes,
        children=children,
        text=text,
        empty=getattr(cls, "EMPTY", ""),
    )


def tag_of(cls: type[Element]) -> str:
    """The element's name in a file."""
    return cls.TAG or cls.__name__


def all_schemas(root: type[Element]) -> Iterator[Schema]:
    """The schemas of a class and of all that may stand below it, each once, in the order of the fields."""
    seen: set[type[Element]] = set()
    work = [root]
    while work:
        cls = work.pop()
        if cls in seen:
            continue
        seen.add(cls)
        schema = schema_of(cls)
        yield schema
        below = [c for child in schema.children.values() for c in leaves(child.branches)]
        work.extend(reversed(below))


def leaves(branches: Branches) -> Iterator[type[Element]]:
    """All classes of a choice."""
    for below in branches.values():
        if isinstance(below, Mapping):
            yield from leaves(below)
        else:
            yield below


def camel(name: str) -> str:
    """`max_speed` as `maxSpeed`."""
    first, *rest = name.rstrip("_").split("_")
    return first + "".join(w.capitalize() for w in rest)


def pascal(name: str) -> str:
    """`start_trigger` as `StartTrigger`."""
    return "".join(w.capitalize() for w in name.split("_"))


def _unmarked(hint: Any) -> tuple[Any, tuple[object, ...]]:
    if typing.get_origin(hint) is Annotated:
        kind, *found = typing.get_args(hint)
        return kind, tuple(found)
    return hint, ()


def _options(kind: Any) -> tuple[list[type], bool, bool]:
    """The classes that a field's type allows, whether it may be None, and whether it may be many."""
    many = typing.get_origin(kind) is tuple
    if many:
        kind = typing.get_args(kind)[0]
    if typing.get_origin(kind) not in (Union, types.UnionType):
        return [_unmarked(kind)[0]], False, many
    args = typing.get_args(kind)
    return [_unmarked(a)[0] for a in args if a is not type(None)], type(None) in args, many


def _attribute(field: str, kind: type, required: bool, found: tuple[object, ...]) -> Attribute:
    if not (kind in (str, int, float, bool, datetime) or issubclass(kind, StrEnum)):
        raise TypeError(f"{kind} is no type of an attribute")
    named = next((m.name for m in found if isinstance(m, marks.Named)), None)
    return Attribute(
        name=named or camel(field),
        field=field,
        type=kind,
        required=required or any(isinstance(m, marks.Stated) for m in found),
        least=next((m.least for m in found if isinstance(m, marks.AtLeast)), None),
        refers=next((m.kind for m in found if isinstance(m, marks.Refers)), None),
    )


def _children(
    field: str, options: list[type], required: bool, many: bool, found: tuple[object, ...]
) -> Iterator[tuple[str, Child]]:
    named = next((m.name for m in found if isinstance(m, marks.Named)), None)
    wrapper = next((m.name for m in found if isinstance(m, marks.Wrapped)), None)
    inline = any(isinstance(m, marks.Inline) for m in found)
    least = next((m.least for m in found if isinstance(m, marks.AtLeast)), int(required and not many))
    union = len(options) > 1
    if union and not many and not inline and wrapper is None:
        wrapper = named or pascal(field)  # A choice stands in an element of the field's name.
    branches: dict[str, Any] = {}
    for option in options:
        cls = cast("type[Element]", option)
        at = branches
        for step in cls.WITHIN:
            at = at.setdefault(step, {})
        if union or wrapper is not None:
            tag = tag_of(cls)
        elif many:
            tag = named or tag_of(cls)
        else:
            tag = named or pascal(field)
        at[tag] = cls
    each = next((m.name for m in found if isinstance(m, marks.EachIn)), None)
    if each is not None:
        branches = {each: branches}
    child = Child(field=field, branches=branches, wrapper=wrapper, many=many, least=least)
    for tag in [wrapper] if wrapper is not None else branches:
        yield tag, child
