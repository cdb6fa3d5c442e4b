"""Drawing lots: what a variant decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from drivegen.core.rng import derive_rng

T = TypeVar("T")


class Lots:
    """Draws for one variant of a family; each subject has its own, so that one more changes no other."""

    def __init__(self, family: str, variant: int, subject: str) -> None:
        self._rng = derive_rng("vehicle family", family, variant, subject)

    def span(self, low: float, high: float) -> float:
        """Evenly between two numbers."""
        return low + (high - low) * float(self._rng.random())

    def pick(self, options: Sequence[T], weights: Sequence[float] | None = None) -> T:
        """One of some, evenly or by weights."""
        shares = [1.0] * len(options) if weights is None else list(weights)
        at = float(self._rng.random()) * sum(shares)
        for option, share in zip(options, shares, strict=True):
            at -= share
            if at < 0.0:
                return option
        return options[-1]

    def chance(self, share: float) -> bool:
        """True with a probability."""
        return float(self._rng.random()) < share
