"""Building the scenery of a network."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from drivegen.core.rng import derive_rng
from drivegen.embedded.assets.scenery import frontage, planting, structures, walls
from drivegen.embedded.assets.scenery.composer import Composer, Scenery
from drivegen.embedded.assets.scenery.fixtures import Fitter
from drivegen.embedded.assets.scenery.map_things import add_things, clear_of_things_m, lamp_feet_m
from drivegen.embedded.assets.scenery.planting import Planter
from drivegen.embedded.assets.scenery.site import Site
from drivegen.embedded.assets.scenery.ways import (
    Line,
    frontage_lines,
    kept_clear_m,
    pavement_lines,
    strip_lines,
)
from drivegen.embedded.assets.surfaces import surface_meshes
from drivegen.embedded.mesh import MeshLibrary
from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.ground import Ground
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.pavements import Pavements, pavements
from drivegen.opendrive.stops import bus_stops
from drivegen.opendrive.surfaces import Surface
from drivegen.opendrive.things import things

TREES_PM2 = 0.007


def build_scenery(
    network: RoadNetwork,
    surfaces: Sequence[Surface],
    library: MeshLibrary,
    seed: int,
    ground: Ground | None = None,
    wall_height_m: float = 0.0,
) -> Scenery:
    """Ground, buildings, trees, lamps and street furniture of a map.

    Nothing stands on lanes for traffic or bicycles, on crossings, or in the middle of pavements.

    Args:
        network: the roads.
        surfaces: `mesh_network(network)`.
        library: takes the meshes.
        seed: everything is drawn from it.
        ground: `Ground(network, surfaces)`, if there is one already.
        wall_height_m: of walls along the outer borders of roads outside junctions; 0 for none.
    """
    rng = derive_rng("scenery", network.name, seed)
    composer = Composer(library)
    for mesh in surface_meshes(surfaces):
        composer.ground(library.add(mesh))
    level = ground if ground is not None else Ground(network, surfaces)
    geometry = NetworkGeometry(network)
    ways = pavements(network)
    site = Site(surfaces)
    walks = pavement_lines(ways)
    strips = strip_lines(network, geometry)
    placed = things(network, geometry)
    add_things(composer, site, placed)
    bands = structures.bands_of(geometry)
    reserved = structures.reserve(site, bands)
    clear = np.concatenate([kept_clear_m(network, ways), clear_of_things_m(placed), reserved])
    planter = Planter(composer, site, level, walks, clear, planting.make_stock(library, rng), rng)
    fitter = Fitter(composer, site, level, planter, rng, lamp_feet_m(placed))
    fitter.furniture(walks, shelters=not bus_stops(network))
    buildings = frontage.make_stock(library, rng)
    frontage.add_rows(composer, site, level, frontage_lines(network, geometry), buildings, rng)
    frontage.add_horizon(composer, site, level, rng)
    dress(fitter, planter, strips, walks, ways)
    structures.add_structures(composer, network, level, bands)
    if wall_height_m > 0.0:
        walls.add_walls(composer, level, frontage_lines(network, geometry), wall_height_m)
    return composer.scenery()


def dress(
    fitter: Fitter, planter: Planter, strips: Sequence[Line], walks: Sequence[Line], ways: Pavements
) -> None:
    """Puts lamps, railings and plants along streets, in this order: each leaves free what is there."""
    fitter.strip_lamps(strips)
    fitter.pavement_lamps(walks)
    fitter.railings(strips)
    fitter.crossings(ways)
    planter.medians(strips)
    planter.line_pavements(walks)
    planter.green_belts(walks)
    planter.scatter(TREES_PM2)
