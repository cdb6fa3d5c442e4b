"""Where roads and lanes lie: reference lines, lane borders and centres, heights, headings; vectorised over s.

Superelevation is ignored, as CARLA does: across the road the surface is level. Agrees with `carla.Map` within
2 cm wherever that is right itself (it misplaces arcs of tiny curvature).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64

from drivegen.opendrive.curves import evaluate_geometry, largest_curvature
from drivegen.opendrive.model import Cubic, Lane, LaneSection, Road, RoadNetwork

_SURFACE_TOLERANCE_M = 0.004
_TURN_STEP_RAD = 0.06
_LONGEST_STEP_M = 20.0
_BEFORE_JUMP_M = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LanePoints:
    """n points on a lane's centre line."""

    s_m: Float64[np.ndarray, "n"]
    position_m: Float64[np.ndarray, "n 3"]
    heading_rad: Float64[np.ndarray, "n"]
    """Direction of travel: along s for negative lanes, against it for positive ones; not wrapped."""
    width_m: Float64[np.ndarray, "n"]


class Cubics:
    """A piecewise cubic function of s; 0 where nothing is given."""

    def __init__(self, pieces: Sequence[Cubic], offset_m: float = 0.0) -> None:
        self._start = np.array([p.s_m + offset_m for p in pieces], dtype=np.float64)
        self._abcd = np.array([(p.a, p.b, p.c, p.d) for p in pieces], dtype=np.float64).reshape(-1, 4)

    @property
    def starts_m(self) -> Float64[np.ndarray, "k"]:
        """Where the pieces begin."""
        return self._start

    def __call__(
        self, s_m: Float64[np.ndarray, "n"]
    ) -> tuple[Float64[np.ndarray, "n"], Float64[np.ndarray, "n"]]:
        """(value, first derivative)."""
        if len(self._start) == 0:
            return np.zeros_like(s_m), np.zeros_like(s_m)
        index = np.clip(np.searchsorted(self._start, s_m, side="right") - 1, 0, None)
        ds = s_m - self._start[index]
        a, b, c, d = self._abcd[index].T
        return a + ds * (b + ds * (c + ds * d)), b + ds * (2.0 * c + 3.0 * d * ds)

    def largest_bends(
        self, from_m: Float64[np.ndarray, "n"], to_m: Float64[np.ndarray, "n"]
    ) -> Float64[np.ndarray, "n"]:
        """The largest |second derivative| within stretches that each lie in one piece."""
        if len(self._start) == 0:
            return np.zeros_like(from_m)
        middle = 0.5 * (from_m + to_m)
        index = np.clip(np.searchsorted(self._start, middle, side="right") - 1, 0, None)
        c, d = self._abcd[index, 2], self._abcd[index, 3]
        start = self._start[index]
        return np.maximum(np.abs(2 * c + 6 * d * (from_m - start)), np.abs(2 * c + 6 * d * (to_m - start)))


