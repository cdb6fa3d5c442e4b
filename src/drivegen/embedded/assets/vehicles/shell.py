"""The outer skin of a car: a lower body lofted along its length, and a cabin lofted upward."""

from __future__ import annotations

import itertools
import math

import numpy as np
from jaxtyping import Float, Float64, Int
from scipy.interpolate import PchipInterpolator

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import grid_faces, loft
from drivegen.embedded.assets.sculpt import FLAT_RAD, ROUND_RAD, Finish, Sculpture, Shape, Vector
from drivegen.embedded.assets.vehicles.style import BodyStyle
from drivegen.embedded.mesh import Material

ROW_SHARES = np.array([0.0, 0.16, 0.42, 0.68, 0.90, 1.0])
"""Heights of the side's rows between lower edge and shoulder."""
TOP_ROWS = ((0.965, 0.48), (0.88, 0.78), (0.50, 0.965), (0.0, 1.0))
"""Rows from shoulder to middle: (share of the half width, share of the rise)."""
WELL_DEPTH_M = 0.34
ARCH_GAP_M = 0.055


class Shell:
    """Geometry of a body in its box, and points on its skin for everything that is fixed to it."""

    def __init__(self, style: BodyStyle, size_lwh_m: tuple[float, float, float]) -> None:
        length, width, height = size_lwh_m
        self.style = style
        self.length_m, self.height_m = length - 0.02, height - 0.01
        self.half_width_m = (width - 0.02) / 2 - style.mirror_m
        self.sill_m = style.clearance_m
        self.belt_m = style.belt_h * height
        self.wheel_z_m = style.wheel_radius_m + 0.01
        self.arch_m = style.wheel_radius_m + ARCH_GAP_M
        self.axles_m = (self.x(style.front_axle_f), self.x(style.rear_axle_f))
        f = np.array(
            [0.0, 0.05, style.cowl_f, (style.cowl_f + style.backlight_f) / 2, style.backlight_f, 0.985, 1.0]
        )
        h = np.array(
            [
                style.hood_front_h,
                style.hood_front_h + 0.025,
                style.hood_rear_h,
                style.belt_h,
                style.deck_h,
                style.tail_h + 0.01,
                style.tail_h,
            ]
        )
        keep = np.concatenate([[True], np.diff(f) > 1e-3])
        self._top = PchipInterpolator(f[keep], h[keep] * height)
        self._side = PchipInterpolator(
            [-0.2, 0.0, 0.18, 0.5, 0.82, 1.0, 1.3], [0.93, 0.955, 0.985, 1.0, 0.988, 0.955, 0.90]
        )

    def x(self, share: float) -> float:
        """x of a share of the length from the front."""
        return self.length_m * (0.5 - share)

    def share(self, x_m: Float[np.ndarray, "*n"] | float) -> Float64[np.ndarray, "*n"]:
        """Share of the length from the front, within 0..1."""
        return np.clip(0.5 - np.asarray(x_m, dtype=np.float64) / self.length_m, 0.0, 1.0)

    def top_m(self, x_m: Float[np.ndarray, "*n"] | float) -> Float64[np.ndarray, "*n"]:
        """Height of the lower body along its middle: bonnet, waist, boot lid."""
        return np.asarray(self._top(self.share(x_m)), dtype=np.float64)

    def shoulder_m(self, x_m: Float[np.ndarray, "*n"] | float) -> Float64[np.ndarray, "*n"]:
        """Height where the side turns into the top."""
        return self.top_m(x_m) - 0.045 * min(self.height_m, 1.7)

    def plan_m(self, x_m: Float[np.ndarray, "*n"] | float) -> Float64[np.ndarray, "*n"]:
        """Half width of the plan before the side's profile, tapering over nose and tail (superellipses)."""
        s, half = self.style, self.length_m / 2
        x = np.asarray(x_m, dtype=np.float64)
        nose = np.clip((x - (half - s.nose_m)) / s.nose_m, 0.0, 1.0)
        tail = np.clip((-(half - s.tail_m) - x) / s.tail_m, 0.0, 1.0)
        front = (1.0 - nose**s.nose_power) ** (1.0 / s.nose_power)
        rear = (1.0 - tail**s.tail_power) ** (1.0 / s.tail_power)
        return np.asarray(self.half_width_m * np.minimum(front, rear))

    def side_share(self, z_m: Float[np.ndarray, "*n"] | float) -> Float64[np.ndarray, "*n"]:
        """The side's half width at a height over the widest."""
        v = (np.asarray(z_m, dtype=np.float64) - self.sill_m) / (self.belt_m - self.sill_m)
        return np.asarray(self._side(np.clip(v, -0.2, 1.3)))

    def rake_m(self, x_m: Float[np.ndarray, "*n"], z_m: Float[np.ndarray, "*n"]) -> Float64[np.ndarray, "*n"]:
        """Shift along x that gives nose and tail their outline seen from the side."""
        s, half = self.style, self.length_m / 2
        v = (np.asarray(z_m) - self.sill_m) / (self.belt_m - self.sill_m)
        front = np.clip((np.asarray(x_m) - (half - s.nose_m)) / s.nose_m, 0.0, 1.0)
        rear = np.clip((-(half - s.tail_m) - np.asarray(x_m)) / s.tail_m, 0.0, 1.0)
        nose = (
            s.nose_rake_m * (np.maximum(v - 0.42, 0.0) / 0.5) ** 1.6 + 0.05 * np.maximum(0.32 - v, 0.0) / 0.32
        )
        tail = (
            s.tail_rake_m * (np.maximum(v - 0.45, 0.0) / 0.5) ** 1.5 + 0.07 * np.maximum(0.32 - v, 0.0) / 0.32
        )
        return np.asarray(-nose * front + tail * rear)

    def end_point_m(
        self, front: bool, across: Float[np.ndarray, "*n"] | float, z_m: Float[np.ndarray, "*n"] | float
    ) -> Float64[np.ndarray, "*n 3"]:
        """Points on the skin of nose or tail.

        Args:
            front: nose or tail.
            across: share of the half width, -1 (right) to 1 (left).
            z_m: height.
        """
        s = self.style
        reach, power = (s.nose_m, s.nose_power) if front else (s.tail_m, s.tail_power)
        z = np.asarray(z_m, dtype=np.float64)
        inward = np.minimum(np.abs(across), 1.0)
        along = (1.0 - inward**power) ** (1.0 / power)
        x = self.length_m / 2 - reach + reach * along
        x = x if front else -x
        y = np.copysign(self.half_width_m * inward * self.side_share(z), across)
        return np.stack([x + self.rake_m(x, z), y, z], axis=-1)

    def side_point_m(
        self, left: bool, x_m: Float[np.ndarray, "*n"] | float, z_m: Float[np.ndarray, "*n"] | float
    ) -> Float64[np.ndarray, "*n 3"]:
        """Points on the skin of the side."""
        z = np.asarray(z_m, dtype=np.float64)
        y = self.plan_m(x_m) * self.side_share(z)
        x = x_m + self.rake_m(np.asarray(x_m), z)
        return np.stack([x, y if left else -y, z], axis=-1)

    def stations(self) -> tuple[Float64[np.ndarray, "n"], Float64[np.ndarray, "n"]]:
        """(x, lower edge) of the lower body's sections from rear to front."""
        s, half = self.style, self.length_m / 2
        turn = np.linspace(0.0, math.pi / 2, 7)
        nose = half - s.nose_m + s.nose_m * np.sin(turn) ** (2.0 / s.nose_power)
        tail = -(half - s.tail_m + s.tail_m * np.sin(turn) ** (2.0 / s.tail_power))
        plain = np.concatenate([tail, nose, np.linspace(-half * 0.7, half * 0.7, 7)])
        clear = np.all(np.abs(plain[:, None] - np.array(self.axles_m)) > self.arch_m + 0.03, axis=1)
        pairs = [(float(x), self.sill_m) for x in plain[clear]]
        for axle in (a for a in self.axles_m if abs(a) < half):
            for angle in np.linspace(0.0, math.pi, 9):
                pairs.append(
                    (
                        axle + self.arch_m * math.cos(angle),
                        max(self.wheel_z_m + self.arch_m * math.sin(angle), self.sill_m),
                    )
                )
            pairs += [(axle + side * (self.arch_m + 0.004), self.sill_m) for side in (-1, 1)]
        pairs.sort()
        x, low = np.array(pairs).T
        return x, low

    def lower_body(self) -> tuple[Shape, Int[np.ndarray, "t"]]:
        """The closed lower body with open wheel arches; and each face's row from the floor's middle."""
        x, low = self.stations()
        plan, shoulder, top = self.plan_m(x), self.shoulder_m(x), self.top_m(x)
        floor = np.full_like(x, self.sill_m + 0.01)
        rows: list[tuple[Float64[np.ndarray, "n"], Float64[np.ndarray, "n"]]] = []
        inner = np.maximum(plan - WELL_DEPTH_M, 0.0)
        rows.append((np.zeros_like(x), floor))
        rows.append((inner, floor))
        rows.append((inner, np.maximum(low, floor)))
        for share in ROW_SHARES:
            z = low + share * (shoulder - low)
            rows.append((plan * self.side_share(z), z))
        edge = plan * self.side_share(shoulder)
        for out, rise in TOP_ROWS:
            rows.append((edge * out, shoulder + rise * (top - shoulder)))
        left = np.stack([np.stack([x, y, z], axis=1) for y, z in rows])
        points = np.concatenate([left, left[-2:0:-1] * np.array([1.0, -1.0, 1.0])])
        points[..., 0] += self.rake_m(points[..., 0], points[..., 2])
        rings = points.transpose(1, 0, 2)
        columns = rings.shape[1]
        column = np.tile(np.repeat(np.arange(columns), 2), len(rings) - 1)
        column = np.concatenate([np.minimum(column, columns - 1 - column), np.zeros(2 * columns, np.int64)])
        return loft(rings), column

    def cabin(self) -> tuple[Shape, list[str]]:
        """The closed cabin from inside the waist to the roof; and the kind of each face."""
        s, height = self.style, self.height_m
        edge_z = height - s.roof_crown_m
        base_z = min(self.belt_m, s.hood_rear_h * height) - 0.07
        glass_low = self.belt_m + 0.015
        levels = [
            base_z,
            glass_low,
            *(glass_low + (edge_z - 0.035 - glass_low) * t for t in (0.35, 0.7, 1.0)),
            edge_z,
        ]
        rings: list[Float64[np.ndarray, "n 3"]] = []
        names: list[str] = []
        cells = [(0.0, ""), *s.side_cells]
        for z in levels:
            ring, names = self._outline((z - self.belt_m) / (edge_z - self.belt_m), z, cells)
            rings.append(ring)
        rim = rings[-1]
        middle = rim.mean(axis=0)
        for shrink, rise in ((0.955, 0.34), (0.87, 0.62), (0.64, 0.87), (0.32, 0.985)):
            ring = middle + (rim - middle) * np.array([shrink + (1 - shrink) * 0.25, shrink, 1.0])
            ring[:, 2] = rim[:, 2] + (rim[:, 2].max() - rim[:, 2]) * rise * 0.5 + s.roof_crown_m * rise
            rings.append(ring)
        shape = loft(np.array(rings))
        columns = len(names)
        kinds: list[str] = []
        for row in range(len(rings) - 1):
            for column in range(columns):
                kind = names[column] if 1 <= row <= 3 else ("pillar" if row < 5 else "roof")
                kinds += [kind, kind]
        kinds += ["under"] * columns + ["roof"] * columns
        return shape, kinds

    def lower_finish(self, column: Int[np.ndarray, "t"]) -> Int[np.ndarray, "t"]:
        """Finish of each face of the lower body, an index into `finishes`."""
        index = np.where(column < 3, 1, 0)
        return np.where(column == 3, 2, index) if self.style.cladding else index

    def cabin_finish(self, kinds: list[str]) -> Int[np.ndarray, "t"]:
        """Finish of each face of the cabin, an index into `finishes`."""
        palette = {"glass": 3, "windscreen": 3, "backlight": 3, "black": 2, "under": 2}
        return np.array([palette.get(k, 0) for k in kinds])

    def _outline(
        self, rise: float, z_m: float, cells: list[tuple[float, str]]
    ) -> tuple[Float64[np.ndarray, "n 3"], list[str]]:
        """One level of the cabin, counter-clockwise from the front right; with what follows each point."""
        s = self.style
        up = max(rise, 0.0)
        bend = 0.10 * math.sin(math.pi * min(max(rise, 0.0), 1.0)) if not s.flat_faces else 0.0
        cowl_rise = (s.hood_rear_h * self.height_m - self.belt_m) / (
            self.height_m - s.roof_crown_m - self.belt_m
        )
        lift = (rise - cowl_rise) / (1.0 - cowl_rise)
        front = self.x(s.cowl_f) + (self.x(s.roof_front_f) - self.x(s.cowl_f)) * max(lift, -0.02)
        front += 0.35 * bend * abs(self.x(s.roof_front_f) - self.x(s.cowl_f))
        rear = self.x(s.backlight_f) + (self.x(s.roof_rear_f) - self.x(s.backlight_f)) * up
        rear -= 0.35 * bend * abs(self.x(s.roof_rear_f) - self.x(s.backlight_f))
        waist = float(self.half_width_m * self.side_share(self.belt_m)) - 0.012
        half = waist * (1.0 + (s.roof_width - 1.0) * up**1.15)
        half *= 1.0 + 0.25 * bend
        bow_front, bow_rear = 0.14 * min(half, 1.0), 0.09 * min(half, 1.0)
        points: list[tuple[float, float]] = []
        names: list[str] = []
        across = np.linspace(-1.0, 1.0, 9)
        for y in across[:-1]:
            points.append((front - bow_front * abs(y) ** 2.3, y * half))
            names.append("windscreen")
        side_front, side_rear = front - bow_front, rear + bow_rear
        left: list[tuple[float, float]] = []
        kinds: list[str] = []
        for (start, _), (end, kind) in itertools.pairwise(cells):
            parts = 2 if end - start > 0.2 else 1
            for k in range(parts):
                share = start + (end - start) * k / parts
                taper = 1.0 - 0.05 * max(0.0, share - 0.55) / 0.45
                left.append((side_front + (side_rear - side_front) * share, half * taper))
                kinds.append(kind)
        last_half = half * 0.95
        points += left
        names += kinds
        for y in across[::-1][:-1]:
            points.append((rear + bow_rear * abs(y) ** 2.3, y * last_half))
            names.append("backlight" if s.rear_window and abs(y) <= 1.0 else "pillar")
        points += [(side_rear, -last_half)] + [(px, -py) for px, py in left[:0:-1]]
        names += kinds[::-1]
        ring = np.array([(px, py, z_m) for px, py in points])
        span = max(side_front - side_rear, 1e-6)
        fall = np.clip((front - ring[:, 0]) / span, 0.0, 1.0)
        drop = s.roof_drop_h * self.height_m * np.maximum(fall - 0.45, 0.0) ** 2 / 0.3025
        drop = drop + 0.25 * s.roof_drop_h * self.height_m * np.maximum(0.35 - fall, 0.0) ** 2 / 0.1225
        ring[:, 2] -= drop * up
        return ring, names


