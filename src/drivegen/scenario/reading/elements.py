"""From the tree of a file to the model's classes, checked against the table of elements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar, cast

from drivegen.scenario.model.element import Element, Place
from drivegen.scenario.model.names import DynamicsDimension
from drivegen.scenario.model.private_actions import TransitionDynamics
from drivegen.scenario.model.scenario import Notice
from drivegen.scenario.reading.catalogs import KINDS, Catalogs
from drivegen.scenario.reading.document import Node
from drivegen.scenario.reading.problems import (
    BrokenScenarioError,
    HopelessScenarioError,
    Problem,
    broken,
    hopeless,
    nearest,
)
from drivegen.scenario.reading.schema import Attribute, Branches, Child, Schema, leaves, schema_of
from drivegen.scenario.reading.scope import Scope
from drivegen.scenario.reading.since import SINCE
from drivegen.scenario.reading.values import to_boolean, to_date_time, to_double, to_integer, to_word
from drivegen.scenario.reading.versions import OLD_WORDS, upgraded

E = TypeVar("E", bound=Element)

MOST_ELEMENTS = 300_000
"""The most elements of a scenario with its catalogues resolved; references within catalogues could make any
number of a few lines."""
MOST_CATALOGS_DEEP = 8
MOST_PROBLEMS = 100

_WITH_PARAMETERS = frozenset({*KINDS, "Story"})
"""The elements that may declare parameters of their own, beside the whole scenario."""
_MAY_BE_INFINITE = ("max", "visualRange")


@dataclass(slots=True)
class Reading:
    """One reading of a scenario: makes elements, and keeps what was noticed."""

    catalogs: Catalogs
    minor: int = 3
    """The file's version of the standard, after `1.`."""
    notices: dict[Notice, None] = field(default_factory=dict)
    _made: int = 0
    _path: list[tuple[Place, str]] = field(default_factory=list)
    """The catalogue entries that are being read, outermost first."""

    def note(self, place: Place, text: str) -> None:
        """Keeps a notice, once."""
        self.notices.setdefault(Notice(place=place, text=text))

    def element(
        self,
        node: Node,
        cls: type[E],
        scope: Scope,
        assigned: Mapping[str, tuple[str, Place]] | None = None,
        ignored: frozenset[str] = frozenset(),
    ) -> E:
        """The element as its class.

        Args:
            node: the element in the file.
            cls: what it must be.
            scope: the parameters that are visible at it.
            assigned: values for its own parameters, from the reference to the catalogue that it is in.
            ignored: children that are read elsewhere.

        Raises:
            BrokenScenarioError: all that is wrong with it and below it.
        """
        self._made += 1
        if self._made > MOST_ELEMENTS:
            raise hopeless(node.place, f"more than {MOST_ELEMENTS} elements with the catalogues in")
        self._note_newer(node, cls)
        try:
            node = upgraded(node, scope, self.note)
        except ValueError as error:
            raise broken(node.place, f"{node.tag}: {error}") from None
        own = node.child("ParameterDeclarations") if node.tag in _WITH_PARAMETERS else None
        if own is not None:
            scope = scope.within()
            scope.declare(own, assigned or {}, self.note, lenient=node.tag == "Controller")
            ignored = ignored | {"ParameterDeclarations"}
        elif assigned:
            for name, (_, place) in assigned.items():
                self.note(place, f"{node.tag} has no parameter {name!r} to assign: it declares none")
        schema = schema_of(cls)
        problems: list[Problem] = []
        values: dict[str, Any] = {}
        self._attributes(node, schema, scope, values, problems)
        self._children(node, schema, scope, values, problems, ignored)
        if node.text and schema.text is None:
            problems.append(
                Problem(place=node.place, text=f"{node.tag} has text ({node.text[:40]!r}): take it out")
            )
        elif schema.text is not None:
            values[schema.text] = node.text
        if problems:
            raise BrokenScenarioError(problems)
        made = cls(place=node.place, **values)
        if isinstance(made, TransitionDynamics) and made.value < 0.0:
            self._refuse_or_turn(made)
            return replace(made, value=abs(made.value))
        return made

    def _note_newer(self, node: Node, cls: type[Element]) -> None:
        """Tells of what a file uses though it came with a later version than the file's."""
        name = cls.__name__
        for key, place in [(name, node.place), *((f"{name}@{a}", node.place_of(a)) for a in node.attributes)]:
            if SINCE.get(key, 0) > self.minor:
                shown = " of ".join(reversed(key.split("@")))
                self.note(place, f"{shown} came with 1.{SINCE[key]}, but the file is of 1.{self.minor}")

    def _refuse_or_turn(self, dynamics: TransitionDynamics) -> None:
        """A rate has no sign, but many files give a braking one a minus."""
        if dynamics.dynamics_dimension is not DynamicsDimension.RATE:
            raise broken(dynamics.place, f"the value of a transition is negative ({dynamics.value:g})")
        self.note(dynamics.place, f"a rate has no sign: {dynamics.value:g} is read as {-dynamics.value:g}")

    def _attributes(
        self, node: Node, schema: Schema, scope: Scope, values: dict[str, Any], problems: list[Problem]
    ) -> None:
        for name, text in node.attributes.items():
            known = schema.attributes.get(name)
            if known is None:
                near = nearest(name, schema.attributes)
                said = f"{node.tag} has no attribute {name!r}; {near}"
                problems.append(Problem(place=node.place_of(name), text=said))
                continue
            try:
                values[known.field] = self._value(node, known, text, scope)
            except ValueError as error:
                said = f"{name} of {node.tag}: {error}"
                problems.append(Problem(place=node.place_of(name), text=said))
        for name, known in schema.attributes.items():
            if known.required and name not in node.attributes:
                problems.append(Problem(place=node.place, text=f"{node.tag} needs the attribute {name!r}"))

    def _value(self, node: Node, known: Attribute, text: str, scope: Scope) -> Any:
        try:
            return converted(scope.resolve(text), known)
        except ValueError:
            if known.type is not str:
                raise
            try:
                joined = scope.joined(text)
            except ValueError:
                pass
            else:
                self.note(node.place_of(known.name), f"the standard does not join texts as {text!r} does")
                return joined
            raise

    def _children(
        self,
        node: Node,
        schema: Schema,
        scope: Scope,
        values: dict[str, Any],
        problems: list[Problem],
        ignored: frozenset[str],
    ) -> None:
        found: dict[str, list[Element]] = {}
        wrapped: set[str] = set()
        for below in node.children:
            if below.tag in ignored or (schema.empty and below.tag == schema.empty):
                continue
            child = _child_of(schema, below)
            if child is None:
                known = [*schema.children, *([schema.empty] if schema.empty else [])]
                said = f"{node.tag} has no child {below.tag}; {nearest(below.tag, known, most=20)}"
                problems.append(Problem(place=below.place, text=said))
                continue
            try:
                if child.wrapper is not None:
                    if child.field in wrapped:
                        raise broken(below.place, f"{node.tag} has {below.tag} twice")
                    wrapped.add(child.field)
                    made = self._wrapped(below, child, scope)
                else:
                    made = [self._chosen(below, child.branches, scope)]
                found.setdefault(child.field, []).extend(made)
            except HopelessScenarioError:
                raise
            except BrokenScenarioError as error:
                problems.extend(error.problems)
                if len(problems) >= MOST_PROBLEMS:
                    raise HopelessScenarioError(problems) from None
                found.setdefault(child.field, [])
                wrapped.add(child.field)
        if not problems:
            self._counted(node, schema, found, values, problems)

    def _counted(
        self,
        node: Node,
        schema: Schema,
        found: dict[str, list[Element]],
        values: dict[str, Any],
        problems: list[Problem],
    ) -> None:
        """Puts the children into their fields, if there are as many as there must be."""
        names: dict[str, list[str]] = {}
        for tag, child in schema.children.items():
            names.setdefault(child.field, []).append(tag)
        for child in {c.field: c for c in schema.children.values()}.values():
            made = found.get(child.field, [])
            shown = " or ".join(names[child.field])
            if len(made) < child.least:
                count = "" if child.least == 1 else f"{child.least} times, and has it {len(made)} times"
                place, said = node.place, f"{node.tag} needs {shown} {count}".rstrip()
                problems.append(Problem(place=place, text=said))
            elif child.many:
                values[child.field] = tuple(made)
            elif len(made) > 1:
                place, said = made[1].place, f"{node.tag} may have only one {shown}"
                problems.append(Problem(place=place, text=said))
            elif made:
                values[child.field] = made[0]

    def _wrapped(self, node: Node, child: Child, scope: Scope) -> list[Element]:
        """What stands in an element that only holds a field's elements."""
        if node.attributes:
            name = next(iter(node.attributes))
            raise broken(node.place_of(name), f"{node.tag} has no attribute {name!r}: take it out")
        if node.text:
            raise broken(node.place, f"{node.tag} has text ({node.text[:40]!r}): take it out")
        if not child.many and len(node.children) != 1:
            known = ", ".join(child.branches)
            raise broken(node.place, f"{node.tag} needs just one of {known}; it has {len(node.children)}")
        made: list[Element] = []
        problems: list[Problem] = []
        for below in node.children:
            try:
                made.append(self._chosen(below, child.branches, scope))
            except HopelessScenarioError:
                raise
            except BrokenScenarioError as error:
                problems.extend(error.problems)
                if len(problems) >= MOST_PROBLEMS:
                    raise HopelessScenarioError(problems) from None
        if problems:
            raise BrokenScenarioError(problems)
        return made

    def _chosen(self, node: Node, branches: Branches, scope: Scope) -> Element:
        """The element that a choice came to, through the elements that only choose."""
        below = branches.get(node.tag)
        if below is None and node.tag == "CatalogReference":
            kinds = [k for k, c in KINDS.items() if c in set(leaves(branches))]
            if kinds:
                return self._referred(node, kinds, scope)
        if below is None:
            raise broken(node.place, f"{node.tag} cannot stand here; {nearest(node.tag, branches, most=20)}")
        if not isinstance(below, Mapping):
            return self.element(node, below, scope)
        if node.tag in ("PrivateAction", "Phase"):
            node = upgraded(node, scope, self.note)
        if node.attributes:
            name = next(iter(node.attributes))
            raise broken(node.place_of(name), f"{node.tag} has no attribute {name!r}: take it out")
        if len(node.children) != 1:
            known = ", ".join(below)
            raise broken(node.place, f"{node.tag} needs just one of {known}; it has {len(node.children)}")
        return self._chosen(node.children[0], below, scope)

    def _referred(self, node: Node, kinds: list[str], scope: Scope) -> Element:
        """The entry of a catalogue, with the parameters that the reference assigns."""
        extra = [c for c in node.children if c.tag != "ParameterAssignments"]
        if extra:
            raise broken(
                extra[0].place, f"CatalogReference has no child {extra[0].tag}: only ParameterAssignments"
            )
        names = {n: _resolved(node, n, scope) for n in ("catalogName", "entryName")}
        assigned: dict[str, tuple[str, Place]] = {}
        for assignment in (a for c in node.children for a in c.children):
            if assignment.tag != "ParameterAssignment":
                raise broken(assignment.place, f"ParameterAssignments has no child {assignment.tag}")
            if "parameterRef" not in assignment.attributes:
                raise broken(assignment.place, "ParameterAssignment needs the attribute 'parameterRef'")
            parameter = assignment.attributes["parameterRef"].removeprefix("$")
            assigned[parameter] = (_resolved(assignment, "value", scope), assignment.place)
        entry = self.catalogs.entry(node, names["catalogName"], names["entryName"], kinds)
        step = (entry.place, f"{names['catalogName']}/{names['entryName']}")
        if step in self._path:
            circle = " -> ".join(n for _, n in [*self._path[self._path.index(step) :], step])
            raise hopeless(node.place, f"the catalogues refer to each other in a circle: {circle}")
        if len(self._path) >= MOST_CATALOGS_DEEP:
            raise hopeless(node.place, f"catalogues refer to each other more than {MOST_CATALOGS_DEEP} deep")
        self._path.append(step)
        try:
            return self.element(entry, KINDS[entry.tag], scope, assigned)
        finally:
            self._path.pop()


