"""Buildings of a northern Chinese city, by kind.

The street front lies along x at y = 0, the depth along +y.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64

from drivegen.core.rng import derive_seed
from drivegen.embedded.assets.scenery.building_maker import WALLS, BuildingMaker, Kind
from drivegen.embedded.assets.scenery.workplaces import add_courtyard, add_curtain, add_hall
from drivegen.embedded.mesh import MeshLibrary

__all__ = ["Building", "Kind", "footprint_m", "make_building"]

_FORMS: dict[Kind, Callable[[BuildingMaker], None]] = {
    Kind.SLAB: BuildingMaker.slab,
    Kind.TOWER: BuildingMaker.tower,
    Kind.OFFICE: BuildingMaker.office,
    Kind.SHOPS: BuildingMaker.shops,
    Kind.CURTAIN: add_curtain,
    Kind.HALL: add_hall,
    Kind.COURTYARD: add_courtyard,
    Kind.FAR: BuildingMaker.far,
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Building:
    """A building's mesh and its ground plan."""

    mesh: int
    length_m: float
    depth_m: float
    height_m: float


def make_building(
    library: MeshLibrary,
    kind: Kind,
    length_m: float,
    depth_m: float,
    storeys: int,
    rng: np.random.Generator,
    name: str,
) -> Building:
    """A building of a kind; its mesh is added to the library."""
    wall = WALLS[derive_seed(name) % len(WALLS)]
    maker = BuildingMaker(kind, length_m, depth_m, storeys, wall, rng)
    _FORMS[kind](maker)
    return Building(
        mesh=library.add(maker.out.mesh(name)), length_m=length_m, depth_m=depth_m, height_m=maker.height_m
    )


def footprint_m(
    building: Building, front_middle_m: Float[np.ndarray, "2"], yaw_rad: float, grow_m: float
) -> Float64[np.ndarray, "4 2"]:
    """Corners of the ground plan in the map, from the front's middle and the direction of its x."""
    along = np.array([np.cos(yaw_rad), np.sin(yaw_rad)])
    back = np.array([-along[1], along[0]])
    half = building.length_m / 2 + grow_m
    return np.array(
        [
            front_middle_m + side * half * along + depth * back
            for side, depth in (
                (-1, -grow_m),
                (1, -grow_m),
                (1, building.depth_m + grow_m),
                (-1, building.depth_m + grow_m),
            )
        ]
    )
