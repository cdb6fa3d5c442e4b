"""The loop that feeds workers, with workers that record nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from drivegen.core.errors import DrivegenError
from drivegen.runtime import recording
from drivegen.runtime.config import Config
from drivegen.runtime.folder import RunFolder
from drivegen.runtime.follower import Follower
from drivegen.runtime.ledger import FINISHED, SET_ASIDE, Ledger, Mark
from drivegen.runtime.planning import Planner
from drivegen.runtime.scene import Outcome
from drivegen.runtime.worker import Assigned
from tests.unit.runtime.test_planning import job


class SlowToBeFree:
    """Like Ray's: a worker's outcome comes in one round of events, that it is free in the next."""

    metrics = None

    def __init__(self, workers: int, causes: dict[str, list[str]], fatal: bool = False) -> None:
        self.doing: dict[int, Assigned | None] = {}
        self.workers = workers
        self.causes = causes
        self.fatal = fatal
        self.done: list[str] = []
        self.closed = False
        self.rested = 0

    def free(self) -> list[int]:
        return [n for n in range(self.workers) if n not in self.doing]

    def submit(self, worker: int, scene: Assigned) -> None:
        assert worker not in self.doing
        self.doing[worker] = scene

    def events(self) -> Iterator[Outcome]:
        for worker, scene in list(self.doing.items()):
            if scene is None:
                del self.doing[worker]
                continue
            self.doing[worker] = None
            self.done.append(scene.scene)
            causes = self.causes.get(scene.scene, [])
            cause = causes.pop(0) if causes else ""
            result: dict[str, Any] = {"frames": 1, "planned": {"sha256": "0"}}
            yield Outcome(scene=scene.scene, seconds=1.0, cause=cause, fatal=self.fatal, result=result)

    def rest(self) -> None:
        self.rested += 1

    def close(self) -> None:
        self.closed = True


def record(
    pool: SlowToBeFree,
    config: Config,
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    followers: Sequence[Follower] = (),
) -> tuple[Any, Ledger]:
    monkeypatch.setattr(recording, "make_pool", lambda *_: pool)
    folder = RunFolder(root / "run")
    folder.create()
    ledger = Ledger(folder, exclusive=True)
    ledger.begin_run()
    loop = recording.Recording(config, folder, ledger, Planner(config), followers=followers)
    return loop.run(), ledger


@pytest.mark.parametrize("workers", [1, 2, 7])
def test_every_scene_is_recorded_once(workers: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = SlowToBeFree(workers, {})
    found, ledger = record(pool, job({}, "job.scenes=5"), tmp_path, monkeypatch)
    assert sorted(pool.done) == [f"scene-000{k}" for k in range(1, 6)]
    assert found.recorded == 5
    assert list(ledger.finished()) == [0, 1, 2, 3, 4]
    assert pool.closed


def test_a_scene_that_fails_is_tried_again_and_then_set_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    causes = {"scene-0001": ["once"], "scene-0003": ["a", "b", "c"]}
    pool = SlowToBeFree(1, causes)
    found, ledger = record(pool, job({}, "job.scenes=3"), tmp_path, monkeypatch)
    assert found.set_aside == 1
    assert list(ledger.set_aside()) == [2]
    first, third = ledger.read(0), ledger.read(2)
    assert first is not None
    assert third is not None
    assert (first.status, first.attempts, first.causes) == (FINISHED, 2, ["once"])
    assert (third.status, third.attempts, third.causes) == (SET_ASIDE, 3, ["a", "b", "c"])


def test_what_no_attempt_can_mend_stops_the_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = SlowToBeFree(1, {"scene-0001": ["the disk is full"]}, fatal=True)
    with pytest.raises(DrivegenError, match="the disk is full"):
        record(pool, job({}, "job.scenes=3"), tmp_path, monkeypatch)
    assert pool.closed


class Tasks:
    """A follower with a task for each scene, three rounds long, that lets one be under way."""

    def __init__(self, stuck: bool = False) -> None:
        self.heard: list[str] = []
        self.left: dict[str, int] = {}
        self.most = 0
        self.stuck = stuck
        self.closed = False

    def there(self, scene: Assigned, mark: Mark) -> None:
        self.heard.append(f"{scene.scene} was there")

    def recorded(self, scene: Assigned, mark: Mark) -> None:
        self.heard.append(f"{scene.scene} {mark.status}")
        self.left[scene.scene] = 3
        self.most = max(self.most, len(self.left))

    def step(self) -> None:
        self.left = {scene: rounds - 1 for scene, rounds in self.left.items() if rounds > 1}

    def hold(self) -> str:
        return "the disk is full" if self.stuck else "one task is enough" if self.left else ""

    def busy(self) -> bool:
        return bool(self.left)

    def close(self) -> None:
        self.closed = True


def test_followers_hear_of_scenes_and_hold_new_ones_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, tasks = job({}, "job.scenes=4"), Tasks()
    found, _ = record(SlowToBeFree(1, {}), config, tmp_path, monkeypatch, [tasks])
    assert found.recorded == 4
    assert tasks.heard == [f"scene-000{k} finished" for k in range(1, 5)]
    assert tasks.most == 1
    assert not tasks.left, "the job ended before its followers"
    assert tasks.closed


def test_a_hold_that_nothing_can_end_stops_the_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = Tasks(stuck=True)
    with pytest.raises(DrivegenError, match="the disk is full; nothing runs"):
        record(SlowToBeFree(1, {}), job({}, "job.scenes=2"), tmp_path, monkeypatch, [tasks])
    assert tasks.closed


@pytest.mark.parametrize("held_long_s", [0.0, 100.0])
def test_workers_that_wait_long_give_back_what_they_hold(
    held_long_s: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a cluster that the workers fill would have no room for the tasks that they wait for."""
    monkeypatch.setattr(recording, "HELD_LONG_S", held_long_s)
    pool, tasks = SlowToBeFree(1, {}), Tasks()
    rested: list[int] = []
    monkeypatch.setattr(pool, "rest", lambda: rested.append(len(pool.done)))
    record(pool, job({}, "job.scenes=3"), tmp_path, monkeypatch, [tasks])
    assert set(rested) == ({1, 2, 3} if held_long_s == 0.0 else {3})
