"""From pieces to the three areas that walkers tell apart, with no overlap between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import shapely

from drivegen.embedded.navigation.pieces import Piece, PieceKind
from drivegen.opendrive.surfaces.lane_kinds import long_box
from drivegen.opendrive.surfaces.plan import areas

GRID_M = 2.0**-7
"""All corners lie on this grid: set operations are robust on it, slivers between areas close, and within
65 km of the origin a 32-bit float holds its points exactly."""
MARGIN_M = 0.3
"""The client keeps a walker's middle on the mesh, so the mesh keeps half a body's width (the client's agent
radius, 0.3 m) from kerbs and from the outer edge of pavements."""
_NARROW_MARGIN_M = 0.05
_CRACK_M = 0.15
"""Gaps between pieces up to twice this wide are closed: lanes of connected roads meet within centimetres."""
_FLOOR_GAP_M = 1.0
"""The same for carriageways: connecting roads leave gores and wedges in a junction's floor."""
_LARGEST_HOLE_M2 = 60.0
"""Wedges between connecting roads and a pavement round the corner are asphalt up to this size."""
_SMOOTH_M = 0.04
_CROSSING_REACH_M = 8.0
"""A crossing that ends before a pavement (bicycle lanes, verges) is led on to it over this much."""
_LANDING_M = 0.5
_ROAD_REACH_M = 30.0
"""Carriageway farther from any pavement or crossing is left out: nobody walks there."""


class Area(IntEnum):
    """The client's area numbers."""

    PAVEMENT = 1
    CROSSING = 2
    CARRIAGEWAY = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Areas:
    """Polygons in plan without common inner points."""

    pavement: shapely.Geometry
    crossing: shapely.Geometry
    carriageway: shapely.Geometry


def make_areas(pieces: Sequence[Piece]) -> Areas:
    """The areas of pieces that lie on one level."""
    lanes = _union(p.outline for p in pieces if p.kind is PieceKind.CARRIAGEWAY)
    raised = _closed(_union(p.outline for p in pieces if p.kind is PieceKind.PAVEMENT), _CRACK_M)
    raised = _smooth(_minus(raised, lanes))
    pavement = _inner(raised)
    crossing = _union(
        part for p in pieces if p.kind is PieceKind.CROSSING for part in _led_on(p.outline, pavement)
    )
    crossing = _minus(_smooth(crossing), pavement)
    islands = _union(p.outline for p in pieces if p.kind is PieceKind.ISLAND)
    floor = _smooth(_without_holes(_union([_closed(lanes, _FLOOR_GAP_M), islands]), raised))
    kerb = _common(raised, shapely.buffer(floor, MARGIN_M + 0.1, join_style="mitre"))
    near = shapely.buffer(_union([pavement, crossing]), _ROAD_REACH_M, quad_segs=1)
    near = shapely.simplify(near, 1.0)
    road = _common(_closed(_union([floor, kerb]), _CRACK_M), near)
    road = _minus(_minus(road, pavement), crossing)
    return Areas(pavement=pavement, crossing=crossing, carriageway=road)


def _inner(raised: shapely.Geometry) -> shapely.Geometry:
    """Pavements less the margin; where they are too narrow for that, nearly all of them."""
    inner = shapely.buffer(raised, -MARGIN_M, join_style="mitre", mitre_limit=2.0)
    reached = shapely.buffer(inner, MARGIN_M + _SMOOTH_M, join_style="mitre", mitre_limit=2.0)
    rest = shapely.buffer(_minus(raised, reached), -0.1, join_style="mitre", mitre_limit=2.0)
    if rest.is_empty:
        return _union([inner])
    narrow = shapely.buffer(rest, 0.1 + MARGIN_M + _SMOOTH_M, join_style="mitre", mitre_limit=2.0)
    most = shapely.buffer(raised, -_NARROW_MARGIN_M, join_style="mitre", mitre_limit=2.0)
    return _union([inner, _common(narrow, most)])


def _led_on(outline: shapely.Geometry, pavement: shapely.Geometry) -> list[shapely.Geometry]:
    """A crossing less the margin, and what joins its ends to the pavements before them."""
    inner = shapely.buffer(outline, -MARGIN_M, join_style="mitre", mitre_limit=2.0)
    outline = outline if inner.is_empty else inner
    corners = shapely.get_coordinates(outline)
    centre, along, across, half_length, half_width = long_box(
        np.column_stack([corners, np.zeros(len(corners))])
    )
    for axis, side, length, width in (
        (along, across, half_length, half_width),
        (across, along, half_width, half_length),
    ):
        ends = [_lead(centre, sign * axis, side, length, width, pavement) for sign in (1.0, -1.0)]
        found = [e for e in ends if e is not None]
        if found:
            return [outline, *found]
    return [outline]


def _lead(
    centre: np.ndarray,
    ahead: np.ndarray,
    side: np.ndarray,
    length: float,
    width: float,
    pavement: shapely.Geometry,
) -> shapely.Geometry | None:
    """From the middle of a crossing's end to half a metre inside the pavement ahead, if there is one."""

    def box(reach: float) -> shapely.Geometry:
        near, far = centre + 0.5 * length * ahead, centre + (length + reach) * ahead
        return shapely.polygons(
            np.array([near - width * side, far - width * side, far + width * side, near + width * side])
        )

    hit = shapely.intersection(box(_CROSSING_REACH_M), pavement)
    if hit.is_empty:
        return None
    end = centre + length * ahead
    beyond = (shapely.get_coordinates(hit) - end) @ ahead
    return box(max(float(beyond.min()), 0.0) + _LANDING_M)


def _union(shapes: Iterable[shapely.Geometry]) -> shapely.Geometry:
    listed = list(shapes)
    return areas(shapely.union_all(listed, grid_size=GRID_M)) if listed else shapely.MultiPolygon()


def _minus(shape: shapely.Geometry, other: shapely.Geometry) -> shapely.Geometry:
    return areas(shapely.difference(shape, other, grid_size=GRID_M))


def _common(shape: shapely.Geometry, other: shapely.Geometry) -> shapely.Geometry:
    return areas(shapely.intersection(shape, other, grid_size=GRID_M))


def _closed(shape: shapely.Geometry, gap_m: float) -> shapely.Geometry:
    grown = shapely.buffer(shape, gap_m, join_style="mitre", mitre_limit=2.0)
    closed = shapely.buffer(grown, -gap_m, join_style="mitre", mitre_limit=2.0)
    return _union([shape, closed])


def _without_holes(floor: shapely.Geometry, raised: shapely.Geometry) -> shapely.Geometry:
    """The floor and what is small and enclosed by floor and pavements."""
    rings = shapely.get_parts(shapely.polygonize([shapely.boundary(_union([floor, raised]))]))
    return _minus(_union([floor, *rings[shapely.area(rings) < _LARGEST_HOLE_M2]]), raised)


def _smooth(shape: shapely.Geometry) -> shapely.Geometry:
    return areas(shapely.simplify(shape, _SMOOTH_M))
