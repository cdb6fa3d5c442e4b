"""What the dynamics ask of the ground."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from jaxtyping import Float64


class GroundHeights(Protocol):
    """Height of the surface that wheels and feet stand on."""

    def heights_m(
        self, xy_m: Float64[np.ndarray, "n 2"], near_z_m: Float64[np.ndarray, "n"]
    ) -> Float64[np.ndarray, "n"]:
        """Height at each point; NaN where there is no ground.

        Where surfaces lie above one another (a bridge), the one nearest to `near_z_m` counts.
        """
        ...


class FlatGround:
    """A level plane, for tests and for maps without a surface."""

    def __init__(self, height_m: float = 0.0) -> None:
        self._height_m = height_m

    def heights_m(
        self,
        xy_m: Float64[np.ndarray, "n 2"],
        near_z_m: Float64[np.ndarray, "n"],  # noqa: ARG002 - one level only
    ) -> Float64[np.ndarray, "n"]:
        """The plane's height at every point."""
        return np.full(len(xy_m), self._height_m)
