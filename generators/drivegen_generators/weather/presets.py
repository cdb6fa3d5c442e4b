"""Weather by name, with the sun where it stands at that place and hour."""

from __future__ import annotations

import numpy as np

from drivegen.core.plans import WeatherPlan


class Presets:
    """Draws CARLA's weather parameters around a preset."""

    def plan(
        self,
        rng: np.random.Generator,
        preset: str,
        hour: float,
        day_of_year: int,
        latitude_deg: float,
        longitude_deg: float,
    ) -> WeatherPlan:
        """The weather at a place and a local time.

        Raises:
            ConfigError: The preset is unknown, or a number is out of range.
        """
        raise NotImplementedError
