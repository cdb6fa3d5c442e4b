"""The scenery of one rectangle of a large map, built by itself.

Neighbouring plots never see each other: what is as large as a building keeps inside its plot, and what stands
in rows along lines that both know is in the plot where its foot is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from drivegen.core.rng import derive_rng
from drivegen.embedded.assets.scenery import fixtures, frontage, planting, structures, walls
from drivegen.embedded.assets.scenery.build import dress
from drivegen.embedded.assets.scenery.buildings import Building, Kind
from drivegen.embedded.assets.scenery.composer import Composer, Scenery
from drivegen.embedded.assets.scenery.map_things import add_things, clear_of_things_m, lamp_feet_m
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
from drivegen.opendrive.pavements import pavements
from drivegen.opendrive.surfaces import Surface
from drivegen.opendrive.things import things

_ROWS_REACH_M = 100.0
"""Buildings stand at most this far from the line of their street."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotStock:
    """What stands on all plots of a map again and again: indices into a library of nothing else."""

    library: MeshLibrary
    plants: planting.Stock
    buildings: dict[Kind, list[Building]]
    fixtures: fixtures.Fixtures


def make_plot_stock(name: str, seed: int) -> PlotStock:
    """The stock of a map, drawn from its name and a seed."""
    library = MeshLibrary()
    rng = derive_rng("scenery", name, seed, "stock")
    return PlotStock(
        library=library,
        plants=planting.make_stock(library, rng),
        buildings=frontage.make_stock(library, rng),
        fixtures=fixtures.make_fixtures(library),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotPlan:
    """Which plot of which map."""

    number: int
    """Of the plot; its scenery is drawn from it."""
    first_id: int
    """Ids of its pieces are counted from the number behind this one."""
    window: tuple[float, float, float, float]
    """Least x and y, greatest x and y: the lower ends belong to it."""
    seed: int
    shelters: bool
    """Whether pavements get bus shelters: no where the map has stops of its own."""
    wall_height_m: float = 0.0


def build_plot(
    network: RoadNetwork,
    surfaces: Sequence[Surface],
    own: Sequence[Surface],
    ground: Ground,
    stock: PlotStock,
    plan: PlotPlan,
) -> tuple[Scenery, MeshLibrary]:
    """Ground, buildings, trees, lamps and street furniture of a plot.

    Args:
        network: The roads in and around it.
        surfaces: Of these roads.
        own: The part of the surfaces that is drawn with this plot.
        ground: At least that of the plot.
        stock: Of the map.
        plan: Which plot.

    Returns:
        The scenery, and the library that its drawables point into: the stock's meshes, then the plot's.
    """
    library = MeshLibrary()
    library.meshes += stock.library.meshes
    rng = derive_rng("scenery", network.name, plan.seed, "plot", plan.number)
    composer = Composer(library, plan.window, plan.first_id)
    for mesh in surface_meshes(own):
        composer.ground(library.add(mesh))
    geometry = NetworkGeometry(network)
    ways = pavements(network)
    site = Site(surfaces, plan.window)
    walks = pavement_lines(ways)
    strips = _near(strip_lines(network, geometry), plan.window, 0.0)
    fronts = _near(frontage_lines(network, geometry), plan.window, _ROWS_REACH_M)
    placed = things(network, geometry)
    add_things(composer, site, placed)
    bands = structures.bands_of(geometry)
    reserved = structures.reserve(site, bands)
    clear = np.concatenate([kept_clear_m(network, ways), clear_of_things_m(placed), reserved])
    planter = planting.Planter(composer, site, ground, walks, clear, stock.plants, rng)
    fitter = fixtures.Fitter(composer, site, ground, planter, rng, lamp_feet_m(placed), stock.fixtures)
    walks = _near(walks, plan.window, 5.0)
    fitter.furniture(walks, shelters=plan.shelters)
    frontage.add_rows(composer, site, ground, fronts, stock.buildings, rng)
    dress(fitter, planter, strips, walks, ways)
    structures.add_structures(composer, network, ground, bands)
    if plan.wall_height_m > 0.0:
        walls.add_walls(composer, ground, fronts, plan.wall_height_m)
    return composer.scenery(), library


def _near(lines: Sequence[Line], window: tuple[float, float, float, float], reach_m: float) -> list[Line]:
    low, high = np.array(window[:2]) - reach_m, np.array(window[2:]) + reach_m
    boxes = ((line.xyz_m[:, :2].min(axis=0), line.xyz_m[:, :2].max(axis=0)) for line in lines)
    return [
        line
        for line, (least, most) in zip(lines, boxes, strict=True)
        if bool(np.all(least <= high) and np.all(most >= low))
    ]
