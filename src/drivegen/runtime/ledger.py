"""The ledger: what became of each attempt at each scene, a line each, only ever added to.

`ledger/000001.jsonl` and so on: every run of the job, and every 64 MiB, begins another file, so a line that a
kill tore stays where it is and no file that another run has written is touched. A line is handed to the
system at once, which survives any end of the process, and brought to the disk within about a second; what a
failing machine loses of it is recorded again. Where one scene has several marks, the last one holds.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from drivegen import __version__
from drivegen.core.errors import ConfigError
from drivegen.runtime.folder import RunFolder
from drivegen.runtime.ledger_lines import RUN, Line, ledger_files, lines_of
from drivegen.runtime.scene_names import scene_name

FINISHED = "finished"
SET_ASIDE = "set_aside"
KEEP, REDO = "keep", "redo"
"""What a changed configuration means for the scenes that are finished: they stay, or must show that their
plans are still the same."""

_FILE_BYTES = 64 << 20
_SYNC_S = 1.0
_LOCK_S = 0.5
"""Whoever only looks whether a job is at work has the lock for a moment."""
_MISSING, _DONE, _ASIDE, _UNSURE = range(4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What became of a scene."""

    index: int
    """Of the scene in the job, from 0."""
    status: str
    """FINISHED or SET_ASIDE."""
    plan_sha256: str
    version: str
    attempts: int
    """In the run of the job that made the mark."""
    seconds: float
    """Wall time of the last attempt."""
    causes: list[str] = field(default_factory=list)
    """Why earlier attempts failed; of a scene that was set aside, all of them."""
    settings: dict[str, Any] = field(default_factory=dict)
    """What determines the capture beside the plan and the version."""
    content_sha256: str = ""
    frames: int = 0
    keyframes: int = 0
    bytes: int = 0
    sha256: str = ""
    """Of the capture's file."""
    stored: dict[str, Any] = field(default_factory=dict)
    """What the storage holds of the capture: sha256, bytes, etag, and how that was verified; empty where it
    is only on this machine."""
    stages: dict[str, float] = field(default_factory=dict)
    """Seconds by stage."""
    cpu_seconds: dict[str, float] = field(default_factory=dict)
    """CPU time of the recorder, of the server's rendering (rays included), and of the rest of the server."""
    peak_memory_mb: dict[str, float] = field(default_factory=dict)
    """Greatest resident size by process: recorder, server."""
    requested: dict[str, float] = field(default_factory=dict)
    achieved: dict[str, float] = field(default_factory=dict)
    weather: str = ""
    """The plan's preset."""
    map: str = ""
    load: dict[str, float] = field(default_factory=dict)
    """What it asked of the machine: fields of `Workload`."""
    levels: dict[str, str] = field(default_factory=dict)
    """Level by factor, where the job covers factors."""

    @property
    def scene(self) -> str:
        """Its name."""
        return scene_name(self.index)


