"""Fits the model of costs (`drivegen.runtime.costs.SHIPPED`) to scenes of many rigs, lengths and traffic.

`python -m benchmarks costs` records them one after the other on this machine, which should do nothing else,
and prints rates to be copied; with DRIVEGEN_COSTS_RUNS naming a folder, scenes that lie there already are not
recorded again. The rows tell how far the fit is off for each part, and what a forecast from the other scenes
alone would have said of each one.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import nnls

from drivegen.core.plans import ScenePlan
from drivegen.runtime.folder import RunFolder
from drivegen.runtime.ledger import Ledger, Mark
from drivegen.runtime.workload import Workload, workload_of

SCENES = {
    "a_tiny": "rig=tiny scene.duration_s=1 traffic.vehicles=4 pedestrians.pedestrians=2",
    "b_tiny_long": "rig=tiny scene.duration_s=8 traffic.vehicles=8 pedestrians.pedestrians=4",
    "c_tiny_many": "rig=tiny scene.duration_s=4 traffic.vehicles=50 pedestrians.pedestrians=40",
    "d_small": "rig=nuscenes_small scene.duration_s=2",
    "e_full": "rig=nuscenes scene.duration_s=2",
    "f_lidars": "rig=six_lidars scene.duration_s=1.5",
    "g_small_long": "rig=nuscenes_small scene.duration_s=6",
    "h_lr": "rig=lidar_radar scene.duration_s=2",
    "i_lens": "rig=front_lenses scene.duration_s=1.5",
}
FIELDS = {
    "rendering": ("scenes", "actor_images", "drawn_megapixels", "megabeams"),
    "server": ("scenes", "ticks", "actor_ticks", "drawn_megapixels", "megabeams"),
    "recorder": ("scenes", "ticks", "actor_ticks", "megapixels", "lens_megapixels", "megabeams"),
    "bytes": ("scenes", "frames", "megapixels", "megabeams"),
}
"""What each part may depend on."""

Seen = list[tuple[Workload, Mark]]


def rows() -> list[dict[str, Any]]:
    """How far the model is off, in the mean over scenes: fitted to all, and to all others."""
    with tempfile.TemporaryDirectory() as scratch:
        seen = recorded(Path(os.environ.get("DRIVEGEN_COSTS_RUNS", scratch)))
    rates = fit(seen)
    for part, found in rates.items():
        print(f'    "{part}": {found},')
    print(f"SHIPPED_WALL = {wall(seen):.3f}")
    out = []
    for part in FIELDS:
        fitted = [off(rates, part, load, mark) for load, mark in seen]
        others = [off(fit([s for s in seen if s is not left]), part, *left) for left in seen]
        print(part, "fitted", np.round(fitted, 2).tolist(), "from the others", np.round(others, 2).tolist())
        out += [_row(f"{part}: off, fitted", fitted), _row(f"{part}: off, from the other scenes", others)]
    return out


def recorded(root: Path) -> Seen:
    """Work and mark of each scene."""
    seen: Seen = []
    for name, words in SCENES.items():
        folder = RunFolder(root / "runs" / name)
        if not list(Ledger(folder).finished()):
            command = [
                sys.executable,
                "-m",
                "drivegen.cli.main",
                "generate",
                f"job.name={name}",
                *words.split(),
            ]
            command += ["job.pool=inline", "export=none", "report=false", "scene.warmup_s=1"]
            subprocess.run(command, cwd=root, check=True, capture_output=True, timeout=1800)
        mark = Ledger(folder).read(0)
        assert mark is not None
        plan = ScenePlan.from_json(folder.plan(mark.scene).read_text(encoding="utf-8"))
        seen.append((workload_of(plan), mark))
    return seen


def told(part: str, mark: Mark) -> float:
    """What a scene has cost."""
    if part == "bytes":
        return float(mark.bytes)
    return mark.cpu_seconds["server, not rendering" if part == "server" else part]


def fit(seen: Seen) -> dict[str, dict[str, float]]:
    """Rates by part; scenes weigh alike whatever they cost."""
    rates = {}
    for part, names in FIELDS.items():
        costs = np.array([told(part, mark) for _, mark in seen])
        work = np.array([[getattr(load, name) for name in names] for load, _ in seen])
        found, _ = nnls(work / costs[:, None], np.ones(len(costs)))
        rates[part] = {
            name: float(f"{rate:.3g}") for name, rate in zip(names, found, strict=True) if rate > 0.0
        }
    return rates


def wall(seen: Seen) -> float:
    """Wall seconds over CPU seconds."""
    return sum(mark.seconds for _, mark in seen) / sum(sum(mark.cpu_seconds.values()) for _, mark in seen)


def off(rates: dict[str, dict[str, float]], part: str, load: Workload, mark: Mark) -> float:
    """Of a forecast: 0.1 is a tenth too much."""
    guess = sum(rate * getattr(load, name) for name, rate in rates[part].items())
    return guess / told(part, mark) - 1.0


def _row(name: str, values: list[float]) -> dict[str, Any]:
    mean = 100.0 * float(np.mean(np.abs(values)))
    return {"name": name, "value": mean, "unit": "% (mean)", "against": None, "ratio": None}
