"""One station of one road at a time, in plain floats: the player asks for a few points at every step.

The same curves as `drivegen.opendrive.evaluate`, which is made for thousands of points at once; a test holds
them together. Angles in radians, lengths in metres, OpenDRIVE's right-handed map frame.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from drivegen.opendrive.curves import evaluate_geometry
from drivegen.opendrive.evaluate import RoadCurve
from drivegen.opendrive.model import Arc, Cubic, Geometry, Line, ParamPoly3, Poly3, Road

_STRAIGHT_PM = 1e-9
_TABLE_STEP_M = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePoint:
    """A point of a reference line."""

    x_m: float
    y_m: float
    heading_rad: float
    curvature_pm: float


class _Pieces:
    """A piecewise cubic of s, 0 before the first piece as after an empty list."""

    def __init__(self, pieces: Sequence[Cubic], offset_m: float = 0.0) -> None:
        self._starts = [p.s_m + offset_m for p in pieces]
        self._terms = [(p.a, p.b, p.c, p.d) for p in pieces]

    def at(self, s_m: float) -> tuple[float, float]:
        """(value, first derivative)."""
        if not self._starts:
            return 0.0, 0.0
        index = max(bisect_right(self._starts, s_m) - 1, 0)
        ds = s_m - self._starts[index]
        a, b, c, d = self._terms[index]
        return a + ds * (b + ds * (c + ds * d)), b + ds * (2.0 * c + 3.0 * d * ds)


class _Polynomial:
    """A polynomial piece, tabulated by arc length once (every 0.1 m, as `opendrive.curves` does each
    time)."""

    def __init__(self, geometry: Geometry) -> None:
        shape = geometry.shape
        length = geometry.length_m
        if isinstance(shape, ParamPoly3):
            self._u, self._v = shape.u, shape.v
            last = 1.0 if shape.normalized else length
        else:
            assert isinstance(shape, Poly3)
            self._u, self._v, last = (0.0, 1.0, 0.0, 0.0), (shape.a, shape.b, shape.c, shape.d), length
        count = max(16, math.ceil(length / _TABLE_STEP_M)) + 1
        self._p = np.linspace(0.0, last, count)
        speed = np.hypot(_slope(self._u, self._p), _slope(self._v, self._p))
        self._length = np.concatenate([[0.0], np.cumsum(0.5 * (speed[1:] + speed[:-1]) * np.diff(self._p))])
        self._last_speed = max(float(speed[-1]), 1e-9)
        self._geometry = geometry

    def at(self, ds_m: float) -> LinePoint:
        p = float(np.interp(ds_m, self._length, self._p))
        p += max(ds_m - float(self._length[-1]), 0.0) / self._last_speed
        (x, dx, ddx), (y, dy, ddy) = _cubic(self._u, p), _cubic(self._v, p)
        g = self._geometry
        c, s = math.cos(g.heading_rad), math.sin(g.heading_rad)
        return LinePoint(
            x_m=g.x_m + c * x - s * y,
            y_m=g.y_m + s * x + c * y,
            heading_rad=g.heading_rad + math.atan2(dy, dx),
            curvature_pm=(dx * ddy - dy * ddx) / max(math.hypot(dx, dy), 1e-9) ** 3,
        )


def _cubic(c: tuple[float, float, float, float], p: float) -> tuple[float, float, float]:
    return (
        c[0] + p * (c[1] + p * (c[2] + p * c[3])),
        c[1] + p * (2.0 * c[2] + p * 3.0 * c[3]),
        2.0 * c[2] + p * 6.0 * c[3],
    )


def _slope(c: tuple[float, float, float, float], p: Float64[np.ndarray, "n"]) -> Float64[np.ndarray, "n"]:
    return np.asarray(c[1] + p * (2.0 * c[2] + p * 3.0 * c[3]))


class RoadPoints:
    """A road, evaluated one station at a time."""

    def __init__(self, road: Road) -> None:
        self.road = road
        self._starts = [g.s_m for g in road.geometries]
        self._offset = _Pieces(road.lane_offsets)
        self._elevation = _Pieces(road.elevations)
        self._sections = [section.s_m for section in road.lane_sections]
        self._widths = {
            (index, lane.id): _Pieces(lane.widths, section.s_m)
            for index, section in enumerate(road.lane_sections)
            for lane in section.lanes
            if lane.widths
        }
        self._polynomials: dict[int, _Polynomial] = {}
        self._curve = RoadCurve(road) if _has_borders(road) else None

    def line(self, s_m: float) -> LinePoint:
        """The reference line at a station; beyond its ends the last piece goes on."""
        index = max(bisect_right(self._starts, s_m) - 1, 0)
        geometry = self.road.geometries[index]
        if isinstance(geometry.shape, Poly3 | ParamPoly3):
            if index not in self._polynomials:
                self._polynomials[index] = _Polynomial(geometry)
            return self._polynomials[index].at(s_m - geometry.s_m)
        return _evaluate(geometry, s_m - geometry.s_m)

    def elevation(self, s_m: float) -> tuple[float, float]:
        """(height, slope along s)."""
        return self._elevation.at(s_m)

    def section(self, s_m: float) -> int:
        """Index of the lane section that holds a station."""
        return max(bisect_right(self._sections, s_m) - 1, 0)

    def section_ends(self, section: int) -> tuple[float, float]:
        """First and last station of a lane section."""
        last = section + 1
        return self._sections[section], (
            self._sections[last] if last < len(self._sections) else self.road.length_m
        )

    def width(self, section: int, lane_id: int, s_m: float) -> tuple[float, float]:
        """(width, its derivative) of a lane; never negative."""
        pieces = self._widths.get((section, lane_id))
        if pieces is None:
            if self._curve is None:
                return 0.0, 0.0
            value, slope = self._curve.width(section, lane_id, np.array([s_m]))
            return float(value[0]), float(slope[0])
        width, slope_1 = pieces.at(s_m)
        return (width, slope_1) if width > 0.0 else (0.0, 0.0)

    def lane_centre(self, section: int, lane_id: int, s_m: float) -> tuple[float, float, float]:
        """(t, dt/ds, width) of a lane's middle; of lane 0 the line between left and right lanes."""
        t, slope = self._offset.at(s_m)
        if lane_id == 0:
            return t, slope, 0.0
        sign = 1 if lane_id > 0 else -1
        for lane in range(sign, lane_id, sign):
            width, width_slope = self.width(section, lane, s_m)
            t, slope = t + sign * width, slope + sign * width_slope
        width, width_slope = self.width(section, lane_id, s_m)
        return t + 0.5 * sign * width, slope + 0.5 * sign * width_slope, width

    def lane_at(self, section: int, s_m: float, t_m: float) -> int:
        """The lane whose strip holds t, else the outermost one on that side; 0 where the road has no lane
        there."""
        middle, _ = self._offset.at(s_m)
        lanes = self.road.lane_sections[section]
        side, sign = (lanes.left, 1) if t_m > middle else (lanes.right, -1)
        if not side:
            return 0
        edge, best = middle, 0
        for lane in side:
            width, _ = self.width(section, lane.id, s_m)
            edge += sign * width
            if width > 0.0 or best == 0:
                best = lane.id
            if sign * (edge - t_m) >= 0.0 and width > 0.0:
                return lane.id
        return best

    def edges(self, section: int, s_m: float) -> tuple[float, float]:
        """(t of the right edge, t of the left edge) of all lanes together."""
        left = right = self._offset.at(s_m)[0]
        for lane in self.road.lane_sections[section].lanes:
            width, _ = self.width(section, lane.id, s_m) if lane.id != 0 else (0.0, 0.0)
            left, right = (left + width, right) if lane.id > 0 else (left, right - width)
        return right, left


