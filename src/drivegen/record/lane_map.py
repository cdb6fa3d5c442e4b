"""Lanes under points, asked of the carla client's map."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import carla
import numpy as np
from jaxtyping import Float, Float64

from drivegen.opendrive.lanes import DEFAULT_SPEED_MPS, speed_limit
from drivegen.opendrive.model import RoadNetwork
from drivegen.record.rider_path import SIDE_ROOM_M

_RIDDEN = carla.LaneType.Driving | carla.LaneType.Biking
_EVERY = 4
EDGE_M = 0.1
"""Left free to the edge of a lane."""
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
    s_m: float


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
            s_m=float(waypoint.s),
        )

    def in_junction(self, x_m: float, y_m: float, z_m: float) -> bool:
        """Whether the nearest driving lane is one of a junction."""
        return bool(self._map.get_waypoint(carla.Location(x_m, -y_m, z_m)).is_junction)

    def along(self, xy_m: Float[np.ndarray, "k 2"], z_m: Float[np.ndarray, "k"]) -> list[LaneFix | None]:
        """The lanes under a line's points, each asked for at every fourth point."""
        out: list[LaneFix | None] = []
        for k, (x, y) in enumerate(xy_m.tolist()):
            out.append(self.fix(x, y, float(z_m[k])) if k % _EVERY == 0 else out[-1])
        return out


def room_m(
    xy_m: Float[np.ndarray, "k 2"], fixes: Sequence[LaneFix | None], half_width_m: float
) -> tuple[Float64[np.ndarray, "k"], Float64[np.ndarray, "k"]]:
    """How far who follows a line may keep to its left and right without leaving the lanes it lies in.

    `SIDE_ROOM_M` where no lane is found, half of it within junctions, whose lanes overlap.
    """
    count = len(xy_m)
    left, right = np.full(count, SIDE_ROOM_M), np.full(count, SIDE_ROOM_M)
    for k, fix in enumerate(fixes):
        if fix is None or fix.in_junction:
            left[k] = right[k] = SIDE_ROOM_M / (1.0 if fix is None else 2.0)
            continue
        ahead = xy_m[min(k + 1, count - 1)] - xy_m[max(k - 1, 0)]
        same = float(ahead @ np.array([math.cos(fix.heading_rad), math.sin(fix.heading_rad)])) >= 0.0
        room = max(0.0, fix.width_m / 2.0 - half_width_m - EDGE_M)
        offset = fix.offset_m if same else -fix.offset_m
        left[k], right[k] = max(0.0, room - offset), max(0.0, room + offset)
    return left, right


def limits_mps(network: RoadNetwork, fixes: Sequence[LaneFix | None]) -> Float64[np.ndarray, "k"]:
    """The speed limits of lanes by OpenDRIVE; the usual one where there is no lane."""
    known: dict[tuple[int, int, int], float] = {}
    out = np.full(len(fixes), DEFAULT_SPEED_MPS)
    for k, fix in enumerate(fixes):
        if fix is None or fix.road_id not in network.road_by_id:
            continue
        key = (fix.road_id, fix.lane_id, round(fix.s_m))
        if key not in known:
            road = network.road_by_id[fix.road_id]
            section = road.lane_sections[road.section_at(fix.s_m)]
            lane = section.lane(fix.lane_id)
            limit = (
                speed_limit(road, lane, section.s_m, np.array([fix.s_m]))[0]
                if lane is not None
                else DEFAULT_SPEED_MPS
            )
            known[key] = float(limit)
        out[k] = known[key]
    return out
