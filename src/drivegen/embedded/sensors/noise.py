"""Where a sensor's random numbers come from."""

from __future__ import annotations

import numpy as np

from drivegen.core.rng import derive_rng
from drivegen.embedded.sensors.attributes import Attributes


def noise_rng(attributes: Attributes, seed: int, type_id: str) -> np.random.Generator:
    """The generator of one sensor.

    With a `noise_seed` it is that one's alone, so that a sensor repeats its noise in whatever world it is
    spawned, as CARLA's do. Without (0, the default) it comes from `seed`, which tells the server and the
    place of the spawn within its episode: two sensors differ and two runs do not.

    Raises:
        ConfigError: noise_seed is no whole number of 32 bits.
    """
    noise_seed = attributes.integer("noise_seed", 0, -(2**31), 2**31 - 1)
    if noise_seed:
        return derive_rng("noise_seed", noise_seed, type_id)
    return derive_rng(seed, 0, type_id)
