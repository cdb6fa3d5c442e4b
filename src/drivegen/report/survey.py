"""A street survey of a run: how its traffic moves, beside published ranges for urban traffic.

All is measured from captures: the index's tracks and the attached map. Objects are labelled within the run's
range around the ego, so a track is what of a drive or walk was in range.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float64

from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.lanes import LaneFixes, LaneLocator
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.surfaces.lane_kinds import long_box, object_outline
from drivegen.report.gaps import discharge_headways_s, walker_gaps_s
from drivegen.report.norms import NORMS, Norm
from drivegen.report.tracks import Movement, read_movement

_SCENES = 60
"""Evenly chosen from larger runs."""
_LEAST = 8
"""Fewer values say nothing."""
_LEAST_S = 2.0
_IN_LANE_M = 1.2
_DRIVING_MPS = 3.0
_WALKING_MPS = 0.3
_FOLLOWING_S = 5.0
_SAMPLED_S = 1.0
_CROSSED = 0.6
"""Of a crossing's length that must be seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One quantity of the survey."""

    key: str
    title: str
    unit: str
    count: int
    mean: float
    p15: float
    median: float
    p85: float
    norm: Norm | None

    @property
    def verdict(self) -> str:
        """Where the median lies against the published range."""
        if self.norm is None:
            return ""
        if self.median < self.norm.low:
            return "below"
        return "above" if self.median > self.norm.high else "within"

    @property
    def reach(self) -> float:
        """Right end of an axis that shows all of it; axes begin at 0, or as far left of it."""
        return 1.15 * max(abs(v) for v in (self.p15, self.p85, *self._range))

    @property
    def least(self) -> float:
        """Left end of that axis."""
        return -self.reach if min(self.p15, *self._range) < 0.0 else 0.0

    @property
    def _range(self) -> tuple[float, float]:
        return (self.p15, self.p85) if self.norm is None else (self.norm.low, self.norm.high)

    def share(self, value: float) -> float:
        """Place of a value on the axis, 0..1."""
        return (value - self.least) / (self.reach - self.least) if self.reach > self.least else 0.0


_TITLES = {
    "speed_motor": ("Speed of motor vehicles, waiting included", "km/h"),
    "speed_bicycle": ("Speed of bicycles that move", "km/h"),
    "speed_ebike": ("Speed of e-bikes that move", "km/h"),
    "walking": ("Walking speed", "m/s"),
    "crossing_speed": ("Speed on zebra crossings", "m/s"),
    "crossing_time": ("Time on a zebra crossing", "s"),
    "time_headway": ("Time headway of followers", "s"),
    "saturation_headway": ("Headway of queues that start at a light", "s"),
    "walker_gap": ("Gap that people step into", "s"),
    "lateral_sd": ("Weaving in the lane, standard deviation", "m"),
    "lateral_mean": ("Mean place in the lane, left positive", "m"),
}


