"""Labelled frames a second, drawn by a GPU. On a machine without one it says so and measures nothing.

Run it there with `python -m benchmarks gpu`. A frame is 1280x720 with colour, depth and labels in the memory
of the processor, so transfer and the smoothing of edges count. With several GPUs each draws in a process of
its own, as servers do side by side.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import Any

from benchmarks.renderer import NIGHT, NOON, PEOPLE, VEHICLES, _view
from benchmarks.street import street
from drivegen.embedded.renderer.context import gpu_names
from drivegen.embedded.renderer.renderer import Renderer
from drivegen.embedded.renderer.views import ALL_LABELS, Output

WANTED_FRAMES = 500.0
SECONDS = 5.0
VIEWS = 6
"""Cameras at one pose and time, as a rig has: one call draws them all."""


def rows() -> list[dict[str, Any]]:
    """Frames a second of each GPU, alone and all together."""
    names = gpu_names()
    if not names:
        print("gpu: EGL offers no GPU here; not measured", file=sys.stderr)
        return []
    out = []
    for row in _measured([0])[0]:
        rate, name = row["frames_per_s"], f"{row['name']}, {names[0]}"
        out.append(_row(name, rate, f"{WANTED_FRAMES:.0f} frames/s", rate / WANTED_FRAMES))
    if len(names) > 1:
        alone = out[0]["value"]
        together = [rows_of[0]["frames_per_s"] for rows_of in _measured(list(range(len(names))))]
        out.append(_row(f"{len(names)} GPUs at once", sum(together), "one alone", sum(together) / alone))
    return out


def _row(name: str, value: float, against: str, ratio: float) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": "frames/s", "against": against, "ratio": ratio}


def _measured(gpus: list[int]) -> list[list[dict[str, Any]]]:
    """What one process for each GPU measures, all at the same time."""
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.gpu", str(gpu)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for gpu in gpus
    ]
    for process in running:
        assert process.stdout is not None
        process.stdout.readline()
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    out = []
    for process in running:
        text, _ = process.communicate()
        if process.returncode:
            raise RuntimeError(f"the measurement on a GPU ended with code {process.returncode}")
        out.append(json.loads(text))
    return out


def _measure(gpu: int | None) -> list[dict[str, Any]]:
    scene = street().thinned(VEHICLES, PEOPLE)
    renderer = Renderer(scene.library, "egl", gpu)
    renderer.set_static(scene.still)
    views = [_view(0.1 * k) for k in range(VIEWS)]
    everything = ALL_LABELS | {Output.COLOR}
    cases = {
        "labelled frames": (scene.day, NOON, everything),
        "labelled frames at night": (scene.night, NIGHT, everything),
        "label frames alone": (scene.day, NOON, ALL_LABELS),
    }
    for moving, weather, wanted in cases.values():
        renderer.render(views, moving, weather, wanted)
    print("ready", flush=True)
    sys.stdin.readline()
    out = []
    for name, (moving, weather, wanted) in cases.items():
        start, frames = time.perf_counter(), 0
        while time.perf_counter() - start < SECONDS:
            frames += len(renderer.render(views, moving, weather, wanted))
        out.append({"name": name, "frames_per_s": frames / (time.perf_counter() - start)})
    renderer.close()
    return out


if __name__ == "__main__":
    print(json.dumps(_measure(None if sys.argv[1] == "any" else int(sys.argv[1]))))
