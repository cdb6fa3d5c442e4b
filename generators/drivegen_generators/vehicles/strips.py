"""Lanes as vehicles travel along them: centres, lengths, limits, and which lane follows which."""

from __future__ import annotations

import math
import weakref
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from jaxtyping import Float64

from drivegen.core.plans import PlacedPose
from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.lanes import speed_limit
from drivegen.opendrive.model import LaneType, RoadNetwork
from drivegen.opendrive.signals import signal_heads
from drivegen.opendrive.topology import LaneRef, Topology

KINDS = frozenset({LaneType.DRIVING, LaneType.BIKING, LaneType.PARKING})
_SHORTEST_M = 1e-3
_MOST_STEPS = 16


Thinned = tuple[tuple[float, ...], tuple[tuple[float, float, float], ...]]
"""Along a strip, and points there or beside."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Strip:
    """One lane of one section of a road, in its direction of travel."""

    index: int
    ref: LaneRef
    kind: LaneType
    junction: int | None
    outermost: bool
    """No driving lane lies between it and the edge of the road."""
    along_m: tuple[float, ...]
    """From 0 to the length, at each point of the centre."""
    points_m: tuple[tuple[float, float, float], ...]
    """Of the centre, so dense that between them it bends by millimetres."""
    heading_rad: tuple[float, ...]
    """Direction of travel at each point; not wrapped."""
    widths_m: tuple[float, ...]
    speed_mps: float
    """Limit where it begins."""
    thinned: dict[tuple[float, float], Thinned] = field(default_factory=dict)
    """Points for routes by their distance and how far left, kept once made; see `route_points`."""

    @property
    def length_m(self) -> float:
        """Of the centre, seen from above."""
        return self.along_m[-1]

    def at(self, along_m: float) -> tuple[float, float, float, float]:
        """x, y, z and heading of a point of the centre."""
        i = min(max(bisect_right(self.along_m, along_m) - 1, 0), len(self.along_m) - 2)
        first, last = self.along_m[i], self.along_m[i + 1]
        share = (along_m - first) / (last - first)
        (ax, ay, az), (bx, by, bz) = self.points_m[i], self.points_m[i + 1]
        heading = self.heading_rad[i] + share * (self.heading_rad[i + 1] - self.heading_rad[i])
        return ax + share * (bx - ax), ay + share * (by - ay), az + share * (bz - az), heading

    def width_at(self, along_m: float) -> float:
        """Of the lane."""
        i = min(max(bisect_right(self.along_m, along_m) - 1, 0), len(self.along_m) - 2)
        first, last = self.along_m[i], self.along_m[i + 1]
        share = (along_m - first) / (last - first)
        return self.widths_m[i] + share * (self.widths_m[i + 1] - self.widths_m[i])


@dataclass(frozen=True, slots=True, kw_only=True)
class StopAt:
    """Where a strip's traffic waits for a light."""

    strip: int
    along_m: float
    first: bool
    """The light is among those that a junction's cycle begins with: green where the cycle starts."""


