"""Driving lanes as a graph: what follows what, and where marks permit a change of lane."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from jaxtyping import Bool, Float64

from drivegen.opendrive.evaluate import NetworkGeometry, RoadCurve
from drivegen.opendrive.lanes import speed_limit
from drivegen.opendrive.model import Lane, LaneSection, LaneType, Road, RoadNetwork
from drivegen.opendrive.topology import LaneRef, Topology

LEAST_CHANGE_M = 10.0
"""A change of lane needs so much road on which marks permit it and both lanes are wide enough."""
_LEAST_WIDTH_M = 2.0
_STEP_M = 2.0
_STRAIGHT_RAD = np.radians(45.0)
_BACK_RAD = np.radians(150.0)
_FORBIDDING = frozenset({"solid", "solid solid", "curb", "grass", "barrier"})


class Turn(StrEnum):
    """Ways through a junction."""

    RIGHT = "right"
    THROUGH = "through"
    LEFT = "left"
    U_TURN = "u-turn"


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneChange:
    """A neighbour that a vehicle may change to."""

    to: int
    left: bool
    """Seen in the direction of travel."""
    from_m: float
    """Stretch where marks permit it, travelled from the start of the section."""
    to_m: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LaneLine:
    """A lane's centre in the direction of travel."""

    travelled_m: Float64[np.ndarray, "n"]
    """Along the reference line from the section's end where traffic enters."""
    position_m: Float64[np.ndarray, "n 3"]
    heading_rad: Float64[np.ndarray, "n"]
    """Not wrapped."""

    stretch: float
    """Length of the lane over that of the reference line."""


