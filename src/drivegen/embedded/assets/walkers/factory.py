"""Making people by blueprint."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from drivegen.embedded.assets.walkers.asset import WalkerAsset, make_walker
from drivegen.embedded.assets.walkers.families import FAMILY_OF_BLUEPRINT
from drivegen.embedded.mesh import MeshLibrary

_CACHE: WeakKeyDictionary[MeshLibrary, dict[tuple[str, int], WalkerAsset]] = WeakKeyDictionary()


def make_person(
    library: MeshLibrary, blueprint_id: str, size_lwh_m: tuple[float, float, float], seed: int
) -> WalkerAsset:
    """The asset of a walker blueprint, CARLA's or a family's.

    Args:
        library: takes the meshes.
        blueprint_id: for example walker.pedestrian.0014 or walker.drivegen.woman.
        size_lwh_m: the blueprint's box, full length, width, height.
        seed: chooses look and clothes; of a family, the variant.

    Raises:
        ConfigError: unknown blueprint id.
    """
    family = FAMILY_OF_BLUEPRINT.get(blueprint_id)
    if family is None:
        return make_walker(library, blueprint_id, size_lwh_m[2], seed)
    made = _CACHE.setdefault(library, {})
    if (blueprint_id, seed) not in made:
        made[blueprint_id, seed] = family.make(library, blueprint_id, size_lwh_m, seed)
    return made[blueprint_id, seed]
