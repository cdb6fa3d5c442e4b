from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from drivegen.core.errors import ScenarioError
from drivegen.scenario.distributions import concrete_parameters, count, read_distribution
from drivegen.scenario.reader import read_scenario
from tests.unit.scenario.texts import SCENARIO

HEADER = '<FileHeader revMajor="1" revMinor="3" date="2024-05-01T12:00:00" description="" author="us"/>'
NORMAL = '<NormalDistribution expectedValue="0" variance="1">{}</NormalDistribution>'
SET = "ProbabilityDistributionSet"
RANGE = '<Range lowerLimit="{}" upperLimit="{}"/>'


def file_of(folder: Path, definition: str) -> Path:
    more = "".join(f'<ParameterDeclaration name="{n}" parameterType="double" value="0"/>' for n in "abcx")
    scenario = SCENARIO.replace("</ParameterDeclarations>\n  <Cat", f"{more}</ParameterDeclarations>\n  <Cat")
    (folder / "scenario.xosc").write_text(scenario)
    path = folder / "values.xosc"
    inner = f'<ScenarioFile filepath="scenario.xosc"/>\n{definition}'
    path.write_text(
        f"<OpenSCENARIO>\n{HEADER}\n<ParameterValueDistribution>\n{inner}\n</ParameterValueDistribution>\n</OpenSCENARIO>"
    )
    return path


def single(name: str, inner: str) -> str:
    tag = "DeterministicSingleParameterDistribution"
    return f'<{tag} parameterName="{name}">{inner}</{tag}>'


def stochastic(inner: str, runs: int = 4000, seed: str = "") -> str:
    drawn = f'<StochasticDistribution parameterName="x">{inner}</StochasticDistribution>'
    return f'<Stochastic numberOfTestRuns="{runs}"{seed}>{drawn}</Stochastic>'


def draws(folder: Path, inner: str, runs: int = 4000) -> np.ndarray:
    distribution = read_distribution(file_of(folder, stochastic(inner, runs)))
    return np.array([float(p["x"]) for p in concrete_parameters(distribution, seed=3)])


SETS = """<DeterministicMultiParameterDistribution><ValueSetDistribution>
  <ParameterValueSet><ParameterAssignment parameterRef="Speed_kph" value="20"/>
    <ParameterAssignment parameterRef="Lane" value="-1"/></ParameterValueSet>
  <ParameterValueSet><ParameterAssignment parameterRef="Speed_kph" value="30"/>
    <ParameterAssignment parameterRef="Lane" value="-2"/></ParameterValueSet>
</ValueSetDistribution></DeterministicMultiParameterDistribution>"""


def test_deterministic_distributions_are_combined_in_the_order_of_the_file(tmp_path: Path) -> None:
    steps = single("a", f'<DistributionRange stepWidth="0.1">{RANGE.format(0, 0.3)}</DistributionRange>')
    words = single("b", '<DistributionSet><Element value="x"/><Element value="y"/></DistributionSet>')
    distribution = read_distribution(
        file_of(tmp_path, f"<Deterministic>{steps}{words}{SETS}</Deterministic>")
    )
    found = list(concrete_parameters(distribution))
    assert count(distribution) == len(found) == 4 * 2 * 2
    assert found[0] == {"a": "0", "b": "x", "Speed_kph": "20", "Lane": "-1"}
    assert found[1] == {"a": "0", "b": "x", "Speed_kph": "30", "Lane": "-2"}
    assert [p["a"] for p in found[::4]] == ["0", "0.1", "0.2", "0.3"]


def test_each_combination_makes_a_concrete_scenario(tmp_path: Path) -> None:
    distribution = read_distribution(file_of(tmp_path, f"<Deterministic>{SETS}</Deterministic>"))
    scenarios = [read_scenario(distribution.scenario_path, p) for p in concrete_parameters(distribution)]
    assert [s.parameter_declarations[0].value for s in scenarios] == ["20", "30"]


@pytest.mark.parametrize(
    ("inner", "mean", "deviation"),
    [
        (f"<UniformDistribution>{RANGE.format(2, 8)}</UniformDistribution>", 5.0, math.sqrt(3.0)),
        ('<NormalDistribution expectedValue="10" variance="4"/>', 10.0, 2.0),
        ('<LogNormalDistribution expectedValue="3" variance="0.5"/>', 3.0, math.sqrt(0.5)),
        ('<PoissonDistribution expectedValue="6"/>', 6.0, math.sqrt(6.0)),
        (
            f'<Histogram><Bin weight="1">{RANGE.format(0, 1)}</Bin>'
            f'<Bin weight="3">{RANGE.format(1, 2)}</Bin></Histogram>',
            1.25,
            math.sqrt(1 / 12 + 3 / 16),
        ),
        (
            '<ProbabilityDistributionSet><Element value="1" weight="1"/><Element value="5" weight="3"/>'
            "</ProbabilityDistributionSet>",
            4.0,
            math.sqrt(3.0),
        ),
    ],
)
def test_draws_have_the_mean_and_spread_of_their_distribution(
    inner: str, mean: float, deviation: float, tmp_path: Path
) -> None:
    values = draws(tmp_path, inner)
    assert values.mean() == pytest.approx(mean, abs=4.5 * deviation / math.sqrt(len(values)))
    assert values.std() == pytest.approx(deviation, rel=0.06)


