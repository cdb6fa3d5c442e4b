"""How the parameters of a logical scenario are combined."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from drivegen.core.errors import ScenarioError
from drivegen.core.rng import derive_rng
from drivegen.runtime.covering import covering_array
from drivegen.scenario.distributions import concrete_parameters, draw
from drivegen.scenario.model.distributions import (
    Deterministic,
    DeterministicSingleParameterDistribution,
    DistributionRange,
    ParameterValueDistribution,
    Stochastic,
)
from drivegen.scenario.model.traffic import Range
from drivegen.scenario.reading.values import as_text

HOW = ("none", "grid", "pairwise", "random")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """What is tried of a distribution.

    none: the values in the scenario's file. grid: all combinations of its steps. pairwise: so few that each
    pair of steps of two parameters comes. random: `runs` draws within its ranges or by its chances.
    """

    how: str = "none"
    runs: int = 20
    seed: int = 0

    def __post_init__(self) -> None:
        if self.how not in HOW:
            raise ScenarioError(f'"{self.how}" is no sweep: choose {", ".join(HOW)}')
        if self.runs < 1:
            raise ScenarioError(f"{self.runs} runs are none: give 1 or more")


def values_of(distribution: ParameterValueDistribution, sweep: Sweep) -> Iterator[dict[str, str]]:
    """The parameters of each run. ScenarioError where the sweep does not fit the file."""
    definition = distribution.definition
    if sweep.how == "random":
        rng = derive_rng(sweep.seed, "sweep", distribution.scenario_file.filepath)
        for _ in range(sweep.runs):
            yield _drawn(distribution, rng)
        return
    if not isinstance(definition, Deterministic):
        raise ScenarioError(
            f"{distribution.path}: its values are drawn at random, so there are no steps: sweep it by random"
        )
    if sweep.how == "grid":
        yield from concrete_parameters(distribution)
        return
    axes = _axes(distribution, definition)
    rows = covering_array([len(axis) for axis in axes], derive_rng(sweep.seed, "sweep", "pairwise"))
    for row in rows:
        yield {name: value for axis, k in zip(axes, row, strict=True) for name, value in axis[k].items()}


def _axes(distribution: ParameterValueDistribution, definition: Deterministic) -> list[list[dict[str, str]]]:
    """The values that go together, by part of the file."""
    return [
        list(
            concrete_parameters(replace(distribution, definition=replace(definition, distributions=(part,))))
        )
        for part in definition.distributions
    ]


def _drawn(distribution: ParameterValueDistribution, rng: np.random.Generator) -> dict[str, str]:
    """One draw: anywhere in a range, any of a set's values alike, or by the file's own chances."""
    definition = distribution.definition
    if isinstance(definition, Stochastic):
        return {
            d.parameter_name.removeprefix("$"): draw(d.distribution, rng)
            for d in definition.stochastic_distributions
        }
    out: dict[str, str] = {}
    for part, axis in zip(definition.distributions, _axes(distribution, definition), strict=True):
        if isinstance(part, DeterministicSingleParameterDistribution) and isinstance(
            part.distribution, DistributionRange
        ):
            out[part.parameter_name.removeprefix("$")] = within(part.distribution, float(rng.random()))
        else:
            out |= axis[int(rng.integers(len(axis)))]
    return out


def within(kind: DistributionRange, share: float) -> str:
    """The value at a share (0 to 1) of a range; a whole number where limits and steps are whole."""
    limits: Range = kind.range
    value = limits.lower_limit + share * (limits.upper_limit - limits.lower_limit)
    whole = all(float(v).is_integer() for v in (limits.lower_limit, limits.upper_limit, kind.step_width))
    return as_text(round(value) if whole else value)
