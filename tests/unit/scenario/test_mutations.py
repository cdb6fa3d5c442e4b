"""Broken scenario files: each is one clear error or a correct read, soon."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from drivegen.scenario.writer import write_scenario
from tests.scenario_mutations import KINDS, Breaker, complaint, judged
from tests.unit.scenario.any_scenario import AnyScenario
from tests.unit.scenario.texts import SCENARIO

OWN = Path(__file__).parents[3] / "scenarios"
OTHERS = os.environ.get("DRIVEGEN_SCENARIOS", "")
"""A folder of other scenarios to be broken too."""
MOST_S = 20.0
EACH = 200


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_broken_file_is_one_clear_error_or_read(kind: str, tmp_path: Path) -> None:
    everything = write_scenario(AnyScenario(1).scenario()).decode()
    path = tmp_path / "scenario.xosc"
    breaker = Breaker(1)
    for number in range(12):
        mutant = breaker.broken(everything if number % 4 == 0 else SCENARIO, kind)
        path.write_bytes(mutant.text.encode("utf-8", "surrogatepass"))
        verdict = judged(path)
        assert complaint(verdict, mutant, path) is None, (kind, number)
        assert verdict.seconds < MOST_S, (kind, number)


@pytest.mark.parametrize("folder", [OWN, *([Path(OTHERS)] if OTHERS else [])], ids=lambda p: p.name)
def test_200_broken_files_of_a_library(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    files = sorted(copy.rglob("*.xosc"))
    if not files:
        pytest.skip("the folder has no scenario yet")
    breaker = Breaker(2)
    scenarios = [f for f in files if "<Catalog " not in f.read_text(encoding="utf-8")]
    catalogs = [f for f in files if f not in scenarios]
    refused = 0
    for number in range(EACH):
        path = scenarios[number % len(scenarios)]
        broken = breaker.random.choice(catalogs) if catalogs and number % 5 == 0 else path
        whole = broken.read_bytes()
        mutant = breaker.broken(whole.decode("utf-8-sig"))
        broken.write_bytes(mutant.text.encode("utf-8", "surrogatepass"))
        verdict = judged(path)
        # A catalogue's entry may be one that this scenario does not use.
        mutant = replace(mutant, fails=mutant.fails and broken is path)
        assert complaint(verdict, mutant, broken) is None, (path.name, number, mutant.kind)
        assert verdict.seconds < MOST_S, (path.name, number, mutant.kind)
        broken.write_bytes(whole)
        refused += verdict.message is not None
    assert refused > EACH / 3, "most faults are seen"
