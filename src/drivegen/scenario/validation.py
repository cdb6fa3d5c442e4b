"""Whether OpenSCENARIO files can be read, with all that is wrong in each."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from drivegen.core.errors import DrivegenError, ScenarioError
from drivegen.opendrive.reader import read_network
from drivegen.scenario.distributions import concrete_parameters, is_distribution, read_distribution
from drivegen.scenario.library import Library
from drivegen.scenario.model.scenario import Scenario
from drivegen.scenario.reader import read_scenario, root_header
from drivegen.scenario.reading.catalogs import CatalogFiles
from drivegen.scenario.reading.document import read_document
from drivegen.scenario.reading.problems import BrokenScenarioError
from drivegen.scenario.road import map_name
from drivegen.scenario.support import left_out, unsupported
from drivegen.scenario.verdicts.criteria import Bound, criteria_of


class Kind(StrEnum):
    """What a file is."""

    SCENARIO = "scenario"
    DISTRIBUTION = "distribution"
    CATALOGUE = "catalogue"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Validated:
    """One file."""

    path: Path
    kind: Kind
    problems: tuple[str, ...] = ()
    """What keeps it from being played, each with its place."""
    notices: tuple[str, ...] = ()
    """What is odd, and no more."""
    criteria: tuple[Bound, ...] = ()
    """Of a scenario."""


def validate(path: Path, catalogs: CatalogFiles | None = None) -> Validated:
    """Reads a file of any kind with all that it refers to; never raises for what is in it.

    `catalogs` keeps what scenarios share.
    """
    kind = Kind.UNKNOWN
    try:
        root = read_document(path)
        if root.child("Catalog") is not None:
            kind = Kind.CATALOGUE
            root_header(root)
            return Validated(path=path, kind=kind)
        if is_distribution(root):
            kind = Kind.DISTRIBUTION
            return Validated(path=path, kind=kind, problems=_of_distribution(path, catalogs))
        kind = Kind.SCENARIO
        scenario = read_scenario(path, catalogs=catalogs)
        criteria = criteria_of(scenario)
        problems = (*(str(problem) for problem in unsupported(scenario)), *_of_road(scenario))
        notices = tuple(str(notice) for notice in (*scenario.notices, *left_out(scenario)))
        if (name := map_name(scenario)) is not None:
            notices += (f"{path}: {name!r} is no file: the scenario needs a server with a map of this name",)
        return Validated(path=path, kind=kind, problems=problems, notices=notices, criteria=criteria)
    except BrokenScenarioError as error:
        return Validated(path=path, kind=kind, problems=tuple(str(p) for p in error.problems))
    except ScenarioError as error:
        return Validated(path=path, kind=kind, problems=(str(error),))


def _of_road(scenario: Scenario) -> tuple[str, ...]:
    """Whether the road can be read; a scenario without one has nothing to complain about."""
    logic, road = scenario.road_network.logic_file, scenario.logic_file
    if logic is None or road is None or map_name(scenario) is not None:
        return ()
    if not road.is_file():
        return (f"{logic.place}: there is no road at {logic.filepath!r}",)
    problem = _road_problem(road.resolve(), road.stat().st_mtime_ns)
    return (f"{logic.place}: the road cannot be read: {problem}",) if problem else ()


@lru_cache(maxsize=64)
def _road_problem(road: Path, changed_ns: int) -> str:
    """Why a road cannot be read; empty if it can. Many scenarios share a road."""
    del changed_ns
    try:
        read_network(road.read_text(encoding="utf-8"), str(road))
    except (DrivegenError, OSError, UnicodeDecodeError) as error:
        return str(error)
    return ""


def _of_distribution(path: Path, catalogs: CatalogFiles | None) -> tuple[str, ...]:
    """Whether the scenario is there and declares the parameters that are varied."""
    content = read_distribution(path)
    if not content.scenario_path.is_file():
        return (f"{content.place}: there is no scenario at {content.scenario_file.filepath!r}",)
    first = next(concrete_parameters(content), None)
    if first is None:
        return (f"{content.place}: it gives no values at all",)
    read_scenario(content.scenario_path, first, catalogs)
    return ()


def validate_library(library: Library) -> tuple[Validated, ...]:
    """Everything that a library's index names, and what the index says beside what the files say."""
    out = []
    catalogs = CatalogFiles()
    for entry in library.entries:
        found = validate(entry.file, catalogs)
        problems = [*found.problems]
        if found.kind is not Kind.SCENARIO and not problems:
            problems.append(f"{entry.file}: the index names it as a scenario, and it is a {found.kind}")
        if not problems:
            told = {
                b.measure: {s: v for s in ("least", "most") if math.isfinite(v := getattr(b, s))}
                for b in found.criteria
            }
            if told != {measure: dict(sides) for measure, sides in entry.criteria.items()}:
                problems.append(f"{entry.file}: its header and the index name different criteria")
        out.append(replace(found, problems=tuple(problems)))
        out.append(validate(entry.distribution, catalogs))
    return tuple(out)


def broken(found: Iterable[Validated]) -> tuple[Validated, ...]:
    """Those with problems."""
    return tuple(each for each in found if each.problems)
