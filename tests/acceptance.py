"""A run of four weathers, exported in every format, and each data set judged by its own consumers.

    python -m tests.acceptance --checks FOLDER --environments FOLDER [--run RUN] [--formats nuscenes,kitti]

`--checks` has the scripts `accept_NAME.py DATASET`, each of which loads a data set with its consumer's own
code and ends with 0 when that is content. `--environments` has a virtual environment for each consumer, by
the names in `CHECKS`. Neither is part of drivegen. The run is recorded if it is not there
(`experiment=four_weathers`), its data sets are made, what the consumers say is kept in RUN/acceptance, and a
table is printed. The exit status is 0 when all of it was run and passed.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

SEEN = """
SELECT s.scene, s.weather, s.hour,
  count(DISTINCT track_id) FILTER (class IN ('pedestrian', 'child')) AS people,
  count(DISTINCT track_id) FILTER (class IN ('bicycle', 'motorcycle', 'tricycle')) AS two_wheelers,
  count(DISTINCT track_id) FILTER (class = 'truck') AS trucks,
  count(DISTINCT track_id) FILTER (class = 'bus') AS buses
FROM objects o JOIN scenes s USING (scene) WHERE o.keyframe AND o.visible_fraction > 0.5
GROUP BY ALL ORDER BY 1
"""
"""Tracks of which a camera sees more than half in some keyframe."""


@dataclass(frozen=True)
class Check:
    """A consumer's script, and on what of a data set it is run."""

    format: str
    script: str
    environment: str
    arguments: Callable[[Path], list[list[str]]]
    """Of each call, from the data set's folder."""
    figures: str
    """Lines of its output that are worth telling, as a regular expression."""


def each(pattern: str, *more: str) -> Callable[[Path], list[list[str]]]:
    """A call for each file of the data set that the pattern finds."""
    return lambda root: [[str(p), *more] for p in sorted(root.glob(pattern))]


def whole(*more: str, below: str = "") -> Callable[[Path], list[list[str]]]:
    """One call for the data set, or for a folder of it."""
    return lambda root: [[str(root / below), *more]]


def first(*patterns: str) -> Callable[[Path], list[list[str]]]:
    """A call for the first file of each pattern."""
    return lambda root: [[str(min(root.glob(p)))] for p in patterns]


FORMATS = (
    *("nuscenes", "kitti", "coco", "yolo", "cityscapes", "semantic_kitti", "argoverse2", "osi", "openlabel"),
    *("foxglove", "webdataset", "huggingface", "occupancy"),
)
OPTIONS = {"argoverse2": ("splits.val=1", "hz=2")}
"""Of exports: its script looks at one split only, and takes a second a sweep."""
CHECKS = (
    Check("nuscenes", "nuscenes", "nusc", whole("v1.0-drivegen", "drivegen_all"), r"mismatches|AP=|mAP"),
    Check("kitti", "kitti", "kittieval", whole(below="object"), r"geometry|valid|AP40|suspicious"),
    Check("kitti", "kitti_tracking", "kittieval", whole(below="tracking/training"), r"HOTA|evaluable"),
    Check("coco", "coco", "coco", whole(), r"IoU=0.50:0.95 .*all.*maxDets=100|panoptic"),
    Check("argoverse2", "av2", "av2", whole(), r"sweeps|points in|AVERAGE|^[A-Z_]+ +[01]\.\d+ "),
    Check("osi", "osi", "osi", each("*.mcap"), r"^\{|gt2sv"),
    Check("openlabel", "openlabel", "openlabel", each("scene-*.json"), r"issue|error|valid"),
    Check("foxglove", "mcap", "osi", each("*.mcap"), r"^$"),
    Check("webdataset", "webdataset", "hf", whole(), r"samples"),
    Check("huggingface", "hf", "hf", whole(), r"num_rows"),
    *(Check(name, "croissant", "hf", whole(below="croissant.json"), r"recommended|rror") for name in FORMATS),
    Check("nuscenes", "marking", "coco", first("samples/CAM_FRONT/*.jpg", "maps/*.png"), r"Label"),
    Check("kitti", "marking", "coco", first("object/training/image_2/*.png"), r"Label"),
    Check("coco", "marking", "coco", first("images/**/*.jpg", "panoptic/**/*.png"), r"Label"),
    Check("osi", "asam_qc", "qc", each("*.xodr"), r"checkers|errors"),
)


@dataclass(frozen=True)
class Verdict:
    """What a consumer said."""

    check: Check
    passed: bool
    calls: int
    figures: list[str]
    seconds: float


def main(arguments: list[str] | None = None) -> int:
    """0 when everything passed."""
    options = parse(arguments)
    record(options.run)
    formats = options.formats.split(",") if options.formats else list(FORMATS)
    for name in formats:
        drivegen("export", str(options.run), f"format={name}", *OPTIONS.get(name, ()))
    print(drivegen("query", str(options.run), SEEN))
    print("| format | script | calls | verdict | seconds | what it says |")
    print("|---|---|---|---|---|---|")
    passed = True
    for check in (c for c in CHECKS if c.format in formats):
        verdict = judge(check, options)
        passed &= verdict.passed
        said, word = "<br>".join(verdict.figures), "pass" if verdict.passed else "**FAULT**"
        print(
            f"| `{check.format}` | {check.script} | {verdict.calls} | {word}"
            f" | {verdict.seconds:.0f} | {said} |",
            flush=True,
        )
    return int(not passed)


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--checks", type=Path, required=True)
    parser.add_argument("--environments", type=Path, required=True)
    parser.add_argument("--run", type=Path, default=Path("runs/four_weathers"))
    parser.add_argument("--formats", default="")
    return parser.parse_args(arguments)


def record(run: Path) -> None:
    """Records what of the run is missing; a finished run is left as it is."""
    if not (run / "report.html").is_file():
        drivegen("generate", "experiment=four_weathers", f"job.runs_dir={run.parent}", f"job.name={run.name}")


def drivegen(*words: str) -> str:
    """What a command of drivegen's prints. Raises CalledProcessError."""
    return subprocess.run(
        [sys.executable, "-m", "drivegen.cli.main", *words], check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def judge(check: Check, options: argparse.Namespace) -> Verdict:
    """Runs a script on a data set, all of its calls."""
    root, began = options.run / "export" / check.format, time.monotonic()
    python = options.environments / check.environment / "bin/python"
    script = options.checks / f"accept_{check.script}.py"
    missing = [str(p) for p in (python, script, root) if not p.exists()]
    if missing:
        return Verdict(check, False, 0, [f"not run: there is no {', '.join(missing)}"], 0.0)
    calls, said, passed = check.arguments(root), "", True
    for words in calls:
        done = subprocess.run(
            [str(python.absolute()), str(script), *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        passed &= done.returncode == 0 and "PASS" in done.stdout
        said += done.stdout
    folder = options.run / "acceptance"
    folder.mkdir(exist_ok=True)
    (folder / f"{check.format}-{check.script}.txt").write_text(said)
    found = [line.strip() for line in said.splitlines() if re.search(check.figures, line)]
    if not passed:
        found.append(said.strip().splitlines()[-1] if said.strip() else "nothing said")
    return Verdict(
        check, passed and bool(calls), len(calls), list(dict.fromkeys(found)), time.monotonic() - began
    )


if __name__ == "__main__":
    sys.exit(main())
