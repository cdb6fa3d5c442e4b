"""Waypoints of walks: along the pavements' middles with an offset, to the kerbs, over the crossings."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from drivegen.core.plans import Crossing
from drivegen_generators.pedestrians.footways import Footways, Line, Point

EDGE_MARGIN_M = 0.45
"""Kept from the edge of a pavement or crossing."""

SPREAD_M = 0.4
"""Farthest from the middle of a pavement: trees, bins and lamps leave its middle free, not its sides."""

KERB_SPREAD_M = 1.8
"""Farthest from the middle of a crossing: who waits stands along the kerb."""

STAND_BACK_M = (0.4, 1.0)
"""From the kerb, while waiting."""

WALL_MARGIN_M = 0.1
"""Lines are thinned, and pavements not everywhere as wide as in the middle."""

LEAST_STEP_M = 0.8
"""Waypoints that are nearer to each other are thinned out."""

LEAST_HALF_WIDTH_M = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A way through the graph, common to a party."""

    steps: tuple[tuple[int, int], ...]
    """(edge, node it is walked from); the first is begun on the way, the last not walked to its end."""
    before_end_m: float
    """Of the start, on the first edge."""
    last_m: float
    """Walked on the last edge, where that is not the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lateral:
    """Where a member of a party walks beside the others."""

    pavement_m: float
    """To the left of the middle; cut to what a pavement is wide."""
    kerb_m: float
    """The same of crossings."""
    back_m: float
    """From the kerb."""
    behind_m: float = 0.0
    """Starts so much farther back."""


@dataclass(slots=True, kw_only=True)
class Trail:
    """Waypoints as they are laid."""

    points: list[Point] = field(default_factory=list)
    half_widths_m: list[float] = field(default_factory=list)
    """Of the leg from each point; the last is nobody's."""
    crossings: list[Crossing] = field(default_factory=list)

    def add(self, point: Point, half_width_m: float) -> None:
        """A point, unless it is close to the one before."""
        points = self.points
        if points:
            x, y, _ = points[-1]
            if math.hypot(point[0] - x, point[1] - y) < LEAST_STEP_M:
                if len(points) > 1 and not self._at_kerb():
                    points[-1] = point
                self.half_widths_m[-1] = min(self.half_widths_m[-1], half_width_m)
                return
        points.append(point)
        self.half_widths_m.append(half_width_m)

    def add_crossing(self, kerb: Point, other: Point, half_width_m: float, crossing: Crossing) -> None:
        """Both kerbs; `crossing.first` is set."""
        near = len(self.points) > 1 and math.dist(kerb[:2], self.points[-1][:2]) < LEAST_STEP_M
        if near and not self._at_kerb():
            self.points.pop()
            self.half_widths_m.pop()
        self.points += (kerb, other)
        self.half_widths_m += (half_width_m, half_width_m)
        self.crossings.append(
            Crossing(
                first=len(self.points) - 2,
                signal_ids=crossing.signal_ids,
                begin=crossing.begin,
                ego_within_s=crossing.ego_within_s,
                speed_mps=crossing.speed_mps,
            )
        )

    def _at_kerb(self) -> bool:
        """Whether the last point is where a crossing ended."""
        return bool(self.crossings) and self.crossings[-1].first + 2 == len(self.points)

    @property
    def waypoints(self) -> tuple[Point, ...]:
        """To the millimetre; heights are of the lines, which have no more digits."""
        return tuple([(round(x, 3), round(y, 3), z) for x, y, z in self.points])

    @property
    def leg_half_widths_m(self) -> tuple[float, ...]:
        """Of each leg."""
        return tuple(self.half_widths_m[:-1])


def lay(footways: Footways, route: Route, lateral: Lateral) -> Trail:
    """The waypoints of one member of a party."""
    trail = Trail()
    steps = route.steps
    for k, (edge, node) in enumerate(steps):
        if edge in footways.links:
            continue
        line = footways.line(edge, node)
        if footways.crosses[edge]:
            before = steps[k - 1][0] if k else None
            after = steps[k + 1][0] if k + 1 < len(steps) else None
            _lay_crossing(footways, trail, (edge, node), lateral, before, after)
            continue
        shift = _shift(footways, steps, k, lateral)
        off = within(lateral.pavement_m, footways.half_m[edge])
        half = half_width_m(footways.half_m[edge] - abs(off))
        first, last = 0.0, line.length_m
        if k == 0:
            first = max(0.0, line.length_m - route.before_end_m - lateral.behind_m)
        elif k == len(steps) - 1:
            last = min(route.last_m, line.length_m)
        points = stretch(line, first, last, off)
        for end, (dx, dy) in zip((0, -1), shift, strict=True):
            x, y, z = points[end]
            points[end] = (x + dx, y + dy, z)
        for point in points:
            trail.add(point, half)
    return trail


