"""Random draws: of a weighted choice, and of a normal distribution cut off at both ends."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from statistics import NormalDist
from typing import Generic, TypeVar

import numpy as np

T = TypeVar("T")

_NORMAL = NormalDist()


def choose(rng: np.random.Generator, weighted: Sequence[tuple[T, float]]) -> T:
    """One of several, as likely as its weight."""
    sums = list(accumulate(weight for _, weight in weighted))
    return weighted[min(bisect_right(sums, rng.random() * sums[-1]), len(weighted) - 1)][0]


class Table(Generic[T]):
    """A weighted choice that is drawn from often."""

    def __init__(self, weighted: Sequence[tuple[T, float]]) -> None:
        self._items = [item for item, _ in weighted]
        self._sums = list(accumulate(weight for _, weight in weighted))

    def draw(self, rng: np.random.Generator) -> T:
        """One of them; the same as `choose`."""
        found = bisect_right(self._sums, rng.random() * self._sums[-1])
        return self._items[min(found, len(self._items) - 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """A normal distribution truncated to `least` .. `most`; constant where they are equal."""

    mean: float
    deviation: float
    least: float
    most: float

    def draw(self, rng: np.random.Generator) -> float:
        """By inverting the distribution, so that a draw takes one random number, and a constant none."""
        if self.least == self.most or self.deviation <= 0.0:
            return min(max(self.mean, self.least), self.most)
        low, high = _tails(self)
        p = min(max(low + rng.random() * (high - low), 1e-12), 1.0 - 1e-12)
        return min(max(self.mean + self.deviation * _NORMAL.inv_cdf(p), self.least), self.most)


@lru_cache(maxsize=1024)
def _tails(spread: Spread) -> tuple[float, float]:
    """How likely the normal distribution stays below either end."""
    low, high = (_NORMAL.cdf((v - spread.mean) / spread.deviation) for v in (spread.least, spread.most))
    return low, high


def constant(value: float) -> Spread:
    """Always the same."""
    return Spread(mean=value, deviation=0.0, least=value, most=value)
