"""`python -m tests.mutations [--errors TEXT] [--formats A,B]`: plants each error, and sees who finds it.

For every error and format a process of its own loads the module with the error in place of the one on disk.
It exports the captures of the format's round trip and compares them; where that finds nothing, it runs the
format's unit tests. Prints a table of who found it; ends with 1 when an error was not found, or when
something is found without any.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import cv2

from tests.mutations.planted import mutations
from tests.mutations.trial import Trials


def main(words: list[str] | None = None) -> int:
    """0 when every error was found, and none without it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--errors", default="", help="only those whose name has this in it")
    parser.add_argument("--formats", default="", help="only these, with commas between")
    options = parser.parse_args(words)
    formats = options.formats.split(",") if options.formats else None
    chosen = [m for m in mutations() if options.errors in m.error and (not formats or m.format in formats)]
    # A process that is forked has no threads of its own.
    cv2.setNumThreads(0)
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        trials = Trials(Path(folder))
        for form in sorted({m.format for m in chosen}):
            found = trials.round_trip(form, None)
            assert not found, f"{form}: {found}, without any error planted"
        print("| error | format | found by |\n|---|---|---|", flush=True)
        for mutation in chosen:
            finder = trials.find(mutation)
            missed += not finder
            print(
                f"| {mutation.error} | `{mutation.format}` | {finder or '**nobody**'} |",
                flush=True,
            )
    print(f"\n{len(chosen) - missed} of {len(chosen)} found")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
