"""The line that an expressway follows: out, round a turn-around, back beside itself, round another one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from drivegen.opendrive.model import Arc, Geometry
from drivegen_generators.roads.plan_view import Heading, Path, reversed_path

_MOST_TURN_RAD = 0.7
"""Of one bend, so that the ends of a long expressway never meet."""


def stretch(path: Path, first_m: float, last_m: float, right_m: float = 0.0) -> Path:
    """The part of a path between two of its stations, shifted to the right.

    Args:
        path: what is followed; arcs must be wider than the shift.
        first_m: station where the part begins.
        last_m: where it ends, beyond `first_m`.
        right_m: parallel shift.
    """
    out = Path(heading_at(path, first_m).moved(0.0, -right_m))
    for piece in path.geometries:
        length = min(last_m, piece.s_m + piece.length_m) - max(first_m, piece.s_m)
        if length <= 0.0:
            continue
        bend = _bend(piece)
        wider = 1.0 + bend * right_m
        out.arc(length * wider, bend / wider)
    return out


def heading_at(path: Path, s_m: float) -> Heading:
    """Place and direction at a station of a path."""
    piece = [g for g in path.geometries if g.s_m <= s_m + 1e-9][-1]
    start = Heading(x_m=piece.x_m, y_m=piece.y_m, heading_rad=piece.heading_rad)
    return Path(start).arc(s_m - piece.s_m, _bend(piece)).end


def _bend(piece: Geometry) -> float:
    return piece.shape.curvature_pm if isinstance(piece.shape, Arc) else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """Four paths end to end; the traffic keeps to the right of each."""

    out: Path
    far: Path
    """Turn-around at the end of `out`."""
    back: Path
    near: Path
    """Turn-around at the end of `back`."""


def make_axis(
    length_m: float, bends_pm: Sequence[float], *, half_width_m: float, loop_radius_m: float
) -> Axis:
    """The axis, with the middle of the straight part at (0, 0).

    Args:
        length_m: from turn-around to turn-around.
        bends_pm: curvatures of equally long parts, positive to the left; flattened where they turn too far.
        half_width_m: from the axis to the tightest line that still has to turn right, plus its radius.
        loop_radius_m: of the axis in the turn-arounds' left bends.
    """
    each = length_m / len(bends_pm)
    most = _MOST_TURN_RAD / each
    flat = [min(max(bend, -most), most) for bend in bends_pm]

    def walk(start: Heading) -> Path:
        path = Path(start)
        for bend in flat:
            path.arc(each, bend)
        return path

    trial = walk(Heading(x_m=0.0, y_m=0.0, heading_rad=0.0))
    middle = heading_at(trial, length_m / 2.0)
    chord = math.atan2(trial.end.y_m, trial.end.x_m)
    c, s = math.cos(chord), math.sin(chord)
    out = walk(
        Heading(
            x_m=-middle.x_m * c - middle.y_m * s,
            y_m=middle.x_m * s - middle.y_m * c,
            heading_rad=-chord,
        )
    )
    back = reversed_path(out)
    return Axis(
        out=out,
        far=_teardrop(out.end, half_width_m, loop_radius_m),
        back=back,
        near=_teardrop(back.end, half_width_m, loop_radius_m),
    )


def _teardrop(start: Heading, right_m: float, left_m: float) -> Path:
    """Right, round to the left, right again, back to where it began."""
    angle = math.acos(right_m / (right_m + left_m))
    return (
        Path(start)
        .arc(right_m * angle, -1.0 / right_m)
        .arc(left_m * (math.pi + 2.0 * angle), 1.0 / left_m)
        .arc(right_m * angle, -1.0 / right_m)
    )
