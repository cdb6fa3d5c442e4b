"""What is wrong with a file, gathered, so that one reading tells all of it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from drivegen.core.errors import ScenarioError
from drivegen.scenario.model.element import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong, where, and how to mend it."""

    place: Place
    text: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


class BrokenScenarioError(ScenarioError):
    """A scenario that cannot be read; `problems` are all that were found, the first is the message."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        first, more = self.problems[0], len(self.problems) - 1
        also = "" if more == 0 else f" (and {more} more problem{'s' * (more > 1)})"
        super().__init__(f"{first}{also}")

    def __reduce__(self) -> tuple[type[BrokenScenarioError], tuple[tuple[Problem, ...]]]:
        return (type(self), (self.problems,))


class HopelessScenarioError(BrokenScenarioError):
    """A scenario whose reading must end at once: there is no use in looking for more problems."""


def hopeless(place: Place, text: str) -> HopelessScenarioError:
    """An error of one problem that ends the reading."""
    return HopelessScenarioError([Problem(place=place, text=text)])


def broken(place: Place, text: str) -> BrokenScenarioError:
    """An error of one problem."""
    return BrokenScenarioError([Problem(place=place, text=text)])


def nearest(name: str, known: Iterable[str], *, most: int = 8) -> str:
    """What may have been meant: `did you mean X?`, or what there is."""
    names = sorted(set(known))
    near = difflib.get_close_matches(name, names, n=1)
    if near:
        return f"did you mean {near[0]!r}?"
    if not names:
        return "there are none"
    shown = ", ".join(names[:most])
    return f"there are {shown}{' ...' if len(names) > most else ''}"
