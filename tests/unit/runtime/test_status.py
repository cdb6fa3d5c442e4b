"""What `drivegen status` says of a ledger."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from drivegen import __version__
from drivegen.cli.main import main
from drivegen.core.errors import ConfigError
from drivegen.runtime.folder import RunFolder
from drivegen.runtime.ledger import FINISHED, SET_ASIDE, Ledger, Mark
from drivegen.runtime.status import kind_of, of_scene, status


def mark(index: int, seconds: float, status: str = FINISHED, causes: tuple[str, ...] = ()) -> Mark:
    return Mark(
        index=index,
        status=status,
        plan_sha256="",
        version=__version__,
        attempts=1 + len(causes),
        seconds=seconds,
        causes=list(causes),
    )


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    """Two runs of a job of nine scenes: the first was killed with two scenes under way."""
    folder = RunFolder(tmp_path / "run")
    folder.create()
    with Ledger(folder, exclusive=True) as ledger:
        ledger.begin_run(scenes=9)
        ledger.began(0, 1, 0)
        ledger.began(1, 1, 1)
        ledger.write(mark(0, 3.0))
        ledger.began(2, 1, 0)
    with Ledger(folder, exclusive=True) as ledger:
        ledger.begin_run(scenes=9)
        ledger.began(1, 1, 1)
        ledger.failed(1, 1.5, "no answer from 127.0.0.1:20004 within 30.5 s")
        ledger.began(1, 2, 1)
        ledger.write(mark(1, 9.0, causes=("no answer",)))
        ledger.began(2, 1, 0)
        ledger.failed(2, 2.0, "no answer from 127.0.0.1:31000 within 30 s\nand more")
        ledger.write(mark(2, 2.0, SET_ASIDE, ("no answer",)))
        ledger.end_run("whole")
    return folder


def test_states_causes_and_times(folder: RunFolder) -> None:
    found = status(folder)
    states = (found.planned, found.finished, found.set_aside, found.under_way, found.missing)
    assert states == (9, 2, 1, 0, 6)
    assert (found.attempts, found.failed_attempts, found.cut_off_attempts) == (6, 2, 2)
    assert found.causes == {"no answer from #.#:# within # s": 2}
    assert found.slowest == {"scene-0002": 9.0, "scene-0001": 3.0}
    assert found.set_aside_scenes == ["scene-0003"]
    assert [run.how for run in found.runs] == ["killed", "whole"]


def test_attempts_of_killed_runs_are_kept(folder: RunFolder) -> None:
    assert [(a.run, a.attempt, a.how, a.seconds) for a in of_scene(folder, "scene-0002")] == [
        (1, 1, "cut off", None),
        (2, 1, "failed", 1.5),
        (2, 2, "finished", 9.0),
    ]


def test_a_job_at_work_is_told_from_one_that_was_killed(folder: RunFolder) -> None:
    with Ledger(folder, exclusive=True) as ledger:
        ledger.begin_run(scenes=12)
        ledger.began(5, 1, 0)
        found = status(folder)
        assert (found.under_way, found.planned, found.runs[-1].how) == (1, 12, "under way")
        assert of_scene(folder, "scene-0006")[0].how == "under way"
    assert status(folder).under_way == 0


def test_the_command_answers_people_and_programs(
    folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["status", str(folder.root)]) == 0
    text = capsys.readouterr().out
    assert "9 planned, 2 finished, 1 set aside, 0 under way, 6 missing" in text
    assert "failed 2 times: no answer" in text
    assert main(["status", str(folder.root), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["runs"][0]["how"] == "killed"
    assert main(["status", str(folder.root), "--scene", "scene-0003"]) == 0
    assert "run 2, attempt 1, worker 0: failed after 2.0 s: no answer" in capsys.readouterr().out


@pytest.mark.parametrize("scene", ["scene-0009", "first", "scene-1"])
def test_scenes_without_attempts_are_one_error(folder: RunFolder, scene: str) -> None:
    with pytest.raises(ConfigError, match=r"no attempt|no scene's name"):
        of_scene(folder, scene)


def test_a_folder_without_a_run_is_one_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in (tmp_path, tmp_path / "nowhere"):
        assert main(["status", str(path)]) == 2
        assert "no run of a job lies here" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_confirmed_scene_was_not_recorded_again(folder: RunFolder) -> None:
    with Ledger(folder, exclusive=True) as ledger:
        ledger.begin_run(change="redo", scenes=9)
        ledger.began(0, 1, 0)
        ledger.confirm(0)
    assert [(a.how, a.seconds) for a in of_scene(folder, "scene-0001")] == [
        ("finished", 3.0),
        ("confirmed", None),
    ]
    assert status(folder).slowest == {"scene-0002": 9.0, "scene-0001": 3.0}


def test_causes_of_one_kind_are_one() -> None:
    assert kind_of("took 3.25 s") == kind_of("took 17 s") == "took # s"
    assert kind_of("") == ""
