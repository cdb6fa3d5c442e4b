"""Where a search looks: the values of a logical scenario's parameters, as points of a unit cube.

A coordinate is a share of a parameter's chances: of a range the share of its length, of a distribution the
quantile. So likely values take much room, and a distance means the same for all parameters.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from drivegen.core.errors import ScenarioError
from drivegen.runtime.replay.cases import DISTRIBUTION, SUFFIX
from drivegen.runtime.replay.sweeps import within
from drivegen.scenario.distributions import at_share, choices_of, concrete_parameters, read_distribution
from drivegen.scenario.model.distributions import (
    Deterministic,
    DeterministicSingleParameterDistribution,
    DistributionRange,
    ParameterValueDistribution,
    ProbabilityDistributionSet,
    Stochastic,
    StochasticDistribution,
)
from drivegen.scenario.model.names import ParameterType, Rule
from drivegen.scenario.model.parameters import ParameterDeclaration
from drivegen.scenario.reader import read_scenario
from drivegen.scenario.reading.values import as_text

Point = tuple[float, ...]
"""A coordinate from 0 to below 1 for each axis."""

LAST = math.nextafter(1.0, 0.0)
_WHOLE = (ParameterType.INT, ParameterType.UNSIGNED_INT, ParameterType.UNSIGNED_SHORT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """Some sets of values, one of which is taken."""

    sets: tuple[Mapping[str, str], ...]

    def at(self, share: float) -> dict[str, str]:
        """The set at a share."""
        return dict(self.sets[int(share * len(self.sets))])


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """A parameter of any value between two."""

    name: str
    low: float
    high: float
    whole: bool = False

    def at(self, share: float) -> dict[str, str]:
        """The value at a share."""
        if self.whole:
            value = math.floor(self.low + share * (self.high - self.low + 1.0))
            return {self.name: as_text(min(value, int(self.high)))}
        return {self.name: as_text(self.low + share * (self.high - self.low))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """A range of a file of distributions."""

    name: str
    range: DistributionRange

    def at(self, share: float) -> dict[str, str]:
        """The value at a share, steps aside."""
        return {self.name: within(self.range, share)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chances:
    """A parameter with chances."""

    name: str
    drawn: StochasticDistribution

    def at(self, share: float) -> dict[str, str]:
        """The quantile at a share."""
        return {self.name: at_share(self.drawn.distribution, share)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One coordinate."""

    name: str
    """Of its parameter, or of those that vary together, with + between."""
    values: Choices | Limits | Steps | Chances

    @property
    def choices(self) -> int:
        """How many values without an order there are; 0 where coordinates that are near mean alike."""
        return len(self.values.sets) if isinstance(self.values, Choices) else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """A logical scenario and where its parameters may lie."""

    scenario: Path
    axes: tuple[Axis, ...]

    def parameters(self, point: Point) -> dict[str, str]:
        """The values at a point."""
        out: dict[str, str] = {}
        for axis, share in zip(self.axes, point, strict=True):
            out |= axis.values.at(min(max(share, 0.0), LAST))
        return out

    def apart(self, one: Point, other: Point) -> float:
        """Root mean square over the axes of how far two points are apart; 0 to 1.

        Different values of a choice are 1 apart.
        """
        squares = [
            float(int(a * axis.choices) != int(b * axis.choices)) if axis.choices else (a - b) ** 2
            for axis, a, b in zip(self.axes, one, other, strict=True)
        ]
        return math.sqrt(sum(squares) / len(squares))


def space_of(path: Path, given: Mapping[str, str]) -> Space:
    """The space of a scenario, or of a file of distributions.

    Of a scenario: what the distribution beside it says, else the parameters whose constraints give both
    limits. Parameters in `given` do not vary.

    Raises:
        ScenarioError: a file is broken, or nothing varies.
    """
    axes: list[Axis] = []
    if path.name.endswith(DISTRIBUTION):
        distribution = read_distribution(path)
        scenario, axes = distribution.scenario_path, list(_axes(distribution))
    else:
        scenario = path
        beside = path.with_name(path.name.removesuffix(SUFFIX) + DISTRIBUTION)
        if beside.is_file():
            axes = list(_axes(read_distribution(beside)))
        else:
            axes = [a for p in read_scenario(path, given).parameter_declarations if (a := _limits(p))]
    axes = [a for a in axes if not set(a.name.split("+")) & set(given)]
    if not axes:
        wanted = path.name.removesuffix(SUFFIX) + DISTRIBUTION
        raise ScenarioError(
            f"{path}: nothing varies, so there is nothing to search: put a {wanted} beside it, or give "
            "parameters a ConstraintGroup with greaterOrEqual and lessOrEqual"
        )
    return Space(scenario=scenario, axes=tuple(axes))


def _axes(distribution: ParameterValueDistribution) -> Iterator[Axis]:
    definition = distribution.definition
    if isinstance(definition, Stochastic):
        for drawn in definition.stochastic_distributions:
            yield _chances(drawn)
        return
    for part in definition.distributions:
        if isinstance(part, DeterministicSingleParameterDistribution) and isinstance(
            part.distribution, DistributionRange
        ):
            name = part.parameter_name.removeprefix("$")
            yield Axis(name=name, values=Steps(name=name, range=part.distribution))
            continue
        alone = replace(distribution, definition=Deterministic(place=part.place, distributions=(part,)))
        sets = tuple(concrete_parameters(alone))
        yield Axis(name="+".join(sets[0]), values=Choices(sets=sets))


def _chances(drawn: StochasticDistribution) -> Axis:
    name = drawn.parameter_name.removeprefix("$")
    if isinstance(drawn.distribution, ProbabilityDistributionSet):
        # A search does not wait for what is rare: every value that can come counts alike.
        sets = tuple({name: value} for value in choices_of(drawn.distribution))
        return Axis(name=name, values=Choices(sets=sets))
    return Axis(name=name, values=Chances(name=name, drawn=drawn))


def _limits(parameter: ParameterDeclaration) -> Axis | None:
    """From the constraints of a parameter, if one group of them gives two limits."""
    if len(parameter.constraint_groups) != 1:
        return None
    whole = parameter.parameter_type in _WHOLE
    low, high = -math.inf, math.inf
    for constraint in parameter.constraint_groups[0].value_constraints:
        try:
            value = float(constraint.value)
        except ValueError:
            return None
        if constraint.rule is Rule.GREATER_OR_EQUAL:
            low = max(low, math.ceil(value) if whole else value)
        elif constraint.rule is Rule.GREATER_THAN:
            low = max(low, math.floor(value) + 1.0 if whole else math.nextafter(value, math.inf))
        elif constraint.rule is Rule.LESS_OR_EQUAL:
            high = min(high, math.floor(value) if whole else value)
        elif constraint.rule is Rule.LESS_THAN:
            high = min(high, math.ceil(value) - 1.0 if whole else math.nextafter(value, -math.inf))
    if not -math.inf < low < high < math.inf:
        return None
    return Axis(name=parameter.name, values=Limits(name=parameter.name, low=low, high=high, whole=whole))
