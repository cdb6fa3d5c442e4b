"""Kerbed islands inside junctions, as a lane left of a path whose width fills a given area."""

from __future__ import annotations

import numpy as np
import shapely
from jaxtyping import Float64

from drivegen.opendrive.model import Arc, Cubic, Lane, LaneType, RoadMark
from drivegen_generators.roads.plan_view import Heading, Path, Point

_STEP_M = 0.75
_REACH_M = 60.0
_NARROWEST_M = 0.8
"""Ends of islands that are narrower than this are left out."""


def island_lane(path: Path, area: shapely.Geometry) -> Lane | None:
    """Lane +1, kerbed, from the path leftwards to the far side of an area; None where that holds no island.

    Args:
        path: reference line of the road that gets the lane.
        area: in plan; the island is what of it can be reached at right angles from the path.
    """
    s = np.linspace(0.0, path.length_m, max(3, int(np.ceil(path.length_m / _STEP_M)) + 1))
    width = np.array([_reach(at, area) for at in _headings(path, s)])
    width[width < _NARROWEST_M] = 0.0
    if np.count_nonzero(width) < 3:
        return None
    return Lane(
        id=1,
        type=LaneType.MEDIAN,
        widths=_piecewise(s, width),
        road_marks=(RoadMark(s_offset_m=0.0, type="curb", color="white", lane_change="none"),),
    )


def _headings(path: Path, s_m: Float64[np.ndarray, "n"]) -> list[Heading]:
    out = []
    for s in s_m:
        piece = [g for g in path.geometries if g.s_m <= s + 1e-9][-1]
        walked = Path(Heading(x_m=piece.x_m, y_m=piece.y_m, heading_rad=piece.heading_rad))
        bend = piece.shape.curvature_pm if isinstance(piece.shape, Arc) else 0.0
        out.append(walked.arc(float(s) - piece.s_m, bend).end)
    return out


def _reach(at: Heading, area: shapely.Geometry) -> float:
    """How far leftwards from a point the area goes without a gap; 0 if the point lies outside."""
    far = at.moved(0.0, _REACH_M)
    start = at.moved(0.0, 0.05)
    ray = shapely.linestrings([(start.x_m, start.y_m), (far.x_m, far.y_m)])
    common = shapely.intersection(ray, area)
    parts = [p for p in shapely.get_parts(common) if p.geom_type == "LineString"]
    origin = shapely.points(start.x_m, start.y_m)
    first = [p for p in parts if shapely.distance(p, origin) < 0.01]
    return float(first[0].length) + 0.05 if first else 0.0


def _piecewise(s: Float64[np.ndarray, "n"], width: Float64[np.ndarray, "n"]) -> tuple[Cubic, ...]:
    slopes = np.diff(width) / np.diff(s)
    new = np.concatenate([[True], np.abs(np.diff(slopes)) > 1e-9])
    rows = zip(s[:-1][new], width[:-1][new], slopes[new], strict=True)
    return tuple(Cubic(s_m=float(at), a=float(a), b=float(b)) for at, a, b in rows)


def wedge(apex: Point, first: Heading, second: Heading, reach_m: float = 120.0) -> shapely.Geometry:
    """The area between two directions from a point; a triangle."""
    ends = [
        (apex[0] + reach_m * np.cos(h.heading_rad), apex[1] + reach_m * np.sin(h.heading_rad))
        for h in (first, second)
    ]
    return shapely.polygons([apex, *ends])


def meeting_point(first: Heading, second: Heading) -> Point:
    """Where the lines along two directions cross. Raises ZeroDivisionError for parallels."""
    c0, s0 = np.cos(first.heading_rad), np.sin(first.heading_rad)
    c1, s1 = np.cos(second.heading_rad), np.sin(second.heading_rad)
    dx, dy = second.x_m - first.x_m, second.y_m - first.y_m
    along = float((dx * s1 - dy * c1) / (c0 * s1 - s0 * c1))
    return float(first.x_m + along * c0), float(first.y_m + along * s0)
