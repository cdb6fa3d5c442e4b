"""Files of distributions: how the parameters of a scenario vary."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, ClassVar

from drivegen.scenario.model.element import AtLeast, Beside, Element, Inline, Text, UnsignedInt
from drivegen.scenario.model.entities import File
from drivegen.scenario.model.traffic import Range


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterAssignment(Element):
    """A parameter's value."""

    parameter_ref: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterValueSet(Element):
    """Values of some parameters that go together."""

    parameter_assignments: Annotated[tuple[ParameterAssignment, ...], AtLeast(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueSetDistribution(Element):
    """Sets of values, one after another."""

    parameter_value_sets: Annotated[tuple[ParameterValueSet, ...], AtLeast(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeterministicMultiParameterDistribution(Element):
    """Some parameters vary together."""

    value_set_distribution: ValueSetDistribution


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributionSetElement(Element):
    """One value."""

    TAG: ClassVar[str] = "Element"

    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributionSet(Element):
    """Values, one after another."""

    elements: Annotated[tuple[DistributionSetElement, ...], AtLeast(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributionRange(Element):
    """Values from the lower to the upper limit by steps."""

    step_width: float
    range: Range


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDefinedDistribution(Element):
    """A distribution that the standard does not know."""

    type: str
    content: Annotated[str, Text()] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeterministicSingleParameterDistribution(Element):
    """One parameter varies by itself."""

    parameter_name: str
    distribution: Annotated[DistributionSet | DistributionRange | UserDefinedDistribution, Inline()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deterministic(Element):
    """All combinations of the values of some distributions."""

    distributions: tuple[
        DeterministicMultiParameterDistribution | DeterministicSingleParameterDistribution, ...
    ] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbabilityDistributionSetElement(Element):
    """One value and how often it comes."""

    TAG: ClassVar[str] = "Element"

    value: str
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbabilityDistributionSet(Element):
    """Values with weights."""

    elements: Annotated[tuple[ProbabilityDistributionSetElement, ...], AtLeast(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalDistribution(Element):
    """Gauss's distribution, within the range if there is one."""

    expected_value: float
    variance: float
    range: Range | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogNormalDistribution(Element):
    """A value whose logarithm is normal; expected value and variance are the value's own."""

    expected_value: float
    variance: float
    range: Range | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UniformDistribution(Element):
    """Any value of the range alike."""

    range: Range


@dataclass(frozen=True, slots=True, kw_only=True)
class PoissonDistribution(Element):
    """Poisson's distribution of whole numbers, within the range if there is one."""

    expected_value: float
    range: Range | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistogramBin(Element):
    """A range and how often it comes."""

    TAG: ClassVar[str] = "Bin"

    weight: float
    range: Range


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram(Element):
    """Ranges with weights; within each any value alike."""

    bins: Annotated[tuple[HistogramBin, ...], AtLeast(1)]


StochasticKind = (
    ProbabilityDistributionSet
    | NormalDistribution
    | LogNormalDistribution
    | UniformDistribution
    | PoissonDistribution
    | Histogram
    | UserDefinedDistribution
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StochasticDistribution(Element):
    """One parameter varies at random."""

    parameter_name: str
    distribution: Annotated[StochasticKind, Inline()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stochastic(Element):
    """So many draws of some parameters."""

    number_of_test_runs: UnsignedInt
    random_seed: float | None = None
    stochastic_distributions: Annotated[tuple[StochasticDistribution, ...], AtLeast(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterValueDistribution(Element):
    """How the parameters of a scenario vary."""

    scenario_file: File
    definition: Annotated[Deterministic | Stochastic, Inline()]
    path: Annotated[Path | None, Beside()] = field(default=None, compare=False)
    """The file that it was read from; the scenario's path is relative to its folder."""

    @property
    def scenario_path(self) -> Path:
        """The scenario's file."""
        file = self.scenario_file.filepath
        return Path(file) if self.path is None else self.path.parent / file
