"""Processes that play cases: a CARLA client keeps things of its process, and may hang or take it along."""

from __future__ import annotations

import multiprocessing
import os
import traceback
from multiprocessing.connection import Connection
from pathlib import Path

from drivegen.core.errors import DrivegenError
from drivegen.runtime.replay.cases import Case
from drivegen.runtime.replay.outcome import Outcome, Status
from drivegen.runtime.replay.run import Options, run
from drivegen.runtime.replay.world import NONE
from drivegen.scenario.reading.catalogs import CatalogFiles

_PARTING_S = 2.0
"""For a process to end by itself."""


class PlayerProcess:
    """Plays one case after another; a context manager that leaves no process behind."""

    def __init__(self, options: Options, folder: Path) -> None:
        self._options = options
        self._folder = folder
        self._process: multiprocessing.process.BaseProcess | None = None
        self._line: Connection | None = None

    def play(self, case: Case) -> Outcome:
        """The outcome; an error where the process ended or took longer than the limit."""
        line = self._ready()
        limit_s = self._options.wall_limit_s
        try:
            line.send(case)
            if not line.poll(limit_s):
                self.close(now=True)
                return _error(
                    case,
                    f"{case.path}: it took longer than --time-limit {limit_s:g} s: give it more, or end it "
                    "sooner with --limit",
                )
            outcome = line.recv()
        except (EOFError, OSError):
            self.close(now=True)
            return _error(case, f"{case.path}: the process that played it ended; in a world, see server.log")
        assert isinstance(outcome, Outcome)
        if self._options.server != NONE:
            self.close(now=True)
        return outcome

    def close(self, *, now: bool = False) -> None:
        """Ends the process: asked to, unless `now`, and then made to."""
        if self._process is None or self._line is None:
            return
        if not now:
            try:
                self._line.send(None)
                self._process.join(_PARTING_S)
            except OSError:
                pass
        if self._process.is_alive():
            self._process.kill()
        self._process.join()
        self._line.close()
        self._process = self._line = None

    def __enter__(self) -> PlayerProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ready(self) -> Connection:
        if self._line is None:
            context = multiprocessing.get_context("spawn")
            self._line, far = context.Pipe()
            self._process = context.Process(
                target=_main, args=(far, self._options, self._folder), daemon=True
            )
            self._process.start()
            far.close()
        return self._line


def _main(line: Connection, options: Options, folder: Path) -> None:
    """Plays what comes until nothing more does."""
    catalogs = CatalogFiles()
    while True:
        try:
            case = line.recv()
        except (EOFError, KeyboardInterrupt):
            case = None
        if case is None:
            # Not by way of the client's destructors, which may wait for threads that hang.
            os._exit(0)
        line.send(played(case, options, folder / case.name, catalogs))


def played(case: Case, options: Options, folder: Path, catalogs: CatalogFiles) -> Outcome:
    """One outcome whatever happens: a scenario that finds a defect must not stop the others."""
    try:
        return run(case, options, folder, catalogs)
    except DrivegenError as error:
        return _error(case, str(error))
    except Exception as error:
        trace = folder / "trace.txt"
        folder.mkdir(parents=True, exist_ok=True)
        trace.write_text(traceback.format_exc(), encoding="utf-8")
        said = (
            f"a defect of drivegen ({type(error).__name__}), not of the file: please report it with {trace}"
        )
        return _error(case, f"{case.path}: {said}")


def _error(case: Case, message: str) -> Outcome:
    return Outcome(case=case, status=Status.ERROR, message=message)
