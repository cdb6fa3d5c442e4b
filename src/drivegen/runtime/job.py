"""A job: plan, record what is missing, index, export, report. Run again, it goes on where it was."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from drivegen.core.errors import ConfigError, Interrupted
from drivegen.core.plans import ScenePlan
from drivegen.runtime.config import Config
from drivegen.runtime.covering import Coverage
from drivegen.runtime.dataset import index_run, join_run, report_run
from drivegen.runtime.folder import RunFolder
from drivegen.runtime.kept_config import keep_config
from drivegen.runtime.ledger import Ledger
from drivegen.runtime.manifest import write_manifest
from drivegen.runtime.planning import Planner
from drivegen.runtime.recording import Recording, say
from drivegen.runtime.stage import export_stage
from drivegen.runtime.stages import make_stages


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSummary:
    """How a job ended."""

    folder: RunFolder
    scenes: int
    skipped: int
    """Finished by an earlier run of the job."""
    recorded: int
    set_aside: tuple[str, ...]
    stages_set_aside: dict[str, dict[str, str]]
    """Of finished scenes whose look or export kept failing: the last cause by stage."""
    seconds: float


def run_job(config: Config) -> JobSummary:
    """Runs the whole job. Raises a DrivegenError when it cannot begin or must stop."""
    start = time.monotonic()
    folder = RunFolder(Path(config.job.runs_dir).resolve() / config.job.name)
    # What cannot be planned or exported must be found before anything is written.
    stages = make_stages(config, folder)
    planner = Planner(config)
    first = planner.plan(0)
    folder.create()
    keep_config(config, folder)
    ledger = Ledger(folder)
    _check_drawn_alike(first, folder, ledger)
    scenes = config.job.scenes
    assignment = planner.assignment
    if assignment.factors:
        coverage = Coverage.of(assignment.factors, (assignment.levels(i) for i in range(scenes)))
        say(f"coverage planned ({assignment.strategy}): {coverage}")
    mark = time.monotonic()
    followers = [stages] if stages else []
    recorded = Recording(config, folder, ledger, planner, followers=followers).run()
    seconds: dict[str, float] = {"record": time.monotonic() - mark}
    if recorded.interrupted:
        raise Interrupted(
            f"{folder.root}: stopped with {recorded.recorded} scenes recorded; run the job again to go on"
        )
    names = [planner.scene_name(i) for i in range(scenes)]
    finished = [n for n in names if n not in recorded.set_aside]
    stages_set_aside = stages.set_aside if stages else {}
    _after(config, folder, finished, stages_set_aside, seconds)
    write_manifest(config, folder, ledger, names, seconds, assignment, stages_set_aside)
    if config.report and finished:
        mark = time.monotonic()
        report_run(folder)
        say(f"report: {folder.report} ({time.monotonic() - mark:.1f} s)")
    return JobSummary(
        folder=folder,
        scenes=scenes,
        skipped=recorded.there,
        recorded=recorded.recorded,
        set_aside=tuple(sorted(recorded.set_aside)),
        stages_set_aside=stages_set_aside,
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


def _after(
    config: Config,
    folder: RunFolder,
    finished: list[str],
    stages_set_aside: dict[str, dict[str, str]],
    seconds: dict[str, float],
) -> None:
    """Index of the finished scenes, and the data set of those whose parts are there."""
    if not finished:
        return
    mark = time.monotonic()
    index_run(folder, finished)
    seconds["index"] = time.monotonic() - mark
    export = export_stage(config, folder)
    if export is None:
        return
    exported = [n for n in finished if export.name not in stages_set_aside.get(n, {})]
    if not exported:
        say(f"{export.name}: no scene could be exported")
        return
    mark = time.monotonic()
    join_run(export, exported)
    seconds["export"] = time.monotonic() - mark
    say(f"export: {export.out} (joined in {seconds['export']:.1f} s)")
