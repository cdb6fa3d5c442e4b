"""Random numbers by counter, inside compiled loops: the same for a number whatever was drawn before it."""

from __future__ import annotations

import numba
import numpy as np

Counter = np.uint64


@numba.njit(cache=True, inline="always")
def uniform(seed: Counter, counter: Counter) -> float:
    """In [0, 1): SplitMix64 (Steele, Lea and Flood 2014) of the seed and a counter."""
    z = seed + (counter + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return float(z >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@numba.njit(cache=True, inline="always")
def normal(seed: Counter, counter: Counter) -> float:
    """Mean 0, standard deviation 1 (Box and Muller 1958)."""
    twice = counter * np.uint64(2)
    radius = np.sqrt(-2.0 * np.log(1.0 - uniform(seed, twice)))
    return radius * np.cos(2.0 * np.pi * uniform(seed, twice + np.uint64(1)))


@numba.njit(cache=True, inline="always")
def gamma4(seed: Counter, counter: Counter) -> float:
    """Gamma distributed with shape 4 and mean 1: speckle over four cells."""
    product = 1.0
    for k in range(4):
        product *= 1.0 - uniform(seed, counter * np.uint64(4) + np.uint64(k))
    return -np.log(product) / 4.0
