"""Traffic: which vehicles start where, in the mix of Beijing's streets."""

from __future__ import annotations

import numpy as np

from drivegen.core.plans import PlacedPose, VehiclePlan
from drivegen.opendrive.model import RoadNetwork


class Traffic:
    """Draws an ego start and the vehicles around it."""

    def plan(
        self, rng: np.random.Generator, network: RoadNetwork, count: int, *, ego_length_m: float = 5.4
    ) -> tuple[PlacedPose, tuple[VehiclePlan, ...]]:
        """The ego's start and up to `count` vehicles; fewer where the road has no more room.

        Raises:
            MapError: The network has no place where the ego could start.
        """
        raise NotImplementedError