class RoadCurve:
    """One road, ready to be evaluated at many stations at once."""

    def __init__(self, road: Road) -> None:
        self.road = road
        self._geometry_start = np.array([g.s_m for g in road.geometries])
        self._largest_curvature = np.array([largest_curvature(g) for g in road.geometries])
        self._elevation = Cubics(road.elevations)
        self._offset = Cubics(road.lane_offsets)
        self._widths: dict[tuple[int, int], Cubics] = {}
        self._borders: dict[tuple[int, int], Cubics] = {}
        self._stations: dict[int, Float64[np.ndarray, "n"]] = {}
        for index, section in enumerate(road.lane_sections):
            for lane in section.lanes:
                if lane.widths:
                    self._widths[index, lane.id] = Cubics(lane.widths, section.s_m)
                elif lane.borders:
                    self._borders[index, lane.id] = Cubics(lane.borders, section.s_m)

    def section_range(self, section: int) -> tuple[float, float]:
        """(first, last) station of a lane section, the last just before the next section begins.

        Lane offsets may jump there, together with the lanes.
        """
        sections = self.road.lane_sections
        last = self.road.length_m
        if section + 1 < len(sections):
            last = sections[section + 1].s_m - _BEFORE_JUMP_M
        return sections[section].s_m, max(last, sections[section].s_m)

    def reference(
        self, s_m: Float[np.ndarray, "n"]
    ) -> tuple[Float64[np.ndarray, "n 2"], Float64[np.ndarray, "n"], Float64[np.ndarray, "n"]]:
        """(position, heading, curvature) of the reference line."""
        s = np.asarray(s_m, dtype=np.float64)
        index = np.clip(np.searchsorted(self._geometry_start, s, side="right") - 1, 0, None)
        xy = np.empty((len(s), 2))
        heading = np.empty(len(s))
        curvature = np.empty(len(s))
        for i in np.unique(index):
            mask = index == i
            geometry = self.road.geometries[i]
            x, y, h, k = evaluate_geometry(geometry, s[mask] - geometry.s_m)
            xy[mask, 0], xy[mask, 1], heading[mask], curvature[mask] = x, y, h, k
        return xy, heading, curvature

    def elevation(
        self, s_m: Float[np.ndarray, "n"]
    ) -> tuple[Float64[np.ndarray, "n"], Float64[np.ndarray, "n"]]:
        """(height, slope along s)."""
        return self._elevation(np.asarray(s_m, dtype=np.float64))

    def points(self, s_m: Float[np.ndarray, "n"], t_m: Float[np.ndarray, "n"]) -> Float64[np.ndarray, "n 3"]:
        """Map positions of road coordinates."""
        s = np.asarray(s_m, dtype=np.float64)
        xy, heading, _ = self.reference(s)
        z, _ = self.elevation(s)
        return np.stack([xy[:, 0] - t_m * np.sin(heading), xy[:, 1] + t_m * np.cos(heading), z], axis=1)

    def width(
        self, section: int, lane_id: int, s_m: Float64[np.ndarray, "n"]
    ) -> tuple[Float64[np.ndarray, "n"], Float64[np.ndarray, "n"]]:
        """(width, its derivative) of a lane; never negative."""
        cubics = self._widths.get((section, lane_id))
        if cubics is not None:
            value, slope = cubics(s_m)
            return np.maximum(value, 0.0), np.where(value > 0.0, slope, 0.0)
        cubics = self._borders.get((section, lane_id))
        if cubics is None:
            return np.zeros_like(s_m), np.zeros_like(s_m)
        outer, slope = cubics(s_m)
        inner = self._borders.get((section, lane_id - (1 if lane_id > 0 else -1)))
        inner_t, inner_slope = inner(s_m) if inner is not None else (np.zeros_like(s_m), np.zeros_like(s_m))
        sign = 1.0 if lane_id > 0 else -1.0
        return np.maximum(sign * (outer - inner_t), 0.0), sign * (slope - inner_slope)

    def lane_bounds(
        self, section: int, lane_id: int, s_m: Float64[np.ndarray, "n"]
    ) -> tuple[Float64[np.ndarray, "n"], Float64[np.ndarray, "n"], Float64[np.ndarray, "n"]]:
        """(inner t, outer t, derivative of the centre's t) of a lane."""
        inner, slope = self._offset(s_m)
        sign = 1 if lane_id > 0 else -1
        for other in range(sign, lane_id, sign):
            width, width_slope = self.width(section, other, s_m)
            inner = inner + sign * width
            slope = slope + sign * width_slope
        width, width_slope = self.width(section, lane_id, s_m)
        return inner, inner + sign * width, slope + sign * 0.5 * width_slope

    def border_offsets(
        self, section: int, s_m: Float64[np.ndarray, "n"]
    ) -> dict[int, Float64[np.ndarray, "n"]]:
        """t of each lane's outer border by lane id; 0 stands for the line between left and right lanes."""
        offset, _ = self._offset(s_m)
        out = {0: offset}
        for lanes, sign in (
            (self.road.lane_sections[section].left, 1),
            (self.road.lane_sections[section].right, -1),
        ):
            t = offset
            for lane in lanes:
                t = t + sign * self.width(section, lane.id, s_m)[0]
                out[lane.id] = t
        return out

    def lane_centre(self, section: int, lane_id: int, s_m: Float[np.ndarray, "n"]) -> LanePoints:
        """The middle of a lane at stations within its section."""
        s = np.asarray(s_m, dtype=np.float64)
        inner, outer, slope = self.lane_bounds(section, lane_id, s)
        t = 0.5 * (inner + outer)
        xy, heading, curvature = self.reference(s)
        z, _ = self.elevation(s)
        position = np.stack([xy[:, 0] - t * np.sin(heading), xy[:, 1] + t * np.cos(heading), z], axis=1)
        direction = heading + np.arctan2(slope, 1.0 - curvature * t)
        return LanePoints(
            s_m=s,
            position_m=position,
            heading_rad=direction if lane_id < 0 else direction + np.pi,
            width_m=np.abs(outer - inner),
        )

    def lane_centres(self, section: int, s_m: Float[np.ndarray, "n"]) -> dict[int, LanePoints]:
        """The middles of all lanes of a section by id, as `lane_centre` gives them one by one."""
        s = np.asarray(s_m, dtype=np.float64)
        xy, heading, curvature = self.reference(s)
        z, _ = self.elevation(s)
        cosine, sine = np.cos(heading), np.sin(heading)
        offset = self._offset(s)
        lanes = self.road.lane_sections[section]
        out: dict[int, LanePoints] = {}
        for side, sign in ((lanes.left, 1), (lanes.right, -1)):
            inner, slope = offset
            for lane in side:
                width, width_slope = self.width(section, lane.id, s)
                outer = inner + sign * width
                t = 0.5 * (inner + outer)
                along = slope + sign * 0.5 * width_slope
                direction = heading + np.arctan2(along, 1.0 - curvature * t)
                out[lane.id] = LanePoints(
                    s_m=s,
                    position_m=np.stack([xy[:, 0] - t * sine, xy[:, 1] + t * cosine, z], axis=1),
                    heading_rad=direction if lane.id < 0 else direction + np.pi,
                    width_m=np.abs(outer - inner),
                )
                inner, slope = outer, slope + sign * width_slope
        return out

    def stations(self, section: int) -> Float64[np.ndarray, "n"]:
        """Stations of a section, ends included; strips that are straight between them keep to millimetres."""
        if section not in self._stations:
            self._stations[section] = self._make_stations(section)
        return self._stations[section]

    def _make_stations(self, section: int) -> Float64[np.ndarray, "n"]:
        first, last = self.section_range(section)
        lanes = [c for (i, _), c in (*self._widths.items(), *self._borders.items()) if i == section]
        profiles = [self._elevation, self._offset, *lanes]
        breaks = np.concatenate([self._geometry_start, *(p.starts_m for p in profiles)])
        inside = np.unique(breaks[(breaks > first + 0.01) & (breaks < last - 0.01)])
        edges = np.concatenate([[first], inside[np.diff(inside, prepend=first) > 0.01], [last]])
        steps = self._steps(profiles, edges)
        parts = [
            np.linspace(a, b, n, endpoint=False)
            for (a, b), n in zip(itertools.pairwise(edges), steps, strict=True)
        ]
        return np.unique(np.concatenate([*parts, [last], self._jumps(section, inside) - _BEFORE_JUMP_M]))

    def _jumps(self, section: int, at_m: Float64[np.ndarray, "n"]) -> Float64[np.ndarray, "k"]:
        """Which of some stations have a border that jumps sideways."""
        before = np.stack(list(self.border_offsets(section, at_m - _BEFORE_JUMP_M).values()))
        after = np.stack(list(self.border_offsets(section, at_m).values()))
        return at_m[np.any(np.abs(after - before) > 0.01, axis=0)]

    def _steps(self, profiles: list[Cubics], edges: Float64[np.ndarray, "n"]) -> list[int]:
        """Into how many parts each stretch between edges is cut."""
        first, last = edges[:-1], edges[1:]
        pieces = np.searchsorted(self._geometry_start, 0.5 * (first + last), side="right") - 1
        curvature = np.maximum(self._largest_curvature[np.clip(pieces, 0, None)], 1e-9)
        bend = np.maximum.reduce(
            [p.largest_bends(first, last) for p in profiles] + [np.full_like(first, 1e-9)]
        )
        step = np.minimum.reduce(
            [
                np.full_like(first, _LONGEST_STEP_M),
                _TURN_STEP_RAD / curvature,
                np.sqrt(16.0 * _SURFACE_TOLERANCE_M / curvature),
                np.sqrt(8.0 * _SURFACE_TOLERANCE_M / bend),
            ]
        )
        return [max(1, int(n)) for n in np.ceil((last - first) / np.maximum(step, 0.25))]


class NetworkGeometry:
    """The curves of all roads of a network."""

    def __init__(self, network: RoadNetwork) -> None:
        self.network = network
        self.curves = {road.id: RoadCurve(road) for road in network.roads}

    def curve(self, road_id: int) -> RoadCurve:
        """The curve of a road."""
        return self.curves[road_id]


def lane_of(section: LaneSection, lane_id: int) -> Lane:
    """The lane with this id; KeyError if the section has none."""
    found = section.lane(lane_id)
    if found is None:
        raise KeyError(lane_id)
    return found
