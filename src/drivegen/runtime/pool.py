"""Workers, inline or as Ray actors: a scene in for each that is free, events out."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Protocol

from drivegen.core.errors import DrivegenError
from drivegen.runtime.config import Config
from drivegen.runtime.metrics import Metrics
from drivegen.runtime.process import children, is_running
from drivegen.runtime.ray_start import prepare_environment, start_ray
from drivegen.runtime.scene import Outcome, Progress
from drivegen.runtime.worker import Assigned, Worker

Event = Progress | Outcome

WAIT_S = 0.5
"""Between looks at whether the job is to stop."""
PROGRESS_S = 0.5
"""Between two reports of a Ray worker's progress."""
_DAEMONS = ("gcs_server", "raylet")
"""Of a Ray on one machine. Without its raylet no task begins any more, without its control store (GCS) Ray
ends the process that uses it, after a minute."""
IDLE_S = 0.05
"""The same where no worker has a scene: scenes are held back, or other work goes on."""


class Recorder(Protocol):
    """What a pool asks of a worker."""

    def attempt(self, scene: Assigned) -> Iterator[Event]:
        """Progress, and an outcome last; never raises."""

    def close(self) -> None:
        """Ends what it has started."""


class MakeRecorder(Protocol):
    """Makes a worker where it is to work."""

    def __call__(self, config: Config, root: str, number: int) -> Recorder:
        """As `Worker` does."""


class RayEndedError(DrivegenError):
    """The Ray that was started here has ended: what ran is lost, what is finished is in the ledger."""


class Pool(Protocol):
    """Workers by number. Each has one scene at most, so nothing piles up."""

    metrics: Metrics | None
    """Where a Ray takes them."""

    def free(self) -> list[int]:
        """Numbers of the workers without a scene, ascending."""

    def submit(self, worker: int, scene: Assigned) -> None:
        """Gives a free worker a scene."""

    def events(self) -> Iterator[Event]:
        """Some of what happened since, nothing after a while; it ends so that workers can be fed.

        Raises RayEndedError.
        """

    def rest(self) -> None:
        """Gives back what workers without a scene hold, until they get one."""

    def close(self) -> None:
        """Ends what still runs."""


class InlinePool:
    """One worker, in this process."""

    metrics: Metrics | None = None

    def __init__(self, config: Config, root: str, make: MakeRecorder = Worker) -> None:
        self._worker = make(config, root, 0)
        self._scene: Assigned | None = None

    def free(self) -> list[int]:
        """The one, between scenes."""
        return [] if self._scene else [0]

    def submit(self, worker: int, scene: Assigned) -> None:
        """Remembers the scene; `events` records it."""
        assert worker == 0 and self._scene is None
        self._scene = scene

    def events(self) -> Iterator[Event]:
        """The whole scene."""
        if self._scene is None:
            time.sleep(IDLE_S)
            return
        yield from self._worker.attempt(self._scene)
        self._scene = None

    def rest(self) -> None:
        """Holds nothing that others want."""

    def close(self) -> None:
        """Ends the worker's server."""
        self._worker.close()


class RayWorker:
    """A worker in a Ray actor: an event on its way costs more than to make it, so not all are sent."""

    def __init__(self, make: MakeRecorder, config: Config, root: str, number: int) -> None:
        if not config.server.gpus:
            config = replace(config, server=replace(config.server, gpus=assigned_gpus()))
        self._worker = make(config, root, number)

    def attempt(self, scene: Assigned) -> Iterator[Event]:
        """Outcomes, and progress twice a second."""
        last = time.monotonic()
        for event in self._worker.attempt(scene):
            now = time.monotonic()
            if isinstance(event, Outcome) or now - last >= PROGRESS_S:
                last = now
                yield event


def assigned_gpus() -> list[int]:
    """Numbers of the GPUs that Ray has given to this process; none where it names them otherwise."""
    import ray  # noqa: PLC0415

    names = ray.get_runtime_context().get_accelerator_ids().get("GPU", [])
    return [int(name) for name in names if name.isdecimal()]


