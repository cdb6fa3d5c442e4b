"""The scenery of a map, built once and kept on the shelf."""

from __future__ import annotations

from drivegen.embedded.assets.scenery import build_scenery
from drivegen.embedded.mesh import MeshLibrary
from drivegen.embedded.world.kept_meshes import scenery_to_arrays
from drivegen.embedded.world.maps import LoadedMap
from drivegen.embedded.world.shelf import Arrays, from_shelf
from drivegen.opendrive.ground import Ground


def made_from(loaded: LoadedMap, seed: int) -> tuple[str | int, ...]:
    """All that a map's scenery depends on."""
    return loaded.text, loaded.network.name, seed, f"{loaded.generation.wall_height_m:g}"


def kept_scenery(loaded: LoadedMap, seed: int) -> Arrays:
    """As `kept_meshes.scenery_of` reads it."""
    name = f"scenery of seed {seed}"
    if name not in loaded.kept:
        loaded.kept[name] = from_shelf("scenery", made_from(loaded, seed), lambda: _make(loaded, seed))
    return loaded.kept[name]


def _make(loaded: LoadedMap, seed: int) -> Arrays:
    """Into a library of its own, so that what is kept does not depend on what was made before."""
    library = MeshLibrary()
    ground = loaded.ground if isinstance(loaded.ground, Ground) else None
    made = build_scenery(
        loaded.network, loaded.surfaces, library, seed, ground, loaded.generation.wall_height_m
    )
    return scenery_to_arrays(made, library.meshes)
