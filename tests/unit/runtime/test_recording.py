"""The loop that feeds workers, with workers that record nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drivegen.core.errors import DrivegenError
from drivegen.runtime import job as jobs
from drivegen.runtime.config import Config
from drivegen.runtime.folder import RunFolder
from drivegen.runtime.ledger import FINISHED, SET_ASIDE, Ledger
from drivegen.runtime.planning import Planner
from drivegen.runtime.scene import Outcome
from drivegen.runtime.worker import Assigned
from tests.unit.runtime.test_planning import job


class SlowToBeFree:
    """Like Ray's: a worker's outcome comes in one round of events, that it is free in the next."""

    def __init__(self, workers: int, causes: dict[str, list[str]], fatal: bool = False) -> None:
        self.doing: dict[int, Assigned | None] = {}
        self.workers = workers
        self.causes = causes
        self.fatal = fatal
        self.done: list[str] = []
        self.closed = False

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

    def close(self) -> None:
        self.closed = True


def record(
    pool: SlowToBeFree, config: Config, root: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Any, Ledger]:
    monkeypatch.setattr(jobs, "make_pool", lambda *_: pool)
    folder = RunFolder(root / "run")
    folder.create()
    ledger = Ledger(folder)
    return jobs._record(config, folder, ledger, Planner(config)), ledger


@pytest.mark.parametrize("workers", [1, 2, 7])
def test_every_scene_is_recorded_once(workers: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = SlowToBeFree(workers, {})
    found, ledger = record(pool, job({}, "job.scenes=5"), tmp_path, monkeypatch)
    assert sorted(pool.done) == [f"scene-000{k}" for k in range(1, 6)]
    assert found.recorded == 5
    assert all(ledger.read(f"scene-000{k}").status == FINISHED for k in range(1, 6))  # type: ignore[union-attr]
    assert pool.closed


def test_a_scene_that_fails_is_tried_again_and_then_set_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    causes = {"scene-0001": ["once"], "scene-0003": ["a", "b", "c"]}
    pool = SlowToBeFree(1, causes)
    found, ledger = record(pool, job({}, "job.scenes=3"), tmp_path, monkeypatch)
    assert found.set_aside == {"scene-0003"}
    first, third = ledger.read("scene-0001"), ledger.read("scene-0003")
    assert first is not None
    assert third is not None
    assert (first.status, first.attempts, first.causes) == (FINISHED, 2, ["once"])
    assert (third.status, third.attempts, third.causes) == (SET_ASIDE, 3, ["a", "b", "c"])


def test_what_no_attempt_can_mend_stops_the_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = SlowToBeFree(1, {"scene-0001": ["the disk is full"]}, fatal=True)
    with pytest.raises(DrivegenError, match="the disk is full"):
        record(pool, job({}, "job.scenes=3"), tmp_path, monkeypatch)
    assert pool.closed
