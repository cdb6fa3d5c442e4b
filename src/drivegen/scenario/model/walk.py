"""All elements of a scenario, one after another."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from drivegen.scenario.model.element import Element


def walk(top: Element) -> Iterator[Element]:
    """The element and all below it, in the order of the file's parts, parents before children."""
    work = [top]
    while work:
        element = work.pop()
        yield element
        below: list[Element] = []
        for part in dataclasses.fields(element):
            value = getattr(element, part.name)
            if isinstance(value, Element):
                below.append(value)
            elif isinstance(value, tuple):
                below.extend(v for v in value if isinstance(v, Element))
        work.extend(reversed(below))
