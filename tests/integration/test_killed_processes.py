"""Processes of a job that the system kills for memory, and clocks that jump under it."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

import drivegen
from drivegen.runtime.folder import RunFolder
from drivegen.runtime.ledger import Ledger
from drivegen.runtime.status import of_scene
from tests.integration.test_job import COMMAND, processes_that_name

TINY = ("generate", "experiment=tiny", "export=none", "report=false")

JUMPS = """
import time
_time, _start = time.time, time.monotonic()
def _jumping():
    # A day ahead and a day back, for half a second each.
    return _time() + 86400.0 * (-1) ** int(2.0 * (time.monotonic() - _start))
time.time = _jumping
time.time_ns = lambda: int(1e9 * _jumping())
"""


def recorder_of(folder: Path, within_s: float = 120.0) -> int:
    """The recorder's process id, once it records."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if list(folder.rglob("*.mcap.part")):
            for entry in Path("/proc").glob("[0-9]*"):
                try:
                    words = (entry / "cmdline").read_bytes().split(b"\0")
                except OSError:
                    continue
                if b"drivegen.runtime.recorder" in words and str(folder).encode() in b" ".join(words):
                    return int(entry.name)
        time.sleep(0.05)
    raise AssertionError("no recorder began")


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 30.0
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)


@pytest.mark.stress
@pytest.mark.timeout(400)
def test_a_recorder_and_a_worker_that_the_kernel_kills_are_replaced(tmp_path: Path) -> None:
    words = ("job.pool=ray", "job.max_attempts=3", "scene.duration_s=2")
    job = subprocess.Popen([*COMMAND, *TINY, *words], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    try:
        first = recorder_of(tmp_path)
        os.kill(first, signal.SIGKILL)
        wait_until_gone(first)
        second = recorder_of(tmp_path)
        os.kill(parent_of(second), signal.SIGKILL)
        _, said = job.communicate(timeout=170)
    finally:
        job.kill()
        job.wait()
    assert job.returncode == 0, said
    run = RunFolder(tmp_path / "runs" / "tiny")
    attempts = of_scene(run, "scene-0001")
    assert [attempt.how for attempt in attempts] == ["failed", "failed", "finished"]
    assert "ended by signal SIGKILL" in attempts[0].cause
    assert "the Ray worker ended" in attempts[1].cause
    assert list(Ledger(run).finished()) == [0]
    assert not processes_that_name(str(tmp_path))


@pytest.mark.stress
def test_clocks_that_jump_change_nothing(tmp_path: Path) -> None:
    """In every process of the job; only Python's clock can be moved so, not the kernel's."""
    (tmp_path / "shim").mkdir()
    (tmp_path / "shim" / "sitecustomize.py").write_text(JUMPS)
    path = os.pathsep.join([str(tmp_path / "shim"), os.environ.get("PYTHONPATH", "")])
    script = "import time; a = time.time(); time.sleep(0.6); print(abs(time.time() - a) > 80000)"
    environment = {**os.environ, "PYTHONPATH": path}
    jumps = subprocess.run(
        [COMMAND[0], "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert jumps.stdout.strip() == "True", "the clock did not jump, so the test would show nothing"
    result = subprocess.run(
        [*COMMAND, *TINY, "job.pool=inline", "job.max_attempts=1"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    (attempt,) = of_scene(RunFolder(tmp_path / "runs" / "tiny"), "scene-0001")
    assert attempt.how == "finished"
    assert attempt.seconds is not None
    assert 0.0 < attempt.seconds < 170.0


def test_nothing_that_waits_asks_the_wall_clock() -> None:
    root = Path(drivegen.__file__).parent
    found = []
    for path in sorted([*(root / "runtime").rglob("*.py"), *(root / "record").rglob("*.py")]):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and ast.unparse(node) in {
                *("time.time", "time.time_ns", "datetime.now", "datetime.utcnow"),
                *("datetime.datetime.now", "datetime.datetime.utcnow"),
            }:
                found.append(f"{path.relative_to(root)}: {ast.unparse(node)}")
    # When a run of a job began, and when a language model was asked, for people who read ledger and log.
    assert found == ["runtime/ledger.py: datetime.now", "runtime/words/kept.py: datetime.now"]
