"""Pedestrians who walk along pavements and over crossings."""

from __future__ import annotations

import numpy as np

from drivegen.core.plans import PlacedPose, WalkerPlan
from drivegen.opendrive.model import RoadNetwork


class Pavements:
    """Draws walks through the graph of pavements and crossings."""

    def plan(
        self, rng: np.random.Generator, network: RoadNetwork, count: int, *, near: PlacedPose | None = None
    ) -> tuple[WalkerPlan, ...]:
        """Up to `count` walks, those that start closer to `near` likelier; none without pavements."""
        raise NotImplementedError
