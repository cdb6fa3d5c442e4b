"""The trunk of a person: pelvis, torso, and the clothes that hang from them. Joints at the origin."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float64

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import ellipsoid, loft, tube
from drivegen.embedded.assets.people.bags import add_bag
from drivegen.embedded.assets.people.build import Bottom, Build, Color, Outfit, Pattern, Top
from drivegen.embedded.assets.people.covers import LOOSE, hem_of_skirt, hem_of_top, waist
from drivegen.embedded.assets.people.surface import Trunk, smooth_rows, tubular
from drivegen.embedded.assets.sculpt import Finish, Sculpture
from drivegen.embedded.mesh import Material

WHITE = (255, 255, 255)
SILVER = (206, 208, 212)
ROWS = 16


def darker(color: Color, share: float) -> Color:
    """The colour with a share of its light."""
    return (int(color[0] * share), int(color[1] * share), int(color[2] * share))


def trunk_of(build: Build) -> Trunk:
    """The clothed trunk from the hem of the top to the foot of the neck."""
    b = build
    s, sh, hip, fat = b.shoulder, b.shoulder_half, b.hip, b.belly
    hem = hem_of_top(b)
    if b.woman:
        rows = [
            (hip - 0.075, 0.100, 0.064, 0.074),
            (hip - 0.01, 0.101, 0.062, 0.078),
            (hip + 0.030, 0.094, 0.060 + 0.6 * fat, 0.068),
            (hip + 0.075, 0.078, 0.054 + fat, 0.054),
            (hip + 0.120, 0.074, 0.053 + 0.9 * fat, 0.050),
            (s - 0.125, 0.079, 0.060 + 0.3 * fat, 0.053),
            (s - 0.085, 0.084, 0.075, 0.056),
            (s - 0.055, 0.087, 0.067, 0.058),
            (s - 0.032, 0.090, 0.052, 0.058),
        ]
    else:
        rows = [
            (hip - 0.075, 0.098, 0.062, 0.070),
            (hip - 0.01, 0.098, 0.062, 0.073),
            (hip + 0.030, 0.093, 0.061 + 0.6 * fat, 0.066),
            (hip + 0.075, 0.085, 0.059 + fat, 0.056),
            (hip + 0.125, 0.085, 0.061 + 0.9 * fat, 0.055),
            (s - 0.120, 0.091, 0.066 + 0.3 * fat, 0.060),
            (s - 0.078, 0.096, 0.068, 0.064),
            (s - 0.045, 0.099, 0.061, 0.066),
        ]
    rows = [(z, w, f, k) for z, w, f, k in rows if z > hem + 0.012 and z < s - 0.03]
    first = rows[0]
    rows.insert(0, (hem, first[1] + 0.004, first[2] + 0.005, first[3] + 0.003))
    loose = LOOSE[b.top]
    over = 0.007 if b.skirted and not b.skirt_of_top else 0.0  # over a skirt
    rows = [
        (z, w + loose + t, f + loose + t, k + loose + t)
        for z, w, f, k in rows
        for t in (over if z < hip + 0.05 else 0.0,)
    ]
    some = 0.55 * loose
    rows += [
        (s - 0.014, sh + 0.012 + some, 0.045 + some, 0.060 + some),
        (s + 0.004, sh + 0.005 + some, 0.036 + some, 0.052 + some),
        (s + 0.0145, sh * 0.82 + 0.5 * some, 0.029, 0.049),
        (s + 0.026, sh * 0.56, 0.023, 0.050),
        (s + 0.037, 0.037, 0.017, 0.048),
    ]
    base, h, g = waist(b), b.height_m, b.girth
    table = smooth_rows(rows, ROWS)
    if b.top == Top.DOWN:
        quilt = 1.0 + 0.035 * np.where(np.arange(ROWS) % 2, -1.0, 1.0) * (table[:, 0] < s - 0.02)
        table[:, 1:] *= quilt[:, None]
    table[:, 0] = (table[:, 0] - base) * h
    table[:, 1:] *= g * h
    return Trunk(rows_m=table)


class TrunkMaker:
    """Makes the trunk of one build."""

    def __init__(self, build: Build, tag: Tag) -> None:
        self.build, self.tag, self.h = build, tag, build.height_m
        self.cloth = Finish(WHITE, Material.CLOTH, tag)
        self.skin = Finish(build.skin, Material.SKIN, tag)
        self.trunk = trunk_of(build)

    def dyed(self, color: Color, material: Material = Material.MATTE) -> Finish:
        """Something of a fixed colour."""
        return Finish(color, material, self.tag)

    def z(self, share: float) -> float:
        """A height, given as a share of the body's, in the torso's frame."""
        return (share - waist(self.build)) * self.h

    def torso(self) -> Sculpture:
        """Waist to shoulders with collar and bags; origin at the waist joint."""
        b, out = self.build, Sculpture()
        shape = self.trunk.shape()
        middle = shape.points_m[shape.faces].mean(axis=1)
        palette = [self.cloth, self.dyed(b.second)]
        index = np.zeros(len(middle), np.int64)
        if b.pattern == Pattern.STRIPES:
            index = (np.searchsorted(self.trunk.rows_m[:, 0], middle[:, 2]) % 3 == 0).astype(np.int64)
        elif b.pattern == Pattern.BLOCK:
            row = np.arange(len(middle)) // 2 // self.trunk.sides
            first = int(np.searchsorted(self.trunk.rows_m[:, 0], self.z(b.shoulder - 0.075)))
            index = (row >= first).astype(np.int64)
        if b.outfit in (Outfit.HI_VIS, Outfit.COURIER):
            # Whole columns of cells, so that the armholes have smooth edges.
            column = np.arange(len(middle)) // 2 % self.trunk.sides
            aside = np.isin(column, (3, 4, 11, 12)) if self.trunk.sides == 16 else column < 0
            row = np.arange(len(middle)) // 2 // self.trunk.sides
            tops = np.append(self.trunk.rows_m[1:, 0], [np.inf, np.inf, np.inf])[np.minimum(row, ROWS)]
            vest = (~aside | (tops < self.z(b.shoulder - 0.06))) & (tops < self.z(b.shoulder + 0.032))
            index = np.where(vest, 1, 0)
        out.add(shape, (palette, index))
        self._collar(out)
        self._front(out)
        self._outfit(out)
        add_bag(out, b, self.trunk, self.tag)
        return out

    def _collar(self, out: Sculpture) -> None:
        b, g = self.build, self.build.girth
        s, h = b.shoulder, self.h
        zips = b.top in (Top.JACKET, Top.DOWN, Top.LONG_COAT, Top.COAT)
        if zips or b.top == Top.SHIRT:
            rise = 0.050 if b.top != Top.SHIRT else 0.045
            rows = [
                (s + 0.014, 0.054, 0.032, 0.056),
                (s + rise, 0.037, 0.020, 0.051),
                (s + rise - 0.012, 0.030, 0.013, 0.044),
            ]
            rows_m = [(self.z(z), w * g * h, f * g * h, k * g * h) for z, w, f, k in rows]
            out.add(
                tubular(rows_m, 2.1, 14),
                self.cloth if b.outfit != Outfit.POLICE else self.dyed((196, 214, 232)),
            )
        elif b.top == Top.HOODIE:
            path = [(-0.050, 0.046, s + 0.030), (-0.074, 0.0, s + 0.012), (-0.050, -0.046, s + 0.030)]
            points = [(x * h, y * h, self.z(z)) for x, y, z in path]
            out.add(ellipsoid((0.036 * h, 0.056 * h, 0.030 * h), points[1], 10, 6), self.cloth)
            ring = [
                (0.020, 0.0),
                (0.010, 0.036),
                (-0.030, 0.052),
                (-0.062, 0.030),
                (-0.062, -0.030),
                (-0.030, -0.052),
                (0.010, -0.036),
                (0.020, 0.0),
            ]
            out.add(
                tube([(x * h, y * h, self.z(s + 0.034 - 0.010 * (x > 0))) for x, y in ring], 0.013 * h, 6),
                self.cloth,
            )
            for y in (0.014, -0.014):
                cord = self.trunk.decal(
                    (y * h - 0.003, self.z(s - 0.075)),
                    (y * h + 0.003, self.z(s + 0.005)),
                    cells=(1, 12),
                    off_m=0.007,
                )
                out.add(cord, self.dyed((232, 232, 230)))
        else:
            rim = [(s + 0.028, 0.042, 0.023, 0.052), (s + 0.041, 0.036, 0.0175, 0.049)]
            rows_m = [(self.z(z), w * g * h, f * g * h, k * g * h) for z, w, f, k in rim]
            out.add(tubular(rows_m, 2.1, 14), self.cloth)
        if b.scarf is not None:
            rows = [
                (s + 0.020, 0.046, 0.032, 0.058),
                (s + 0.036, 0.050, 0.036, 0.060),
                (s + 0.054, 0.040, 0.026, 0.052),
            ]
            rows_m = [(self.z(z), w * g * h, f * g * h, k * g * h) for z, w, f, k in rows]
            out.add(tubular(rows_m, 2.1, 12), self.dyed(b.scarf))
            for y, tilt in ((0.010, 0.014), (-0.010, -0.020)):
                end = self.trunk.decal(
                    ((y - 0.012 + tilt) * h, self.z(s - 0.07)),
                    ((y + 0.012 + tilt) * h, self.z(s + 0.022)),
                    cells=(1, 4),
                    off_m=0.010,
                    slant_m=-tilt * h,
                )
                out.add(end, self.dyed(b.scarf))

    def _front(self, out: Sculpture) -> None:
        """Zip, buttons, pockets, prints."""
        b, h = self.build, self.h
        low, high = float(self.trunk.rows_m[0, 0]) + 0.004, self.z(b.shoulder + 0.020)
        dark = self.dyed((46, 46, 50))
        if b.top in (Top.JACKET, Top.DOWN):
            cells = (1, 9) if b.top == Top.JACKET else (1, ROWS)
            out.add(self.trunk.decal((-0.006, low), (0.006, high), cells=cells), dark)
        elif b.top == Top.SHIRT:
            out.add(self.trunk.decal((-0.010 * h, low), (0.010 * h, high), cells=(1, 9)), self.cloth)
            for z in np.linspace(low + 0.05, high - 0.02, 6):
                out.add(
                    self.trunk.decal((-0.005, z - 0.005), (0.005, z + 0.005), cells=(1, 1), off_m=0.006),
                    self.dyed((236, 236, 232)),
                )
        elif b.top in (Top.COAT, Top.LONG_COAT):
            out.add(self.trunk.decal((-0.003, low), (0.003, self.z(b.shoulder - 0.06)), cells=(1, 7)), dark)
            for side in (1.0, -1.0):
                lapel = self.trunk.decal(
                    (side * 0.003 * h, self.z(b.shoulder - 0.090)),
                    (side * 0.021 * h, self.z(b.shoulder + 0.016)),
                    cells=(2, 6),
                    off_m=0.006,
                    slant_m=side * 0.020 * h,
                )
                out.add(lapel, self.dyed(b.accent))
            for z in np.linspace(low + 0.06, self.z(b.shoulder - 0.10), 3):
                out.add(
                    self.trunk.decal(
                        (0.018 * h - 0.009, z - 0.009),
                        (0.018 * h + 0.009, z + 0.009),
                        cells=(1, 1),
                        off_m=0.006,
                    ),
                    dark,
                )
        if b.top in (Top.JACKET, Top.DOWN, Top.COAT, Top.LONG_COAT, Top.HOODIE):
            for side in (1.0, -1.0):
                at = self.z(b.hip + 0.055)
                pocket = self.trunk.decal(
                    (side * 0.040 * h, at - 0.024 * h),
                    (side * 0.045 * h, at + 0.024 * h),
                    cells=(1, 3),
                    slant_m=-side * 0.014 * h,
                )
                out.add(pocket, dark)
        if b.pattern == Pattern.CHEST:
            out.add(
                self.trunk.decal(
                    (-0.034 * h, self.z(b.shoulder - 0.125)),
                    (0.034 * h, self.z(b.shoulder - 0.065)),
                    cells=(4, 3),
                ),
                self.dyed(b.second),
            )
            out.add(
                self.trunk.decal(
                    (-0.022 * h, self.z(b.shoulder - 0.105)),
                    (0.022 * h, self.z(b.shoulder - 0.092)),
                    cells=(3, 1),
                    off_m=0.006,
                ),
                self.dyed(b.accent),
            )

    def _outfit(self, out: Sculpture) -> None:
        b, h, trunk = self.build, self.h, self.trunk
        s = b.shoulder
        silver = self.dyed(SILVER, Material.RETRO)
        if b.outfit == Outfit.HI_VIS:
            band = 0.05
            for z in (self.z(b.hip + 0.045), self.z(b.hip + 0.115)):
                out.add(trunk.belt(z, z + band), silver)
            for side in (1.0, -1.0):
                out.add(trunk.over(side * 0.052 * h, band, self.z(b.hip + 0.115)), silver)
            out.add(
                trunk.decal(
                    (-0.004, self.z(b.hip + 0.02)), (0.004, self.z(s - 0.03)), cells=(1, 6), off_m=0.006
                ),
                self.dyed((60, 60, 60)),
            )
        elif b.outfit == Outfit.POLICE:
            for side in (1.0, -1.0):
                out.add(
                    trunk.decal(
                        (side * 0.035 * h, self.z(s - 0.105)),
                        (side * 0.072 * h, self.z(s - 0.065)),
                        cells=(2, 2),
                        off_m=0.005,
                    ),
                    self.dyed(darker(b.second, 0.8)),
                )
                out.add(
                    ellipsoid(
                        (0.022 * h, 0.026 * h, 0.005 * h),
                        (-0.008 * h, side * 0.074 * h * b.girth, self.z(s + 0.0165)),
                        8,
                        3,
                    ),
                    self.dyed((24, 28, 44)),
                )
            out.add(
                trunk.decal(
                    (0.044 * h, self.z(s - 0.060)), (0.062 * h, self.z(s - 0.042)), cells=(1, 1), off_m=0.007
                ),
                self.dyed((214, 180, 70), Material.METAL),
            )
            out.add(
                trunk.decal(
                    (-0.066 * h, self.z(s - 0.060)),
                    (-0.036 * h, self.z(s - 0.052)),
                    cells=(1, 1),
                    off_m=0.007,
                ),
                self.dyed(SILVER, Material.METAL),
            )
            z = self.z(s - 0.20)
            out.add(
                trunk.decal(
                    (-0.075 * h, z), (0.075 * h, z + 0.034 * h), side=-1.0, cells=(5, 2), off_m=0.006
                ),
                silver,
            )
        elif b.outfit == Outfit.SCHOOL:
            red = self.dyed((196, 30, 34))
            rows = [(s + 0.024, 0.047, 0.031, 0.058), (s + 0.046, 0.038, 0.022, 0.051)]
            out.add(tubular([(self.z(z), w * h, f * h, k * h) for z, w, f, k in rows], 2.1, 12), red)
            for tilt in (0.020, -0.020):
                out.add(
                    trunk.decal(
                        (-0.012 * h + tilt * h, self.z(s - 0.075)),
                        (0.010 * h + tilt * h, self.z(s + 0.026)),
                        cells=(1, 4),
                        off_m=0.008,
                        slant_m=-tilt * h,
                    ),
                    red,
                )
        elif b.outfit == Outfit.COURIER:
            out.add(
                trunk.decal(
                    (-0.045 * h, self.z(s - 0.13)), (0.045 * h, self.z(s - 0.09)), side=-1.0, cells=(4, 2)
                ),
                silver,
            )
            out.add(trunk.belt(self.z(b.hip + 0.10), self.z(b.hip + 0.10) + 0.03), silver)

    def pelvis(self) -> Sculpture:
        """Hips; origin between the hip joints."""
        b, out = self.build, Sculpture()
        wide = 0.096 if b.woman else 0.092
        under = 0.86 if hem_of_top(b) < b.hip + 0.03 else 1.03 if b.skirted else 1.0
        fat = 0.4 * b.belly
        rows = [
            (b.hip - 0.064, 0.022, 0.026, 0.034),
            (b.hip - 0.050, wide * 0.72, 0.046, 0.058),
            (b.hip - 0.030, wide * 0.94, 0.055, 0.069),
            (b.hip + 0.000, wide * (0.97 if under < 1.0 else 1.0), 0.058, 0.072),
            (b.hip + 0.030, wide * 0.97 * under, (0.059 + fat) * under, 0.066 * under),
            (b.hip + 0.062, wide * 0.90 * under, (0.058 + fat) * under, 0.057 * under),
            (b.hip + 0.085, wide * 0.85 * under, (0.054 + fat) * under, 0.051 * under),
        ]
        scale = b.girth * self.h
        rows_m = [((z - b.hip) * self.h, w * scale, f * scale, k * scale) for z, w, f, k in rows]
        out.add(tubular(rows_m, 2.3, 16), self.cloth)
        if under == 1.0 and b.bottom == Bottom.TROUSERS:
            belt = [(0.044, wide * 0.985, 0.066 + fat, 0.0675), (0.062, wide * 0.955, 0.066 + fat, 0.063)]
            out.add(
                tubular([(z * self.h, w * scale, f * scale, k * scale) for z, w, f, k in belt], 2.3, 16),
                self.dyed((34, 28, 24), Material.SATIN),
            )
        return out

    def skirt(self, scale: float) -> Sculpture:
        """What hangs about the legs; it swings about the line through the hip joints.

        Args:
            scale: of its width: the one that follows the leg behind is a trifle narrower.
        """
        b, out = self.build, Sculpture()
        rows = skirt_rows_m(b) * (1.0, scale, scale, scale)
        angle = np.arange(16) * (2 * math.pi / 16)
        c, s = np.cos(angle), np.sin(angle)
        fold = 1.0 + np.outer(np.linspace(0.0, 0.05, len(rows))[::-1], np.where(np.arange(16) % 2, -1.0, 1.0))
        rings = np.empty((len(rows), 16, 3))
        z, half, front, back = rows.T
        # Squarer than the body, for two legs side by side.
        c, s = np.sign(c) * np.abs(c) ** 0.70, np.sign(s) * np.abs(s) ** 0.70
        rings[..., 0] = ((front - back) / 2)[:, None] + ((front + back) / 2)[:, None] * fold * c
        rings[..., 1] = half[:, None] * fold * s
        rings[..., 2] = z[:, None]
        out.add(loft(rings), self.cloth)
        return out


def skirt_rows_m(build: Build) -> Float64[np.ndarray, "6 4"]:
    """Sections of a skirt or of a coat's skirts from the hem up, in the pelvis's frame."""
    b = build
    hem, loose = hem_of_skirt(b) - b.hip, LOOSE[b.top] if b.top == Top.LONG_COAT else 0.0
    flare = {Bottom.LONG_SKIRT: 0.030}.get(b.bottom, 0.018)
    rows = [
        (hem, 0.106 + flare, 0.074 + flare, 0.080 + flare),
        (0.65 * hem, 0.107 + 0.65 * flare, 0.072 + 0.6 * flare, 0.080 + 0.6 * flare),
        (0.30 * hem, 0.106, 0.068, 0.080),
        (0.005, 0.100, 0.061, 0.075),
        # As it swings its upper end stays inside the pelvis, which is of the same cloth.
        (0.028, 0.090, 0.050 + 0.3 * b.belly, 0.056),
        (0.050, 0.070, 0.032, 0.034),
    ]
    scale = b.girth * b.height_m
    return np.array(
        [
            (z * b.height_m, (w + loose) * scale, (f + loose) * scale, (k + loose) * scale)
            for z, w, f, k in rows
        ]
    )
