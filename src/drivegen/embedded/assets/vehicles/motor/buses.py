"""Buses: one long hull with glazed sides, doors on the right, displays and pods on the roof."""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise

import numpy as np

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import box, loft, mirrored_pair, plate, tube
from drivegen.embedded.assets.sculpt import Finish, Sculpture, join
from drivegen.embedded.assets.vehicles.motor.busform import BusForm
from drivegen.embedded.assets.vehicles.motor.hull import UNDER_ROWS, Arch, Hull
from drivegen.embedded.assets.vehicles.motor.lettering import write
from drivegen.embedded.assets.vehicles.motor.lots import Lots
from drivegen.embedded.assets.vehicles.motor.panels import (
    BRIGHT_RED,
    DARK,
    GLASS,
    LENS,
    RED_LENS,
    SILVER,
    Corner,
    Panels,
    Rgb,
    disc,
)
from drivegen.embedded.assets.vehicles.motor.services import side_skin, write_sides
from drivegen.embedded.assets.vehicles.plates import Number, add_plate, plate_at
from drivegen.embedded.mesh import Material

ARCH_GAP_M = 0.07
BUS_ROWS = (0.0, 0.06, 0.15, 0.25, 0.38, 0.5, 0.58, 0.66, 0.74, 0.82, 0.9, 0.98, 1.06, 1.14, 1.22, 1.3)
"""Heights of the hull's rows: close enough that panels on its leaning front lie over it."""
FRAME: Rgb = (15, 16, 18)
AMBER_TEXT: Rgb = (255, 170, 40)


