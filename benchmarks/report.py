"""How long `drivegen report` takes for a thousand frames, on one core, and how much memory it wants.

`python -m benchmarks report`. Four scenes of 250 frames (12.5 s at 20 Hz), each with six cameras at 2 Hz and
a LiDAR at 10 Hz, of the tests' synthetic world; or the run whose folder DRIVEGEN_REPORT_RUN names.
"""

from __future__ import annotations

import os
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.unit.capture.synthetic_capture import make_plan, make_rig, write_capture

from drivegen.capture.index import build_index, query
from drivegen.report.html import write_report

SCENES, SCENE_S = 4, 12.5
AIM_S = 60.0
FRAMES = 1000


def rows() -> list[dict[str, Any]]:
    """Seconds for a thousand frames against what is wanted, and the greatest memory."""
    os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[0]})
    with tempfile.TemporaryDirectory() as scratch:
        given = os.environ.get("DRIVEGEN_REPORT_RUN")
        run = Path(given) if given else make_run(Path(scratch))
        frames = int(query(run, "select sum(frames) from scenes").rows[0][0])
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
        wall, used = time.monotonic(), time.process_time()
        write_report(run, Path(scratch) / "report.html")
        wall, used = time.monotonic() - wall, time.process_time() - used
        size = (Path(scratch) / "report.html").stat().st_size / 1e6
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    of = f"of {frames:,} frames"
    return [
        _row(
            f"report {of}, processor time",
            used,
            "s",
            used / AIM_S * FRAMES / frames,
            "60 s a thousand frames",
        ),
        _row(f"report {of}, wall time", wall, "s", wall / AIM_S * FRAMES / frames, "60 s a thousand frames"),
        _row(f"report {of}, page", size, "MB", None, ""),
        _row(
            f"report {of}, most memory (with mapped captures)", after, "MB", None, f"{before:.0f} MB before"
        ),
    ]


def make_run(root: Path) -> Path:
    """Captures of the synthetic world, and their index; the scenes' frames are the same."""
    (root / "captures").mkdir()
    rig = make_rig(800, 450, 1080)
    for number in range(1, SCENES + 1):
        scene = f"scene-{number:04d}"
        write_capture(root / f"captures/{scene}.mcap", make_plan(scene, SCENE_S, rig))
    build_index(sorted((root / "captures").iterdir()), root / "index")
    return root


def _row(name: str, value: float, unit: str, ratio: float | None, against: str) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": unit, "ratio": ratio, "against": against}
