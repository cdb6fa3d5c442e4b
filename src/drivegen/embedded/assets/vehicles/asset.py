"""The vehicle asset: what `make_vehicle` returns."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from jaxtyping import Float

from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import MeshLibrary


class VehicleAsset(Protocol):
    """A vehicle's meshes and how they move. Origin: on the ground under the centre of its box."""

    blueprint_id: str
    size_lwh_m: tuple[float, float, float]
    wheel_radius_m: float
    """Of the front wheel; wheel_rotation_rad grows by distance / radius."""
    wheelbase_m: float

    def place(
        self,
        world_actor: Float[np.ndarray, "4 4"],
        wheel_rotation_rad: float,
        steer_rad: float,
        lights: int,
        object_id: int,
        tint: tuple[int, int, int],
    ) -> Drawables:
        """The vehicle at a pose.

        Args:
            world_actor: rigid; origin on the ground, x forward, y left.
            wheel_rotation_rad: about the axle, growing when rolling forward.
            steer_rad: of the front wheels, positive to the left; limited to what fits in the box.
            lights: LIGHT_* bits.
            object_id: actor id.
            tint: sRGB of the paint.
        """
        ...


def make_vehicle(
    library: MeshLibrary, blueprint_id: str, size_lwh_m: tuple[float, float, float], seed: int
) -> VehicleAsset:
    """The asset of a vehicle blueprint; its meshes are added to the library once per blueprint and look.

    Args:
        library: takes the meshes.
        blueprint_id: CARLA's, for example vehicle.tesla.model3.
        size_lwh_m: the blueprint's box, full length, width, height.
        seed: chooses among the looks of the family.

    Raises:
        ConfigError: unknown blueprint id.
    """
    raise NotImplementedError
