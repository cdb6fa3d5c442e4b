"""Where a search looks: from files to points and back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from drivegen.core.errors import ScenarioError
from drivegen.runtime.search.space import Space, space_of
from drivegen.scenario.reader import read_scenario
from tests.unit.runtime.search.crossing import write

STOCHASTIC = """<Stochastic numberOfTestRuns="3">
  <StochasticDistribution parameterName="Start_s"><NormalDistribution expectedValue="5" variance="4">
    <Range lowerLimit="1" upperLimit="9"/></NormalDistribution></StochasticDistribution>
  <StochasticDistribution parameterName="Across"><ProbabilityDistributionSet>
    <Element value="2" weight="9"/><Element value="3" weight="1"/><Element value="4" weight="0"/>
  </ProbabilityDistributionSet></StochasticDistribution>
</Stochastic>"""
HISTOGRAM = """<Stochastic numberOfTestRuns="3">
  <StochasticDistribution parameterName="Start_s"><Histogram>
    <Bin weight="1"><Range lowerLimit="0" upperLimit="2"/></Bin>
    <Bin weight="3"><Range lowerLimit="4" upperLimit="10"/></Bin>
  </Histogram></StochasticDistribution>
</Stochastic>"""
TOGETHER = """<Deterministic>
  <DeterministicMultiParameterDistribution><ValueSetDistribution>
    <ParameterValueSet><ParameterAssignment parameterRef="Start_s" value="1"/>
      <ParameterAssignment parameterRef="Across" value="2"/></ParameterValueSet>
    <ParameterValueSet><ParameterAssignment parameterRef="Start_s" value="2"/>
      <ParameterAssignment parameterRef="Across" value="4"/></ParameterValueSet>
  </ValueSetDistribution></DeterministicMultiParameterDistribution>
</Deterministic>"""


def values(space: Space, *point: float) -> dict[str, float]:
    return {name: float(value) for name, value in space.parameters(point).items()}


def test_constraints_are_limits_where_no_distribution_is(tmp_path: Path) -> None:
    path = write(tmp_path)
    space = space_of(path, {})
    assert [a.name for a in space.axes] == ["Start_s", "Across"]
    assert values(space, 0.0, 0.0) == {"Start_s": 0.0, "Across": 2.0}
    assert values(space, 0.5, 0.5) == pytest.approx({"Start_s": 6.0, "Across": 3.0})
    for point in ((0.0, 0.0), (1.0, 1.0), (0.3, 0.7)):
        read_scenario(path, space.parameters(point))  # the file's own constraints take all of them
    shares = (np.arange(300) + 0.5) / 300
    whole = [values(space, 0.0, float(s))["Across"] for s in shares]
    assert [whole.count(v) for v in (2.0, 3.0, 4.0)] == [100, 100, 100]


def test_a_distribution_stands_above_constraints_and_its_chances_are_the_coordinates(tmp_path: Path) -> None:
    space = space_of(write(tmp_path, STOCHASTIC), {})
    assert values(space, 0.5, 0.0)["Start_s"] == pytest.approx(5.0)
    assert values(space, 0.0, 0.0)["Start_s"] == pytest.approx(1.0)
    assert values(space, 1.0, 0.0)["Start_s"] == pytest.approx(9.0)
    quarter = values(space, 0.25, 0.0)["Start_s"]
    assert 3.5 < quarter < 4.0  # half of a normal distribution lies within 0.67 of its deviation
    # What has no chance is left out; of the rest each is as wide as the other.
    assert [values(space, 0.5, s)["Across"] for s in (0.1, 0.4, 0.6, 0.9)] == [2.0, 2.0, 3.0, 3.0]


def test_a_histogram_is_walked_bin_by_bin(tmp_path: Path) -> None:
    space = space_of(write(tmp_path, HISTOGRAM), {})
    found = [values(space, s)["Start_s"] for s in (0.0, 0.125, 0.2499, 0.25, 0.625, 1.0)]
    assert found == pytest.approx([0.0, 1.0, 2.0, 4.0, 7.0, 10.0], abs=0.01)


def test_values_that_go_together_are_one_axis(tmp_path: Path) -> None:
    space = space_of(write(tmp_path, TOGETHER), {})
    assert [(a.name, a.choices) for a in space.axes] == [("Start_s+Across", 2)]
    assert values(space, 0.4) == {"Start_s": 1.0, "Across": 2.0}
    assert values(space, 0.6) == {"Start_s": 2.0, "Across": 4.0}
    assert space.apart((0.1,), (0.4,)) == 0.0 and space.apart((0.1,), (0.6,)) == 1.0


def test_distances_are_shares_of_the_ranges(tmp_path: Path) -> None:
    space = space_of(write(tmp_path), {})
    assert space.apart((0.0, 0.0), (1.0, 1.0)) == 1.0
    assert space.apart((0.2, 0.5), (0.5, 0.1)) == pytest.approx(np.sqrt((0.09 + 0.16) / 2))


def test_what_is_given_does_not_vary(tmp_path: Path) -> None:
    path = write(tmp_path)
    assert [a.name for a in space_of(path, {"Across": "2"}).axes] == ["Start_s"]
    with pytest.raises(ScenarioError, match=r"nothing varies.*crossing\.distribution\.xosc"):
        space_of(path, {"Across": "2", "Start_s": "1"})