class RayPool:
    """Workers as Ray actors; each streams its events back."""

    def __init__(self, config: Config, root: str, workers: int, make: MakeRecorder = Worker) -> None:
        """Starts a Ray of its own, joins the one at `ray.address`, or uses what this process has joined.

        Raises ConfigError when Ray cannot be had.
        """
        prepare_environment(own=config.ray.address is None)
        import ray  # noqa: PLC0415  (seconds to import: only where Ray is used)

        self._ray = ray
        self._config = config
        self._root = root
        self._started = not ray.is_initialized()
        self._daemons: list[int] = []
        if self._started:
            self._start(workers)
        wanted = config.ray
        self._actor = ray.remote(
            num_cpus=wanted.cpus,
            num_gpus=wanted.gpus,
            memory=int(wanted.memory_mb * 2**20) or None,
            max_restarts=0,
        )(RayWorker)
        self._make = make
        self.metrics: Metrics | None = Metrics(config.job.name)
        self._actors: list[Any] = [None] * workers
        self._running: dict[Any, tuple[int, Assigned]] = {}

    def _start(self, workers: int) -> None:
        address, cpus = self._config.ray.address, self._config.ray.cpus
        options: dict[str, Any] = {}
        if address is None:
            beside, beside_gpus = self._stages()
            options = {"num_cpus": max(1, round(workers * cpus + beside))}
            if self._config.ray.gpus or beside_gpus:
                options["num_gpus"] = max(1, round(workers * self._config.ray.gpus + beside_gpus))
        start_ray(address, "; job.pool=inline works without it", **options)
        if address is None:
            self._daemons = children(_DAEMONS)

    def _check_daemons(self) -> None:
        if all(is_running(pid) for pid in self._daemons):
            return
        self._daemons = []
        self._running.clear()
        self._actors = [None] * len(self._actors)
        self._ray.shutdown()
        raise RayEndedError("the Ray that this job has started ended before the job")

    def _stages(self) -> tuple[float, float]:
        """CPUs and GPUs of the looks and exports beside the workers: without them they would never begin."""
        config = self._config
        if not config.look and config.export.format is None:
            return 0.0, 0.0
        wanted = (config.ray.look, config.ray.export)
        at_once = config.job.stage_workers
        return at_once * max(w.cpus for w in wanted), at_once * max(w.gpus for w in wanted)

    def free(self) -> list[int]:
        """Those without a scene, also where the actor must be made first."""
        busy = {worker for worker, _ in self._running.values()}
        return [n for n in range(len(self._actors)) if n not in busy]

    def submit(self, worker: int, scene: Assigned) -> None:
        """Gives a worker a scene; makes the actor if there is none."""
        if self._actors[worker] is None:
            self._actors[worker] = self._actor.remote(self._make, self._config, self._root, worker)
        method = self._actors[worker].attempt.options(num_returns="streaming", name=scene.scene)
        self._running[method.remote(scene)] = (worker, scene)

    def events(self) -> Iterator[Event]:
        """One event of each worker that has any."""
        self._check_daemons()
        if not self._running:
            time.sleep(IDLE_S)
            return
        streams = list(self._running)
        ready, _ = self._ray.wait(streams, num_returns=1, timeout=WAIT_S, fetch_local=True)
        for stream in ready:
            yield from self._take(stream)

    def _take(self, stream: Any) -> Iterator[Event]:
        worker, scene = self._running[stream]
        try:
            event = self._ray.get(next(stream))
        except StopIteration:
            del self._running[stream]
            return
        except self._ray.exceptions.RayError as error:
            del self._running[stream]
            self._actors[worker] = None
            cause = f"the Ray worker ended: {str(error).splitlines()[0]}"
            yield Outcome(scene=scene.scene, seconds=0.0, cause=cause, result={})
            return
        yield event

    def rest(self) -> None:
        """Ends actors without a scene; they are made again when they get one."""
        for worker in self.free():
            if self._actors[worker] is not None:
                self._ray.kill(self._actors[worker])
                self._actors[worker] = None

    def close(self) -> None:
        """Ends the workers, and Ray if it was started here; a cluster that was joined goes on."""
        for actor in self._actors:
            if actor is not None:
                # Its processes hold lifelines to it and end with it.
                self._ray.kill(actor)
        self._running.clear()
        self._daemons = []
        if self._started:
            self._ray.shutdown()


def make_pool(config: Config, root: str, make: MakeRecorder = Worker) -> Pool:
    """The pool that the configuration names, of no more workers than there are scenes.

    Args:
        config: Of the job.
        root: Its run folder, as all workers see it.
        make: Makes each worker; called where that works.
    """
    if config.job.pool == "inline":
        return InlinePool(config, root, make)
    return RayPool(config, root, min(config.job.workers, config.job.scenes), make)
