"""Executors: scene tasks in, events out. Inline for debugging, Ray for everything else."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Protocol

from drivegen.core.errors import ConfigError
from drivegen.runtime.scene import Outcome, Progress, SceneTask, attempt_scene

Event = Progress | Outcome


class Pool(Protocol):
    """Runs scene attempts. `submit` queues one; `events` yields what happens until nothing is queued."""

    def submit(self, task: SceneTask) -> None:
        """Queues an attempt."""

    def events(self) -> Iterator[Event]:
        """Progress and outcomes as they come; ends when no attempt is left. Tasks may be added between."""

    def close(self) -> None:
        """Ends what still runs."""


class InlinePool:
    """One attempt after the other, from this process."""

    def __init__(self) -> None:
        self._queue: deque[SceneTask] = deque()

    def submit(self, task: SceneTask) -> None:
        """Queues an attempt."""
        self._queue.append(task)

    def events(self) -> Iterator[Event]:
        """Runs the queue dry."""
        while self._queue:
            yield from attempt_scene(self._queue.popleft())

    def close(self) -> None:
        """Forgets what has not begun."""
        self._queue.clear()


class RayPool:
    """Attempts as Ray tasks, at most `workers` at a time; each streams its events back."""

    def __init__(self, workers: int) -> None:
        """Starts a local Ray, or uses the one that this process already joined."""
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        import ray  # noqa: PLC0415  (seconds to import: only where Ray is used)

        self._ray = ray
        self._started = not ray.is_initialized()
        if self._started:
            try:
                ray.init(
                    num_cpus=workers, include_dashboard=False, log_to_driver=False, logging_level="warning"
                )
            except (RuntimeError, OSError, ValueError, ConnectionError) as error:
                raise ConfigError(f"Ray did not start: {error}; job.pool=inline works without it") from None
        self._workers = workers
        self._queue: deque[SceneTask] = deque()
        self._running: dict[object, SceneTask] = {}
        self._attempt = ray.remote(num_cpus=1, max_retries=0)(_stream_attempt)

    def submit(self, task: SceneTask) -> None:
        """Queues an attempt."""
        self._queue.append(task)

    def events(self) -> Iterator[Event]:
        """Keeps `workers` attempts running until the queue is dry."""
        while self._queue or self._running:
            while self._queue and len(self._running) < self._workers:
                task = self._queue.popleft()
                stream = self._attempt.options(num_returns="streaming", name=task.scene).remote(task)
                self._running[stream] = task
            ready, _ = self._ray.wait(list(self._running), num_returns=1, timeout=1.0, fetch_local=True)
            for stream in ready:
                yield from self._take(stream)

    def _take(self, stream: object) -> Iterator[Event]:
        task = self._running[stream]
        try:
            event = self._ray.get(next(stream))  # type: ignore[call-overload]
        except StopIteration:
            del self._running[stream]
            return
        except self._ray.exceptions.RayError as error:
            del self._running[stream]
            cause = f"the Ray worker ended: {str(error).splitlines()[0]}"
            yield Outcome(scene=task.scene, seconds=0.0, cause=cause, result={})
            return
        yield event

    def close(self) -> None:
        """Cancels what runs; ends Ray if it was started here."""
        for stream in self._running:
            self._ray.cancel(stream, force=True)
        self._running.clear()
        self._queue.clear()
        if self._started:
            self._ray.shutdown()


def _stream_attempt(task: SceneTask) -> Iterable[Event]:
    yield from attempt_scene(task)


def make_pool(kind: str, workers: int) -> Pool:
    """The pool that the configuration names."""
    return InlinePool() if kind == "inline" else RayPool(workers)
