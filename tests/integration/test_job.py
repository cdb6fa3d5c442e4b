"""`drivegen generate` from outside: a process, its exit code, its run folder, and nothing left running."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from drivegen.capture.index import query

COMMAND = [sys.executable, "-m", "drivegen.cli.main"]


def drivegen(*words: str, cwd: Path, timeout: float = 170.0) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words], cwd=cwd, capture_output=True, text=True, timeout=timeout, check=False
    )


def processes_that_name(text: str) -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if text in line:
                found.append(line)
    return found


def content(run: Path) -> str:
    return (run / "content_hashes.txt").read_text()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("job")
    result = drivegen("generate", "experiment=tiny", "job.scenes=2", cwd=folder)
    assert result.returncode == 0, result.stderr
    assert not processes_that_name(str(folder))
    return folder / "runs" / "tiny"


def test_everything_lies_where_it_belongs(run: Path) -> None:
    for name in ("config.yaml", "manifest.json", "report.html", "index/objects.parquet"):
        assert (run / name).is_file(), name
    assert sorted(p.name for p in (run / "captures").iterdir()) == ["scene-0001.mcap", "scene-0002.mcap"]
    assert (run / "export" / "nuscenes" / "v1.0-drivegen" / "sample.json").is_file()
    manifest = json.loads((run / "manifest.json").read_text())
    assert manifest["scenes"] == {"planned": 2, "finished": 2, "set_aside": []}
    assert manifest["requested"]["vehicles"] == 16.0
    assert 0 < manifest["achieved"]["vehicles"] <= 16.0


def test_the_index_answers(run: Path) -> None:
    table = str(query(run, "SELECT count(DISTINCT scene) AS scenes FROM objects"))
    assert "2" in table


def test_run_again_does_nothing_again(run: Path) -> None:
    captures = {p: p.stat().st_mtime_ns for p in (run / "captures").iterdir()}
    result = drivegen("generate", "experiment=tiny", "job.scenes=2", cwd=run.parents[1])
    assert result.returncode == 0, result.stderr
    assert "2 there already" in result.stderr
    assert {p: p.stat().st_mtime_ns for p in (run / "captures").iterdir()} == captures


def test_another_configuration_is_refused(run: Path) -> None:
    result = drivegen("generate", "experiment=tiny", "job.scenes=2", "job.seed=5", cwd=run.parents[1])
    assert result.returncode == 2
    assert "job.seed was 0, is 5" in result.stderr
    assert "job.on_change=keep" in result.stderr


def test_a_changed_job_keeps_or_redoes_what_is_there(run: Path, tmp_path: Path) -> None:
    shutil.copytree(run, tmp_path / "runs" / "tiny")
    before = content(run).splitlines()
    # Another hour for every second scene: the plan of the first stays as it is.
    words = ["experiment=tiny", "weather.hours=[10.0,15.0]", "export=none", "report=false"]
    kept = drivegen("generate", *words, "job.scenes=2", "job.on_change=keep", cwd=tmp_path)
    assert kept.returncode == 0, kept.stderr
    assert "2 there already" in kept.stderr
    words[1] = "weather.hours=[10.0,17.0]"
    redone = drivegen("generate", *words, "job.scenes=2", "job.on_change=redo", cwd=tmp_path)
    assert redone.returncode == 0, redone.stderr
    assert "1 recorded, 1 there already" in redone.stderr
    after = content(tmp_path / "runs" / "tiny").splitlines()
    assert after[0] == before[0]
    assert after[1] != before[1]
    again = drivegen("generate", *words, "job.scenes=2", cwd=tmp_path)
    assert "2 there already" in again.stderr, again.stderr


def test_two_ray_workers_make_the_same_captures(run: Path, tmp_path: Path) -> None:
    result = drivegen(
        "generate",
        "experiment=tiny",
        "job.scenes=2",
        "job.workers=2",
        "job.pool=ray",
        "export=none",
        "report=false",
        cwd=tmp_path,
    )
    assert result.returncode == 0, result.stderr
    assert content(tmp_path / "runs" / "tiny") == content(run)


def test_a_killed_job_leaves_nothing_running_and_resumes(run: Path, tmp_path: Path) -> None:
    words = ["generate", "experiment=tiny", "job.scenes=2", "export=none", "report=false"]
    job = subprocess.Popen([*COMMAND, *words], cwd=tmp_path, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 90
    while not processes_that_name(str(tmp_path)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert processes_that_name(str(tmp_path)), "the server never started"
    time.sleep(1.0)
    job.send_signal(signal.SIGKILL)
    job.wait()
    deadline = time.monotonic() + 30  # a process that is only just starting may take long to notice
    while processes_that_name(str(tmp_path)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not processes_that_name(str(tmp_path))
    assert drivegen(*words, cwd=tmp_path).returncode == 0
    assert content(tmp_path / "runs" / "tiny") == content(run)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["job.sceens=3"], "sceens"),
        (["job.scenes=-1"], "job.scenes=-1"),
        (["map=file", "map.file=/nowhere/road.xodr"], "/nowhere/road.xodr"),
        (["map.params.lanes=3"], "lanes"),
        (["rig.blueprint=vehicle.acme.rocket"], "vehicle.acme.rocket"),
        (["weather.presets=[hail]"], "hail"),
        (["export.format=vhs"], "vhs"),
        (["job.runs_dir=/proc/nothing"], "/proc/nothing"),
    ],
)
def test_bad_input_is_one_error_and_nothing_written(words: list[str], said: str, tmp_path: Path) -> None:
    result = drivegen("generate", "experiment=tiny", *words, cwd=tmp_path)
    assert result.returncode != 0
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert not list(tmp_path.rglob("*.mcap*"))
    assert not processes_that_name(str(tmp_path))


def test_a_broken_road_is_one_error(tmp_path: Path) -> None:
    road = tmp_path / "road.xodr"
    road.write_text("<OpenDRIVE><road id='1' length='x'/></OpenDRIVE>")
    result = drivegen("generate", "experiment=tiny", "map=file", f"map.file={road}", cwd=tmp_path)
    assert result.returncode == 2
    assert "road.xodr" in result.stderr and "Traceback" not in result.stderr
    assert not (tmp_path / "runs").exists()
