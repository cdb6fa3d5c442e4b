"""Failures as files: concrete scenarios that play by themselves, with their roads beside them."""

from __future__ import annotations

import math
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from drivegen.core.errors import StorageError
from drivegen.runtime.replay.outcome import Outcome
from drivegen.runtime.replay.run import with_given
from drivegen.scenario.model.entities import File, Properties, Property
from drivegen.scenario.model.scenario import Scenario
from drivegen.scenario.reader import read_scenario
from drivegen.scenario.verdicts.criteria import PREFIX, Bound, criteria_of
from drivegen.scenario.writer import write_scenario

ROADS = "roads"
FOUND = "found."
"""Of properties in the header that say with which values of parameters it was found."""


def save(outcome: Outcome, varied: Sequence[str], bounds: Sequence[Bound], path: Path) -> None:
    """Writes the concrete scenario of an outcome, with what was asked of it.

    Roads are copied into `roads/` beside the file, so the folder can be moved.

    Args:
        outcome: of the logical scenario with its parameters.
        varied: names of the parameters that a search set.
        bounds: in place of those in the file.
        path: of the new file.

    Raises:
        ScenarioError: the scenario cannot be written. StorageError: a file cannot be.
    """
    case = outcome.case
    scenario = read_scenario(case.path, case.parameters)
    found = {f"{FOUND}{name}": case.parameters[name] for name in varied}
    header = replace(
        scenario.file_header,
        description=f"{scenario.file_header.description} ({case.name}, found by a search)",
        properties=_with(scenario, with_given(criteria_of(scenario), tuple(bounds)), found),
    )
    roads = scenario.road_network
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # A name of a map (Town01) stays a name.
        if scenario.logic_file is not None and scenario.logic_file.is_file():
            copy = path.parent / ROADS / scenario.logic_file.name
            copy.parent.mkdir(exist_ok=True)
            shutil.copyfile(scenario.logic_file, copy)
            assert roads.logic_file is not None
            file = replace(roads.logic_file, filepath=f"{ROADS}/{copy.name}")
            roads = replace(roads, logic_file=file, scene_graph_file=_scenery(scenario))
        text = write_scenario(replace(scenario, file_header=header, road_network=roads))
        path.write_bytes(text)
    except OSError as error:
        raise StorageError(f"{path}: the scenario cannot be written ({error})") from error


def _with(scenario: Scenario, bounds: Sequence[Bound], found: Mapping[str, str]) -> Properties:
    """The header's properties with these bounds and values in place of its own."""
    own = scenario.file_header.properties or Properties()
    kept = tuple(p for p in own.properties if not p.name.startswith((PREFIX, FOUND)))
    asked = tuple(
        Property(name=f"{PREFIX}{b.measure}.{side}", value=f"{value:.12g}")
        for b in bounds
        for side, value in (("least", b.least), ("most", b.most))
        if math.isfinite(value)
    )
    values = tuple(Property(name=name, value=value) for name, value in found.items())
    return replace(own, properties=(*kept, *asked, *values))


def _scenery(scenario: Scenario) -> File | None:
    """The scenery's file by its own path, where there is one: it may be large, so it stays where it is."""
    file = scenario.road_network.scene_graph_file
    if file is None or not file.filepath:
        return file
    base = scenario.path.parent if scenario.path is not None else Path()
    return replace(file, filepath=str((base / file.filepath).resolve()))
