"""What props are to those who run into them: their solid parts and their mass."""

from __future__ import annotations

from functools import lru_cache

from drivegen.embedded.assets.props import make_prop
from drivegen.embedded.assets.props.families import FAMILY_OF_BLUEPRINT
from drivegen.embedded.dynamics.solids import Solid, solids_of
from drivegen.embedded.mesh import MeshLibrary

_DENSITY_KGPM3 = 60.0
"""Mass over the volume of the box, of furniture and fittings: they are mostly air."""
# The same of what is much heavier or lighter, by a word of the name; the first that fits counts.
_OTHERS = (
    ("cone", 25.0), ("box", 20.0), ("bag", 40.0), ("plastic", 15.0), ("garbage", 30.0), ("can", 40.0),
    ("tree", 5.0), ("palm", 5.0), ("fountain", 400.0), ("haybale", 120.0), ("vendingmachine", 200.0),
    ("atm", 300.0), ("plantpot", 250.0), ("dirtdebris", 800.0), ("brokentile", 1500.0), ("ironplank", 2000.0),
    ("barrel", 120.0), ("gnome", 300.0), ("container", 100.0), ("clothesline", 2.0), ("swing", 8.0),
    ("pergola", 6.0), ("busstop", 25.0), ("trampoline", 5.0), ("trafficwarning", 25.0), ("sign", 40.0),
)  # fmt: skip
_LIGHTEST_KG = 0.1


@lru_cache(maxsize=256)
def prop_solids(
    blueprint_id: str, size_lwh_m: tuple[float, float, float], variant: int = 0
) -> tuple[Solid, ...]:
    """The solid parts of a prop, or of a member of a family, as it is drawn, in its own frame."""
    library = MeshLibrary()
    return solids_of(library.meshes[make_prop(library, blueprint_id, size_lwh_m, variant).mesh])


def prop_mass_kg(blueprint_id: str, size_lwh_m: tuple[float, float, float]) -> float:
    """A usual mass of such a thing; CARLA gives none."""
    length, width, height = size_lwh_m
    family = FAMILY_OF_BLUEPRINT.get(blueprint_id)
    if family is not None and family.mass_kg > 0.0:
        return family.mass_kg
    name = blueprint_id.rsplit(".", 1)[-1]
    density = next((value for word, value in _OTHERS if word in name), _DENSITY_KGPM3)
    return max(_LIGHTEST_KG, density * length * width * height)