class LaneGraph:
    """Lanes by number, in the order of the file; all that never changes is computed once."""

    def __init__(self, network: RoadNetwork) -> None:
        self.network = network
        self._geometry = NetworkGeometry(network)
        self._lines: dict[int, LaneLine] = {}
        refs = [
            (LaneRef(road_id=road.id, section=index, lane_id=lane.id), road, lane)
            for road in network.roads
            for index, section in enumerate(road.lane_sections)
            for lane in section.lanes
            if lane.type is LaneType.DRIVING and lane.id != 0
        ]
        self.lanes = tuple(ref for ref, _, _ in refs)
        self.number = {ref: i for i, ref in enumerate(self.lanes)}
        topology = Topology(network)
        self.successors = tuple(
            tuple(self.number[b] for b in topology.successors(a) if b in self.number) for a in self.lanes
        )
        self.predecessors = tuple(
            tuple(self.number[b] for b in topology.predecessors(a) if b in self.number) for a in self.lanes
        )
        self.in_junction: Bool[np.ndarray, "n"] = np.array([road.junction is not None for _, road, _ in refs])
        ranges = [self._geometry.curve(ref.road_id).section_range(ref.section) for ref in self.lanes]
        self.first_m: Float64[np.ndarray, "n"] = np.array([r[0] for r in ranges])
        """Lowest s of each lane, as the road counts it."""
        self.length_m: Float64[np.ndarray, "n"] = np.array([r[1] - r[0] for r in ranges])
        """Along the reference line."""
        middle = self.first_m + 0.5 * self.length_m
        self.speed_mps: Float64[np.ndarray, "n"] = np.array(
            [
                speed_limit(road, lane, road.lane_sections[ref.section].s_m, middle[i : i + 1])[0]
                for i, (ref, road, lane) in enumerate(refs)
            ]
        )
        changes: list[list[LaneChange]] = [[] for _ in self.lanes]
        for road in network.roads:
            for index, section in enumerate(road.lane_sections):
                self._add_changes(road, index, section, changes)
        self.changes = tuple(tuple(c) for c in changes)

    def travelled_m(self, lane: int, s_m: float) -> float:
        """How far a vehicle at s has come in its lane section."""
        ahead = s_m - self.first_m[lane]
        return float(ahead if self.lanes[lane].lane_id < 0 else self.length_m[lane] - ahead)

    def s_m(self, lane: int, travelled_m: float) -> float:
        """The inverse of `travelled_m`."""
        ahead = travelled_m if self.lanes[lane].lane_id < 0 else self.length_m[lane] - travelled_m
        return float(self.first_m[lane] + ahead)

    def line(self, lane: int) -> LaneLine:
        """The centre of a lane, about every 2 m; computed when first asked for."""
        if lane not in self._lines:
            ref, length = self.lanes[lane], float(self.length_m[lane])
            along = np.linspace(0.0, length, max(2, int(np.ceil(length / _STEP_M)) + 1))
            s = self.first_m[lane] + (along if ref.lane_id < 0 else length - along)
            centre = self._geometry.curve(ref.road_id).lane_centre(ref.section, ref.lane_id, s)
            steps = np.linalg.norm(np.diff(centre.position_m, axis=0), axis=1)
            self._lines[lane] = LaneLine(
                travelled_m=along,
                position_m=centre.position_m,
                heading_rad=np.unwrap(centre.heading_rad),
                stretch=float(steps.sum()) / max(length, 1e-6),
            )
        return self._lines[lane]

    def turn(self, lane: int) -> Turn:
        """How a lane through a junction turns; lanes within 45 degrees of straight on go through."""
        heading = self.line(lane).heading_rad
        turned = float(heading[-1] - heading[0])
        if abs(turned) > _BACK_RAD:
            return Turn.U_TURN
        if abs(turned) <= _STRAIGHT_RAD:
            return Turn.THROUGH
        return Turn.LEFT if turned > 0.0 else Turn.RIGHT

    def _add_changes(
        self, road: Road, index: int, section: LaneSection, changes: list[list[LaneChange]]
    ) -> None:
        curve = self._geometry.curve(road.id)
        for side in (section.left, section.right):
            for inner, outer in itertools.pairwise(side):
                if inner.type is not LaneType.DRIVING or outer.type is not LaneType.DRIVING:
                    continue
                a, b = (
                    self.number[LaneRef(road_id=road.id, section=index, lane_id=v.id)] for v in (inner, outer)
                )
                wide = self._wide(curve, index, (inner, outer), a)
                # Lane ids grow leftwards: "increase" is a change to the left of two right-hand lanes.
                outwards = "decrease" if outer.id < 0 else "increase"
                for here, there, left, way in (
                    (a, b, False, outwards),
                    (b, a, True, "increase" if outwards == "decrease" else "decrease"),
                ):
                    stretch = self._permitted(inner, here, way, wide)
                    if stretch is not None:
                        changes[here].append(
                            LaneChange(to=there, left=left, from_m=stretch[0], to_m=stretch[1])
                        )

    def _wide(
        self, curve: RoadCurve, section: int, pair: tuple[Lane, Lane], lane: int
    ) -> tuple[float, float] | None:
        """Stations between which both lanes are wide enough; None if nowhere."""
        first, length = self.first_m[lane], self.length_m[lane]
        if all(len(v.widths) == 1 and v.widths[0].b == v.widths[0].c == v.widths[0].d == 0.0 for v in pair):
            return (first, first + length) if min(v.widths[0].a for v in pair) >= _LEAST_WIDTH_M else None
        s = np.linspace(first, first + length, max(2, int(np.ceil(length / _STEP_M)) + 1))
        width = np.minimum(*(curve.width(section, v.id, s)[0] for v in pair))
        good = np.flatnonzero(width >= _LEAST_WIDTH_M)
        return (float(s[good[0]]), float(s[good[-1]])) if len(good) else None

    def _permitted(
        self, inner: Lane, lane: int, way: str, wide: tuple[float, float] | None
    ) -> tuple[float, float] | None:
        """The longest stretch, as travelled, on which the line between two lanes may be crossed one way."""
        if wide is None or not inner.road_marks:
            return None
        first, last = self.first_m[lane], self.first_m[lane] + self.length_m[lane]
        marks = sorted(inner.road_marks, key=lambda m: m.s_offset_m)
        starts = [first + m.s_offset_m for m in marks]
        best: tuple[float, float] | None = None
        run: float | None = None
        for start, end, mark in zip(starts, [*starts[1:], last], marks, strict=True):
            open_here = mark.lane_change in ("both", way) and mark.type not in _FORBIDDING
            run = (start if run is None else run) if open_here else None
            if run is not None:
                a, b = max(run, wide[0]), min(end, wide[1])
                if b - a >= LEAST_CHANGE_M and (best is None or b - a > best[1] - best[0]):
                    best = (a, b)
        if best is None:
            return None
        one, other = (self.travelled_m(lane, s) for s in best)
        return min(one, other), max(one, other)
