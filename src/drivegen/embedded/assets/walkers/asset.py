"""The walker asset: what `make_walker` returns."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from jaxtyping import Float, Float64

from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import MeshLibrary


class WalkerAsset(Protocol):
    """A person's meshes and how they move. Origin: on the ground under the body."""

    blueprint_id: str
    height_m: float
    """Of the blueprint's box; the body is 2 to 6 cm shorter."""

    def phase_rate_radps(self, speed_mps: float) -> float:
        """How fast the gait phase must grow at a speed so that planted feet do not slide."""
        ...

    def bones(self, gait_phase_rad: float, speed_mps: float) -> dict[str, Float64[np.ndarray, "4 4"]]:
        """Bone poses in the walker's frame, by CARLA's bone names (see `drivegen.core.skeleton`)."""
        ...

    def place(
        self,
        world_actor: Float[np.ndarray, "4 4"],
        gait_phase_rad: float,
        speed_mps: float,
        object_id: int,
    ) -> Drawables:
        """The person at a pose; origin of `world_actor` on the ground, x forward, y left."""
        ...


def make_walker(library: MeshLibrary, blueprint_id: str, height_m: float, seed: int) -> WalkerAsset:
    """The asset of a walker blueprint.

    Args:
        library: takes the meshes.
        blueprint_id: CARLA's, for example walker.pedestrian.0014.
        height_m: of the blueprint's box.
        seed: chooses clothes and colours.

    Raises:
        ConfigError: not a walker blueprint id.
    """
    raise NotImplementedError
