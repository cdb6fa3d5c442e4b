"""The survey of a run's streets as a table: `python -m benchmarks.street_survey RUN [RUN ...]`.

`drivegen generate experiment=street_survey` makes such a run; its report.html draws the same numbers.
"""

from __future__ import annotations

import sys
from pathlib import Path

from drivegen.report.maps import networks_of
from drivegen.report.survey import Measure, survey


def main(runs: list[str]) -> None:
    for run in runs:
        captures = sorted((Path(run) / "captures").glob("*.mcap"))
        networks = networks_of(captures)
        print(f"{run}: {len(captures)} scenes on {len(networks)} maps\n")
        print("| what | unit | values | 15 % | median | 85 % | published | |")
        print("|---|---|---|---|---|---|---|---|")
        for measure in survey(Path(run), networks):
            print(row(measure))


def row(m: Measure) -> str:
    """A line of the table."""
    norm = "" if m.norm is None else f"{m.norm.low:g} to {m.norm.high:g}"
    spread = f"{m.p15:.2f} | {m.median:.2f} | {m.p85:.2f}"
    return f"| {m.title} | {m.unit} | {m.count} | {spread} | {norm} | {m.verdict} |"


if __name__ == "__main__":
    main(sys.argv[1:])
