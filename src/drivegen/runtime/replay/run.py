"""Plays one case as often as asked, judges it, and writes what came into its folder."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from drivegen.core.errors import DrivegenError, ScenarioError
from drivegen.embedded.world.blueprints.library import BlueprintLibrary
from drivegen.runtime.folder import write_atomically
from drivegen.runtime.replay.cases import Case
from drivegen.runtime.replay.drivers import DRIVERS, drivers_of
from drivegen.runtime.replay.film import film
from drivegen.runtime.replay.outcome import Outcome, Status, digest_of, parting
from drivegen.runtime.replay.world import (
    EMBEDDED,
    NONE,
    Driver,
    driver_named,
    endpoint_of,
    play_in_world,
    server_for,
    text_of_map,
)
from drivegen.scenario.model.scenario import Scenario
from drivegen.scenario.player.rows import write_rows
from drivegen.scenario.player.simulate import Course, simulate
from drivegen.scenario.reader import read_scenario
from drivegen.scenario.reading.catalogs import CatalogFiles
from drivegen.scenario.road import ScenarioRoad, map_name, road_from, road_of
from drivegen.scenario.staging import plan_of
from drivegen.scenario.support import check_support
from drivegen.scenario.verdicts.criteria import NO_COLLISION, Bound, criteria_of
from drivegen.scenario.verdicts.criticality import criticality_of
from drivegen.scenario.verdicts.judge import evidence_of, judge, subject_of

PLAN, ROAD = "plan.json", "road.xodr"
"""Of a run that is to be recorded, in its folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How cases are played and judged."""

    dt_s: float = 0.05
    limit_s: float = 120.0
    """Simulated."""
    wall_limit_s: float = 300.0
    """After which the process that plays is ended."""
    repeat: int = 1
    driver: str = "file"
    """Of the subject: file, simple or script (see `drivers_of`), or one of `driver_named`."""
    server: str = NONE
    """none: kinematics alone; embedded; HOST:PORT."""
    seed: int = 0
    """Of the Traffic Manager."""
    subject: str | None = None
    bounds: tuple[Bound, ...] = ()
    """In place of those in the files, measure by measure."""
    maps: Path | None = None
    """Folder with NAME.xodr for scenarios that name a map by NAME."""
    films: str = "failures"
    """failures, all or none."""
    trajectories: bool = True
    """Whether trajectory.csv is written."""
    rate: bool = False
    """Whether outcomes tell how critical the course was."""
    record: str = "none"
    """Of which runs a plan is written by which they can be recorded: failures, all or none."""


def run(case: Case, options: Options, folder: Path, catalogs: CatalogFiles | None = None) -> Outcome:
    """One case; errors are told in the outcome.

    Writes trajectory.csv, and a film where asked, into `folder`, which is made. `catalogs` keeps what cases
    share.
    """
    began = time.monotonic()
    try:
        return _run(case, options, folder, began, catalogs)
    except DrivegenError as error:
        return Outcome(case=case, status=Status.ERROR, message=str(error), wall_s=time.monotonic() - began)


def _run(case: Case, options: Options, folder: Path, began: float, catalogs: CatalogFiles | None) -> Outcome:
    scenario = read_scenario(case.path, case.parameters, catalogs)
    check_support(scenario)
    road = _road(scenario, options)
    network = None if road is None else road.network
    subject = subject_of([o.name for o in scenario.entities.scenario_objects], options.subject)
    first: Course | None = None
    parted = []
    for number in range(1, options.repeat + 1):
        played = _played(scenario, road, options, subject, folder)
        if first is None:
            first = played
        elif (found := parting(first, played, number)) is not None:
            parted.append(found)
    assert first is not None
    own = criteria_of(scenario)
    evidence = evidence_of(scenario, network, first, subject)
    verdict = judge(evidence, with_given(own, options.bounds))
    (folder / PLAN).unlink(missing_ok=True)
    if options.trajectories:
        folder.mkdir(parents=True, exist_ok=True)
        write_rows(folder / "trajectory.csv", first.rows)
    passed = verdict.passed and not parted
    if options.films == "all" or (options.films == "failures" and not passed):
        folder.mkdir(parents=True, exist_ok=True)
        film(folder / "film.gif", scenario, network, first.rows, subject, verdict)
    notes = first.ignored
    if options.record == "all" or (options.record == "failures" and not passed):
        try:
            _stage(case, scenario, road, first, subject, options.dt_s, folder)
        except ScenarioError as error:
            notes = (*notes, f"not recorded: {error}")
    return Outcome(
        case=case,
        status=Status.PASSED if passed else Status.FAILED,
        subject=subject,
        verdict=verdict,
        time_s=first.time_s,
        wall_s=time.monotonic() - began,
        digest=digest_of(first.rows),
        parted=tuple(parted),
        ignored=notes,
        criteria_are_its_own=own is not NO_COLLISION or bool(options.bounds),
        criticality=criticality_of(evidence, verdict) if options.rate else None,
    )


def _stage(
    case: Case,
    scenario: Scenario,
    road: ScenarioRoad | None,
    course: Course,
    subject: str,
    step_s: float,
    folder: Path,
) -> None:
    """Writes what is needed to record the run. ScenarioError."""
    if road is None:
        raise ScenarioError(f"{case.path}: it names no LogicFile, and a world needs a road")
    plan = plan_of(
        scenario,
        road,
        course,
        name=case.name,
        subject=subject,
        step_s=step_s,
        available=[b.id for b in BlueprintLibrary().blueprints if not b.refusal],
    )
    write_atomically(folder / ROAD, road.text)
    write_atomically(folder / PLAN, plan.to_json())


def _played(
    scenario: Scenario, road: ScenarioRoad | None, options: Options, subject: str, folder: Path
) -> Course:
    simple = drivers_of(scenario, options.driver, subject)
    if options.server == NONE:
        network = None if road is None else road.network
        return simulate(scenario, network, options.dt_s, limit_s=options.limit_s, simple=simple)
    drivers: dict[str, Driver] = dict(simple)
    if options.driver not in DRIVERS:
        drivers[subject] = driver_named(options.driver)
    with server_for(scenario, road, options.server, folder) as endpoint:
        return play_in_world(
            scenario,
            road,
            endpoint,
            dt_s=options.dt_s,
            limit_s=options.limit_s,
            drivers=drivers,
            seed=options.seed,
        )


def _road(scenario: Scenario, options: Options) -> ScenarioRoad | None:
    """The scenario's roads; None where it names none. MapError, ServerError."""
    name = map_name(scenario)
    if name is None or options.maps is not None or options.server in (NONE, EMBEDDED):
        return road_of(scenario, options.maps)
    return road_from(text_of_map(endpoint_of(options.server), name), scenario)


def with_given(own: tuple[Bound, ...], given: tuple[Bound, ...]) -> tuple[Bound, ...]:
    """Bounds of a file with those that the user gave in their place."""
    asked = {b.measure: b for b in own} | {b.measure: b for b in given}
    return tuple(asked.values())
