import json
from dataclasses import replace
from pathlib import Path

import pytest

from drivegen import __version__
from drivegen.core.errors import ConfigError
from drivegen.runtime.folder import RunFolder, write_atomically
from drivegen.runtime.ledger import FINISHED, SET_ASIDE, Ledger, Mark
from tests.unit.core.test_plans import make_plan


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    folder = RunFolder(tmp_path / "run")
    folder.create()
    return folder


def finished_mark(folder: RunFolder) -> Mark:
    plan = make_plan()
    folder.capture(plan.scene).write_bytes(b"12345")
    write_atomically(folder.plan(plan.scene), plan.to_json())
    return Mark(
        scene=plan.scene,
        status=FINISHED,
        plan_sha256=plan.sha256,
        version=__version__,
        attempts=1,
        seconds=2.0,
        bytes=5,
    )


def test_a_mark_finishes_exactly_its_plan(folder: RunFolder) -> None:
    ledger, plan = Ledger(folder), make_plan()
    assert not ledger.is_finished(plan.scene)
    ledger.write(finished_mark(folder))
    assert ledger.is_finished(plan.scene)
    write_atomically(folder.plan(plan.scene), replace(plan, duration_s=3.0).to_json())
    assert not ledger.is_finished(plan.scene)


def test_marks_that_do_not_count(folder: RunFolder) -> None:
    ledger, plan = Ledger(folder), make_plan()
    mark = finished_mark(folder)
    for wrong in (
        replace(mark, status=SET_ASIDE),
        replace(mark, version="0.0.0"),
        replace(mark, bytes=6),
    ):
        ledger.write(wrong)
        assert not ledger.is_finished(plan.scene)
    ledger.write(mark)
    assert ledger.is_finished(plan.scene)
    folder.capture(plan.scene).unlink()
    assert not ledger.is_finished(plan.scene)


def test_a_torn_mark_is_no_mark(folder: RunFolder) -> None:
    ledger, plan = Ledger(folder), make_plan()
    ledger.write(finished_mark(folder))
    text = folder.mark(plan.scene).read_text()
    folder.mark(plan.scene).write_text(text[: len(text) // 2])
    assert ledger.read(plan.scene) is None
    assert not ledger.is_finished(plan.scene)
    folder.mark(plan.scene).write_text(json.dumps({"scene": plan.scene}))
    assert ledger.read(plan.scene) is None


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
