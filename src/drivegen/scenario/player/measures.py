"""How far entities are from each other, in the ways that conditions and actions ask.

Distances are those of the reference points or, with `freespace`, of the boxes' nearest parts; 0 where boxes
overlap along the axis asked for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from drivegen.scenario.model.names import CoordinateSystem, RelativeDistanceType
from drivegen.scenario.player.bodies import Body
from drivegen.scenario.player.roads.angles import wrapped
from drivegen.scenario.player.roads.network import Roads
from drivegen.scenario.player.roads.spot import Pose, Spot

_ALONG_ROADS = frozenset({CoordinateSystem.ROAD, CoordinateSystem.LANE, CoordinateSystem.TRAJECTORY})
_STEP_M = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a distance is measured to: an entity, or a bare position."""

    pose: Pose
    spot: Spot | None
    corners: tuple[tuple[float, float], ...]
    """One point for a position."""

    @staticmethod
    def of(body: Body) -> Target:
        """An entity as a target."""
        return Target(pose=body.pose, spot=body.spot, corners=tuple(body.corners()))

    @staticmethod
    def at(pose: Pose, spot: Spot | None) -> Target:
        """A position as a target."""
        return Target(pose=pose, spot=spot, corners=((pose.x_m, pose.y_m),))


@dataclass(frozen=True, slots=True, kw_only=True)
class Offset:
    """How far a target lies along an axis."""

    between_m: float
    """From reference point to reference point; positive ahead or to the left."""
    free_m: float
    """Between the boxes, with the same sign; 0 where they overlap."""


class Measures:
    """Distances on a network."""

    def __init__(self, roads: Roads) -> None:
        self._roads = roads

    def distance(
        self,
        body: Body,
        target: Target,
        kind: RelativeDistanceType,
        system: CoordinateSystem,
        freespace: bool,
    ) -> float | None:
        """Not negative; None where no road joins the two and the distance is one along roads."""
        if kind is RelativeDistanceType.EUCLIDIAN_DISTANCE:
            if freespace:
                return gap(tuple(body.corners()), target.corners)
            return math.dist(
                (body.pose.x_m, body.pose.y_m, body.pose.z_m),
                (target.pose.x_m, target.pose.y_m, target.pose.z_m),
            )
        offset = (
            self.ahead(body, target, system)
            if kind is RelativeDistanceType.LONGITUDINAL
            else self.aside(body, target, system)
        )
        if offset is None:
            return None
        return abs(offset.free_m if freespace else offset.between_m)

    def ahead(self, body: Body, target: Target, system: CoordinateSystem) -> Offset | None:
        """Along the entity's heading or its way along the road; positive ahead of it."""
        if system in _ALONG_ROADS:
            return self._on_road(body, target, system, across=False)
        axis = 0.0 if system is CoordinateSystem.WORLD else body.pose.heading_rad
        return _along_axis(body, target, axis)

    def aside(self, body: Body, target: Target, system: CoordinateSystem) -> Offset | None:
        """Across; positive to the left of the entity (in the world's system along y)."""
        if system in _ALONG_ROADS:
            return self._on_road(body, target, system, across=True)
        axis = 0.0 if system is CoordinateSystem.WORLD else body.pose.heading_rad
        return _along_axis(body, target, axis + 0.5 * math.pi)

    def _on_road(
        self, body: Body, target: Target, system: CoordinateSystem, *, across: bool
    ) -> Offset | None:
        if body.spot is None or target.spot is None:
            return None
        found = self._roads.distances.along(body.spot, target.spot)
        if found is None:
            return None
        ds, runs = found
        if across:
            between = runs * target.spot.t_m - body.spot.t_m
        elif system is CoordinateSystem.ROAD or body.spot.road_id != target.spot.road_id:
            between = ds
        else:
            between = self._lane_length(body.spot, target.spot.s_m)
        own = _extent(body.pose, tuple(body.corners()), self._tangent(body.spot, 1, across))
        other = _extent(target.pose, target.corners, self._tangent(target.spot, runs, across))
        facing = body.direction
        free = _free(between, own, other)
        return Offset(between_m=facing * between, free_m=facing * free)

    def _tangent(self, spot: Spot, runs: int, across: bool) -> float:
        heading = self._roads.space.line(spot).heading_rad + (0.0 if runs > 0 else math.pi)
        return heading + (0.5 * math.pi if across else 0.0)

    def _lane_length(self, spot: Spot, until_m: float) -> float:
        """Signed length of a lane's middle between two stations of one road."""
        points = self._roads.space.points(spot.road_id)
        count = max(1, math.ceil(abs(until_m - spot.s_m) / _STEP_M))
        step = (until_m - spot.s_m) / count
        total = 0.0
        for i in range(count):
            s = spot.s_m + (i + 0.5) * step
            t, _, _ = points.lane_centre(points.section(s), spot.lane_id, s)
            total += step * (1.0 - points.line(s).curvature_pm * t)
        return total


