"""What a run's ledger says: scenes by state, failures by cause, slowest scenes, every attempt at a scene."""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from drivegen.core.errors import ConfigError
from drivegen.runtime.folder import RunFolder
from drivegen.runtime.ledger import FINISHED, Ledger, try_lock
from drivegen.runtime.ledger_lines import RUN, ledger_files, read_lines
from drivegen.runtime.scene_names import scene_index, scene_name

SLOWEST = 5
CAUSES = 20
CUT_OFF = "cut off"
"""How an attempt ended that was under way when its job was killed or stopped at once."""


@dataclass(slots=True, kw_only=True)
class Attempt:
    """One attempt at a scene."""

    scene: str
    run: int
    """Of the job, from 1."""
    attempt: int
    """In that run, from 1."""
    worker: int
    at_s: float
    """After the beginning of the run."""
    how: str = CUT_OFF
    """finished, failed, confirmed (it was there and is planned the same now), cut off, or under way."""
    seconds: float | None = None
    cause: str = ""


@dataclass(slots=True, kw_only=True)
class Run:
    """One run of the job."""

    began: str
    """By the wall clock, UTC."""
    version: str
    change: str
    """keep or redo, where the configuration had changed."""
    how: str = "killed"
    """whole, interrupted, killed, under way, or the error that stopped it."""
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Of a run folder."""

    planned: int
    """Scenes, as the last run of the job had them."""
    finished: int
    set_aside: int
    under_way: int
    missing: int
    """Neither of these: not yet tried, or tried in vain."""
    attempts: int
    failed_attempts: int
    cut_off_attempts: int
    causes: dict[str, int]
    """Failed attempts by cause, most first; numbers in causes are left out."""
    slowest: dict[str, float]
    """Wall seconds of the slowest finished scenes."""
    set_aside_scenes: list[str] = field(default_factory=list)
    """The first of them."""
    runs: list[Run] = field(default_factory=list)


def attempts(folder: RunFolder) -> Iterator[Attempt]:
    """Every attempt of every run, in the order in which they ended; those that never did come last of a run.

    Raises:
        ConfigError: The folder has no ledger.
    """
    _check(folder)
    running: dict[int, Attempt] = {}
    run = 0
    for line in read_lines(folder.ledger):
        data = line.data
        if line.kind == RUN:
            yield from running.values()
            running.clear()
            run += 1
        elif line.kind == "began":
            running[line.index] = Attempt(
                scene=scene_name(line.index),
                run=run,
                attempt=data["attempt"],
                worker=data["worker"],
                at_s=data["at_s"],
            )
        elif line.kind in ("failed", FINISHED) and (found := running.pop(line.index, None)):
            found.how = line.kind
            if data.get("confirmed"):
                found.how = "confirmed"
            else:
                found.seconds, found.cause = data["seconds"], data.get("cause", "")
            yield found
    if is_at_work(folder):
        for left in running.values():
            left.how = "under way"
    yield from running.values()


def is_at_work(folder: RunFolder) -> bool:
    """Whether a job works on the run folder now."""
    if not (folder.ledger / "lock").is_file():
        return False
    lock = try_lock(folder)
    if lock is not None:
        lock.close()
    return lock is None


def status(folder: RunFolder) -> Status:
    """Adds a ledger up; memory does not grow with attempts. Raises ConfigError where there is none."""
    _check(folder)
    ways: Counter[str] = Counter()
    causes: Counter[str] = Counter()
    slowest: list[tuple[float, str]] = []
    for attempt in attempts(folder):
        ways[attempt.how] += 1
        if attempt.how == "failed":
            causes[kind_of(attempt.cause)] += 1
        elif attempt.how == FINISHED and attempt.seconds is not None:
            # A scene that was recorded anew counts once, as it came out last.
            slowest = [entry for entry in slowest if entry[1] != attempt.scene]
            slowest = heapq.nlargest(SLOWEST, [*slowest, (attempt.seconds, attempt.scene)])
    with Ledger(folder) as ledger:
        runs, planned = _runs(folder)
        finished = sum(1 for _ in ledger.finished(planned))
        aside = [scene_name(index) for index in ledger.set_aside(planned)]
    under_way = ways["under way"]
    return Status(
        planned=planned,
        finished=finished,
        set_aside=len(aside),
        under_way=under_way,
        missing=max(0, planned - finished - len(aside) - under_way),
        attempts=ways.total(),
        failed_attempts=ways["failed"],
        cut_off_attempts=ways[CUT_OFF],
        causes=dict(causes.most_common(CAUSES)),
        slowest={scene: seconds for seconds, scene in slowest},
        set_aside_scenes=aside[:CAUSES],
        runs=runs,
    )


def _runs(folder: RunFolder) -> tuple[list[Run], int]:
    runs: list[Run] = []
    planned = 0
    for line in read_lines(folder.ledger):
        if line.kind == RUN:
            data = line.data
            planned = int(data.get("scenes", 0))
            runs.append(Run(began=data["began"], version=data["version"], change=data["change"]))
        elif line.kind == "ended" and runs:
            runs[-1].how, runs[-1].seconds = line.data["how"], line.data["at_s"]
    if runs and runs[-1].seconds is None and is_at_work(folder):
        runs[-1].how = "under way"
    return runs, planned


def kind_of(cause: str) -> str:
    """A cause without what differs from scene to scene: numbers, and all after the first line."""
    return re.sub(r"\d+(\.\d+)?", "#", cause.splitlines()[0] if cause else "")[:160]


def of_scene(folder: RunFolder, scene: str) -> list[Attempt]:
    """Every attempt at a scene. Raises ConfigError where the run has no such scene."""
    try:
        scene_index(scene)
    except ValueError as error:
        raise ConfigError(str(error)) from None
    found = [attempt for attempt in attempts(folder) if attempt.scene == scene]
    if not found:
        raise ConfigError(f"{folder.root}: no attempt at {scene} was made")
    return found


def as_plain(value: Status | list[Attempt]) -> Any:
    """For JSON."""
    return [asdict(each) for each in value] if isinstance(value, list) else asdict(value)


def _check(folder: RunFolder) -> None:
    if not ledger_files(folder.ledger):
        raise ConfigError(f"{folder.root}: no run of a job lies here; give its folder, for example runs/demo")
