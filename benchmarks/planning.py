"""Planning: scenes drawn and laid into a run folder by one worker, and road forms drawn.

`python -m benchmarks planning`. The goal is 10,000 scenes in 60 s, 6 ms a scene, and a junction in 1 s.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir

from drivegen.data import data_root
from drivegen.runtime.config import config_from, register_schema
from drivegen.runtime.folder import RunFolder
from drivegen.runtime.planning import Planner

SCENES = int(os.environ.get("DRIVEGEN_PLANNING_SCENES", "10000"))
GOAL_MS = 6.0
SETS = {
    "as configured by default": (),
    "by demand": ("traffic=demand",),
    "city traffic alone, no people": ("pedestrians.pedestrians=0",),
}


def rows() -> list[dict[str, Any]]:
    """Milliseconds a scene; the first plan, which looks the road over, not counted."""
    register_schema()
    return [
        _planned(name, overrides, SCENES if not overrides else SCENES // 10)
        for name, overrides in SETS.items()
    ]


def _planned(name: str, overrides: tuple[str, ...], scenes: int) -> dict[str, Any]:
    with initialize_config_dir(str(data_root() / "conf"), version_base="1.3"):
        config = config_from(compose("config", overrides=[f"job.scenes={scenes}", *overrides]))
    planner = Planner(config)
    planner.plan(0)
    with tempfile.TemporaryDirectory() as root:
        folder = RunFolder(Path(root))
        folder.create()
        laid: set[str] = set()
        times_s = []
        for index in range(scenes):
            start = time.perf_counter()
            planner.write_scene(folder, index, laid)
            times_s.append(time.perf_counter() - start)
    mean_ms = 1e3 * statistics.fmean(times_s)
    return {
        "name": f"planning a scene, {name}, mean of {scenes:,} in one process",
        "value": mean_ms,
        "unit": "ms",
        "ratio": mean_ms / GOAL_MS,
        "against": "6 ms: 10,000 scenes in 60 s",
    }
