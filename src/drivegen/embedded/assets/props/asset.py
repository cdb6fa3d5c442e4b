"""The prop asset: what `make_prop` returns."""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from jaxtyping import Float

from drivegen.core.errors import ConfigError
from drivegen.embedded.assets.placed import Row, place_rows
from drivegen.embedded.assets.props.families import FAMILY_OF_BLUEPRINT
from drivegen.embedded.assets.props.forms import sculpt_prop
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import Mesh, MeshLibrary

PREFIX = "static.prop."
CLEARANCE_M = 0.005
"""Between a prop and its box, where the box is more than twenty times as large; else a twentieth."""

_CACHE: WeakKeyDictionary[MeshLibrary, dict[str, PropAsset]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PropAsset:
    """A prop's mesh. Origin: on the ground under the centre of its box."""

    blueprint_id: str
    size_lwh_m: tuple[float, float, float]
    mesh: int

    def place(self, world_actor: Float[np.ndarray, "4 4"], object_id: int) -> Drawables:
        """The prop at a pose."""
        return place_rows([Row(mesh=self.mesh, asset_mesh=np.eye(4))], world_actor, 0, object_id)


def make_prop(
    library: MeshLibrary, blueprint_id: str, size_lwh_m: tuple[float, float, float], variant: int = 0
) -> PropAsset:
    """The asset of a static.prop.* blueprint; its mesh is added to the library once.

    Args:
        library: takes the mesh.
        blueprint_id: CARLA's, for example static.prop.trafficcone01.
        size_lwh_m: the blueprint's box, full length, width, height.
        variant: which member of one of drivegen's own families; of no account for CARLA's props.

    Raises:
        ConfigError: not a prop blueprint id.
    """
    if not blueprint_id.startswith(PREFIX):
        raise ConfigError(
            f"no prop is known as {blueprint_id!r}; use an id of CARLA's blueprint library (static.prop.*)"
        )
    made = _CACHE.setdefault(library, {})
    family = FAMILY_OF_BLUEPRINT.get(blueprint_id)
    key = f"{blueprint_id}/{size_lwh_m}" if family is None else f"{blueprint_id}/{variant}"
    if key not in made and family is not None:
        index = library.add(family.mesh(variant))
        made[key] = PropAsset(blueprint_id=blueprint_id, size_lwh_m=size_lwh_m, mesh=index)
    elif key not in made:
        mesh = sculpt_prop(blueprint_id.removeprefix(PREFIX), size_lwh_m).mesh(blueprint_id)
        index = library.add(_fitted(mesh, size_lwh_m))
        made[key] = PropAsset(blueprint_id=blueprint_id, size_lwh_m=size_lwh_m, mesh=index)
    return made[key]


def _fitted(mesh: Mesh, size_lwh_m: tuple[float, float, float]) -> Mesh:
    """The mesh stretched to its box, less a clearance on every side."""
    low, high = (
        mesh.positions_m.min(axis=0).astype(np.float64),
        mesh.positions_m.max(axis=0).astype(np.float64),
    )
    size = np.array(size_lwh_m)
    gap = np.minimum(CLEARANCE_M, size / 20)
    target = size - 2 * gap
    scale = target / np.maximum(high - low, 1e-6)
    matrix = np.diag([*scale, 1.0])
    matrix[:3, 3] = np.array([0.0, 0.0, size[2] / 2]) - scale * (low + high) / 2
    return mesh.transformed(matrix)
