"""Surfaces of a trunk: its level sections, and what lies flat on it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64

from drivegen.embedded.assets.forms import loft, patch
from drivegen.embedded.assets.sculpt import Shape

Ring = Float64[np.ndarray, "n 3"]
Rows = Sequence[tuple[float, float, float, float]]
"""(height, half width, front, back): `back` is how far behind the axis the section reaches, positive."""


def body_ring(
    z: float,
    half_width: float,
    front: float,
    back: float,
    power: float = 2.3,
    sides: int = 12,
    y: float = 0.0,
) -> Ring:
    """A level section of a body: from `back` to `front` along x, rounded by a superellipse."""
    angle = np.arange(sides) * (2 * math.pi / sides)
    c, s = np.cos(angle), np.sin(angle)
    round_to = 2.0 / power
    middle, half = (front + back) / 2, (front - back) / 2
    out = np.empty((sides, 3))
    out[:, 0] = middle + half * np.sign(c) * np.abs(c) ** round_to
    out[:, 1] = y + half_width * np.sign(s) * np.abs(s) ** round_to
    out[:, 2] = z
    return out


def tubular(rows: Rows, power: float = 2.0, sides: int = 10) -> Shape:
    """A closed solid through level sections that are given as rows."""
    table = np.asarray(rows, np.float64)
    return loft(_rings(table, power, sides))


def _rings(table: Float64[np.ndarray, "m 4"], power: float, sides: int) -> Float64[np.ndarray, "m n 3"]:
    angle = np.arange(sides) * (2 * math.pi / sides)
    c, s = np.cos(angle), np.sin(angle)
    c, s = np.sign(c) * np.abs(c) ** (2.0 / power), np.sign(s) * np.abs(s) ** (2.0 / power)
    z, half, front, back = table.T
    out = np.empty((len(table), sides, 3))
    out[..., 0] = ((front - back) / 2)[:, None] + ((front + back) / 2)[:, None] * c
    out[..., 1] = half[:, None] * s
    out[..., 2] = z[:, None]
    return out


def smooth_rows(rows: Rows, count: int) -> Float64[np.ndarray, "count 4"]:
    """Rows at even heights through given ones, without overshoot (Fritsch and Butland 1984)."""
    table = np.asarray(rows, np.float64)
    z, values = table[:, 0], table[:, 1:]
    at = np.linspace(z[0], z[-1], count)
    step = np.diff(z)[:, None]
    slope = np.diff(values, axis=0) / step
    low, high = slope[:-1], slope[1:]
    w1, w2 = 2 * step[1:] + step[:-1], step[1:] + 2 * step[:-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        inner = np.where(low * high > 0, (w1 + w2) / (w1 / low + w2 / high), 0.0)
    tangent = np.concatenate([slope[:1], inner, slope[-1:]])
    k = np.clip(np.searchsorted(z, at, side="right") - 1, 0, len(z) - 2)
    h = step[k]
    t = ((at - z[k])[:, None]) / h
    out = (
        (2 * t**3 - 3 * t**2 + 1) * values[k]
        + (t**3 - 2 * t**2 + t) * h * tangent[k]
        + (3 * t**2 - 2 * t**3) * values[k + 1]
        + (t**3 - t**2) * h * tangent[k + 1]
    )
    return np.column_stack([at, out])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trunk:
    """A trunk's surface in metres, in the torso's frame."""

    rows_m: Float64[np.ndarray, "m 4"]
    power: float = 2.5
    sides: int = 16

    def shape(self) -> Shape:
        """The closed solid."""
        return loft(_rings(self.rows_m, self.power, self.sides))

    def row(self, z_m: float) -> tuple[float, float, float]:
        """(half width, front, back) at a height."""
        z = self.rows_m[:, 0]
        half, front, back = (float(np.interp(z_m, z, self.rows_m[:, k])) for k in (1, 2, 3))
        return half, front, back

    def x_at(
        self, y_m: Float[np.ndarray, "..."], z_m: Float[np.ndarray, "..."], side: float = 1.0
    ) -> Float64[np.ndarray, "..."]:
        """How far forward the surface is: of the front (side 1) or of the back (-1)."""
        z = self.rows_m[:, 0]
        half, front, back = (np.interp(z_m, z, self.rows_m[:, k]) for k in (1, 2, 3))
        bulge = np.maximum(1.0 - np.minimum(np.abs(y_m) / half, 0.995) ** self.power, 0.0)
        return np.asarray((front - back) / 2 + side * (front + back) / 2 * bulge ** (1.0 / self.power))

    def decal(
        self,
        low_left_m: tuple[float, float],
        high_right_m: tuple[float, float],
        *,
        side: float = 1.0,
        off_m: float = 0.004,
        cells: tuple[int, int] = (3, 3),
        slant_m: float = 0.0,
    ) -> Shape:
        """A patch that lies on the front or the back.

        Args:
            low_left_m: (y, z) of one corner.
            high_right_m: (y, z) of the other.
            side: 1 front, -1 back.
            off_m: its distance from the surface.
            cells: across and up.
            slant_m: by which its upper edge is shifted to the left.
        """
        (y0, z0), (y1, z1) = low_left_m, high_right_m
        up, across = np.linspace(0, 1, cells[1] + 1)[:, None], np.linspace(0, 1, cells[0] + 1)[None, :]
        y = y0 + (y1 - y0) * across + slant_m * up
        z = z0 + (z1 - z0) * up + 0.0 * across
        x = self.x_at(y, z, side) + side * off_m
        return patch(np.stack([x, y, z], axis=-1)).facing((side, 0.0, 0.0))

    def belt(self, low_m: float, high_m: float, off_m: float = 0.004) -> Shape:
        """A band all round."""
        heights = [low_m, *(z for z in self.rows_m[:, 0] if low_m + 0.004 < z < high_m - 0.004), high_m]
        table = np.array([(z, *(v + off_m for v in self.row(z))) for z in heights])
        return loft(_rings(table, self.power, self.sides), cap=False).closed()

    def over(self, y_m: float, width_m: float, low_m: float, *, off_m: float = 0.005) -> Shape:
        """A strap over one shoulder, from the front at a height to the same height at the back."""
        inside = self.rows_m[:, 1] > abs(y_m) * 1.04
        crest = float(self.rows_m[inside, 0].max())
        z = np.concatenate([np.linspace(low_m, crest, 6), np.linspace(crest, low_m, 6)])
        sides = np.repeat([1.0, -1.0], 6)
        lift = np.where((np.arange(12) == 5) | (np.arange(12) == 6), off_m, 0.0)
        edges = []
        for y in (y_m + width_m / 2, y_m - width_m / 2):
            across = np.full(6, y)
            front, back = self.x_at(across, z[:6]), self.x_at(across, z[6:], -1.0)
            x = np.concatenate([front, back]) + sides * off_m
            edges.append(np.stack([x, np.full(12, y), z + lift], axis=1))
        return patch(np.stack(edges)).facing((0.0, 0.0, 1.0))
