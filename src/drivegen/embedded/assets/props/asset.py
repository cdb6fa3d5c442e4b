"""The prop asset: what `make_prop` returns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import MeshLibrary


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PropAsset:
    """A prop's mesh. Origin: on the ground under the centre of its box."""

    blueprint_id: str
    size_lwh_m: tuple[float, float, float]
    mesh: int

    def place(self, world_actor: Float[np.ndarray, "4 4"], object_id: int) -> Drawables:
        """The prop at a pose."""
        raise NotImplementedError


def make_prop(library: MeshLibrary, blueprint_id: str, size_lwh_m: tuple[float, float, float]) -> PropAsset:
    """The asset of a static.prop.* blueprint.

    Raises:
        ConfigError: not a prop blueprint id.
    """
    raise NotImplementedError
