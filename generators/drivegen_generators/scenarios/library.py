"""Writes the library's files and its index: `python -m drivegen_generators.scenarios.library`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from drivegen_generators.scenarios.courses import SCENARIOS
from drivegen_generators.scenarios.roads import write_roads
from drivegen_generators.scenarios.scenario import Scenario, distribution_text, scenario_text
from drivegen_generators.scenarios.verdicts import EXPECTED

_HEAD = """\
# The scenario library: one entry a scenario. Paths are relative to this folder.
# criteria: measure to bound, also written into the scenario's header.
# expected: the verdict with the reference ego (the simple intelligent driver) and default parameters, where
# it was measured.
"""


def library_files() -> dict[str, str]:
    """All scenario files and the index, by path below the library's folder."""
    files: dict[str, str] = {}
    for scenario in SCENARIOS:
        files[scenario.path] = scenario_text(scenario)
        files[scenario.distribution_path] = distribution_text(scenario)
    files["index.yaml"] = index_text()
    return files


def index_text() -> str:
    """The index as YAML."""
    entries = [_entry(scenario) for scenario in SCENARIOS]
    body = yaml.safe_dump(
        {"scenarios": entries}, allow_unicode=True, sort_keys=False, width=110, default_flow_style=None
    )
    return _HEAD + body


def _entry(scenario: Scenario) -> Mapping[str, Any]:
    tags = scenario.tags
    filed = {
        "gbt_41798": tags.gbt,
        "odc": tags.odc,
        "c_ncap_2024": tags.cncap,
        "classes": tags.classes,
        "zone": tags.zone,
    }
    entry: dict[str, Any] = {
        "name": scenario.name,
        "title": scenario.title,
        "title_zh": scenario.title_zh,
        "file": scenario.path,
        "distribution": scenario.distribution_path,
        "road": f"roads/{scenario.road}.xodr",
        "tags": {name: list(values) for name, values in filed.items()},
        "criteria": {measure: dict(bounds) for measure, bounds in scenario.criteria.items()},
    }
    if scenario.name in EXPECTED:
        entry["expected"] = EXPECTED[scenario.name]
    return entry


def write_library(folder: Path) -> None:
    """Writes everything but the catalogues, which are kept by hand."""
    write_roads(folder / "roads")
    for path, text in library_files().items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write_library(Path(sys.argv[1] if len(sys.argv) > 1 else "scenarios"))
