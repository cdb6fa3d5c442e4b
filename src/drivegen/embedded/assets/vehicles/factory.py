"""Making vehicles by blueprint."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from drivegen.core.rng import derive_seed
from drivegen.embedded.assets.vehicles.asset import VehicleAsset
from drivegen.embedded.assets.vehicles.bicycles import make_bicycle
from drivegen.embedded.assets.vehicles.cars import make_car
from drivegen.embedded.assets.vehicles.catalogue import Family, family_of
from drivegen.embedded.assets.vehicles.families import FAMILY_OF_BLUEPRINT
from drivegen.embedded.assets.vehicles.motorcycles import make_motorcycle
from drivegen.embedded.assets.vehicles.trucks import make_truck
from drivegen.embedded.assets.vehicles.two_wheeler import TwoWheeler
from drivegen.embedded.mesh import MeshLibrary

LOOKS = 2
"""Different meshes of one blueprint; seeds are shared out among them."""

_CACHE: WeakKeyDictionary[MeshLibrary, dict[tuple[str, int], VehicleAsset]] = WeakKeyDictionary()


def make_vehicle(
    library: MeshLibrary, blueprint_id: str, size_lwh_m: tuple[float, float, float], seed: int
) -> VehicleAsset:
    """The asset of a vehicle blueprint; its meshes are added to the library once per blueprint and look.

    Args:
        library: takes the meshes.
        blueprint_id: CARLA's, for example vehicle.tesla.model3, or a family's, vehicle.drivegen.*.
        size_lwh_m: the blueprint's box, full length, width, height.
        seed: chooses among the looks; of a family, the variant.

    Raises:
        ConfigError: unknown blueprint id.
    """
    made = _CACHE.setdefault(library, {})
    own = FAMILY_OF_BLUEPRINT.get(blueprint_id)
    if own is not None:
        if (blueprint_id, seed) not in made:
            made[blueprint_id, seed] = own.make(library, blueprint_id, size_lwh_m, seed)
        return made[blueprint_id, seed]
    family = family_of(blueprint_id)
    look = derive_seed("vehicle look", blueprint_id, seed) % LOOKS
    if (blueprint_id, look) not in made:
        made[blueprint_id, look] = _make(library, family, blueprint_id, size_lwh_m, look)
    asset = made[blueprint_id, look]
    return asset.dressed(seed) if isinstance(asset, TwoWheeler) else asset


def _make(
    library: MeshLibrary, family: Family, blueprint_id: str, size_lwh_m: tuple[float, float, float], look: int
) -> VehicleAsset:
    if family in (Family.CAR, Family.BUS):
        return make_car(library, blueprint_id, size_lwh_m, look)
    if family == Family.BICYCLE:
        return make_bicycle(library, blueprint_id, size_lwh_m, look)
    if family == Family.MOTORCYCLE:
        return make_motorcycle(library, blueprint_id, size_lwh_m, look)
    return make_truck(library, blueprint_id, size_lwh_m, look)
