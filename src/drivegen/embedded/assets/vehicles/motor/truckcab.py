"""Cabs over the engine: what Chinese trucks have in front."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import box, loft, mirrored_pair, plate, rod
from drivegen.embedded.assets.sculpt import Finish, Sculpture, join
from drivegen.embedded.assets.vehicles.motor.hull import UNDER_ROWS, Arch, Hull
from drivegen.embedded.assets.vehicles.motor.lots import Lots
from drivegen.embedded.assets.vehicles.motor.panels import CHROME, DARK, GLASS, LENS, Panels, Rgb, disc
from drivegen.embedded.assets.vehicles.plates import Number, add_plate, plate_at
from drivegen.embedded.mesh import Material

CAB_ROWS = (0.0, 0.08, 0.2, 0.32, 0.44, 0.55, 0.65, 0.75, 0.85, 0.95, 1.05, 1.15, 1.25, 1.35, 1.45)


@dataclass(frozen=True, slots=True, kw_only=True)
class CabForm:
    """One cab; lengths in metres, heights above the ground, x from the cab's middle."""

    length_m: float
    width_m: float
    roof_m: float
    sill_m: float
    axle_m: float
    """How far the axle lies behind the front."""
    wheel_m: float
    waist_m: float
    """Lower edge of the windows."""
    glass_m: float
    """Height of the windscreen."""
    lean_m: float
    heavy: bool
    grille: str
    lamps: str
    paint: Rgb
    visor: bool
    deflector_m: float
    """Height of a shield on the roof."""
    windows: int
    """On each side: 2 for a crew cab."""
    mirror_m: float


def draw_cab(
    lots: Lots,
    *,
    heavy: bool,
    width_m: float,
    paint: Rgb,
    wheel_m: float,
    crew: bool = False,
    sleeper: bool = False,
    low: bool = False,
) -> CabForm:
    """A cab."""
    roof = lots.span(3.0, 3.35) if sleeper else lots.span(2.75, 2.95) if heavy else lots.span(2.08, 2.28)
    if low:
        roof = lots.span(2.35, 2.55)
    waist = (lots.span(1.72, 1.84) if heavy else lots.span(1.22, 1.30)) - (0.25 if low and heavy else 0.0)
    return CabForm(
        length_m=(
            lots.span(2.15, 2.32) if sleeper else lots.span(1.85, 2.05) if heavy else lots.span(1.58, 1.72)
        )
        + (0.85 if crew else 0.0),
        width_m=width_m,
        roof_m=roof,
        sill_m=lots.span(0.40, 0.48) if heavy else lots.span(0.30, 0.36),
        axle_m=lots.span(1.36, 1.46) if heavy else lots.span(1.06, 1.14),
        wheel_m=wheel_m,
        waist_m=waist,
        glass_m=min(lots.span(0.84, 0.95) if heavy else lots.span(0.66, 0.74), roof - waist - 0.26),
        lean_m=lots.span(0.10, 0.22),
        heavy=heavy,
        grille=lots.pick(("bars", "panel", "mesh", "painted")),
        lamps=lots.pick(("bumper", "high", "stack")),
        paint=paint,
        visor=heavy and lots.chance(0.6),
        deflector_m=0.0,
        windows=2 if crew else 1,
        mirror_m=lots.span(0.13, 0.19),
    )


