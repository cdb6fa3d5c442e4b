"""What a network offers to feet: pavements, carriageways and crossings as areas in plan with heights."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
import shapely
from jaxtyping import Float64

from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import WALKABLE, RoadNetwork
from drivegen.opendrive.surfaces.lane_kinds import KERB_HEIGHT_M, RAISED, DroppedKerbs, object_outline
from drivegen.opendrive.surfaces.plan import areas, ring_area
from drivegen.opendrive.surfaces.strips import Slab, make_slab
from drivegen.opendrive.surfaces.surface import SurfaceKind


class PieceKind(IntEnum):
    """What a piece is for a walker."""

    PAVEMENT = 0
    CARRIAGEWAY = 1
    """Driving lanes, and what else is level with them."""
    ISLAND = 2
    """Kerbed medians and kerb stones: crossed with the carriageway, but they stand as high as pavements."""
    CROSSING = 3


_KIND = {
    SurfaceKind.SIDEWALK: PieceKind.PAVEMENT,
    SurfaceKind.MEDIAN: PieceKind.ISLAND,
    SurfaceKind.KERB: PieceKind.ISLAND,
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Piece:
    """Neighbouring lanes of one kind in one lane section, or a crossing."""

    kind: PieceKind
    outline: shapely.Geometry
    """In plan, map frame, metres."""
    line: shapely.Geometry
    """A polyline along the piece, in plan; a point for a crossing."""
    along_m: Float64[np.ndarray, "n"]
    """Lengths along `line` of its vertices."""
    z_m: Float64[np.ndarray, "n"]
    """Heights there: of the carriageway, also for raised pieces."""
    lift_m: float
    """How far the piece stands above that, away from dropped kerbs."""

    def height(self, points: np.ndarray) -> Float64[np.ndarray, "k"]:
        """Carriageway heights at shapely points: level across the piece, as OpenDRIVE has it."""
        if len(self.z_m) == 1:
            return np.full(len(points), float(self.z_m[0]))
        return np.interp(shapely.line_locate_point(self.line, points), self.along_m, self.z_m)

    def within(self, window: shapely.Geometry) -> Piece:
        """The part that lies in a window."""
        return replace(self, outline=areas(shapely.intersection(self.outline, window)))


def has_pavements(network: RoadNetwork) -> bool:
    """Whether there is anything to walk on. Cheap."""
    return any(
        lane.type in WALKABLE
        for road in network.roads
        for section in road.lane_sections
        for lane in section.lanes
    )


def make_pieces(geometry: NetworkGeometry, drops: DroppedKerbs) -> list[Piece]:
    """The pieces of a network, roads in the file's order, then crossings."""
    pieces: list[Piece] = []
    for road in geometry.network.roads:
        for section in range(len(road.lane_sections)):
            slab = make_slab(geometry.curve(road.id), section, drops)
            if slab is not None:
                pieces.extend(_lanes(slab))
    for road in geometry.network.roads:
        for item in road.objects:
            if item.type == "crosswalk" and len(item.outline) >= 3:
                outline = object_outline(geometry, road.id, item)
                if len(outline) >= 3:
                    pieces.append(_crossing(outline))
    return [p for p in pieces if not p.outline.is_empty]


def _lanes(slab: Slab) -> list[Piece]:
    kinds = [_KIND.get(kind, PieceKind.CARRIAGEWAY) for kind in slab.kinds]
    out = []
    first = 0
    for i in range(1, len(kinds) + 1):
        if i < len(kinds) and kinds[i] is kinds[first]:
            continue
        left, right = slab.xy_m[:, first], slab.xy_m[:, i]
        middle = 0.5 * (left + right)
        step = np.linalg.norm(np.diff(middle, axis=0), axis=1)
        raised = slab.kinds[first] in RAISED
        out.append(
            Piece(
                kind=kinds[first],
                outline=ring_area(np.concatenate([right, left[::-1]])),
                line=shapely.linestrings(middle),
                along_m=np.concatenate([[0.0], np.cumsum(step)]),
                z_m=slab.z_m,
                lift_m=KERB_HEIGHT_M if raised else 0.0,
            )
        )
        first = i
    return out


def _crossing(outline_m: Float64[np.ndarray, "n 3"]) -> Piece:
    return Piece(
        kind=PieceKind.CROSSING,
        outline=ring_area(outline_m[:, :2]),
        line=shapely.points(outline_m[:, :2].mean(axis=0)),
        along_m=np.zeros(1),
        z_m=np.array([float(outline_m[:, 2].mean())]),
        lift_m=0.0,
    )
