"""A job: plan, record what is missing, index, export, report. Run again, it goes on where it was."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from drivegen import __version__
from drivegen.core.errors import ConfigError, DrivegenError
from drivegen.runtime import plugins
from drivegen.runtime.config import Config
from drivegen.runtime.covering import Assignment, Coverage
from drivegen.runtime.dataset import export_run, index_run, report_run
from drivegen.runtime.folder import RunFolder, write_atomically, write_json
from drivegen.runtime.ledger import FINISHED, SET_ASIDE, Ledger, Mark
from drivegen.runtime.plan_pool import write_plans
from drivegen.runtime.planning import PlannedScene, Planner
from drivegen.runtime.pool import Pool, make_pool
from drivegen.runtime.progress import Display
from drivegen.runtime.scene import Outcome, SceneTask

MISSING_NAMED = 100
"""Pairs of levels that the manifest names when no finished scene has them."""


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
    planner.map(0)  # A broken road must be found before anything is written.
    folder = RunFolder(Path(config.job.runs_dir).resolve() / config.job.name)
    folder.create()
    _keep_config(config, folder)
    ledger = Ledger(folder)
    mark = time.monotonic()
    plans = list(write_plans(planner, config, folder))
    planning_s = time.monotonic() - mark
    factors = planner.assignment.factors
    if factors:
        coverage = Coverage.of(factors, (p.levels for p in plans))
        _say(f"coverage planned ({planner.assignment.strategy}): {coverage}")
    missing = [p for p in plans if not ledger.is_finished(p)]
    skipped = len(plans) - len(missing)
    _say(f"{folder.root}: {len(plans)} scenes planned, {skipped} there already, {len(missing)} to record")
    set_aside: list[str] = []
    if missing:
        set_aside = _record(config, folder, ledger, missing, skipped)
    finished = [p.scene for p in plans if p.scene not in set_aside]
    seconds: dict[str, float] = {"plan": planning_s, "record": time.monotonic() - mark - planning_s}
    _after(config, folder, finished, seconds)
    _write_manifest(config, folder, plans, ledger, seconds, planner.assignment)
    if config.report:
        mark = time.monotonic()
        report_run(folder)
        _say(f"report: {folder.report} ({time.monotonic() - mark:.1f} s)")
    return JobSummary(
        folder=folder,
        scenes=len(plans),
        skipped=skipped,
        recorded=len(missing) - len(set_aside),
        set_aside=tuple(set_aside),
        seconds=time.monotonic() - start,
    )


def _keep_config(config: Config, folder: RunFolder) -> None:
    """Stores what the job is; refuses to mix two jobs in one folder."""
    data = asdict(config)
    # How the work is done may differ between runs of one job; what is made may not.
    for key in ("workers", "pool", "max_attempts", "scene_timeout_s", "runs_dir", "scenes"):
        del data["job"][key]
    for key in ("server", "export", "report"):
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


def _record(
    config: Config, folder: RunFolder, ledger: Ledger, missing: list[PlannedScene], skipped: int
) -> list[str]:
    """Records the missing scenes; returns the names of those that kept failing."""
    workers = min(config.job.workers, len(missing))
    pool = make_pool(config.job.pool, workers)
    try:
        return _run_pool(config, folder, ledger, missing, skipped, pool)
    finally:
        pool.close()


def _run_pool(
    config: Config,
    folder: RunFolder,
    ledger: Ledger,
    missing: list[PlannedScene],
    skipped: int,
    pool: Pool,
) -> list[str]:
    plans = {p.scene: p for p in missing}
    tasks = {p.scene: _task(config, folder, p.scene, n) for n, p in enumerate(missing)}
    causes: dict[str, list[str]] = {p.scene: [] for p in missing}
    set_aside: list[str] = []
    for task in tasks.values():
        folder.log(task.scene).unlink(missing_ok=True)
        pool.submit(task)
    with Display(len(missing) + skipped, skipped) as display:
        for event in pool.events():
            if not isinstance(event, Outcome):
                display.progress(event)
                continue
            display.outcome(event)
            scene = event.scene
            if event.cause:
                causes[scene].append(event.cause)
                if event.fatal:
                    raise DrivegenError(f"{scene}: {event.cause}; the job stops, run it again to go on")
                if len(causes[scene]) < config.job.max_attempts:
                    pool.submit(tasks[scene])
                    continue
                set_aside.append(scene)
            ledger.write(_mark(plans[scene], event, causes[scene]))
    return sorted(set_aside)


def _task(config: Config, folder: RunFolder, scene: str, number: int) -> SceneTask:
    gpus = config.server.gpus
    return SceneTask(
        root=str(folder.root),
        scene=scene,
        renderer=config.server.renderer,
        gpu=gpus[number % len(gpus)] if gpus else None,
        # One, however many cores are free: two threads of llvmpipe changed pixels of a few images.
        render_threads=1,
        jpeg_quality=config.scene.jpeg_quality,
        start_timeout_s=config.server.start_timeout_s,
        call_timeout_s=config.server.call_timeout_s,
        scene_timeout_s=config.job.scene_timeout_s,
    )


def _mark(plan: PlannedScene, outcome: Outcome, causes: list[str]) -> Mark:
    result = outcome.result
    return Mark(
        scene=plan.scene,
        status=SET_ASIDE if outcome.cause else FINISHED,
        plan_sha256=plan.sha256,
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
        requested=plan.requested,
        achieved=result.get("achieved", {}),
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


def _write_manifest(
    config: Config,
    folder: RunFolder,
    plans: list[PlannedScene],
    ledger: Ledger,
    seconds: dict[str, float],
    assignment: Assignment,
) -> None:
    marks = ledger.marks(p.scene for p in plans)
    finished = [m for m in marks if m.status == FINISHED]
    achieved: dict[str, float] = {}
    requested: dict[str, float] = {}
    for mark in finished:
        for total, part in ((achieved, mark.achieved), (requested, mark.requested)):
            for name, value in part.items():
                total[name] = total.get(name, 0.0) + value
    weathers = [p.weather for p in plans]
    write_json(
        folder.manifest,
        {
            "job": config.job.name,
            "version": __version__,
            "carla": version("carla"),
            "seed": config.job.seed,
            "scenes": {
                "planned": len(plans),
                "finished": len(finished),
                "set_aside": [m.scene for m in marks if m.status == SET_ASIDE],
            },
            "frames": sum(m.frames for m in finished),
            "bytes": sum(m.bytes for m in finished),
            "content_sha256": {m.scene: m.content_sha256 for m in finished},
            "requested": requested,
            "achieved": achieved,
            "weather": {name: weathers.count(name) for name in sorted(set(weathers))},
            "maps": sorted({p.map for p in plans}),
            "seconds": seconds,
            **_coverage(assignment, plans, {m.scene for m in finished}),
        },
    )


def _coverage(assignment: Assignment, plans: list[PlannedScene], finished: set[str]) -> dict[str, Any]:
    """Requested (planned) against achieved (finished) coverage; nothing for a job without factors."""
    factors = assignment.factors
    if not factors:
        return {}
    requested = Coverage.of(factors, (p.levels for p in plans))
    achieved = Coverage.of(factors, (p.levels for p in plans if p.scene in finished))
    return {
        "coverage": {
            "strategy": assignment.strategy,
            "possible_pairs": requested.possible,
            "requested": {"pairs": requested.pairs, "scenes": requested.scenes, "levels": requested.levels},
            "achieved": {"pairs": achieved.pairs, "scenes": achieved.scenes, "levels": achieved.levels},
            "missing_pairs": list(achieved.missing[:MISSING_NAMED]),
        }
    }


def _say(text: str) -> None:
    sys.stderr.write(f"drivegen: {text}\n")