class BusBody:
    """The body of a bus being made."""

    def __init__(self, form: BusForm, number: tuple[Number, Number], lots: Lots) -> None:
        self.form, self.numbers, self.lots = form, number, lots
        self.out = Sculpture()
        self.panels = Panels(self.out, self.hull, Tag.BUS)
        self.paint = Finish(form.paint, Material.PAINT, Tag.BUS)

    @cached_property
    def hull(self) -> Hull:
        """The body less the pods."""
        f = self.form
        low = f.sill_m
        return Hull(
            length_m=f.length_m,
            half_width_m=f.width_m / 2,
            sill_m=low,
            top_fz=((0.0, f.roof_m - 0.06), (0.05, f.roof_m), (0.95, f.roof_m), (1.0, f.roof_m - 0.03)),
            edge_m=0.20,
            nose_m=f.nose_m,
            nose_power=3.6,
            tail_m=0.30,
            tail_power=4.2,
            nose_zx=(
                (low, 0.06),
                (low + 0.15, 0.01),
                (low + 0.4, 0.0),
                (f.window_low_m, 0.02),
                (f.window_high_m, f.lean_m),
                (f.roof_m, f.lean_m + 0.10),
            ),
            tail_zx=((low, 0.06), (low + 0.2, 0.0), (1.4, 0.0), (f.roof_m - 0.3, 0.07), (f.roof_m, 0.13)),
            side_vy=tuple(
                (v, 1.0 - 0.015 * max(0.0, 1.0 - v / 0.2) - 0.035 * max(0.0, v - 0.55) ** 1.5)
                for v in BUS_ROWS
            ),
            waist_m=f.window_low_m + 0.9,
            arches=tuple(
                Arch(x_m=x, z_m=f.wheel_m + 0.01, radius_m=f.wheel_m + ARCH_GAP_M) for x in f.axles_m
            ),
            well_m=0.62,
        )

    def build(self) -> Sculpture:
        """All of it, in the frame of the box less the mirrors."""
        p = self.panels
        shape, row = self.hull.shape()
        index = np.where(row < UNDER_ROWS, 1, 0)
        self.out.add(shape, ((self.paint, p.finish((18, 18, 19))), index), crease_rad=0.5)
        self._livery()
        self._windows()
        self._doors()
        self._front()
        self._rear()
        self._roof()
        self._mirrors()
        if self.form.bellows_m is not None:
            self._bellows(self.form.bellows_m)
        p.flush()
        return self.out

    def _livery(self) -> None:
        p, f = self.panels, self.form
        first, second = (p.finish(c, Material.SATIN) for c in f.accents)
        half, low, waist = f.length_m / 2 - f.nose_m, f.sill_m, f.window_low_m
        rear = -f.length_m / 2 + 0.32

        def on_sides(a: list[Corner], b: list[Corner], look: Finish, out_m: float = 0.004) -> None:
            p.sides(a, b, look, out_m=out_m, cells=20, rows=2)

        skirt = low + 0.10
        dark = p.finish((40, 42, 45))
        gaps = [-9.9, *sorted(f.axles_m), 9.9]
        wide = f.wheel_m + ARCH_GAP_M + 0.012
        for a, b in pairwise(gaps):
            start, end = max(a + wide, rear), min(b - wide, half)
            if end - start > 0.1:
                p.sides([(start, low), (end, low)], [(start, skirt), (end, skirt)], dark, cells=4, rows=1)
        above = 2 * f.wheel_m + ARCH_GAP_M + 0.09
        if waist - above < 0.2 and f.livery != "school":
            # A low floor leaves no room between wheels and windows: the colours go above the windows.
            top = f.roof_m - 0.22
            on_sides(
                [(rear, f.window_high_m + 0.02), (half, f.window_high_m + 0.02)],
                [(rear, top), (half, top)],
                first,
            )
        elif f.livery == "band":
            on_sides([(rear, above), (half, above)], [(rear, waist - 0.02), (half, waist - 0.02)], first)
        elif f.livery == "sweep":
            on_sides(
                [(rear, above), (rear + 2.2, above), (rear + 4.6, above)],
                [(rear, waist), (rear + 2.2, waist), (rear + 4.5, above + 0.02)],
                first,
            )
            top = f.roof_m - 0.24
            on_sides(
                [(rear, f.window_high_m + 0.02), (rear + 3.4, f.window_high_m + 0.02)],
                [(rear, top), (rear + 3.0, top)],
                first,
            )
            on_sides(
                [(rear + 4.4, above), (rear + 4.9, above)],
                [(rear + 4.1, above + 0.10), (rear + 4.6, above + 0.10)],
                second,
            )
        elif f.livery == "roofline":
            top = f.roof_m - 0.22
            on_sides(
                [(rear, f.window_high_m + 0.02), (half, f.window_high_m + 0.02)],
                [(rear, top), (half, top)],
                first,
            )
            on_sides([(rear, above), (half, above)], [(rear, above + 0.09), (half, above + 0.09)], second)
        elif f.livery == "wave":
            x = np.linspace(rear, half, 9)
            crest = above + 0.10 + (waist - above - 0.15) * (0.5 + 0.5 * np.sin(np.linspace(0.6, 5.2, 9)))
            on_sides(
                [(float(a), above) for a in x],
                [(float(a), float(b)) for a, b in zip(x, crest, strict=True)],
                first,
            )
            on_sides(
                [(float(a), float(b)) for a, b in zip(x, crest, strict=True)],
                [(float(a), float(b) + 0.05) for a, b in zip(x, crest, strict=True)],
                second,
            )
        elif f.livery == "school":
            for z in (above + 0.05, waist - 0.10):
                on_sides(
                    [(rear, z), (half, z)],
                    [(rear, z + 0.05), (half, z + 0.05)],
                    p.finish((20, 20, 21), Material.SATIN),
                )
            write_sides(
                p, "校车", (0.4, waist - 0.36), 0.34, p.finish((20, 20, 21), Material.SATIN), stroke=0.14
            )

    def _windows(self) -> None:
        p, f = self.panels, self.form
        low, high = f.window_low_m, f.window_high_m
        rear, front = -f.length_m / 2 + 0.42, f.length_m / 2 - f.nose_m - 0.08
        frame, glass = p.finish(FRAME, Material.GLASS), p.finish(GLASS, Material.GLASS)
        p.sides(
            [(rear, low), (front, low)], [(rear, high), (front, high)], frame, out_m=0.004, cells=8, rows=2
        )
        pitch = (front - rear) / f.panes
        for k in range(f.panes):
            a, b = rear + pitch * k + 0.035, rear + pitch * (k + 1) - 0.035
            p.sides(
                [(a, low + 0.04), (b, low + 0.04)],
                [(a, high - 0.04), (b, high - 0.04)],
                glass,
                out_m=0.007,
                cells=2,
                rows=2,
            )
            if f.kind == "city" and k % 2:
                z = high - 0.34
                p.sides([(a, z), (b, z)], [(a, z + 0.02), (b, z + 0.02)], frame, out_m=0.010, cells=1, rows=1)
            self._passengers(a, b, low)
        self._driver(low)

    def _passengers(self, a: float, b: float, low: float) -> None:
        p, lots = self.panels, self.lots
        seat = p.finish((36, 44, 58), Material.GLASS)
        for side in (True, False):
            for share in (0.3, 0.8):
                x = a + (b - a) * share
                p.side(
                    side,
                    [(x - 0.10, low + 0.05), (x + 0.08, low + 0.05)],
                    [(x - 0.13, low + 0.30), (x + 0.02, low + 0.32)],
                    seat,
                    out_m=0.010,
                    cells=1,
                    rows=1,
                )
                if lots.chance(0.32):
                    coat = p.finish(
                        lots.pick(((66, 72, 88), (88, 82, 76), (46, 48, 52), (92, 54, 52), (60, 82, 72))),
                        Material.GLASS,
                    )
                    p.side(
                        side,
                        [(x - 0.06, low + 0.05), (x + 0.22, low + 0.05)],
                        [(x - 0.02, low + 0.33), (x + 0.16, low + 0.33)],
                        coat,
                        out_m=0.012,
                        cells=1,
                        rows=1,
                    )
                    for cx, cz, r, color in (
                        (x + 0.09, low + 0.44, 0.088, (96, 72, 58)),
                        (x + 0.07, low + 0.49, 0.085, (24, 21, 20)),
                    ):
                        edge_low, edge_high = disc(cx, cz, r, r * 1.15, 6)
                        p.side(
                            side,
                            edge_low,
                            edge_high,
                            p.finish(color, Material.GLASS),
                            out_m=0.014 if cz < low + 0.46 else 0.016,
                            cells=5,
                            rows=1,
                        )

    def _driver(self, low: float) -> None:
        p, f = self.panels, self.form
        turn = p.hull.turn_of(True, 0.42)
        coat, skin, hair = (p.finish(c, Material.GLASS) for c in ((58, 68, 92), (100, 76, 60), (24, 21, 20)))
        base = max(low, f.window_low_m) + 0.15
        w = p.hull.turn_of(True, 0.60) - turn
        p.nose(
            [(turn - w, base), (turn + w, base)],
            [(turn - w * 0.7, base + 0.42), (turn + w * 0.7, base + 0.42)],
            coat,
            out_m=0.014,
            cells=2,
            rows=2,
        )
        for dz, r, look, out in ((0.56, 0.55, skin, 0.017), (0.63, 0.55, hair, 0.020)):
            edge_low, edge_high = disc(turn, base + dz, w * r, 0.105, 7)
            p.nose(edge_low, edge_high, look, out_m=out, cells=6, rows=1)

    def _doors(self) -> None:
        p, f = self.panels, self.form
        frame, glass = p.finish(FRAME, Material.SATIN), p.finish(GLASS, Material.GLASS)
        low, high = f.sill_m + 0.06, f.window_high_m + (0.02 if f.kind == "city" else -0.1)
        for door in f.doors_m:
            half = 0.62 if f.kind == "city" else 0.42
            x = min(door, f.length_m / 2 - f.nose_m * 0.5 - half)
            p.side(
                False,
                [(x - half, low), (x + half, low)],
                [(x - half, high), (x + half, high)],
                frame,
                out_m=0.012,
                cells=4,
                rows=4,
            )
            leaves = 2 if f.kind == "city" else 1
            for k in range(leaves):
                a = x - half + 2 * half * k / leaves + 0.05
                b = x - half + 2 * half * (k + 1) / leaves - 0.05
                p.side(
                    False,
                    [(a, low + 0.10), (b, low + 0.10)],
                    [(a, high - 0.12), (b, high - 0.12)],
                    glass,
                    out_m=0.016,
                    cells=2,
                    rows=4,
                )
                p.side(
                    False,
                    [(b - 0.05, low + 0.5), (b - 0.03, low + 0.5)],
                    [(b - 0.05, low + 1.2), (b - 0.03, low + 1.2)],
                    p.finish((226, 196, 30), Material.SATIN),
                    out_m=0.020,
                    cells=1,
                    rows=1,
                )

    def _front(self) -> None:
        p, f = self.panels, self.form
        t = self.hull.turn_of
        low, high = f.window_low_m - (0.10 if f.kind == "city" else 0.0), f.window_high_m + 0.05
        frame, glass = p.finish(FRAME, Material.GLASS), p.finish(GLASS, Material.GLASS)
        edge = 84.0
        p.nose(
            [(-edge, low - 0.04), (0, low - 0.08), (edge, low - 0.04)],
            [(-edge, high + 0.30), (0, high + 0.32), (edge, high + 0.30)],
            frame,
            out_m=0.006,
            cells=18,
            rows=6,
        )
        p.nose(
            [(-72, low), (0, low - 0.03), (72, low)],
            [(-70, high), (0, high + 0.02), (70, high)],
            glass,
            out_m=0.010,
            cells=16,
            rows=6,
        )
        sign = p.finish(AMBER_TEXT, Material.LIT_SIGN)

        def skin(u: np.ndarray, v: np.ndarray) -> np.ndarray:
            a = np.clip(u / self.hull.half_width_m, -0.95, 0.95)
            turn = np.degrees(np.arcsin(np.abs(a) ** (self.hull.nose_power / 2.0))) * np.sign(a)
            return self.hull.end_point_m(True, turn, v)

        if f.kind == "city":
            write(p, skin, f.route, (0.0, high + 0.16), 0.17, sign, stroke=0.15, out_m=0.012)
            x = f.doors_m[0] - 1.15
            side, reads = side_skin(p, False)
            write(
                p,
                side,
                f.route,
                (x, f.window_high_m - 0.14),
                0.13,
                sign,
                reads=reads,
                stroke=0.15,
                out_m=0.014,
            )
        for across in (0.45, -0.25):
            a, b = self.hull.end_point_m(
                True, np.array([t(True, across), t(True, across - 0.55)]), np.array([low + 0.03, low + 0.10])
            )
            self.out.add(tube(np.array([a, b]) + np.array((0.03, 0.0, 0.0)), 0.012, 4), p.finish(DARK))
        z0 = f.sill_m
        lamp_z = z0 + 0.42 * (low - z0)
        shell, beam = p.finish((24, 26, 29), Material.GLASS), p.finish(LENS, Material.HEAD_LAMP)
        tall = 0.17 if f.lamps != "slim" else 0.10
        p.nose(
            [(t(True, 0.62), lamp_z), (t(True, 0.97), lamp_z + 0.02)],
            [(t(True, 0.60), lamp_z + tall), (t(True, 0.97), lamp_z + tall * 1.5)],
            shell,
            out_m=0.008,
            cells=6,
            rows=2,
            mirror=True,
        )
        for a in (0.70, 0.84):
            edge_low, edge_high = disc(
                t(True, a), lamp_z + tall * 0.55, (t(True, a + 0.06) - t(True, a - 0.06)) / 2, tall * 0.36
            )
            p.nose(edge_low, edge_high, beam, out_m=0.013, cells=6, rows=1, mirror=True)
        p.nose(
            [(t(True, 0.62), lamp_z + tall * 1.05), (t(True, 0.97), lamp_z + tall * 1.5)],
            [(t(True, 0.62), lamp_z + tall * 1.05 + 0.025), (t(True, 0.97), lamp_z + tall * 1.5 + 0.025)],
            p.finish((246, 250, 255), Material.HEAD_LAMP),
            out_m=0.010,
            cells=4,
            rows=1,
            mirror=True,
        )
        p.indicators(
            True,
            [(t(True, 0.92), lamp_z + 0.02), (t(True, 0.975), lamp_z + 0.02)],
            [(t(True, 0.92), lamp_z + tall), (t(True, 0.975), lamp_z + tall)],
            out_m=0.014,
        )
        p.nose(
            [(-80, z0), (0, z0), (80, z0)],
            [(-80, z0 + 0.10), (0, z0 + 0.12), (80, z0 + 0.10)],
            p.finish((44, 46, 49)),
            cells=12,
            rows=1,
        )
        p.nose(
            [(t(True, -0.5), z0 + 0.16), (t(True, 0.5), z0 + 0.16)],
            [(t(True, -0.46), z0 + 0.30), (t(True, 0.46), z0 + 0.30)],
            p.finish((20, 21, 22)),
            cells=8,
        )
        p.nose(
            [(t(True, 0.70), z0 + 0.16), (t(True, 0.84), z0 + 0.16)],
            [(t(True, 0.70), z0 + 0.22), (t(True, 0.84), z0 + 0.22)],
            p.finish(LENS, Material.FOG_LAMP),
            out_m=0.010,
            cells=2,
            rows=1,
            mirror=True,
        )
        first = p.finish(f.accents[0], Material.SATIN)
        if f.livery in ("band", "wave", "sweep"):
            z = lamp_z + tall * 1.7
            p.nose(
                [(-82, z), (0, z - 0.08), (82, z)],
                [(-82, low - 0.06), (0, low - 0.11), (82, low - 0.06)],
                first,
                out_m=0.004,
                cells=14,
                rows=2,
            )
        z = z0 + 0.40
        add_plate(
            self.out,
            self.numbers[0],
            plate_at(float(self.hull.end_point_m(True, 0.0, z)[0]) + 0.012, z, front=True),
            Tag.BUS,
        )

    def _rear(self) -> None:
        p, f = self.panels, self.form
        t = self.hull.turn_of
        low, high = f.window_low_m + 0.35, f.window_high_m + 0.05
        p.tail(
            [(-66, low), (66, low)],
            [(-64, high), (64, high)],
            p.finish(GLASS, Material.GLASS),
            out_m=0.006,
            cells=10,
            rows=2,
        )
        dark = p.finish((30, 32, 35))
        for k in range(9):
            z = 0.98 + 0.055 * k
            p.tail(
                [(t(False, -0.55), z), (t(False, 0.55), z)],
                [(t(False, -0.55), z + 0.03), (t(False, 0.55), z + 0.03)],
                dark,
                out_m=0.006,
                cells=6,
                rows=1,
            )
        p.tail(
            [(-80, f.sill_m), (0, f.sill_m), (80, f.sill_m)],
            [(-80, f.sill_m + 0.14), (0, f.sill_m + 0.14), (80, f.sill_m + 0.14)],
            p.finish((44, 46, 49)),
            cells=10,
            rows=1,
        )
        z = 0.78
        step = 0.19
        shell = p.finish((70, 12, 15), Material.TAIL_LAMP)
        p.tail(
            [(t(False, 0.80), z), (t(False, 0.97), z)],
            [(t(False, 0.80), z + 5 * step), (t(False, 0.97), z + 5 * step)],
            shell,
            out_m=0.006,
            cells=3,
            rows=3,
            mirror=True,
        )
        for k, (material, color) in enumerate(
            (
                (Material.REVERSE_LAMP, LENS),
                (Material.REAR_FOG_LAMP, RED_LENS),
                (Material.BRAKE_LAMP, BRIGHT_RED),
                (Material.TAIL_LAMP, RED_LENS),
            )
        ):
            edge_low, edge_high = disc(
                t(False, 0.88), z + step * (k + 0.55), (t(False, 0.94) - t(False, 0.82)) / 2, step * 0.40
            )
            p.tail(edge_low, edge_high, p.finish(color, material), out_m=0.011, cells=6, rows=1, mirror=True)
        p.indicators(
            False,
            [(t(False, 0.83), z + step * 4.1), (t(False, 0.95), z + step * 4.1)],
            [(t(False, 0.83), z + step * 4.85), (t(False, 0.95), z + step * 4.85)],
            out_m=0.012,
        )
        p.tail(
            [(t(False, -0.16), high + 0.05), (t(False, 0.16), high + 0.05)],
            [(t(False, -0.16), high + 0.10), (t(False, 0.16), high + 0.10)],
            p.finish(BRIGHT_RED, Material.BRAKE_LAMP),
            out_m=0.008,
            cells=2,
            rows=1,
        )
        z = 0.70
        add_plate(
            self.out,
            self.numbers[1],
            plate_at(float(self.hull.end_point_m(False, 0.0, z)[0]) - 0.012, z, front=False),
            Tag.BUS,
        )

    def _roof(self) -> None:
        p, f = self.panels, self.form
        for x, length in f.pods:
            top = f.height_m
            rings = []
            for dz, shrink in ((-0.12, 1.0), (0.65, 1.0), (1.0, 0.90)):
                z = f.roof_m + (top - f.roof_m) * dz if dz > 0 else f.roof_m - 0.06
                a, b = length / 2 * shrink, f.width_m * 0.36 * shrink
                c = min(0.18, a * 0.3)
                rings.append(
                    [
                        (x + u, v, z)
                        for u, v in (
                            (a, -b + c),
                            (a, b - c),
                            (a - c, b),
                            (-a + c, b),
                            (-a, b - c),
                            (-a, -b + c),
                            (-a + c, -b),
                            (a - c, -b),
                        )
                    ]
                )
            self.out.add(loft(np.array(rings)), self.paint, crease_rad=0.3)
            grille = box((length * 0.5, f.width_m * 0.3, 0.012), (x, 0.0, top - 0.002))
            self.out.add(grille, p.finish((96, 99, 103)))
        for x in (f.length_m * 0.18, -f.length_m * 0.3):
            if all(abs(x - a) > 0.5 + b / 2 for a, b in f.pods):
                self.out.add(
                    box((0.62, 0.62, 0.05), (x, 0.0, f.roof_m + 0.012), 0.015), p.finish((176, 178, 181))
                )

    def _mirrors(self) -> None:
        p, f = self.panels, self.form
        dark = p.finish(DARK, Material.SATIN)
        half, front = f.width_m / 2, f.length_m / 2
        z = f.window_high_m - 0.10
        y = half + f.mirror_m
        if f.kind == "coach":
            arm = [
                (front - 0.35, half * 0.80, z + 0.32),
                (front - 0.02, half * 0.96, z + 0.30),
                (front - 0.01, y - 0.12, z + 0.02),
            ]
            x = front - 0.02
        else:
            arm = [
                (front - 0.55, half * 0.985, z - 0.05),
                (front - 0.30, half + 0.10, z + 0.02),
                (front - 0.24, y - 0.12, z - 0.06),
            ]
            x = front - 0.24
        head = box((0.13, 0.24, 0.42), (x, y - 0.12, z - 0.22), 0.05)
        glass, _ = plate((x - 0.068, y - 0.12, z - 0.22), (0.0, -0.09, 0.0), (0.0, 0.0, 0.17))
        self.out.add(join([mirrored_pair(tube(np.array(arm), 0.028, 6)), mirrored_pair(head)]), dark)
        self.out.add(
            mirrored_pair(glass.facing((-1.0, 0.0, 0.0))), p.finish((120, 128, 135), Material.CHROME)
        )

    def _bellows(self, x: float) -> None:
        """The folds over the joint. The body is rigid; the folds are only seen."""
        p, f = self.panels, self.form
        half = 0.72
        dark, fold = p.finish((46, 48, 51)), p.finish((64, 66, 70))
        top = f.roof_m - 0.19
        low = f.sill_m + 0.04
        p.sides(
            [(x - half, low), (x + half, low)],
            [(x - half, top), (x + half, top)],
            dark,
            out_m=0.018,
            cells=2,
            rows=3,
        )
        p.top(
            [(x - half, -1.0), (x + half, -1.0)],
            [(x - half, 1.0), (x + half, 1.0)],
            dark,
            out_m=0.018,
            cells=1,
            rows=12,
        )
        count = 9
        for k in range(count):
            at = x - half + 2 * half * (k + 0.5) / count
            p.sides(
                [(at - 0.035, low), (at + 0.035, low)],
                [(at - 0.035, top), (at + 0.035, top)],
                fold,
                out_m=0.034,
                cells=1,
                rows=2,
            )
            p.top(
                [(at - 0.035, -1.0), (at + 0.035, -1.0)],
                [(at - 0.035, 1.0), (at + 0.035, 1.0)],
                fold,
                out_m=0.034,
                cells=1,
                rows=12,
            )
        for at in (x - half, x + half):
            p.sides(
                [(at - 0.05, low), (at + 0.05, low)],
                [(at - 0.05, top), (at + 0.05, top)],
                p.finish(SILVER, Material.METAL),
                out_m=0.022,
                cells=1,
                rows=2,
            )
