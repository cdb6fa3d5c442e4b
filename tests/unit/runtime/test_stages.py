"""Scenes going through their stages, with stages that only remember."""

from __future__ import annotations

import errno
import json
import signal
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from drivegen.core.errors import ConfigError, DrivegenError, ExportError
from drivegen.runtime.config import Config, ExportConfig, MapConfig, check_config
from drivegen.runtime.folder import RunFolder
from drivegen.runtime.ledger import FINISHED, Mark
from drivegen.runtime.stage import ExportStage, export_stage, stages_of
from drivegen.runtime.stage_config import LookConfig, StageResources, StyleConfig
from drivegen.runtime.stages import InlineRunner, Stages, make_stages
from drivegen.runtime.worker import Assigned


@dataclass
class Deed:
    """A stage whose work is a file; fails as often as it is told."""

    name: str
    needs: str = ""
    local: bool = False
    fails: dict[str, int] = field(default_factory=dict)
    error: Exception = field(default_factory=lambda: ExportError("it did not want to"))
    runs: Counter[str] = field(default_factory=Counter)
    resources: StageResources = field(default_factory=StageResources)

    def place(self, capture: Path) -> Path:
        return capture.with_name(f"{capture.stem} {self.name}")

    def sweep(self, folder: RunFolder) -> None:
        pass

    def is_done(self, capture: Path, content_sha256: str) -> bool:
        place = self.place(capture)
        return place.is_file() and place.read_text() == content_sha256

    def run(self, capture: Path) -> None:
        self.runs[capture.stem] += 1
        if self.runs[capture.stem] <= self.fails.get(capture.stem, 0):
            raise self.error
        self.place(capture).write_text("1")


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    folder = RunFolder(tmp_path / "run")
    folder.create()
    return folder


def stages(folder: RunFolder, *deeds: Deed, backlog: int = 2, **options: object) -> Stages:
    values = {"at_once": 1, "backlog": backlog, "max_attempts": 3, **options}
    return Stages(deeds, folder, InlineRunner(), **values)  # type: ignore[arg-type]


def mark(index: int) -> Mark:
    return Mark(
        index=index,
        status=FINISHED,
        plan_sha256="",
        version="",
        attempts=1,
        seconds=1.0,
        content_sha256="1",
    )


def record(work: Stages, *scenes: str) -> None:
    for index, scene in enumerate(scenes):
        work.recorded(Assigned(index=index, scene=scene), mark(index))


def drain(work: Stages) -> None:
    for _ in range(100):
        if not work.busy():
            return
        work.step()
    raise AssertionError("it never ends")


def test_each_scene_goes_through_all_stages_once_and_in_order(folder: RunFolder) -> None:
    look, part = Deed("look fog"), Deed("export x", needs="look fog")
    work = stages(folder, look, part)
    record(work, "a", "b", "c")
    work.step()
    assert look.runs == Counter("a") and not part.runs
    work.step()
    assert part.runs == Counter("a"), "what is nearly through comes first"
    drain(work)
    assert look.runs == part.runs == Counter("abc")
    assert work.done == 6 and not work.set_aside
    assert not list((folder.root / "failed_stages").iterdir())


def test_what_an_earlier_run_did_is_not_done_again(folder: RunFolder) -> None:
    look, part = Deed("look fog"), Deed("export x")
    look.run(folder.capture("a"))
    part.run(folder.capture("a"))
    look.run(folder.capture("b"))
    look.place(folder.capture("c")).write_text("of another recording")
    look.runs.clear(), part.runs.clear()
    work = stages(folder, look, part)
    for index, scene in enumerate("abc"):
        work.there(Assigned(index=index, scene=scene), mark(index))
    drain(work)
    assert look.runs == Counter("c")
    assert part.runs == Counter("bc")