@pytest.mark.parametrize("kind", ["Normal", "LogNormal", "Poisson"])
def test_draws_keep_to_their_range(kind: str, tmp_path: Path) -> None:
    variance = "" if kind == "Poisson" else ' variance="9"'
    inner = f'<{kind}Distribution expectedValue="5"{variance}>{RANGE.format(6, 8)}</{kind}Distribution>'
    values = draws(tmp_path, inner, 400)
    assert values.min() >= 6.0 and values.max() <= 8.0
    assert len(set(values)) > (2 if kind == "Poisson" else 300)


def test_the_same_seed_draws_the_same_and_the_files_own_stands_above(tmp_path: Path) -> None:
    inner = f"<UniformDistribution>{RANGE.format(0, 1)}</UniformDistribution>"
    free = read_distribution(file_of(tmp_path, stochastic(inner, 5)))
    assert list(concrete_parameters(free, 1)) == list(concrete_parameters(free, 1))
    assert list(concrete_parameters(free, 1)) != list(concrete_parameters(free, 2))
    fixed = read_distribution(file_of(tmp_path, stochastic(inner, 5, ' randomSeed="7"')))
    assert list(concrete_parameters(fixed, 1)) == list(concrete_parameters(fixed, 2))


@pytest.mark.parametrize(
    ("definition", "said"),
    [
        (
            single("a", f'<DistributionRange stepWidth="0">{RANGE.format(0, 1)}</DistributionRange>'),
            "must be above 0",
        ),
        (
            single("a", f'<DistributionRange stepWidth="1">{RANGE.format(1, 0)}</DistributionRange>'),
            "is below lowerLimit",
        ),
        (
            single("a", f'<DistributionRange stepWidth="1e-9">{RANGE.format(0, 1)}</DistributionRange>'),
            "steps",
        ),
        (single("a", "<DistributionSet/>"), "DistributionSet needs Element"),
        (
            single("a", '<UserDefinedDistribution type="mine">x</UserDefinedDistribution>'),
            "not supported: User",
        ),
        (
            stochastic('<UserDefinedDistribution type="mine">x</UserDefinedDistribution>'),
            "not supported: User",
        ),
        (stochastic('<NormalDistribution expectedValue="1" variance="-1"/>'), "the variance is negative"),
        (
            stochastic(NORMAL.format(RANGE.format(90, 99))),
            "the range has no chance",
        ),
        (stochastic('<PoissonDistribution expectedValue="0"/>'), "must be above 0"),
        (stochastic('<LogNormalDistribution expectedValue="-1" variance="1"/>'), "must be above 0"),
        (
            stochastic(
                '<ProbabilityDistributionSet><Element value="1" weight="0"/></ProbabilityDistributionSet>'
            ),
            "sum to more than 0",
        ),
        (single("d", '<DistributionSet><Element value="1"/></DistributionSet>'), "declares no parameter 'd'"),
        (stochastic("<UniformDistribution/>"), "UniformDistribution needs Range"),
        ("", "ParameterValueDistribution needs Deterministic or Stochastic"),
    ],
)
def test_a_wrong_distribution_is_told_with_its_line(definition: str, said: str, tmp_path: Path) -> None:
    if definition.startswith("<DeterministicS"):
        definition = f"<Deterministic>{definition}</Deterministic>"
    path = file_of(tmp_path, definition)
    with pytest.raises(ScenarioError) as caught:
        read_distribution(path)
    assert said in str(caught.value)
    assert str(caught.value).startswith(f"{path}:{5 if definition else 3}: ")


def test_a_scenario_that_is_not_there_is_told_at_the_place_that_names_it(tmp_path: Path) -> None:
    path = file_of(tmp_path, f"<Deterministic>{SETS}</Deterministic>")
    (tmp_path / "scenario.xosc").unlink()
    with pytest.raises(
        ScenarioError, match=r"values\.xosc:4: the scenario 'scenario\.xosc': there is no such file"
    ):
        read_distribution(path)


def test_too_many_combinations_are_refused(tmp_path: Path) -> None:
    axis = f'<DistributionRange stepWidth="1">{RANGE.format(1, 1000)}</DistributionRange>'
    inner = "".join(single(name, axis) for name in "abc")
    with pytest.raises(ScenarioError, match="more than 1000000 combinations"):
        read_distribution(file_of(tmp_path, f"<Deterministic>{inner}</Deterministic>"))
    with pytest.raises(ScenarioError, match="there is no ParameterValueDistribution"):
        read_distribution(tmp_path / "scenario.xosc")
