"""The stages of a job's scenes: looks and exports, in tasks of their own, beside the recording.

Each recorded scene goes through its stages in their order. A few tasks run at a time; when too many recorded
scenes wait for theirs, recording waits. What fails is tried again and then set aside: the scene stays
finished, the other scenes go on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from drivegen.core.errors import DrivegenError
from drivegen.runtime.config import Config
from drivegen.runtime.folder import RunFolder, write_json
from drivegen.runtime.ledger import Mark
from drivegen.runtime.ray_start import ray_runs, start_ray
from drivegen.runtime.stage import GroupStage, Stage, StageResult, StageScene, run_stage, stages_of
from drivegen.runtime.worker import Assigned


@dataclass(frozen=True, slots=True, kw_only=True)
class StageWork:
    """A stage's work on one scene, or on several together."""

    stage: Stage
    scenes: tuple[StageScene, ...]
    least_free_gb: float
    limit_s: float
    """For each scene."""

    def run(self) -> list[StageResult]:
        """Does it; a result for each scene."""
        return run_stage(self.stage, self.scenes, self.least_free_gb, self.limit_s)


class Runner(Protocol):
    """Does work. What is given to it comes back from `results`, once."""

    def submit(self, work: StageWork) -> None:
        """Begins it, or remembers it."""

    def results(self, wait_s: float) -> Iterator[tuple[StageWork, list[StageResult]]]:
        """What has come to its end; waits no longer than that for the first."""

    def close(self) -> None:
        """Ends what still runs."""


class InlineRunner:
    """Work in this process, when the results are asked for."""

    def __init__(self) -> None:
        self._work: deque[StageWork] = deque()

    def submit(self, work: StageWork) -> None:
        """Remembers it."""
        self._work.append(work)

    def results(self, wait_s: float) -> Iterator[tuple[StageWork, list[StageResult]]]:  # noqa: ARG002
        """Does one piece of work."""
        if self._work:
            work = self._work.popleft()
            yield work, work.run()

    def close(self) -> None:
        """Forgets what was not begun."""
        self._work.clear()


class RayRunner:
    """Work as Ray tasks, of the Ray that this process has joined, else of one with `cpus` of its own."""

    def __init__(self, cpus: float) -> None:
        self._cpus = cpus
        self._ray: Any = None
        self._started = False
        self._running: dict[Any, StageWork] = {}

    def submit(self, work: StageWork) -> None:
        """Begins it as soon as Ray has the resources. Raises ConfigError when Ray cannot be had."""
        if self._ray is None:
            self._begin()
        wanted = work.stage.resources
        task = self._run.options(
            name=f"{work.stage.name}: {', '.join(s.scene for s in work.scenes)}",
            num_cpus=wanted.cpus,
            num_gpus=wanted.gpus,
            memory=int(wanted.memory_mb * 2**20) or None,
        )
        self._running[task.remote(work)] = work

    def _begin(self) -> None:
        if not ray_runs():
            start_ray(num_cpus=max(1, round(self._cpus)))
            self._started = True
        import ray  # noqa: PLC0415  (seconds to import: only where Ray is used)

        self._ray = ray
        # Attempts are counted here, so Ray makes none of its own. Its processes stay, also those with a
        # GPU, which Ray would end after each task: a back end keeps its model loaded.
        self._run = ray.remote(max_retries=0, max_calls=0)(StageWork.run)

    def results(self, wait_s: float) -> Iterator[tuple[StageWork, list[StageResult]]]:
        """Results of tasks that have ended."""
        if not self._running:
            return
        tasks = list(self._running)
        ready, _ = self._ray.wait(tasks, num_returns=len(tasks), timeout=0.0)
        if not ready and wait_s:
            ready, _ = self._ray.wait(tasks, num_returns=1, timeout=wait_s)
        for task in ready:
            work = self._running.pop(task)
            try:
                results: list[StageResult] = self._ray.get(task)
            except self._ray.exceptions.RayError as error:
                cause = f"the Ray task ended: {str(error).splitlines()[0]}"
                results = [StageResult(seconds=0.0, cause=cause)] * len(work.scenes)
            yield work, results

    def close(self) -> None:
        """Ends what runs, and Ray if it was started here."""
        if self._ray is not None and self._ray.is_initialized():
            for task in self._running:
                self._ray.cancel(task, force=True)
        self._running.clear()
        if self._started:
            self._ray.shutdown()
            self._started = False
        self._ray = None


