"""The coverage matrix: requirements against scenarios and their runs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from lxml import etree

from drivegen.core.errors import ScenarioError
from drivegen.scenario.library import Entry, Library, read_yaml

REQUIREMENTS = "requirements.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """How often a scenario was run, and with what verdicts."""

    passed: int = 0
    failed: int = 0

    @property
    def count(self) -> int:
        """All of them."""
        return self.passed + self.failed

    def __add__(self, other: Runs) -> Runs:
        return Runs(passed=self.passed + other.passed, failed=self.failed + other.failed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One requirement with what stands against it."""

    tag: str
    title: str
    title_zh: str
    why: str
    """Why nothing stands against it; empty if that is not on purpose."""
    entries: tuple[Entry, ...]
    runs: Runs

    @property
    def gap(self) -> bool:
        """Whether no scenario stands against it."""
        return not self.entries

    @property
    def idle(self) -> bool:
        """Whether scenarios stand against it and none of them was run."""
        return bool(self.entries) and not self.runs.count


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The requirements of one document."""

    kind: str
    title: str
    title_zh: str
    about: str
    rows: tuple[Row, ...]

    @property
    def gaps(self) -> tuple[Row, ...]:
        """What no scenario stands against."""
        return tuple(row for row in self.rows if row.gap)

    @property
    def idle(self) -> tuple[Row, ...]:
        """What has scenarios that were not run."""
        return tuple(row for row in self.rows if row.idle)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """All documents."""

    sections: tuple[Section, ...]
    entries: tuple[Entry, ...]
    runs: Mapping[str, Runs]
    """By scenario."""


def cover(library: Library, runs: Mapping[str, Runs] | None = None) -> Matrix:
    """Sets a library's scenarios against the requirements beside its index.

    Raises ScenarioError for requirements that cannot be read, and for a tag that is none of them.
    """
    told = dict(runs or {})
    path = library.folder / REQUIREMENTS
    try:
        content = read_yaml(path.read_text(encoding="utf-8"))
        documents = content["requirements"]
        sections = tuple(_section(library, told, document) for document in documents)
    except OSError as error:
        raise ScenarioError(f"{path}: the requirements cannot be read ({error})") from error
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise ScenarioError(f"{path}: not a list of requirements: {error!r}") from error
    _refuse_unknown_tags(library, sections, path)
    return Matrix(sections=sections, entries=library.entries, runs=told)


def _section(library: Library, runs: Mapping[str, Runs], document: Mapping[str, Any]) -> Section:
    kind = str(document["kind"])
    return Section(
        kind=kind,
        title=str(document["title"]),
        title_zh=str(document["title_zh"]),
        about=str(document["about"]),
        rows=tuple(_row(library, runs, kind, item) for item in document["items"]),
    )


def _row(library: Library, runs: Mapping[str, Runs], kind: str, item: Mapping[str, Any]) -> Row:
    tag = str(item["tag"])
    entries = tuple(entry for entry in library.entries if tag in entry.tags.get(kind, ()))
    return Row(
        tag=tag,
        title=str(item["title"]),
        title_zh=str(item["title_zh"]),
        why=str(item.get("why", "")),
        entries=entries,
        runs=sum((runs.get(entry.name, Runs()) for entry in entries), Runs()),
    )


def _refuse_unknown_tags(library: Library, sections: Sequence[Section], path: Path) -> None:
    known = {section.kind: {row.tag for row in section.rows} for section in sections}
    for entry in library.entries:
        for kind, values in entry.tags.items():
            unknown = [value for value in values if value not in known.get(kind, set())]
            if unknown:
                raise ScenarioError(
                    f"{path}: {entry.name} is tagged {kind}={unknown[0]}, which is none of the requirements; "
                    "add it there, or mend the tag"
                )


def runs_of(files: Iterable[Path], library: Library) -> dict[str, Runs]:
    """Runs by scenario, from JUnit files as `drivegen replay` writes them.

    A test case belongs to the scenario whose file or name stands in its name, class name or file.
    Raises ScenarioError for a file that is none.
    """
    found: dict[str, Runs] = {}
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    names = {
        entry.name: re.compile(rf"(?<![\w-]){re.escape(entry.name)}(?![\w-])") for entry in library.entries
    }
    for path in files:
        try:
            root = etree.parse(path, parser).getroot()
        except (OSError, etree.XMLSyntaxError) as error:
            raise ScenarioError(f"{path}: not a JUnit file: {error}") from error
        for case in root.iter("testcase"):
            if case.find("skipped") is not None:
                continue
            text = " ".join(case.get(name, "") for name in ("name", "classname", "file"))
            failed = case.find("failure") is not None or case.find("error") is not None
            run = Runs(failed=1) if failed else Runs(passed=1)
            for name, pattern in names.items():
                if pattern.search(text):
                    found[name] = found.get(name, Runs()) + run
    return found
