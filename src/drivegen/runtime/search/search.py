"""Searches a logical scenario for failures, keeps different ones, and shows that they play again."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from drivegen.core.errors import ScenarioError
from drivegen.runtime.replay.cases import Case
from drivegen.runtime.replay.outcome import Outcome, Status
from drivegen.runtime.replay.page import CASES
from drivegen.runtime.replay.players import PlayerProcess
from drivegen.runtime.replay.run import Options
from drivegen.runtime.search.diversity import kept
from drivegen.runtime.search.found import save
from drivegen.runtime.search.sampler import check_extra, next_points
from drivegen.runtime.search.space import Point, Space, space_of
from drivegen.runtime.search.tries import Journal, Try

FAILURES, JOURNALS = "failures", "search"
MOST_KEPT = 20

Told = Callable[[Outcome, int, int], None]
"""Called after every try with its outcome, how many are done, and how many there are to be."""
Play = Callable[[Sequence[Case]], list[Outcome]]
"""Plays cases side by side; outcomes in the same order."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Failure:
    """A failure that was kept."""

    found: Try
    file: Path
    again: Outcome
    """Of the file, played by itself."""

    @property
    def same(self) -> bool:
        """Whether the file failed in the same way."""
        rated = self.again.criticality
        return self.again.status is Status.FAILED and rated is not None and rated.kinds == self.found.kinds


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Search:
    """What came of the search in one logical scenario."""

    name: str
    space: Space
    tries: tuple[Try, ...]
    failures: tuple[Failure, ...]
    exhausted: bool = False
    """True if there were no new values to try before the budget was spent."""


def search(
    logical: Case,
    given: Mapping[str, str],
    options: Options,
    out: Path,
    *,
    runs: int,
    seed: int,
    workers: int = 1,
    told: Told | None = None,
) -> Search:
    """Tries up to `runs` concrete scenarios of a logical one, goes on where an earlier search was ended.

    Writes `OUT/search/NAME.jsonl` with all tries, `OUT/failures/NAME-NUMBER.xosc` for each failure that is
    kept, and for those what a replay writes into `OUT/cases`.

    Raises:
        ConfigError: optuna is missing. ScenarioError: nothing varies, or OUT holds another search.
        StorageError: OUT cannot be written.
    """
    check_extra()
    space = space_of(logical.path, given)
    name = logical.name
    journal = Journal(out / JOURNALS / f"{name}.jsonl", _about(space, given, options, seed))
    quiet = dataclasses.replace(options, films="none", trajectories=False, rate=True, repeat=1)
    exhausted = False
    with players(quiet, out / CASES, workers) as play:
        while len(journal.tries) < runs:
            points = next_points(space, journal.tries, seed)[: runs - len(journal.tries)]
            if not points:
                exhausted = True
                break
            cases = [
                _case(name, space, point, given, number)
                for number, point in enumerate(points, len(journal.tries) + 1)
            ]
            for case, point, outcome in zip(cases, points, play(cases), strict=True):
                journal.add(Try(number=int(case.name.rsplit("-", 1)[1]), point=point, outcome=outcome))
                if told is not None:
                    told(outcome, len(journal.tries), runs)
    tries = journal.tries[:runs]
    failures = _saved(tries, space, options, out, workers)
    return Search(name=name, space=space, tries=tuple(tries), failures=failures, exhausted=exhausted)


@contextmanager
def players(options: Options, folder: Path, workers: int) -> Iterator[Play]:
    """Processes that play, as many as there are workers, until the end of the block."""
    with ExitStack() as stack:
        free: SimpleQueue[PlayerProcess] = SimpleQueue()
        for _ in range(workers):
            free.put(stack.enter_context(PlayerProcess(options, folder)))
        threads = stack.enter_context(ThreadPoolExecutor(max_workers=workers))

        def one(case: Case) -> Outcome:
            process = free.get()
            try:
                return process.play(case)
            finally:
                free.put(process)

        yield lambda cases: list(threads.map(one, cases))


def _case(name: str, space: Space, point: Point, given: Mapping[str, str], number: int) -> Case:
    parameters = {**space.parameters(point), **given}
    return Case(name=f"{name}-{number:04d}", path=space.scenario, parameters=parameters)


def _saved(
    tries: Sequence[Try], space: Space, options: Options, out: Path, workers: int
) -> tuple[Failure, ...]:
    """Files of the failures that are kept, each played again from its file."""
    chosen = kept(tries, space, MOST_KEPT)
    varied = [name for axis in space.axes for name in axis.name.split("+")]
    files = [out / FAILURES / f"{t.outcome.case.name}.xosc" for t in chosen]
    for each, file in zip(chosen, files, strict=True):
        save(each.outcome, varied, options.bounds, file)
    loud = dataclasses.replace(options, films="all" if options.films != "none" else "none", rate=True)
    cases = [Case(name=file.stem, path=file) for file in files]
    with players(loud, out / CASES, min(workers, max(1, len(cases)))) as play:
        again = play(cases)
    return tuple(
        Failure(found=each, file=file, again=outcome)
        for each, file, outcome in zip(chosen, files, again, strict=True)
    )


def _about(space: Space, given: Mapping[str, str], options: Options, seed: int) -> dict[str, Any]:
    """What makes a search another one."""
    try:
        digest = hashlib.sha256(space.scenario.read_bytes()).hexdigest()
    except OSError as error:
        raise ScenarioError(f"{space.scenario}: cannot be read ({error.strerror})") from error
    asked = sorted(f"{b.measure} {b.least!r} {b.most!r}" for b in options.bounds)
    return {
        "scenario": digest,
        "axes": [f"{a.name}: {a.values}" for a in space.axes],
        "given": dict(given),
        "seed": seed,
        "driver": options.driver,
        "maps": None if options.maps is None else str(options.maps),
        "server": options.server,
        "subject": options.subject,
        "step_s": options.dt_s,
        "limit_s": options.limit_s,
        "criteria": asked,
    }
