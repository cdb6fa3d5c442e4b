"""Work zones: a closed lane, cones that lead past it, signs, an arrow board, and what is done there."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from drivegen.opendrive.model import LaneType, Road, RoadObject, Signal
from drivegen.opendrive.things import thing_object
from drivegen_generators.roads.fittings import sign, speed_sign
from drivegen_generators.roads.lane_closure import Closure, close_lane, plain_lanes
from drivegen_generators.roads.strips import driving_edge_m, edge_m

WORKS_MPS = 30.0 / 3.6
MOST_OBJECTS = 90
SIGNALS = 5
_APPROACH_M = 26.0
"""Signs stand so far ahead of where the lane begins to narrow."""
_NARROWS_M = 20.0
_CONES_EARLY_M = 12.0
"""The row of cones leaves the kerb so far before the lane is gone,"""
_CONES_LATE_M = 14.0
"""and has crossed it so far behind: vehicles that keep in the lane to its end must pass inside the cones."""
_CONES_OUT_M = 6.0
_OPENS_M = 12.0
_LEAST_WORKS_M = 16.0
_MOST_WORKS_M = 60.0
_TAPER_SPACING_M = 2.5
_SPACING_M = 4.0
_FROM_LINE_M = 0.45
_FROM_KERB_M = 0.3
_POINTS_RIGHT = (2, 5, 7, 9, 20, 23)
_POINTS_LEFT = (0, 1, 3, 10, 13, 16, 19)
"""Members of the family of arrow boards, as the traffic sees them."""
_SIZES_M = {
    "traffic_cone": (0.42, 0.42, 0.9),
    "warning_beacon": (0.47, 0.54, 1.4),
    "arrow_board": (2.2, 2.2, 2.61),
    "water_barrier": (2.0, 0.47, 1.0),
    "concrete_barrier": (4.0, 0.64, 0.92),
    "crowd_barrier": (2.2, 0.62, 1.14),
    "open_manhole": (2.28, 1.15, 1.0),
    "pallet": (1.2, 1.1, 1.04),
}
"""Boxes that hold every member of a family."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Zone:
    """Stations of a zone and t of the closed lane's borders."""

    closure: Closure
    line_m: float
    """Between the closed lane and the open ones."""
    kerb_m: float

    @property
    def cones_m(self) -> tuple[float, float, float, float]:
        """The row leaves the kerb, runs along the line, leaves it, and is back at the kerb."""
        c = self.closure
        return (
            c.gone_m - _CONES_EARLY_M,
            c.gone_m + _CONES_LATE_M,
            c.opens_m - _CONES_OUT_M,
            c.opens_m,
        )

    def t_m(self, share: float) -> float:
        """Across the closed lane: 0 beside the open lanes, 1 at the kerb."""
        side = 1.0 if self.line_m > self.kerb_m else -1.0
        near, far = self.line_m - side * _FROM_LINE_M, self.kerb_m + side * _FROM_KERB_M
        return near + share * (far - near)


def least_length_m() -> float:
    """Of the road that a zone takes."""
    return _APPROACH_M + _NARROWS_M + _CONES_LATE_M + _LEAST_WORKS_M + _CONES_OUT_M + _OPENS_M


def can_close(road: Road, start_m: float, end_m: float) -> bool:
    """Whether there is a lane to spare and room for a zone."""
    return end_m - start_m >= least_length_m() and plain_lanes(road, start_m, end_m) >= 2


def add_work_zone(
    road: Road,
    start_m: float,
    end_m: float,
    rng: np.random.Generator,
    *,
    first_object: int,
    first_signal: int,
) -> Road:
    """A zone on a one-way road between two stations for which `can_close` holds.

    Args:
        road: plain between both.
        start_m: of the first sign.
        end_m: where the lane is open again.
        rng: draws the side, the length and the things.
        first_object: the first of `MOST_OBJECTS` ids.
        first_signal: the first of `SIGNALS` ids.
    """
    outer = bool(rng.random() < 0.7)
    spare = end_m - start_m - least_length_m()
    works = _LEAST_WORKS_M + min(float(rng.uniform(0.3, 1.0)) * spare, _MOST_WORKS_M - _LEAST_WORKS_M)
    narrows = start_m + _APPROACH_M
    gone = narrows + _NARROWS_M
    opens = gone + _CONES_LATE_M + works + _CONES_OUT_M
    closure = Closure(outer=outer, narrows_m=narrows, gone_m=gone, opens_m=opens, open_m=opens + _OPENS_M)
    edge = driving_edge_m(road, narrows)
    outermost = -plain_lanes(road, start_m, end_m)
    left = edge_m(road, narrows, lambda _: False)
    if outer:
        line, kerb = edge_m(road, narrows, lambda v: v.id > outermost), edge
    else:
        line, kerb = edge_m(road, narrows, lambda v: v.id == -1), left
    zone = _Zone(closure=closure, line_m=line, kerb_m=kerb)
    made = close_lane(road, closure)
    return replace(
        made,
        objects=(*made.objects, *_things(zone, rng, first_object)),
        signals=(*_moved(made.signals, zone), *_signs(made, zone, first_signal, -outermost, road)),
    )


