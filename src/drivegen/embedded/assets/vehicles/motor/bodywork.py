"""Trucks' bodies of one purpose: tanks, drums, containers, curtains, a fire engine's equipment."""

from __future__ import annotations

import math

import numpy as np

from drivegen.embedded.assets.forms import box, lathe, loft, rod, rotation_about
from drivegen.embedded.assets.sculpt import Finish
from drivegen.embedded.assets.vehicles.motor.lettering import write
from drivegen.embedded.assets.vehicles.motor.loads import FRAME, Load
from drivegen.embedded.assets.vehicles.motor.panels import Rgb, shade
from drivegen.embedded.mesh import Material


class Bodywork(Load):
    """Builds them on a deck."""

    def tank(self, color: Rgb, words: str, *, metal: bool, band: Rgb) -> None:
        """A tank of elliptic section with domes, a walkway, a ladder, words on its sides."""
        d = self.deck
        a, b = d.rear_m + 0.12, d.front_m - 0.06
        half, tall = d.width_m / 2 - 0.03, (d.top_m - d.floor_m - 0.16) / 2
        z = d.floor_m + 0.06 + tall
        angle = np.linspace(0.0, 2 * math.pi, 27)[:-1]
        n = 2.6
        unit_y = np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** (2 / n)
        unit_z = np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** (2 / n)
        rings = []
        for x, s in (
            (a, 0.55),
            (a + 0.04, 0.82),
            (a + 0.13, 0.96),
            (a + 0.24, 1.0),
            (b - 0.24, 1.0),
            (b - 0.13, 0.96),
            (b - 0.04, 0.82),
            (b, 0.55),
        ):
            rings.append(np.column_stack([np.full(26, x), unit_y * half * s, z + unit_z * tall * s]))
        self.out.add(loft(np.array(rings)), self.finish(color, Material.METAL if metal else Material.SATIN))
        seams = []
        for k in range(1, 5):
            x = a + (b - a) * k / 5
            seams.append(
                loft(
                    np.array(
                        [
                            np.column_stack([np.full(26, x + dx), unit_y * half * s, z + unit_z * tall * s])
                            for dx, s in ((-0.035, 1.0), (-0.03, 1.012), (0.03, 1.012), (0.035, 1.0))
                        ]
                    )
                )
            )
        self.put(seams, shade(color, 0.9), Material.METAL if metal else Material.SATIN)
        domes = [
            lathe([(0.30, 0.0), (0.30, 0.10), (0.24, 0.15)], 14).moved((x, 0.0, z + tall - 0.03))
            for x in np.linspace(a + 0.8, b - 0.8, 3 if b - a > 4.5 else 2)
        ]
        rails = [rod((a + 0.3, 0.42, z + tall + 0.09), (b - 0.3, 0.42, z + tall + 0.09), 0.018, 5)]
        self.put(domes, (130, 133, 137), Material.METAL)
        self.put(rails, (170, 173, 177), Material.METAL, pair=True)
        self.put([box((b - a - 0.5, 0.7, 0.03), ((a + b) / 2, 0.0, z + tall + 0.005))], (90, 93, 97))
        ladder = [rod((a - 0.02, y, z - tall * 0.7), (a + 0.02, y, z + tall), 0.016, 5) for y in (0.16, 0.5)]
        ladder += [
            rod((a - 0.01, 0.16, h), (a - 0.01, 0.5, h), 0.012, 4)
            for h in np.linspace(z - tall * 0.6, z + tall * 0.9, 6)
        ]
        self.put(ladder, (150, 153, 157), Material.METAL)
        cradle = [
            box((0.16, half * 1.6, 0.20), (x, 0.0, d.floor_m + 0.02))
            for x in np.linspace(a + 0.5, b - 0.5, 4)
        ]
        self.put([*cradle, box((b - a, half * 1.2, 0.08), ((a + b) / 2, 0.0, d.floor_m - 0.04))], FRAME)
        box_side = box(
            (min(1.4, (b - a) * 0.3), 0.30, 0.42),
            ((a + b) / 2 + 0.2, d.width_m / 2 - 0.20, d.floor_m - 0.24),
            0.03,
        )
        self.put([box_side], (186, 188, 190), Material.METAL, pair=True)

        for left in (True, False):
            sign = 1.0 if left else -1.0

            def skin(u: np.ndarray, v: np.ndarray, sign: float = sign) -> np.ndarray:
                s = np.clip((v - z) / tall, -0.99, 0.99)
                return np.stack([u, sign * half * (1.0 - np.abs(s) ** n) ** (1 / n), v], axis=-1)

            self.panels.on(
                skin,
                [(a + 0.25, z - 0.07), (b - 0.25, z - 0.07)],
                [(a + 0.25, z + 0.07), (b - 0.25, z + 0.07)],
                self.finish(band, Material.RETRO),
                cells=6,
                rows=2,
                out_m=0.006,
                inside_m=(0.0, 0.0, z),
            )
            write(
                self.panels,
                skin,
                words,
                ((a + b) / 2, z + tall * 0.42),
                0.30,
                self.finish((190, 26, 28), Material.SATIN),
                reads=(-sign, 0.0),
                stroke=0.14,
            )

    def drum(self, color: Rgb, stripe: Rgb) -> None:
        """A concrete mixer's drum with its spiral, hopper and chute."""
        d = self.deck
        tilt = math.radians(11.0)
        length = d.length_m - 0.45
        shares = ((0.45, 0.0), (0.84, 0.09), (1.0, 0.30), (1.0, 0.58), (0.84, 0.78), (0.60, 1.0))
        # As thick as fits below the top: the drum rises with its tilt towards the rear.
        rise = math.sin(tilt) * length
        big = min((d.top_m - 0.02 - d.floor_m - rise * t) / (0.86 + math.cos(tilt) * r) for r, t in shares)
        profile = [(r * big, t * length) for r, t in shares]
        body = lathe(profile, 24)
        turn = rotation_about(1, -math.pi / 2 + tilt)
        at = np.array([d.front_m - 0.25, 0.0, d.floor_m + big * 0.86])
        palette = (self.finish(color, Material.SATIN), self.finish(stripe, Material.SATIN))
        count = 24
        index = np.zeros(len(body.faces), np.int64)
        for row in range(len(profile) - 1):
            for col in range(count):
                if (col + row * 5) % 12 < 3:
                    index[(row * count + col) * 2 : (row * count + col) * 2 + 2] = 1
        self.out.add(body.turned(turn).moved(at), (palette, index), crease_rad=0.5)
        end = at + turn @ np.array([0.0, 0.0, length])
        steel = (150, 153, 157)
        post = [
            rod((end[0] + 0.5, 0.62, d.floor_m), (end[0] + 0.15, 0.34, end[2] + 0.15), 0.06, 6),
            rod((end[0] - 0.15, 0.58, d.floor_m), (end[0] + 0.15, 0.34, end[2] + 0.15), 0.06, 6),
        ]
        self.put(post, color, Material.SATIN, pair=True)
        hopper = lathe([(0.22, 0.0), (0.46, 0.34), (0.46, 0.38)], 12).moved(
            (end[0] + 0.02, 0.0, min(end[2] + 0.22, d.top_m - 0.40))
        )
        self.put([hopper], steel, Material.METAL)
        low_end = max(d.rear_m + 0.04, end[0] - 0.75)
        chute = loft(
            np.array(
                [
                    [(end[0] - 0.05, y, end[2] - 0.35) for y in (-0.22, 0.22)]
                    + [(end[0] - 0.05, y, end[2] - 0.45) for y in (0.18, -0.18)],
                    [(low_end, y, d.floor_m + 0.30) for y in (-0.18, 0.18)]
                    + [(low_end, y, d.floor_m + 0.22) for y in (0.14, -0.14)],
                ]
            )
        )
        self.put([chute], steel, Material.METAL)
        front = box(
            (0.25, 1.3, at[2] - d.floor_m + 0.35),
            (d.front_m - 0.16, 0.0, (d.floor_m + at[2] + 0.35) / 2),
            0.04,
        )
        self.put([front], FRAME)
        cylinder = (
            lathe([(0.24, -0.45), (0.26, -0.40), (0.26, 0.40), (0.24, 0.45)], 12)
            .turned(rotation_about(0, math.pi / 2))
            .moved((d.front_m - 0.12, 0.0, d.floor_m + 0.28))
        )
        self.put([cylinder], color, Material.SATIN)

    def container(self, color: Rgb, *, gap_m: float = 0.0) -> None:
        """A shipping container with corrugated walls on a skeleton."""
        d = self.deck
        low, high, wide = d.floor_m + 0.04, d.top_m, d.width_m - 0.06
        a, b = d.rear_m + 0.10, d.front_m - gap_m
        tall = high - low
        pitch = 0.28
        count = round((b - a - 0.2) / pitch)
        x: list[float] = []
        y: list[float] = []
        for k in range(count):
            u = a + 0.1 + (b - a - 0.2) * k / count
            w = (b - a - 0.2) / count
            x += [u, u + 0.3 * w, u + 0.5 * w, u + 0.8 * w]
            y += [wide / 2, wide / 2, wide / 2 - 0.035, wide / 2 - 0.035]
        outline = [(u, v) for u, v in zip(x, y, strict=True)] + [
            (b - 0.1, wide / 2),
            (b - 0.02, wide / 2 - 0.02),
        ]
        ring = [(u, -v) for u, v in outline] + outline[::-1]
        rings = [[(u, v, z) for u, v in ring] for z in (low + 0.05, high - 0.03)]
        self.out.add(loft(np.array(rings)), self.finish(color, Material.SATIN), crease_rad=0.1)
        darker: Rgb = shade(color, 0.9)
        edges = [
            box((b - a, 0.07, 0.13), ((a + b) / 2, wide / 2 - 0.03, z)) for z in (low + 0.07, high - 0.06)
        ]
        edges += [
            box((0.13, 0.09, tall), (u, wide / 2 - 0.04, (low + high) / 2)) for u in (a + 0.065, b - 0.065)
        ]
        self.put(edges, darker, Material.SATIN, pair=True)
        self.put([box((0.06, wide, tall - 0.02), (a + 0.04, 0.0, (low + high) / 2))], color, Material.SATIN)
        bars = [
            rod((a - 0.005, v, low + 0.06), (a - 0.005, v, high - 0.06), 0.018, 5)
            for v in (0.20, 0.42, 0.72, 0.98)
        ]
        self.put(bars, (176, 179, 183), Material.METAL, pair=True)
        self.put([box((d.length_m - 0.1, 1.0, 0.14), (d.middle_m, 0.0, d.floor_m - 0.05))], FRAME)

    def curtain(self, color: Rgb, stripe: Rgb) -> None:
        """A semitrailer's tall box or curtain with a few broad bands."""
        self.van_box(color, ribs=False, stripe=stripe)
        d = self.deck
        count = round(d.length_m / 1.35)
        straps = [
            box(
                (0.05, 0.012, d.top_m - d.floor_m - 0.15),
                (d.rear_m + d.length_m * (k + 0.5) / count, d.width_m / 2 - 0.006, (d.top_m + d.floor_m) / 2),
            )
            for k in range(count)
        ]
        self.put(straps, shade(color, 0.8), pair=True)

    def rescue(self, paint: Finish, *, ladder: bool) -> None:
        """A fire engine's body: shutters, stripes, rails, a monitor or a ladder."""
        d = self.deck
        wide, low, high = d.width_m, d.floor_m * 0.55, d.top_m - (0.42 if ladder else 0.26)
        upper = d.floor_m + 0.06
        self.out.add(
            box((d.length_m, wide - 0.02, high - upper), (d.middle_m, 0.0, (high + upper) / 2), 0.04), paint
        )
        gaps: list[tuple[float, float]] = []
        edge = d.rear_m
        for x in sorted(d.axles_m):
            gaps.append((edge, x - d.wheel_m - 0.10))
            edge = x + d.wheel_m + 0.10
        gaps.append((edge, d.front_m))
        for a, b in gaps:
            if b - a > 0.25:
                self.out.add(
                    box((b - a, wide - 0.02, upper - low), ((a + b) / 2, 0.0, (upper + low) / 2), 0.02), paint
                )
        count = max(3, round(d.length_m / 1.25))
        panels, lines = [], []
        for k in range(count):
            x = d.rear_m + d.length_m * (k + 0.5) / count
            w = d.length_m / count * 0.86
            bottom, top = upper + 0.08, high - 0.22
            panels.append(box((w, 0.014, top - bottom), (x, wide / 2 - 0.004, (top + bottom) / 2)))
            lines += [
                box((w, 0.006, 0.012), (x, wide / 2 + 0.004, bottom + (top - bottom) * r / 9))
                for r in range(1, 9)
            ]
        self.put(panels, (190, 193, 197), Material.METAL, pair=True)
        self.put(lines, (128, 131, 135), Material.METAL, pair=True)
        self.put(
            [box((d.length_m, 0.008, 0.11), (d.middle_m, wide / 2 - 0.008, upper))],
            (236, 216, 50),
            Material.RETRO,
            pair=True,
        )
        self.put(
            [box((d.length_m, 0.008, 0.10), (d.middle_m, wide / 2 - 0.008, high - 0.11))],
            (240, 240, 238),
            Material.SATIN,
            pair=True,
        )
        step = wide / 10
        for k, color in enumerate(((206, 26, 30), (236, 216, 50))):
            self.put(
                [
                    box((0.008, step, 0.5), (d.rear_m - 0.002, -wide / 2 + (j + 0.5) * step, upper + 0.28))
                    for j in range(k, 10, 2)
                ],
                color,
                Material.RETRO,
            )
        self.put(
            [
                box(
                    (0.012, wide * 0.7, high - upper - 0.75),
                    (d.rear_m - 0.002, 0.0, (high + upper) / 2 + 0.25),
                )
            ],
            (190, 193, 197),
            Material.METAL,
        )
        rails = [
            rod(
                (d.rear_m + 0.1, wide / 2 - 0.08, high + 0.12),
                (d.front_m - 0.1, wide / 2 - 0.08, high + 0.12),
                0.02,
                5,
            )
        ]
        rails += [
            rod((x, wide / 2 - 0.08, high - 0.02), (x, wide / 2 - 0.08, high + 0.12), 0.016, 5)
            for x in np.linspace(d.rear_m + 0.1, d.front_m - 0.1, 5)
        ]
        self.put(rails, (186, 189, 193), Material.METAL, pair=True)
        if ladder:
            z0, z1 = high + 0.12, d.top_m - 0.06
            a, b = d.rear_m + 0.25, d.front_m + 1.4
            bars = [
                rod((a, y, z0 + dz), (b, y, z1 + dz - 0.10), 0.035, 6) for y in (0.34,) for dz in (0.0, 0.22)
            ]
            self.put(bars, (196, 199, 203), Material.METAL, pair=True)
            rungs = [
                rod(
                    (a + (b - a) * t, -0.34, z0 + (z1 - 0.10 - z0) * t),
                    (a + (b - a) * t, 0.34, z0 + (z1 - 0.10 - z0) * t),
                    0.016,
                    4,
                )
                for t in np.linspace(0.03, 0.97, 15)
            ]
            self.put(rungs, (196, 199, 203), Material.METAL)
            self.put(
                [
                    lathe([(0.55, high - 0.02), (0.48, high + 0.20), (0.3, high + 0.28)], 14).moved(
                        (a + 1.0, 0.0, 0.0)
                    )
                ],
                (60, 62, 65),
            )
        else:
            x = d.front_m - 0.8
            gun = [
                lathe([(0.16, high - 0.02), (0.12, high + 0.14)], 10).moved((x, 0.0, 0.0)),
                rod((x - 0.1, 0.0, high + 0.13), (x + 0.65, 0.0, high + 0.19), 0.05, 8),
            ]
            self.put(gun, (200, 30, 28), Material.SATIN)
            self.put(
                [box((1.6, 0.28, 0.12), (d.rear_m + 1.2, -0.6, high + 0.10), 0.02)],
                (186, 189, 193),
                Material.METAL,
            )
