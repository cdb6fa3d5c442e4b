"""What a scene costs beside its recording: 10,000 scenes through plan, ledger and pool.

`python -m benchmarks job_overhead`. Plans are drawn and written by two Ray workers as in any job; in place of
the recorder stands a worker that leaves an empty capture. The goal is 60 s on two cores. It is done twice: of
empty roads, whose plans cost nearly nothing, and of the default traffic and people, where drawing plans is
most of it.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir

from drivegen.data import data_root
from drivegen.runtime.config import Config, config_from, register_schema
from drivegen.runtime.folder import RunFolder
from drivegen.runtime.ledger import Ledger
from drivegen.runtime.planning import Planner
from drivegen.runtime.recording import Recording
from drivegen.runtime.scene import Outcome
from drivegen.runtime.worker import Assigned

SCENES = int(os.environ.get("DRIVEGEN_OVERHEAD_SCENES", "10000"))
WORKERS = 2
GOAL_S = 60.0


class NothingRecorded:
    """A worker whose scenes hold nothing."""

    def __init__(self, config: Config, root: str, number: int) -> None:
        del number
        self._folder = RunFolder(Path(root))
        self._planner = Planner(config)
        self._laid: set[str] = set()

    def attempt(self, scene: Assigned) -> Iterator[Outcome]:
        """The plan is real."""
        start = time.monotonic()
        planned = self._planner.write_scene(self._folder, scene.index, self._laid)
        self._folder.capture(scene.scene).touch()
        result = {"planned": asdict(planned), "frames": 0, "bytes": 0}
        yield Outcome(scene=scene.scene, seconds=time.monotonic() - start, result=result)

    def close(self) -> None:
        """There is nothing to end."""


def rows() -> list[dict[str, Any]]:
    """Wall seconds, Ray's start included: a first run, and the same again when all is there."""
    return [
        *_rows("on empty roads", "traffic.vehicles=0", "pedestrians.pedestrians=0"),
        *_rows("of the default traffic"),
    ]


def _rows(which: str, *words: str) -> list[dict[str, Any]]:
    register_schema()
    with initialize_config_dir(str(data_root() / "conf"), version_base="1.3"):
        job = [f"job.scenes={SCENES}", f"job.workers={WORKERS}"]
        config = config_from(compose("config", overrides=[*job, *words]))
    with tempfile.TemporaryDirectory() as root:
        folder = RunFolder(Path(root) / "run")
        folder.create()
        first_s, recorded = _run(config, folder)
        again_s, there = _run(config, folder)
        assert (recorded, there) == (SCENES, 0), (recorded, there)
    goal_s = GOAL_S * SCENES / 10_000
    return [
        _row(f"{SCENES:,} scenes {which} without recording, {WORKERS} Ray workers", first_s, "s", goal_s),
        _row(f"{SCENES:,} scenes {which} that are there already", again_s, "s", None),
    ]


def _run(config: Config, folder: RunFolder) -> tuple[float, int]:
    start = time.monotonic()
    with Ledger(folder, exclusive=True) as ledger:
        ledger.begin_run()
        recorded = Recording(config, folder, ledger, Planner(config), make=NothingRecorded).run()
        ledger.end_run("whole")
    return time.monotonic() - start, recorded.recorded


def _row(name: str, value: float, unit: str, goal: float | None) -> dict[str, Any]:
    ratio = None if goal is None else value / goal
    against = None if goal is None else f"{goal:g} s"
    return {"name": name, "value": value, "unit": unit, "ratio": ratio, "against": against}
