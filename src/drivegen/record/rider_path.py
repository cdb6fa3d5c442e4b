"""The ways of riders: lines sampled evenly, with room to both sides and places to wait at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64, Int64

from drivegen.opendrive.lanes import DEFAULT_SPEED_MPS

STEP_M = 0.5
"""Between the samples of a path."""

SIDE_ROOM_M = 0.8
"""To either side where nothing better is known."""

LATERAL_MPS2 = 2.0
"""Bends are ridden so that no more is needed: riders of bicycles keep below 0.25 g on dry roads."""

COMFORT_MPS2 = 1.5
"""Braking for bends, lights and who is ahead."""

SLOWEST_BEND_MPS = 1.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """A place on a path where lights may hold a rider."""

    at_m: float
    """Station of the stop line on the path."""
    signal_ids: tuple[str, ...]
    """OpenDRIVE ids of the lights that govern the way on; with several any green lets pass."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RiderPath:
    """A way sampled every `STEP_M` at k points; stations count from its first."""

    xy_m: Float64[np.ndarray, "k 2"]
    tangent: Float64[np.ndarray, "k 2"]
    """Unit vectors along the way."""
    speed_mps: Float64[np.ndarray, "k"]
    """The fastest that bends ahead allow."""
    left_m: Float64[np.ndarray, "k"]
    """How far a rider's middle may keep to the left of the way."""
    right_m: Float64[np.ndarray, "k"]
    limit_mps: Float64[np.ndarray, "k"]
    """Speed limits."""
    halts: tuple[Halt, ...] = ()

    @property
    def length_m(self) -> float:
        """Station of the last sample."""
        return (len(self.xy_m) - 1) * STEP_M

    @staticmethod
    def through(
        points_m: Sequence[Sequence[float]] | Float[np.ndarray, "n 2"],
        room_m: tuple[Float[np.ndarray, "k"], Float[np.ndarray, "k"]] | None = None,
        limit_mps: Float[np.ndarray, "k"] | None = None,
        halts: tuple[Halt, ...] = (),
    ) -> RiderPath:
        """The way along points; of one point a way of no length.

        Args:
            points_m: x and y of two or more points.
            room_m: To the left and right at each sample of `sampled`.
            limit_mps: Speed limits there; the usual one where nothing is said.
            halts: Where to wait.
        """
        xy = sampled(np.asarray(points_m, np.float64)[:, :2])
        tangent = _tangents(xy)
        count = len(xy)
        left, right = room_m if room_m is not None else (np.full(count, SIDE_ROOM_M),) * 2
        return RiderPath(
            xy_m=xy,
            tangent=tangent,
            speed_mps=_bend_speeds(tangent),
            left_m=np.asarray(left, np.float64),
            right_m=np.asarray(right, np.float64),
            limit_mps=np.full(count, DEFAULT_SPEED_MPS) if limit_mps is None else np.asarray(limit_mps),
            halts=halts,
        )


def sampled(points_m: Float64[np.ndarray, "n 2"]) -> Float64[np.ndarray, "k 2"]:
    """Points every `STEP_M` along a polyline; the last one lies up to a step before its end."""
    steps = np.linalg.norm(np.diff(points_m, axis=0), axis=1)
    keep = np.concatenate([[True], steps > 1e-6])
    points, steps = points_m[keep], steps[keep[1:]]
    if len(points) < 2:
        return points[:1].copy()
    along = np.concatenate([[0.0], np.cumsum(steps)])
    stations = np.arange(int(along[-1] / STEP_M + 1e-9) + 1) * STEP_M
    return np.stack([np.interp(stations, along, points[:, i]) for i in range(2)], axis=1)


def _tangents(xy: Float64[np.ndarray, "k 2"]) -> Float64[np.ndarray, "k 2"]:
    if len(xy) < 2:
        return np.tile([1.0, 0.0], (len(xy), 1))
    direction = np.gradient(xy, axis=0)
    return np.asarray(direction / np.maximum(np.linalg.norm(direction, axis=1, keepdims=True), 1e-9))


def _bend_speeds(tangent: Float64[np.ndarray, "k 2"]) -> Float64[np.ndarray, "k"]:
    """From curvature over 3 m, with braking before bends."""
    count = len(tangent)
    heading = np.unwrap(np.arctan2(tangent[:, 1], tangent[:, 0]))
    half = 3
    low, high = np.maximum(np.arange(count) - half, 0), np.minimum(np.arange(count) + half, count - 1)
    curvature = np.abs(heading[high] - heading[low]) / np.maximum((high - low) * STEP_M, STEP_M)
    speed = np.maximum(np.sqrt(LATERAL_MPS2 / np.maximum(curvature, 1e-4)), SLOWEST_BEND_MPS)
    for k in range(count - 2, -1, -1):
        speed[k] = min(speed[k], np.sqrt(speed[k + 1] ** 2 + 2.0 * COMFORT_MPS2 * STEP_M))
    return np.asarray(speed)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PathTable:
    """The paths of r riders one after the other, for compiled code."""

    first: Int64[np.ndarray, "r"]
    """Row of each path's first sample."""
    count: Int64[np.ndarray, "r"]
    xy_m: Float64[np.ndarray, "p 2"]
    tangent: Float64[np.ndarray, "p 2"]
    speed_mps: Float64[np.ndarray, "p"]
    left_m: Float64[np.ndarray, "p"]
    right_m: Float64[np.ndarray, "p"]
    limit_mps: Float64[np.ndarray, "p"]

    def limits_mps(self, station_m: Float64[np.ndarray, "r"]) -> tuple[list[float], list[float]]:
        """(Speed limit, the fastest that bends allow) at a station of each path."""
        k = np.clip((station_m / STEP_M).astype(np.int64), 0, self.count - 1) + self.first
        return self.limit_mps[k].tolist(), self.speed_mps[k].tolist()

    @staticmethod
    def of(paths: Sequence[RiderPath]) -> PathTable:
        """The table of some paths."""
        count = np.array([len(p.xy_m) for p in paths], np.int64)
        return PathTable(
            first=np.concatenate([[0], np.cumsum(count)[:-1]]).astype(np.int64)[: len(paths)],
            count=count,
            xy_m=_stacked([p.xy_m for p in paths], (0, 2)),
            tangent=_stacked([p.tangent for p in paths], (0, 2)),
            speed_mps=_stacked([p.speed_mps for p in paths], (0,)),
            left_m=_stacked([p.left_m for p in paths], (0,)),
            right_m=_stacked([p.right_m for p in paths], (0,)),
            limit_mps=_stacked([p.limit_mps for p in paths], (0,)),
        )


def _stacked(parts: list[np.ndarray], empty: tuple[int, ...]) -> np.ndarray:
    return np.ascontiguousarray(np.concatenate(parts)) if parts else np.zeros(empty)
