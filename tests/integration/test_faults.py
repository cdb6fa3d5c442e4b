"""What a job does when things break on the way, or a person stops it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from drivegen.capture.reader import CaptureReader
from drivegen.runtime.folder import RunFolder
from drivegen.runtime.ledger import Ledger
from tests.integration.test_carla_servers import COMMAND as STAND_IN_COMMAND
from tests.integration.test_job import COMMAND, drivegen, processes_that_name

TINY = ("generate", "experiment=tiny", "export=none", "report=false")


def wait_for(condition: object, within_s: float = 90.0) -> None:
    deadline = time.monotonic() + within_s
    while not condition() and time.monotonic() < deadline:  # type: ignore[operator]
        time.sleep(0.1)
    assert condition()  # type: ignore[operator]


def start(folder: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen([*COMMAND, *TINY, *words], cwd=folder, stderr=subprocess.PIPE, text=True)


def end(job: subprocess.Popen[str]) -> str:
    assert job.stderr is not None
    said = job.stderr.read()
    job.wait(120)
    return said


def servers_below(folder: Path) -> list[int]:
    found = subprocess.run(
        ["pgrep", "-f", f"main serve .*{folder}"], capture_output=True, text=True, check=True
    )
    return [int(pid) for pid in found.stdout.split()]


@pytest.mark.stress
def test_one_ctrl_c_ends_the_scene_in_order_and_two_stop_now(tmp_path: Path) -> None:
    part = tmp_path / "runs" / "tiny" / "captures" / "scene-0001.mcap.part"
    words = ("job.pool=inline", "job.scenes=3")
    job = start(tmp_path, *words)
    wait_for(part.is_file)
    job.send_signal(signal.SIGINT)
    said = end(job)
    assert job.returncode == 130, said
    assert "stopped with 1 scenes recorded" in said
    run = RunFolder(tmp_path / "runs" / "tiny")
    assert list(Ledger(run).finished()) == [0]
    assert not processes_that_name(str(tmp_path))

    job = start(tmp_path, *words)
    wait_for(part.with_name("scene-0002.mcap.part").is_file)
    job.send_signal(signal.SIGINT)
    time.sleep(0.3)
    job.send_signal(signal.SIGINT)
    said = end(job)
    assert job.returncode == 130, said
    assert "interrupted" in said
    assert list(Ledger(run).finished()) == [0]
    wait_for(lambda: not processes_that_name(str(tmp_path)), 20.0)


@pytest.mark.stress
def test_a_server_that_hangs_in_a_tick_is_replaced(tmp_path: Path) -> None:
    """It is stopped in the middle of the first attempt, so it neither answers nor ends by itself."""
    part = tmp_path / "runs" / "tiny" / "captures" / "scene-0001.mcap.part"
    job = start(tmp_path, "job.pool=inline", "server.call_timeout_s=4", "scene.duration_s=4")
    wait_for(lambda: part.is_file() and part.stat().st_size > 300_000)
    for server in servers_below(tmp_path):
        os.kill(server, signal.SIGSTOP)
    said = end(job)
    assert job.returncode == 0, said
    status = drivegen("status", "runs/tiny", "--scene", "scene-0001", cwd=tmp_path)
    # The client gives up by an exception, or by ending its process when its Traffic Manager notices first.
    assert "attempt 1, worker 0: failed" in status.stdout, status.stdout + said
    assert "attempt 2, worker 0: finished" in status.stdout
    assert not processes_that_name(str(tmp_path))


@pytest.mark.stress
def test_a_scene_that_keeps_failing_goes_to_quarantine_with_its_frames(tmp_path: Path) -> None:
    """The server is killed in the middle of each attempt."""
    part = tmp_path / "runs" / "tiny" / "captures" / "scene-0001.mcap.part"
    words = ("job.pool=inline", "job.max_attempts=1", "scene.duration_s=20")
    job = start(tmp_path, *words)
    wait_for(lambda: part.is_file() and part.stat().st_size > 2_000_000)
    for server in servers_below(tmp_path):
        os.kill(server, signal.SIGKILL)
    said = end(job)
    assert job.returncode == 1, said
    assert "1 set aside" in said
    quarantine = tmp_path / "runs" / "tiny" / "quarantine" / "scene-0001"
    assert sorted(p.name for p in quarantine.iterdir()) == ["last_frames.mcap", "plan.json", "scene.log"]
    with CaptureReader(quarantine / "last_frames.mcap", recover=True) as reader:
        assert len(reader) > 0
    assert not part.exists()
    assert not processes_that_name(str(tmp_path))


def test_too_little_room_stops_the_job_before_a_scene_begins(tmp_path: Path) -> None:
    result = drivegen(*TINY, "job.pool=inline", "job.least_free_gb=1000000", cwd=tmp_path)
    assert result.returncode == 2
    assert "job.least_free_gb" in result.stderr
    assert not list(tmp_path.rglob("*.mcap*"))


@pytest.mark.stress
def test_a_server_that_leaks_is_renewed(tmp_path: Path) -> None:
    command = "[" + ",".join(f"'{word}'" for word in STAND_IN_COMMAND) + "]"
    result = drivegen(
        *(*TINY, "job.pool=inline", "server=carla", f"server.command={command}", "job.scenes=2"),
        "server.memory_limit_mb=100",
        cwd=tmp_path,
    )
    assert result.returncode == 0, result.stderr
    log = (tmp_path / "runs" / "tiny" / "logs" / "scene-0002.log").read_text()
    assert "server.memory_limit_mb" in log