@dataclass
class Together(Deed):
    """Takes three scenes at once; one that poisons its company fails all of it."""

    scenes_at_once: int = 3
    groups: list[str] = field(default_factory=list)
    poison: str = ""

    def run_all(self, captures: list[Path]) -> list[Exception | None]:
        self.groups.append("".join(c.stem for c in captures))
        if any(c.stem == self.poison for c in captures):
            raise self.error
        errors: list[Exception | None] = []
        for capture in captures:
            try:
                super().run(capture)
                errors.append(None)
            except ExportError as error:
                errors.append(error)
        return errors

    def run(self, capture: Path) -> None:
        for error in self.run_all([capture]):
            if error is not None:
                raise error


def test_scenes_that_wait_for_a_stage_go_through_it_together(folder: RunFolder) -> None:
    look, part = Together("look fog"), Deed("export x", needs="look fog")
    look.run(folder.capture("c"))
    look.groups.clear()
    work = stages(folder, look, part, backlog=9)
    record(work, *"abcdef")
    drain(work)
    assert look.groups == ["abd", "ef"], "c's look was there"
    assert part.runs == Counter("abcdef") and look.runs == Counter("abcdef") and work.done == 5 + 6


def test_one_scene_s_failure_in_a_group_is_its_own(folder: RunFolder) -> None:
    look = Together("look fog", fails={"b": 1})
    work = stages(folder, look, backlog=9)
    record(work, *"abc")
    drain(work)
    assert look.groups == ["abc", "b"] and not work.set_aside
    assert "it did not want to" in folder.log("b").read_text() and not folder.log("a").exists()


def test_what_brings_a_group_down_is_set_aside_alone(folder: RunFolder) -> None:
    look = Together("look fog", poison="b")
    work = stages(folder, look, backlog=9)
    record(work, *"abc")
    drain(work)
    assert look.groups == ["abc", "a", "b", "c", "b"]
    assert sorted(work.set_aside) == ["b"] and look.runs == Counter("ac")


def test_recording_waits_while_too_many_scenes_do(folder: RunFolder) -> None:
    part = Deed("export x")
    work = stages(folder, part, backlog=3)
    assert not work.hold()
    record(work, "a", "b")
    assert not work.hold()
    record(work, "c")
    assert "3 recorded scenes wait" in work.hold() and "job.stage_backlog" in work.hold()
    work.step()
    assert not work.hold()
    drain(work)


def test_a_stage_that_fails_is_tried_again_and_then_set_aside(folder: RunFolder) -> None:
    look = Deed("look fog", fails={"a": 2, "b": 99})
    part = Deed("export x", needs="look fog")
    other = Deed("export y")
    work = stages(folder, look, part, other)
    record(work, "a", "b", "c")
    drain(work)
    assert look.runs == Counter(a=3, b=3, c=1)
    assert part.runs == Counter("ac"), "what needs the look does not go on without it"
    assert other.runs == Counter("abc")
    assert work.set_aside == {"b": {"look fog": "it did not want to", "export x": "look fog is missing"}}
    assert json.loads(folder.failed_stages("b").read_text()) == work.set_aside["b"]
    assert "Traceback" in folder.log("b").read_text()
    # Run again, the look is made, and the scene is no longer set aside.
    look.fails.clear()
    again = stages(folder, look, part, other)
    record(again, "a", "b", "c")
    drain(again)
    assert part.runs == Counter("abc") and other.runs == Counter("abc")
    assert not again.set_aside and not folder.failed_stages("b").exists()


@dataclass
class Endless(Deed):
    """Waits for what never comes, the first time."""

    def run(self, capture: Path) -> None:
        if not self.runs[capture.stem]:
            self.runs[capture.stem] += 1
            threading.Event().wait()
        super().run(capture)


