"""Comparisons."""

from __future__ import annotations

from drivegen.scenario.model.names import Rule

_EQUAL = 1e-9
TIE_M = 1e-6
"""Distances and times that close evenly and differ by less are a tie; a tie counts as met."""


def holds(value: float, rule: Rule, limit: float, tie: float = 0.0) -> bool:
    """Whether a number meets a rule; with `tie`, strict rules are met from equality on."""
    match rule:
        case Rule.EQUAL_TO:
            return abs(value - limit) <= max(_EQUAL, tie)
        case Rule.NOT_EQUAL_TO:
            return abs(value - limit) > max(_EQUAL, tie)
        case Rule.GREATER_THAN:
            return value > limit - tie if tie else value > limit + _EQUAL
        case Rule.GREATER_OR_EQUAL:
            return value >= limit - max(_EQUAL, tie)
        case Rule.LESS_THAN:
            return value < limit + tie if tie else value < limit - _EQUAL
        case Rule.LESS_OR_EQUAL:
            return value <= limit + max(_EQUAL, tie)


def holds_text(value: str, rule: Rule, limit: str) -> bool:
    """Whether a value in text meets a rule: as numbers if both are numbers, else as words (booleans in any
    case).

    Of words only equality is asked; other rules compare them in order of their letters.
    """
    try:
        return holds(float(value), rule, float(limit))
    except ValueError:
        pass
    one, other = _word(value), _word(limit)
    match rule:
        case Rule.EQUAL_TO:
            return one == other
        case Rule.NOT_EQUAL_TO:
            return one != other
        case Rule.GREATER_THAN:
            return one > other
        case Rule.GREATER_OR_EQUAL:
            return one >= other
        case Rule.LESS_THAN:
            return one < other
        case Rule.LESS_OR_EQUAL:
            return one <= other


def _word(text: str) -> str:
    lowered = text.strip().lower()
    return lowered if lowered in {"true", "false"} else text.strip()
