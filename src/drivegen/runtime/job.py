"""A job: plan, record what is missing, index, export, report. Run again, it goes on where it was."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drivegen.core.errors import DrivegenError, Interrupted, StorageError
from drivegen.runtime.config import Config
from drivegen.runtime.covering import Coverage
from drivegen.runtime.dataset import index_run, join_run, report_run
from drivegen.runtime.folder import RunFolder, write_atomically
from drivegen.runtime.follower import Follower
from drivegen.runtime.forecast import Accountant, Forecast, compared, comparison, foresee
from drivegen.runtime.given_plans import planner_of
from drivegen.runtime.kept_config import change_of, kept_text
from drivegen.runtime.ledger import Ledger
from drivegen.runtime.look_rates import look_rates
from drivegen.runtime.manifest import write_manifest
from drivegen.runtime.planning import Planner
from drivegen.runtime.pool import RayEndedError
from drivegen.runtime.recording import Recorded, Recording, say
from drivegen.runtime.scene_names import scene_name
from drivegen.runtime.stage import export_stage, stages_of
from drivegen.runtime.stages import Stages, make_stages
from drivegen.runtime.storage.stored_run import StoredRun, withdraw_damaged

REPORTED_SCENES = 20_000
"""Of more no report is written unless `drivegen report` asks for it: it takes all scenes into memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSummary:
    """How a job ended."""

    folder: RunFolder
    scenes: int
    skipped: int
    """Finished by an earlier run of the job."""
    recorded: int
    set_aside: int
    named: tuple[str, ...]
    """The first of those that were set aside."""
    stages_set_aside: dict[str, dict[str, str]]
    """Of finished scenes whose look or export kept failing: the last cause by stage."""
    seconds: float


NAMED = 10


def run_job(config: Config) -> JobSummary:
    """Runs the whole job. Raises a DrivegenError when it cannot begin or must stop."""
    start = time.monotonic()
    folder = run_folder(config)
    run = StoredRun(config.storage, folder) if config.storage.url is not None else None
    if run is not None:
        folder = run.folder
    # What cannot be planned or exported must be found before anything is written.
    stages = make_stages(config, folder)
    planner = planner_of(config)
    fingerprint = planner.fingerprint
    folder.create()
    if run is not None:
        run.begin()
    with Ledger(folder, exclusive=True) as ledger:
        folder.sweep()
        kept = kept_text(config, fingerprint)
        change = change_of(config, folder, kept)
        ledger.begin_run(change=change, scenes=config.job.scenes, workers=config.job.workers)
        write_atomically(folder.config, kept)
        how = "failed"
        try:
            _check_captures(config, folder, ledger, run)
            recorded = _make(config, folder, ledger, planner, stages, run)
            how = "whole"
        except (DrivegenError, KeyboardInterrupt) as error:
            how = "interrupted" if isinstance(error, Interrupted | KeyboardInterrupt) else str(error)
            raise
        finally:
            ledger.end_run(how)
        scenes = config.job.scenes
        if run is not None:
            say(f"{run.store}: the run lies there, {run.finish()} files beside captures were sent")
        named = [scene_name(k) for k, _ in zip(ledger.set_aside(scenes), range(NAMED), strict=False)]
    return JobSummary(
        folder=folder,
        scenes=scenes,
        skipped=recorded.there,
        recorded=recorded.recorded,
        set_aside=recorded.set_aside,
        named=tuple(named),
        stages_set_aside=stages.set_aside if stages else {},
        seconds=time.monotonic() - start,
    )


def forecast_job(config: Config) -> Forecast:
    """What the job would make and cost. Raises a DrivegenError where it could not begin; writes nothing."""
    folder = run_folder(config)
    stages_of(config, folder)
    planner = planner_of(config)
    planner.plan(0)
    return foresee(config, planner, Ledger(folder))


def run_folder(config: Config) -> RunFolder:
    """Where everything of the job lies."""
    return RunFolder(Path(config.job.runs_dir).resolve() / config.job.name)


def _check_captures(config: Config, folder: RunFolder, ledger: Ledger, run: StoredRun | None) -> None:
    """Takes over what storage knows, and takes marks back whose captures are not what was written."""
    damaged = run.agree(ledger) if run is not None else []
    if config.job.verify:
        damaged += withdraw_damaged(folder, ledger, run)
    if damaged:
        more = f" and {len(damaged) - NAMED} more" if len(damaged) > NAMED else ""
        names = ", ".join(damaged[:NAMED])
        say(f"captures that are not what was written, to be recorded anew: {names}{more}")


