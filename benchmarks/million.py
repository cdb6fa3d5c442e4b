"""The driver's memory for a million planned scenes, and what the ledger of them costs to read.

`python -m benchmarks million`. Queue, ledger, loop and manifest are those of any job; the one worker is in
the driver's process, draws no plan and leaves an empty capture at once, so what grows is the driver's. A
pairwise cover and 100,000 maps are what could grow with the scenes beside it. It writes two million files, so
let TMPDIR be a memory disk.
"""

from __future__ import annotations

import hashlib
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir

from drivegen.data import data_root
from drivegen.runtime.config import Config, config_from, register_schema
from drivegen.runtime.covering import Coverage
from drivegen.runtime.folder import RunFolder
from drivegen.runtime.ledger import Ledger
from drivegen.runtime.manifest import write_manifest
from drivegen.runtime.planning import Planner
from drivegen.runtime.recording import Recording
from drivegen.runtime.scene import Outcome
from drivegen.runtime.status import status
from drivegen.runtime.worker import Assigned

SCENES = int(os.environ.get("DRIVEGEN_MILLION_SCENES", "1000000"))
LIMIT_MB = 500.0
PLAN = b"one plan for all\n"


class Instant:
    """A worker whose scenes are there at once."""

    def __init__(self, config: Config, root: str, number: int) -> None:
        del config, number
        self._folder = RunFolder(Path(root))
        self._plan = self._folder.root / "plan"
        self._plan.write_bytes(PLAN)

    def attempt(self, scene: Assigned) -> Iterator[Outcome]:
        """All plans are one file, all captures are empty."""
        plan = self._folder.plan(scene.scene)
        plan.symlink_to(self._plan)
        self._folder.capture(scene.scene).touch()
        planned = {"sha256": hashlib.sha256(PLAN).hexdigest(), "map": f"map {scene.index % 100_000}"}
        planned |= {"requested": {"vehicles": 20.0, "pedestrians": 10.0, "role parked": 3.0}}
        result = {"planned": planned, "frames": 80, "bytes": 0, "content_sha256": 64 * "0"}
        result |= {"stages": {"server start": 3.0, "sensors": 20.0}, "achieved": {"vehicles": 19.0}}
        yield Outcome(scene=scene.scene, seconds=30.0, result=result)

    def close(self) -> None:
        """There is nothing to end."""


def rows() -> list[dict[str, Any]]:
    """Peak memory and seconds of a first run, of one that finds all there, and of `drivegen status`."""
    register_schema()
    with initialize_config_dir(str(data_root() / "conf"), version_base="1.3"):
        words = ["experiment=coverage", f"job.scenes={SCENES}", "job.pool=inline", "map.variants=100000"]
        config = config_from(compose("config", overrides=words))
    out = []
    with tempfile.TemporaryDirectory() as root:
        folder = RunFolder(Path(root) / "run")
        folder.create()
        for name in ("first run", "all there"):
            start = time.monotonic()
            _run(config, folder)
            out.append(_row(f"driver, {SCENES:,} scenes, {name}", time.monotonic() - start, "s"))
            out.append(_row(f"driver's peak memory, {SCENES:,} scenes, {name}", _peak_mb(), "MB", LIMIT_MB))
        start = time.monotonic()
        assert status(folder).finished == SCENES
        out.append(_row(f"status of {SCENES:,} scenes", time.monotonic() - start, "s"))
    return out


def _run(config: Config, folder: RunFolder) -> None:
    planner = Planner(config)
    assignment = planner.assignment
    coverage = Coverage.of(assignment.factors, (assignment.levels(i) for i in range(SCENES)))
    with Ledger(folder, exclusive=True) as ledger:
        ledger.begin_run(scenes=SCENES)
        recorded = Recording(config, folder, ledger, planner, make=Instant).run()
        assert recorded.recorded + recorded.there == SCENES
        write_manifest(config, folder, ledger, assignment, coverage)
        ledger.end_run("whole")


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def _row(name: str, value: float, unit: str, limit: float | None = None) -> dict[str, Any]:
    ratio = None if limit is None else value / limit
    against = None if limit is None else f"{limit:g} {unit}"
    return {"name": name, "value": value, "unit": unit, "ratio": ratio, "against": against}
