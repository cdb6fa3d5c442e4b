"""The network as the player asks for it: poses of places, lanes beside lanes, the nearest place of a
point."""

from __future__ import annotations

import math

import numpy as np
from scipy.spatial import cKDTree

from drivegen.core.errors import MapError
from drivegen.opendrive.model import DRIVABLE, LaneType, Road, RoadNetwork
from drivegen.opendrive.topology import Topology
from drivegen.scenario.player.roads.angles import wrapped
from drivegen.scenario.player.roads.links import RoadLinks
from drivegen.scenario.player.roads.points import LinePoint, RoadPoints
from drivegen.scenario.player.roads.spot import Pose, Spot

_SAMPLE_M = 2.0
_NEAREST = 12
_REACH_M = 25.0
_AGAINST_PENALTY_M = 1.0
_OUTSIDE_WEIGHT = 4.0
_TRAFFIC = frozenset({*DRIVABLE, LaneType.BIKING, LaneType.PARKING, LaneType.SHOULDER, LaneType.STOP})


class RoadSpace:
    """A road network with its curves, links and an index of where they run."""

    def __init__(self, network: RoadNetwork) -> None:
        self.network = network
        self.topology = Topology(network)
        self.links = RoadLinks(network)
        self._points = {road.id: RoadPoints(road) for road in network.roads}
        self._tree: cKDTree | None = None
        self._samples: list[tuple[int, float]] = []
        self._xy = np.zeros((0, 2))

    @property
    def empty(self) -> bool:
        """True if there are no roads at all."""
        return not self._points

    def road(self, road_id: int) -> Road:
        """The road with this id; MapError if there is none."""
        return self.points(road_id).road

    def points(self, road_id: int) -> RoadPoints:
        """The curves of a road; MapError if there is none."""
        found = self._points.get(road_id)
        if found is None:
            known = ", ".join(str(r) for r in sorted(self._points)[:12])
            raise MapError(
                f"road {road_id} is not in {self.network.source or 'the road network'} (it has {known}"
                f"{', ...' if len(self._points) > 12 else ''}): name one of its roads"
            )
        return found

    def in_lane(self, road_id: int, lane_id: int, s_m: float, offset_m: float = 0.0) -> Spot:
        """A place given by lane, station and offset from the lane's centre (positive towards t).

        MapError if the road has no such lane there or the station lies off the road.
        """
        points = self.points(road_id)
        if not -0.01 <= s_m <= points.road.length_m + 0.01:
            raise MapError(f"s={s_m:g} lies outside road {road_id}, which is {points.road.length_m:g} m long")
        s = min(max(s_m, 0.0), points.road.length_m)
        section = points.section(s)
        if points.road.lane_sections[section].lane(lane_id) is None and lane_id != 0:
            ids = ", ".join(str(lane.id) for lane in points.road.lane_sections[section].lanes)
            raise MapError(
                f"road {road_id} has no lane {lane_id} at s={s:g} (it has {ids}): name one of its lanes"
            )
        centre, _, _ = points.lane_centre(section, lane_id, s)
        return Spot(road_id=road_id, s_m=s, t_m=centre + offset_m, lane_id=lane_id, offset_m=offset_m)

    def at_track(self, road_id: int, s_m: float, t_m: float) -> Spot:
        """A place given by s and t; its lane is the one that holds t or lies nearest."""
        points = self.points(road_id)
        s = min(max(s_m, 0.0), points.road.length_m)
        section = points.section(s)
        lane = points.lane_at(section, s, t_m)
        centre, _, _ = points.lane_centre(section, lane, s)
        return Spot(road_id=road_id, s_m=s, t_m=t_m, lane_id=lane, offset_m=t_m - centre)

    def in_own_lane(self, spot: Spot) -> Spot:
        """The same point, belonging to the lane that holds it."""
        return self.at_track(spot.road_id, spot.s_m, spot.t_m)

    def line(self, spot: Spot) -> LinePoint:
        """The reference line beside a place."""
        return self.points(spot.road_id).line(spot.s_m)

    def pose(self, spot: Spot, relative_heading_rad: float = 0.0) -> Pose:
        """Where a place lies in the map; its heading is the road's, turned by `relative_heading_rad`."""
        points = self.points(spot.road_id)
        line = points.line(spot.s_m)
        z, slope = points.elevation(spot.s_m)
        heading = line.heading_rad
        tilt = math.atan(slope)
        return Pose(
            x_m=line.x_m - spot.t_m * math.sin(heading),
            y_m=line.y_m + spot.t_m * math.cos(heading),
            z_m=z,
            heading_rad=wrapped(heading + relative_heading_rad),
            # Nose down is positive: a road that rises along s lifts the nose of what drives along it.
            pitch_rad=-tilt * math.cos(relative_heading_rad),
            roll_rad=tilt * math.sin(relative_heading_rad),
        )

    def lane_heading(self, spot: Spot, *, along_lane: bool = True) -> float:
        """Direction of travel of a place's lane relative to the road: 0 for right lanes, pi for left ones.

        With `along_lane` the lane's own slant (changing widths) counts too.
        """
        base = 0.0 if spot.lane_id <= 0 else math.pi
        if not along_lane:
            return base
        points = self.points(spot.road_id)
        _, slope, _ = points.lane_centre(points.section(spot.s_m), spot.lane_id, spot.s_m)
        curvature = points.line(spot.s_m).curvature_pm
        return wrapped(base + math.atan2(slope, 1.0 - curvature * spot.t_m))

    def lane_width(self, spot: Spot) -> float:
        """Width of a place's lane."""
        points = self.points(spot.road_id)
        return points.lane_centre(points.section(spot.s_m), spot.lane_id, spot.s_m)[2]

    def lane_type(self, spot: Spot) -> LaneType:
        """Type of a place's lane."""
        points = self.points(spot.road_id)
        lane = points.road.lane_sections[points.section(spot.s_m)].lane(spot.lane_id)
        return LaneType.NONE if lane is None else lane.type

    def on_road(self, x_m: float, y_m: float) -> bool:
        """True on a lane for wheels (driving, cycling, parking, shoulder)."""
        if self.empty:
            return True
        for road_id, s, t in self._near(x_m, y_m):
            points = self._points[road_id]
            if not 0.0 <= s <= points.road.length_m:
                continue
            section = points.section(s)
            right, left = points.edges(section, s)
            if not right <= t <= left:
                continue
            lane = points.road.lane_sections[section].lane(points.lane_at(section, s, t))
            if lane is not None and lane.type in _TRAFFIC:
                return True
        return False

    def locate(
        self, x_m: float, y_m: float, heading_rad: float | None = None, prefer: int | None = None
    ) -> Spot:
        """The place on the network nearest to a point of the map.

        Inside a road's lanes beats nearer to a reference line; a lane against `heading_rad` counts as one
        metre farther, another road than `prefer` as half a metre.
        """
        best: tuple[float, Spot] | None = None
        for road_id, s, t in self._near(x_m, y_m):
            length = self._points[road_id].road.length_m
            beyond = max(-s, s - length, 0.0)
            spot = self.at_track(road_id, s, t)
            right, left = self._points[road_id].edges(self._points[road_id].section(spot.s_m), spot.s_m)
            outside = max(right - t, t - left, 0.0)
            score = _OUTSIDE_WEIGHT * (outside + beyond) + 0.02 * abs(spot.offset_m)
            if prefer is not None and road_id != prefer:
                score += 0.5
            if heading_rad is not None:
                line = self._points[road_id].line(spot.s_m)
                turn = wrapped(heading_rad - line.heading_rad - self.lane_heading(spot, along_lane=False))
                score += _AGAINST_PENALTY_M * (1.0 - math.cos(turn)) / 2.0
            if best is None or score < best[0] - 1e-9:
                best = (score, spot)
        assert best is not None  # a network without roads is refused by its reader
        return best[1]

    def _near(self, x_m: float, y_m: float) -> list[tuple[int, float, float]]:
        """(road, s, t) of the foot of a point on each road nearby; s may lie beyond the ends."""
        if self._tree is None:
            self._tree = self._index()
        found = self._tree.query_ball_point([x_m, y_m], _REACH_M)
        if len(found) < 2:
            _, nearest = self._tree.query([x_m, y_m], k=min(_NEAREST, len(self._samples)))
            found = list(np.atleast_1d(nearest))
        rows = np.sort(np.asarray(found, dtype=np.int64))
        distance = np.hypot(self._xy[rows, 0] - x_m, self._xy[rows, 1] - y_m)
        closest: dict[int, tuple[float, float]] = {}
        for row, away in zip(rows.tolist(), distance.tolist(), strict=True):
            road_id, s = self._samples[row]
            if road_id not in closest or away < closest[road_id][0]:
                closest[road_id] = (away, s)
        return [(road_id, *self._foot(road_id, s, x_m, y_m)) for road_id, (_, s) in sorted(closest.items())]

    def _foot(self, road_id: int, s_m: float, x_m: float, y_m: float) -> tuple[float, float]:
        """Newton's steps to where the reference line's normal goes through the point."""
        points = self._points[road_id]
        s, t = s_m, 0.0
        for _ in range(8):
            line = points.line(min(max(s, 0.0), points.road.length_m))
            c, n = math.cos(line.heading_rad), math.sin(line.heading_rad)
            dx, dy = x_m - line.x_m, y_m - line.y_m
            along, t = dx * c + dy * n, dy * c - dx * n
            here = min(max(s, 0.0), points.road.length_m)
            step = along / max(1.0 - line.curvature_pm * t, 0.2)
            s = here + step
            if abs(step) < 1e-7 or (s <= 0.0 >= here and step < 0.0) or (here >= points.road.length_m < s):
                break
        return s, t

    def _index(self) -> cKDTree:
        xy: list[tuple[float, float]] = []
        for road in self.network.roads:
            points = self._points[road.id]
            for s in np.linspace(0.0, road.length_m, max(2, math.ceil(road.length_m / _SAMPLE_M) + 1)):
                line = points.line(float(s))
                xy.append((line.x_m, line.y_m))
                self._samples.append((road.id, float(s)))
        self._xy = np.array(xy)
        return cKDTree(self._xy)
