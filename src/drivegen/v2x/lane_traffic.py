"""Traffic by lane, from the objects of the cloud's picture."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float64

from drivegen.core.cooperation import LaneState
from drivegen.core.geometry import Vec3
from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.lanes import LaneLocator
from drivegen.opendrive.model import DRIVABLE, RoadNetwork

STANDING_MPS = 1.4
"""5 km/h: who is slower stands, for queues."""
GAP_M = 15.0
"""Longest gap between vehicles of one queue, and from its first to the stop line."""
WINDOW_NS = 60_000_000_000
WATCHED_M = 150.0
"""Lanes that come so near to a roadside unit are always told of."""
LaneKey = tuple[int, int]
"""Road and lane id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Car:
    """A vehicle for the purposes of traffic."""

    cloud_id: int
    x_m: float
    y_m: float
    heading_rad: float
    speed_mps: float
    length_m: float


@dataclass(slots=True, kw_only=True)
class _Lane:
    first_m: float
    last_m: float
    """Stations between which the road has the lane."""
    passed_ns: deque[int] = field(default_factory=deque)

    @property
    def middle_m(self) -> float:
        return 0.5 * (self.first_m + self.last_m)


class LaneTraffic:
    """Flow, speed and queue of the lanes outside junctions."""

    def __init__(self, network: RoadNetwork, watched_from_m: Sequence[Vec3], first_ns: int) -> None:
        """`watched_from_m`: where roadside units stand."""
        self._first_ns = first_ns
        self._locator = LaneLocator(network)
        self._lanes: dict[LaneKey, _Lane] = {}
        self._watched: set[LaneKey] = set()
        self._last: dict[int, tuple[LaneKey, float]] = {}
        """Lane and station by cloud id, in the picture before."""
        geometry = NetworkGeometry(network)
        units = np.array([p[:2] for p in watched_from_m]).reshape(-1, 2)
        for road in network.roads:
            if road.junction is not None:
                continue
            curve = geometry.curve(road.id)
            s = np.linspace(0.0, road.length_m, max(2, int(road.length_m / 10.0) + 1))
            near = _within(curve.reference(s)[0], units)
            for index, section in enumerate(road.lane_sections):
                first, last = curve.section_range(index)
                for lane in section.lanes:
                    if lane.id == 0 or lane.type not in DRIVABLE:
                        continue
                    held = self._lanes.setdefault((road.id, lane.id), _Lane(first_m=first, last_m=last))
                    held.first_m, held.last_m = min(held.first_m, first), max(held.last_m, last)
                    if near:
                        self._watched.add((road.id, lane.id))

    def states(self, time_ns: int, cars: Sequence[Car]) -> tuple[LaneState, ...]:
        """Of the watched lanes and of all that have somebody on them; by road and lane. Times ascend."""
        on: dict[LaneKey, list[tuple[float, Car]]] = {}
        placed: dict[int, tuple[LaneKey, float]] = {}
        if cars:
            fixes = self._locator.locate(
                np.array([[c.x_m, c.y_m] for c in cars]), np.array([c.heading_rad for c in cars])
            )
            for i, car in enumerate(cars):
                key = (int(fixes.road_id[i]), int(fixes.lane_id[i]))
                if fixes.found[i] and not fixes.in_junction[i] and key in self._lanes:
                    station = float(fixes.s_m[i])
                    on.setdefault(key, []).append((station, car))
                    placed[car.cloud_id] = (key, station)
                    self._count(time_ns, car.cloud_id, key, station)
        self._last = placed
        return tuple(self._state(time_ns, key, on.get(key, ())) for key in sorted(self._watched | on.keys()))

    def _count(self, time_ns: int, cloud_id: int, key: LaneKey, station_m: float) -> None:
        before = self._last.get(cloud_id)
        # Who changes lanes at the middle is counted on the lane that it comes to.
        if before is None or before[0][0] != key[0]:
            return
        middle = self._lanes[key].middle_m
        ahead = 1.0 if key[1] < 0 else -1.0
        if ahead * (before[1] - middle) < 0.0 <= ahead * (station_m - middle):
            self._lanes[key].passed_ns.append(time_ns)

    def _state(self, time_ns: int, key: LaneKey, cars: Sequence[tuple[float, Car]]) -> LaneState:
        lane = self._lanes[key]
        while lane.passed_ns and lane.passed_ns[0] <= time_ns - WINDOW_NS:
            lane.passed_ns.popleft()
        watched_ns = min(max(time_ns - self._first_ns, 1), WINDOW_NS)
        speeds = [car.speed_mps for _, car in cars]
        return LaneState(
            road_id=key[0],
            lane_id=key[1],
            flow_per_h=len(lane.passed_ns) * 3600.0e9 / watched_ns,
            speed_mps=sum(speeds) / len(speeds) if speeds else None,
            vehicles=len(cars),
            queue_m=_queue_m(lane, key, cars),
        )


def _queue_m(lane: _Lane, key: LaneKey, cars: Sequence[tuple[float, Car]]) -> float:
    """From the lane's end to the tail of the last that stands, without a longer gap than `GAP_M`."""
    tail = 0.0
    to_end = sorted(
        ((lane.last_m - s if key[1] < 0 else s - lane.first_m), car.length_m)
        for s, car in cars
        if car.speed_mps < STANDING_MPS
    )
    for middle, length in to_end:
        if middle - 0.5 * length - tail > GAP_M:
            break
        tail = max(tail, middle + 0.5 * length)
    return tail


def _within(line_m: Float64[np.ndarray, "n 2"], units_m: Float64[np.ndarray, "k 2"]) -> bool:
    if len(units_m) == 0:
        return False
    gap = np.linalg.norm(line_m[:, None, :] - units_m[None, :, :], axis=2)
    return bool(gap.min() <= WATCHED_M)
