"""Which concrete scenarios are played: files, folders, and the values of their parameters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from drivegen.core.errors import ScenarioError
from drivegen.runtime.replay.sweeps import Sweep, values_of
from drivegen.scenario.distributions import concrete_parameters, is_distribution, read_distribution
from drivegen.scenario.model.distributions import ParameterValueDistribution
from drivegen.scenario.reading.document import read_document

SUFFIX = ".xosc"
DISTRIBUTION = ".distribution.xosc"
"""A file of this ending beside a scenario says how its parameters vary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One concrete scenario."""

    name: str
    """Unique in a replay, and a name for a folder."""
    path: Path
    parameters: Mapping[str, str] = field(default_factory=dict)
    """In place of those in the file."""


def cases_of(paths: Sequence[Path], sweep: Sweep, given: Mapping[str, str]) -> list[Case]:
    """Concrete scenarios of files and folders.

    A file of distributions stands for all the scenarios that it describes. A scenario stands for itself, or
    for what `sweep` makes of the distribution beside it. In folders, distributions and
    catalogues are passed over.

    Args:
        paths: scenarios, files of distributions, folders.
        sweep: how the parameters of scenarios vary.
        given: values of parameters that do not vary.

    Raises:
        ScenarioError: there is nothing at a path, nothing in a folder, or a file cannot be read.
    """
    cases: list[Case] = []
    for path, explicit in _files(paths):
        if explicit and _is_distribution(path):
            distribution = read_distribution(path)
            drawn: Iterable[Mapping[str, str]] = concrete_parameters(distribution, sweep.seed)
            cases += _numbered(distribution.scenario_path, drawn, given)
        elif sweep.how == "none":
            cases.append(Case(name=stem(path), path=path, parameters=given))
        else:
            cases += _numbered(path, values_of(_beside(path), sweep), given)
    return _unique(cases)


def logical_of(paths: Sequence[Path]) -> list[Case]:
    """Logical scenarios, and files of distributions, of files and folders: a case each, without values."""
    return _unique([Case(name=stem(path), path=path) for path, _ in _files(paths)])


def _files(paths: Sequence[Path]) -> Iterator[tuple[Path, bool]]:
    """(file, whether the user named it)."""
    for path in paths:
        if path.is_dir():
            found = [p for p in sorted(path.rglob(f"*{SUFFIX}")) if not p.name.endswith(DISTRIBUTION)]
            found = [p for p in found if _is_scenario(p)]
            if not found:
                raise ScenarioError(f"{path}: there is no scenario ({SUFFIX}) in this folder or below it")
            yield from ((p, False) for p in found)
        elif path.is_file():
            yield path, True
        else:
            raise ScenarioError(
                f"{path}: there is no such file or folder: name a scenario or a folder of them"
            )


def _is_distribution(path: Path) -> bool:
    try:
        return is_distribution(read_document(path))
    except ScenarioError:
        return False  # what is wrong with it is told when it is played


def _is_scenario(path: Path) -> bool:
    try:
        return read_document(path).child("Storyboard") is not None
    except ScenarioError:
        return True


def _beside(path: Path) -> ParameterValueDistribution:
    beside = path.with_name(path.name.removesuffix(SUFFIX) + DISTRIBUTION)
    if not beside.is_file():
        raise ScenarioError(
            f"{path}: nothing says how its parameters vary: {beside.name} is wanted beside it"
        )
    return read_distribution(beside)


def _numbered(path: Path, drawn: Iterable[Mapping[str, str]], given: Mapping[str, str]) -> Iterator[Case]:
    for number, values in enumerate(drawn, 1):
        yield Case(name=f"{stem(path)}-{number:04d}", path=path, parameters={**values, **given})


def stem(path: Path) -> str:
    """A name for a file's cases, that is a name for a folder too."""
    return re.sub(r"[^\w.-]+", "_", path.name.removesuffix(SUFFIX)) or "scenario"


def _unique(cases: Sequence[Case]) -> list[Case]:
    """Names that come twice get the names of their folders in front, then numbers."""
    out: list[Case] = []
    taken: set[str] = set()
    counts: dict[str, int] = {}
    for case in cases:
        counts[case.name] = counts.get(case.name, 0) + 1
    for case in cases:
        name = case.name if counts[case.name] == 1 else f"{stem(case.path.resolve().parent)}.{case.name}"
        number = 2
        while name in taken:
            name = f"{name.rsplit('~', 1)[0]}~{number}"
            number += 1
        taken.add(name)
        out.append(Case(name=name, path=case.path, parameters=case.parameters))
    return out
