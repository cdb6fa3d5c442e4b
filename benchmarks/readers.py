"""Random access to captures by `drivegen.datasets`.

`python -m benchmarks readers`. The goal is milliseconds. The capture is recorded by the embedded server: six
cameras of 800x450, a LiDAR, 4 s. Each time is that of the processor for a frame drawn at random and decoded
anew, from a file that the system holds in memory: what else runs on the machine hardly changes it. Ratios are
against OpenCV's decoding of the same images alone.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from drivegen import datasets
from drivegen.cli.main import main
from drivegen.datasets.views import image_arrays

DRAWS = 300


def rows() -> list[dict[str, Any]]:
    """Milliseconds: the median, and the 95th percentile."""
    with tempfile.TemporaryDirectory() as folder:
        words = [
            "experiment=demo",
            "job.scenes=1",
            "job.pool=inline",
            "export=none",
            f"job.runs_dir={folder}",
        ]
        if main(["generate", *words]):
            raise SystemExit("the scene could not be recorded")
        return _measured(Path(folder) / "demo")


def _measured(run: Path) -> list[dict[str, Any]]:
    start = time.process_time()
    frames = datasets.open(run)
    images = frames.images()
    opened_ms = 1e3 * (time.process_time() - start)
    swept = [frame for frame in frames if frame.agent().lidars]
    channel = swept[0].agent().lidars[0]
    jpegs = [images[i].jpeg for i in range(0, len(images), 7)]
    decoding = _times(lambda i: cv2.imdecode(np.frombuffer(jpegs[i % len(jpegs)], np.uint8), 1), len(images))
    found = [
        _row("a colour image", _times(lambda i: images[i].rgb, len(images)), decoding),
        _row("its tags", _times(lambda i: images[i].semantic, len(images)), None),
        _row("its depth", _times(lambda i: images[i].depth_m, len(images)), None),
        _row("its boxes in pixels", _times(lambda i: images[i].pixel_boxes(), len(images)), None),
        _row("all of an image", _times(lambda i: image_arrays(images[i]), len(images)), None),
        _row("boxes of a frame", _times(lambda i: frames[i].boxes(), len(frames)), None),
        _row("a LiDAR sweep", _times(lambda i: swept[i].agent().lidar(channel), len(swept)), None),
    ]
    opening = {
        "name": "opening a run of one scene",
        "value": opened_ms,
        "unit": "ms",
        "ratio": None,
        "against": None,
    }
    return [opening, *(row for pair in found for row in pair)]


def _times(read: Callable[[int], object], count: int) -> np.ndarray:
    """Milliseconds of the processor, of each draw."""
    times = []
    for i in np.random.default_rng(3).integers(0, count, DRAWS):
        start = time.process_time()
        read(int(i))
        times.append(time.process_time() - start)
    return 1e3 * np.array(times)


def _row(name: str, times_ms: np.ndarray, alone_ms: np.ndarray | None) -> list[dict[str, Any]]:
    out = []
    for what, share in (("median", 0.5), ("95 %", 0.95)):
        value = float(np.quantile(times_ms, share))
        alone = None if alone_ms is None else float(np.quantile(alone_ms, share))
        out.append(
            {
                "name": f"reading {name} at random, {what} of {DRAWS}",
                "value": value,
                "unit": "ms",
                "ratio": None if alone is None else value / alone,
                "against": None if alone is None else "decoding alone",
            }
        )
    return out
