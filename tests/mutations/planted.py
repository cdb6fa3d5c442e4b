"""The list of errors, and how one is planted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

EXPORTERS = "exporters/drivegen_exporters"
LIST = Path(__file__).with_name("planted.yaml")


@dataclass(frozen=True)
class Mutation:
    """One error in one format: a text of a module in place of another."""

    error: str
    format: str
    file: str
    """Below the tree's root."""
    before: str
    after: str

    def planted(self, text: str) -> str:
        """The module's text with the error. Raises AssertionError where it does not fit any more."""
        count = text.count(self.before)
        assert count == 1, f"{self.error}, {self.format}: {self.before!r} is {count} times in {self.file}"
        assert self.after != self.before
        return text.replace(self.before, self.after)


@cache
def mutations() -> tuple[Mutation, ...]:
    """All of `planted.yaml`."""
    listed: dict[str, list[list[str]]] = yaml.safe_load(LIST.read_text())
    return tuple(
        Mutation(error, form, f"{EXPORTERS}/{module}", before, after)
        for error, rows in listed.items()
        for form, module, before, after in rows
    )
