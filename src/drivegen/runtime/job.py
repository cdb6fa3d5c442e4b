"""A job: plan, record what is missing, index, export, report. Run again, it goes on where it was."""

from __future__ import annotations

import contextlib
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from drivegen import __version__
from drivegen.core.errors import ConfigError, DrivegenError, Interrupted
from drivegen.core.plans import ScenePlan
from drivegen.runtime import plugins
from drivegen.runtime.config import Config
from drivegen.runtime.covering import Coverage
from drivegen.runtime.dataset import export_run, index_run, report_run
from drivegen.runtime.folder import RunFolder, write_atomically
from drivegen.runtime.interrupt import Interrupt
from drivegen.runtime.ledger import FINISHED, SET_ASIDE, Ledger, Mark
from drivegen.runtime.manifest import write_manifest
from drivegen.runtime.planning import Planner
from drivegen.runtime.pool import make_pool
from drivegen.runtime.progress import Display
from drivegen.runtime.quarantine import put_in_quarantine, release_from_quarantine
from drivegen.runtime.scene import Outcome
from drivegen.runtime.scene_queue import SceneQueue
from drivegen.runtime.worker import Assigned


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSummary:
    """How a job ended."""

    folder: RunFolder
    scenes: int
    skipped: int
    """Finished by an earlier run of the job."""
    recorded: int
    set_aside: tuple[str, ...]
    seconds: float


def run_job(config: Config) -> JobSummary:
    """Runs the whole job. Raises a DrivegenError when it cannot begin or must stop."""
    start = time.monotonic()
    if config.export.format is not None and config.export.format not in plugins.names("exporters"):
        raise ConfigError(
            f"export.format={config.export.format!r}: no such exporter; "
            f"installed are {', '.join(plugins.names('exporters'))}"
        )
    planner = Planner(config)
    first = planner.plan(0)  # What cannot be planned must be found before anything is written.
    folder = RunFolder(Path(config.job.runs_dir).resolve() / config.job.name)
    folder.create()
    _keep_config(config, folder)
    ledger = Ledger(folder)
    _check_drawn_alike(first, folder, ledger)
    scenes = config.job.scenes
    assignment = planner.assignment
    if assignment.factors:
        coverage = Coverage.of(assignment.factors, (assignment.levels(i) for i in range(scenes)))
        _say(f"coverage planned ({assignment.strategy}): {coverage}")
    mark = time.monotonic()
    recorded = _record(config, folder, ledger, planner)
    seconds: dict[str, float] = {"record": time.monotonic() - mark}
    if recorded.interrupted:
        raise Interrupted(
            f"{folder.root}: stopped with {recorded.recorded} scenes recorded; run the job again to go on"
        )
    names = [planner.scene_name(i) for i in range(scenes)]
    finished = [n for n in names if n not in recorded.set_aside]
    _after(config, folder, finished, seconds)
    write_manifest(config, folder, ledger, names, seconds, assignment)
    if config.report and finished:
        mark = time.monotonic()
        report_run(folder)
        _say(f"report: {folder.report} ({time.monotonic() - mark:.1f} s)")
    return JobSummary(
        folder=folder,
        scenes=scenes,
        skipped=recorded.there,
        recorded=recorded.recorded,
        set_aside=tuple(sorted(recorded.set_aside)),
        seconds=time.monotonic() - start,
    )


def _check_drawn_alike(first: ScenePlan, folder: RunFolder, ledger: Ledger) -> None:
    """Raises ConfigError where the first scene was recorded from another plan than is drawn now."""
    if ledger.is_finished(first.scene):
        plan = folder.plan(first.scene).read_text(encoding="utf-8")
        if plan != first.to_json():
            raise ConfigError(
                f"{folder.root}: {first.scene} is planned differently now than when it was recorded: "
                "a generator has changed; give this job another job.name, or remove that folder"
            )


def _keep_config(config: Config, folder: RunFolder) -> None:
    """Stores what the job is; refuses to mix two jobs in one folder."""
    data = asdict(config)
    # How the work is done may differ between runs of one job; what is made may not.
    for key in ("workers", "pool", "max_attempts", "scene_timeout_s", "runs_dir", "scenes", "least_free_gb"):
        del data["job"][key]
    for key in ("server", "ray", "export", "report"):
        del data[key]
    text = OmegaConf.to_yaml(OmegaConf.create(data), sort_keys=True)
    if folder.config.is_file():
        before = folder.config.read_text(encoding="utf-8")
        if before != text:
            raise ConfigError(
                f"{folder.root} holds a job with another configuration ({_first_difference(before, text)}); "
                "give this one another job.name, or remove that folder"
            )
    else:
        write_atomically(folder.config, text)