def shell_grid(points: Float64[np.ndarray, "m n 3"], outward: Vector) -> Shape:
    """An open patch lying on the skin, turned outward."""
    m, n = points.shape[:2]
    return Shape(points_m=points.reshape(-1, 3), faces=grid_faces(m, n)).facing(outward)


def finishes(tag: Tag) -> tuple[Finish, Finish, Finish, Finish]:
    """Paint, underside, dark plastic, glass."""
    return (
        Finish((255, 255, 255), Material.PAINT, tag),
        Finish((18, 18, 19), Material.MATTE, tag),
        Finish((26, 27, 29), Material.MATTE, tag),
        Finish((22, 27, 31), Material.GLASS, tag),
    )


def crease_rad(style: BodyStyle) -> float:
    """Edges of a body sharper than this stay edges."""
    return math.radians(22.0) if style.flat_faces else ROUND_RAD


def add_shell(sculpture: Sculpture, shell: Shell, tag: Tag) -> None:
    """Adds lower body and cabin in paint, glass and dark plastic."""
    crease = crease_rad(shell.style)
    palette = finishes(tag)
    body, column = shell.lower_body()
    sculpture.add(body, (palette, shell.lower_finish(column)), crease_rad=crease)
    cabin, kinds = shell.cabin()
    crease = FLAT_RAD if shell.style.flat_faces else crease
    sculpture.add(cabin, (palette, shell.cabin_finish(kinds)), crease_rad=crease)
