"""What every element of a scenario has in common, and how its fields stand in XML.

A field's type says how it is written: a plain value (`str`, `float`, `int`, `bool`, `datetime`, a
`StrEnum`) is an attribute in camelCase; a class is a child element in PascalCase; a union of classes is an
element with one of them in it; a tuple is repeated children by their classes' names. What differs is marked
by `Annotated`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something stands: a file and the line of the element's opening tag, counted from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


NOWHERE = Place(file="(made in memory)", line=0)
"""The place of an element that was not read from a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One element. Two are equal when they say the same, wherever they stand."""

    TAG: ClassVar[str] = ""
    """The element's name where it is not the class's."""
    WITHIN: ClassVar[tuple[str, ...]] = ()
    """The elements that hold nothing but a choice, between a field and this element."""

    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Named:
    """Marks a field whose XML name does not follow from its own."""

    name: str


@dataclass(frozen=True, slots=True)
class Wrapped:
    """Marks a field that stands, all its items together, in an element that has no other content."""

    name: str


@dataclass(frozen=True, slots=True)
class EachIn:
    """Marks a tuple each of whose items stands in an element of its own."""

    name: str


@dataclass(frozen=True, slots=True)
class Inline:
    """Marks a choice whose elements stand directly in their parent."""


@dataclass(frozen=True, slots=True)
class Text:
    """Marks a field that is the element's text."""


@dataclass(frozen=True, slots=True)
class Beside:
    """Marks a field that is not in the file's XML."""


@dataclass(frozen=True, slots=True)
class Stated:
    """Marks an attribute that a file must give, though the class has a default for it."""


@dataclass(frozen=True, slots=True)
class AtLeast:
    """Marks a tuple or a number with a least length or value."""

    least: int


@dataclass(frozen=True, slots=True)
class Refers:
    """Marks an attribute that names something that the scenario must have: `entity`, `variable` and so on."""

    kind: str


UnsignedInt = Annotated[int, AtLeast(0)]
EntityName = Annotated[str, Refers("entity")]
