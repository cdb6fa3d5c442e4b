"""From a distribution of parameters to the values of concrete scenarios."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import NormalDist

import numpy as np

from drivegen.core.errors import ScenarioError
from drivegen.core.rng import derive_rng
from drivegen.scenario.model.distributions import (
    Deterministic,
    DeterministicMultiParameterDistribution,
    DeterministicSingleParameterDistribution,
    DistributionRange,
    DistributionSet,
    Histogram,
    LogNormalDistribution,
    NormalDistribution,
    ParameterAssignment,
    ParameterValueDistribution,
    PoissonDistribution,
    ProbabilityDistributionSet,
    Stochastic,
    StochasticDistribution,
    StochasticKind,
    UniformDistribution,
    UserDefinedDistribution,
)
from drivegen.scenario.model.element import Element
from drivegen.scenario.model.traffic import Range
from drivegen.scenario.model.walk import walk
from drivegen.scenario.reader import root_header
from drivegen.scenario.reading.catalogs import Catalogs
from drivegen.scenario.reading.document import Node, read_document
from drivegen.scenario.reading.elements import Reading
from drivegen.scenario.reading.problems import BrokenScenarioError, Problem, broken, nearest
from drivegen.scenario.reading.schema import tag_of
from drivegen.scenario.reading.scope import Scope
from drivegen.scenario.reading.values import as_text

MOST_VALUES = 1_000_000
"""The most values of one range, and the most combinations of a file."""


def is_distribution(root: Node) -> bool:
    """Whether a file is one of distributions."""
    return root.child("ParameterValueDistribution") is not None


def read_distribution(path: Path) -> ParameterValueDistribution:
    """A file of distributions.

    Raises:
        ScenarioError: it is missing, broken, or has a distribution of the user's own.
    """
    root = read_document(path)
    root_header(root)
    node = root.child("ParameterValueDistribution")
    if node is None:
        raise broken(root.place, "there is no ParameterValueDistribution: is this a scenario?")
    reading = Reading(Catalogs(folder=path.parent))
    distribution = replace(reading.element(node, ParameterValueDistribution, Scope()), path=path)
    problems = [p for e in walk(distribution) for p in _problems(e)]
    if problems:
        raise BrokenScenarioError(problems)
    problems = list(_unknown_parameters(distribution))
    if problems:
        raise BrokenScenarioError(problems)
    if count(distribution) > MOST_VALUES:
        raise broken(node.place, f"there are more than {MOST_VALUES} combinations")
    return distribution


def count(distribution: ParameterValueDistribution) -> int:
    """How many concrete scenarios the file asks for."""
    definition = distribution.definition
    if isinstance(definition, Stochastic):
        return definition.number_of_test_runs
    return math.prod(_length(d) for d in definition.distributions)


def concrete_parameters(distribution: ParameterValueDistribution, seed: int = 0) -> Iterator[dict[str, str]]:
    """The parameters of each concrete scenario, for `read_scenario`.

    Args:
        distribution: as read.
        seed: of the draws where the file gives none. The same seed draws the same values; a file's own
            `randomSeed` stands above it.
    """
    definition = distribution.definition
    if isinstance(definition, Deterministic):
        axes = [list(_combinations(d)) for d in definition.distributions]
        for parts in itertools.product(*axes):
            yield {name: value for part in parts for name, value in part.items()}
        return
    own = definition.random_seed
    start = str(seed) if own is None else as_text(own)
    rngs = {
        d.parameter_name: derive_rng("parameters", start, d.parameter_name)
        for d in definition.stochastic_distributions
    }
    for _ in range(definition.number_of_test_runs):
        yield {
            d.parameter_name.removeprefix("$"): draw(d.distribution, rngs[d.parameter_name])
            for d in definition.stochastic_distributions
        }


def draw(distribution: StochasticKind, rng: np.random.Generator) -> str:
    """One value, as a parameter's text.

    Raises:
        ScenarioError: the distribution is the user's own.
    """
    if isinstance(distribution, Histogram):
        chosen = distribution.bins[_index([b.weight for b in distribution.bins], rng.random())]
        return as_text(_between(chosen.range, rng.random()))
    return at_share(distribution, rng.random())


def at_share(distribution: StochasticKind, share: float) -> str:
    """The value below which a share (0 to below 1) of the chances lies, as a parameter's text.

    Raises:
        ScenarioError: the distribution is the user's own.
    """
    if isinstance(distribution, ProbabilityDistributionSet):
        return distribution.elements[_index([e.weight for e in distribution.elements], share)].value
    if isinstance(distribution, Histogram):
        weights = [b.weight for b in distribution.bins]
        k = _index(weights, share)
        inside = (share * sum(weights) - sum(weights[:k])) / weights[k]
        return as_text(_between(distribution.bins[k].range, min(max(inside, 0.0), 1.0)))
    if isinstance(distribution, UniformDistribution):
        return as_text(_between(distribution.range, share))
    if isinstance(distribution, PoissonDistribution):
        return as_text(_poisson(distribution, share))
    if isinstance(distribution, UserDefinedDistribution):
        raise broken(distribution.place, "not supported: UserDefinedDistribution")
    return as_text(_normal(distribution, share))


def choices_of(distribution: ProbabilityDistributionSet) -> tuple[str, ...]:
    """The values that have a chance, in the order of the file, each once."""
    return tuple(dict.fromkeys(e.value for e in distribution.elements if e.weight > 0.0))


def _combinations(
    distribution: DeterministicMultiParameterDistribution | DeterministicSingleParameterDistribution,
) -> Iterator[dict[str, str]]:
    if isinstance(distribution, DeterministicMultiParameterDistribution):
        for values in distribution.value_set_distribution.parameter_value_sets:
            yield {a.parameter_ref.removeprefix("$"): a.value for a in values.parameter_assignments}
        return
    name, kind = distribution.parameter_name.removeprefix("$"), distribution.distribution
    if isinstance(kind, DistributionSet):
        for element in kind.elements:
            yield {name: element.value}
    elif isinstance(kind, DistributionRange):
        for i in range(_steps(kind)):
            # Twelve digits hide that steps like 0.1 are not exact.
            yield {name: as_text(float(f"{kind.range.lower_limit + i * kind.step_width:.12g}"))}


def _length(
    distribution: DeterministicMultiParameterDistribution | DeterministicSingleParameterDistribution,
) -> int:
    if isinstance(distribution, DeterministicMultiParameterDistribution):
        return len(distribution.value_set_distribution.parameter_value_sets)
    kind = distribution.distribution
    if isinstance(kind, DistributionSet):
        return len(kind.elements)
    return _steps(kind) if isinstance(kind, DistributionRange) else 0


def _steps(kind: DistributionRange) -> int:
    """How many values there are; the upper limit is one of them where the steps come to it."""
    steps = (kind.range.upper_limit - kind.range.lower_limit) / kind.step_width
    return math.floor(min(steps, float(MOST_VALUES)) + 1e-9) + 1


def _between(limits: Range, part: float) -> float:
    return limits.lower_limit + part * (limits.upper_limit - limits.lower_limit)


def _index(weights: Sequence[float], part: float) -> int:
    """The entry in which a part (0 to 1) of the weights' sum falls."""
    ends = list(itertools.accumulate(weights))
    wanted = part * ends[-1]
    return next(i for i, end in enumerate(ends) if weights[i] and wanted < end)


