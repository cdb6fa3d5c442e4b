"""The lines of ledger files, read one after the other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RUN = "run"


@dataclass(frozen=True, slots=True)
class Line:
    """What a line says, and where in its file it begins."""

    data: dict[str, Any]
    offset: int

    @property
    def kind(self) -> str:
        """run, began, failed, finished, set_aside, ended."""
        return str(self.data["kind"])

    @property
    def index(self) -> int:
        """Of the scene, where it is about one."""
        return int(self.data["index"])


def ledger_files(folder: Path) -> list[Path]:
    """The files of a ledger, in the order of their lines."""
    return sorted(folder.glob("[0-9]*.jsonl"), key=lambda path: int(path.stem))


def lines_of(path: Path) -> Iterator[Line]:
    """Its whole lines; what a kill has torn, or a fault of the disk has spoilt, says nothing."""
    offset = 0
    with path.open("rb") as file:
        for text in file:
            try:
                data = json.loads(text) if text.endswith(b"\n") else None
            except ValueError:
                data = None
            if isinstance(data, dict) and isinstance(data.get("kind"), str):
                yield Line(data, offset)
            offset += len(text)


def read_lines(folder: Path) -> Iterator[Line]:
    """All lines of a ledger."""
    for path in ledger_files(folder):
        yield from lines_of(path)
