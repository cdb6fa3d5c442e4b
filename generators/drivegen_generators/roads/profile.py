"""Vertical profiles: straight grades joined by parabolas, as OpenDRIVE's elevation records.

Limits are those of CJJ 37-2012 (Code for design of urban road engineering), section 6.3: the steepest grade
and the least radius of crests and sags (general values) by design speed.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from drivegen.opendrive.model import Cubic

_LIMITS: dict[int, tuple[float, float, float]] = {
    20: (0.08, 150.0, 150.0),
    30: (0.07, 400.0, 400.0),
    40: (0.06, 600.0, 700.0),
    50: (0.055, 1350.0, 1050.0),
    60: (0.05, 1800.0, 1500.0),
    80: (0.04, 4500.0, 2700.0),
    100: (0.03, 10000.0, 4500.0),
}
"""Design speed in km/h: steepest grade, least radius of crests and of sags in metres."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeLimits:
    """What a design speed allows."""

    steepest: float
    """Rise over run."""
    crest_radius_m: float
    sag_radius_m: float


def grade_limits(speed_kmh: float) -> GradeLimits:
    """Limits at the next higher design speed of the code; above 100 km/h those of 100 km/h."""
    speed = next((v for v in _LIMITS if v >= speed_kmh), 100)
    steepest, crest, sag = _LIMITS[speed]
    return GradeLimits(steepest=steepest, crest_radius_m=crest, sag_radius_m=sag)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Heights along an axis, from 0 on; beyond the last piece it goes on as that piece."""

    pieces: tuple[Cubic, ...] = (Cubic(s_m=0.0, a=0.0),)

    def height_m(self, s_m: float) -> float:
        """Height at a distance."""
        p = self._piece(s_m)
        ds = s_m - p.s_m
        return p.a + ds * (p.b + ds * (p.c + ds * p.d))

    def _piece(self, s_m: float) -> Cubic:
        return self.pieces[max(bisect_right([p.s_m for p in self.pieces], s_m) - 1, 0)]

    def reversed(self, length_m: float) -> tuple[Cubic, ...]:
        """The same heights seen from the other end of an axis of that length."""
        out = []
        kept = [p for p in self.pieces if p.s_m < length_m]
        ends = [*(p.s_m for p in kept[1:]), length_m]
        for p, end in zip(reversed(kept), reversed(ends), strict=True):
            u = end - p.s_m
            out.append(
                Cubic(
                    s_m=length_m - end,
                    a=p.a + u * (p.b + u * (p.c + u * p.d)),
                    b=-(p.b + u * (2.0 * p.c + 3.0 * p.d * u)),
                    c=p.c + 3.0 * p.d * u,
                    d=-p.d,
                )
            )
        return tuple(out)


LEVEL = Profile()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ramp:
    """From one level to another: a parabola, a straight grade, a parabola back to level."""

    rise_m: float
    """Negative: down."""
    grade: float
    """Rise over run of the straight part, positive; less where the rise is too small to reach it."""
    first_radius_m: float
    last_radius_m: float

    @property
    def _slope(self) -> float:
        # Both parabolas alone rise slope^2 (r1 + r2) / 2.
        radii = self.first_radius_m + self.last_radius_m
        return min(self.grade, (2.0 * abs(self.rise_m) / radii) ** 0.5)

    @property
    def length_m(self) -> float:
        """Along the axis."""
        slope = self._slope
        if slope <= 0.0:
            return 0.0
        radii = self.first_radius_m + self.last_radius_m
        # Each parabola of length r slope rises r slope^2 / 2.
        return radii * slope + max(abs(self.rise_m) - 0.5 * slope * slope * radii, 0.0) / slope

    def pieces(self, s_m: float, height_m: float) -> tuple[Cubic, ...]:
        """From a distance and a height on; the last piece is level."""
        slope = self._slope
        if slope <= 0.0:
            return (Cubic(s_m=s_m, a=height_m),)
        sign = 1.0 if self.rise_m > 0.0 else -1.0
        first, last = self.first_radius_m * slope, self.last_radius_m * slope
        middle = self.length_m - first - last
        top = height_m + self.rise_m
        after_first = height_m + sign * 0.5 * slope * first
        out = [Cubic(s_m=s_m, a=height_m, c=sign * 0.5 / self.first_radius_m)]
        if middle > 1e-3:
            out.append(Cubic(s_m=s_m + first, a=after_first, b=sign * slope))
        start = top - sign * 0.5 * slope * last
        begin = s_m + first + middle
        out.append(Cubic(s_m=begin, a=start, b=sign * slope, c=-sign * 0.5 / self.last_radius_m))
        out.append(Cubic(s_m=s_m + self.length_m, a=top))
        return tuple(out)


def graded(
    length_m: float, grade: float, limits: GradeLimits, first_level_m: float, last_level_m: float
) -> Profile:
    """Level, a grade between vertical curves, level again at another height.

    The grade is lessened until the curves have the radii that the limits ask for.

    Args:
        length_m: of the axis.
        grade: rise over run, negative down; 0: level.
        limits: of the design speed.
        first_level_m: so much at the start stays level.
        last_level_m: so much at the end stays level.
    """
    room = length_m - first_level_m - last_level_m
    radius = max(limits.crest_radius_m, limits.sag_radius_m)
    most = min(limits.steepest, 0.5 * room / radius)
    slope = min(abs(grade), most)
    if slope < 1e-4:
        return LEVEL
    curve = max(radius * slope, room / 3.0)
    ramp = Ramp(
        rise_m=(slope if grade > 0.0 else -slope) * (room - curve),
        grade=slope,
        first_radius_m=curve / slope,
        last_radius_m=curve / slope,
    )
    return Profile(pieces=(Cubic(s_m=0.0, a=0.0), *ramp.pieces(first_level_m, 0.0)))
