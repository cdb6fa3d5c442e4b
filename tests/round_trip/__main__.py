"""`python -m tests.round_trip [FORMAT ...]`: two scenes in every format, read back; prints a table."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.round_trip.formats import FORMATS, PLAIN, captures_of, export


def main(names: list[str]) -> int:
    """0 when every difference is within its format's precision."""
    faults = 0
    print(
        "| format | quantity | values | largest difference | the format's precision |\n|---|---|---|---|---|"
    )
    with tempfile.TemporaryDirectory() as folder:
        captures: dict[str, list[Path]] = {}
        for form in (f for f in FORMATS if not names or f.name in names):
            if form.world not in captures:
                captures[form.world] = captures_of(form.world, Path(folder) / form.world)
            root = Path(folder) / form.name
            export(form, captures[form.world], root, PLAIN)
            try:
                rows = form.rows(root, captures[form.world])
            except AssertionError as error:
                faults += 1
                print(f"| `{form.name}` | {error} | | **differs** | |")
                continue
            for row in rows:
                faults += not row.holds
                mark = "" if row.holds else " **too far**"
                found = f"{row.worst:.2g}{mark}"
                print(f"| `{form.name}` | {row.quantity} | {row.values} | {found} | {row.precision:.2g} |")
    return int(faults > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
