"""A library of scenarios: an index with tags beside OpenSCENARIO files.

The index is `index.yaml` in the library's folder; its paths are relative to that folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from drivegen.core.errors import ScenarioError
from drivegen.data import data_root
from drivegen.scenario.reading.problems import nearest

INDEX = "index.yaml"
VERDICTS = ("pass", "fail")
_TEXTS = ("name", "title", "title_zh", "file", "distribution", "road")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One scenario of a library."""

    name: str
    title: str
    title_zh: str
    file: Path
    distribution: Path
    """What its parameters are drawn from."""
    road: Path
    tags: Mapping[str, tuple[str, ...]]
    """Values by kind: gbt_41798, odc, c_ncap_2024, classes, zone."""
    criteria: Mapping[str, Mapping[str, float]]
    """Measure to bounds, each `least` or `most`."""
    expected: str | None
    """Verdict with the reference ego and default parameters, `pass` or `fail`; None: not measured."""

    def has(self, tag: str) -> bool:
        """Whether it carries a tag: `robotaxi`, or with its kind `zone=robotaxi`."""
        kind, sign, value = tag.partition("=")
        if sign:
            return value in self.tags.get(kind, ())
        return any(tag in values for values in self.tags.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """A folder of scenarios."""

    folder: Path
    entries: tuple[Entry, ...] = field(default=())

    def tagged(self, tags: Iterable[str]) -> tuple[Entry, ...]:
        """Those that carry all of the tags. Raises ScenarioError for a tag that nothing carries."""
        wanted = tuple(tags)
        for tag in wanted:
            if not any(entry.has(tag) for entry in self.entries):
                known = {
                    value for entry in self.entries for values in entry.tags.values() for value in values
                }
                raise ScenarioError(f"no scenario is tagged {tag!r}: {nearest(tag.split('=')[-1], known)}")
        return tuple(entry for entry in self.entries if all(entry.has(tag) for tag in wanted))

    def entry(self, name: str) -> Entry:
        """The one of this name. Raises ScenarioError."""
        for entry in self.entries:
            if entry.name == name:
                return entry
        raise ScenarioError(
            f"{self.folder}: no scenario is named {name!r}: {nearest(name, (e.name for e in self.entries))}"
        )


def library_folder() -> Path:
    """Where drivegen's own library is."""
    return data_root() / "scenarios"


def read_library(folder: Path | None = None) -> Library:
    """The library in a folder; drivegen's own if none is named.

    Raises:
        ScenarioError: there is no index, it is no YAML, or an entry is not as it should be.
    """
    where = library_folder() if folder is None else folder
    path = where / INDEX
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path}: the library's index cannot be read ({error})") from error
    try:
        content = read_yaml(text)
    except yaml.YAMLError as error:
        raise ScenarioError(f"{path}: not YAML: {error}") from error
    entries = content.get("scenarios") if isinstance(content, dict) else None
    if not isinstance(entries, list):
        raise ScenarioError(f"{path}: it must have a list `scenarios` at its top")
    read = tuple(_entry(where, path, k, entry) for k, entry in enumerate(entries, start=1))
    names = [entry.name for entry in read]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ScenarioError(f"{path}: two scenarios are named {twice!r}; rename one")
    return Library(folder=where, entries=read)


def read_yaml(text: str) -> Any:
    """Plain values, by libyaml where it is there: ten times as quick."""
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506


def _entry(folder: Path, path: Path, number: int, entry: object) -> Entry:
    if not isinstance(entry, dict):
        raise ScenarioError(
            f"{path}: scenario {number} must be a mapping with the fields {', '.join(_TEXTS)}"
        )
    where = f"{path}: scenario {number} ({entry.get('name', 'without a name')})"
    texts = {}
    for name in _TEXTS:
        value = entry.get(name)
        if not isinstance(value, str) or not value:
            raise ScenarioError(f"{where}: `{name}` must be a text")
        texts[name] = value
    for name in ("file", "distribution", "road"):
        if Path(texts[name]).is_absolute() or os.path.normpath(texts[name]).startswith(".."):
            raise ScenarioError(f"{where}: `{name}` {texts[name]!r} leads out of the library's folder")
    expected = entry.get("expected")
    if expected is not None and expected not in VERDICTS:
        raise ScenarioError(f"{where}: `expected` is {expected!r}: it must be one of {', '.join(VERDICTS)}")
    return Entry(
        name=texts["name"],
        title=texts["title"],
        title_zh=texts["title_zh"],
        file=folder / texts["file"],
        distribution=folder / texts["distribution"],
        road=folder / texts["road"],
        tags=_tags(where, entry.get("tags")),
        criteria=_criteria(where, entry.get("criteria")),
        expected=expected,
    )


def _tags(where: str, tags: Any) -> Mapping[str, tuple[str, ...]]:
    if not isinstance(tags, dict) or not all(
        isinstance(kind, str) and isinstance(values, list) and all(isinstance(v, str) for v in values)
        for kind, values in tags.items()
    ):
        raise ScenarioError(f"{where}: `tags` must map kinds to lists of texts, as in zone: [robotaxi]")
    return {kind: tuple(values) for kind, values in tags.items()}


def _criteria(where: str, criteria: Any) -> Mapping[str, Mapping[str, float]]:
    if not isinstance(criteria, dict):
        raise ScenarioError(f"{where}: `criteria` must map measures to bounds")
    out: dict[str, Mapping[str, float]] = {}
    for measure, bounds in criteria.items():
        if not isinstance(bounds, dict) or not all(
            side in ("least", "most") and isinstance(value, (int, float)) for side, value in bounds.items()
        ):
            raise ScenarioError(f"{where}: criterion {measure!r} must have numbers as `least` or `most`")
        out[str(measure)] = {side: float(value) for side, value in bounds.items()}
    return out


def files_below(paths: Sequence[Path]) -> tuple[Path, ...]:
    """The `.xosc` files that are named, and those in folders that are named, in order, each once.

    Raises ScenarioError for a path that does not exist and for a folder without any.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_file():
            found[path] = None
            continue
        if not path.is_dir():
            raise ScenarioError(f"{path}: there is no such file or folder")
        below = sorted(path.rglob("*.xosc"))
        if not below:
            raise ScenarioError(f"{path}: there is no .xosc file in this folder")
        found.update(dict.fromkeys(below))
    return tuple(found)
