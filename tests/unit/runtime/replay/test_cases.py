"""Which concrete scenarios files, folders and sweeps stand for."""

from __future__ import annotations

from itertools import combinations, product
from pathlib import Path

import pytest

from drivegen.core.errors import ScenarioError
from drivegen.runtime.replay.cases import cases_of
from drivegen.runtime.replay.sweeps import Sweep

LIBRARY = Path(__file__).parents[4] / "scenarios"
MERGE = LIBRARY / "infrastructure" / "work_zone_merge.xosc"
SPEEDS, OTHERS = ("30", "40", "50", "60"), ("30", "36", "42", "48", "54", "60")


def values(how: str, **more: int) -> list[tuple[str, ...]]:
    cases = cases_of([MERGE], Sweep(how=how, **more), {})
    return [(c.parameters["EgoSpeed_kmh"], c.parameters["TrafficSpeed_kmh"]) for c in cases]


def test_a_folder_stands_for_its_scenarios_and_not_for_catalogues() -> None:
    cases = cases_of([LIBRARY], Sweep(), {})
    assert len(cases) >= 60
    assert len({c.name for c in cases}) == len(cases)
    assert not [c for c in cases if "catalogs" in c.path.parts or "distribution" in c.path.name]


def test_a_grid_has_all_combinations_and_pairs_are_all_there() -> None:
    assert sorted(values("grid")) == sorted(product(SPEEDS, OTHERS))
    found = values("pairwise")
    assert set(found) >= set(product(SPEEDS, OTHERS))  # two parameters: all pairs are all combinations
    three = LIBRARY / "pedestrians" / "occluded_child.xosc"
    cases = cases_of([three], Sweep(how="pairwise"), {})
    grid = cases_of([three], Sweep(how="grid"), {})
    names = list(grid[0].parameters)
    for one, two in combinations(names, 2):
        asked = {(c.parameters[one], c.parameters[two]) for c in grid}
        assert {(c.parameters[one], c.parameters[two]) for c in cases} == asked
    assert len(cases) <= len(grid)


def test_random_draws_lie_within_and_follow_the_seed() -> None:
    drawn = values("random", runs=40, seed=3)
    assert drawn == values("random", runs=40, seed=3)
    assert drawn != values("random", runs=40, seed=4)
    assert all(30 <= float(a) <= 60 and 30 <= float(b) <= 60 for a, b in drawn)
    assert len(set(drawn)) > 20


def test_given_values_stand_above_drawn_ones() -> None:
    cases = cases_of([MERGE], Sweep(how="grid"), {"EgoSpeed_kmh": "33"})
    assert {c.parameters["EgoSpeed_kmh"] for c in cases} == {"33"}


def test_a_distribution_that_is_named_stands_for_its_scenarios() -> None:
    cases = cases_of([MERGE.with_name("work_zone_merge.distribution.xosc")], Sweep(), {})
    assert len(cases) == len(SPEEDS) * len(OTHERS)
    assert {c.path.name for c in cases} == {MERGE.name}


def test_refusals(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="no such file"):
        cases_of([tmp_path / "absent.xosc"], Sweep(), {})
    with pytest.raises(ScenarioError, match="no scenario"):
        cases_of([tmp_path], Sweep(), {})
    lonely = tmp_path / "lonely.xosc"
    lonely.write_bytes(MERGE.read_bytes())
    with pytest.raises(ScenarioError, match=r"lonely\.distribution\.xosc is wanted"):
        cases_of([lonely], Sweep(how="grid"), {})
    with pytest.raises(ScenarioError, match="no sweep"):
        Sweep(how="all")
