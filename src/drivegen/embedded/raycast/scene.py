"""Rays against placed meshes, by Embree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, UInt8, UInt32

from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import MeshLibrary


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hits:
    """What n rays met first. Where a ray met nothing, the distance is inf and the rest is 0."""

    distance_m: Float32[np.ndarray, "n"]
    object_id: UInt32[np.ndarray, "n"]
    tag: UInt8[np.ndarray, "n"]
    material: UInt8[np.ndarray, "n"]
    cos_incidence: Float32[np.ndarray, "n"]
    """Between the ray turned round and the normal, 0-1: both sides of a face reflect."""
    normal: Float32[np.ndarray, "n 3"]
    """Of the face, unit, world frame, turned towards the ray's origin."""


class RayScene:
    """The meshes of a world as rays see them.

    Not for use by two threads at once; `cast` releases the GIL.
    """

    def __init__(self, library: MeshLibrary) -> None:
        """Loads Embree.

        Raises:
            RenderError: The Embree library of the embreex wheel is not there or refused.
        """
        raise NotImplementedError

    def set_static(self, drawables: Drawables) -> None:
        """Replaces what does not move."""
        raise NotImplementedError

    def update(self, drawables: Drawables) -> None:
        """Replaces what moves; when the meshes are the same as before only their transforms are taken up."""
        raise NotImplementedError

    def cast(
        self,
        origins: Float32[np.ndarray, "n 3"] | Float32[np.ndarray, "1 3"],
        directions: Float32[np.ndarray, "n 3"],
        t_max: float = np.inf,
    ) -> Hits:
        """First hits of rays in the world frame.

        Args:
            origins: One for each ray, or one row for all.
            directions: Unit length. Neighbours in the list should be neighbours in direction (packets of 16).
            t_max: Rays end here, in metres.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Frees Embree's memory; the scene cannot be used afterwards."""
        raise NotImplementedError
