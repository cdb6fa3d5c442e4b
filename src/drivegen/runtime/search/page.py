"""Searches as a page that a browser shows without network, and as tables."""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2

from drivegen.core.errors import StorageError
from drivegen.runtime.replay.junit import reasons
from drivegen.runtime.replay.page import CASES
from drivegen.runtime.search.diversity import APART
from drivegen.runtime.search.search import JOURNALS, Failure, Search
from drivegen.runtime.search.space import Axis, Choices
from drivegen.runtime.search.tries import Try

_TOP = 2.0
"""Of criticality."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A try in a chart; x and y are shares of its width and height, from the left and the bottom."""

    x: float
    y: float
    look: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Criticality against one thing."""

    title: str
    low: str
    high: str
    marks: tuple[Mark, ...]


def write_search_page(path: Path, searches: Sequence[Search], title: str, how: str) -> None:
    """Writes the page. Raises StorageError."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("drivegen.runtime.search", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    text = environment.get_template("search.html.jinja").render(
        title=title, how=how, apart=APART, searches=[_shown(s, path.parent) for s in searches]
    )
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{path}: the page cannot be written ({error.strerror})") from error


def write_table(path: Path, found: Search) -> None:
    """All tries as CSV: number, status, criticality, kinds, file of the failure, parameters. StorageError."""
    names = list(dict.fromkeys(n for t in found.tries for n in t.outcome.case.parameters))
    files = {f.found.number: f.file.name for f in found.failures}
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("number", "status", "criticality", "kinds", "file", *names))
            for each in found.tries:
                values = each.outcome.case.parameters
                writer.writerow(
                    (
                        each.number,
                        each.outcome.status,
                        f"{each.criticality:.6f}",
                        "; ".join(each.kinds) or each.outcome.message,
                        files.get(each.number, ""),
                        *(values.get(n, "") for n in names),
                    )
                )
    except OSError as error:
        raise StorageError(f"{path}: the table cannot be written ({error.strerror})") from error


def _shown(found: Search, folder: Path) -> dict[str, Any]:
    counts = Counter(str(t.outcome.status) for t in found.tries)
    chosen = {f.found.number for f in found.failures}
    number = Chart(
        title="in the order of the tries",
        low="1",
        high=str(len(found.tries)),
        marks=tuple(
            _mark(t, (t.number - 0.5) / max(1, len(found.tries)), t.number in chosen) for t in found.tries
        ),
    )
    return {
        "name": found.name,
        "file": str(found.space.scenario),
        "tries": len(found.tries),
        "counts": {status: counts[status] for status in ("passed", "failed", "error")},
        "first": next((t.number for t in found.tries if t.failed), None),
        "exhausted": found.exhausted,
        "charts": [number, *(_chart(found, k, axis, chosen) for k, axis in enumerate(found.space.axes))],
        "failures": [_failure(f, folder) for f in found.failures],
        "table": quote(f"{JOURNALS}/{found.name}.csv"),
        "problems": list(dict.fromkeys(t.outcome.message for t in found.tries if t.outcome.message))[:5],
    }


def _chart(found: Search, k: int, axis: Axis, chosen: set[int]) -> Chart:
    ends = [", ".join(axis.values.at(share).values()) for share in (0.0, 1.0 - 1e-12)]
    if isinstance(axis.values, Choices):
        ends = [f"{ends[0]} …", ends[1]]
    return Chart(
        title=axis.name,
        low=ends[0],
        high=ends[1],
        marks=tuple(_mark(t, t.point[k], t.number in chosen) for t in found.tries),
    )


def _mark(each: Try, x: float, chosen: bool) -> Mark:
    look = "kept" if chosen else str(each.outcome.status)
    height = min(max(each.criticality, 0.0), _TOP) / _TOP
    return Mark(x=x, y=height, look=look, name=f"{each.outcome.case.name}: {each.criticality:.3g}")


def _failure(failure: Failure, folder: Path) -> dict[str, Any]:
    case = failure.found.outcome.case
    its = f"{CASES}/{case.name}"
    film, rows = folder / its / "film.gif", folder / its / "trajectory.csv"
    return {
        "name": case.name,
        "href": quote(os.path.relpath(failure.file, folder).replace(os.sep, "/")),
        "criticality": failure.found.criticality,
        "reasons": reasons(failure.found.outcome),
        "parameters": dict(case.parameters),
        "same": failure.same,
        "message": failure.again.message,
        "film": quote(f"{its}/film.gif") if film.is_file() else None,
        "trajectory": quote(f"{its}/trajectory.csv") if rows.is_file() else None,
    }
