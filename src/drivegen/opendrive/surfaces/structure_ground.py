"""Where structures leave room for the ground, and how dark it is inside tunnels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely
from jaxtyping import Bool, Float64

from drivegen.opendrive.structures import Built, Footing
from drivegen.opendrive.surfaces.plan import ring_area
from drivegen.opendrive.surfaces.strips import Slab
from drivegen.opendrive.surfaces.structure_borders import Band
from drivegen.opendrive.surfaces.surface import Surface, SurfaceKind

_DARKEST = 0.42
"""Of sRGB values, far inside."""
_FADE_M = 9.0
_BELOW_M = 0.3


def owners(slab: Slab, structures: Sequence[Built]) -> list[Footing | None]:
    """Footing between each station of a slab and the next; None on the ground."""
    middle = 0.5 * (slab.s_m[:-1] + slab.s_m[1:])
    out: list[Footing | None] = [None] * len(middle)
    for built in structures:
        for stretch in built.stretches:
            inside = (middle > stretch.first_m) & (middle < stretch.last_m)
            for i in np.flatnonzero(inside):
                out[i] = stretch.footing
    return out


def on_ground(slab: Slab, structures: Sequence[Built]) -> Bool[np.ndarray, "n"]:
    """Between which stations a slab lies on the ground as other roads do."""
    return np.array([v is None for v in owners(slab, structures)], dtype=bool)


def solid_runs(slab: Slab, structures: Sequence[Built]) -> list[shapely.Geometry]:
    """Plan outlines of the stretches with no ground under or over them: all but decks and tunnels."""
    solid = [v not in (Footing.DECK, Footing.COVERED) for v in owners(slab, structures)]
    edges = np.flatnonzero(np.diff(np.array([0, *solid, 0], dtype=np.int8)))
    out = []
    for first, stop in zip(edges[::2], edges[1::2], strict=True):
        rows = slice(first, stop + 1)
        out.append(ring_area(np.concatenate([slab.xy_m[rows, -1], slab.xy_m[rows, 0][::-1]])))
    return out


def ground_points(bands: Sequence[Band]) -> Float64[np.ndarray, "n 3"]:
    """What the ground beside walls and over tunnels must pass through."""
    out = [np.zeros((0, 3))]
    for band in bands:
        if band.footing is not Footing.DECK:
            for border in (band.left_m, band.right_m):
                out.append(np.column_stack([border[:, :2], band.ground_m]))
    return np.concatenate(out)


def shaded(surfaces: tuple[Surface, ...], bands: Sequence[Band]) -> tuple[Surface, ...]:
    """Darker colours inside tunnels, by the distance from the portals: the renderer gives the sky's light to
    every surface, whatever is above it."""
    tubes = [band for band in bands if band.footing is Footing.COVERED]
    if not tubes:
        return surfaces
    return tuple(replace(s, colors=_dimmed(s, tubes)) for s in surfaces)


def _dimmed(surface: Surface, tubes: Sequence[Band]) -> np.ndarray:
    if surface.kind is SurfaceKind.TERRAIN:
        return surface.colors
    factor = np.ones(len(surface.positions_m))
    xyz = surface.positions_m.astype(np.float64)
    for tube in tubes:
        area = shapely.buffer(tube.outline, 0.05)
        shapely.prepare(area)
        highest = float(np.max(tube.built.ceiling_m(tube.s_m)))
        inside = np.flatnonzero(
            (xyz[:, 2] < highest + 0.01) & shapely.contains_xy(area, xyz[:, 0], xyz[:, 1])
        )
        if len(inside) == 0:
            continue
        portals = [np.stack([tube.left_m[row, :2], tube.right_m[row, :2]]) for row in (0, -1)]
        away = shapely.distance(shapely.points(xyz[inside, :2]), shapely.multilinestrings([portals])[0])
        factor[inside] = np.minimum(factor[inside], _DARKEST + (1.0 - _DARKEST) * np.exp(-away / _FADE_M))
    return np.asarray(np.rint(surface.colors * factor[:, None]), dtype=np.uint8)
