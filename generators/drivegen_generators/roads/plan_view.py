"""Reference lines drawn with straight pieces and arcs."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from drivegen.opendrive.model import Arc, Geometry, Line

_FLATTEST_PM = 1e-5
_SHORTEST_M = 1e-3

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A point and a direction."""

    x_m: float
    y_m: float
    heading_rad: float

    def moved(self, along_m: float, left_m: float) -> Heading:
        """The same direction, further on and to the left."""
        c, s = math.cos(self.heading_rad), math.sin(self.heading_rad)
        return replace(
            self,
            x_m=self.x_m + along_m * c - left_m * s,
            y_m=self.y_m + along_m * s + left_m * c,
        )

    def turned_back(self) -> Heading:
        """The same point, the other direction."""
        return replace(self, heading_rad=self.heading_rad + math.pi)


class Path:
    """A chain of lines and arcs, each tangent to the one before."""

    def __init__(self, start: Heading) -> None:
        self.start = start
        self.end = start
        self.length_m = 0.0
        self._pieces: list[Geometry] = []

    @property
    def geometries(self) -> tuple[Geometry, ...]:
        """The pieces in order."""
        return tuple(self._pieces)

    def line(self, length_m: float) -> Path:
        """Goes straight on."""
        return self._add(length_m, 0.0)

    def arc(self, length_m: float, curvature_pm: float) -> Path:
        """Bends, to the left where the curvature is positive."""
        return self._add(length_m, curvature_pm)

    def _add(self, length_m: float, curvature_pm: float) -> Path:
        if length_m < _SHORTEST_M:
            return self
        curvature = curvature_pm if abs(curvature_pm) >= _FLATTEST_PM else 0.0
        at = self.end
        before = self._pieces[-1] if self._pieces else None
        if before is not None and not curvature and isinstance(before.shape, Line):
            self._pieces[-1] = replace(before, length_m=before.length_m + length_m)
        else:
            self._pieces.append(self._piece(at, length_m, curvature))
        turn = curvature * length_m
        chord = length_m if not curvature else 2.0 * math.sin(turn / 2.0) / curvature
        middle = replace(at, heading_rad=at.heading_rad + turn / 2.0)
        self.end = replace(middle.moved(chord, 0.0), heading_rad=at.heading_rad + turn)
        self.length_m += length_m
        return self

    def _piece(self, at: Heading, length_m: float, curvature: float) -> Geometry:
        return Geometry(
            s_m=self.length_m,
            x_m=at.x_m,
            y_m=at.y_m,
            heading_rad=math.remainder(at.heading_rad, math.tau),
            length_m=length_m,
            shape=Arc(curvature_pm=curvature) if curvature else Line(),
        )


def reversed_path(path: Path) -> Path:
    """The same line walked from its end."""
    out = Path(path.end.turned_back())
    for piece in reversed(path.geometries):
        if isinstance(piece.shape, Arc):
            out.arc(piece.length_m, -piece.shape.curvature_pm)
        else:
            out.line(piece.length_m)
    return out


def fillet(start: Heading, end: Heading, radius_m: float | None = None) -> Path:
    """Line, arc, line between two directions that meet; by default with the largest radius that fits.

    Raises ValueError if the radius does not fit.
    """
    turn = math.remainder(end.heading_rad - start.heading_rad, math.tau)
    cross = math.sin(turn)
    dx, dy = end.x_m - start.x_m, end.y_m - start.y_m
    before = (dx * math.sin(end.heading_rad) - dy * math.cos(end.heading_rad)) / cross
    after = (dy * math.cos(start.heading_rad) - dx * math.sin(start.heading_rad)) / cross
    tangent = 0.97 * min(before, after)
    if radius_m is not None:
        tangent = radius_m * math.tan(abs(turn) / 2.0)
    if tangent <= 0.0 or tangent > min(before, after) + 1e-6:
        raise ValueError(f"no arc of radius {radius_m} fits between legs of {before:.2f} m and {after:.2f} m")
    radius = tangent / math.tan(abs(turn) / 2.0)
    path = Path(start).line(before - tangent)
    return path.arc(radius * abs(turn), math.copysign(1.0 / radius, turn)).line(after - tangent)


def biarc(start: Heading, end: Heading) -> Path:
    """Two arcs that meet tangentially in the middle (Bolton 1975, with equal tangent lengths)."""
    c0, s0 = math.cos(start.heading_rad), math.sin(start.heading_rad)
    c1, s1 = math.cos(end.heading_rad), math.sin(end.heading_rad)
    vx, vy = end.x_m - start.x_m, end.y_m - start.y_m
    along = vx * (c0 + c1) + vy * (s0 + s1)
    square = vx * vx + vy * vy
    open_angle = 2.0 * (1.0 - (c0 * c1 + s0 * s1))
    if open_angle < 1e-9:
        tangent = square / (2.0 * along)
    else:
        tangent = (math.sqrt(along * along + open_angle * square) - along) / open_angle
    joint = (
        0.5 * (start.x_m + tangent * c0 + end.x_m - tangent * c1),
        0.5 * (start.y_m + tangent * s0 + end.y_m - tangent * s1),
    )
    path = Path(start)
    for target in (joint, (end.x_m, end.y_m)):
        _arc_to(path, target)
    return path


def _arc_to(path: Path, target: Point) -> None:
    at = path.end
    dx, dy = target[0] - at.x_m, target[1] - at.y_m
    c, s = math.cos(at.heading_rad), math.sin(at.heading_rad)
    cross, dot = c * dy - s * dx, c * dx + s * dy
    turn = 2.0 * math.atan2(cross, dot)
    chord = math.hypot(dx, dy)
    if abs(turn) < _FLATTEST_PM * chord:
        path.line(chord)
        return
    curvature = 2.0 * cross / (chord * chord)
    path.arc(turn / curvature, curvature)
