"""`python -m tests.round_trip [--long] [FORMAT ...]`: two scenes in every format, read back; prints a table.

What differences are in, docs/measurements.md tells. With `--long` each quantity has a row of its own.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.round_trip.formats import FORMATS, PLAIN, captures_of, export
from tests.round_trip.forms import Row


def main(words: list[str]) -> int:
    """0 when every difference is within its format's precision."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("formats", nargs="*")
    options = parser.parse_args(words)
    print(
        "| format | quantity | values | largest difference | the format's precision |"
        if options.long
        else SHORT
    )
    print("|---|---|---|---|---|" if options.long else "|---|---|---|")
    faults = 0
    with tempfile.TemporaryDirectory() as folder:
        captures: dict[str, list[Path]] = {}
        for form in (f for f in FORMATS if not options.formats or f.name in options.formats):
            if form.world not in captures:
                captures[form.world] = captures_of(form.world, Path(folder) / form.world)
            root = Path(folder) / form.name
            export(form, captures[form.world], root, PLAIN)
            try:
                rows = form.rows(root, captures[form.world])
            except AssertionError as error:
                faults += 1
                print(f"| `{form.name}` | **{error}** |")
                continue
            faults += sum(not r.holds for r in rows)
            print("\n".join(long_lines(form.name, rows)) if options.long else short_line(form.name, rows))
    return int(faults > 0)


SHORT = "| format | equal to the last digit | largest difference (the format's precision) |"


def short_line(name: str, rows: list[Row]) -> str:
    """A row for the format."""
    equal = [r.quantity.removeprefix("same ").removeprefix("metres of ") for r in rows if not r.worst]
    other = [f"{r.quantity} {r.worst:.1g} ({r.precision:.1g}){_mark(r)}" for r in rows if r.worst]
    return f"| `{name}` | {', '.join(equal)} | {'; '.join(other)} |"


def long_lines(name: str, rows: list[Row]) -> list[str]:
    """A row for each quantity."""
    return [
        f"| `{name}` | {r.quantity} | {r.values} | {r.worst:.2g}{_mark(r)} | {r.precision:.2g} |"
        for r in rows
    ]


def _mark(row: Row) -> str:
    return "" if row.holds else " **too far**"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
