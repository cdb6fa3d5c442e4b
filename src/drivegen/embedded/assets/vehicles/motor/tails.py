"""Rears of cars: tail lamps, boot lids, bumpers, plates behind."""

from __future__ import annotations

from dataclasses import dataclass

from drivegen.embedded.assets.forms import lathe, rotation_about
from drivegen.embedded.assets.vehicles.motor.lots import Lots
from drivegen.embedded.assets.vehicles.motor.panels import (
    BRIGHT_RED,
    CHROME,
    DARK,
    LENS,
    RED_LENS,
    Corner,
    Panels,
)
from drivegen.embedded.assets.vehicles.plates import Number, add_plate, plate_at
from drivegen.embedded.mesh import Material

SMOKED = (74, 12, 15)


@dataclass(frozen=True, slots=True, kw_only=True)
class TailForm:
    """What a rear looks like."""

    lamps: str
    """through (one strip from side to side), blocks, hooks, corners (upright at the edges)."""
    lamp_high: float
    lamp_tall: float
    plate_high: float
    exhausts: int
    metal: tuple[int, int, int]
    tailgate: bool


def draw_tail(lots: Lots, *, electric: bool, tailgate: bool, upright: bool = False) -> TailForm:
    """A rear."""
    kinds, shares = (
        ("through", "blocks", "hooks", "corners"),
        (0.6, 0.12, 0.2, 0.08) if electric else (0.3, 0.36, 0.24, 0.10),
    )
    lamps = "corners" if upright else lots.pick(kinds, shares)
    return TailForm(
        lamps=lamps,
        lamp_high=lots.span(0.76, 0.85),
        lamp_tall=lots.span(0.10, 0.16),
        plate_high=lots.pick((0.56, 0.60, 0.30), (0.4, 0.3, 0.3)) if not upright else 0.56,
        exhausts=0 if electric else lots.pick((0, 1, 2)),
        metal=lots.pick((CHROME, (90, 93, 97))),
        tailgate=tailgate,
    )