def test_a_stage_that_never_ends_is_ended(folder: RunFolder) -> None:
    part = Endless("export x")
    work = stages(folder, part, timeout_s=0.2)
    record(work, "a")
    drain(work)
    assert part.runs == {"a": 2} and not work.set_aside
    assert "job.stage_timeout_s=0.2" in folder.log("a").read_text()
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_a_stage_that_hangs_outside_python_ends_with_its_process() -> None:
    code = (
        "import drivegen.runtime.time_limit as t, sys, signal\n"
        "t.GRACE_S = 0.2\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])\n"
        "with t.time_limit(0.2, 'key'):\n"
        "    signal.sigwait([signal.SIGUSR1])\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == -signal.SIGKILL
    assert "it still ran" in ended.stderr


def test_a_full_disk_stops_the_job(folder: RunFolder) -> None:
    error = ExportError("could not be written")
    error.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    part = Deed("export x", fails={"a": 99}, error=error)
    work = stages(folder, part)
    record(work, "a")
    with pytest.raises(DrivegenError, match="a, export x: could not be written; the job stops"):
        drain(work)
    assert part.runs == Counter("a")


def test_with_too_little_room_nothing_is_begun(folder: RunFolder) -> None:
    part = Deed("export x")
    work = stages(folder, part, least_free_gb=1e9)
    record(work, "a")
    with pytest.raises(DrivegenError, match=r"job\.least_free_gb"):
        drain(work)
    assert not part.runs


def config(**changes: object) -> Config:
    made = Config(map=MapConfig(plugin="junction"))
    made.job.pool = "inline"
    for key, value in changes.items():
        setattr(made, key, value)
    return made


def test_a_job_has_the_stages_that_it_is_asked_for(folder: RunFolder) -> None:
    assert make_stages(config(), folder) is None
    looks = {"fog": LookConfig(style=StyleConfig(weather="fog")), "dusk": LookConfig()}
    found = stages_of(config(look=looks, export=ExportConfig(format="nuscenes", look="fog")), folder)
    assert [s.name for s in found] == ["look dusk", "look fog", "export nuscenes"]
    assert found[2].needs == "look fog"
    plain = export_stage(config(export=ExportConfig(format="nuscenes")), folder)
    assert plain is not None and plain.needs == "" and plain.out.endswith("export/nuscenes")
    assert isinstance(found[2], ExportStage) and found[2].out.endswith("export/nuscenes_fog")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"export": ExportConfig(format="vhs")}, "'vhs': no such plugin"),
        ({"export": ExportConfig(format="nuscenes", options={"hiden": True})}, "unknown option hiden"),
        ({"export": ExportConfig(format="nuscenes", look="fog")}, "makes no such look"),
        ({"look": {"fog": LookConfig(plugin="oracle")}}, "'oracle': no such plugin"),
        ({"look": {"fog": LookConfig(params={"thickness": 3})}}, "thickness"),
        ({"look": {"fog": LookConfig(style=StyleConfig(weather="hail"))}}, "hail"),
    ],
)
def test_what_cannot_be_is_found_before_anything_begins(
    folder: RunFolder, changes: dict[str, object], said: str
) -> None:
    with pytest.raises((ConfigError, ExportError), match=said):
        stages_of(config(**changes), folder)


@pytest.mark.parametrize(
    ("look", "said"),
    [
        ({"../x": LookConfig()}, "letters, digits"),
        ({"fog": LookConfig(jpeg_quality=0)}, r"look\.fog\.jpeg_quality=0"),
        ({"fog": LookConfig(style=StyleConfig(strength=2.0))}, r"look\.fog\.style\.strength=2"),
    ],
)
def test_looks_of_the_configuration_are_checked(look: dict[str, LookConfig], said: str) -> None:
    from drivegen.runtime.stage_config import check_looks

    with pytest.raises(ConfigError, match=said):
        check_looks(look)


def test_resources_are_checked() -> None:
    wrong = config()
    wrong.ray.look.gpus = -1.0
    with pytest.raises(ConfigError, match=r"ray\.look\.gpus=-1"):
        check_config(wrong)
