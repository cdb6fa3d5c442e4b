"""The way ahead of somebody who keeps to a lane or a route, as a line in the map.

It runs as `LaneWalk` goes: along the middle of the lane, over the ends of roads, through junctions, by the
route. What lies ahead or aside is measured from this line, so that neither numbers of lanes nor the places of
reference lines matter.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Int64

from drivegen.scenario.player.roads.network import Roads
from drivegen.scenario.player.roads.spot import Pose, Spot
from drivegen.scenario.player.roads.walk import Choice

_STEP_M = 2.0
_BEYOND_M = 10.0
"""The way goes straight on so far after the end of the road: who stops there reaches over it."""
_CENTRING = 0.05
"""Metres aside for a metre along, with which the way comes back to the middle of a lane that a route demands
and that lies beside the one that ends."""
_BLOCK = 256


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Feet:
    """Where points lie on a way."""

    along_m: Float64[np.ndarray, "n"]
    """From the way's beginning."""
    aside_m: Float64[np.ndarray, "n"]
    """To the left of the way."""
    segment: Int64[np.ndarray, "n"]
    """Whose foot it is (`WayAhead.heading`, `WayAhead.height`)."""


class WayAhead:
    """A way that grows at its end while somebody goes along it."""

    def __init__(self, roads: Roads, spot: Spot, direction: int) -> None:
        """Begins in the middle of a place's lane, along s (1) or against it (-1)."""
        self._roads = roads
        self._direction = direction
        self._table = np.zeros((_BLOCK, 5))
        """x, y, z, length until there, offset to the left of the lane's middle."""
        self._count = self._first = 0
        self._ended = False
        centre = spot.t_m - spot.offset_m
        self._last = Spot(road_id=spot.road_id, s_m=spot.s_m, t_m=centre, lane_id=spot.lane_id, offset_m=0.0)
        self._append(self._roads.space.pose(self._last), 0.0)

    @classmethod
    def straight(cls, roads: Roads, pose: Pose, length_m: float) -> WayAhead:
        """Where there are no roads."""
        way = cls.__new__(cls)
        way._roads, way._direction, way._ended = roads, 1, True
        way._table, way._count, way._first = np.zeros((_BLOCK, 5)), 0, 0
        for step in range(math.ceil(length_m / _STEP_M) + 1):
            way._append(_ahead_of(pose, pose.heading_rad, step * _STEP_M), 0.0)
        return way

    def reach(self, length_m: float, choose: Choice | None) -> None:
        """Goes on until it is so long from where it is followed; at forks `choose` picks."""
        while not self._ended and self._table[self._count - 1, 3] < self._table[self._first, 3] + length_m:
            walked = self._roads.walk.walk(self._last, _STEP_M, self._direction, choose)
            self._direction *= -1 if walked.flipped else 1
            spot = walked.spot
            back = math.copysign(min(abs(spot.offset_m), _CENTRING * _STEP_M), spot.offset_m)
            self._last = Spot(
                road_id=spot.road_id,
                s_m=spot.s_m,
                t_m=spot.t_m - back,
                lane_id=spot.lane_id,
                offset_m=spot.offset_m - back,
            )
            pose = self._roads.space.pose(self._last)
            self._append(pose, self._direction * self._last.offset_m)
            if walked.left_m > 0.0:
                self._ended = True
                heading = pose.heading_rad + (0.0 if self._direction > 0 else math.pi)
                self._append(_ahead_of(pose, heading, _BEYOND_M), self._direction * self._last.offset_m)

    def follow(self, pose: Pose, moved_m: float) -> tuple[float, float, float] | None:
        """(along, aside, aside of the lane's middle) of who has gone at most `moved_m` since the last call.

        What lies behind is forgotten. None if the place is not beside the way.
        """
        until = self._first + math.ceil(moved_m / _STEP_M) + 3
        feet = self._feet(np.array([[pose.x_m, pose.y_m]]), self._first, min(until, self._count))
        if feet is None:
            return None
        segment = int(feet.segment[0])
        self._first = max(segment - 1, 0)
        return float(feet.along_m[0]), float(feet.aside_m[0]), float(self._table[segment, 4])

    def near(self, x_m: float, y_m: float, radius_m: float) -> tuple[int, int] | None:
        """(first, one after the last) sample of the part of the way that first comes so near a point."""
        samples = self._table[self._first : self._count]
        away = (samples[:, 0] - x_m) ** 2 + (samples[:, 1] - y_m) ** 2
        # Of a segment whose ends are both farther, the middle may be nearer by half of its length.
        close: Bool[np.ndarray, "n"] = away <= (radius_m + 0.5 * _STEP_M) ** 2
        first = int(np.argmax(close))
        if not close[first]:
            return None
        rest = close[first:]
        last = first + (int(np.argmin(rest)) if not rest.all() else len(rest))
        return max(self._first + first - 1, 0), min(self._first + last + 1, self._count)

    def feet(self, xy_m: Float64[np.ndarray, "n 2"], part: tuple[int, int]) -> Feet | None:
        """The nearest places on a part of the way; None of a part without length."""
        return self._feet(xy_m, *part)

    def heading(self, segment: int) -> float:
        """Of a segment, radians."""
        one, two = self._table[segment], self._table[segment + 1]
        return math.atan2(two[1] - one[1], two[0] - one[0])

    def height(self, segment: int) -> float:
        """z where a segment begins."""
        return float(self._table[segment, 2])

    def _feet(self, xy_m: Float64[np.ndarray, "n 2"], first: int, last: int) -> Feet | None:
        if last - first < 2:
            return None
        part = self._table[first:last]
        begin, step, length = part[:-1, :2], part[1:, :2] - part[:-1, :2], part[1:, 3] - part[:-1, 3]
        from_begin = xy_m[:, None] - begin[None]
        share = np.clip((from_begin * step).sum(axis=2) / length**2, 0.0, 1.0)
        away = from_begin - share[..., None] * step
        square = (away**2).sum(axis=2)
        rows, segment = np.arange(len(xy_m)), square.argmin(axis=1)
        side = (
            step[segment, 0] * from_begin[rows, segment, 1] - step[segment, 1] * from_begin[rows, segment, 0]
        )
        return Feet(
            along_m=part[segment, 3] + share[rows, segment] * length[segment],
            aside_m=np.copysign(np.sqrt(square[rows, segment]), side),
            segment=segment + first,
        )

    def _append(self, pose: Pose, offset_m: float) -> None:
        if self._count == len(self._table):
            self._table = np.concatenate([self._table, np.zeros((_BLOCK, 5))])
        gone = 0.0
        if self._count:
            last = self._table[self._count - 1]
            step = math.hypot(pose.x_m - last[0], pose.y_m - last[1])
            if step < 1e-6:
                return
            gone = last[3] + step
        self._table[self._count] = (pose.x_m, pose.y_m, pose.z_m, gone, offset_m)
        self._count += 1


def _ahead_of(pose: Pose, heading_rad: float, ahead_m: float) -> Pose:
    return Pose(
        x_m=pose.x_m + ahead_m * math.cos(heading_rad),
        y_m=pose.y_m + ahead_m * math.sin(heading_rad),
        z_m=pose.z_m,
        heading_rad=heading_rad,
    )
