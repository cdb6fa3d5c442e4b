"""All vehicles and walkers of a tick seen from above, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Int64

from drivegen.core.actors import PEOPLE
from drivegen.record.truth import Observation

WIDEST_BODY_M = 3.0
"""Boxes that are wider (CARLA's coach: 3.94 m, more than a lane) are so by their mirrors."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GroundPlan:
    """n objects, in the order of the observations; right-handed, metres."""

    ids: Int64[np.ndarray, "n"]
    """Actor ids."""
    xyz_m: Float64[np.ndarray, "n 3"]
    """Centres of the boxes."""
    axis: Float64[np.ndarray, "n 2"]
    """Unit vectors: where they point."""
    half_m: Float64[np.ndarray, "n 3"]
    """Half length, width (mirrors aside) and height."""
    velocity_mps: Float64[np.ndarray, "n 2"]
    person: Bool[np.ndarray, "n"]

    @staticmethod
    def of(observed: Sequence[Observation]) -> GroundPlan:
        """From a tick's observations."""
        n = len(observed)
        half = np.array([o.box.size_m for o in observed], np.float64).reshape(n, 3) / 2.0
        half[:, 1] = np.minimum(half[:, 1], WIDEST_BODY_M / 2.0)
        # The poses of actors are at hand as matrices; boxes are turned as their actors are.
        axis = np.array([o.map_actor.rotation[:2, 0] for o in observed], np.float64).reshape(n, 2)
        axis /= np.maximum(np.linalg.norm(axis, axis=1, keepdims=True), 1e-9)
        return GroundPlan(
            ids=np.array([o.tracked.track_id for o in observed], np.int64),
            xyz_m=np.array([o.box.pose.position_m for o in observed], np.float64).reshape(n, 3),
            axis=axis,
            half_m=half,
            velocity_mps=np.array([o.velocity_mps[:2] for o in observed], np.float64).reshape(n, 2),
            person=np.array([o.tracked.object_class in PEOPLE for o in observed], bool),
        )

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def speed_mps(self) -> Float64[np.ndarray, "n"]:
        """Over ground."""
        return np.asarray(np.hypot(self.velocity_mps[:, 0], self.velocity_mps[:, 1]))

    @property
    def front_m(self) -> Float64[np.ndarray, "n 2"]:
        """Middles of the front faces."""
        return self.xyz_m[:, :2] + self.axis * self.half_m[:, :1]
