"""Values of a configuration while they are gathered, and what was wished and had."""

from __future__ import annotations

from typing import Any

from drivegen.core.words import Had, Wish


class Values:
    """Values by dotted key, and what was wished and had."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.wishes: list[Wish] = []

    def set(self, key: str, value: Any) -> None:
        """A value; a later one of the same key replaces it."""
        self.values[key] = value

    def at_least(self, key: str, value: float) -> None:
        """A number that must not be less."""
        self.values[key] = max(value, self.values.get(key, value))

    def had(self, asked: str, got: str, had: Had = Had.YES) -> None:
        """Notes a wish."""
        self.wishes.append(Wish(asked=asked, got=got, had=had))
