"""Numbers that run through all scenes of a data set.

A part does not know how many frames the scenes before its own have. So it counts from 0 and writes marks
where a number belongs, in names of files and in text: `@V000012` for its twelfth vehicle frame. The joining
fills them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from drivegen.core.errors import ExportError


class Kind(StrEnum):
    """What is numbered."""

    VEHICLE = "V"
    """Frames of the vehicle side."""
    UNIT = "I"
    """Frames of the infrastructure side."""
    SEGMENT = "S"
    """A vehicle and a unit through a scene: a batch, a sequence."""
    TRACK = "T"


Bases = Mapping[Kind, int]
"""What is added to a part's numbers."""

_DIGITS = {Kind.VEHICLE: 6, Kind.UNIT: 6, Kind.SEGMENT: 4, Kind.TRACK: 6}
"""Loaders cut six digits out of the names of files."""
_RUN = re.compile(r"(@[VI])(\d{6})\+(\d+)")
_MARK = re.compile(rb"@([VIST])(\d{6})")


def mark(kind: Kind, number: int) -> str:
    """Stands for a number of the part until it is filled."""
    return f"@{kind.value}{number:06d}"


def mark_run(kind: Kind, number: int, more: int) -> str:
    """Stands in a file's name for this number and as many that follow it: the file is there for each."""
    return f"{mark(kind, number)}+{more}" if more else mark(kind, number)


def expand(name: str) -> list[str]:
    """The names that a name with `mark_run` stands for."""
    found = _RUN.search(name)
    if found is None:
        return [name]
    first, more = int(found[2]), int(found[3])
    return [_RUN.sub(f"{found[1]}{first + i:06d}", name) for i in range(more + 1)]


def numeral(kind: Kind, number: int) -> str:
    """A number as the data set writes it. Raises ExportError where its digits end."""
    digits = _DIGITS[kind]
    if number >= 10**digits:
        raise ExportError(
            f"the format numbers {kind.name.lower()}s with {digits} digits, and number {number} is wanted;"
            " export fewer scenes at a time"
        )
    return f"{number:0{digits}d}"


def fill(text: bytes, bases: Bases) -> bytes:
    """The text with numbers in the place of all marks. Raises ExportError where digits end."""

    def number(found: re.Match[bytes]) -> bytes:
        kind = Kind(found[1].decode())
        return numeral(kind, int(found[2]) + bases[kind]).encode()

    return _MARK.sub(number, text)