def _moved(signals: tuple[Signal, ...], zone: _Zone) -> tuple[Signal, ...]:
    """The road's own limit holds again behind the works."""
    until = zone.closure.open_m
    return tuple(replace(v, s_m=until) if v.type == "274" and v.s_m < until else v for v in signals)


def _signs(made: Road, zone: _Zone, first: int, lanes: int, plain: Road) -> tuple[Signal, ...]:
    at = zone.closure.narrows_m - _APPROACH_M
    beside = post_m(plain, at)
    out = [
        sign(first, at + 1.0, beside, "123", "Sign_Roadworks", lanes),
        speed_sign(first + 1, at + 8.0, beside, WORKS_MPS, lanes),
        sign(first + 2, at + 17.0, beside, "120", "Sign_Road_Narrows", lanes),
    ]
    if not any(v.type == "274" for v in made.signals):
        limit = made.types[0].max_mps if made.types else None
        out.append(speed_sign(first + 3, zone.closure.open_m, beside, limit or WORKS_MPS, lanes))
    return tuple(out)


def post_m(road: Road, s_m: float) -> float:
    """t of posts of signs: in the separator, without one behind the kerb."""
    lanes = road.lane_sections[road.section_at(s_m)].right
    edge = driving_edge_m(road, s_m)
    separator = next((v.id for v in lanes if v.type is LaneType.MEDIAN), None)
    if separator is not None:
        return 0.5 * (edge + edge_m(road, s_m, lambda v: v.id >= separator))
    return min(edge, edge_m(road, s_m, lambda v: v.type is LaneType.BIKING)) - 0.6


def _things(zone: _Zone, rng: np.random.Generator, first: int) -> tuple[RoadObject, ...]:
    cone, beacon, barrier = (int(v) for v in rng.integers(0, 1000, 3))
    out: list[tuple[str, int, float, float, float]] = []
    leave, along, back, end = zone.cones_m
    for a, b, spacing, ends in (
        (leave, along, _TAPER_SPACING_M, (1.0, 0.0)),
        (along, back, _SPACING_M, (0.0, 0.0)),
        (back, end, _TAPER_SPACING_M, (0.0, 1.0)),
    ):
        count = max(1, round((b - a) / spacing))
        for k in range(count):
            share = ends[0] + (ends[1] - ends[0]) * k / count
            lit = spacing == _SPACING_M and k % 3 == 2
            kind = ("warning_beacon", beacon) if lit else ("traffic_cone", cone)
            out.append((*kind, a + (b - a) * k / count, zone.t_m(share), 0.0))
    boards = _POINTS_LEFT if zone.closure.outer else _POINTS_RIGHT
    board = boards[int(rng.integers(len(boards)))]
    out.append(("arrow_board", board, along + 3.0, zone.t_m(0.55), math.pi))
    across = ("water_barrier", "crowd_barrier")[int(rng.integers(2))]
    out.append((across, barrier, along + 6.5, zone.t_m(0.5), math.pi / 2.0))
    out.append((across, barrier, back - 1.5, zone.t_m(0.5), math.pi / 2.0))
    at = along + 9.5
    while at < back - 4.0:
        work = ("open_manhole", "pallet", "pallet", "concrete_barrier")[int(rng.integers(4))]
        turned = float(rng.uniform(-0.2, 0.2)) if work == "pallet" else 0.0
        out.append((work, int(rng.integers(1000)), at, zone.t_m(float(rng.uniform(0.5, 0.7))), turned))
        at += float(rng.uniform(5.0, 9.0))
    return tuple(
        thing_object(
            object_id=first + k,
            name="".join(part.capitalize() for part in kind.split("_")),
            kind="barrier" if "barrier" in kind else "obstacle",
            blueprint_id=f"static.prop.drivegen.{kind}",
            variant=variant,
            s_m=s,
            t_m=t,
            heading_rad=heading,
            size_m=_SIZES_M[kind],
        )
        for k, (kind, variant, s, t, heading) in enumerate(out[:MOST_OBJECTS])
    )
