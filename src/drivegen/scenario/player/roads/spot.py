"""A place on the network."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A point of a road, told by its lane.

    `t_m` is what counts; `lane_id` and `offset_m` (t less the lane's centre, positive towards t) say which
    lane the point belongs to, which may be one that it is leaving.
    """

    road_id: int
    s_m: float
    t_m: float
    lane_id: int
    offset_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """A place in the map frame: metres, radians, right-handed; roll, pitch, yaw as the standard has them."""

    x_m: float
    y_m: float
    z_m: float = 0.0
    heading_rad: float = 0.0
    pitch_rad: float = 0.0
    roll_rad: float = 0.0
