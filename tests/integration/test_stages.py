"""Looks and exports beside the recording, from outside: bytes, resuming, what fails."""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from drivegen.capture.export.description import EVERYWHERE
from drivegen.runtime.dataset import export_run
from drivegen.runtime.folder import RunFolder
from tests.integration.test_job import COMMAND, drivegen, processes_that_name

JOB = ("generate", "experiment=tiny", "job.scenes=2", "report=false")
FOGGY = (*JOB, "look=fog", "export.look=fog", "job.pool=inline")


def digest(folder: Path) -> dict[str, str]:
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two scenes by one Ray worker, exported while they were recorded."""
    folder = tmp_path_factory.mktemp("stages")
    result = drivegen(*JOB, "job.pool=ray", "job.stage_backlog=1", cwd=folder)
    assert result.returncode == 0, result.stderr
    return folder / "runs" / "tiny"


@pytest.fixture
def copy(run: Path, tmp_path: Path) -> Path:
    """The recorded scenes without what was made of them."""
    folder = tmp_path / "runs" / "tiny"
    shutil.copytree(run, folder, ignore=shutil.ignore_patterns("export", ".nuscenes.parts"))
    return folder


def test_an_export_beside_the_recording_is_the_one_afterwards(run: Path, tmp_path: Path) -> None:
    beside = digest(run / "export" / "nuscenes")
    assert len(beside) > 20
    export_run(RunFolder(run), "nuscenes", tmp_path / "one", {})
    assert digest(tmp_path / "one") == beside
    words = ("export", str(run), "format=nuscenes", f"out={tmp_path / 'two'}", "--workers", "2")
    result = drivegen(*words, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert digest(tmp_path / "two") == beside


def test_a_look_and_its_export_are_made_of_recorded_scenes(run: Path, copy: Path) -> None:
    """Killed in the middle of the first look, then run again; again; then from the beginning."""
    looks, data_set = copy / "looks" / "fog", copy / "export" / "nuscenes_fog"
    captures = digest(copy / "captures")
    job = subprocess.Popen([*COMMAND, *FOGGY], cwd=copy.parents[1], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 90
    while not looks.exists() and time.monotonic() < deadline:
        time.sleep(0.002)
    job.send_signal(signal.SIGKILL)
    job.wait()
    assert looks.exists() and not data_set.exists()
    (looks / ".scene-0002.mcap.0.part").write_bytes(b"what a killed process may leave")
    assert drivegen(*FOGGY, cwd=copy.parents[1]).returncode == 0
    assert sorted(p.name for p in looks.iterdir()) == ["scene-0001.mcap", "scene-0002.mcap"]
    made, bytes_of_looks = digest(data_set), digest(looks)
    pictures = list(data_set.rglob("*.jpg"))
    times = {p: p.stat().st_mtime_ns for p in (*looks.iterdir(), *pictures)}
    assert drivegen(*FOGGY, cwd=copy.parents[1]).returncode == 0
    assert {p: p.stat().st_mtime_ns for p in times} == times, "what was there was made again"
    shutil.rmtree(copy / "looks")
    shutil.rmtree(copy / "export")
    assert drivegen(*FOGGY, cwd=copy.parents[1]).returncode == 0
    assert digest(data_set) == made and digest(looks) == bytes_of_looks
    assert digest(copy / "captures") == captures
    assert not processes_that_name(str(copy))
    # The simulator's labels, other pictures.
    plain = digest(run / "export" / "nuscenes")
    assert plain.keys() == made.keys()
    other = {name for name in plain if plain[name] != made[name]}
    assert other == {*EVERYWHERE, *(str(p.relative_to(data_set)) for p in pictures)}
    assert json.loads((data_set / "drivegen.json").read_text())["look"] == "fog"


def test_a_scene_whose_look_fails_is_set_aside_and_comes_back(copy: Path) -> None:
    in_the_way = copy / "looks" / "fog" / "scene-0002.mcap"
    (in_the_way / "folder").mkdir(parents=True)
    result = drivegen(*FOGGY, cwd=copy.parents[1])
    assert result.returncode == 1, result.stderr
    assert "scene-0002 is recorded, but its look fog kept failing: " in result.stderr
    assert "Traceback" not in result.stderr
    log = (copy / "logs" / "scene-0002.log").read_text()
    assert log.count("look fog failed") == 3
    manifest = json.loads((copy / "manifest.json").read_text())
    assert manifest["scenes"]["finished"] == 2
    assert sorted(manifest["stages_set_aside"]) == ["scene-0002"]
    scenes = copy / "export" / "nuscenes_fog" / "v1.0-drivegen" / "scene.json"
    assert [s["name"] for s in json.loads(scenes.read_text())] == ["scene-0001"]
    shutil.rmtree(in_the_way)
    result = drivegen(*FOGGY, cwd=copy.parents[1])
    assert result.returncode == 0, result.stderr
    assert [s["name"] for s in json.loads(scenes.read_text())] == ["scene-0001", "scene-0002"]
    assert not list((copy / "failed_stages").iterdir())
