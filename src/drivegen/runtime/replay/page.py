"""Outcomes as a page that a browser shows without network; films lie beside it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2

from drivegen.core.errors import StorageError
from drivegen.runtime.replay.junit import reasons
from drivegen.runtime.replay.outcome import Outcome, Status
from drivegen.scenario.verdicts.criteria import MEASURES

CASES = "cases"
"""Folder with a folder for each case, beside the page."""


def write_page(path: Path, outcomes: Sequence[Outcome], title: str, how: str) -> None:
    """Writes the page. Raises StorageError."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("drivegen.runtime.replay", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    shown = [_shown(outcome, path.parent) for outcome in outcomes]
    counts = Counter(str(o.status) for o in outcomes)
    text = environment.get_template("replay.html.jinja").render(
        title=title,
        how=how,
        outcomes=shown,
        bad=[s for s in shown if s["status"] != str(Status.PASSED)],
        counts={str(status): counts[str(status)] for status in Status},
        simulated_s=sum(o.time_s for o in outcomes),
        measures=list(MEASURES),
        meanings=MEASURES,
    )
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{path}: the page cannot be written ({error.strerror})") from error


def _shown(outcome: Outcome, folder: Path) -> dict[str, Any]:
    found = {}
    for judged in outcome.verdict.judged if outcome.verdict else ():
        value = judged.finding.value
        text = "–" if math.isinf(value) else f"{value:.3g}"
        found[judged.finding.measure] = {"text": text, "failed": not judged.passed}
    its = f"{CASES}/{outcome.case.name}"
    return {
        "name": outcome.case.name,
        "file": str(outcome.case.path),
        "parameters": dict(outcome.case.parameters),
        "status": str(outcome.status),
        "time_s": outcome.time_s,
        "found": found,
        "reasons": [outcome.message] if outcome.status is Status.ERROR else reasons(outcome),
        "film": quote(f"{its}/film.gif") if (folder / its / "film.gif").is_file() else None,
        "trajectory": quote(f"{its}/trajectory.csv") if (folder / its / "trajectory.csv").is_file() else None,
    }
