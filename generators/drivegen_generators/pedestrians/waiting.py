"""People who wait for a bus."""

from __future__ import annotations

import math
from collections.abc import Sequence

from drivegen.core.plans import PlacedPose
from drivegen.opendrive.stops import BusStop
from drivegen_generators.pedestrians.dice import Dice
from drivegen_generators.pedestrians.walks import Trail

FROM_EDGE_M = 0.5
"""Kept from the edges of a platform."""

_STEP_M = 0.9
"""Between both waypoints: they say where somebody looks."""


class Platforms:
    """The bus stops of a network."""

    def __init__(self, stops: Sequence[BusStop]) -> None:
        self._stops = [
            (
                float(s.platform.position_m[0]),
                float(s.platform.position_m[1]),
                round(float(s.platform.position_m[2]), 3),
                math.atan2(s.platform.rotation[1, 0], s.platform.rotation[0, 0]),
                s.platform_length_m,
                s.platform_width_m,
            )
            for s in stops
        ]

    def __bool__(self) -> bool:
        return bool(self._stops)

    def stand(self, dice: Dice, near: PlacedPose | None, reach_m: float) -> Trail | None:
        """A place on a platform, those near the ego likelier; None where it is too small."""
        weights, total = [], 0.0
        for x, y, *_ in self._stops:
            total += 1.0 if near is None else math.exp(-math.hypot(x - near.x_m, y - near.y_m) / reach_m)
            weights.append(total)
        if not total > 0.0:
            return None
        x, y, z, yaw, length, width = self._stops[dice.weighted(weights)]
        along, across = length / 2 - FROM_EDGE_M, width / 2 - FROM_EDGE_M
        if along <= 0.0 or across <= 0.0:
            return None
        u, v = dice.between(-along, along), dice.between(-across, max(-across, across - _STEP_M))
        cos, sin = math.cos(yaw), math.sin(yaw)
        here = (x + cos * u - sin * v, y + sin * u + cos * v, z)
        # The traffic is to the left of a platform.
        ahead = min(_STEP_M, across - v)
        if ahead < 0.1:
            return None
        looks_at = (here[0] - sin * ahead, here[1] + cos * ahead, z)
        return Trail(points=[here, looks_at], half_widths_m=[0.6, 0.6])
