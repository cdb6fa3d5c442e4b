"""One attempt at one scene: a server, a recorder process beside it, a watch over both.

The recorder is a process of its own because the carla client keeps global state (Traffic Manager, walker
navigation), can abort, and can hang inside a call; whatever it does, the worker lives and the next scene
starts clean.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from drivegen.core.errors import ServerError
from drivegen.core.plans import ScenePlan
from drivegen.runtime.folder import RunFolder
from drivegen.runtime.servers.lease import ServerLease
from drivegen.runtime.servers.server import Server


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneTask:
    """A light handle on one scene; all else is read from the run folder by whoever records it."""

    root: str
    """Run folder, absolute."""
    scene: str
    jpeg_quality: int
    call_timeout_s: float
    scene_timeout_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a scene is."""

    scene: str
    stage: str
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How an attempt ended."""

    scene: str
    seconds: float
    cause: str = ""
    """Empty when the scene was recorded."""
    fatal: bool = False
    """No further attempt, of this scene or another, can go better: the disk is full, for example."""
    confirmed: bool = False
    """It was there and is as it would be made now; nothing was recorded."""
    result: dict[str, Any]
    """The recorder's account; empty when it failed."""


def attempt_scene(task: SceneTask, lease: ServerLease) -> Iterator[Progress | Outcome]:
    """Records a scene. Yields progress, and an outcome last; never raises for what went wrong inside."""
    start = time.monotonic()
    folder = RunFolder(Path(task.root))
    plan = ScenePlan.from_json(folder.plan(task.scene).read_text(encoding="utf-8"))
    log = folder.log(task.scene)
    yield Progress(scene=task.scene, stage="server")
    result: dict[str, Any] = {}
    cause, fatal = "", False
    try:
        with lease.lend(
            folder.maps / plan.map.opendrive, scenery_seed=plan.map.scenery_seed, log=log
        ) as server:
            started = time.monotonic()
            recorder = _Recorder(task, folder, server, deadline=start + task.scene_timeout_s)
            try:
                yield from recorder.progress()
            finally:
                recorder.close()
            result, cause, fatal = recorder.result, recorder.cause, recorder.fatal
            peak_mb = server.peak_memory_mb
            if cause and not fatal:
                raise ServerError(cause)  # what the server is worth now nobody knows
        if result:
            rendering_s = server.account.get("rendering_cpu_s", 0.0)
            result["stages"] = {"server start": started - start, **result["stages"]}
            result["cpu_seconds"] |= {
                "rendering": rendering_s,
                "server, not rendering": server.account.get("cpu_s", 0.0) - rendering_s,
            }
            result["peak_memory_mb"]["server"] = peak_mb
    except ServerError as error:
        cause = str(error)
    yield Outcome(scene=task.scene, seconds=time.monotonic() - start, cause=cause, fatal=fatal, result=result)


class _Recorder:
    """The recorder process and its line protocol."""

    def __init__(self, task: SceneTask, folder: RunFolder, server: Server, deadline: float) -> None:
        self.result: dict[str, Any] = {}
        self.cause = ""
        self.fatal = False
        self._task = task
        self._deadline = deadline
        with folder.log(task.scene).open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "drivegen.runtime.recorder", task.root, task.scene],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )
        order = {**asdict(task), "host": server.host, "port": server.port}
        assert self._process.stdin is not None
        # A recorder that died at once breaks the pipe; its exit code says so better.
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            self._process.stdin.flush()

    def progress(self) -> Iterator[Progress]:
        """What the recorder reports, until it ends or its time is over."""
        assert self._process.stdout is not None
        for line in _lines(self._process.stdout, self._deadline):
            if line is None:
                self.cause = f"no end within {self._task.scene_timeout_s:g} s (job.scene_timeout_s)"
                return
            try:
                event = json.loads(line)
            except ValueError:
                continue  # A library printed something; the log is stderr, so it is lost on purpose.
            kind = event.pop("event", "")
            if kind == "progress":
                yield Progress(scene=self._task.scene, **event)
            elif kind == "result":
                self.result = event
            elif kind == "error":
                self.cause, self.fatal = f"{event['kind']}: {event['message']}", bool(event["fatal"])
        code = self._process.wait()
        if not self.result and not self.cause:
            how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
            self.cause = f"the recorder process ended by {how}"

    def close(self) -> None:
        """Leaves no recorder behind."""
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()


def _lines(stream: IO[bytes], deadline: float) -> Iterator[bytes | None]:
    """Lines of a pipe; None once, and no more, when the deadline passes first."""
    buffer = b""
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                yield None
                return
            if not selector.select(min(left, 1.0)):
                continue
            piece = os.read(stream.fileno(), 65536)
            if not piece:
                return
            *whole, buffer = (buffer + piece).split(b"\n")
            yield from whole