@dataclass(frozen=True, slots=True)
class _Bell:
    """A normal distribution, of the value or its logarithm, and the chances below the limits."""

    normal: NormalDist
    logarithmic: bool
    lower: float
    upper: float


def _bell(distribution: NormalDistribution | LogNormalDistribution) -> _Bell:
    mean, variance = distribution.expected_value, distribution.variance
    logarithmic = isinstance(distribution, LogNormalDistribution)
    if logarithmic:
        # A log-normal value of mean m and variance v: its logarithm has variance ln(1 + v/m^2) and mean
        # ln(m) less half of that (Johnson, Kotz, Balakrishnan: Continuous Univariate Distributions 1).
        spread = math.log1p(variance / mean**2)
        normal = NormalDist(math.log(mean) - spread / 2, math.sqrt(spread))
    else:
        normal = NormalDist(mean, math.sqrt(variance))
    lower, upper = 0.0, 1.0
    if distribution.range is not None:
        lower = _below(normal, distribution.range.lower_limit, logarithmic)
        upper = _below(normal, distribution.range.upper_limit, logarithmic)
    return _Bell(normal, logarithmic, lower, upper)


def _below(normal: NormalDist, value: float, logarithmic: bool) -> float:
    if logarithmic:
        return normal.cdf(math.log(value)) if value > 0.0 else 0.0
    return normal.cdf(value)


