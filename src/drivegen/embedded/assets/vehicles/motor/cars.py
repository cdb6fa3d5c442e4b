"""Cars of many makes, none of them real: a hull with a cabin, dressed by its form."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import box, lathe, loft, mirrored_pair, plate, rod, rotation_about, tube
from drivegen.embedded.assets.sculpt import Finish, Sculpture
from drivegen.embedded.assets.vehicles.motor.cabin import Cabin
from drivegen.embedded.assets.vehicles.motor.carform import CarForm
from drivegen.embedded.assets.vehicles.motor.hull import UNDER_ROWS, Arch, Hull
from drivegen.embedded.assets.vehicles.motor.noses import Nose
from drivegen.embedded.assets.vehicles.motor.occupants import add_occupants
from drivegen.embedded.assets.vehicles.motor.panels import CHROME, DARK, WHITE, Panels, Rgb
from drivegen.embedded.assets.vehicles.motor.tails import TailDress
from drivegen.embedded.assets.vehicles.plates import Number
from drivegen.embedded.mesh import Material

ARCH_GAP_M = 0.045
EDGE_M = 0.055


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A stripe along the flanks, between two heights as `Hull.side_vy` counts them."""

    low_v: float
    high_v: float
    color: Rgb


class CarBody:
    """The body of a car being made."""

    def __init__(
        self,
        form: CarForm,
        tag: Tag,
        number: Number,
        paint: Rgb = WHITE,
        lower: Rgb | None = None,
        band: Band | None = None,
    ) -> None:
        self.form, self.tag, self.number = form, tag, number
        self.paint = Finish(paint, Material.PAINT, tag)
        self.lower = self.paint if lower is None else Finish(lower, Material.PAINT, tag)
        self.band = band
        self.out = Sculpture()
        self.panels = Panels(self.out, self.hull, tag)

    @cached_property
    def hull(self) -> Hull:
        """The lower body."""
        f = self.form
        mid = (f.cowl_f + f.backlight_f) / 2
        bumper = f.sill_m + 0.42 * (f.waist_m - f.sill_m)
        top = [(0.0, f.hood_m), (0.035, f.hood_m + 0.03), (f.cowl_f, f.cowl_z_m), (mid, f.waist_m)]
        if f.tailgate:
            top += [(0.93, f.deck_m), (1.0, f.deck_m - 0.02)]
        else:
            top += [(min(f.backlight_f, 0.93), f.deck_m), (0.985, f.deck_m - 0.005), (1.0, f.deck_m - 0.03)]
        c, dent = f.crease_v, f.waist_line
        side = (
            (0.0, 0.940),
            (0.09, 0.972),
            (0.13, 0.986),
            (0.30, 0.990 - dent * 0.5),
            (0.45, 0.990 - dent),
            (c - 0.16, 0.990 - dent * 0.5),
            (c - 0.05, 1.0 - f.crease),
            (c, 1.0),
            (c + 0.02, 0.9995),
            (c + 0.10, 0.986),
            (1.0, 0.962),
            (1.15, 0.93),
        )
        low, top_z = f.sill_m, f.hood_m
        return Hull(
            length_m=f.length_m,
            half_width_m=f.width_m / 2,
            sill_m=f.sill_m,
            top_fz=tuple(top),
            edge_m=EDGE_M,
            nose_m=f.nose_m,
            nose_power=f.nose_power,
            tail_m=f.tail_m,
            tail_power=f.tail_power,
            nose_zx=(
                (low, 0.075),
                (low + 0.10, 0.02),
                (bumper - 0.02, 0.0),
                (bumper + 0.06, 0.012),
                (top_z - 0.05, f.lean_m),
                (top_z + 0.06, f.lean_m + 0.06),
            ),
            tail_zx=(
                (low, 0.10),
                (low + 0.12, 0.025),
                (bumper + 0.02, 0.0),
                (bumper + 0.10, 0.02),
                (f.deck_m - 0.05, 0.055),
                (f.deck_m + 0.02, 0.085),
            ),
            side_vy=side,
            waist_m=f.waist_m,
            flare_m=f.flare_m,
            arches=tuple(
                Arch(x_m=x, z_m=f.wheel_m + 0.01, radius_m=f.wheel_m + ARCH_GAP_M) for x in f.axles_m
            ),
        )

    @cached_property
    def cabin(self) -> Cabin:
        """The upper body."""
        f, hull = self.form, self.hull
        return Cabin(
            cowl_m=hull.x(f.cowl_f),
            cowl_z_m=f.cowl_z_m - 0.01,
            roof_front_m=hull.x(f.roof_front_f),
            roof_rear_m=hull.x(f.roof_rear_f),
            backlight_m=hull.x(f.backlight_f),
            waist_m=f.waist_m - 0.012,
            top_m=f.height_m,
            half_width_m=f.width_m / 2 * 0.955,
            roof_width=f.roof_width,
            crown_m=f.crown_m,
            drop_m=f.drop_m,
            kick_m=f.kick_m,
            cells=f.cells,
            roof=f.roof,
            pillars=f.pillars,
            taper=0.05 if f.tailgate else 0.07,
        )

    def build(self) -> Sculpture:
        """All of it, in the frame of the box less the mirrors."""
        p = self.panels
        shape, row = self.hull.shape()
        palette = [self.paint, p.finish((18, 18, 19)), self.lower, p.finish(DARK)]
        index = np.where(self.hull.rows_between(row, -1.0, 0.99), 2, 0)
        if self.band is not None:
            palette.append(p.finish(self.band.color, Material.PAINT))
            # Both triangles of a quad belong together, else the stripe ends in teeth.
            x = np.repeat(shape.points_m[shape.faces][:, :, 0].mean(axis=1).reshape(-1, 2).mean(axis=1), 2)
            flank = np.abs(x) < self.hull.length_m / 2 - 0.5 * max(self.hull.nose_m, self.hull.tail_m)
            index[self.hull.rows_between(row, self.band.low_v, self.band.high_v) & flank] = 4
        index[self.hull.rows_between(row, -1.0, 0.30 if self.form.cladding else 0.10)] = 3
        index[row < UNDER_ROWS] = 1
        self.out.add(shape, (palette, index), crease_rad=0.42)
        self.cabin.add(self.out, self.tag, self.paint)
        Nose(
            p, self.form.nose, self.number, float(self.hull.shoulder_m(self.hull.length_m / 2)) + 0.025
        ).add()
        TailDress(
            p, self.form.tail, self.number, float(self.hull.shoulder_m(-self.hull.length_m / 2)) + 0.02
        ).add()
        self.add_sides()
        self.add_doors()
        self.add_glass_trim()
        self.add_roof()
        self.add_mirrors()
        add_occupants(p, self.cabin, self.form.people)
        p.flush()
        return self.out

    def add_sides(self) -> None:
        """Sills, arch lips, bonnet gap."""
        p, f, hull = self.panels, self.form, self.hull
        dark = p.finish(DARK)
        front, rear = f.axles_m
        gap = f.wheel_m + ARCH_GAP_M + 0.006
        tall = (f.waist_m - f.sill_m) * 0.09
        z = f.sill_m
        if not f.cladding and f.chrome != "none":
            p.sides(
                [(rear + gap + 0.1, z + tall), (front - gap - 0.1, z + tall)],
                [(rear + gap + 0.1, z + tall + 0.015), (front - gap - 0.1, z + tall + 0.015)],
                p.finish(CHROME, Material.METAL),
                out_m=0.009,
                cells=8,
                rows=1,
            )
        reach = 0.055 if f.cladding else 0.012
        look = dark if f.cladding else self.lower
        for x in f.axles_m:
            self._lip(x, reach, look)
        for across in (0.80,):
            path = [(hull.x(f.cowl_f - 0.02), across), (hull.x(0.10), across * 0.97)]
            p.seam(hull.top_point_m, path, (0.0, 0.010), cells=8)
            p.seam(hull.top_point_m, [(a, -b) for a, b in path], (0.0, 0.010), cells=8)
        nose = hull.x(0.0) - f.lean_m - 0.05
        p.seam(hull.top_point_m, [(nose, -0.8), (nose + 0.02, 0.0), (nose, 0.8)], (0.010, 0.0), cells=8)

    def _lip(self, axle_m: float, reach_m: float, look: Finish) -> None:
        hull, f = self.hull, self.form
        inner = f.wheel_m + ARCH_GAP_M
        # No lower than the sill, or the lip would fold.
        drop = math.asin(min(max((f.wheel_m + 0.01 - f.sill_m) / (inner + reach_m), 0.0), 0.95))

        def skin(turn: np.ndarray, out: np.ndarray) -> np.ndarray:
            return hull.side_point_m(
                axle_m + out * np.cos(turn), np.maximum(f.wheel_m + 0.01 + out * np.sin(turn), f.sill_m)
            )

        low, high = (
            [(-drop, inner - 0.002), (math.pi + drop, inner - 0.002)],
            [(-drop, inner + reach_m), (math.pi + drop, inner + reach_m)],
        )
        self.panels.on(
            skin, low, high, look, out_m=0.009, cells=16, rows=2, mirror=True, inside_m=(axle_m, 0.0, 0.4)
        )

    def add_doors(self) -> None:
        """Gaps and handles of the doors, a flap."""
        p, f, hull = self.panels, self.form, self.hull
        front, rear = f.axles_m
        clear = f.wheel_m + ARCH_GAP_M + (0.07 if f.cladding else 0.03)
        low = f.sill_m + 0.11 * (f.waist_m - f.sill_m)
        lines = [hull.x(share) for share in f.doors_f]
        for k, x in enumerate(lines):
            high = float(hull.shoulder_m(x)) + 0.01
            path = []
            for z in np.linspace(low, high, 9):
                at = x + (0.02 if k == 0 else -0.015) * (z - low) / (high - low)
                for axle in (front, rear):
                    inside = clear**2 - (z - f.wheel_m) ** 2
                    if inside > 0.0 and abs(at - axle) < math.sqrt(inside):
                        at = axle + math.copysign(math.sqrt(inside), x - axle if axle == front else 1.0)
                path.append((at, float(z)))
            p.seam(hull.side_point_m, path, (0.008, 0.0), mirror=True, cells=8)
        a, b = min(lines[-1], 9.0), lines[0]
        p.seam(hull.side_point_m, [(max(a, rear + clear), low), (b, low)], (0.0, 0.007), mirror=True, cells=8)
        for x in lines[1:]:
            z = f.sill_m + (f.crease_v + 0.045) * (f.waist_m - f.sill_m)
            if f.handles == "bars":
                at = hull.side_point_m(x + 0.15, z)
                bar = box((0.19, 0.030, 0.028), (at[0], at[1] + 0.008, z), 0.009)
                self.out.add(
                    mirrored_pair(bar), p.finish(CHROME, Material.METAL) if f.chrome != "none" else self.paint
                )
            else:
                p.sides(
                    [(x + 0.06, z - 0.014), (x + 0.25, z - 0.014)],
                    [(x + 0.06, z + 0.014), (x + 0.25, z + 0.014)],
                    p.finish((30, 31, 33)),
                    out_m=0.003,
                    cells=2,
                    rows=1,
                )
                p.sides(
                    [(x + 0.065, z - 0.010), (x + 0.245, z - 0.010)],
                    [(x + 0.065, z + 0.010), (x + 0.245, z + 0.010)],
                    self.lower,
                    out_m=0.006,
                    cells=2,
                    rows=1,
                )
        if f.sliding:
            z = f.sill_m + 0.78 * (f.waist_m - f.sill_m)
            end = hull.x(0.5) - f.length_m * 0.46
            p.sides(
                [(end, z), (lines[-1], z)],
                [(end, z + 0.03), (lines[-1], z + 0.03)],
                p.finish((24, 25, 27)),
                out_m=0.004,
                cells=3,
                rows=1,
            )
        z, x = (
            f.sill_m + (f.crease_v - 0.06) * (f.waist_m - f.sill_m),
            rear - 0.12 if not f.electric else front - 0.12,
        )
        z = max(z, f.wheel_m * 2 + 0.09)
        for path, wide in (
            ([(x - 0.08, z - 0.07), (x - 0.08, z + 0.07)], (0.006, 0.0)),
            ([(x + 0.08, z - 0.07), (x + 0.08, z + 0.07)], (0.006, 0.0)),
            ([(x - 0.08, z - 0.07), (x + 0.08, z - 0.07)], (0.0, 0.006)),
            ([(x - 0.08, z + 0.07), (x + 0.08, z + 0.07)], (0.0, 0.006)),
        ):
            p.side(
                not f.electric,
                [(u - wide[0] / 2, v - wide[1] / 2) for u, v in path],
                [(u + wide[0] / 2, v + wide[1] / 2) for u, v in path],
                p.finish((14, 14, 15)),
                out_m=0.003,
                cells=1,
                rows=1,
            )

    def add_glass_trim(self) -> None:
        """Strips around the side windows, wipers, the third brake lamp, gaps of the doors in the cabin."""
        p, f, cabin = self.panels, self.form, self.cabin
        last = f.cells[-2][0]
        metal = (
            p.finish(CHROME, Material.CHROME)
            if f.chrome != "none"
            else p.finish((14, 15, 16), Material.SATIN)
        )
        p.on(
            cabin.side,
            [(0.02, 0.02), (last + 0.01, 0.02)],
            [(0.02, 0.065), (last + 0.01, 0.065)],
            metal,
            out_m=0.008,
            cells=10,
            rows=1,
            mirror=True,
            inside_m=(0.0, 0.0, 0.8),
        )
        if f.chrome == "round":
            p.on(
                cabin.side,
                [(f.cells[0][0], 0.91), (last, 0.91)],
                [(f.cells[0][0], 0.945), (last, 0.945)],
                metal,
                out_m=0.008,
                cells=10,
                rows=1,
                mirror=True,
                inside_m=(0.0, 0.0, 0.8),
            )
        dark = p.finish(DARK)
        p.on(
            cabin.screen,
            [(-0.9, 0.0), (0.9, 0.0)],
            [(-0.9, 0.07), (0.9, 0.07)],
            dark,
            out_m=0.004,
            cells=8,
            rows=1,
            inside_m=(0.0, 0.0, 0.8),
        )
        for a, b in ((0.55, -0.10), (-0.05, -0.70)):
            start, end = cabin.screen(np.array([a, b]), np.array([0.08, 0.16])) + np.array(
                (0.012, 0.0, 0.012)
            )
            self.out.add(rod(start, end, 0.009, 4), dark)
        brake = p.finish((160, 16, 20), Material.BRAKE_LAMP)
        p.on(
            cabin.back,
            [(-0.16, 0.90), (0.16, 0.90)],
            [(-0.16, 0.945), (0.16, 0.945)],
            brake,
            out_m=0.008,
            cells=3,
            rows=1,
            inside_m=(0.0, 0.0, 0.8),
        )
        if f.tailgate:
            start, end = cabin.back(np.array([0.0, -0.45]), np.array([0.06, 0.10])) - (0.016, 0.0, 0.0)
            self.out.add(rod(start, end, 0.010, 4), dark)
        for share in f.doors_f[:2]:
            x = self.hull.x(share)
            if share != f.doors_f[0]:
                low, high = cabin.share_of(x, 0.05), cabin.share_of(x, 0.9)
                p.seam(
                    cabin.side,
                    [(low, 0.05), (high, 0.92)],
                    (0.004, 0.0),
                    mirror=True,
                    out_m=0.004,
                    inside_m=(0.0, 0.0, 0.8),
                )

    def add_roof(self) -> None:
        """Rails, antenna, spoiler."""
        p, f, cabin = self.panels, self.form, self.cabin
        paint = self.paint if f.roof != "black" else p.finish((14, 15, 16), Material.SATIN)
        if f.rails:
            shares = np.array([0.16, 0.24, 0.5, 0.76, 0.86])
            base = cabin.side(shares, np.full(5, 1.0)) * (1.0, 0.955, 1.0)
            lift = f.height_m + 0.018 - cabin.edge_m
            base[:, 2] += np.array([0.01, lift * 0.82, lift, lift * 0.92, 0.012])
            look = p.finish((58, 60, 63) if f.cladding else (178, 181, 185), Material.METAL)
            self.out.add(mirrored_pair(tube(base, 0.017, 6)), look)
        if f.antenna == "fin":
            x = cabin.roof_rear_m + 0.22
            z = float(cabin._high(np.array([x]), np.array([0.9]), np.array([1.0]))[0]) + cabin.crown_m * 0.78
            fin = loft(
                np.array(
                    [
                        [
                            (x + 0.09, -0.028, z - 0.02),
                            (x + 0.09, 0.028, z - 0.02),
                            (x - 0.09, 0.030, z - 0.02),
                            (x - 0.09, -0.030, z - 0.02),
                        ],
                        [
                            (x - 0.03, -0.006, z + 0.045),
                            (x - 0.03, 0.006, z + 0.045),
                            (x - 0.085, 0.006, z + 0.05),
                            (x - 0.085, -0.006, z + 0.05),
                        ],
                    ]
                )
            )
            self.out.add(fin, paint)
        elif f.antenna == "rod":
            x, z = cabin.roof_rear_m + 0.15, cabin.edge_m - f.drop_m + cabin.crown_m * 0.8
            self.out.add(
                rod((x, 0.0, z - 0.02), (x - 0.10, 0.0, f.height_m - 0.002), 0.005, 4), p.finish(DARK)
            )
        if f.spoiler == "wing":
            edge = cabin.back(np.linspace(-0.92, 0.92, 9), np.full(9, 1.0))
            reach = np.array([0.17 - 0.05 * abs(a) ** 2 for a in np.linspace(-1, 1, 9)])
            upper, tip = edge + np.array((0.02, 0.0, 0.012)), edge.copy()
            tip[:, 0] -= reach
            tip[:, 2] -= 0.012
            rings = np.stack(
                [upper, tip, tip - np.array((0.0, 0.0, 0.022)), edge - np.array((-0.01, 0.0, 0.03))], axis=1
            )
            self.out.add(loft(rings), paint)
        elif f.spoiler in ("lip", "ducktail"):
            tall = 0.014 if f.spoiler == "lip" else 0.035
            x = -f.length_m / 2 + 0.10
            a = np.linspace(-0.80, 0.80, 9)
            base = self.hull.top_point_m(np.full(9, x + 0.10), a)
            back = self.hull.top_point_m(np.full(9, x), a)
            rings = np.stack(
                [
                    base,
                    back + np.array((0.0, 0.0, tall)),
                    back + np.array((-0.006, 0.0, tall - 0.012)),
                    back - np.array((0.0, 0.0, 0.03)),
                    base - np.array((0.0, 0.0, 0.02)),
                ],
                axis=1,
            )
            self.out.add(
                loft(rings), self.paint if f.spoiler == "ducktail" else p.finish((14, 15, 16), Material.SATIN)
            )
        if f.spare:
            x, _, z = self.hull.end_point_m(False, 0.0, f.waist_m * 0.82)
            wheel = lathe([(0.30, 0.0), (0.35, 0.04), (0.35, 0.15), (0.29, 0.19), (0.0, 0.20)], 18).turned(
                rotation_about(1, -math.pi / 2)
            )
            self.out.add(wheel.moved((x + 0.02, 0.0, z + 0.12)), p.finish((22, 22, 23), Material.RUBBER))

    def add_mirrors(self) -> None:
        """Outside mirrors that reach to the side of the box."""
        p, f, cabin = self.panels, self.form, self.cabin
        foot = cabin.side(np.array([f.cells[0][0] + 0.035]), np.array([0.10]))[0]
        y_out = f.width_m / 2 + f.mirror_m
        wide = min(0.22, y_out - foot[1] - 0.02)
        y, z = y_out - wide / 2, foot[2] + 0.055
        rings = []
        for k, (dx, grow) in enumerate(((0.055, 0.35), (0.035, 0.85), (-0.02, 1.0), (-0.06, 0.94))):
            w, h = wide / 2 * (grow if k else 0.5), 0.072 * grow
            turn = np.linspace(0.0, 2 * np.pi, 11)[:-1]
            rings.append(
                [
                    (
                        foot[0] + dx,
                        y + w * math.copysign(abs(math.cos(t)) ** 0.6, math.cos(t)),
                        z + h * math.copysign(abs(math.sin(t)) ** 0.6, math.sin(t)),
                    )
                    for t in turn
                ]
            )
        look = self.paint if f.pillars == "paint" else p.finish((14, 15, 16), Material.SATIN)
        self.out.add(mirrored_pair(loft(np.array(rings))), look)
        glass, _ = plate((foot[0] - 0.062, y, z), (0.0, -wide * 0.40, 0.0), (0.0, 0.0, 0.055))
        self.out.add(
            mirrored_pair(glass.facing((-1.0, 0.0, 0.0))), p.finish((120, 128, 135), Material.CHROME)
        )
        arm = rod(
            (foot[0] - 0.03, foot[1] - 0.05, foot[2] - 0.02),
            (foot[0] - 0.01, y - wide * 0.2, z - 0.045),
            0.022,
            6,
        )
        self.out.add(mirrored_pair(arm), p.finish(DARK))
        for sign, material in ((1.0, Material.INDICATOR_LEFT), (-1.0, Material.INDICATOR_RIGHT)):
            lamp = box((0.03, wide * 0.35, 0.014), (foot[0] + 0.035, sign * (y + wide * 0.22), z + 0.012))
            self.out.add(lamp, p.finish((214, 128, 30), material))
