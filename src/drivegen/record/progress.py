"""How far vehicles have come along their routes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float64

from drivegen.core.plans import VehiclePlan

REACH_M = 8.0
"""A point of a route counts as reached from here: lanes beside it are within."""

END_M = 3.0
"""The last one from here."""

SKIP = 6
"""So many points further on are looked at too: who passed one too far away is not lost."""

NEAR_END_M = 25.0
AWAY_M = 2.0
"""Who came so near to the end and goes away from it again has passed it."""


@dataclass(slots=True, kw_only=True, eq=False)
class Progress:
    """One vehicle on its route."""

    plan: VehiclePlan
    points_m: Float64[np.ndarray, "n 2"]
    reached: int = 0
    """So many of its points lie behind it."""
    nearest_m: float = np.inf
    """To the last point, so far."""

    @staticmethod
    def of(plan: VehiclePlan) -> Progress:
        """At the beginning."""
        return Progress(plan=plan, points_m=np.array([p[:2] for p in plan.route], np.float64).reshape(-1, 2))

    def advance(self, place_m: Float64[np.ndarray, "2"]) -> None:
        """Takes in where the vehicle is now."""
        count = len(self.points_m)
        if self.reached >= count:
            return
        ahead = self.points_m[self.reached : self.reached + SKIP]
        reach = np.where(np.arange(len(ahead)) + self.reached == count - 1, END_M, REACH_M)
        near = np.flatnonzero(np.hypot(*(ahead - place_m).T) < reach)
        if len(near):
            self.reached += int(near[-1]) + 1
        if self.reached >= count - SKIP:
            left = float(np.hypot(*(self.points_m[-1] - place_m)))
            self.nearest_m = min(self.nearest_m, left)
            if self.nearest_m < NEAR_END_M and left > self.nearest_m + AWAY_M:
                self.reached = count

    @property
    def done(self) -> bool:
        """Whether the end is reached; never without a route."""
        return 0 < len(self.points_m) <= self.reached

    @property
    def rest(self) -> VehiclePlan:
        """The plan with what is left of its route."""
        return replace(self.plan, route=self.plan.route[self.reached :])