_NONE = (0.0, 0.0)


def _shift(
    footways: Footways, steps: tuple[tuple[int, int], ...], k: int, lateral: Lateral
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Of both ends of a pavement: where one turns off to a kerb, or comes from one, straight across."""
    before = after = _NONE
    if k > 1 and steps[k - 1][0] in footways.links and footways.crosses[steps[k - 2][0]]:
        before = _kerb_offset(footways, *steps[k - 2], lateral)
    if k + 2 < len(steps) and steps[k + 1][0] in footways.links and footways.crosses[steps[k + 2][0]]:
        after = _kerb_offset(footways, *steps[k + 2], lateral)
    return before, after


def _kerb_offset(footways: Footways, edge: int, node: int, lateral: Lateral) -> tuple[float, float]:
    """From the middle of a crossing to where somebody crosses."""
    line = footways.line(edge, node)
    (ax, ay, _), (bx, by, _) = line.points[0], line.points[-1]
    limit = min(KERB_SPREAD_M, max(0.0, footways.half_m[edge] - EDGE_MARGIN_M))
    off = min(max(lateral.kerb_m, -limit), limit)
    return -(by - ay) / line.length_m * off, (bx - ax) / line.length_m * off


def _lay_crossing(
    footways: Footways,
    trail: Trail,
    step: tuple[int, int],
    lateral: Lateral,
    before: int | None,
    after: int | None,
) -> None:
    edge, node = step
    line = footways.line(edge, node)
    (ax, ay, az), (bx, by, bz) = line.points[0], line.points[-1]
    ux, uy = (bx - ax) / line.length_m, (by - ay) / line.length_m
    ox, oy = _kerb_offset(footways, edge, node, lateral)
    near, far = (_back_m(footways, e, lateral.back_m) for e in (before, after))
    trail.add_crossing(
        (ax + ox - near * ux, ay + oy - near * uy, az),
        (bx + ox + far * ux, by + oy + far * uy, bz),
        half_width_m(footways.half_m[edge] - math.hypot(ox, oy)),
        Crossing(first=0, signal_ids=footways.graph.edges[edge].signal_ids),
    )


def _back_m(footways: Footways, link: int | None, back_m: float) -> float:
    """How far from the end of a zebra somebody stands: behind the kerb, on the pavement."""
    if link is None or link not in footways.links:
        return 0.0
    to_kerb, half = footways.links[link]
    return to_kerb + min(back_m, max(0.0, 2.0 * half - EDGE_MARGIN_M))


def half_width_m(room_m: float) -> float:
    """From the line that is walked to walls, to the centimetre, where there is so much room."""
    return round(max(room_m - WALL_MARGIN_M, LEAST_HALF_WIDTH_M), 2)


def within(off_m: float, half_m: float) -> float:
    """An offset cut to what an edge is wide."""
    limit = max(0.0, half_m - EDGE_MARGIN_M)
    return min(max(off_m, -limit), limit)


def stretch(line: Line, first_m: float, last_m: float, off_m: float) -> list[Point]:
    """The line from one distance to another, moved to the left."""
    if first_m <= 0.0 and last_m >= line.length_m:
        return [
            (x + off_m * lx, y + off_m * ly, z)
            for (x, y, z), (lx, ly) in zip(line.points, line.left, strict=True)
        ]
    out: list[Point] = []
    walked = 0.0
    for k, (x, y, z) in enumerate(line.points):
        if k:
            px, py, pz = line.points[k - 1]
            step = math.hypot(x - px, y - py)
            for place in (first_m, last_m):
                if walked < place < walked + step:
                    share = (place - walked) / step
                    lx, ly = -(y - py) / step, (x - px) / step
                    out.append(
                        (
                            px + share * (x - px) + off_m * lx,
                            py + share * (y - py) + off_m * ly,
                            round(pz + share * (z - pz), 3),
                        )
                    )
            walked += step
        if first_m <= walked <= last_m:
            lx, ly = line.left[k]
            out.append((x + off_m * lx, y + off_m * ly, z))
    return out
