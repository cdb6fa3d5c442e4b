"""Which lane a vehicle is in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float64, Int32
from scipy.spatial import cKDTree

from drivegen.opendrive.evaluate import LanePoints, NetworkGeometry
from drivegen.opendrive.model import DRIVABLE, Lane, LaneType, Road, RoadNetwork

DEFAULT_SPEED_MPS = 50.0 / 3.6
"""Where neither lane nor road gives a limit: the usual urban one."""
_STEP_M = 1.0
_REACH_M = 6.0
_CANDIDATES = 24
_NARROWEST_M = 0.5
_WRONG_WAY_RAD = np.pi / 2.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LaneFixes:
    """Lanes of n points. Where `found` is false the other values mean nothing."""

    found: Bool[np.ndarray, "n"]
    """False farther than the locator's reach from any driving lane."""
    road_id: Int32[np.ndarray, "n"]
    section: Int32[np.ndarray, "n"]
    lane_id: Int32[np.ndarray, "n"]
    s_m: Float64[np.ndarray, "n"]
    offset_m: Float64[np.ndarray, "n"]
    """From the lane's centre, positive to the left of the direction of travel."""
    heading_rad: Float64[np.ndarray, "n"]
    """Direction of travel of the lane, -pi to pi."""
    in_junction: Bool[np.ndarray, "n"]
    speed_limit_mps: Float64[np.ndarray, "n"]


