"""Attribute texts as values of the standard's types, and back."""

from __future__ import annotations

import math
import re
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from drivegen.scenario.model.names import ParameterType
from drivegen.scenario.reading.expressions import Value
from drivegen.scenario.reading.problems import nearest

W = TypeVar("W", bound=StrEnum)

_INTEGER = re.compile(r"[+-]?\d{1,19}")
_RANGES = {
    ParameterType.INT: (-(2**31), 2**31 - 1),
    ParameterType.UNSIGNED_INT: (0, 2**32 - 1),
    ParameterType.UNSIGNED_SHORT: (0, 2**16 - 1),
}


def to_boolean(text: str) -> bool:
    """`true`, `false`, `1` or `0`."""
    if text not in ("true", "false", "1", "0"):
        raise ValueError(f"{text!r} is not a boolean: write true or false")
    return text in ("true", "1")


def to_integer(text: str, least: int = -(2**31), most: int = 2**32 - 1) -> int:
    """An integer; a decimal number without a fraction counts as one."""
    if _INTEGER.fullmatch(text):
        value = int(text)
    else:
        try:
            number = float(text)
        except ValueError:
            raise ValueError(f"{text!r} is not an integer") from None
        if not math.isfinite(number) or number != math.floor(number):
            raise ValueError(f"{text!r} is not an integer: use round, floor or ceil in an expression")
        value = int(number)
    if not least <= value <= most:
        raise ValueError(f"{text!r} is not from {least} to {most}")
    return value


def to_double(text: str, *, infinite: bool = False) -> float:
    """A number; `INF` only where there may be no limit."""
    try:
        if "_" in text:
            raise ValueError
        value = float(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a number") from None
    if math.isnan(value) or (math.isinf(value) and not infinite):
        raise ValueError(f"{text!r} is not a finite number")
    return value


def to_date_time(text: str) -> datetime:
    """Date and time as ISO 8601 writes them."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a date and time like 2024-05-01T12:00:00") from None


def to_word(text: str, words: type[W]) -> W:
    """One of a list of words."""
    try:
        return words(text)
    except ValueError:
        near = nearest(text, [w.value for w in words], most=20)
        raise ValueError(f"{text!r} is not one of {words.__name__}'s words; {near}") from None


def to_typed(text: str, kind: ParameterType) -> Value:
    """A parameter's or variable's text as a value of its type; a dateTime stays a text."""
    if kind is ParameterType.BOOLEAN:
        return to_boolean(text)
    if kind is ParameterType.DOUBLE:
        return to_double(text)
    if kind in _RANGES:
        return to_integer(text, *_RANGES[kind])
    if kind is ParameterType.DATE_TIME:
        to_date_time(text)
    return text


def as_text(value: Value | datetime) -> str:
    """How a value stands in a file: the shortest text that reads back as the same value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if math.isinf(value):
            return "INF" if value > 0 else "-INF"
        return str(int(value)) if value == math.floor(value) and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)
