"""What a job tells the metrics of Ray, and what the memory monitor of Ray does; in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import json, sys, time, urllib.request
from pathlib import Path
from hydra import compose, initialize_config_dir
from drivegen.data import data_root
from drivegen.runtime.config import config_from, register_schema
from drivegen.runtime.pool import RayPool
from drivegen.runtime.scene import Outcome
from drivegen.runtime.worker import Assigned

class Quick:
    def __init__(self, config, root, number):
        pass

    def attempt(self, scene):
        cause = "" if scene.index else "no answer within 3.5 s"
        if scene.index == 9:
            time.sleep(60.0)  # long enough for Ray's memory monitor
        result = {"frames": 40, "bytes": 1000, "stages": {"sensors": 2.5}}
        yield Outcome(scene=scene.scene, seconds=1.0, cause=cause, result=result)

def outcome_of(pool, scene):
    pool.submit(0, scene)
    found = []
    while not pool.free() or not found:
        found += [e for e in pool.events() if isinstance(e, Outcome)]
    return found[0]

register_schema()
with initialize_config_dir(str(data_root() / "conf"), version_base="1.3"):
    config = config_from(compose("config", overrides=["job.name=measured"]))
pool = RayPool(config, sys.argv[1], 1, Quick)
try:
    if sys.argv[2] == "memory":
        print(json.dumps(outcome_of(pool, Assigned(index=9, scene="scene-0010")).cause))
    else:
        for index in range(3):
            pool.metrics.outcome(outcome_of(pool, Assigned(index=index, scene="s")), 0)
        pool.metrics.scenes(there=4, running=1)
        import ray
        wanted, lines = 4, []
        deadline = time.monotonic() + 60.0
        while len(lines) < wanted and time.monotonic() < deadline:
            time.sleep(1.0)
            port = ray.nodes()[0]["MetricsExportPort"]
            if port <= 0:
                continue  # the agent that serves them is only starting
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10.0) as answer:
                text = answer.read().decode()
            lines = [l for l in text.splitlines() if l.startswith("ray_drivegen_") and "measured" in l]
        print(json.dumps(lines))
finally:
    pool.close()
"""


def run(root: Path, what: str, **environment: str) -> object:
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(root), what],
        env={**os.environ, **environment},
        cwd=root,
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert "Token authentication" not in result.stderr
    return json.loads(result.stdout.splitlines()[-1])


@pytest.mark.stress
def test_the_endpoint_has_scenes_frames_stages_and_failures(tmp_path: Path) -> None:
    lines = run(tmp_path, "metrics")
    assert isinstance(lines, list)
    if not lines:
        pytest.skip("this Ray has no metrics endpoint (ray[default] brings it)")
    values = {line.split("{")[0] + _tags(line): float(line.rsplit(" ", 1)[1]) for line in lines}
    assert values["ray_drivegen_scenes there"] == 4
    assert values["ray_drivegen_scenes recorded"] == 2
    assert values["ray_drivegen_scenes failed"] == 1
    assert values["ray_drivegen_frames_total worker 0"] == 80
    assert values["ray_drivegen_stage_seconds_total worker 0 sensors"] == 5.0
    assert values["ray_drivegen_failed_attempts_total no answer within # s"] == 1


def _tags(line: str) -> str:
    """Values of our tags, in words."""
    words = ""
    for name in ("state", "worker", "stage", "cause"):
        if f'{name}="' in line:
            value = line.split(f'{name}="')[1].split('"', maxsplit=1)[0]
            words += f" worker {value}" if name == "worker" else f" {value}"
    return words


@pytest.mark.stress
def test_ray_s_memory_monitor_fails_an_attempt_with_its_cause(tmp_path: Path) -> None:
    """With a threshold that every machine is over."""
    cause = run(tmp_path, "memory", RAY_memory_usage_threshold="0.001", RAY_memory_monitor_refresh_ms="250")
    assert isinstance(cause, str)
    assert "the Ray worker ended" in cause
    assert "memory" in cause
