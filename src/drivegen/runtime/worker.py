"""A worker: draws the plans of its scenes, keeps its server, and records one scene at a time."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from drivegen.core.errors import DrivegenError
from drivegen.runtime.config import Config
from drivegen.runtime.folder import RunFolder
from drivegen.runtime.given_plans import planner_of
from drivegen.runtime.scene import Outcome, Progress, SceneTask, attempt_scene
from drivegen.runtime.servers.lease import ServerLease
from drivegen.runtime.servers.server import ServerOptions

GB = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a scene was made from that another configuration made."""

    plan_sha256: str
    settings: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """A scene that a worker is to record."""

    index: int
    """Counted from 0."""
    scene: str
    expected: Expected | None = None
    """If it would be made from the same now, its capture stays."""


class Worker:
    """Scenes of one job, one after the other, on a server of its own."""

    def __init__(self, config: Config, root: str, number: int) -> None:
        """Finds the plugins; starts no server yet.

        Args:
            config: Of the job.
            root: Its run folder.
            number: Of the worker, from 0: workers share GPUs and joined servers out by it.
        """
        self._config = config
        self._folder = RunFolder(Path(root))
        self._planner = planner_of(config)
        self._laid: set[str] = set()
        self._lease = ServerLease(server_options(config, number))

    def attempt(self, scene: Assigned) -> Iterator[Progress | Outcome]:
        """Plans and records a scene. Yields progress, and an outcome last; never raises."""
        start = time.monotonic()
        yield Progress(scene=scene.scene, stage="plan")
        try:
            self._check_room()
            planned = self._planner.write_scene(self._folder, scene.index, self._laid)
        except (DrivegenError, OSError) as error:
            # A plan that cannot be drawn or written now cannot be later either.
            seconds = time.monotonic() - start
            yield Outcome(scene=scene.scene, seconds=seconds, cause=str(error), fatal=True, result={})
            return
        made_from = Expected(plan_sha256=planned.sha256, settings=self._settings())
        if scene.expected == made_from:
            yield Outcome(scene=scene.scene, seconds=time.monotonic() - start, confirmed=True, result={})
            return
        for event in attempt_scene(self._task(scene.scene), self._lease):
            if isinstance(event, Outcome):
                event.result["planned"] = asdict(planned) | {"settings": made_from.settings}
                yield self._recorded(event)
            else:
                yield event

    def _recorded(self, outcome: Outcome) -> Outcome:
        """What is to be done on this machine before a recorded scene counts; a failure fails the attempt."""
        return outcome

    def _check_room(self) -> None:
        free_gb = shutil.disk_usage(self._folder.root).free / GB
        if free_gb < self._config.job.least_free_gb:
            raise DrivegenError(
                f"only {free_gb:.1f} GB are free on the disk of {self._folder.root}, "
                f"{self._config.job.least_free_gb:g} are wanted (job.least_free_gb); make room"
            )

    def _settings(self) -> dict[str, Any]:
        """What decides on the bytes of a capture beside the plan and the version."""
        return {"jpeg_quality": self._config.scene.jpeg_quality}

    def _task(self, scene: str) -> SceneTask:
        return SceneTask(
            root=str(self._folder.root),
            scene=scene,
            jpeg_quality=self._config.scene.jpeg_quality,
            call_timeout_s=self._config.server.call_timeout_s,
            scene_timeout_s=self._config.job.scene_timeout_s,
        )

    def close(self) -> None:
        """Ends its server."""
        self._lease.close()


def server_options(config: Config, number: int) -> ServerOptions:
    """What servers worker `number` uses: GPUs and joined servers are shared out by turns."""
    server = config.server
    values: dict[str, Any] = {
        "kind": server.kind,
        "renderer": server.renderer,
        "gpu": server.gpus[number % len(server.gpus)] if server.gpus else None,
        "command": tuple(server.command),
        "join": server.join[number % len(server.join)] if server.join else "",
        "start_timeout_s": server.start_timeout_s,
        "stop_timeout_s": server.stop_timeout_s,
        "call_timeout_s": server.call_timeout_s,
        "restart_after_scenes": server.restart_after_scenes,
        "memory_limit_mb": server.memory_limit_mb,
    }
    return ServerOptions(**values)