def _has_borders(road: Road) -> bool:
    return any(lane.borders and not lane.widths for s in road.lane_sections for lane in s.lanes)


def _evaluate(geometry: Geometry, ds_m: float) -> LinePoint:
    shape = geometry.shape
    c, s = math.cos(geometry.heading_rad), math.sin(geometry.heading_rad)
    if isinstance(shape, Arc) and abs(shape.curvature_pm) > _STRAIGHT_PM:
        turn = shape.curvature_pm * ds_m
        u, v = math.sin(turn) / shape.curvature_pm, 2.0 * math.sin(0.5 * turn) ** 2 / shape.curvature_pm
        return LinePoint(
            x_m=geometry.x_m + c * u - s * v,
            y_m=geometry.y_m + s * u + c * v,
            heading_rad=geometry.heading_rad + turn,
            curvature_pm=shape.curvature_pm,
        )
    if isinstance(shape, Line | Arc):
        return LinePoint(
            x_m=geometry.x_m + c * ds_m,
            y_m=geometry.y_m + s * ds_m,
            heading_rad=geometry.heading_rad,
            curvature_pm=0.0,
        )
    x, y, heading, curvature = evaluate_geometry(geometry, np.array([ds_m]))
    return LinePoint(
        x_m=float(x[0]), y_m=float(y[0]), heading_rad=float(heading[0]), curvature_pm=float(curvature[0])
    )
