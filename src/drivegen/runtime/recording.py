"""The recording of a job: feeds workers with missing scenes, enters what became of them, tells followers."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from drivegen import __version__
from drivegen.core.errors import DrivegenError
from drivegen.runtime.config import Config
from drivegen.runtime.folder import RunFolder
from drivegen.runtime.follower import Follower
from drivegen.runtime.interrupt import Interrupt
from drivegen.runtime.ledger import FINISHED, SET_ASIDE, Ledger, Mark
from drivegen.runtime.planning import Planner
from drivegen.runtime.pool import MakeRecorder, Pool, make_pool
from drivegen.runtime.progress import Display
from drivegen.runtime.quarantine import put_in_quarantine, release_from_quarantine
from drivegen.runtime.scene import Outcome
from drivegen.runtime.scene_queue import SceneQueue
from drivegen.runtime.worker import Assigned, Worker

HELD_LONG_S = 20.0
"""Workers that wait so long for a scene give back what they hold."""


@dataclass(slots=True, kw_only=True)
class Recorded:
    """How far the recording is."""

    there: int = 0
    """Scenes that earlier runs of the job finished."""
    recorded: int = 0
    set_aside: int = 0
    interrupted: bool = False


class Recording:
    """Records the missing scenes of a job, those that fail again up to `job.max_attempts` times."""

    def __init__(
        self,
        config: Config,
        folder: RunFolder,
        ledger: Ledger,
        planner: Planner,
        *,
        followers: Sequence[Follower] = (),
        make: MakeRecorder = Worker,
    ) -> None:
        """Begins nothing yet.

        Args:
            config: Of the job.
            folder: Its run folder.
            ledger: Of that, begun for this run.
            planner: Of the configuration.
            followers: Who hears of recorded scenes.
            make: Makes each worker.
        """
        self._make = make
        self._config = config
        self._folder = folder
        self._ledger = ledger
        self._followers = followers
        self._queue = SceneQueue(planner, ledger, config.job.scenes, there=self._found)
        self.so_far = Recorded()
        self._causes: dict[int, list[str]] = {}
        self._running: dict[str, Assigned] = {}
        self._workers: dict[str, int] = {}
        """That the running scenes are at."""
        self._held = ""
        self._held_since = 0.0

    def run(self) -> Recorded:
        """Records all that is missing. Raises a DrivegenError for what no further attempt can mend."""
        scenes = self._config.job.scenes
        first = self._queue.next_for(0)
        if first is None:
            say(f"{self._folder.root}: all {scenes} scenes are there already")
        else:
            self._queue.put_back(first)
            say(f"{self._folder.root}: {scenes} scenes; {first.scene} is the first that is missing")
        with contextlib.ExitStack() as stack:
            if first is not None or self._busy():
                pool = make_pool(self._config, str(self._folder.root), self._make)
                stack.enter_context(contextlib.closing(pool))
            for follower in self._followers:
                stack.callback(follower.close)
            if first is not None or self._busy():
                self._run(pool)
        return self.so_far

    def _run(self, pool: Pool) -> None:
        with Display(self._config.job.scenes) as display, Interrupt() as interrupt:
            while True:
                if interrupt.asked and not self.so_far.interrupted:
                    self.so_far.interrupted = True
                    say(f"{len(self._running)} scenes under way come to their end; Ctrl-C again stops now")
                dry = interrupt.asked or self._feed(pool)
                display.there = self.so_far.there
                if pool.metrics is not None:
                    pool.metrics.scenes(there=self.so_far.there, running=len(self._running))
                if (dry and not self._running) or self._is_held_long():
                    pool.rest()  # On a full cluster the followers' tasks could not begin otherwise.
                # A worker may still be busy for a moment after its outcome: not running is not yet the end.
                if dry and not self._running and (interrupt.asked or not self._busy()):
                    return
                for event in pool.events():
                    if isinstance(event, Outcome):
                        display.outcome(event)
                        if pool.metrics is not None:
                            pool.metrics.outcome(event, self._workers[event.scene])
                        self._enter(event)
                    else:
                        display.progress(event)
                self._ledger.sync()
                for follower in self._followers:
                    follower.step()

    def _feed(self, pool: Pool) -> bool:
        """Gives each free worker a scene; whether there is none left to give."""
        if self._queue.is_empty():
            return True
        if self._is_held():
            return False
        for worker in pool.free():
            scene = self._queue.next_for(worker)
            if scene is None:
                return True
            failed = self._causes.get(scene.index, [])
            if not failed:
                self._folder.log(scene.scene).unlink(missing_ok=True)
            self._running[scene.scene] = scene
            self._workers[scene.scene] = worker
            self._ledger.began(scene.index, len(failed) + 1, worker)
            pool.submit(worker, scene)
        return False

    def _is_held(self) -> bool:
        held = next((reason for f in self._followers if (reason := f.hold())), "")
        if held and not self._held:
            say(f"no further scene begins: {held}")
            self._held_since = time.monotonic()
        self._held = held
        if held and not self._running and not self._busy():
            raise DrivegenError(f"{held}; nothing runs that could change it, so the job stops")
        return bool(held)

    def _is_held_long(self) -> bool:
        return bool(self._held) and time.monotonic() - self._held_since > HELD_LONG_S

    def _busy(self) -> bool:
        return any(follower.busy() for follower in self._followers)

    def _found(self, scene: Assigned) -> None:
        self.so_far.there += 1
        mark = self._ledger.read(scene.index) if self._followers else None
        if mark is not None:
            for follower in self._followers:
                follower.there(scene, mark)

    def _enter(self, outcome: Outcome) -> None:
        """What becomes of a scene after an attempt."""
        scene = self._running.pop(outcome.scene)
        del self._workers[outcome.scene]
        if outcome.confirmed:
            self._ledger.confirm(scene.index)
            self._found(scene)
            return
        failed = self._causes.setdefault(scene.index, [])
        if outcome.cause:
            failed.append(outcome.cause)
            self._ledger.failed(scene.index, outcome.seconds, outcome.cause)
            if outcome.fatal:
                raise DrivegenError(f"{outcome.scene}: {outcome.cause}; the job stops, run it again to go on")
            if len(failed) < self._config.job.max_attempts:
                self._queue.put_back(scene)
                return
            self.so_far.set_aside += 1
            put_in_quarantine(self._folder, outcome.scene)
        else:
            self.so_far.recorded += 1
            release_from_quarantine(self._folder, outcome.scene)
        mark = _mark(scene, outcome, self._causes.pop(scene.index))
        self._ledger.write(mark)
        if not outcome.cause:
            for follower in self._followers:
                follower.recorded(scene, mark)


def _mark(scene: Assigned, outcome: Outcome, causes: list[str]) -> Mark:
    result = outcome.result
    planned = result.get("planned", {})
    return Mark(
        index=scene.index,
        status=SET_ASIDE if outcome.cause else FINISHED,
        plan_sha256=planned.get("sha256", ""),
        version=__version__,
        attempts=len(causes) + (not outcome.cause),
        seconds=outcome.seconds,
        causes=causes,
        settings=planned.get("settings", {}),
        content_sha256=result.get("content_sha256", ""),
        frames=result.get("frames", 0),
        keyframes=result.get("keyframes", 0),
        bytes=result.get("bytes", 0),
        sha256=result.get("sha256", ""),
        stages=result.get("stages", {}),
        cpu_seconds=result.get("cpu_seconds", {}),
        peak_memory_mb=result.get("peak_memory_mb", {}),
        requested=planned.get("requested", {}),
        achieved=result.get("achieved", {}),
        weather=planned.get("weather", ""),
        map=planned.get("map", ""),
        load=planned.get("load", {}),
        levels=planned.get("levels", {}),
    )


def say(text: str) -> None:
    """A line to whoever started the job."""
    sys.stderr.write(f"drivegen: {text}\n")
