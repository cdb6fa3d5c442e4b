"""Hulls: a body lofted along its length, with open wheel arches, and the points on its skin."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float, Float64, Int
from scipy.interpolate import PchipInterpolator

from drivegen.embedded.assets.forms import loft
from drivegen.embedded.assets.sculpt import Shape

Array = Float64[np.ndarray, "*n"]
Points = Float64[np.ndarray, "*n 3"]
Knots = tuple[tuple[float, float], ...]

TOP_ROWS = ((1.0, 0.0), (0.985, 0.36), (0.945, 0.66), (0.86, 0.86), (0.62, 0.955), (0.32, 0.99), (0.0, 1.0))
"""Rows from shoulder to middle: (share of the half width, share of the rise)."""
ARCH_POINTS = 13
TURN_POINTS = 9
"""Sections over a quarter of the plan of nose or tail."""


UNDER_ROWS = 3
"""Rows of faces of the floor, the wells and their roofs."""
CURVE_POINTS = 65
"""A smooth curve through knots becomes a polyline of so many points between each two: quick to read off."""


def _curve(knots: Knots) -> tuple[Array, Array]:
    x, y = np.array(knots, np.float64).T
    at = np.unique(np.concatenate([np.linspace(x[0], x[-1], CURVE_POINTS), x]))
    return at, np.asarray(PchipInterpolator(x, y)(at))


@dataclass(frozen=True, slots=True, kw_only=True)
class Arch:
    """A wheel arch on both sides."""

    x_m: float
    z_m: float
    """Height of the wheel's middle."""
    radius_m: float
    """0 where a wheel stands free."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Hull:
    """A closed body; origin on the ground under the middle of its length. Heights above the ground."""

    length_m: float
    half_width_m: float
    sill_m: float
    """Height of the lower edge."""
    top_fz: Knots
    """Height of the top along the middle, by share of the length from the front."""
    edge_m: float
    """How far the shoulder, where the side turns into the top, lies below the top."""
    nose_m: float
    nose_power: float
    """Length over which the plan is rounded, and the power of its superellipse: 2 round, 6 boxy."""
    tail_m: float
    tail_power: float
    nose_zx: Knots = ((0.0, 0.0), (1.0, 0.0))
    """How far the nose lies back at a height: its outline from the side."""
    tail_zx: Knots = ((0.0, 0.0), (1.0, 0.0))
    side_vy: Knots = ((0.0, 0.95), (1.0, 1.0))
    """Half width as a share of the widest, by height from the sill (0) to the waist (1)."""
    waist_m: float = 0.9
    """Height that `side_vy` calls 1."""
    arches: tuple[Arch, ...] = ()
    flare_m: float = 0.0
    """How far the sides swell over the wheels."""
    well_m: float = 0.34
    """Depth of the wheel wells."""

    @cached_property
    def _top(self) -> tuple[Array, Array]:
        return _curve(self.top_fz)

    @cached_property
    def _side(self) -> tuple[Array, Array]:
        return _curve(self.side_vy)

    @cached_property
    def _nose(self) -> tuple[Array, Array]:
        return _curve(self.nose_zx)

    @cached_property
    def _tail(self) -> tuple[Array, Array]:
        return _curve(self.tail_zx)

    def x(self, share: float) -> float:
        """x of a share of the length from the front."""
        return self.length_m * (0.5 - share)

    def top_m(self, x_m: Float[np.ndarray, "*n"] | float) -> Array:
        """Height of the top along the middle."""
        return np.asarray(np.interp(0.5 - np.asarray(x_m, np.float64) / self.length_m, *self._top))

    def shoulder_m(self, x_m: Float[np.ndarray, "*n"] | float) -> Array:
        """Height where the side turns into the top."""
        return self.top_m(x_m) - self.edge_m

    def plan_m(self, x_m: Float[np.ndarray, "*n"] | float) -> Array:
        """Half width of the plan, tapering over nose and tail (superellipses)."""
        half, x = self.length_m / 2, np.asarray(x_m, np.float64)
        nose = np.clip((x - (half - self.nose_m)) / self.nose_m, 0.0, 1.0)
        tail = np.clip((-(half - self.tail_m) - x) / self.tail_m, 0.0, 1.0)
        front = (1.0 - nose**self.nose_power) ** (1.0 / self.nose_power)
        rear = (1.0 - tail**self.tail_power) ** (1.0 / self.tail_power)
        return np.asarray(self.half_width_m * np.minimum(front, rear))

    def side_share(self, z_m: Float[np.ndarray, "*n"] | float) -> Array:
        """The side's half width at a height over the widest."""
        v = (np.asarray(z_m, np.float64) - self.sill_m) / (self.waist_m - self.sill_m)
        return np.asarray(np.interp(v, *self._side))

    def swell_m(self, x_m: Float[np.ndarray, "*n"], z_m: Float[np.ndarray, "*n"]) -> Array:
        """How far the side stands out over the wheels."""
        out = np.zeros(np.broadcast_shapes(np.shape(x_m), np.shape(z_m)))
        for arch in self.arches:
            if arch.radius_m > 0.0 and self.flare_m > 0.0:
                away = (
                    np.hypot(np.asarray(x_m) - arch.x_m, 0.9 * (np.asarray(z_m) - arch.z_m)) / arch.radius_m
                )
                out += self.flare_m * np.clip(1.0 - np.maximum(away - 1.0, 0.0) / 0.42, 0.0, 1.0) ** 2
        return out

    def set_back_m(self, x_m: Float[np.ndarray, "*n"], z_m: Float[np.ndarray, "*n"]) -> Array:
        """Shift along x that gives nose and tail their outline from the side."""
        half, x, z = self.length_m / 2, np.asarray(x_m, np.float64), np.asarray(z_m, np.float64)
        front = np.clip((x - (half - self.nose_m)) / self.nose_m, 0.0, 1.0)
        rear = np.clip((-(half - self.tail_m) - x) / self.tail_m, 0.0, 1.0)
        return np.asarray(np.interp(z, *self._tail) * rear - np.interp(z, *self._nose) * front)

    def side_point_m(
        self, x_m: Float[np.ndarray, "*n"] | float, z_m: Float[np.ndarray, "*n"] | float
    ) -> Points:
        """Points on the left side."""
        x, z = np.broadcast_arrays(np.asarray(x_m, np.float64), np.asarray(z_m, np.float64))
        y = self.plan_m(x) * self.side_share(z) + self.swell_m(x, z)
        return np.stack([x + self.set_back_m(x, z), y, z], axis=-1)

    def end_point_m(
        self, front: bool, turn_deg: Float[np.ndarray, "*n"] | float, z_m: Float[np.ndarray, "*n"] | float
    ) -> Points:
        """Points on nose or tail; turns run from the middle (0) round the left corner to the side (90)."""
        turn, z = np.broadcast_arrays(np.asarray(turn_deg, np.float64), np.asarray(z_m, np.float64))
        reach, power = (self.nose_m, self.nose_power) if front else (self.tail_m, self.tail_power)
        angle = np.radians(np.clip(np.abs(turn), 0.0, 90.0))
        x = self.length_m / 2 - reach + reach * np.cos(angle) ** (2.0 / power)
        y = self.half_width_m * np.sin(angle) ** (2.0 / power)
        x = x if front else -x
        y = y * self.side_share(z) + self.swell_m(x, z) * np.sin(angle)
        return np.stack([x + self.set_back_m(x, z), np.copysign(y, turn), z], axis=-1)

    def turn_of(self, front: bool, across: float) -> float:
        """The turn, degrees, at a share of the half width."""
        power = self.nose_power if front else self.tail_power
        return math.copysign(math.degrees(math.asin(min(abs(across), 1.0) ** (power / 2.0))), across)

    def top_point_m(
        self, x_m: Float[np.ndarray, "*n"] | float, across: Float[np.ndarray, "*n"] | float
    ) -> Points:
        """Points on the top: bonnet, boot lid, roof. `across` is a share of the shoulder's half width."""
        x, a = np.broadcast_arrays(np.asarray(x_m, np.float64), np.asarray(across, np.float64))
        shares = np.array(TOP_ROWS)[::-1]
        rise = np.interp(np.abs(a), shares[:, 0], shares[:, 1])
        shoulder, top = self.shoulder_m(x), self.top_m(x)
        z = shoulder + rise * (top - shoulder)
        y = a * (self.plan_m(x) * self.side_share(shoulder) + self.swell_m(x, shoulder))
        return np.stack([x + self.set_back_m(x, z), y, z], axis=-1)

    def stations(self) -> tuple[Array, Array]:
        """(x, lower edge) of the sections from rear to front."""
        half = self.length_m / 2
        turn = np.linspace(0.0, math.pi / 2, TURN_POINTS)
        nose = half - self.nose_m + self.nose_m * np.sin(turn) ** (2.0 / self.nose_power)
        tail = -(half - self.tail_m + self.tail_m * np.sin(turn) ** (2.0 / self.tail_power))
        middle = np.linspace(-half + self.tail_m, half - self.nose_m, max(8, round(self.length_m * 2.2)))
        plain = np.concatenate([tail, nose, middle[1:-1]])
        pairs: list[tuple[float, float]] = []
        clear = np.ones(len(plain), bool)
        for arch in self.arches:
            if arch.radius_m <= 0.0:
                continue
            clear &= np.abs(plain - arch.x_m) > arch.radius_m + 0.03
            for angle in np.linspace(0.0, math.pi, ARCH_POINTS):
                low = max(arch.z_m + arch.radius_m * math.sin(angle), self.sill_m)
                pairs.append((arch.x_m + arch.radius_m * math.cos(angle), low))
            pairs += [(arch.x_m + s * (arch.radius_m + 0.004), self.sill_m) for s in (-1, 1)]
        pairs += [(float(x), self.sill_m) for x in plain[clear]]
        pairs = sorted(p for p in pairs if abs(p[0]) <= half)
        x, low = np.array(pairs).T
        return x, low

    def rows_between(self, row: Int[np.ndarray, "t"], low_v: float, high_v: float) -> np.ndarray:
        """Which faces of the side lie between two heights, as `side_vy` counts them."""
        v = np.array([k for k, _ in self.side_vy])
        middle = np.concatenate([[-9.0] * UNDER_ROWS, (v[1:] + v[:-1]) / 2, [9.0] * (2 + len(TOP_ROWS))])
        return np.asarray((middle[row] > low_v) & (middle[row] < high_v))

    def shape(self) -> tuple[Shape, Int[np.ndarray, "t"]]:
        """The closed body; and each face's row from the floor's middle up (see `rows_between`)."""
        x, low = self.stations()
        plan, shoulder, top = self.plan_m(x), self.shoulder_m(x), self.top_m(x)
        floor = np.full_like(x, self.sill_m + 0.01)
        inner = np.maximum(plan - self.well_m, 0.0)
        rows = [(np.zeros_like(x), floor), (inner, floor), (inner, np.maximum(low, floor))]
        span = self.waist_m - self.sill_m
        for v, _ in self.side_vy:
            # Rows keep their height along the whole side, so that creases run straight over the wheels.
            z = np.minimum(np.maximum(self.sill_m + max(v, 0.0) * span, low), shoulder)
            rows.append((plan * self.side_share(z) + self.swell_m(x, z) * np.minimum(plan, 1.0), z))
        edge = plan * self.side_share(shoulder) + self.swell_m(x, shoulder) * np.minimum(plan, 1.0)
        for out, rise in TOP_ROWS:
            rows.append((edge * out, shoulder + rise * (top - shoulder)))
        left = np.stack([np.stack([x, y, z], axis=1) for y, z in rows])
        points = np.concatenate([left, left[-2:0:-1] * np.array([1.0, -1.0, 1.0])])
        points[..., 0] += self.set_back_m(points[..., 0], points[..., 2])
        rings = points.transpose(1, 0, 2)
        columns = rings.shape[1]
        column = np.tile(np.repeat(np.arange(columns), 2), len(rings) - 1)
        column = np.concatenate([np.minimum(column, columns - 1 - column), np.full(2 * columns, 9)])
        return loft(rings), column
