"""Quick draws: single calls of a generator cost more than what is done with the number."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from statistics import NormalDist
from typing import TypeVar

import numpy as np

T = TypeVar("T")

_BLOCK = 128
_NORMAL = NormalDist()


class Dice:
    """Draws from a generator, a block ahead."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._block: list[float] = []

    def share(self) -> float:
        """Even in [0, 1)."""
        if not self._block:
            self._block = self._rng.random(_BLOCK).tolist()
        return self._block.pop()

    def between(self, low: float, high: float) -> float:
        """Even."""
        return low + (high - low) * self.share()

    def chance(self, share: float) -> bool:
        """True so often."""
        return self.share() < share

    def index(self, count: int) -> int:
        """Even in 0..count - 1."""
        return min(int(self.share() * count), count - 1)

    def choice(self, items: Sequence[T]) -> T:
        """One of them, each as likely."""
        return items[self.index(len(items))]

    def weighted(self, sums: Sequence[float]) -> int:
        """An index, by the running sums of the weights."""
        return min(bisect_right(sums, self.share() * sums[-1]), len(sums) - 1)

    def normal(self, mean: float, deviation: float) -> float:
        """Of a normal distribution."""
        return mean + deviation * _NORMAL.inv_cdf(min(max(self.share(), 1e-9), 1.0 - 1e-9))

    def count(self, expected: float) -> int:
        """A whole number with this mean: the one below or the one above."""
        whole = int(expected)
        return whole + (1 if self.chance(expected - whole) else 0)
