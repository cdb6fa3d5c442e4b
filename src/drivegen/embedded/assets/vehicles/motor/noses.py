"""Faces of cars: lamps, grilles, intakes, plates in front."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from drivegen.embedded.assets.forms import box, lathe, rotation_about
from drivegen.embedded.assets.vehicles.motor.lots import Lots
from drivegen.embedded.assets.vehicles.motor.panels import BLACK, CHROME, DARK, LENS, Corner, Panels, disc
from drivegen.embedded.assets.vehicles.plates import Number, add_plate, plate_at
from drivegen.embedded.mesh import Material

DRL = (246, 250, 255)


class Grille(StrEnum):
    """What is between the head lamps."""

    CLOSED = "closed"
    """Electric: a smooth nose."""
    BAR = "bar"
    """Electric: a strip of light from lamp to lamp."""
    SHIELD = "shield"
    """Electric: a black panel from lamp to lamp."""
    HEX = "hex"
    LARGE = "large"
    WIDE = "wide"
    UPRIGHT = "upright"


class Lamps(StrEnum):
    """Head lamps."""

    SLIM = "slim"
    SWEPT = "swept"
    SPLIT = "split"
    """A strip for the day above, the lamp in the bumper."""
    BLOCK = "block"
    ROUND = "round"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoseForm:
    """What a face looks like."""

    grille: Grille
    lamps: Lamps
    bars: str
    """Of a grille: level, upright, mesh."""
    metal: tuple[int, int, int]
    intake: str
    """Of the bumper: wide, three, slim."""
    lamp_high: float
    """Share of the nose's height where the lamps sit."""
    lamp_tall: float
    lamp_slant: float
    guard: bool = False
    """A silver plate under the bumper, as on off-road cars."""


def draw_nose(lots: Lots, *, electric: bool, rugged: bool) -> NoseForm:
    """A face."""
    if electric:
        grille = lots.pick((Grille.CLOSED, Grille.BAR, Grille.SHIELD), (0.42, 0.36, 0.22))
        lamps = lots.pick((Lamps.SLIM, Lamps.SWEPT, Lamps.SPLIT, Lamps.ROUND), (0.40, 0.25, 0.29, 0.06))
    else:
        grille = lots.pick((Grille.HEX, Grille.LARGE, Grille.WIDE, Grille.UPRIGHT), (0.32, 0.26, 0.28, 0.14))
        lamps = lots.pick((Lamps.SLIM, Lamps.SWEPT, Lamps.SPLIT, Lamps.BLOCK), (0.28, 0.36, 0.12, 0.24))
    if rugged:
        grille = lots.pick((Grille.UPRIGHT, Grille.SHIELD, Grille.LARGE))
        lamps = lots.pick((Lamps.BLOCK, Lamps.ROUND, Lamps.SPLIT))
    return NoseForm(
        grille=grille,
        lamps=lamps,
        bars=lots.pick(("level", "upright", "mesh")),
        metal=lots.pick((CHROME, (58, 60, 63), (128, 131, 135)), (0.5, 0.3, 0.2)),
        intake=lots.pick(("wide", "three", "slim")),
        lamp_high=lots.span(0.80, 0.86),
        lamp_tall=lots.span(0.085, 0.13),
        lamp_slant=lots.span(0.0, 0.06),
        guard=rugged or lots.chance(0.3),
    )


