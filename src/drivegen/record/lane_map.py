"""Lanes under points, asked of the carla client's map."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import carla
import numpy as np
from jaxtyping import Float, Float64

from drivegen.record.rider_path import SIDE_ROOM_M

_RIDDEN = carla.LaneType.Driving | carla.LaneType.Biking
_REACH_M = 1.0
"""A point so far outside a lane is still taken to be in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneFix:
    """The driving or bicycle lane under a point."""

    road_id: int
    section: int
    lane_id: int
    in_junction: bool
    heading_rad: float
    """Of its traffic; right-handed."""
    offset_m: float
    """Of the point, to the left of the lane's middle."""
    width_m: float


class LaneMap:
    """A `carla.Map` in drivegen's frame."""

    def __init__(self, carla_map: Any) -> None:
        self._map = carla_map

    def fix(self, x_m: float, y_m: float, z_m: float) -> LaneFix | None:
        """The nearest driving or bicycle lane, or none where the point is beside it."""
        waypoint = self._map.get_waypoint(
            carla.Location(x_m, -y_m, z_m), project_to_road=True, lane_type=_RIDDEN
        )
        if waypoint is None:
            return None
        at = waypoint.transform
        heading = -math.radians(at.rotation.yaw)
        dx, dy = x_m - at.location.x, y_m + at.location.y
        offset = dy * math.cos(heading) - dx * math.sin(heading)
        along = dx * math.cos(heading) + dy * math.sin(heading)
        width = float(waypoint.lane_width)
        if abs(offset) > width / 2.0 + _REACH_M or abs(along) > 3.0 or abs(z_m - at.location.z) > 3.0:
            return None
        return LaneFix(
            road_id=int(waypoint.road_id),
            section=int(waypoint.section_id),
            lane_id=int(waypoint.lane_id),
            in_junction=bool(waypoint.is_junction),
            heading_rad=heading,
            offset_m=offset,
            width_m=width,
        )

    def room_m(
        self, xy_m: Float[np.ndarray, "k 2"], z_m: Float[np.ndarray, "k"], half_width_m: float
    ) -> tuple[Float64[np.ndarray, "k"], Float64[np.ndarray, "k"]]:
        """How far who follows a line may keep to its left and right without leaving the lane it lies in.

        Asked at every fourth sample; `SIDE_ROOM_M` where no lane is found, half of it within junctions, whose
        lanes overlap.
        """
        count = len(xy_m)
        asked = np.unique(np.append(np.arange(0, count, 4), count - 1))
        left, right = np.full(len(asked), SIDE_ROOM_M), np.full(len(asked), SIDE_ROOM_M)
        for row, k in enumerate(asked):
            fix = self.fix(float(xy_m[k, 0]), float(xy_m[k, 1]), float(z_m[k]))
            if fix is None or fix.in_junction:
                left[row] = right[row] = SIDE_ROOM_M / 2.0
                continue
            ahead = xy_m[min(k + 1, count - 1)] - xy_m[max(k - 1, 0)]
            sign = (
                1.0 if ahead @ np.array([math.cos(fix.heading_rad), math.sin(fix.heading_rad)]) >= 0 else -1.0
            )
            room = max(0.0, fix.width_m / 2.0 - half_width_m - 0.1)
            left[row] = max(0.0, room - sign * fix.offset_m)
            right[row] = max(0.0, room + sign * fix.offset_m)
        at = np.arange(count)
        return np.asarray(np.interp(at, asked, left)), np.asarray(np.interp(at, asked, right))