class LaneLocator:
    """Finds the driving lane under a point that runs in a heading; a table of lane centres every metre."""

    def __init__(self, network: RoadNetwork) -> None:
        geometry = NetworkGeometry(network)
        position, heading, width, s, speed, ids = [], [], [], [], [], []
        stretch, bend = [], []
        lane_of: list[np.ndarray] = []
        for road in network.roads:
            curve = geometry.curve(road.id)
            for index, section in enumerate(road.lane_sections):
                first, last = curve.section_range(index)
                if last - first < 1e-3:
                    continue
                stations = np.linspace(first, last, max(2, int(np.ceil((last - first) / _STEP_M)) + 1))
                centres: dict[int, LanePoints] | None = None
                for lane in section.lanes:
                    if lane.id == 0 or lane.type not in DRIVABLE:
                        continue
                    if centres is None:
                        centres = curve.lane_centres(index, stations)
                    centre = centres[lane.id]
                    both = (False, True) if lane.type is LaneType.BIDIRECTIONAL else (False,)
                    for turned in both:
                        position.append(centre.position_m[:, :2])
                        heading.append(centre.heading_rad + (np.pi if turned else 0.0))
                        width.append(centre.width_m)
                        s.append(stations)
                        sign = -1.0 if (lane.id > 0) != turned else 1.0
                        travelled = np.maximum(_spacing(centre.position_m), 1e-3)
                        stretch.append(sign * _change(stations) / travelled)
                        # A file may write the headings of successive curves a whole turn apart.
                        bend.append(sign * _change(np.unwrap(centre.heading_rad)) / travelled)
                        speed.append(speed_limit(road, lane, section.s_m, stations))
                        row = (road.id, index, lane.id, int(road.junction is not None))
                        lane_of.append(np.full(len(stations), len(lane_of), dtype=np.int32))
                        ids.append(np.tile(np.array(row, dtype=np.int32), (len(stations), 1)))
        self._xy = np.concatenate(position)
        self._heading = np.concatenate(heading)
        self._width = np.concatenate(width)
        self._s = np.concatenate(s)
        self._speed = np.concatenate(speed)
        self._ids = np.concatenate(ids)
        self._lane_of = np.concatenate(lane_of)
        self._stretch = np.concatenate(stretch)
        self._bend = np.concatenate(bend)
        self._tree = cKDTree(self._xy)

    def locate(self, xy_m: Float[np.ndarray, "n 2"], heading_rad: Float[np.ndarray, "n"]) -> LaneFixes:
        """The nearest driving lane of each point, lanes against the heading only if there is no other."""
        xy = np.asarray(xy_m, dtype=np.float64)
        count = min(_CANDIDATES, len(self._xy))
        distance, near = self._tree.query(xy, k=count, distance_upper_bound=_REACH_M)
        distance, near = distance.reshape(len(xy), count), near.reshape(len(xy), count)
        missing = near >= len(self._xy)
        near = np.where(missing, 0, near)
        delta = xy[:, None, :] - self._xy[near]
        c, s = np.cos(self._heading[near]), np.sin(self._heading[near])
        along = delta[..., 0] * c + delta[..., 1] * s
        across = delta[..., 1] * c - delta[..., 0] * s
        turn = np.abs((np.asarray(heading_rad)[:, None] - self._heading[near] + np.pi) % (2 * np.pi) - np.pi)
        beyond = np.maximum(np.abs(along) - _STEP_M, 0.0)
        outside = np.maximum(np.abs(across) - 0.5 * self._width[near], 0.0)
        # Being inside a lane counts first, then its direction, then how near its centre is.
        score = 4.0 * (outside + beyond) + np.abs(across) + 6.0 * turn + 0.1 * np.abs(along)
        score += np.where(turn > _WRONG_WAY_RAD, 100.0, 0.0)
        score += np.where(self._width[near] < _NARROWEST_M, 50.0, 0.0)
        score = np.where(missing, np.inf, score)
        best = np.argmin(score, axis=1)
        rows = np.arange(len(xy))
        lane = self._lane_of[near]
        same = (lane == lane[rows, best][:, None]) & np.isfinite(score)
        best = np.where(same.any(axis=1), np.argmin(np.where(same, distance, np.inf), axis=1), best)
        pick = near[rows, best]
        ids = self._ids[pick]
        ahead = along[rows, best]
        return LaneFixes(
            found=np.isfinite(score[rows, best]),
            road_id=ids[:, 0],
            section=ids[:, 1],
            lane_id=ids[:, 2],
            s_m=self._s[pick] + self._stretch[pick] * ahead,
            offset_m=across[rows, best],
            heading_rad=(self._heading[pick] + self._bend[pick] * ahead + np.pi) % (2 * np.pi) - np.pi,
            in_junction=ids[:, 3] == 1,
            speed_limit_mps=self._speed[pick],
        )

    def covers(self, xy_m: Float[np.ndarray, "n 2"]) -> Bool[np.ndarray, "n"]:
        """Which points lie on a driving lane."""
        xy = np.asarray(xy_m, dtype=np.float64)
        count = min(_CANDIDATES, len(self._xy))
        _, near = self._tree.query(xy, k=count, distance_upper_bound=_REACH_M)
        near = near.reshape(len(xy), count)
        missing = near >= len(self._xy)
        near = np.where(missing, 0, near)
        delta = xy[:, None, :] - self._xy[near]
        c, s = np.cos(self._heading[near]), np.sin(self._heading[near])
        along = np.abs(delta[..., 0] * c + delta[..., 1] * s)
        across = np.abs(delta[..., 1] * c - delta[..., 0] * s)
        return np.asarray(((along <= _STEP_M) & (across <= 0.5 * self._width[near]) & ~missing).any(axis=1))


def _change(values: Float64[np.ndarray, "n"]) -> Float64[np.ndarray, "n"]:
    """Difference across each point: to both neighbours, at the ends to the one."""
    return np.asarray(np.gradient(values))


def _spacing(position_m: Float64[np.ndarray, "n 3"]) -> Float64[np.ndarray, "n"]:
    steps = np.linalg.norm(np.diff(position_m[:, :2], axis=0), axis=1)
    return _change(np.concatenate([[0.0], np.cumsum(steps)]))


def speed_limit(
    road: Road, lane: Lane, section_start_m: float, s_m: Float64[np.ndarray, "n"]
) -> Float64[np.ndarray, "n"]:
    """The limit at stations: the lane's own, else the road's, else 50 km/h."""
    out = np.full(len(s_m), DEFAULT_SPEED_MPS)
    for kind in road.types:
        if kind.max_mps is not None:
            out[s_m >= kind.s_m - 1e-6] = kind.max_mps
    for own in lane.speeds:
        out[s_m >= section_start_m + own.s_offset_m - 1e-6] = own.max_mps
    return out
