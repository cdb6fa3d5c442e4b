"""What each lane is made of and how high it stands above the carriageway."""

from __future__ import annotations

import numpy as np
import shapely
from jaxtyping import Float, Float64

from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import DRIVABLE, WALKABLE, CornerLocal, Lane, LaneSection, LaneType, RoadObject
from drivegen.opendrive.surfaces.surface import SurfaceKind

KERB_HEIGHT_M = 0.15
KERB_STONE_M = 0.15
RAMP_M = 1.5
"""Length of the slope at a dropped kerb: 1 in 10."""
_LANDING_M = 0.7
"""The dropped place reaches this far beyond the ends of the crossing's outline."""


def lane_kind(section: LaneSection, lane: Lane) -> SurfaceKind:
    """The surface of a lane. A median is raised and planted only where a kerb bounds it, else it is paint."""
    if lane.type in DRIVABLE or lane.type is LaneType.ROADWORKS:
        return SurfaceKind.DRIVING
    if lane.type in WALKABLE:
        return SurfaceKind.SIDEWALK
    if lane.type is LaneType.BIKING:
        return SurfaceKind.BIKING
    if lane.type is LaneType.PARKING:
        return SurfaceKind.PARKING
    if lane.type is LaneType.CURB:
        return SurfaceKind.KERB
    if lane.type is LaneType.MEDIAN and _has_kerb(section, lane):
        return SurfaceKind.MEDIAN
    return SurfaceKind.SHOULDER


def _has_kerb(section: LaneSection, lane: Lane) -> bool:
    inner = section.lane(lane.id - (1 if lane.id > 0 else -1))
    marks = [*lane.road_marks, *(inner.road_marks if inner is not None else ())]
    return any(mark.type == "curb" for mark in marks)


RAISED = frozenset({SurfaceKind.SIDEWALK, SurfaceKind.MEDIAN, SurfaceKind.KERB})


def object_outline(geometry: NetworkGeometry, road_id: int, item: RoadObject) -> Float64[np.ndarray, "n 3"]:
    """Corners of an object's outline, or of its length and width, in the map frame; not closed."""
    curve = geometry.curve(road_id)
    if item.outline and not isinstance(item.outline[0], CornerLocal):
        s = np.array([c.s_m for c in item.outline])
        t = np.array([c.t_m for c in item.outline])
        return _opened(curve.points(s, t))
    if item.outline:
        local = np.array([(c.u_m, c.v_m) for c in item.outline])  # type: ignore[union-attr]
    else:
        u, v = item.length_m / 2.0, item.width_m / 2.0
        local = np.array([(-u, -v), (u, -v), (u, v), (-u, v)])
    s = np.array([item.s_m])
    base = curve.points(s, np.array([item.t_m]))[0]
    angle = float(curve.reference(s)[1][0]) + item.heading_rad
    c, w = np.cos(angle), np.sin(angle)
    xy = local @ np.array([[c, w], [-w, c]]) + base[:2]
    return _opened(np.column_stack([xy, np.full(len(xy), base[2] + item.z_offset_m)]))


def _opened(corners: Float64[np.ndarray, "n 3"]) -> Float64[np.ndarray, "m 3"]:
    if len(corners) > 3 and np.linalg.norm(corners[0, :2] - corners[-1, :2]) < 1e-3:
        return corners[:-1]
    return corners


def long_box(outline_m: Float[np.ndarray, "n 3"]) -> tuple[np.ndarray, np.ndarray, np.ndarray, float, float]:
    """(centre, long axis, short axis, half length, half width) of the tightest rectangle in plan."""
    box = shapely.minimum_rotated_rectangle(shapely.convex_hull(shapely.multipoints(outline_m[:, :2])))
    corners = shapely.get_coordinates(box)[:4]
    first, second = corners[1] - corners[0], corners[2] - corners[1]
    if np.linalg.norm(first) < np.linalg.norm(second):
        first, second = second, first
    long, short = float(np.linalg.norm(first)), float(np.linalg.norm(second))
    along = first / max(long, 1e-9)
    return corners.mean(axis=0), along, np.array([-along[1], along[0]]), long / 2.0, short / 2.0


class DroppedKerbs:
    """Where crossings meet the kerb, raised surfaces come down to the carriageway."""

    def __init__(self, geometry: NetworkGeometry) -> None:
        zones = []
        for road in geometry.network.roads:
            for item in road.objects:
                if item.type == "crosswalk" and len(item.outline) >= 3:
                    outline = object_outline(geometry, road.id, item)
                    if len(outline) >= 3:
                        zones.append(_zone(outline))
        self.zones: list[shapely.Geometry] = zones
        self._tree = shapely.STRtree(zones)
        shapely.prepare(zones)

    def factor(self, xy_m: Float64[np.ndarray, "n 2"]) -> Float64[np.ndarray, "n"]:
        """0 at crossings, rising to 1 over the ramp's length around them."""
        out = np.ones(len(xy_m))
        if not self.zones:
            return out
        points = shapely.points(xy_m)
        near, zone = self._tree.query(points, predicate="dwithin", distance=RAMP_M)
        if len(near):
            distance = shapely.distance(points[near], np.array(self.zones, dtype=object)[zone])
            np.minimum.at(out, near, np.clip(distance / RAMP_M, 0.0, 1.0))
        return out

    def near(self, shape: shapely.Geometry, reach_m: float) -> list[shapely.Geometry]:
        """The zones within a distance of a shape."""
        if not self.zones:
            return []
        return [
            self.zones[i] for i in np.sort(self._tree.query(shape, predicate="dwithin", distance=reach_m))
        ]


def _zone(outline: Float64[np.ndarray, "n 3"]) -> shapely.Geometry:
    centre, along, across, length, width = long_box(outline)
    length += _LANDING_M
    box = [centre + a * length * along + b * width * across for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    return shapely.polygons(np.array(box))
