"""Random numbers by key: each draw depends on its own name and nothing else.

A generator gives numbers in a sequence, so that one object more shifts the draws of all others. Here a draw
is a hash of what it is for (the agent, the moment, the object, which number of it), worked out for whole
arrays of keys at once. The mixing function is that of SplitMix64 (Steele, Lea, Flood: Fast splittable
pseudorandom number generators, OOPSLA 2014, figure 16, with Stafford's variant 13 constants).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from jaxtyping import Float64, UInt64
from scipy.special import ndtri

from drivegen.core.rng import derive_seed

Key = int | np.ndarray
"""Whole numbers, one or an array of them; arrays are broadcast against one another."""

_GOLDEN = 0x9E3779B97F4A7C15
_FIRST = 0xBF58476D1CE4E5B9
_SECOND = 0x94D049BB133111EB
_MASK = (1 << 64) - 1


class Draws:
    """Draws of one purpose, for example `Draws(seed, "detector", agent)`."""

    def __init__(self, *purpose: int | str) -> None:
        self._start = derive_seed(*purpose)

    def uniforms(self, *keys: Key) -> Float64[np.ndarray, "*n"]:
        """Uniform between 0 and 1, both excluded; of the keys' broadcast shape."""
        with np.errstate(over="ignore"):
            state: UInt64[np.ndarray, "*n"] = np.asarray(np.uint64(self._start))
            for key in keys:
                state = _mixed((state ^ _words(key)) + np.uint64(_GOLDEN))
        return np.asarray(((state >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53)

    def normals(self, *keys: Key) -> Float64[np.ndarray, "*n"]:
        """Standard normal; of the keys' broadcast shape."""
        return np.asarray(ndtri(self.uniforms(*keys)))

    def uniform(self, *keys: int) -> float:
        """One of `uniforms`: the same number in less time."""
        state = self._start
        for key in keys:
            state = ((state ^ (key & _MASK)) + _GOLDEN) & _MASK
            state = ((state ^ (state >> 30)) * _FIRST) & _MASK
            state = ((state ^ (state >> 27)) * _SECOND) & _MASK
            state ^= state >> 31
        return ((state >> 11) + 0.5) * 2.0**-53

    def normal(self, *keys: int) -> float:
        """One of `normals`."""
        return float(ndtri(self.uniform(*keys)))


@lru_cache(maxsize=4096)
def name_key(name: str) -> int:
    """A key of a name."""
    return derive_seed(name)


def _words(key: Key) -> UInt64[np.ndarray, "*n"]:
    if isinstance(key, int):
        return np.asarray(np.uint64(key & _MASK))
    return key.astype(np.int64).view(np.uint64) if key.dtype != np.uint64 else key


def _mixed(state: UInt64[np.ndarray, "*n"]) -> UInt64[np.ndarray, "*n"]:
    state = (state ^ (state >> np.uint64(30))) * np.uint64(_FIRST)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(_SECOND)
    return np.asarray(state ^ (state >> np.uint64(31)))
