"""Reads a sensor's attributes, which the client sends as strings."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from drivegen.core.errors import ConfigError


class Attributes:
    """Attributes of one sensor, checked as they are read; an absent one has the default that is given."""

    def __init__(self, type_id: str, values: Mapping[str, str]) -> None:
        self._type_id = type_id
        self._values = values

    def number(self, name: str, default: float, low: float = -math.inf, high: float = math.inf) -> float:
        """A finite number.

        Raises:
            ConfigError: It is not a number, or lies outside [low, high].
        """
        text = self._values.get(name)
        if text is None:
            return default
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not (math.isfinite(value) and low <= value <= high):
            raise self._refusal(name, text, "a number", low, high)
        return value

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number.

        Raises:
            ConfigError: It is not a whole number, or lies outside [low, high].
        """
        text = self._values.get(name)
        if text is None:
            return default
        try:
            number = float(text)
            value = int(number) if number.is_integer() else int(text)
        except (ValueError, OverflowError):
            raise self._refusal(name, text, "a whole number", low, high) from None
        if not low <= value <= high:
            raise self._refusal(name, text, "a whole number", low, high)
        return value

    def truth(self, name: str, *, default: bool) -> bool:
        """A truth value: true, t, yes, y, 1, or anything else for false, as CARLA reads them."""
        text = self._values.get(name)
        return default if text is None else text.strip().lower() in ("true", "t", "yes", "y", "1")

    def choice(self, name: str, default: str, allowed: Sequence[str]) -> str:
        """One of several words.

        Raises:
            ConfigError: It is none of them.
        """
        text = self._values.get(name)
        if text is None:
            return default
        if text not in allowed:
            raise self.refuse(name, f"is '{text}', expected {' or '.join(allowed)}")
        return text

    def refuse(self, name: str, why: str) -> ConfigError:
        """The error for an attribute that is at odds with another."""
        return ConfigError(f"{self._type_id}: attribute {name} {why}")

    def _refusal(self, name: str, text: str, kind: str, low: float, high: float) -> ConfigError:
        limits = ""
        if math.isfinite(low) and math.isfinite(high):
            limits = f" from {low:g} to {high:g}"
        elif math.isfinite(low):
            limits = f" not below {low:g}"
        return ConfigError(f"{self._type_id}: attribute {name} is '{text}', expected {kind}{limits}")
