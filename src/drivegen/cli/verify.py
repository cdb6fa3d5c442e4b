"""`drivegen verify`."""

from __future__ import annotations

import sys
from pathlib import Path

from drivegen.capture.export.manifest import verify
from drivegen.capture.export.signatures import check_signatures
from drivegen.core.errors import ConfigError
from drivegen.runtime.dataset import foreign_scenes
from drivegen.runtime.folder import RunFolder


def run(dataset: Path, root: str | None, run_folder: Path | None, trust: Path | None = None) -> int:
    """Tells all that is wrong with a data set, a line each. Returns 0 if nothing is, else 1."""
    if not dataset.is_dir():
        raise ConfigError(f"{dataset}: no such folder; give the folder of a data set")
    found = verify(dataset, root or "", captures=run_folder is not None)
    problems = list(found.problems)
    if run_folder is not None:
        if not run_folder.is_dir():
            raise ConfigError(f"{run_folder}: no such run folder; runs lie in runs/NAME")
        problems += foreign_scenes(RunFolder(run_folder.resolve()), found.captures)
    signed = check_signatures(dataset, found.names, trust)
    problems += signed.problems
    for problem in problems:
        sys.stdout.write(f"{problem}\n")
    if signed.note:
        sys.stdout.write(f"{signed.note}\n")
    counts = f"{found.files} files, {found.bytes} bytes, {found.scenes} scenes"
    if problems:
        sys.stdout.write(f"{dataset}: {len(problems)} problems in {counts}\n")
        return 1
    sys.stdout.write(f"{dataset}: {counts}: all as written; root {found.root}\n")
    return 0
