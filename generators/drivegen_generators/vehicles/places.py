"""Places in lanes where a vehicle may start, and which of them suit the ego."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from jaxtyping import Bool, Float64, Int64
from scipy.spatial import cKDTree

from drivegen.core.errors import MapError
from drivegen.opendrive.model import LaneType, RoadNetwork
from drivegen_generators.vehicles.strips import Strip, Strips

_FROM_END_M = 6.0
"""Half a bus: no place this close to the end of a lane section."""
_NARROWEST_M = 2.5
_BICYCLE_SPACING_M = 3.0
_BICYCLE_FROM_END_M = 2.0
_BICYCLE_NARROWEST_M = 0.9
_FARTHEST = 6.0
"""Places farther than so many reaches are not looked at."""

EGO_TO_JUNCTION_M = (20.0, 90.0)
"""The ego starts so far from the middle of a junction that it drives to, where there is one."""
_TOWARDS = 0.85
_MANY_ROADS = 3
_RADIUS_M = 90.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Places:
    """n places."""

    strips: Strips
    strip: Int64[np.ndarray, "n"]
    along_m: Float64[np.ndarray, "n"]
    xy_m: Float64[np.ndarray, "n 2"]
    heading_rad: Float64[np.ndarray, "n"]
    outermost: Bool[np.ndarray, "n"]
    """In the lane next to the kerb, and without a bicycle lane beside."""
    kerb: Bool[np.ndarray, "n"]
    """In the lane next to the kerb."""
    several: Bool[np.ndarray, "n"]
    """On a road with more than one driving lane in this direction."""

    def near(self, rng: np.random.Generator, xy_m: Float64[np.ndarray, "2"], reach_m: float) -> list[int]:
        """All in an order drawn by weights that fall with distance: at `reach_m` a third as heavy.

        Exponential keys: sorting by log(u) / weight draws without replacement (Efraimidis, Spirakis 2006).
        """
        distance = np.hypot(self.xy_m[:, 0] - xy_m[0], self.xy_m[:, 1] - xy_m[1])
        keys = np.log(rng.random(len(distance))) / np.exp(-np.minimum(distance / reach_m, 500.0))
        close = np.flatnonzero(distance < _FARTHEST * reach_m)
        found: list[int] = close[np.argsort(-keys[close], kind="stable")].tolist()
        return found


def start_places(network: RoadNetwork, spacing_m: float) -> tuple[Places, Int64[np.ndarray, "k"]]:
    """Places in driving lanes, and those of them that suit the ego; found once for each network.

    Raises MapError where there is none.
    """
    known = _KEPT.setdefault(network, {})
    if spacing_m not in known:
        places = driving_places(Strips.of(network), spacing_m)
        known[spacing_m] = places, ego_places(places)
    found = known[spacing_m]
    if not len(found[0].strip):
        raise MapError("the road has no driving lane outside junctions on which the ego could start")
    return found


def driving_places(strips: Strips, spacing_m: float) -> Places:
    """In driving lanes outside junctions, in the order of the file."""
    lanes = [
        s
        for s in strips.strips
        if s.kind is LaneType.DRIVING and s.junction is None and s.length_m > 2.0 * _FROM_END_M
    ]
    return _places(strips, lanes, spacing_m, _FROM_END_M, _NARROWEST_M)


def bicycle_places(strips: Strips) -> Places:
    """In bicycle lanes outside junctions, in the order of the file."""
    lanes = [
        s
        for s in strips.strips
        if s.kind is LaneType.BIKING and s.junction is None and s.length_m > 3.0 * _BICYCLE_FROM_END_M
    ]
    return _places(strips, lanes, _BICYCLE_SPACING_M, _BICYCLE_FROM_END_M, _BICYCLE_NARROWEST_M)


def _places(
    strips: Strips, lanes: Sequence[Strip], spacing_m: float, from_end_m: float, narrowest_m: float
) -> Places:
    rows: list[tuple[int, float]] = []
    spots: list[tuple[float, float, float]] = []
    kerb: list[bool] = []
    beside: list[bool] = []
    for strip in lanes:
        count = int((strip.length_m - 2.0 * from_end_m) // spacing_m) + 1
        cycle = strips.bicycle_lane(strip.index) is not None
        for k in range(count):
            along = 0.5 * strip.length_m + (k - 0.5 * (count - 1)) * spacing_m
            if strip.width_at(along) < narrowest_m:
                continue
            x, y, _, heading = strip.at(along)
            rows.append((strip.index, along))
            spots.append((x, y, math.remainder(heading, math.tau)))
            kerb.append(strip.outermost)
            beside.append(cycle)
    at = np.array(spots, dtype=np.float64).reshape(-1, 3)
    outer = np.array(kerb, dtype=bool)
    return Places(
        strips=strips,
        strip=np.array([r[0] for r in rows], dtype=np.int64),
        along_m=np.array([r[1] for r in rows], dtype=np.float64),
        xy_m=at[:, :2],
        heading_rad=at[:, 2],
        outermost=outer & ~np.array(beside, dtype=bool),
        kerb=outer,
        several=np.array([_has_neighbour(strips, r[0]) for r in rows], dtype=bool),
    )


def _has_neighbour(strips: Strips, strip: int) -> bool:
    """Whether a driving lane of the same direction lies beside."""
    ref = strips.strips[strip].ref
    section = strips.network.road_by_id[ref.road_id].lane_sections[ref.section]
    lanes = section.left if ref.lane_id > 0 else section.right
    return sum(lane.type is LaneType.DRIVING for lane in lanes) > 1


def ego_places(places: Places) -> Int64[np.ndarray, "k"]:
    """Those from which the ego drives into a junction soon; all where there is no such."""
    centres = _junction_centres(places.strips)
    good = np.zeros(len(places.strip), dtype=bool)
    low, high = EGO_TO_JUNCTION_M
    if len(centres) and len(good):
        tree = cKDTree(places.xy_m)
        for centre, near in zip(centres, tree.query_ball_point(centres, high), strict=True):
            index = np.array(sorted(near), dtype=np.int64)
            apart = centre - places.xy_m[index]
            distance = np.hypot(apart[:, 0], apart[:, 1])
            heading = places.heading_rad[index]
            ahead = apart[:, 0] * np.cos(heading) + apart[:, 1] * np.sin(heading)
            good[index] |= (distance > low) & (ahead > _TOWARDS * np.maximum(distance, 1e-9))
    return np.flatnonzero(good) if good.any() else np.arange(len(good))


def _junction_centres(strips: Strips) -> Float64[np.ndarray, "j 2"]:
    """Means of the starts of the connecting roads of each junction with traffic from several roads."""
    centres = []
    roads = strips.network.road_by_id
    for junction in strips.network.junctions:
        connecting = sorted({c.connecting_road for c in junction.connections})
        if len({c.incoming_road for c in junction.connections}) < _MANY_ROADS:
            continue
        starts = [(roads[i].geometries[0].x_m, roads[i].geometries[0].y_m) for i in connecting if i in roads]
        if starts:
            centres.append(np.mean(starts, axis=0))
    return np.array(centres).reshape(-1, 2)


_KEPT: WeakKeyDictionary[RoadNetwork, dict[float, tuple[Places, Int64[np.ndarray, "k"]]]]
_KEPT = WeakKeyDictionary()
"""Scenes share roads, and finding the places takes longer than all else of a plan."""
