"""Which levels of named factors a scene has: drawn, stratified, or so that all pairs of levels occur.

Scene i depends on the job's seed, the factors, and i.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from drivegen.core.errors import ConfigError
from drivegen.core.rng import derive_rng

STRATEGIES = ("independent", "stratified", "pairwise")
CANDIDATES = 12
"""Rows that are tried for each row of a covering array; more give slightly shorter arrays."""

Factors = Mapping[str, Sequence[str]]
"""Levels by factor, in the order of the configuration."""


class Assignment:
    """The levels of each scene of a job."""

    def __init__(self, strategy: str, factors: Factors, seed: int) -> None:
        """Prepares. Raises ConfigError for an unknown strategy or a factor without levels."""
        if strategy not in STRATEGIES:
            raise ConfigError(f"job.coverage.strategy={strategy!r}: one of {', '.join(STRATEGIES)} is wanted")
        for name, levels in factors.items():
            if not levels:
                raise ConfigError(f"job.coverage.factors.{name}: at least one level is wanted")
        self.strategy = strategy
        self.factors = {name: tuple(levels) for name, levels in factors.items()}
        self._seed = seed
        self._array: list[tuple[int, ...]] = []
        self._block: tuple[int, list[tuple[int, ...]]] = (-1, [])

    def levels(self, index: int) -> dict[str, str]:
        """The level of each factor in scene `index`, counted from 0."""
        if not self.factors:
            return {}
        sizes = [len(levels) for levels in self.factors.values()]
        if self.strategy == "pairwise":
            row = self._pairwise_row(index, sizes)
        elif self.strategy == "stratified":
            row = tuple(
                self._stratum(name, index, size) for name, size in zip(self.factors, sizes, strict=True)
            )
        else:
            rng = derive_rng(self._seed, "coverage", "independent", index)
            row = tuple(int(rng.integers(size)) for size in sizes)
        return {name: levels[k] for (name, levels), k in zip(self.factors.items(), row, strict=True)}

    def _stratum(self, name: str, index: int, size: int) -> int:
        """Each run of `size` scenes has every level once, in an order of its own."""
        rng = derive_rng(self._seed, "coverage", "stratified", name, index // size)
        return int(rng.permutation(size)[index % size])

    def _pairwise_row(self, index: int, sizes: Sequence[int]) -> tuple[int, ...]:
        """A covering array, and after its last row the same one again and again with its levels exchanged.

        To exchange the levels of a factor for one another leaves all pairs covered, so any row of any
        repetition is there at once.
        """
        if not self._array:
            self._array = covering_array(sizes, derive_rng(self._seed, "coverage", "pairwise", 0))
        number, row = divmod(index, len(self._array))
        if number != self._block[0]:
            self._block = number, self._exchanged(number, sizes)
        return self._block[1][row]

    def _exchanged(self, number: int, sizes: Sequence[int]) -> list[tuple[int, ...]]:
        if number == 0:
            return self._array
        rng = derive_rng(self._seed, "coverage", "pairwise", number)
        levels = [rng.permutation(size).tolist() for size in sizes]
        order = rng.permutation(len(self._array))
        rows = [self._array[int(k)] for k in order]
        return [tuple(new[k] for new, k in zip(levels, row, strict=True)) for row in rows]


def covering_array(sizes: Sequence[int], rng: np.random.Generator) -> list[tuple[int, ...]]:
    """Rows of levels in which every pair of levels of two factors occurs; with one factor, every level.

    Greedy, after Cohen, Dalal, Fredman, Patton 1997, "The AETG system" (IEEE Trans. Software Eng. 23): each
    row is the best of a few, each of which starts with a pair that is still missing and takes, factor by
    factor in a random order, the level that adds most missing pairs.

    Args:
        sizes: Number of levels of each factor.
        rng: Breaks ties.
    """
    if len(sizes) == 1:
        return [(int(k),) for k in rng.permutation(sizes[0])]
    missing = {(f, g): np.ones((sizes[f], sizes[g]), bool) for f, g in combinations(range(len(sizes)), 2)}
    rows: list[tuple[int, ...]] = []
    while True:
        left = [(pair, int(table.sum())) for pair, table in missing.items() if table.any()]
        if not left:
            return rows
        most = max(count for _, count in left)
        starts = [pair for pair, count in left if count == most]
        best: tuple[int, tuple[int, ...]] = (-1, ())
        for _ in range(CANDIDATES):
            row = _candidate(sizes, missing, starts[int(rng.integers(len(starts)))], rng)
            gain = sum(bool(table[row[f], row[g]]) for (f, g), table in missing.items())
            if gain > best[0]:
                best = (gain, row)
        rows.append(best[1])
        for (f, g), table in missing.items():
            table[best[1][f], best[1][g]] = False


def _candidate(
    sizes: Sequence[int],
    missing: Mapping[tuple[int, int], np.ndarray],
    start: tuple[int, int],
    rng: np.random.Generator,
) -> tuple[int, ...]:
    f, g = start
    pairs = np.argwhere(missing[start])
    first, second = (int(k) for k in pairs[int(rng.integers(len(pairs)))])
    row = {f: first, g: second}
    for factor in (int(k) for k in rng.permutation(len(sizes))):
        if factor in row:
            continue
        gain = np.zeros(sizes[factor])
        for other, level in row.items():
            gain += missing[other, factor][level] if other < factor else missing[factor, other][:, level]
        best = np.flatnonzero(gain == gain.max())
        row[factor] = int(best[int(rng.integers(len(best)))])
    return tuple(row[k] for k in range(len(sizes)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What a set of scenes covers."""

    scenes: int
    levels: dict[str, dict[str, int]]
    """Scenes by factor and level."""
    pairs: int
    """Different pairs of levels of two factors that occur."""
    possible: int
    missing: tuple[str, ...]
    """Pairs that do not occur, in words."""

    @staticmethod
    def of(factors: Factors, rows: Iterable[Mapping[str, str]]) -> Coverage:
        """Counts. `rows` has the levels of each scene; only how often each different row occurs is kept."""
        different = Counter(tuple(row[name] for name in factors) for row in rows)
        counts = {name: dict.fromkeys(levels, 0) for name, levels in factors.items()}
        seen: set[tuple[str, str, str, str]] = set()
        for row, count in different.items():
            for name, level in zip(factors, row, strict=True):
                counts[name][level] += count
            named = zip(factors, row, strict=True)
            seen.update((f, a, g, b) for (f, a), (g, b) in combinations(named, 2))
        wanted = [(f, a, g, b) for f, g in combinations(factors, 2) for a in factors[f] for b in factors[g]]
        return Coverage(
            scenes=different.total(),
            levels=counts,
            pairs=len(seen),
            possible=len(wanted),
            missing=tuple(f"{f}={a}, {g}={b}" for f, a, g, b in wanted if (f, a, g, b) not in seen),
        )

    def __str__(self) -> str:
        share = f" ({100.0 * self.pairs / self.possible:.1f} %)" if self.possible else ""
        return f"{self.pairs} of {self.possible} pairs of levels{share} in {self.scenes} scenes"