class CabBody:
    """A cab being made."""

    def __init__(self, form: CabForm, number: Number, tag: Tag = Tag.TRUCK) -> None:
        self.form, self.number = form, number
        self.out = Sculpture()
        self.panels = Panels(self.out, self.hull, tag)
        self.paint = Finish(form.paint, Material.PAINT, tag)

    @cached_property
    def hull(self) -> Hull:
        """The shell."""
        f = self.form
        low, top = f.sill_m, f.waist_m + f.glass_m
        bumper = low + 0.45 * (f.waist_m - low)
        return Hull(
            length_m=f.length_m,
            half_width_m=f.width_m / 2,
            sill_m=low,
            top_fz=((0.0, f.roof_m - 0.10), (0.2, f.roof_m - 0.01), (0.5, f.roof_m), (1.0, f.roof_m)),
            edge_m=0.16,
            nose_m=0.30 if not f.heavy else 0.36,
            nose_power=3.6,
            tail_m=0.06,
            tail_power=6.0,
            nose_zx=(
                (low, 0.05),
                (low + 0.12, 0.0),
                (bumper, 0.0),
                (f.waist_m, 0.035),
                (top, f.lean_m),
                (f.roof_m, min(f.lean_m + 0.16, 0.29)),
            ),
            side_vy=tuple(
                (v, 1.0 - 0.02 * max(0.0, 0.2 - v) / 0.2 - 0.09 * max(0.0, v - 0.9)) for v in CAB_ROWS
            ),
            waist_m=f.waist_m,
            arches=(Arch(x_m=f.length_m / 2 - f.axle_m, z_m=f.wheel_m + 0.01, radius_m=f.wheel_m + 0.09),),
            well_m=0.55,
        )

    def build(self) -> Sculpture:
        """All of it, in the cab's frame."""
        p, f = self.panels, self.form
        shape, row = self.hull.shape()
        self.out.add(
            shape, ((self.paint, p.finish((22, 22, 23))), np.where(row < UNDER_ROWS, 1, 0)), crease_rad=0.5
        )
        self._glass()
        self._face()
        self._sides()
        self._mirrors()
        if f.visor:
            edge = self.hull.end_point_m(
                True, np.linspace(-62, 62, 9), np.full(9, f.waist_m + f.glass_m + 0.05)
            )
            rings = [
                [
                    e + np.array((0.0, 0.0, 0.05)),
                    e + np.array((0.16, 0.0, 0.0)),
                    e + np.array((0.15, 0.0, -0.02)),
                    e + np.array((-0.01, 0.0, 0.02)),
                ]
                for e in edge
            ]
            self.out.add(loft(np.array(rings)), p.finish((30, 31, 33), Material.SATIN))
        if f.deflector_m > 0.0:
            half, a = f.width_m / 2 * 0.86, f.length_m / 2
            top = f.roof_m + f.deflector_m
            rings = [
                [
                    (a - 0.55, y, f.roof_m - 0.03),
                    (a - 0.75, y * 0.97, f.roof_m + 0.15),
                    (-a + 0.35, y * 0.92, top),
                    (-a + 0.03, y * 0.92, top),
                    (-a + 0.03, y, f.roof_m - 0.03),
                ]
                for y in (-half, -half * 0.5, half * 0.5, half)
            ]
            self.out.add(loft(np.array(rings)), self.paint, crease_rad=0.4)
        if f.heavy:
            for y in (-0.8, -0.28, 0.28, 0.8):
                lamp = box(
                    (0.08, 0.16, 0.05),
                    (f.length_m / 2 - f.lean_m - 0.16, y * f.width_m / 2 * 0.85, f.roof_m - 0.045),
                    0.015,
                )
                self.out.add(lamp, p.finish((214, 150, 40)))
        p.flush()
        return self.out

    def _glass(self) -> None:
        p, f = self.panels, self.form
        glass, frame = p.finish(GLASS, Material.GLASS), p.finish((15, 16, 18), Material.GLASS)
        low, high = f.waist_m, f.waist_m + f.glass_m
        p.nose(
            [(-78, low - 0.03), (0, low - 0.06), (78, low - 0.03)],
            [(-74, high + 0.03), (0, high + 0.05), (74, high + 0.03)],
            frame,
            out_m=0.006,
            cells=16,
            rows=5,
        )
        p.nose(
            [(-66, low + 0.01), (0, low - 0.02), (66, low + 0.01)],
            [(-62, high), (0, high + 0.02), (62, high)],
            glass,
            out_m=0.010,
            cells=14,
            rows=5,
        )
        t = self.hull.turn_of
        for a in (0.45, -0.45):
            turn, w = t(True, a), t(True, abs(a) + 0.13) - t(True, abs(a))
            p.nose(
                [(turn - w, low + 0.03), (turn + w, low + 0.03)],
                [(turn - w * 0.8, low + 0.40 * f.glass_m), (turn + w * 0.8, low + 0.40 * f.glass_m)],
                p.finish((54, 60, 74) if a > 0 else (44, 44, 46), Material.GLASS),
                out_m=0.013,
                cells=2,
                rows=2,
            )
            for dz, color in (
                ((0.56, (102, 78, 62)), (0.64, (24, 21, 20))) if a > 0 else ((0.50, (44, 44, 46)),)
            ):
                e_low, e_high = disc(turn, low + dz * f.glass_m, w * 0.5, 0.10)
                p.nose(
                    e_low, e_high, p.finish(color, Material.GLASS), out_m=0.013 + 0.01 * dz, cells=6, rows=1
                )
        e_low, e_high = disc(t(True, 0.45), low + 0.08, t(True, 0.58) - t(True, 0.45), 0.16, 9)
        p.nose(
            [(u, v - 0.025) for u, v in e_high],
            e_high,
            p.finish((34, 34, 36), Material.GLASS),
            out_m=0.021,
            cells=8,
            rows=1,
        )
        for a, b in ((0.5, 0.0), (0.0, -0.5)):
            ends = self.hull.end_point_m(
                True, np.array([t(True, a), t(True, b)]), np.array([low + 0.02, low + 0.09])
            ) + np.array((0.03, 0.0, 0.0))
            self.out.add(rod(ends[0], ends[1], 0.011, 4), p.finish(DARK))
        front, rear = f.length_m / 2 - 0.34, -f.length_m / 2
        first = front - min(0.95, f.length_m * 0.55)
        p.sides(
            [(first, low), (front - 0.02, low)],
            [(first, high - 0.03), (front - 0.10, high - 0.03)],
            glass,
            out_m=0.008,
            cells=3,
            rows=3,
        )
        e_low, e_high = disc(first + 0.32, low + 0.52 * f.glass_m, 0.085, 0.10)
        p.side(True, e_low, e_high, p.finish((102, 78, 62), Material.GLASS), out_m=0.012, cells=6, rows=1)
        p.side(
            True,
            [(first + 0.14, low + 0.03), (first + 0.46, low + 0.03)],
            [(first + 0.22, low + 0.4 * f.glass_m), (first + 0.40, low + 0.4 * f.glass_m)],
            p.finish((54, 60, 74), Material.GLASS),
            out_m=0.011,
            cells=2,
            rows=1,
        )
        if f.windows == 2:
            p.sides(
                [(rear + 0.14, low), (first - 0.12, low)],
                [(rear + 0.16, high - 0.03), (first - 0.12, high - 0.03)],
                glass,
                out_m=0.008,
                cells=3,
                rows=3,
            )

    def _face(self) -> None:
        p, f = self.panels, self.form
        t = self.hull.turn_of
        low, high = f.sill_m, f.waist_m
        span = high - low

        def z(share: float) -> float:
            return low + share * span

        dark, black = p.finish((34, 35, 38)), p.finish((14, 15, 16), Material.SATIN)
        p.nose(
            [(-86, z(0.0)), (0, z(0.0)), (86, z(0.0))],
            [(-86, z(0.16)), (0, z(0.16)), (86, z(0.16))],
            dark,
            cells=14,
            rows=2,
        )
        top = 0.92
        if f.grille != "painted":
            p.nose(
                [(t(True, -0.62), z(0.48)), (t(True, 0.62), z(0.48))],
                [(t(True, -0.70), z(top)), (t(True, 0.70), z(top))],
                black,
                out_m=0.007,
                cells=10,
                rows=4,
            )
            count = {"bars": 4, "panel": 1, "mesh": 7}[f.grille]
            metal = p.finish(CHROME if f.grille != "mesh" else (70, 73, 77), Material.METAL)
            for k in range(count):
                v = 0.52 + 0.38 * (k + 0.5) / count
                w = 0.60 + 0.10 * (v - 0.48) / 0.44
                p.nose(
                    [(t(True, -w), z(v)), (t(True, w), z(v))],
                    [(t(True, -w), z(v) + 0.028), (t(True, w), z(v) + 0.028)],
                    metal,
                    out_m=0.016,
                    cells=8,
                    rows=1,
                )
        else:
            for v in (0.62, 0.74):
                p.nose(
                    [(t(True, -0.55), z(v)), (t(True, 0.55), z(v))],
                    [(t(True, -0.55), z(v + 0.07)), (t(True, 0.55), z(v + 0.07))],
                    black,
                    cells=8,
                    rows=1,
                )
        p.nose(
            [(t(True, -0.42), z(0.20)), (t(True, 0.42), z(0.20))],
            [(t(True, -0.42), z(0.36)), (t(True, 0.42), z(0.36))],
            black,
            cells=6,
            rows=1,
        )
        shell, beam = p.finish((24, 26, 29), Material.GLASS), p.finish(LENS, Material.HEAD_LAMP)
        base, tall = {"bumper": (0.22, 0.17), "high": (0.46, 0.17), "stack": (0.24, 0.34)}[f.lamps]
        p.nose(
            [(t(True, 0.64), z(base)), (t(True, 0.97), z(base))],
            [(t(True, 0.64), z(base + tall)), (t(True, 0.97), z(base + tall * 1.1))],
            shell,
            out_m=0.009,
            cells=5,
            rows=3,
            mirror=True,
        )
        spots = ((0.72, 0.5), (0.86, 0.5)) if f.lamps != "stack" else ((0.76, 0.26), (0.78, 0.72))
        for a, v in spots:
            w = t(True, a + 0.055) - t(True, a)
            e_low, e_high = disc(t(True, a), z(base + tall * v), w, min(0.075, tall * span * 0.33))
            p.nose(e_low, e_high, beam, out_m=0.014, cells=6, rows=1, mirror=True)
        p.indicators(
            True,
            [(t(True, 0.92), z(base + 0.02)), (t(True, 0.965), z(base + 0.02))],
            [(t(True, 0.92), z(base + tall * 0.95)), (t(True, 0.965), z(base + tall * 0.95))],
            out_m=0.015,
        )
        p.nose(
            [(t(True, 0.62), z(0.05)), (t(True, 0.76), z(0.05))],
            [(t(True, 0.62), z(0.11)), (t(True, 0.76), z(0.11))],
            p.finish(LENS, Material.FOG_LAMP),
            out_m=0.010,
            cells=2,
            rows=1,
            mirror=True,
        )
        at = z(0.28)
        x = float(self.hull.end_point_m(True, 0.0, at)[0])
        add_plate(self.out, self.number, plate_at(x + 0.014, at, front=True), p.tag)

    def _sides(self) -> None:
        p, f, hull = self.panels, self.form, self.hull
        front = f.length_m / 2 - 0.32
        first = front - min(0.99, f.length_m * 0.58)
        axle, gap = f.length_m / 2 - f.axle_m, f.wheel_m + 0.10
        low, high = f.sill_m + 0.06, f.waist_m + f.glass_m + 0.02
        lines = [front, first] + ([-f.length_m / 2 + 0.10] if f.windows == 2 else [])
        for x in lines:
            start = low
            inside = gap**2 - (x - axle) ** 2
            if inside > 0.0:
                start = f.wheel_m + inside**0.5
            p.seam(hull.side_point_m, [(x, start), (x, high)], (0.010, 0.0), mirror=True, cells=8)
        for x in lines[1:]:
            p.sides(
                [(x + 0.07, f.waist_m - 0.16), (x + 0.25, f.waist_m - 0.16)],
                [(x + 0.07, f.waist_m - 0.11), (x + 0.25, f.waist_m - 0.11)],
                p.finish((24, 25, 27)),
                out_m=0.010,
                cells=1,
                rows=1,
            )
        dark = p.finish((34, 35, 38))
        drop = 0.25

        def skin(u: np.ndarray, v: np.ndarray) -> np.ndarray:
            z = np.maximum(f.wheel_m + 0.01 + v * np.sin(u), f.sill_m)
            return hull.side_point_m(np.clip(axle + v * np.cos(u), -f.length_m / 2 + 0.02, front), z)

        p.on(
            skin,
            [(-drop, gap - 0.01), (np.pi + drop, gap - 0.01)],
            [(-drop, gap + 0.07), (np.pi + drop, gap + 0.07)],
            dark,
            out_m=0.012,
            cells=14,
            rows=1,
            mirror=True,
            inside_m=(axle, 0.0, 1.0),
        )
        if f.heavy:
            x = (front + axle + gap) / 2
            p.sides(
                [(x - 0.16, f.sill_m + 0.05), (x + 0.16, f.sill_m + 0.05)],
                [(x - 0.16, f.sill_m + 0.32), (x + 0.16, f.sill_m + 0.32)],
                dark,
                out_m=0.008,
                cells=2,
                rows=1,
            )

    def _mirrors(self) -> None:
        p, f = self.panels, self.form
        x, y = f.length_m / 2 - 0.16, f.width_m / 2 + f.mirror_m
        z, tall = f.waist_m + 0.12, 0.46 if f.heavy else 0.34
        dark = p.finish((26, 27, 29), Material.SATIN)
        head = box((0.11, 0.20, tall), (x, y - 0.10, z + tall / 2), 0.04)
        arms = [
            rod((x - 0.14, f.width_m / 2 * 0.93, z + dz), (x, y - 0.12, z + dz), 0.016, 5)
            for dz in (0.05, tall - 0.04)
        ]
        self.out.add(mirrored_pair(join([head, *arms])), dark)
        glass, _ = plate((x - 0.058, y - 0.10, z + tall / 2), (0.0, -0.075, 0.0), (0.0, 0.0, tall * 0.42))
        self.out.add(
            mirrored_pair(glass.facing((-1.0, 0.0, 0.0))), p.finish((120, 128, 135), Material.CHROME)
        )
