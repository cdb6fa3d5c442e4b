"""Two workers against one, for a job that is bound by rendering: `python -m benchmarks two_workers`.

Scenes of six cameras of 1600x900 and a LiDAR, recorded by one Ray worker and then by two; the time is that of
the whole recording, Ray's start included. Meaningful only where nothing else runs and there are two cores.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

SCENES = int(os.environ.get("DRIVEGEN_TWO_WORKERS_SCENES", "4"))
SECONDS = os.environ.get("DRIVEGEN_TWO_WORKERS_SECONDS", "2.5")
GOAL = 1.8


def rows() -> list[dict[str, Any]]:
    """Seconds of either, their ratio, and the CPU that scenes took in either."""
    with tempfile.TemporaryDirectory() as root:
        # The first scene on a machine compiles and computes what later ones find in the cache.
        _run(Path(root), "warm", workers=1, scenes=1)
        one_s, one_cpu_s, one = _run(Path(root), "one", workers=1, scenes=SCENES)
        two_s, two_cpu_s, two = _run(Path(root), "two", workers=2, scenes=SCENES)
    assert one == two, "two workers have made other captures than one"
    return [
        _row(f"recording of {SCENES} scenes by one worker", one_s, "s"),
        _row(f"recording of {SCENES} scenes by two workers", two_s, "s"),
        _row("two workers over one", one_s / two_s, "times as fast", one_s / two_s / GOAL, f"{GOAL} times"),
        _row("CPU of scenes, two workers over one", two_cpu_s / one_cpu_s, "times as much"),
    ]


def _run(root: Path, name: str, *, workers: int, scenes: int) -> tuple[float, float, str]:
    words = ["rig=nuscenes", f"job.name={name}", f"job.scenes={scenes}", f"job.workers={workers}"]
    words += [f"scene.duration_s={SECONDS}", "scene.warmup_s=1", "export=none", "report=false"]
    command = [sys.executable, "-m", "drivegen.cli.main", "generate", *words]
    subprocess.run(command, cwd=root, check=True, capture_output=True, timeout=3600)
    run = root / "runs" / name
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    return (
        manifest["seconds"]["record"],
        manifest["truth"]["cpu_seconds"],
        (run / "content_hashes.txt").read_text(encoding="utf-8"),
    )


def _row(
    name: str, value: float, unit: str, ratio: float | None = None, against: str | None = None
) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": unit, "ratio": ratio, "against": against}
