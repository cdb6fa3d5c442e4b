"""From captures to what the model learns from: `python -m drivegen_generators.vehicles.learned.rollouts`.

Captures are those of any job with labels every 0.2 s; the recipe of the weights in this package is
`drivegen generate experiment=traffic_rollouts`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from drivegen.core.errors import DrivegenError
from drivegen_generators.vehicles.learned.scenes import scene_of
from drivegen_generators.vehicles.learned.windows import Windows, windows_of


def windows_of_runs(runs: Sequence[Path], every_s: float = 1.0) -> Windows:
    """Of captures, and of all captures of run folders in the order of their names. Raises CaptureError."""
    parts = []
    for run in runs:
        for capture in [run] if run.suffix == ".mcap" else sorted((run / "captures").glob("*.mcap")):
            made = windows_of(scene_of(capture), every_s)
            if made is not None:
                parts.append(made)
    return Windows.join(parts)


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes windows and prints how many."""
    parser = argparse.ArgumentParser(
        prog="drivegen_generators.vehicles.learned.rollouts", description=__doc__
    )
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="run folders, or captures")
    parser.add_argument("--every-s", type=float, default=1.0, help="from one window's present to the next")
    parser.add_argument("--out", type=Path, required=True, help="the .npz file to write")
    given = parser.parse_args(arguments)
    try:
        made = windows_of_runs(given.runs, given.every_s)
        made.save(given.out)
    except (DrivegenError, OSError) as error:
        sys.stderr.write(f"rollouts: {error}\n")
        return 1
    sys.stdout.write(
        f"{len(made.first) - 1} windows, {len(made.group)} actors, {int(made.known.sum())} futures, "
        f"sha256 {made.sha256}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
