import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from drivegen import __version__
from drivegen.core.errors import ConfigError
from drivegen.runtime import ledger as ledgers
from drivegen.runtime.folder import RunFolder, write_atomically
from drivegen.runtime.ledger import FINISHED, KEEP, REDO, SET_ASIDE, Ledger, Mark
from drivegen.runtime.ledger_lines import read_lines
from drivegen.runtime.scene_names import scene_index, scene_name
from tests.unit.core.test_plans import make_plan


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    folder = RunFolder(tmp_path / "run")
    folder.create()
    return folder


@pytest.fixture
def ledger(folder: RunFolder) -> Iterator[Ledger]:
    with Ledger(folder, exclusive=True) as ledger:
        ledger.begin_run()
        yield ledger


def finished_mark(folder: RunFolder, index: int = 0) -> Mark:
    plan = replace(make_plan(), scene=scene_name(index))
    folder.capture(plan.scene).write_bytes(b"12345")
    write_atomically(folder.plan(plan.scene), plan.to_json())
    return Mark(
        index=index,
        status=FINISHED,
        plan_sha256=plan.sha256,
        version=__version__,
        attempts=1,
        seconds=2.0,
        bytes=5,
    )


def test_a_mark_finishes_exactly_its_plan(folder: RunFolder, ledger: Ledger) -> None:
    plan = make_plan()
    assert not ledger.is_finished(0)
    ledger.write(finished_mark(folder))
    assert ledger.is_finished(0)
    assert Ledger(folder).is_finished(0)
    write_atomically(folder.plan(plan.scene), replace(plan, duration_s=3.0).to_json())
    assert not ledger.is_finished(0)


def test_marks_that_do_not_count(folder: RunFolder, ledger: Ledger) -> None:
    mark = finished_mark(folder)
    for wrong in (replace(mark, status=SET_ASIDE), replace(mark, version="0.0.0"), replace(mark, bytes=6)):
        ledger.write(wrong)
        assert not Ledger(folder).is_finished(0)
    ledger.write(mark)
    assert Ledger(folder).is_finished(0)
    folder.capture(mark.scene).unlink()
    assert not ledger.is_finished(0)


def test_torn_lines_say_nothing_and_spoil_no_other(folder: RunFolder, ledger: Ledger) -> None:
    ledger.write(finished_mark(folder, 0))
    ledger.write(finished_mark(folder, 1))
    ledger.close()
    (path,) = folder.ledger.glob("*.jsonl")
    whole = path.read_bytes()
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        again = Ledger(folder)
        marks = sum(b'{"kind":"finished"' in line for line in whole[:cut].split(b"\n")[:-1])
        assert [again.is_finished(k) for k in range(2)] == [k < marks for k in range(2)], cut
    path.write_bytes(whole[: whole.index(b"\n") + 20] + b"\0" * 50 + b"\n" + whole[whole.index(b"\n") + 1 :])
    assert list(Ledger(folder).finished()) == [0, 1]
    with Ledger(folder, exclusive=True) as next_run:
        next_run.begin_run()
        next_run.write(replace(finished_mark(folder, 2), causes=["once"]))
    assert path.read_bytes().count(b"\n") == whole.count(b"\n") + 1, "another run wrote into this file"
    assert [mark.index for mark in Ledger(folder).marks()] == [0, 1, 2]


def test_a_job_at_a_time(folder: RunFolder, ledger: Ledger) -> None:
    with pytest.raises(ConfigError, match="another job works on this run folder"):
        Ledger(folder, exclusive=True)
    assert Ledger(folder).runs == 1  # reading is always allowed
    ledger.close()
    Ledger(folder, exclusive=True).close()


@pytest.mark.parametrize(("change", "finished", "unsure"), [("", True, False), (KEEP, True, False)])
def test_kept_scenes_stay(folder: RunFolder, change: str, finished: bool, unsure: bool) -> None:
    run(folder, finished_mark(folder))
    run(folder, change=change)
    ledger = Ledger(folder)
    assert (ledger.is_finished(0), ledger.is_unsure(0)) == (finished, unsure)


