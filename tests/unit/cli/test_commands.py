"""The command as a person types it: a process, what it says, and its exit code."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest


def drivegen(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "drivegen.cli.main", *words]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False, stdin=subprocess.DEVNULL
    )


def test_help_names_every_verb() -> None:
    result = drivegen("--help")
    assert result.returncode == 0
    for verb in ("generate", "export", "report", "query", "serve", "doctor"):
        assert verb in result.stdout


def test_help_of_generate_lists_the_groups() -> None:
    result = drivegen("generate", "--help")
    assert result.returncode == 0
    groups = Path(__file__).parents[3] / "conf"
    for group in ("experiment", "rig", "weather"):
        names = ", ".join(sorted(path.stem for path in (groups / group).glob("*.yaml")))
        assert f"{group}: {names}\n" in result.stdout


def test_the_doctor_says_what_draws() -> None:
    result = drivegen("doctor")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "by egl" in result.stdout or "by osmesa" in result.stdout
    assert "carla client" in result.stdout and "0.9.16" in result.stdout
    assert "Embree" in result.stdout
    assert "BAD" not in result.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["jump"], "invalid choice: 'jump'"),
        (["report", "nowhere"], "nowhere: no such run folder"),
        (["report", "."], "no captures"),
        (["query", ".", "SELECT 1"], "drivegen: "),
        (["export", ".", "format=nuscenes"], "no captures"),
        (["export", ".", "format=vhs"], "installed"),
        (["export", "."], "format=... is missing"),
        (["export", ".", "nuscenes"], "KEY=VALUE"),
        (["serve", "--map", "nowhere.xodr"], "nowhere.xodr"),
        (["serve", "--port", "70000"], "70000"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(words: list[str], said: str, tmp_path: Path) -> None:
    result = drivegen(*words, cwd=tmp_path)
    assert result.returncode == 2
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_port_in_use_is_said_before_a_map_is_loaded(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = drivegen("serve", "--port", str(port), cwd=tmp_path)
    assert result.returncode == 2
    assert f"127.0.0.1:{port}" in result.stderr and "Traceback" not in result.stderr
