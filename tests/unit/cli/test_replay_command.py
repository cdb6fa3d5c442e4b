"""`drivegen replay` as a user has it: exit codes, files, one clear error."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import etree

from drivegen.cli.main import main
from drivegen.cli.replay import SERVERLESS, SWEEPS
from drivegen.runtime.replay.sweeps import HOW
from drivegen.runtime.replay.world import NONE

LIBRARY = Path(__file__).parents[3] / "scenarios"
RED = LIBRARY / "signals" / "ebike_runs_red.xosc"


def replay(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "drivegen.cli.main", "replay", *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], Path]:
    folder = tmp_path_factory.mktemp("replay")
    broken = folder / "broken.xosc"
    broken.write_text("<OpenSCENARIO>\n<FileHeader/>\n")
    words = ("--server", "none", "--repeat", "2", "--junit", "ci/junit.xml", "--out", "out")
    return replay(str(RED), str(broken), *words, cwd=folder), folder


def test_failures_are_told_everywhere(played: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    result, folder = played
    assert result.returncode == 1, result.stderr
    assert "collisions at most 0: it was 1" in result.stderr
    assert "broken.xosc" in result.stderr and "Traceback" not in result.stderr
    suite = etree.parse(str(folder / "ci" / "junit.xml")).getroot()[0]
    assert (suite.get("failures"), suite.get("errors")) == ("1", "1")
    assert suite.find(".//testcase[@name='ebike_runs_red']/failure") is not None
    found = {o["name"]: o for o in json.loads((folder / "out" / "outcomes.json").read_text())}
    red = found["ebike_runs_red"]
    assert red["status"] == "failed" and red["parted"] == []
    assert red["measures"]["collisions"]["who"] == "Ebike"
    assert found["broken"]["status"] == "error"
    film = folder / "out" / "cases" / "ebike_runs_red" / "film.gif"
    assert film.read_bytes()[:6] == b"GIF89a"
    page = (folder / "out" / "index.html").read_text()
    assert "cases/ebike_runs_red/film.gif" in page and "http://" not in page and "https://" not in page
    lines = (film.with_name("trajectory.csv")).read_text().splitlines()
    assert lines[0] == "time,name,x,y,z,h,speed"
    assert {line.split(",")[1] for line in lines[1:]} == {"Ego", "Ebike"}


def test_other_criteria_give_another_verdict(tmp_path: Path) -> None:
    words = ("--server", "none", "--limit", "5", "--criterion", "collisions<=0")
    asked = [f"--criterion={m}" for m in ("distance_m>=0", "goal_s<=inf", "off_road<=99")]
    result = replay(str(RED), *words, *asked, "--trajectory", "motion.csv", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "motion.csv").is_file()
    assert not (tmp_path / "runs" / "replay" / "cases" / "ebike_runs_red" / "film.gif").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere.xosc"], "nowhere.xosc: there is no such file"),
        ([], "nothing to play: name scenarios"),
        (["--tag", "nope"], "no scenario is tagged 'nope'"),
        (
            ["--tag", "pedestrian", "--trajectory", "a.csv"],
            "--trajectory is of one scenario, and here are 15",
        ),
        ([str(RED), "--sweep", "search", "--runs", "0"], "--runs 0 is out of range"),
        ([str(RED), "--sweep", "search", "--trajectory", "a.csv"], "a search plays many"),
        ([str(RED), "--criterion", "speed<=3"], 'no measure "speed"'),
        ([str(RED), "--step", "0"], "--step 0 is out of range"),
        ([str(RED), "--server", "somewhere"], "HOST:PORT"),
        ([str(RED), "--record", "tiny", "--weather", "nope"], "weather preset 'nope' is unknown"),
        ([str(RED), "--driver", "no.such:thing"], "there is no such driver"),
        ([str(RED), "--server", "none", "--driver", "external"], "needs a world"),
        ([str(RED), "--set", "EgoSpeed_kmh"], "NAME=VALUE"),
        ([str(RED.parent), "--trajectory", "a.csv"], "name one"),
    ],
)
def test_bad_words_are_one_error(
    words: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["replay", *words]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


def test_what_the_parser_offers_is_what_there_is() -> None:
    assert SWEEPS == HOW and SERVERLESS == NONE