def _normal(distribution: NormalDistribution | LogNormalDistribution, part: float) -> float:
    """The value below which a part of the chances lies, within the range."""
    if distribution.variance == 0.0:
        return distribution.expected_value
    bell = _bell(distribution)
    chance = bell.lower + part * (bell.upper - bell.lower)
    tiny = 2.0**-53
    value = bell.normal.inv_cdf(min(max(chance, tiny), 1.0 - tiny))
    value = math.exp(value) if bell.logarithmic else value
    if distribution.range is not None:
        value = min(max(value, distribution.range.lower_limit), distribution.range.upper_limit)
    return value


def _poisson_chances(distribution: PoissonDistribution) -> tuple[int, list[float]]:
    """The least number and the chances of it and the next ones, as far as they matter."""
    mean = distribution.expected_value
    least, most = 0, math.ceil(mean + 12.0 * math.sqrt(mean) + 12.0)
    if distribution.range is not None:
        least = max(0, math.ceil(distribution.range.lower_limit))
        most = min(most, math.floor(distribution.range.upper_limit))
    logarithms = [k * math.log(mean) - mean - math.lgamma(k + 1) for k in range(least, most + 1)]
    return least, [math.exp(v) for v in logarithms]


def _poisson(distribution: PoissonDistribution, part: float) -> int:
    least, chances = _poisson_chances(distribution)
    return least + _index(chances, part)


def _unknown_parameters(distribution: ParameterValueDistribution) -> Iterator[Problem]:
    """Parameters that the scenario does not declare."""
    try:
        root = read_document(distribution.scenario_path)
    except BrokenScenarioError as error:
        why = error.problems[0]
        file = distribution.scenario_file
        if why.place.line > 1:
            raise
        raise broken(file.place, f"the scenario {file.filepath[:200]!r}: {why.text}") from None
    declarations = root.child("ParameterDeclarations")
    nodes = [] if declarations is None else declarations.children
    known = {n.attributes.get("name", "").removeprefix("$") for n in nodes}
    for element in walk(distribution):
        if isinstance(element, ParameterAssignment):
            name = element.parameter_ref.removeprefix("$")
        elif isinstance(element, DeterministicSingleParameterDistribution | StochasticDistribution):
            name = element.parameter_name.removeprefix("$")
        else:
            continue
        if name not in known:
            said = f"the scenario declares no parameter {name[:200]!r}; {nearest(name, known)}"
            yield Problem(place=element.place, text=said)


def _problems(element: Element) -> Iterator[Problem]:
    said: str | None = None
    if isinstance(element, UserDefinedDistribution):
        said = f"not supported: UserDefinedDistribution {element.type!r}"
    elif isinstance(element, Range) and element.upper_limit < element.lower_limit:
        said = "upperLimit is below lowerLimit"
    elif isinstance(element, DistributionRange):
        if element.step_width <= 0.0:
            said = "stepWidth must be above 0"
        elif _steps(element) > MOST_VALUES:
            said = f"there are more than {MOST_VALUES} steps"
    elif isinstance(element, ProbabilityDistributionSet):
        said = _weights([e.weight for e in element.elements])
    elif isinstance(element, Histogram):
        said = _weights([b.weight for b in element.bins])
    elif isinstance(element, PoissonDistribution):
        said = _poisson_problem(element)
    elif isinstance(element, NormalDistribution | LogNormalDistribution):
        said = _bell_problem(element)
    elif isinstance(element, Stochastic) and element.number_of_test_runs > MOST_VALUES:
        said = f"numberOfTestRuns is above {MOST_VALUES}"
    if said is not None:
        yield Problem(place=element.place, text=f"{tag_of(type(element))}: {said}")


def _weights(weights: Sequence[float]) -> str | None:
    if any(w < 0.0 for w in weights):
        return "a weight is negative"
    return None if 0.0 < sum(weights) < math.inf else "the weights must sum to more than 0"


def _poisson_problem(element: PoissonDistribution) -> str | None:
    if not 0.0 < element.expected_value <= 1e5:
        return "expectedValue must be above 0 and at most 100000"
    return None if sum(_poisson_chances(element)[1]) > 0.0 else "the range has no chance"


def _bell_problem(element: NormalDistribution | LogNormalDistribution) -> str | None:
    if element.variance < 0.0:
        return "the variance is negative"
    if isinstance(element, LogNormalDistribution) and element.expected_value <= 0.0:
        return "expectedValue must be above 0"
    if element.variance == 0.0:
        return None
    try:
        bell = _bell(element)
    except (OverflowError, ValueError, ScenarioError):
        return "the values are too large"
    return None if bell.lower < bell.upper else "the range has no chance"
