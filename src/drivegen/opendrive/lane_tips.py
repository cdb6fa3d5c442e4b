"""Where traffic enters and leaves a lane."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from drivegen.core.geometry import Vec3
from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.topology import LaneRef

_NO_LENGTH_M = 0.02
_NO_WIDTH_M = 0.05


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LaneTip:
    """An end of a lane."""

    centre_m: Vec3
    heading_rad: float
    """Direction of travel, not wrapped."""
    width_m: float
    s_m: float

    def turn_to_rad(self, other: LaneTip) -> float:
        """By how much traffic turns that goes on at another tip, to the left positive."""
        return float((other.heading_rad - self.heading_rad + np.pi) % (2.0 * np.pi) - np.pi)


def lane_tip(geometry: NetworkGeometry, ref: LaneRef, *, leaving: bool) -> LaneTip | None:
    """The end where traffic leaves a lane, or enters it; None where the lane has no length or width."""
    curve = geometry.curve(ref.road_id)
    first, last = curve.section_range(ref.section)
    if last - first < _NO_LENGTH_M:
        return None
    s = last if (ref.lane_id < 0) == leaving else first
    points = curve.lane_centre(ref.section, ref.lane_id, np.array([s]))
    if points.width_m[0] < _NO_WIDTH_M:
        return None
    return LaneTip(
        centre_m=points.position_m[0],
        heading_rad=float(points.heading_rad[0]),
        width_m=float(points.width_m[0]),
        s_m=s,
    )
