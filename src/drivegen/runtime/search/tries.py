"""What a search tried, kept in a file so that it can go on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drivegen.core.errors import ScenarioError, StorageError
from drivegen.runtime.replay.outcome import Outcome, Status, from_plain, plain
from drivegen.runtime.search.space import Point

FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Try:
    """One concrete scenario of a search."""

    number: int
    """From 1."""
    point: Point
    outcome: Outcome

    @property
    def criticality(self) -> float:
        """Of its course; -1 for what could not be played."""
        rated = self.outcome.criticality
        return -1.0 if rated is None else rated.value

    @property
    def kinds(self) -> tuple[str, ...]:
        """What failed; nothing where it passed."""
        rated = self.outcome.criticality
        return () if rated is None else rated.kinds

    @property
    def failed(self) -> bool:
        """Whether the subject failed, which is what a search looks for."""
        return self.outcome.status is Status.FAILED


class Journal:
    """The tries of one search, a line of JSON each; the first line says which search it is."""

    def __init__(self, path: Path, about: Mapping[str, Any]) -> None:
        """Opens or begins. Raises ScenarioError where the file is of another search, StorageError."""
        self._path = path
        self._about = {"format": FORMAT, **about}
        self.tries: list[Try] = []
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_file():
                self._read(path.read_text(encoding="utf-8"))
            else:
                path.write_text(_line(self._about), encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise StorageError(f"{path}: the search cannot be kept ({error})") from error

    def add(self, made: Try) -> None:
        """Keeps a try. Raises StorageError."""
        row = {"number": made.number, "point": list(made.point), "outcome": plain(made.outcome)}
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(_line(row))
        except OSError as error:
            raise StorageError(f"{self._path}: the search cannot be kept ({error.strerror})") from error
        self.tries.append(made)

    def _read(self, text: str) -> None:
        lines = text.splitlines(keepends=True)
        # A line without its end was being written when the search was ended.
        whole = [line for line in lines if line.endswith("\n")]
        if not whole:
            self._path.write_text(_line(self._about), encoding="utf-8")
            return
        mend = f"choose another --out, or remove {self._path}"
        try:
            rows = [json.loads(line) for line in whole]
            head = dict(rows[0])
            tries = [
                Try(
                    number=int(row["number"]),
                    point=tuple(float(v) for v in row["point"]),
                    outcome=from_plain(row["outcome"]),
                )
                for row in rows[1:]
            ]
        except (KeyError, TypeError, ValueError, AttributeError, ScenarioError) as error:
            raise ScenarioError(f"{self._path}: this is no journal of a search ({error}): {mend}") from None
        other = sorted(k for k in {*head, *self._about} if head.get(k) != self._about.get(k))
        if other:
            said = f"another search was begun here (other: {', '.join(other)})"
            raise ScenarioError(f"{self._path}: {said}: {mend}")
        if [t.number for t in tries] != list(range(1, len(tries) + 1)):
            raise ScenarioError(f"{self._path}: tries are missing from this journal: {mend}")
        if len(whole) < len(lines):
            self._path.write_text("".join(whole), encoding="utf-8")
        self.tries = tries


def _line(row: Mapping[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n"
