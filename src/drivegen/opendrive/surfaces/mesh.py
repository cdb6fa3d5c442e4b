"""The whole network as surfaces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import shapely
from jaxtyping import Bool, Float64

from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.structures import Built, built_structures
from drivegen.opendrive.surfaces.builder import SurfaceBuilder
from drivegen.opendrive.surfaces.floors import Floor, add_floor, make_floors
from drivegen.opendrive.surfaces.lane_kinds import KERB_HEIGHT_M, RAISED, DroppedKerbs
from drivegen.opendrive.surfaces.lane_lines import add_lane_lines
from drivegen.opendrive.surfaces.paint import Paint
from drivegen.opendrive.surfaces.painted_objects import add_painted_objects
from drivegen.opendrive.surfaces.plan import union
from drivegen.opendrive.surfaces.strips import Slab, add_deck, add_slab, make_slab
from drivegen.opendrive.surfaces.structure_borders import Band, marks_of, structure_bands
from drivegen.opendrive.surfaces.structure_ground import ground_points, on_ground, shaded, solid_runs
from drivegen.opendrive.surfaces.structure_shapes import add_structures
from drivegen.opendrive.surfaces.surface import Surface
from drivegen.opendrive.surfaces.terrain import Plot, add_plot_terrain, add_terrain, elevated, ground_runs

_BORDER_STEP_M = 3.0
_ON_EDGE_M = 0.02


def mesh_network(network: RoadNetwork, plot: Plot | None = None) -> tuple[Surface, ...]:
    """Surfaces of all roads and junctions and of the ground around, at most one of each kind.

    Roads outside junctions are strips that follow the evaluator to millimetres; each junction has one floor;
    pavements and kerbed medians stand 0.15 m above and come down at crossings; paint lies 6 mm above what it
    is painted on. Equal networks give equal surfaces.

    Args:
        network: The roads.
        plot: Where the ground between them is wanted, of a network that is part of a larger one; None for
            all around, as far as the horizon.
    """
    geometry = NetworkGeometry(network)
    drops = DroppedKerbs(geometry)
    builder = SurfaceBuilder()
    built = built_structures(geometry)
    slabs: list[Slab] = []
    inside: dict[int, list[Slab]] = {}
    for road in network.roads:
        for section in range(len(road.lane_sections)):
            slab = make_slab(geometry.curve(road.id), section, drops, marks_of(built.get(road.id, ())))
            if slab is None:
                continue
            if road.junction is None:
                slabs.append(slab)
            else:
                inside.setdefault(road.junction, []).append(slab)
    for slab in slabs:
        add_slab(builder, slab, drops)
    tree = shapely.STRtree([s.outline for s in slabs])
    floors: list[Floor] = []
    for junction in sorted(inside):
        for floor in make_floors(inside[junction], tree, slabs):
            add_floor(builder, floor, drops)
            floors.append(floor)
    paint = Paint(builder)
    for road in network.roads:
        for section in range(len(road.lane_sections)):
            add_lane_lines(paint, geometry.curve(road.id), section)
    add_painted_objects(paint, geometry)
    paint.lay()
    bands = structure_bands(geometry, built)
    add_structures(builder, bands)
    _add_ground(builder, slabs, floors, built, bands, plot)
    return shaded(builder.build(), bands)


def _add_ground(
    builder: SurfaceBuilder,
    slabs: list[Slab],
    floors: list[Floor],
    built: Mapping[int, tuple[Built, ...]],
    bands: Sequence[Band],
    plot: Plot | None,
) -> None:
    plain = [slab for slab in slabs if slab.curve.road.id not in built]
    high = elevated(plain)
    for slab, flags in zip(plain, high, strict=True):
        if np.any(flags):
            add_deck(builder, slab, flags)
    runs = [run for slab, flags in zip(plain, high, strict=True) for run in ground_runs(slab, flags)]
    border = [_slab_border(s, ~(flags[:-1] | flags[1:])) for s, flags in zip(plain, high, strict=True)]
    for slab in slabs:
        if slab.curve.road.id in built:
            structures = built[slab.curve.road.id]
            runs += solid_runs(slab, structures)
            border.append(_slab_border(slab, on_ground(slab, structures)))
    low_floors = [f for f in floors if not _above(f, plain, high)]
    footprint = union([*runs, *(f.outline for f in low_floors)])
    border += [_floor_border(f) for f in low_floors]
    points = np.concatenate([*border, np.zeros((0, 3))])
    edge = shapely.boundary(footprint)
    shapely.prepare(edge)
    # Borders inside the footprint, where a road meets another, say nothing about the ground.
    outer = shapely.dwithin(edge, shapely.points(points[:, :2]), _ON_EDGE_M)
    known = points[outer] if np.any(outer) else points
    known = np.concatenate([known, ground_points(bands)])
    if plot is None:
        add_terrain(builder, footprint, known)
    else:
        add_plot_terrain(builder, footprint, known, plot)


def _above(floor: Floor, slabs: list[Slab], high: list[Bool[np.ndarray, "n"]]) -> bool:
    """True if a junction's floor hangs on elevated roads only."""
    middle = shapely.get_coordinates(shapely.centroid(floor.outline))
    z = float(floor.blend(middle)[0])
    near = [
        bool(flags[i])
        for slab, flags in zip(slabs, high, strict=True)
        for i in (0, -1)
        if abs(float(slab.z_m[i]) - z) < 2.0
        and np.min(np.linalg.norm(slab.xy_m[i] - middle, axis=1)) < 60.0
        and floor.outline.distance(shapely.points(slab.xy_m[i].mean(axis=0))) < 1.0
    ]
    return bool(near) and all(near)


def _slab_border(slab: Slab, low: Bool[np.ndarray, "n"]) -> Float64[np.ndarray, "m 3"]:
    """Points on the outer borders at the height of what lies there, between stations on the ground."""
    out = []
    for column, kind in ((0, slab.kinds[0]), (-1, slab.kinds[-1])):
        lift = KERB_HEIGHT_M if kind in RAISED else 0.0
        line = np.column_stack([slab.xy_m[:, column], slab.z_m + lift])
        for i in range(len(line) - 1):
            if not low[i]:
                continue
            count = max(1, int(np.ceil(np.linalg.norm(line[i + 1] - line[i]) / _BORDER_STEP_M)))
            share = np.linspace(0.0, 1.0, count + 1)[:, None]
            out.append(line[i] + share * (line[i + 1] - line[i]))
    return np.concatenate(out) if out else np.zeros((0, 3))


def _floor_border(floor: Floor) -> Float64[np.ndarray, "m 3"]:
    out = []
    for lift, shape in ((0.0, floor.carriageway), *((KERB_HEIGHT_M, s) for _, s in floor.raised)):
        xy = shapely.get_coordinates(shapely.segmentize(shapely.boundary(shape), _BORDER_STEP_M))
        out.append(np.column_stack([xy, floor.blend(xy) + lift]))
    return np.concatenate(out)