class Strips:
    """All lanes of a network that vehicles use; `of` keeps them for as long as the network lives."""

    def __init__(self, network: RoadNetwork) -> None:
        # Weakly: this is kept for as long as the network lives, and must not keep it alive.
        self._network = weakref.ref(network)
        self.strips = _strips(network)
        self.by_ref = {strip.ref: strip.index for strip in self.strips}
        topology = Topology(network)
        self.after = tuple(self._known(topology.successors(s.ref), s.kind) for s in self.strips)
        self.before = tuple(self._known(topology.predecessors(s.ref), s.kind) for s in self.strips)

    @staticmethod
    def of(network: RoadNetwork) -> Strips:
        """Those of a network, made once."""
        found = _KEPT.get(network)
        if found is None:
            found = _KEPT[network] = Strips(network)
        return found

    @property
    def network(self) -> RoadNetwork:
        """The road; whoever plans on it holds it."""
        found = self._network()
        if found is None:
            raise ReferenceError("the network of these lanes is gone; keep it while you plan on it")
        return found

    def _known(self, refs: Iterable[LaneRef], kind: LaneType) -> tuple[int, ...]:
        found = (self.by_ref.get(ref) for ref in refs)
        return tuple(i for i in found if i is not None and self.strips[i].kind is kind)

    def neighbour(self, strip: int, side: int) -> int | None:
        """The driving lane left (+1) or right (-1) of one, of the same direction; none if there is none."""
        ref = self.strips[strip].ref
        lane = ref.lane_id + side if ref.lane_id < 0 else ref.lane_id - side
        if lane == 0 or (lane < 0) != (ref.lane_id < 0):
            return None
        found = self.by_ref.get(LaneRef(road_id=ref.road_id, section=ref.section, lane_id=lane))
        return found if found is not None and self.strips[found].kind is LaneType.DRIVING else None

    def pose(self, strip: int, along_m: float, left_m: float = 0.0, turned: bool = False) -> PlacedPose:
        """A pose on a strip, so far left of its centre; `turned` looks against the traffic."""
        x, y, z, heading = self.strips[strip].at(along_m)
        yaw = heading + (math.pi if turned else 0.0)
        return PlacedPose(
            x_m=round(x - left_m * math.sin(heading), 4),
            y_m=round(y + left_m * math.cos(heading), 4),
            z_m=round(z, 4),
            yaw_rad=round(math.remainder(yaw, math.tau), 6),
        )

    def back(self, strip: int, along_m: float) -> tuple[int, float] | None:
        """A point on a lane outside junctions, given by how far along a strip; negative reaches back.

        None where no lane leads up to it.
        """
        for _ in range(_MOST_STEPS):
            if self.strips[strip].junction is not None or self.strips[strip].kind is not LaneType.DRIVING:
                return None
            if along_m >= 0.0:
                return strip, along_m
            before = self.before[strip]
            if not before:
                return None
            strip = before[0]
            along_m += self.strips[strip].length_m
        return None

    def bicycle_lane(self, strip: int) -> int | None:
        """The bicycle lane beside a driving lane."""
        own = self.strips[strip].ref
        return self._bicycle_lanes.get((own.road_id, own.section, own.lane_id < 0))

    @cached_property
    def _bicycle_lanes(self) -> dict[tuple[int, int, bool], int]:
        return {
            (s.ref.road_id, s.ref.section, s.ref.lane_id < 0): s.index
            for s in reversed(self.strips)
            if s.kind is LaneType.BIKING
        }

    @cached_property
    def stop_along_m(self) -> dict[int, float]:
        """How far along each strip that ends at a light its stop line is."""
        return {stop.strip: stop.along_m for stop in self.stops}

    @cached_property
    def stops(self) -> tuple[StopAt, ...]:
        """Where driving lanes end at lights, in the order of the file."""
        sequences: dict[int, set[int]] = {}
        heads = signal_heads(self.network)
        for head in heads:
            if head.junction_id is not None:
                sequences.setdefault(head.junction_id, set()).add(head.sequence)
        found: dict[int, StopAt] = {}
        for head in heads:
            first = head.junction_id is None or head.sequence == min(sequences[head.junction_id])
            for line in head.stop_lines:
                road = self.network.road_by_id[line.road_id]
                ref = LaneRef(road_id=line.road_id, section=road.section_at(line.s_m), lane_id=line.lane_id)
                index = self.by_ref.get(ref)
                if index is None or self.strips[index].kind is not LaneType.DRIVING:
                    continue
                x, y = 0.5 * (line.start_m + line.end_m)[:2]
                along = _nearest_along(self.strips[index], float(x), float(y))
                known = found.get(index)
                found[index] = StopAt(
                    strip=index, along_m=along, first=first or (known is not None and known.first)
                )
        return tuple(found.values())


_KEPT: weakref.WeakKeyDictionary[RoadNetwork, Strips] = weakref.WeakKeyDictionary()
"""Scenes share roads, and to lay out the lanes takes longer than to plan a scene."""


