"""What the dynamics ask of the ground."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from jaxtyping import Float, Float64


class GroundHeights(Protocol):
    """The surface that wheels and feet stand on; `drivegen.opendrive.ground.Ground` is one."""

    def height_near(self, xyz_m: Float[np.ndarray, "n 3"]) -> Float64[np.ndarray, "n"]:
        """z_m under points; of surfaces above each other the one nearest to the point's z."""
        ...


class SlopedPlane:
    """A plane through the origin: ground for tests and for a world without roads."""

    def __init__(self, rise_x: float = 0.0, rise_y: float = 0.0) -> None:
        self._rise = np.array([rise_x, rise_y])

    def height_near(self, xyz_m: Float[np.ndarray, "n 3"]) -> Float64[np.ndarray, "n"]:
        """The plane's height."""
        return np.asarray(np.asarray(xyz_m, dtype=np.float64)[:, :2] @ self._rise)