def test_scenes_to_redo_are_unsure_until_they_are_confirmed_or_recorded(folder: RunFolder) -> None:
    run(folder, finished_mark(folder, 0), finished_mark(folder, 1), finished_mark(folder, 2))
    run(folder, change=REDO)
    run(folder)  # killed at once: nothing is forgotten
    with Ledger(folder, exclusive=True) as ledger:
        assert [ledger.is_unsure(k) for k in range(4)] == [True, True, True, False]
        assert not list(ledger.marks())
        ledger.begin_run()
        ledger.confirm(1)
        ledger.write(finished_mark(folder, 2))
    assert list(Ledger(folder).finished()) == [1, 2]
    assert Ledger(folder).is_unsure(0)
    run(folder, change=KEEP)
    assert list(Ledger(folder).finished()) == [0, 1, 2]


def test_another_version_s_scenes_are_unsure(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    run(folder, finished_mark(folder))
    monkeypatch.setattr(ledgers, "__version__", "9.9.9")
    assert not Ledger(folder).is_finished(0)
    assert Ledger(folder).is_unsure(0)
    run(folder, change=KEEP)
    assert Ledger(folder).is_finished(0)


def run(folder: RunFolder, *marks: Mark, change: str = "") -> None:
    with Ledger(folder, exclusive=True) as ledger:
        ledger.begin_run(change=change)
        for mark in marks:
            ledger.write(mark)


def test_files_are_begun_anew_when_they_are_full(
    folder: RunFolder, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledgers, "_FILE_BYTES", 2000)
    for index in range(40):
        ledger.began(index, 1, 0)
        ledger.write(finished_mark(folder, index))
    ledger.write(replace(finished_mark(folder, 3), seconds=7.0))
    assert len(list(folder.ledger.glob("*.jsonl"))) > 5
    again = Ledger(folder)
    assert [mark.index for mark in again.marks()] == list(range(40))
    assert [mark.seconds for mark in again.marks(5)] == [2.0, 2.0, 2.0, 7.0, 2.0]
    assert sum(line.kind == "began" for line in read_lines(folder.ledger)) == 40


def test_what_was_written_survives_sigkill(folder: RunFolder) -> None:
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from drivegen.runtime.folder import RunFolder\n"
        "from drivegen.runtime.ledger import Ledger\n"
        "ledger = Ledger(RunFolder(Path(sys.argv[1])), exclusive=True)\n"
        "ledger.begin_run()\n"
        "ledger.began(0, 1, 0); ledger.failed(0, 1.5, 'it hung'); ledger.began(0, 2, 0)\n"
        "print('there', flush=True)\n"
        "time.sleep(600)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script, str(folder.root)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    with pytest.raises(ConfigError, match="another job"):
        Ledger(folder, exclusive=True)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert [line.kind for line in read_lines(folder.ledger)] == ["run", "began", "failed", "began"]
    Ledger(folder, exclusive=True).close()


def test_memory_is_a_few_bytes_a_scene(folder: RunFolder, ledger: Ledger) -> None:
    """A million marks by arithmetic: what is kept of each is a byte and a place."""
    ledger.write(Mark(index=999_999, status=FINISHED, plan_sha256="", version="", attempts=1, seconds=1.0))
    again = Ledger(folder)
    assert len(again._status) == len(again._places) == 1_000_000
    assert sys.getsizeof(again._status) + sys.getsizeof(again._places) < 12e6


def test_clocks_that_jump_change_no_time(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 0.0)
    with Ledger(folder, exclusive=True) as ledger:
        ledger.begin_run()
        ledger.began(0, 1, 0)
    assert json.loads((folder.ledger / "000001.jsonl").read_text().splitlines()[1])["at_s"] >= 0.0


def test_names_are_places() -> None:
    for index in (0, 9998, 9999, 123_456):
        assert scene_index(scene_name(index)) == index
    assert scene_name(9999) == "scene-10000"
    for wrong in ("scene-1", "scene-0000", "scene-00001", "other", "scene-0001 "):
        with pytest.raises(ValueError, match="no scene's name"):
            scene_index(wrong)


def test_writing_is_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    write_atomically(path, "first")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(path, "second \udc80")
    assert path.read_text() == "first"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_cannot_be_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"job\.runs_dir"):
        RunFolder(tmp_path / "file" / "run").create()


def test_a_folder_of_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("Dear ...")
    with pytest.raises(ConfigError, match="holds other things than a run"):
        RunFolder(tmp_path / "letters").create()
    assert [p.name for p in (tmp_path / "letters").iterdir()] == ["dear.txt"]
