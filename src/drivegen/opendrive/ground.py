"""The ground under wheels and feet: height, normal, and what it is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float, Float64

from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.surfaces.surface import Surface


class Ground:
    """Height and kind of the ground; built once, read-only, the same answers in any order of calls."""

    def __init__(self, network: RoadNetwork, surfaces: Sequence[Surface]) -> None:
        """From `mesh_network(network)`."""
        raise NotImplementedError

    def height(
        self, xy_m: Float[np.ndarray, "n 2"]
    ) -> tuple[Float64[np.ndarray, "n"], Float64[np.ndarray, "n 3"]]:
        """(z_m, unit normal) at points of the map frame; defined everywhere."""
        raise NotImplementedError

    def height_near(
        self, xyz_m: Float[np.ndarray, "n 3"]
    ) -> tuple[Float64[np.ndarray, "n"], Float64[np.ndarray, "n 3"]]:
        """As `height`, but of surfaces above each other (bridges) the one nearest to the point's z."""
        raise NotImplementedError

    def on_driving_lane(self, xy_m: Float[np.ndarray, "n 2"]) -> Bool[np.ndarray, "n"]:
        """True on driving lanes and junction floors."""
        raise NotImplementedError
