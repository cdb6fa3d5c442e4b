"""Reads OpenSCENARIO XML files of 1.0 to 1.3: scenarios with their catalogues, parameters and expressions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from drivegen.scenario.model.element import Place
from drivegen.scenario.model.scenario import FileHeader, Scenario
from drivegen.scenario.reading.catalogs import CatalogFiles, Catalogs
from drivegen.scenario.reading.document import Node, parse_document, read_document
from drivegen.scenario.reading.elements import Reading
from drivegen.scenario.reading.expressions import Value
from drivegen.scenario.reading.problems import BrokenScenarioError, broken
from drivegen.scenario.reading.references import reference_problems
from drivegen.scenario.reading.rules import rule_problems
from drivegen.scenario.reading.scope import Scope
from drivegen.scenario.reading.values import as_text


def read_scenario(
    path: Path, parameters: Mapping[str, Value] | None = None, catalogs: CatalogFiles | None = None
) -> Scenario:
    """One concrete scenario from a file.

    Args:
        path: the `.xosc` file; catalogues are looked up relative to its folder.
        parameters: values for some of its parameters in place of those in the file, by name without `$`.
        catalogs: files of catalogues that were read for other scenarios, and take in those of this one.

    Raises:
        ScenarioError: what is wrong, where and how to mend it; a `BrokenScenarioError` has all problems.
    """
    return scenario_from(read_document(path), path, parameters, catalogs)


def parse_scenario(
    content: bytes, path: Path | None = None, parameters: Mapping[str, Value] | None = None
) -> Scenario:
    """The same from a file's bytes; `path` is where the file would be, so that its catalogues are found."""
    at = Path("(scenario)") if path is None else path
    return scenario_from(parse_document(content, str(at)), at, parameters)


def scenario_from(
    root: Node, path: Path, parameters: Mapping[str, Value] | None, files: CatalogFiles | None = None
) -> Scenario:
    """The scenario of a tree that was read already."""
    header = root_header(root)
    if root.child("Catalog") is not None:
        raise broken(root.place, "this is a catalogue: name the scenario that uses it")
    if root.child("ParameterValueDistribution") is not None:
        raise broken(root.place, "this is a distribution of parameters: read it with read_distribution")
    catalogs = Catalogs(folder=path.parent, files=files or CatalogFiles())
    scope = Scope()
    given = _given(parameters or {}, path)
    declarations = root.child("ParameterDeclarations")
    if declarations is None and given:
        raise broken(root.place, f"there is no parameter {next(iter(given))!r}: the scenario declares none")
    reading = Reading(catalogs, minor=header.rev_minor)
    if declarations is not None:
        scope.declare(declarations, given, reading.note, complete=True)
    locations = root.child("CatalogLocations")
    if locations is not None:
        catalogs.declare(locations, scope)
    ignored = frozenset({"CatalogLocations"})
    scenario = reading.element(root, Scenario, scope, ignored=ignored)
    declared = {p.name: replace(p, value=scope.texts[p.name]) for p in scenario.parameter_declarations}
    scenario = replace(scenario, parameter_declarations=tuple(declared.values()), path=path)
    problems = [*reference_problems(scenario, reading.note), *rule_problems(scenario)]
    if problems:
        raise BrokenScenarioError(problems)
    return replace(scenario, notices=tuple(reading.notices))


def root_header(root: Node) -> FileHeader:
    """The header of any file of the standard, of a version that is read here."""
    if root.tag != "OpenSCENARIO":
        raise broken(root.place, f"the root element is {root.tag}, not OpenSCENARIO: is this the right file?")
    node = root.child("FileHeader")
    if node is None:
        raise broken(root.place, "OpenSCENARIO needs FileHeader")
    header = Reading(Catalogs(folder=Path())).element(node, FileHeader, Scope())
    if header.rev_major != 1 or header.rev_minor > 3:
        version = f"{header.rev_major}.{header.rev_minor}"
        raise broken(node.place, f"OpenSCENARIO {version} is not read here: only XML 1.0 to 1.3")
    return header


def _given(parameters: Mapping[str, Value], path: Path) -> dict[str, tuple[str, Place]]:
    place = Place(file=f"{path} (parameters given)", line=0)
    return {name: (as_text(value), place) for name, value in parameters.items()}