def _child_of(schema: Schema, node: Node) -> Child | None:
    """The field that a child element belongs to; a reference belongs where a catalogue's entry may stand."""
    child = schema.children.get(node.tag)
    if child is None and node.tag == "CatalogReference":
        entries = set(KINDS.values())
        fits = (
            c for c in schema.children.values() if c.wrapper is None and entries & set(leaves(c.branches))
        )
        child = next(fits, None)
    return child


def _resolved(node: Node, name: str, scope: Scope) -> str:
    if name not in node.attributes:
        raise broken(node.place, f"{node.tag} needs the attribute {name!r}")
    try:
        return scope.resolve(node.attributes[name])
    except ValueError as error:
        raise broken(node.place_of(name), f"{name} of {node.tag}: {error}") from None


def converted(text: str, attribute: Attribute) -> str | int | float | bool | datetime:
    """An attribute's text as its type.

    Raises:
        ValueError: it is not of that type.
    """
    kind = attribute.type
    if kind is str:
        return text
    text = text.strip()
    if kind is bool:
        return to_boolean(text)
    if kind is int:
        return to_integer(text) if attribute.least is None else to_integer(text, least=attribute.least)
    if kind is float:
        return to_double(text, infinite=attribute.name.startswith(_MAY_BE_INFINITE))
    if kind is datetime:
        return to_date_time(text)
    words = cast("type[StrEnum]", kind)
    return to_word(OLD_WORDS.get(words.__name__, {}).get(text, text), words)
