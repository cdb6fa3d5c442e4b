"""Where the walkers of a scene are on their ways: legs, waypoints, waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Int64

from drivegen.core.plans import Crossing, WalkerPlan

REACH_M = 0.35
"""A waypoint is reached so far before it, along the leg."""

CORNER_M, CORNER_SHARE = 2.0, 0.6
"""Who cuts a corner is so near to it, and within this share of the next leg's half width."""

WALKING, WAITING, STAYING = 0, 1, 2
"""What a walker does: goes along its leg; stands where a crossing begins; stands for good."""

_LEGS_A_TICK = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Legs:
    """The present legs of k walkers."""

    origin_m: Float64[np.ndarray, "k 2"]
    end_m: Float64[np.ndarray, "k 2"]
    along: Float64[np.ndarray, "k 2"]
    """Unit vectors; 0 where both ends are one point."""
    length_m: Float64[np.ndarray, "k"]


class Ways:
    """The ways of n walkers, and how far each has come."""

    def __init__(self, plans: Sequence[WalkerPlan]) -> None:
        """Whoever has one waypoint stays there."""
        points: list[tuple[float, float]] = []
        widths: list[float] = []
        crossing_of: list[int] = []
        self.crossings: list[tuple[int, Crossing]] = []
        """(row, crossing); `crossing` gives indexes into it."""
        first = np.zeros(len(plans), np.int64)
        for row, plan in enumerate(plans):
            first[row] = len(points)
            points += [(x, y) for x, y, _ in plan.waypoints]
            widths += [*plan.half_widths_m, *([np.inf] * (len(plan.waypoints) - len(plan.half_widths_m)))]
            own = [-1] * len(plan.waypoints)
            for crossing in plan.crossings:
                own[crossing.first] = len(self.crossings)
                self.crossings.append((row, crossing))
            crossing_of += own
        self._points_m = np.array(points, np.float64).reshape(-1, 2)
        self._half_width_m = np.array(widths, np.float64)
        self._crossing_of = np.array(crossing_of, np.int64)
        self._first = first
        self._last = first + np.array([len(p.waypoints) - 1 for p in plans], np.int64)
        self._stays = np.array([p.stays for p in plans], np.bool_)
        self._step = np.ones(len(plans), np.int64)
        self._target = np.minimum(self._first + 1, self._last)
        """Index of the waypoint that each walks to."""
        self.mode = np.full(len(plans), WALKING, np.int64)
        self.mode[self._first == self._last] = STAYING
        rows = np.flatnonzero(self.mode == WALKING)
        self.mode[rows[self.crossing(rows) >= 0]] = WAITING

    def legs(self, rows: Int64[np.ndarray, "k"]) -> Legs:
        """The present legs; of who stays, its last."""
        end = self._points_m[self._target[rows]]
        origin = self._points_m[self._origin(rows)]
        length = np.hypot(*(end - origin).T)
        along = (end - origin) / np.maximum(length, 1e-9)[:, None]
        return Legs(origin_m=origin, end_m=end, along=along, length_m=length)

    def half_width_m(self, rows: Int64[np.ndarray, "k"]) -> Float64[np.ndarray, "k"]:
        """Of the present legs; infinite where it is not known."""
        return self._half_width_m[np.minimum(self._target[rows], self._origin(rows))]

    def crossing(self, rows: Int64[np.ndarray, "k"]) -> Int64[np.ndarray, "k"]:
        """Which of `crossings` the present legs are; -1: none."""
        return self._crossing_of[np.minimum(self._target[rows], self._origin(rows))]

    def next_crossing(self, rows: Int64[np.ndarray, "k"]) -> Int64[np.ndarray, "k"]:
        """Which of `crossings` the legs after the present ones are; -1: none."""
        return np.where(
            self.at_end(rows),
            self._crossing_of[np.minimum(self._target[rows], self._origin(rows))],
            self._crossing_of[np.minimum(self._target[rows], self._target[rows] + self._step[rows])],
        )

    def at_end(self, rows: Int64[np.ndarray, "k"]) -> Bool[np.ndarray, "k"]:
        """Whose present leg is the last before they turn back, or stay."""
        last = np.where(self._step[rows] > 0, self._last[rows], self._first[rows])
        return self._target[rows] == last

    def aim_m(
        self, rows: Int64[np.ndarray, "k"], xy_m: Float64[np.ndarray, "k 2"], ahead_m: float
    ) -> Float64[np.ndarray, "k 2"]:
        """Points to walk to: so far ahead along the way, but not beyond a kerb or the way's end."""
        legs = self.legs(rows)
        done = ((xy_m - legs.origin_m) * legs.along).sum(axis=1) + ahead_m
        on_leg = legs.origin_m + np.clip(done, 0.0, legs.length_m)[:, None] * legs.along
        stop = self.at_end(rows) | (self.next_crossing(rows) >= 0)
        following = np.clip(self._target[rows] + self._step[rows], self._first[rows], self._last[rows])
        onward = self._points_m[following] - legs.end_m
        length = np.hypot(*onward.T)
        beyond = np.where(stop, 0.0, np.clip(done - legs.length_m, 0.0, length))
        return on_leg + (beyond / np.maximum(length, 1e-9))[:, None] * onward

    def advance(
        self, rows: Int64[np.ndarray, "k"], xy_m: Float64[np.ndarray, "k 2"]
    ) -> tuple[Int64[np.ndarray, "a"], Int64[np.ndarray, "a"]]:
        """Takes up the next leg where the present one is walked; turns back at the ends.

        Returns:
            Rows of walkers that finished a crossing, and which of `crossings`.
        """
        finished: list[tuple[int, int]] = []
        at = np.arange(len(rows))
        for _ in range(_LEGS_A_TICK):
            at = at[self.mode[rows[at]] == WALKING]
            legs = self.legs(rows[at])
            left = ((legs.end_m - xy_m[at]) * legs.along).sum(axis=1)
            at = at[(left <= REACH_M) | self._cut_corner(rows[at], xy_m[at], legs)]
            if not len(at):
                break
            done = rows[at]
            crossed = self.crossing(done)
            finished += [(int(r), int(c)) for r, c in zip(done, crossed, strict=True) if c >= 0]
            self.begin_next(done)
        found = np.array(finished, np.int64).reshape(-1, 2)
        return found[:, 0], found[:, 1]

    def _cut_corner(
        self, rows: Int64[np.ndarray, "k"], xy_m: Float64[np.ndarray, "k 2"], legs: Legs
    ) -> Bool[np.ndarray, "k"]:
        """Who is on the next leg already without having been where both meet."""
        following = np.clip(self._target[rows] + self._step[rows], self._first[rows], self._last[rows])
        onward = self._points_m[following] - legs.end_m
        onward /= np.maximum(np.hypot(*onward.T), 1e-9)[:, None]
        apart = xy_m - legs.end_m
        forward = (apart * onward).sum(axis=1)
        aside = np.abs(apart[:, 0] * onward[:, 1] - apart[:, 1] * onward[:, 0])
        width = self._half_width_m[np.minimum(self._target[rows], following)]
        near = np.hypot(*apart.T) < CORNER_M
        return ~self.at_end(rows) & near & (forward > 0.0) & (aside < CORNER_SHARE * width)

    def begin_next(self, rows: Int64[np.ndarray, "k"]) -> None:
        """The present legs are done."""
        ends = self.at_end(rows)
        staying = ends & self._stays[rows] & (self._step[rows] > 0)
        self.mode[rows[staying]] = STAYING
        self._step[rows[ends & ~staying]] *= -1
        rows = rows[~staying]
        self._target[rows] += self._step[rows]
        self.mode[rows[self.crossing(rows) >= 0]] = WAITING

    def _origin(self, rows: Int64[np.ndarray, "k"]) -> Int64[np.ndarray, "k"]:
        return np.clip(self._target[rows] - self._step[rows], self._first[rows], self._last[rows])