def survey(run: Path, networks: dict[str, tuple[RoadNetwork, tuple[str, ...]]]) -> tuple[Measure, ...]:
    """The measures for which a run has enough values, in a fixed order. Raises CaptureError without an index.

    Args:
        run: the run's folder.
        networks: its maps by name, each with the scenes on it.
    """
    values: dict[str, list[float]] = {key: [] for key in _TITLES}
    every = sum(len(scenes) for _, scenes in networks.values())
    step = max(1, -(-every // _SCENES))
    number = 0
    for network, scenes in networks.values():
        chosen = [s for i, s in enumerate(scenes, number) if i % step == 0]
        number += len(scenes)
        if not chosen:
            continue
        geometry, locator = NetworkGeometry(network), LaneLocator(network)
        zebras = _zebras(geometry)
        for scene in chosen:
            moved = read_movement(run, scene)
            if len(moved.time_s):
                _survey_scene(moved, network, locator, zebras, values)
    return tuple(_measure(key, np.array(found)) for key, found in values.items() if len(found) >= _LEAST)


def _measure(key: str, values: Float64[np.ndarray, "n"]) -> Measure:
    title, unit = _TITLES[key]
    p15, median, p85 = (float(v) for v in np.percentile(values, (15, 50, 85)))
    return Measure(
        key=key,
        title=title,
        unit=unit,
        count=len(values),
        mean=float(values.mean()),
        p15=p15,
        median=median,
        p85=p85,
        norm=NORMS.get(key),
    )


def _survey_scene(
    moved: Movement,
    network: RoadNetwork,
    locator: LaneLocator,
    zebras: list[_Zebra],
    values: dict[str, list[float]],
) -> None:
    fixes = moved.lanes(locator)
    in_lane = fixes.found & (np.abs(fixes.offset_m) < _IN_LANE_M)
    electric = np.array(["ebike" in b or "etricycle" in b for b in moved.blueprint])
    rolling = moved.speed_mps > 0.5
    values["speed_motor"] += _track_means(moved, moved.motor & in_lane, 3.6)
    values["speed_bicycle"] += _track_means(moved, moved.ridden & ~electric & rolling & _pedalled(moved), 3.6)
    values["speed_ebike"] += _track_means(moved, electric & rolling, 3.6)
    values["walking"] += _track_means(moved, moved.people & (moved.speed_mps > _WALKING_MPS), 1.0)
    for time, speed in _crossings(moved, zebras):
        values["crossing_time"].append(time)
        values["crossing_speed"].append(speed)
    values["time_headway"] += _headways_s(moved, fixes, moved.motor & in_lane)
    values["saturation_headway"] += discharge_headways_s(moved, fixes, network)
    values["walker_gap"] += walker_gaps_s(moved, fixes)
    for mean, deviation in _lateral(moved, fixes, moved.motor & in_lane & ~fixes.in_junction):
        values["lateral_mean"].append(mean)
        values["lateral_sd"].append(deviation)


def _pedalled(moved: Movement) -> Bool[np.ndarray, "n"]:
    return np.asarray(moved.kind == "bicycle", dtype=bool)


def _runs(moved: Movement, rows: Bool[np.ndarray, "n"]) -> list[np.ndarray]:
    """Indexes of the chosen rows, track by track."""
    chosen = np.flatnonzero(rows)
    if not len(chosen):
        return []
    return np.split(chosen, np.flatnonzero(np.diff(moved.track[chosen])) + 1)


def _span_s(moved: Movement, rows: np.ndarray) -> float:
    return float(moved.time_s[rows[-1]] - moved.time_s[rows[0]])


def _track_means(moved: Movement, rows: Bool[np.ndarray, "n"], factor: float) -> list[float]:
    """Mean speed of each track that is seen for long enough."""
    tracks = (track for track in _runs(moved, rows) if _span_s(moved, track) >= _LEAST_S)
    return [factor * float(moved.speed_mps[track].mean()) for track in tracks]


_Zebra = tuple[np.ndarray, np.ndarray, np.ndarray, float, float]
"""(centre, along, across, half length, half width)."""


def _zebras(geometry: NetworkGeometry) -> list[_Zebra]:
    return [
        long_box(object_outline(geometry, road.id, item))
        for road in geometry.network.roads
        for item in road.objects
        if item.type == "crosswalk" and len(item.outline) >= 3
    ]


def _crossings(moved: Movement, zebras: list[_Zebra]) -> list[tuple[float, float]]:
    """(time for the whole crossing, speed) of everybody who is seen on most of one."""
    out = []
    people = moved.people
    for centre, along, across, length, width in zebras:
        offset = moved.xy_m - centre
        a, b = offset @ along, offset @ across
        for track in _runs(moved, people & (np.abs(a) < length) & (np.abs(b) < width + 0.5)):
            way, time = abs(float(a[track[-1]] - a[track[0]])), _span_s(moved, track)
            if way >= _CROSSED * 2.0 * length and time > 0.0:
                out.append((2.0 * length * time / way, way / time))
    return out


def _lane_keys(fixes: LaneFixes) -> np.ndarray:
    """A number for each lane of a section of a road."""
    return (fixes.road_id.astype(np.int64) * 64 + fixes.section) * 128 + fixes.lane_id + 64


def _headways_s(moved: Movement, fixes: LaneFixes, rows: Bool[np.ndarray, "n"]) -> list[float]:
    """Front to front over the follower's speed, once a second, of those who follow within 5 s."""
    out: list[float] = []
    ahead = np.where(fixes.lane_id < 0, 1.0, -1.0) * fixes.s_m
    front = ahead + 0.5 * moved.length_m
    lanes = _lane_keys(fixes)
    start = float(moved.time_s.min())
    sampled = np.abs((moved.time_s - start + 0.5 * _SAMPLED_S) % _SAMPLED_S - 0.5 * _SAMPLED_S) < 1e-3
    chosen = np.flatnonzero(rows & sampled)
    order = chosen[np.lexsort((front[chosen], lanes[chosen], np.rint(moved.time_s[chosen] * 1e3)))]
    for behind, leader in pairwise(order):
        together = lanes[behind] == lanes[leader] and abs(moved.time_s[behind] - moved.time_s[leader]) < 1e-3
        speed = moved.speed_mps[behind]
        if together and speed > _DRIVING_MPS:
            headway = float((front[leader] - front[behind]) / speed)
            if headway < _FOLLOWING_S:
                out.append(headway)
    return out


def _lateral(moved: Movement, fixes: LaneFixes, rows: Bool[np.ndarray, "n"]) -> list[tuple[float, float]]:
    """(mean, standard deviation) of the place in the lane for each stay of a moving vehicle in one lane."""
    out = []
    lanes = _lane_keys(fixes)
    for track in _runs(moved, rows & (moved.speed_mps > _DRIVING_MPS)):
        for stay in np.split(track, np.flatnonzero(np.diff(lanes[track])) + 1):
            if _span_s(moved, stay) >= _LEAST_S:
                offset = fixes.offset_m[stay]
                out.append((float(offset.mean()), float(offset.std())))
    return out