def _along_axis(body: Body, target: Target, axis_rad: float) -> Offset:
    c, s = math.cos(axis_rad), math.sin(axis_rad)
    between = (target.pose.x_m - body.pose.x_m) * c + (target.pose.y_m - body.pose.y_m) * s
    own = _extent(body.pose, tuple(body.corners()), axis_rad)
    other = _extent(target.pose, target.corners, axis_rad)
    return Offset(between_m=between, free_m=_free(between, own, other))


def _extent(pose: Pose, corners: tuple[tuple[float, float], ...], axis_rad: float) -> tuple[float, float]:
    """From where to where corners reach along an axis, from the pose's point."""
    c, s = math.cos(axis_rad), math.sin(axis_rad)
    along = [(x - pose.x_m) * c + (y - pose.y_m) * s for x, y in corners]
    return min(along), max(along)


def _free(between: float, own: tuple[float, float], other: tuple[float, float]) -> float:
    """Signed gap of two stretches."""
    if between + other[0] > own[1]:
        return between + other[0] - own[1]
    if between + other[1] < own[0]:
        return between + other[1] - own[0]
    return 0.0


def overlap(one: tuple[tuple[float, float], ...], other: tuple[tuple[float, float], ...]) -> bool:
    """Whether two convex outlines touch (separating axes)."""
    for outline in (one, other):
        for index, (x, y) in enumerate(outline):
            nx, ny = outline[(index + 1) % len(outline)]
            axis = math.atan2(ny - y, nx - x) + 0.5 * math.pi
            origin = Pose(x_m=0.0, y_m=0.0)
            a, b = _extent(origin, one, axis), _extent(origin, other, axis)
            if a[1] < b[0] or b[1] < a[0]:
                return False
    return True


def gap(one: tuple[tuple[float, float], ...], other: tuple[tuple[float, float], ...]) -> float:
    """Shortest distance between two convex outlines (or points); 0 where they touch."""
    if len(one) > 2 and len(other) > 2 and overlap(one, other):
        return 0.0
    if len(other) == 1 and len(one) > 2 and _inside(one, other[0]):
        return 0.0
    best = math.inf
    for a, b in ((one, other), (other, one)):
        for index in range(len(b)):
            start, end = np.array(b[index]), np.array(b[(index + 1) % len(b)])
            for point in a:
                best = min(best, _to_line(np.array(point), start, end))
    return best


def _inside(outline: tuple[tuple[float, float], ...], point: tuple[float, float]) -> bool:
    signs = []
    for index, (x, y) in enumerate(outline):
        nx, ny = outline[(index + 1) % len(outline)]
        signs.append((nx - x) * (point[1] - y) - (ny - y) * (point[0] - x) >= 0.0)
    return all(signs) or not any(signs)


def _to_line(point: np.ndarray, start: np.ndarray, end: np.ndarray) -> float:
    along = end - start
    square = float(along @ along)
    f = 0.0 if square == 0.0 else min(max(float((point - start) @ along) / square, 0.0), 1.0)
    return float(np.linalg.norm(point - start - f * along))


def within_angle(angle_rad: float, goal_rad: float, tolerance_rad: float) -> bool:
    """Whether an angle lies within a tolerance of another, on the circle."""
    return abs(wrapped(angle_rad - goal_rad)) <= tolerance_rad + 1e-9