@dataclass(slots=True, kw_only=True)
class _Waiting:
    """A scene that has stages before it."""

    scene: str
    content_sha256: str
    """Empty when it is not known: then its tasks find out what is done."""
    at: int = 0
    """The stage that comes next."""
    causes: list[str] = field(default_factory=list)
    """Why attempts of that stage failed."""
    given_up: set[str] = field(default_factory=set)
    """Names of stages that kept failing."""


class Stages:
    """A follower of the recording (`drivegen.runtime.follower`) that takes scenes through their stages."""

    def __init__(
        self,
        stages: Sequence[Stage],
        folder: RunFolder,
        runner: Runner,
        *,
        at_once: int,
        backlog: int,
        max_attempts: int,
        least_free_gb: float = 0.0,
        timeout_s: float = 3600.0,
    ) -> None:
        """Begins nothing yet.

        Args:
            stages: In the order in which a scene goes through them.
            folder: The run's.
            runner: Does the work.
            at_once: Tasks that run at most.
            backlog: Recorded scenes with open stages at which recording waits.
            max_attempts: Tries of a stage on a scene before it is set aside.
            least_free_gb: With less room on the disk no work is begun.
            timeout_s: Of each task; one that takes longer has failed.
        """
        self.set_aside: dict[str, dict[str, str]] = {}
        """Of scenes on which stages kept failing: the last cause by stage."""
        self.seconds: dict[str, float] = {}
        """Time that tasks took, by stage."""
        self.done = 0
        """Pieces of work that were done, not counting what was there."""
        self._stages = stages
        self._folder = folder
        self._runner = runner
        self._at_once = at_once
        self._backlog = backlog
        self._max_attempts = max_attempts
        self._least_free_gb = least_free_gb
        self._timeout_s = timeout_s
        self._waiting: deque[_Waiting] = deque()
        self._running: dict[str, _Waiting] = {}
        self._tasks = 0
        self._swept = False

    def there(self, scene: Assigned, mark: Mark) -> None:
        """A scene that was finished before: waits, if any of its stages is not done."""
        self.add(scene.scene, mark.content_sha256)

    def recorded(self, scene: Assigned, mark: Mark) -> None:
        """A scene that was recorded now."""
        self.add(scene.scene, mark.content_sha256)

    def add(self, scene: str, content_sha256: str = "") -> None:
        """Takes a scene in; with its content hash, only if something is left to do on it."""
        if not self._swept:
            # Not before: until then another process may hold the run folder.
            for stage in self._stages:
                stage.sweep(self._folder)
            self._swept = True
        waiting = _Waiting(scene=scene, content_sha256=content_sha256)
        if self._next(waiting) is not None:
            self._waiting.append(waiting)

    def step(self, wait_s: float = 0.0) -> None:
        """Enters what has ended and begins what can be. Raises a DrivegenError when nothing can mend it."""
        self._begin()
        for work, results in self._runner.results(wait_s):
            self._tasks -= 1
            for scene, result in zip(work.scenes, results, strict=True):
                self._enter(scene.scene, work.stage, result)
        self._begin()

    def hold(self) -> str:
        """Recorded scenes must not pile up before their stages."""
        open_scenes = len(self._waiting) + len(self._running)
        if open_scenes < self._backlog:
            return ""
        return f"{open_scenes} recorded scenes wait for their look or export (job.stage_backlog)"

    def has(self, scene: str) -> bool:
        """Whether a scene has open stages: its capture is wanted here."""
        return scene in self._running or any(w.scene == scene for w in self._waiting)

    def busy(self) -> bool:
        """Whether any scene has open stages."""
        return bool(self._waiting or self._running)

    def close(self) -> None:
        """Ends what runs and forgets what waits; scenes may be added anew."""
        self._waiting.clear()
        self._running.clear()
        self._tasks = 0
        self._runner.close()

    def _begin(self) -> None:
        while self._waiting and self._tasks < self._at_once:
            waiting = self._waiting.popleft()
            stage = self._next(waiting)
            if stage is None:
                continue
            scenes = [waiting, *self._companions(waiting, stage)]
            self._running |= {each.scene: each for each in scenes}
            self._tasks += 1
            self._runner.submit(
                StageWork(
                    stage=stage,
                    scenes=tuple(
                        StageScene(
                            scene=each.scene,
                            capture=self._folder.capture_place(each.scene),
                            log=self._folder.log(each.scene),
                        )
                        for each in scenes
                    ),
                    least_free_gb=self._least_free_gb,
                    limit_s=self._timeout_s,
                )
            )

    def _companions(self, waiting: _Waiting, stage: Stage) -> list[_Waiting]:
        """Other scenes that wait for the same stage, as many as it takes beside this one.

        What has failed is tried alone: it may be what brings the others down.
        """
        room = stage.scenes_at_once - 1 if isinstance(stage, GroupStage) and not waiting.causes else 0
        found: list[_Waiting] = []
        passed: list[_Waiting] = []
        while self._waiting and len(found) < room:
            other = self._waiting.popleft()
            same = not other.causes and self._next(other) is stage
            (found if same else passed).append(other)
        self._waiting.extendleft(reversed(passed))
        return found

    def _next(self, waiting: _Waiting) -> Stage | None:
        """The stage that comes next for a scene; none when it is through."""
        capture = self._folder.capture(waiting.scene)
        while waiting.at < len(self._stages):
            stage = self._stages[waiting.at]
            if stage.needs not in waiting.given_up:
                if not waiting.content_sha256 or not stage.is_done(capture, waiting.content_sha256):
                    return stage
            else:
                self._give_up(waiting, stage, f"{stage.needs} is missing")
            waiting.at += 1
        if not waiting.given_up:
            self._folder.failed_stages(waiting.scene).unlink(missing_ok=True)
        return None

    def _enter(self, scene: str, stage: Stage, result: StageResult) -> None:
        waiting = self._running.pop(scene)
        name = stage.name
        self.seconds[name] = self.seconds.get(name, 0.0) + result.seconds
        if not result.cause:
            self.done += 1
            waiting.at += 1
            waiting.causes.clear()
            # Before scenes that have not begun: what is nearly through is done with first.
            self._waiting.appendleft(waiting)
            return
        if result.fatal:
            raise DrivegenError(f"{scene}, {name}: {result.cause}; the job stops, run it again to go on")
        waiting.causes.append(result.cause)
        if len(waiting.causes) >= self._max_attempts:
            self._give_up(waiting, stage, result.cause)
            waiting.at += 1
            waiting.causes = []
        self._waiting.append(waiting)

    def _give_up(self, waiting: _Waiting, stage: Stage, cause: str) -> None:
        waiting.given_up.add(stage.name)
        causes = self.set_aside.setdefault(waiting.scene, {})
        causes[stage.name] = cause
        write_json(self._folder.failed_stages(waiting.scene), causes)


def make_stages(config: Config, folder: RunFolder) -> Stages | None:
    """The stages that a job's scenes go through; none where there are none. Raises a DrivegenError."""
    stages = stages_of(config, folder)
    if not stages:
        return None
    job = config.job
    return Stages(
        stages,
        folder,
        InlineRunner() if job.pool == "inline" else RayRunner(job.stage_workers),
        at_once=1 if job.pool == "inline" else job.stage_workers,
        backlog=job.stage_backlog,
        max_attempts=job.max_attempts,
        least_free_gb=job.least_free_gb,
        timeout_s=job.stage_timeout_s,
    )