def route_points(
    strips: Sequence[Strip],
    start_m: float,
    end_m: float,
    apart_m: float,
    left_m: Sequence[float] | None = None,
    *,
    with_start: bool = False,
) -> tuple[tuple[float, float, float], ...]:
    """Points along successive strips, to the millimetre.

    Args:
        strips: Each followed by the next.
        start_m: Along the first.
        end_m: Along the last.
        apart_m: Least distance between points of a strip.
        left_m: Of the centre of each strip, best of few values: points are kept. On it where not given.
        with_start: Whether the first point is among them.
    """
    out: list[tuple[float, float, float]] = []
    if with_start:
        out.append(_aside(strips[0], start_m, left_m[0] if left_m else 0.0))
    for k, strip in enumerate(strips):
        along, points = _thinned(strip, apart_m, left_m[k] if left_m else 0.0)
        first = bisect_right(along, start_m + 0.5 * apart_m) if k == 0 else 0
        last = bisect_left(along, end_m - 0.5 * apart_m) if k + 1 == len(strips) else len(along)
        out.extend(points[first:last])
    out.append(_aside(strips[-1], end_m, left_m[-1] if left_m else 0.0))
    return tuple(out)


def _aside(strip: Strip, along_m: float, left_m: float) -> tuple[float, float, float]:
    x, y, z, heading = strip.at(along_m)
    return (
        round(x - left_m * math.sin(heading), 3),
        round(y + left_m * math.cos(heading), 3),
        round(z, 3),
    )


def _thinned(strip: Strip, apart_m: float, left_m: float) -> Thinned:
    """How far along, and where, the points of a strip lie that are kept; its end is not."""
    known = strip.thinned.get((apart_m, left_m))
    if known is None:
        along: list[float] = []
        for at in strip.along_m:
            if (not along or at - along[-1] >= apart_m) and at < strip.length_m - 0.5 * apart_m:
                along.append(at)
        points = tuple(_aside(strip, at, left_m) for at in along)
        known = strip.thinned[apart_m, left_m] = tuple(along), points
    return known


def _strips(network: RoadNetwork) -> tuple[Strip, ...]:
    geometry = NetworkGeometry(network)
    out: list[Strip] = []
    for road in network.roads:
        curve = geometry.curve(road.id)
        for index, section in enumerate(road.lane_sections):
            first, last = curve.section_range(index)
            if last - first < _SHORTEST_M:
                continue
            stations = curve.stations(index)
            for lane in section.lanes:
                if lane.id == 0 or lane.type not in KINDS:
                    continue
                centre = curve.lane_centre(index, lane.id, stations)
                order = slice(None) if lane.id < 0 else slice(None, None, -1)
                points = centre.position_m[order]
                steps = np.maximum(np.linalg.norm(np.diff(points[:, :2], axis=0), axis=1), 1e-6)
                beyond = section.left if lane.id > 0 else section.right
                limit = speed_limit(road, lane, section.s_m, stations[order][:1])
                out.append(
                    Strip(
                        index=len(out),
                        ref=LaneRef(road_id=road.id, section=index, lane_id=lane.id),
                        kind=lane.type,
                        junction=road.junction,
                        outermost=not any(
                            v.type is LaneType.DRIVING and abs(v.id) > abs(lane.id) for v in beyond
                        ),
                        along_m=(0.0, *np.cumsum(steps).tolist()),
                        points_m=tuple((x, y, z) for x, y, z in points.tolist()),
                        heading_rad=tuple(np.unwrap(centre.heading_rad[order]).tolist()),
                        widths_m=tuple(centre.width_m[order].tolist()),
                        speed_mps=float(limit[0]),
                    )
                )
    return tuple(out)


def _nearest_along(strip: Strip, x: float, y: float) -> float:
    """How far along a strip its centre is nearest to a point."""
    points: Float64[np.ndarray, "n 2"] = np.array(strip.points_m)[:, :2]
    step = np.diff(points, axis=0)
    length = np.maximum(np.hypot(step[:, 0], step[:, 1]), 1e-9)
    share = np.clip(((x - points[:-1, 0]) * step[:, 0] + (y - points[:-1, 1]) * step[:, 1]) / length**2, 0, 1)
    gap = np.hypot(points[:-1, 0] + share * step[:, 0] - x, points[:-1, 1] + share * step[:, 1] - y)
    best = int(np.argmin(gap))
    return float(strip.along_m[best] + share[best] * length[best])
