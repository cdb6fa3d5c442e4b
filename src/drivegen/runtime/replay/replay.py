"""Plays cases side by side and writes what came: a page, JUnit, JSON, trajectories, films."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock

from drivegen.core.errors import StorageError
from drivegen.runtime.replay.cases import Case
from drivegen.runtime.replay.junit import write_junit
from drivegen.runtime.replay.outcome import Outcome, plain
from drivegen.runtime.replay.page import CASES, write_page
from drivegen.runtime.replay.players import PlayerProcess
from drivegen.runtime.replay.run import Options
from drivegen.runtime.replay.world import NONE

JUNIT, OUTCOMES, PAGE = "junit.xml", "outcomes.json", "index.html"

Told = Callable[[Outcome, int, int], None]
"""Called after every case with its outcome, how many are done, and how many there are."""


def replay(
    cases: Sequence[Case], options: Options, out: Path, *, workers: int = 1, told: Told | None = None
) -> list[Outcome]:
    """Plays all cases and judges each by itself, `workers` at once.

    Writes index.html, junit.xml, outcomes.json, cases/NAME/trajectory.csv and films (where asked) into `out`.
    Returns outcomes in the order of the cases. Raises StorageError.
    """
    try:
        (out / CASES).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"{out}: the folder cannot be made ({error.strerror})") from error
    done: dict[str, Outcome] = {}
    waiting: SimpleQueue[Case] = SimpleQueue()
    for case in cases:
        waiting.put(case)
    keeping = Lock()

    def work() -> None:
        with PlayerProcess(options, out / CASES) as process:
            while True:
                try:
                    case = waiting.get_nowait()
                except Empty:
                    return
                outcome = process.play(case)
                with keeping:
                    done[case.name] = outcome
                    if told is not None:
                        told(outcome, len(done), len(cases))

    with ThreadPoolExecutor(max_workers=min(workers, max(1, len(cases)))) as threads:
        for thread in [threads.submit(work) for _ in range(workers)]:
            thread.result()
    outcomes = [done[case.name] for case in cases]
    write(outcomes, out, how_of(options))
    return outcomes


def write(outcomes: Sequence[Outcome], out: Path, how: str) -> None:
    """The page, JUnit and JSON. Raises StorageError."""
    write_junit(out / JUNIT, outcomes)
    write_page(out / PAGE, outcomes, out.resolve().name, how)
    text = json.dumps([plain(o) for o in outcomes], ensure_ascii=False, indent=1)
    try:
        (out / OUTCOMES).write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{out / OUTCOMES}: cannot be written ({error.strerror})") from error


def how_of(options: Options) -> str:
    """How cases were played, for a page."""
    runs = f", {options.repeat} times each" if options.repeat > 1 else ""
    where = "by kinematics alone" if options.server == NONE else f"in a CARLA world ({options.server})"
    return f"Played {where} in steps of {options.dt_s:g} s{runs}; driver: {options.driver}."