class TailDress:
    """Dresses a tail."""

    def __init__(self, panels: Panels, form: TailForm, number: Number, high_m: float) -> None:
        self.p, self.form, self.number = panels, form, number
        self.low_m, self.span_m = panels.hull.sill_m, high_m - panels.hull.sill_m

    def z(self, share: float) -> float:
        """Height of a share of the tail."""
        return self.low_m + share * self.span_m

    def level(self, *corners: tuple[float, float]) -> list[Corner]:
        """An edge through points (share across, share of the height)."""
        return [(self.p.hull.turn_of(False, a), self.z(v)) for a, v in corners]

    def add(self) -> None:
        """Adds everything."""
        self._bumper()
        self._lamps()
        self._lid()
        self._plate()

    def _bumper(self) -> None:
        p = self.p
        p.tail(
            [(-84, self.z(0.0)), (0, self.z(0.0)), (84, self.z(0.0))],
            [(-84, self.z(0.07)), (0, self.z(0.13)), (84, self.z(0.07))],
            p.finish(DARK),
            cells=16,
        )
        p.tail(
            self.level((-0.50, 0.02), (0.50, 0.02)),
            self.level((-0.44, 0.10), (0.44, 0.10)),
            p.finish((120, 123, 127), Material.METAL),
            out_m=0.010,
            cells=8,
        )
        red = p.finish((150, 18, 22), Material.REAR_FOG_LAMP)
        p.tail(
            self.level((0.74, 0.19), (0.93, 0.20)),
            self.level((0.74, 0.215), (0.93, 0.225)),
            red,
            out_m=0.008,
            mirror=True,
            rows=1,
        )
        for k in range(self.form.exhausts):
            x, y, z = p.hull.end_point_m(False, p.hull.turn_of(False, 0.62), self.z(0.06))
            pipe = lathe([(0.036, 0.0), (0.042, 0.05), (0.034, 0.055)], 10).turned(rotation_about(1, -1.5708))
            p.out.add(
                pipe.scaled((1.0, 1.25, 1.0)).moved((x + 0.012, -y if k == 0 else y, z)),
                p.finish(CHROME, Material.CHROME),
            )

    def _lamps(self) -> None:
        p, f = self.p, self.form
        v, h = f.lamp_high, f.lamp_tall
        shell, tail = p.finish(SMOKED, Material.TAIL_LAMP), p.finish(RED_LENS, Material.TAIL_LAMP)
        brake, reverse = p.finish(BRIGHT_RED, Material.BRAKE_LAMP), p.finish(LENS, Material.REVERSE_LAMP)
        if f.lamps == "through":
            p.tail(
                self.level((-0.985, v), (-0.7, v), (0.7, v), (0.985, v)),
                self.level(
                    (-0.985, v + h * 0.75), (-0.7, v + h * 0.5), (0.7, v + h * 0.5), (0.985, v + h * 0.75)
                ),
                shell,
                out_m=0.008,
                cells=18,
            )
            p.tail(
                self.level((-0.97, v + h * 0.2), (0.97, v + h * 0.2)),
                self.level((-0.97, v + h * 0.33), (0.97, v + h * 0.33)),
                p.finish((176, 18, 22), Material.TAIL_LAMP),
                out_m=0.012,
                cells=18,
                rows=1,
            )
            p.tail(
                self.level((0.62, v - h * 0.35), (0.94, v - h * 0.2)),
                self.level((0.66, v), (0.975, v)),
                shell,
                out_m=0.008,
                mirror=True,
            )
            p.tail(
                self.level((0.68, v - h * 0.24), (0.84, v - h * 0.2)),
                self.level((0.70, v - h * 0.05), (0.84, v - h * 0.05)),
                brake,
                out_m=0.012,
                mirror=True,
            )
            spot = (0.86, 0.94, v - h * 0.18, v - h * 0.04)
        elif f.lamps == "corners":
            p.tail(
                self.level((0.80, v - 0.32), (0.985, v - 0.30)),
                self.level((0.80, v + h), (0.985, v + h)),
                shell,
                out_m=0.008,
                mirror=True,
                rows=4,
            )
            p.tail(
                self.level((0.83, v - 0.08), (0.96, v - 0.08)),
                self.level((0.83, v + h * 0.8), (0.96, v + h * 0.8)),
                tail,
                out_m=0.012,
                mirror=True,
            )
            p.tail(
                self.level((0.83, v - 0.19), (0.96, v - 0.19)),
                self.level((0.83, v - 0.10), (0.96, v - 0.10)),
                brake,
                out_m=0.012,
                mirror=True,
            )
            spot = (0.83, 0.96, v - 0.29, v - 0.21)
        elif f.lamps == "hooks":
            p.tail(
                self.level((0.46, v), (0.75, v), (0.985, v - h * 0.6)),
                self.level((0.46, v + h * 0.5), (0.75, v + h * 0.7), (0.985, v + h)),
                shell,
                out_m=0.008,
                mirror=True,
                cells=8,
            )
            p.tail(
                self.level((0.5, v + h * 0.12), (0.75, v + h * 0.35), (0.96, v + h * 0.5)),
                self.level((0.5, v + h * 0.3), (0.75, v + h * 0.55), (0.96, v + h * 0.8)),
                tail,
                out_m=0.012,
                mirror=True,
                cells=8,
            )
            p.tail(
                self.level((0.78, v - h * 0.02), (0.95, v - h * 0.35)),
                self.level((0.78, v + h * 0.2), (0.95, v + h * 0.3)),
                brake,
                out_m=0.012,
                mirror=True,
            )
            spot = (0.60, 0.72, v + h * 0.04, v + h * 0.17)
        else:
            p.tail(
                self.level((0.54, v - h), (0.8, v - h * 0.9), (0.985, v - h * 0.6)),
                self.level((0.52, v + h * 0.4), (0.8, v + h * 0.6), (0.985, v + h * 0.7)),
                shell,
                out_m=0.008,
                mirror=True,
                cells=8,
            )
            p.tail(
                self.level((0.57, v), (0.8, v + h * 0.1), (0.96, v + h * 0.2)),
                self.level((0.56, v + h * 0.3), (0.8, v + h * 0.45), (0.96, v + h * 0.52)),
                tail,
                out_m=0.012,
                mirror=True,
                cells=8,
            )
            p.tail(
                self.level((0.58, v - h * 0.45), (0.80, v - h * 0.40)),
                self.level((0.57, v - h * 0.08), (0.80, v - h * 0.02)),
                brake,
                out_m=0.012,
                mirror=True,
            )
            spot = (0.60, 0.74, v - h * 0.85, v - h * 0.52)
        a, b, low, high = spot
        middle = (a + b) / 2
        p.tail(
            self.level((a, low), (middle, low)),
            self.level((a, high), (middle, high)),
            reverse,
            out_m=0.013,
            mirror=True,
            rows=1,
        )
        p.indicators(
            False,
            self.level((middle + 0.005, low), (b, low)),
            self.level((middle + 0.005, high), (b, high)),
            color=(206, 96, 16),
            out_m=0.013,
        )

    def _lid(self) -> None:
        p, f = self.p, self.form

        def skin(a, b):  # type: ignore[no-untyped-def]
            return p.hull.end_point_m(False, a, b)

        low = 0.34 if f.plate_high > 0.4 else 0.42
        p.seam(skin, self.level((-0.70, low), (0.70, low)), (0.0, 0.008), cells=10)
        for side in (-1.0, 1.0):
            high = f.lamp_high - (0.06 if f.lamps == "through" else f.lamp_tall)
            p.seam(skin, self.level((side * 0.70, low), (side * 0.72, high)), (0.9, 0.0), cells=4)

    def _plate(self) -> None:
        p, f = self.p, self.form
        z = self.z(f.plate_high)
        dark = p.finish((26, 27, 29))
        p.tail(
            self.level((-0.34, f.plate_high - 0.13), (0.34, f.plate_high - 0.13)),
            self.level((-0.32, f.plate_high + 0.135), (0.32, f.plate_high + 0.135)),
            dark,
            out_m=0.004,
            cells=8,
        )
        if f.plate_high > 0.4:
            v = f.plate_high + 0.135
            p.tail(
                self.level((-0.34, v), (0.34, v)),
                self.level((-0.34, v + 0.03), (0.34, v + 0.03)),
                p.finish(f.metal, Material.CHROME),
                out_m=0.014,
                cells=8,
                rows=1,
            )
        x = min(
            float(p.hull.end_point_m(False, t, z + d)[0])
            for t in (0.0, p.hull.turn_of(False, 0.26))
            for d in (-0.07, 0.07)
        )
        add_plate(p.out, self.number, plate_at(x - 0.012, z, front=False), p.tag)