class Nose:
    """Dresses a nose."""

    def __init__(self, panels: Panels, form: NoseForm, number: Number, high_m: float) -> None:
        self.p, self.form, self.number = panels, form, number
        self.low_m, self.span_m = panels.hull.sill_m, high_m - panels.hull.sill_m

    def z(self, share: float) -> float:
        """Height of a share of the nose."""
        return self.low_m + share * self.span_m

    def t(self, across: float) -> float:
        """Turn at a share of the half width."""
        return self.p.hull.turn_of(True, across)

    def level(self, *corners: tuple[float, float]) -> list[Corner]:
        """An edge through points (share across, share of the height)."""
        return [(self.t(a), self.z(v)) for a, v in corners]

    def add(self) -> None:
        """Adds everything."""
        self._bumper()
        self._grille()
        self._lamps()
        self._plate()

    def _bumper(self) -> None:
        p, dark = self.p, self.p.finish(DARK)
        p.nose(
            [(-86, self.z(0.0)), (0, self.z(0.0)), (86, self.z(0.0))],
            [(-86, self.z(0.06)), (0, self.z(0.075)), (86, self.z(0.06))],
            dark,
            out_m=0.005,
            cells=16,
        )
        mesh = p.finish(BLACK)
        if self.form.intake == "wide":
            p.nose(
                self.level((-0.66, 0.10), (0.66, 0.10)),
                self.level((-0.56, 0.30), (0.56, 0.30)),
                mesh,
                cells=10,
            )
            self._fins(0.60, 0.13, 0.27, 2)
        elif self.form.intake == "three":
            p.nose(
                self.level((-0.50, 0.10), (0.50, 0.10)),
                self.level((-0.44, 0.27), (0.44, 0.27)),
                mesh,
                cells=8,
            )
            p.nose(
                self.level((0.70, 0.10), (0.93, 0.12)),
                self.level((0.78, 0.42), (0.93, 0.46)),
                mesh,
                mirror=True,
            )
            p.nose(
                self.level((0.695, 0.10), (0.73, 0.10)),
                self.level((0.775, 0.42), (0.80, 0.42)),
                p.finish(self.form.metal, Material.CHROME),
                out_m=0.009,
                mirror=True,
            )
        else:
            p.nose(
                self.level((-0.74, 0.12), (0.74, 0.12)),
                self.level((-0.70, 0.21), (0.70, 0.21)),
                mesh,
                cells=10,
            )
        if self.form.guard:
            p.nose(
                self.level((-0.46, 0.0), (0.46, 0.0)),
                self.level((-0.38, 0.085), (0.38, 0.085)),
                p.finish((158, 161, 165), Material.METAL),
                out_m=0.010,
                cells=8,
            )
        if self.form.lamps not in (Lamps.SPLIT,):
            fog = p.finish(LENS, Material.FOG_LAMP)
            p.nose(
                self.level((0.80, 0.15), (0.90, 0.15)),
                self.level((0.80, 0.19), (0.90, 0.19)),
                fog,
                out_m=0.011,
                mirror=True,
            )
        else:
            fog = p.finish(LENS, Material.FOG_LAMP)
            p.nose(
                self.level((0.76, 0.13), (0.88, 0.13)),
                self.level((0.76, 0.155), (0.88, 0.155)),
                fog,
                out_m=0.011,
                mirror=True,
            )

    def _fins(self, across: float, low: float, high: float, count: int, metal: bool = False) -> None:
        look = self.p.finish(
            self.form.metal if metal else (34, 35, 37), Material.METAL if metal else Material.MATTE
        )
        for k in range(count):
            v = low + (high - low) * (k + 0.5) / count
            a = across - 0.10 * (v - low) / max(high - low, 0.01)
            self.p.nose(
                self.level((-a, v - 0.012), (a, v - 0.012)),
                self.level((-a, v + 0.012), (a, v + 0.012)),
                look,
                out_m=0.011,
                cells=8,
                rows=1,
            )

    def _grille(self) -> None:
        p, f = self.p, self.form
        top = f.lamp_high + f.lamp_tall * 0.5
        if f.grille in (Grille.CLOSED, Grille.BAR, Grille.SHIELD):
            self._electric(top)
            return
        shape = {
            Grille.HEX: ((-0.26, 0.36), (-0.50, 0.60), (-0.40, 0.86)),
            Grille.LARGE: ((-0.40, 0.30), (-0.56, 0.52), (-0.46, 0.90)),
            Grille.WIDE: ((-0.50, 0.60), (-0.56, 0.72), (-0.52, 0.86)),
            Grille.UPRIGHT: ((-0.44, 0.46), (-0.46, 0.68), (-0.45, 0.92)),
        }[f.grille]
        left = self.level(*shape)
        right = self.level(*[(-a, v) for a, v in shape])
        # Edges run up both sides: a panel between them.
        p.nose(left, right, p.finish(self.form.metal, Material.CHROME), out_m=0.007, cells=6, rows=10)
        (a0, v0), (a1, v1), (a2, v2) = shape
        inner = ((a0 * 0.93, v0 + 0.025), (a1 * 0.94, v1), (a2 * 0.93, v2 - 0.03))
        p.nose(
            self.level(*inner),
            self.level(*[(-a, v) for a, v in inner]),
            p.finish(BLACK),
            out_m=0.011,
            cells=6,
            rows=10,
        )
        self._bars(inner)
        x, _, z = self.p.hull.end_point_m(True, 0.0, self.z((v1 + v2) / 2))
        p.out.add(
            lathe([(0.042, 0.0), (0.042, 0.02), (0.03, 0.026)], 12)
            .turned(rotation_about(1, 1.5708))
            .moved((x + 0.006, 0.0, z)),
            p.finish(CHROME, Material.CHROME),
        )

    def _bars(self, inner: tuple[tuple[float, float], ...]) -> None:
        p = self.p
        look = p.finish(self.form.metal, Material.METAL)
        (a0, v0), (a1, v1), (a2, v2) = inner

        def half(v: float) -> float:
            return abs(
                a0 + (a1 - a0) * (v - v0) / (v1 - v0) if v < v1 else a1 + (a2 - a1) * (v - v1) / (v2 - v1)
            )

        if self.form.bars in ("level", "mesh"):
            count = max(2, round((v2 - v0) / (0.075 if self.form.bars == "level" else 0.05)))
            for k in range(count):
                v = v0 + (v2 - v0) * (k + 0.5) / count
                a, thick = half(v) * 0.97, 0.010 if self.form.bars == "level" else 0.005
                p.nose(
                    self.level((-a, v - thick), (a, v - thick)),
                    self.level((-a, v + thick), (a, v + thick)),
                    look,
                    out_m=0.017,
                    cells=8,
                    rows=1,
                )
        if self.form.bars in ("upright", "mesh"):
            count = 9 if self.form.bars == "upright" else 13
            for k in range(count):
                a = (2 * (k + 0.5) / count - 1) * abs(a1) * 0.94
                low = (
                    v0
                    if abs(a) < abs(a0)
                    else v0 + (v1 - v0) * (abs(a) - abs(a0)) / max(abs(a1) - abs(a0), 1e-6)
                )
                high = (
                    v2
                    if abs(a) < abs(a2)
                    else v2 - (v2 - v1) * (abs(a) - abs(a2)) / max(abs(a1) - abs(a2), 1e-6)
                )
                thick = 0.010 if self.form.bars == "upright" else 0.005
                p.nose(
                    self.level((a - thick, low + 0.01), (a + thick, low + 0.01)),
                    self.level((a - thick, high - 0.01), (a + thick, high - 0.01)),
                    look,
                    out_m=0.016,
                    cells=1,
                    rows=3,
                )

    def _electric(self, top: float) -> None:
        p, f = self.p, self.form
        if f.grille == Grille.SHIELD:
            low = f.lamp_high - f.lamp_tall * 0.7
            p.nose(
                self.level((-0.60, low), (0.60, low)),
                self.level((-0.62, top), (0.62, top)),
                p.finish((13, 14, 15), Material.SATIN),
                out_m=0.006,
                cells=12,
            )
        if f.grille in (Grille.BAR, Grille.SHIELD):
            v = f.lamp_high + f.lamp_tall * 0.18
            p.nose(
                self.level((-0.62, v - 0.008), (0.62, v - 0.008)),
                self.level((-0.62, v + 0.014), (0.62, v + 0.014)),
                p.finish(DRL, Material.HEAD_LAMP),
                out_m=0.012,
                cells=12,
                rows=1,
            )
        elif f.intake != "wide":
            v = f.lamp_high - f.lamp_tall * 0.5
            p.seam(
                lambda a, b: p.hull.end_point_m(True, a, b),
                self.level((-0.5, v), (0.5, v)),
                (0.0, 0.008),
                cells=8,
            )
        x, _, z = p.hull.end_point_m(True, 0.0, self.z(min(top - 0.06, 0.80)))
        p.out.add(box((0.012, 0.07, 0.022), (x + 0.004, 0.0, z), 0.005), p.finish(f.metal, Material.CHROME))

    def _lamps(self) -> None:
        p, f = self.p, self.form
        v, h, slant = f.lamp_high, f.lamp_tall, f.lamp_slant
        shell = p.finish((24, 26, 29), Material.GLASS)
        beam, drl = p.finish(LENS, Material.HEAD_LAMP), p.finish(DRL, Material.HEAD_LAMP)
        inner = 0.54 if f.grille != Grille.LARGE else 0.50
        if f.lamps == Lamps.ROUND:
            self._round(shell, beam, drl)
            return
        if f.lamps == Lamps.SPLIT:
            strip = [(0.52, v - 0.012), (0.80, v), (0.985, v + slant)]
            p.nose(
                self.level(*strip),
                self.level(*[(a, b + 0.045) for a, b in strip]),
                drl,
                out_m=0.011,
                mirror=True,
                cells=8,
                rows=1,
            )
            low, high = [(0.66, 0.44), (0.94, 0.46)], [(0.68, 0.44 + h), (0.94, 0.48 + h)]
            p.nose(self.level(*low), self.level(*high), shell, out_m=0.007, mirror=True)
            for a in (0.73, 0.85):
                low_d, high_d = disc(a, 0.45 + h / 2, 0.05, h * 0.36)
                p.nose(self.level(*low_d), self.level(*high_d), beam, out_m=0.012, mirror=True)
        else:
            if f.lamps == Lamps.SLIM:
                low = [(inner, v - 0.01), (0.80, v - h * 0.42), (0.985, v - h * 0.10 + slant)]
                high = [
                    (inner + 0.02, v + h * 0.12),
                    (0.80, v + h * 0.40 + slant * 0.6),
                    (0.985, v + h * 0.5 + slant),
                ]
            elif f.lamps == Lamps.SWEPT:
                low = [(inner, v - h * 0.55), (0.82, v - h * 0.70), (0.99, v + slant)]
                high = [
                    (inner + 0.05, v + h * 0.05),
                    (0.82, v + h * 0.55 + slant * 0.5),
                    (0.99, v + h * 0.65 + slant * 1.6),
                ]
            else:
                low = [(inner, v - h * 0.9), (0.80, v - h), (0.975, v - h * 0.9)]
                high = [(inner, v + h * 0.55), (0.80, v + h * 0.6), (0.975, v + h * 0.6)]
            p.nose(self.level(*low), self.level(*high), shell, out_m=0.008, mirror=True, cells=8, rows=3)
            for a in (0.66, 0.79) if f.lamps != Lamps.BLOCK else (0.70, 0.84):
                mid, tall = self._between(low, high, a)
                low_d, high_d = disc(a, mid, 0.048, tall * 0.36)
                p.nose(self.level(*low_d), self.level(*high_d), beam, out_m=0.013, mirror=True)
            edge = low if f.lamps == Lamps.SWEPT else high
            sign = 1.0 if f.lamps == Lamps.SWEPT else -1.0
            strip = [(a, b + sign * 0.008) for a, b in edge]
            p.nose(
                self.level(*strip),
                self.level(*[(a, b + sign * 0.016) for a, b in strip]),
                drl,
                out_m=0.013,
                mirror=True,
                cells=8,
                rows=1,
            )
        low_i = [(0.86, v - h * 0.12), (0.955, v - h * 0.02 + slant)]
        if f.lamps == Lamps.SPLIT:
            low_i = [(0.83, v - 0.035), (0.97, v - 0.022 + slant)]
        p.indicators(True, self.level(*low_i), self.level(*[(a, b + 0.022) for a, b in low_i]), out_m=0.015)

    @staticmethod
    def _between(
        low: list[tuple[float, float]], high: list[tuple[float, float]], across: float
    ) -> tuple[float, float]:
        """Middle and height of a lamp at a share of the half width."""

        def at(edge: list[tuple[float, float]]) -> float:
            for (a, u), (b, w) in pairwise(edge):
                if a <= across <= b:
                    return u + (w - u) * (across - a) / (b - a)
            return edge[-1][1]

        return (at(low) + at(high)) / 2, at(high) - at(low)

    def _round(self, shell: object, beam: object, drl: object) -> None:
        p, v = self.p, self.form.lamp_high - 0.02
        for ru, rv, look, out in (
            (0.165, 0.125, shell, 0.007),
            (0.145, 0.108, drl, 0.010),
            (0.115, 0.085, shell, 0.013),
            (0.075, 0.056, beam, 0.016),
        ):
            low, high = disc(0.70, v, ru, rv, 9)
            p.nose(self.level(*low), self.level(*high), look, out_m=out, mirror=True)  # type: ignore[arg-type]
        low_i = [(0.90, v - 0.03), (0.96, v - 0.03)]
        p.indicators(True, self.level(*low_i), self.level(*[(a, b + 0.06) for a, b in low_i]))

    def _plate(self) -> None:
        v = {Grille.LARGE: 0.34, Grille.HEX: 0.42, Grille.UPRIGHT: 0.36}.get(self.form.grille, 0.42)
        z = self.z(v)
        x = max(
            float(self.p.hull.end_point_m(True, t, z + d)[0])
            for t in (0.0, self.t(0.26))
            for d in (-0.07, 0.07)
        )
        lift = 0.016 if self.form.grille in (Grille.LARGE, Grille.HEX, Grille.UPRIGHT) else 0.008
        add_plate(self.p.out, self.number, plate_at(x + lift, z, front=True), self.p.tag)