def _first_difference(before: str, after: str) -> str:
    old, new = _flat(OmegaConf.create(before)), _flat(OmegaConf.create(after))
    for key in sorted(old.keys() | new.keys()):
        if old.get(key) != new.get(key):
            return f"{key} was {old.get(key)!r}, is {new.get(key)!r}"
    return "its form differs"


def _flat(config: Any) -> dict[str, Any]:
    """Values by dotted key."""
    out: dict[str, Any] = {}

    def visit(node: Any, key: str) -> None:
        if isinstance(node, dict):
            for name, value in node.items():
                visit(value, f"{key}.{name}" if key else str(name))
        else:
            out[key] = node

    visit(OmegaConf.to_container(config), "")
    return out


@dataclass(slots=True, kw_only=True)
class _Recorded:
    """How far the recording is."""

    there: int = 0
    """Scenes that earlier runs of the job finished."""
    recorded: int = 0
    set_aside: set[str] = field(default_factory=set)
    interrupted: bool = False


def _record(config: Config, folder: RunFolder, ledger: Ledger, planner: Planner) -> _Recorded:
    """Records the missing scenes, those that fail again up to `job.max_attempts` times."""
    scenes = config.job.scenes
    queue = SceneQueue(planner, ledger, scenes)
    so_far = _Recorded()
    first = queue.next_for(0)
    if first is None:
        so_far.there = queue.there
        _say(f"{folder.root}: all {scenes} scenes are there already")
        return so_far
    queue.put_back(first)
    _say(f"{folder.root}: {scenes} scenes; {first.scene} is the first that is missing")
    pool = make_pool(config, str(folder.root), min(config.job.workers, scenes))
    with contextlib.closing(pool), Display(scenes) as display, Interrupt() as interrupt:
        causes: dict[int, list[str]] = {}
        running: dict[str, Assigned] = {}
        while True:
            if interrupt.asked and not so_far.interrupted:
                so_far.interrupted = True
                _say(f"{len(running)} scenes under way come to their end; Ctrl-C again stops now")
            dry = interrupt.asked
            for worker in [] if interrupt.asked else pool.free():
                scene = queue.next_for(worker)
                if scene is None:
                    dry = True
                    break
                if scene.index not in causes:
                    folder.log(scene.scene).unlink(missing_ok=True)
                running[scene.scene] = scene
                pool.submit(worker, scene)
            display.there = so_far.there = queue.there
            # A worker may still be busy for a moment after its outcome: not running is not yet the end.
            if dry and not running:
                return so_far
            for event in pool.events():
                if not isinstance(event, Outcome):
                    display.progress(event)
                    continue
                display.outcome(event)
                scene = running.pop(event.scene)
                failed = causes.setdefault(scene.index, [])
                if event.cause:
                    failed.append(event.cause)
                    if event.fatal:
                        raise DrivegenError(
                            f"{event.scene}: {event.cause}; the job stops, run it again to go on"
                        )
                    if len(failed) < config.job.max_attempts:
                        queue.put_back(scene)
                        continue
                    so_far.set_aside.add(event.scene)
                    put_in_quarantine(folder, event.scene)
                else:
                    so_far.recorded += 1
                    release_from_quarantine(folder, event.scene)
                ledger.write(_mark(event, causes.pop(scene.index)))


def _mark(outcome: Outcome, causes: list[str]) -> Mark:
    result = outcome.result
    planned = result.get("planned", {})
    return Mark(
        scene=outcome.scene,
        status=SET_ASIDE if outcome.cause else FINISHED,
        plan_sha256=planned.get("sha256", ""),
        version=__version__,
        attempts=len(causes) + (not outcome.cause),
        seconds=outcome.seconds,
        causes=causes,
        content_sha256=result.get("content_sha256", ""),
        frames=result.get("frames", 0),
        keyframes=result.get("keyframes", 0),
        bytes=result.get("bytes", 0),
        stages=result.get("stages", {}),
        cpu_seconds=result.get("cpu_seconds", {}),
        peak_memory_mb=result.get("peak_memory_mb", {}),
        requested=planned.get("requested", {}),
        achieved=result.get("achieved", {}),
        weather=planned.get("weather", ""),
        map=planned.get("map", ""),
        levels=planned.get("levels", {}),
    )


def _after(config: Config, folder: RunFolder, finished: list[str], seconds: dict[str, float]) -> None:
    """Index and export of the finished scenes."""
    if not finished:
        return
    mark = time.monotonic()
    index_run(folder, finished)
    seconds["index"] = time.monotonic() - mark
    if config.export.format is None:
        return
    mark = time.monotonic()
    out = folder.export(config.export.format)
    export_run(folder, config.export.format, out, config.export.options, scenes=finished)
    seconds["export"] = time.monotonic() - mark
    _say(f"export: {out} ({seconds['export']:.1f} s)")


def _say(text: str) -> None:
    sys.stderr.write(f"drivegen: {text}\n")
