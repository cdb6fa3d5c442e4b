"""Writes a scenario as an OpenSCENARIO XML file of 1.2 or 1.3.

What was read from catalogues and parameters is written out in place: the file is one concrete scenario that
needs nothing but its roads. Values that a file may leave out are left out where they are the standard's
defaults.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from drivegen.core.errors import ScenarioError
from drivegen.scenario.model.controller_actions import ControllerAction
from drivegen.scenario.model.element import Element
from drivegen.scenario.model.entities import Controller, MiscObject, Pedestrian, Vehicle
from drivegen.scenario.model.names import CoordinateSystem
from drivegen.scenario.model.scenario import Scenario
from drivegen.scenario.model.storyboard import Act, Action, Storyboard
from drivegen.scenario.reading.schema import Attribute, Branches, Child, schema_of
from drivegen.scenario.reading.since import SINCE
from drivegen.scenario.reading.values import as_text

_NEEDED_BEFORE_1_3: Mapping[type[Element], str] = {
    Vehicle: "Properties",
    Pedestrian: "Properties",
    MiscObject: "Properties",
    Controller: "Properties",
    Storyboard: "StopTrigger",
}
"""Children that 1.2 cannot do without, though they may be empty."""


def write_scenario(scenario: Scenario, *, minor: int = 3) -> bytes:
    """The file's bytes (UTF-8, indented by two spaces).

    Args:
        scenario: paths in it are written as they are, so they must fit the folder that the file comes to.
        minor: 3 or 2, the version of the standard after `1.`.

    Raises:
        ScenarioError: the scenario says what that version cannot.
    """
    if minor not in (2, 3):
        raise ScenarioError(f"OpenSCENARIO 1.{minor} is not written: choose 1.2 or 1.3")
    header = dataclasses.replace(scenario.file_header, rev_major=1, rev_minor=minor)
    writing = _Writing(minor)
    root = writing.element("OpenSCENARIO", dataclasses.replace(scenario, file_header=header))
    roads = root.find("RoadNetwork")
    if roads is not None:
        roads.addprevious(etree.Element("CatalogLocations"))
    etree.indent(root, "  ")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8") + b"\n"


class _Writing:
    def __init__(self, minor: int) -> None:
        self._minor = minor

    def element(self, tag: str, element: Element) -> etree._Element:
        """The element under the name that its place gives it."""
        schema = schema_of(type(element))
        self._refuse_newer(type(element).__name__, tag, element)
        if isinstance(element, Action) and element.action is None and self._minor == 3:
            said = f"action {element.name!r} does nothing, which 1.3 cannot say: leave it out"
            raise ScenarioError(f"{element.place}: {said}")
        if isinstance(element, Act) and element.start_trigger is None and self._minor < 3:
            raise ScenarioError(
                f"{element.place}: an act without a start trigger is of 1.3: write that version"
            )
        made = etree.Element(tag)
        for attribute in schema.attributes.values():
            self._attribute(made, element, attribute)
        if schema.text is not None:
            made.text = getattr(element, schema.text)
        for child in {c.field: c for c in schema.children.values()}.values():
            self._child(made, element, child)
        if len(made) == 0 and schema.empty:
            etree.SubElement(made, schema.empty)
        needed = _NEEDED_BEFORE_1_3.get(type(element))
        if self._minor < 3 and needed is not None and made.find(needed) is None:
            etree.SubElement(made, needed)
        return made

    def _attribute(self, made: etree._Element, element: Element, attribute: Attribute) -> None:
        value = getattr(element, attribute.field)
        default = _default(type(element), attribute.field)
        if value is None or (value == default and not attribute.required):
            return
        self._refuse_newer(f"{type(element).__name__}@{attribute.name}", attribute.name, element)
        if value is CoordinateSystem.WORLD and self._minor < 3:
            raise ScenarioError(
                f"{element.place}: the coordinate system 'world' is of 1.3: write that version"
            )
        text = as_text(value)
        made.set(attribute.name, f"\\{text}" if text.startswith("$") else text)

    def _child(self, made: etree._Element, element: Element, child: Child) -> None:
        value = getattr(element, child.field)
        values = value if isinstance(value, tuple) else () if value is None else (value,)
        values = tuple(v for below in values for v in _single(below))
        if not values:
            return
        parent = made if child.wrapper is None else etree.SubElement(made, child.wrapper)
        for below in values:
            path = path_to(child.branches, type(below))
            if path is None:
                raise ScenarioError(f"{type(below).__name__} cannot stand in {child.field} of {made.tag}")
            at = parent
            for step in path[:-1]:
                at = etree.SubElement(at, step)
            at.append(self.element(path[-1], below))

    def _refuse_newer(self, key: str, name: str, element: Element) -> None:
        if SINCE.get(key, 0) > self._minor:
            raise ScenarioError(f"{element.place}: {name} is of 1.{SINCE[key]}: write that version")


def _single(element: Element) -> Iterator[Element]:
    """The element, or one for each of the actions on a controller that files before 1.3 put into one."""
    inner = element.action if isinstance(element, Action) else element
    if not isinstance(inner, ControllerAction):
        yield element
        return
    names = [f.name for f in dataclasses.fields(inner) if f.name != "place"]
    given = [n for n in names if getattr(inner, n) is not None]
    for number, name in enumerate(given, 1):
        parts: dict[str, Any] = {name: getattr(inner, name)}
        one = ControllerAction(place=inner.place, **parts)
        if isinstance(element, Action):
            title = element.name if number == 1 else f"{element.name}_{number}"
            yield dataclasses.replace(element, name=title, action=one)
        else:
            yield one


def path_to(branches: Branches, cls: type[Element]) -> tuple[str, ...] | None:
    """The elements from a choice down to a class, its own name last; None where it is not among them."""
    for tag, below in branches.items():
        if isinstance(below, Mapping):
            rest = path_to(below, cls)
            if rest is not None:
                return (tag, *rest)
        elif below is cls:
            return (tag,)
    return None


def _default(cls: type[Element], name: str) -> Any:
    return next(f.default for f in dataclasses.fields(cls) if f.name == name)