def _make(
    config: Config,
    folder: RunFolder,
    ledger: Ledger,
    planner: Planner,
    stages: Stages | None,
    run: StoredRun | None,
) -> Recorded:
    """Records, and makes what is made of the captures."""
    assignment, coverage = planner.assignment, None
    if assignment.factors:
        levels = (assignment.levels(i) for i in range(config.job.scenes))
        coverage = Coverage.of(assignment.factors, levels)
        say(f"coverage planned ({assignment.strategy}): {coverage}")
    forecast, accountant = foresee(config, planner, ledger), Accountant(config)
    mark = time.monotonic()
    followers: list[Follower] = [accountant, stages] if stages else [accountant]
    delivery = run.delivery(ledger, stages.has if stages else None) if run is not None else None
    if delivery is not None:
        followers.append(delivery)
    recorded = _record(config, folder, ledger, planner, followers)
    seconds = {"record": time.monotonic() - mark}
    if recorded.interrupted:
        raise Interrupted(
            f"{folder.root}: stopped with {recorded.recorded} scenes recorded; run the job again to go on"
        )
    if delivery is not None and delivery.delivered.damaged:
        raise StorageError(
            f"{', '.join(delivery.delivered.damaged[:NAMED])}: what was recorded had changed on the disk "
            "before its upload; check the disk, then run the job again to record it anew"
        )
    finished = recorded.there + recorded.recorded
    aside = stages.set_aside if stages else {}
    if finished:
        _after(config, folder, ledger, aside, seconds)
    costs = _told_before(folder)
    if recorded.recorded:
        costs = compared(forecast, accountant, seconds["record"])
        say(f"forecast of the {recorded.recorded} scenes: {comparison(costs)}")
    verdicts = look_rates(folder)
    facts = {
        "seconds": seconds,
        "stages_set_aside": aside,
        **({"verdicts": verdicts} if verdicts else {}),
        **costs,
    }
    write_manifest(config, folder, ledger, assignment, coverage, **facts)
    if config.report and finished > REPORTED_SCENES:
        say(f"report: not of {finished} scenes by itself; `drivegen report {folder.root}` writes one")
    elif config.report and finished:
        mark = time.monotonic()
        report_run(folder)
        say(f"report: {folder.report} ({time.monotonic() - mark:.1f} s)")
    return recorded


def _told_before(folder: RunFolder) -> dict[str, Any]:
    """The forecast and what it came to of the last run that recorded anything."""
    try:
        manifest = json.loads(folder.manifest.read_text(encoding="utf-8"))
        return {key: manifest[key] for key in ("estimate", "truth") if key in manifest}
    except (OSError, ValueError, TypeError):
        return {}


def _record(
    config: Config, folder: RunFolder, ledger: Ledger, planner: Planner, followers: list[Follower]
) -> Recorded:
    """Records what is missing; goes on with another Ray, so often as a scene is tried, where its own ends."""
    before = losses = 0
    while True:
        recording = Recording(config, folder, ledger, planner, followers=followers)
        try:
            recorded = recording.run()
        except RayEndedError as lost:
            before, losses = before + recording.so_far.recorded, losses + 1
            if losses >= config.job.max_attempts:
                raise
            say(f"{lost}; another one is started")
            continue
        recorded.recorded += before
        recorded.there -= before
        return recorded


def _after(
    config: Config,
    folder: RunFolder,
    ledger: Ledger,
    stages_set_aside: dict[str, dict[str, str]],
    seconds: dict[str, float],
) -> None:
    """Index of the finished scenes, and the data set of those whose parts are there."""
    scenes = config.job.scenes
    mark = time.monotonic()
    index_run(folder, map(scene_name, ledger.finished(scenes)))
    seconds["index"] = time.monotonic() - mark
    export = export_stage(config, folder)
    if export is None:
        return
    finished = map(scene_name, ledger.finished(scenes))
    exported = [name for name in finished if export.name not in stages_set_aside.get(name, {})]
    if not exported:
        say(f"{export.name}: no scene could be exported")
        return
    mark = time.monotonic()
    join_run(export, exported)
    seconds["export"] = time.monotonic() - mark
    say(f"export: {export.out} (joined in {seconds['export']:.1f} s)")
