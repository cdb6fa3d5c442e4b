"""Options of exporters: a frozen dataclass with defaults, read from plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

from drivegen.core.errors import ExportError

O = TypeVar("O")  # noqa: E741


def read_options(kind: type[O], given: Mapping[str, Any], where: str) -> O:
    """An instance of a dataclass whose fields have defaults; a whole number is taken for a float.

    Args:
        kind: The dataclass.
        given: Values by name.
        where: Name of the format, for messages.

    Raises:
        ExportError: A name is unknown or a value has another type than the default.
    """
    known = {f.name: f for f in fields(kind)}  # type: ignore[arg-type]
    unknown = sorted(set(given) - set(known))
    if unknown:
        there = ", ".join(known) or "none"
        raise ExportError(f"{where}: unknown option {', '.join(unknown)}; there are {there}")
    values: dict[str, Any] = {}
    for name, value in given.items():
        wanted = type(known[name].default)
        if type(value) is not wanted and not (wanted is float and type(value) is int):
            raise ExportError(f"{where}: {name}={value!r}: {wanted.__name__} is wanted")
        values[name] = wanted(value)
    return kind(**values)
