"""Where a search looks next.

First points that fill the space evenly, then those of a tree-structured Parzen estimator: it compares how
dense the best tries lie with how dense the others do, and tries where their ratio is high.

Latin hypercube: McKay, Beckman and Conover, A comparison of three methods for selecting values of input
variables in the analysis of output from a computer code, Technometrics 21 (1979). Estimator: Bergstra,
Bardenet, Bengio and Kegl, Algorithms for hyper-parameter optimization, NIPS 24 (2011), as optuna does it
(Akiba et al., Optuna: a next-generation hyperparameter optimization framework, KDD 2019).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from drivegen.core.errors import ConfigError
from drivegen.core.rng import derive_rng, derive_seed
from drivegen.runtime.search.diversity import worth
from drivegen.runtime.search.space import LAST, Point, Space
from drivegen.runtime.search.tries import Try

FIRST = 12
"""Tries that fill the space before the estimator has a say; whole rounds."""
AT_ONCE = 4
"""Tries that are chosen together, so that the result does not depend on the number of workers."""
_REDRAWS = 200


def check_extra() -> None:
    """Raises ConfigError where optuna is missing."""
    try:
        import optuna  # noqa: F401, PLC0415  (an extra)
    except ImportError:
        raise ConfigError(
            "--sweep search needs optuna, which is not installed: pip install 'drivegen[search]' "
            "(or sweep by random, which needs nothing)"
        ) from None


def next_points(space: Space, tries: Sequence[Try], seed: int) -> list[Point]:
    """The rest of the round that the tries before have come to; nothing where no new values are left.

    Depends on the space, the tries of the rounds before and the seed alone.
    """
    begun = len(tries) // AT_ONCE * AT_ONCE
    before = tries[:begun]
    if begun < FIRST:
        wanted = _even(space, seed)[begun : begun + AT_ONCE]
    else:
        wanted = _estimated(space, before, derive_seed(seed, "search", begun) % 2**32)
    rng = derive_rng(seed, "search", "again", begun)
    seen = {_key(space, t.point) for t in before}
    out: list[Point] = []
    for point in wanted:
        chosen = point
        for _ in range(_REDRAWS):
            if _key(space, chosen) not in seen:
                seen.add(_key(space, chosen))
                out.append(chosen)
                break
            chosen = tuple(float(v) for v in rng.random(len(space.axes)))
    return out[len(tries) - begun :]


def _even(space: Space, seed: int) -> list[Point]:
    """A Latin hypercube: of each coordinate every part of `FIRST` equal ones once."""
    rng = derive_rng(seed, "search", "first")
    columns = [(rng.permutation(FIRST) + rng.random(FIRST)) / FIRST for _ in space.axes]
    return [tuple(float(v) for v in row) for row in np.stack(columns, axis=1)]


def _estimated(space: Space, tries: Sequence[Try], seed: int) -> list[Point]:
    import optuna  # noqa: PLC0415  (an extra; takes a second)

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=0, multivariate=True, constant_liar=True)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    distributions: dict[str, Any] = {
        axis.name: optuna.distributions.CategoricalDistribution(tuple(range(axis.choices)))
        if axis.choices
        else optuna.distributions.FloatDistribution(0.0, 1.0)
        for axis in space.axes
    }
    for each, value in zip(tries, worth(tries, space), strict=True):
        params = {
            axis.name: int(share * axis.choices) if axis.choices else share
            for axis, share in zip(space.axes, each.point, strict=True)
        }
        study.add_trial(optuna.trial.create_trial(value=value, params=params, distributions=distributions))
    asked = [study.ask(distributions).params for _ in range(AT_ONCE)]
    return [
        tuple(
            (params[axis.name] + 0.5) / axis.choices if axis.choices else min(float(params[axis.name]), LAST)
            for axis in space.axes
        )
        for params in asked
    ]


def _key(space: Space, point: Point) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(space.parameters(point).items()))
