"""How a map that a client has sent as text is built."""

from __future__ import annotations

import math
from dataclasses import dataclass

from drivegen.core.errors import MapError

HIGHEST_WALL_M = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """The part of CARLA's `OpendriveGenerationParameters` that has a meaning here.

    The others steer how CARLA cuts its mesh into pieces, and how it widens junctions that its mesh would
    leave open: here the surface is as fine as its tolerance asks, junctions are closed floors, and the
    ground goes on beside the road.
    """

    wall_height_m: float = 0.0
    """Walls along the outer borders of roads outside junctions; 0 for none."""
    is_visible: bool = True
    """False hides the ground from sensors; wheels and feet still stand on it."""
    has_navigation: bool = True
    """Whether walkers get a mesh to walk on."""

    def validate(self) -> None:
        """Raises MapError."""
        if not (math.isfinite(self.wall_height_m) and 0.0 <= self.wall_height_m <= HIGHEST_WALL_M):
            raise MapError(
                f"wall_height {self.wall_height_m:g} is not within 0 and {HIGHEST_WALL_M:g} metres"
            )


AS_BUILT = Generation()
"""Of maps that the server was started with."""
