"""The vocabularies of the formats that drivegen writes: `classes.yaml` beside this module.

`python -m drivegen_exporters.classes` prints docs/classes.md, which a test keeps in step.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from pathlib import Path

from drivegen.capture.export.classes import Entry, Vocabulary, read_vocabularies

PATH = Path(__file__).with_name("classes.yaml")


def vocabulary(name: str) -> Vocabulary:
    """The vocabulary of a format. Raises KeyError for a name that the file has not."""
    return vocabularies()[name]


@lru_cache(maxsize=1)
def vocabularies() -> dict[str, Vocabulary]:
    """All of them, by format. Raises ExportError when the file is wrong."""
    return read_vocabularies(PATH)


def document() -> str:
    """docs/classes.md: every vocabulary as tables."""
    lines = [
        "# Classes by format",
        "",
        "Made from `exporters/drivegen_exporters/classes.yaml` by `python -m drivegen_exporters.classes`; a",
        "test keeps it in step. A dash means that the format has no such thing.",
    ]
    for found in vocabularies().values():
        lines += ["", f"## {found.format}", "", found.about]
        if found.classes:
            lines += ["", "| object | becomes | lost |", "|---|---|---|"]
            lines += [f"| {each.value} | {_becomes(e)} | {e.lost} |" for each, e in found.classes.items()]
        if found.tags:
            lines += ["", "| surface | becomes | lost |", "|---|---|---|"]
            lines += [
                f"| {tag.name.lower()} ({tag.value}) | {_becomes(e)} | {e.lost} |"
                for tag, e in found.tags.items()
            ]
        if found.lost:
            lines += ["", "Also lost:", "", *(f"- {each}" for each in found.lost)]
    return "\n".join(lines) + "\n"


def _becomes(entry: Entry) -> str:
    words = ["-" if entry.category is None else f"{entry.category.name} ({entry.category.id})"]
    words += [f"`{pattern}` {category.name} ({category.id})" for pattern, category in entry.kinds]
    if entry.without_rider is not None:
        words.append(f"without a rider {entry.without_rider.name} ({entry.without_rider.id})")
    if entry.rider is not None:
        words.append(f"its rider {entry.rider.name} ({entry.rider.id})")
    return "; ".join(words)


if __name__ == "__main__":
    sys.stdout.write(document())