class Ledger:
    """The marks of a run folder; memory is 9 bytes a scene."""

    def __init__(self, folder: RunFolder, *, exclusive: bool = False) -> None:
        """Reads what there is.

        Args:
            folder: Of the run.
            exclusive: Lock it against other jobs; only then it can be written, after `begin_run`.

        Raises:
            ConfigError: Another job works on the run folder.
        """
        self._folder = folder
        self._status = bytearray()
        self._places = array("Q")
        self._files: list[Path] = []
        self._reading: dict[int, IO[bytes]] = {}
        self._lock = self._take_lock() if exclusive else None
        self._out: IO[bytes] | None = None
        self._written = 0
        self._start = time.monotonic()
        self._synced = self._start
        self.runs = 0
        """Of the job, so far."""
        for path in ledger_files(folder.ledger):
            self._files.append(path)
            for line in lines_of(path):
                self._take(line, len(self._files) - 1)

    def _take(self, line: Line, file: int) -> None:
        if line.kind == RUN:
            self.runs += 1
            self._change(line.data.get("change", ""))
        elif line.kind in (FINISHED, SET_ASIDE):
            status = _ASIDE
            if line.kind == FINISHED:
                status = _DONE if line.data.get("version") == __version__ else _UNSURE
            self._note(line.index, status, file << 40 | line.offset)

    def _note(self, index: int, status: int, place: int) -> None:
        if index >= len(self._status):
            more = index + 1 - len(self._status)
            self._status.extend(bytes(more))
            self._places.extend(array("Q", bytes(8 * more)))
        self._status[index] = status
        self._places[index] = place

    def _change(self, change: str) -> None:
        if change == KEEP:
            self._status = self._status.replace(bytes([_UNSURE]), bytes([_DONE]))
        elif change == REDO:
            self._status = self._status.replace(bytes([_DONE]), bytes([_UNSURE]))

    def begin_run(self, *, change: str = "", **facts: Any) -> None:
        """Opens the ledger for a run of the job.

        Args:
            change: KEEP or REDO where the configuration has changed since the run before.
            facts: What else is to stand in the line of the run.
        """
        assert self._lock is not None, "exclusive is wanted for writing"
        self._start = time.monotonic()
        self._open_next()
        began = datetime.now(UTC).isoformat(timespec="seconds")
        self._change(change)
        self.runs += 1
        self._add({"kind": RUN, "began": began, "version": __version__, "change": change, **facts})

    def _take_lock(self) -> IO[bytes]:
        deadline = time.monotonic() + _LOCK_S
        while (lock := try_lock(self._folder)) is None and time.monotonic() < deadline:
            time.sleep(0.05)
        if lock is None:
            raise ConfigError(
                f"{self._folder.root}: another job works on this run folder; wait for it, or end it"
            )
        return lock

    def _open_next(self) -> None:
        if self._out is not None:
            self._close_out()
        last = int(self._files[-1].stem) if self._files else 0
        path = self._folder.ledger / f"{last + 1:06d}.jsonl"
        self._out = path.open("xb", buffering=0)
        self._written = 0
        self._files.append(path)

    def _add(self, data: dict[str, Any]) -> int:
        """Adds a line and returns its place."""
        assert self._out is not None, "begin_run first"
        if self._written >= _FILE_BYTES:
            self._open_next()
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        place = (len(self._files) - 1) << 40 | self._written
        self._out.write(text)
        self._written += len(text)
        return place

    def began(self, index: int, attempt: int, worker: int) -> None:
        """An attempt at a scene begins. One that never ends was cut off together with the job."""
        self._add(
            {"kind": "began", "index": index, "attempt": attempt, "worker": worker, "at_s": self._since()}
        )

    def failed(self, index: int, seconds: float, cause: str) -> None:
        """The attempt has failed."""
        self._add({"kind": "failed", "index": index, "seconds": round(seconds, 3), "cause": cause})

    def write(self, mark: Mark, **facts: Any) -> None:
        """Adds a scene's mark, which replaces the one before, and what else is to stand in its line."""
        data = {f.name: getattr(mark, f.name) for f in fields(mark)}
        place = self._add({"kind": data.pop("status"), "at_s": self._since(), **data, **facts})
        self._note(mark.index, _DONE if mark.status == FINISHED else _ASIDE, place)

    def confirm(self, index: int) -> None:
        """A scene that was finished under another configuration has the same plan under this one."""
        mark = self.read(index)
        assert mark is not None
        self.write(mark, confirmed=True)

    def withdraw(self, index: int, cause: str) -> None:
        """A scene that was finished is not: its capture is lost or damaged."""
        mark = self.read(index)
        if mark is not None:
            self.write(replace(mark, status=SET_ASIDE, causes=[cause], stored={}))

    def end_run(self, how: str) -> None:
        """The run of the job ends in order; whoever is killed does not come to say so."""
        self._add({"kind": "ended", "how": how, "at_s": self._since()})

    def _since(self) -> float:
        return round(time.monotonic() - self._start, 3)

    def sync(self) -> None:
        """Brings what was written to the disk, about once a second."""
        now = time.monotonic()
        if self._out is not None and now - self._synced >= _SYNC_S:
            os.fsync(self._out.fileno())
            self._synced = now

    def close(self) -> None:
        """Brings everything to the disk and lets others have the ledger."""
        if self._out is not None:
            self._close_out()
            self._out = None
        for file in self._reading.values():
            file.close()
        self._reading.clear()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _close_out(self) -> None:
        assert self._out is not None
        os.fsync(self._out.fileno())
        self._out.close()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(self, index: int) -> Mark | None:
        """A scene's mark; none if there is none."""
        if index >= len(self._status) or self._status[index] == _MISSING:
            return None
        file, offset = self._places[index] >> 40, self._places[index] & ((1 << 40) - 1)
        if file not in self._reading:
            self._reading[file] = self._files[file].open("rb")
        self._reading[file].seek(offset)
        data: dict[str, Any] = json.loads(self._reading[file].readline())
        data["status"] = data["kind"]
        return Mark(**{f.name: data[f.name] for f in fields(Mark) if f.name in data})

    def is_finished(self, index: int) -> bool:
        """Whether the scene was recorded as it is configured now, and plan and capture lie there whole."""
        return self._state(index) == _DONE and self._is_whole(index)

    def is_unsure(self, index: int) -> bool:
        """Whether it is there whole, but from a configuration or version that may plan it differently now."""
        return self._state(index) == _UNSURE and self._is_whole(index)

    def _state(self, index: int) -> int:
        return self._status[index] if index < len(self._status) else _MISSING

    def _is_whole(self, index: int) -> bool:
        mark = self.read(index)
        if mark is None:
            return False
        # What lies in storage was whole when its mark was made; the plan may lie there alone.
        return bool(mark.stored) or self._folder.is_whole(mark.scene, mark.plan_sha256, mark.bytes)

    def finished(self, scenes: int | None = None) -> Iterator[int]:
        """The finished scenes, of the first `scenes` of the job."""
        return (index for index in self._range(scenes) if self._status[index] == _DONE)

    def set_aside(self, scenes: int | None = None) -> Iterator[int]:
        """The scenes that kept failing, of the first `scenes` of the job."""
        return (index for index in self._range(scenes) if self._status[index] == _ASIDE)

    def marks(self, scenes: int | None = None) -> Iterator[Mark]:
        """The marks that hold, of the first `scenes` of the job, in their order, read one by one."""
        for index in self._range(scenes):
            if self._status[index] in (_DONE, _ASIDE) and (mark := self.read(index)) is not None:
                yield mark

    def _range(self, scenes: int | None) -> range:
        known = len(self._status)
        return range(known if scenes is None else min(scenes, known))


def try_lock(folder: RunFolder) -> IO[bytes] | None:
    """The lock of a run folder, held while the file is open; none where a job works on it."""
    lock = (folder.ledger / "lock").open("ab")
    try:
        # The system lets go of it however the process ends.
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return None
    return lock
