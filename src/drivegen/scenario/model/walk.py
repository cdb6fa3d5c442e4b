"""All elements of a scenario, one after another."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from drivegen.scenario.model.element import Element

_PARTS: dict[type[Element], tuple[str, ...]] = {}


def walk(top: Element) -> Iterator[Element]:
    """The element and all below it, in the order of the file's parts, parents before children."""
    work = [top]
    while work:
        element = work.pop()
        yield element
        names = _PARTS.get(type(element))
        if names is None:
            parts = dataclasses.fields(element)
            names = _PARTS[type(element)] = tuple(p.name for p in parts if p.name != "place")
        below: list[Element] = []
        for name in names:
            value = getattr(element, name)
            if isinstance(value, Element):
                below.append(value)
            elif isinstance(value, tuple):
                below.extend(v for v in value if isinstance(v, Element))
        work.extend(reversed(below))
