"""What trucks carry: frames, boxes, stakes and beds; marks at side and rear."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import box, lathe, loft, mirrored_pair, rod, rotation_about
from drivegen.embedded.assets.sculpt import Finish, Sculpture, Shape, join
from drivegen.embedded.assets.vehicles.motor.hull import Hull
from drivegen.embedded.assets.vehicles.motor.lettering import write
from drivegen.embedded.assets.vehicles.motor.lots import Lots
from drivegen.embedded.assets.vehicles.motor.panels import BRIGHT_RED, LENS, RED_LENS, Panels, Rgb, shade
from drivegen.embedded.assets.vehicles.plates import Number, add_plate, plate_at
from drivegen.embedded.mesh import Material

FRAME: Rgb = (38, 39, 42)
CARGO: tuple[Rgb, ...] = (
    (150, 112, 70),
    (172, 140, 96),
    (96, 104, 112),
    (70, 100, 140),
    (150, 60, 48),
    (60, 104, 74),
    (196, 192, 180),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deck:
    """The room behind the cab, in the vehicle's frame."""

    front_m: float
    rear_m: float
    width_m: float
    floor_m: float
    top_m: float
    wheel_m: float
    axles_m: tuple[float, ...]
    """Behind the cab."""

    @property
    def middle_m(self) -> float:
        """x of its middle."""
        return (self.front_m + self.rear_m) / 2

    @property
    def length_m(self) -> float:
        """From front to rear."""
        return self.front_m - self.rear_m


def mudguard(
    x_m: float,
    z_m: float,
    radius_m: float,
    across_m: tuple[float, float],
    open_rad: float,
    top_m: float = 9.0,
) -> Shape:
    """A bent sheet over a wheel; `open_rad` is left free before and behind it."""
    rings = []
    for angle in np.linspace(open_rad, math.pi - open_rad, 8):
        x, z = x_m + radius_m * math.cos(angle), min(z_m + radius_m * math.sin(angle), top_m)
        u, w = x + 0.02 * math.cos(angle), z + 0.02
        rings.append([(x, across_m[0], z), (x, across_m[1], z), (u, across_m[1], w), (u, across_m[0], w)])
    return loft(np.array(rings))


class Load:
    """Builds on a deck."""

    def __init__(self, deck: Deck, lots: Lots, number: Number, tag: Tag = Tag.TRUCK) -> None:
        self.deck, self.lots, self.number, self.tag = deck, lots, number, tag
        self.out = Sculpture()
        hull = Hull(
            length_m=1.0,
            half_width_m=1.0,
            sill_m=0.0,
            top_fz=((0.0, 1.0), (1.0, 1.0)),
            edge_m=0.1,
            nose_m=0.1,
            nose_power=3.0,
            tail_m=0.1,
            tail_power=3.0,
        )
        self.panels = Panels(self.out, hull, tag)

    def finish(self, color: Rgb, material: Material = Material.MATTE) -> Finish:
        """A finish with the vehicle's tag."""
        return Finish(color, material, self.tag)

    def put(
        self,
        shapes: list[Shape],
        color: Rgb,
        material: Material = Material.MATTE,
        *,
        pair: bool = False,
        crease_rad: float = 0.6,
    ) -> None:
        """Adds shapes of one finish, with their mirror images if they are a pair's left."""
        whole = join(shapes)
        self.out.add(
            mirrored_pair(whole) if pair else whole, self.finish(color, material), crease_rad=crease_rad
        )

    def frame(self, to_m: float, *, guards: bool = True, tank: bool = True) -> None:
        """Beams from under the cab to the rear, axle casings, mudguards, side guards, fuel tank."""
        d = self.deck
        beam = box((to_m - d.rear_m - 0.05, 0.10, 0.24), ((to_m + d.rear_m) / 2, 0.40, d.floor_m - 0.17))
        casing = [box((0.14, d.width_m - 0.7, 0.14), (x, 0.0, d.wheel_m), 0.03) for x in d.axles_m]
        self.put([beam], FRAME, pair=True)
        self.put(casing, FRAME)
        flaps, covers = [], []
        for x in d.axles_m:
            r = d.wheel_m + 0.07
            top = min(d.floor_m - 0.02, d.wheel_m + r)
            covers.append(mudguard(x, d.wheel_m, r, (d.width_m / 2 - 0.58, d.width_m / 2 - 0.03), 0.3, top))
        x = d.axles_m[-1] - d.wheel_m - 0.14
        if x > d.rear_m + 0.05:
            flaps.append(
                box((0.015, 0.5, d.floor_m - 0.30), (x, d.width_m / 2 - 0.31, (d.floor_m + 0.10) / 2))
            )
        self.put([*covers, *flaps], (28, 29, 31), pair=True)
        if guards:
            a, b = d.axles_m[0] + d.wheel_m + 0.20, d.front_m - (1.2 if tank else 0.2)
            if b - a > 0.5:
                color: Rgb = self.lots.pick(((236, 236, 234), (172, 175, 179), (190, 40, 36)))
                rails = [
                    box((b - a, 0.03, 0.09), ((a + b) / 2, d.width_m / 2 - 0.05, z))
                    for z in (d.floor_m * 0.42, d.floor_m * 0.62)
                ]
                posts = [
                    box((0.05, 0.03, d.floor_m * 0.5), (x, d.width_m / 2 - 0.07, d.floor_m * 0.66))
                    for x in (a + 0.15, b - 0.15)
                ]
                self.put([*rails, *posts], color, Material.METAL, pair=True)
        if tank:
            drum = (
                lathe([(0.20, -0.40), (0.25, -0.36), (0.25, 0.36), (0.20, 0.40)], 12)
                .turned(rotation_about(1, math.pi / 2))
                .scaled((1.0, 1.1, 1.0 if d.wheel_m > 0.45 else 0.8))
            )
            self.out.add(
                drum.moved((d.front_m - 0.62, d.width_m / 2 - 0.34, d.floor_m * 0.60)),
                self.finish((168, 171, 175), Material.METAL),
            )
            self.out.add(
                box((0.62, 0.42, 0.38), (d.front_m - 0.62, -d.width_m / 2 + 0.32, d.floor_m * 0.60), 0.03),
                self.finish((52, 54, 57)),
            )

    def rear(self, *, low: bool = False, chevrons: bool = False) -> None:
        """Underrun bar, lamps, plate."""
        d = self.deck
        x, z = d.rear_m + 0.02, d.floor_m - (0.16 if not low else 0.22)
        bar_z = min(0.50, z - 0.16)
        self.put([box((0.10, d.width_m * 0.94, 0.12), (x + 0.10, 0.0, bar_z), 0.01)], FRAME)
        self.put([box((0.06, 0.07, z - bar_z + 0.05), (x + 0.14, 0.42, (z + bar_z) / 2))], FRAME, pair=True)
        step = d.width_m * 0.94 / 12
        for k, color in enumerate(((206, 26, 30), (240, 240, 238))):
            strips = []
            for j in range(k, 12, 2):
                y = -d.width_m * 0.47 + (j + 0.5) * step
                strips.append(box((0.006, step, 0.10), (x + 0.048, y, bar_z)))
            if chevrons:
                self.put(strips, color, Material.RETRO)
        board = box((0.05, 0.62, 0.15), (x + 0.05, d.width_m / 2 - 0.40, z), 0.01)
        self.put([board], FRAME, pair=True)
        for sign, indicator in ((1.0, Material.INDICATOR_LEFT), (-1.0, Material.INDICATOR_RIGHT)):
            y = sign * (d.width_m / 2 - 0.40)
            for offset, material, color in (
                (0.14, Material.TAIL_LAMP, RED_LENS),
                (0.02, Material.BRAKE_LAMP, BRIGHT_RED),
                (-0.10, Material.REVERSE_LAMP, LENS),
                (-0.24, Material.REAR_FOG_LAMP, RED_LENS),
                (0.25, indicator, (214, 110, 20)),
            ):
                self.out.add(
                    box((0.02, 0.10, 0.105), (x + 0.018, y + sign * offset, z)), self.finish(color, material)
                )
        add_plate(self.out, self.number, plate_at(x, z, front=False), self.tag)

    def marks(self, low_m: float, y_m: float, x0: float, x1: float) -> None:
        """The strips of red and white along the sides that Chinese trucks must carry."""
        count = max(2, round((x1 - x0) / 0.9))
        for k, color in enumerate(((206, 26, 30), (240, 240, 238))):
            strips = [
                box((0.28, 0.006, 0.05), (x0 + (x1 - x0) * (j + 0.32 + 0.36 * k) / count, y_m, low_m))
                for j in range(count)
            ]
            self.put(strips, color, Material.RETRO, pair=True)

    def big_number(self, x_m: float, z_m: float, color: Rgb) -> None:
        """The number written large on the rear, as Chinese trucks must carry."""

        def skin(u: np.ndarray, v: np.ndarray) -> np.ndarray:
            return np.stack([np.full_like(u, x_m), u, v], axis=-1)

        write(
            self.panels,
            skin,
            self.number.text,
            (0.0, z_m),
            0.20,
            self.finish(color),
            reads=(-1.0, 0.0),
            stroke=0.13,
            out_m=0.006,
        )

    def on_sides(
        self,
        text: str,
        middle: tuple[float, float],
        tall_m: float,
        y_m: float,
        color: Rgb,
        material: Material = Material.SATIN,
    ) -> None:
        """Words on both flat sides."""
        for left in (True, False):
            sign = 1.0 if left else -1.0

            def skin(u: np.ndarray, v: np.ndarray, sign: float = sign) -> np.ndarray:
                return np.stack([u, np.full_like(u, sign * y_m), v], axis=-1)

            write(
                self.panels,
                skin,
                text,
                middle,
                tall_m,
                self.finish(color, material),
                reads=(-sign, 0.0),
                stroke=0.13,
                out_m=0.008,
            )

    def van_box(self, color: Rgb, *, ribs: bool, stripe: Rgb | None = None) -> None:
        """A closed box with posts, doors and hinges."""
        d = self.deck
        low, high = d.floor_m, d.top_m
        tall, wide = high - low, d.width_m
        self.put(
            [box((d.length_m - 0.04, wide - 0.03, tall), (d.middle_m, 0.0, (low + high) / 2), 0.02)], color
        )
        rail = self.lots.pick(((176, 179, 183), color))
        edges = [
            box((d.length_m, 0.035, 0.09), (d.middle_m, wide / 2 - 0.017, z))
            for z in (low + 0.045, high - 0.05)
        ]
        edges += [
            box((0.09, 0.035, tall), (x, wide / 2 - 0.017, (low + high) / 2))
            for x in (d.rear_m + 0.045, d.front_m - 0.045)
        ]
        self.put(edges, rail, Material.METAL, pair=True)
        self.put(
            [box((0.03, wide, 0.10), (d.rear_m + 0.012, 0.0, z)) for z in (low + 0.05, high - 0.05)],
            rail,
            Material.METAL,
        )
        if ribs:
            count = round(d.length_m / 0.32)
            bars = [
                box(
                    (0.05, 0.022, tall - 0.2),
                    (d.rear_m + d.length_m * (k + 0.5) / count, wide / 2 - 0.013, (low + high) / 2),
                )
                for k in range(count)
            ]
            self.put(bars, shade(color, 0.93), pair=True)
        if stripe is not None:
            z = low + tall * self.lots.span(0.3, 0.6)
            self.put(
                [
                    box(
                        (d.length_m * 0.92, 0.006, tall * self.lots.span(0.12, 0.3)),
                        (d.middle_m, wide / 2 - 0.008 + (0.006 if ribs else 0.0), z),
                    )
                ],
                stripe,
                Material.SATIN,
                pair=True,
            )
        x = d.rear_m + 0.016
        self.put([box((0.012, 0.02, tall - 0.16), (x, 0.0, (low + high) / 2))], (30, 31, 33))
        hinges = [
            rod((x - 0.008, y, low + 0.08), (x - 0.008, y, high - 0.08), 0.014, 5)
            for y in (wide * 0.10, wide * 0.36)
        ]
        self.put(hinges, (150, 153, 157), Material.METAL, pair=True)
        self.big_number(
            d.rear_m + 0.012, low + tall * 0.62, (30, 31, 33) if sum(color) > 330 else (236, 236, 234)
        )

    def stakes(self, color: Rgb) -> None:
        """A bed with high stakes of bars (仓栅), often with a cover."""
        d = self.deck
        low, high = d.floor_m, d.top_m
        wide = d.width_m
        self.put([box((d.length_m, wide, 0.10), (d.middle_m, 0.0, low + 0.02))], FRAME)
        wall = 0.55
        self.put(
            [box((d.length_m, 0.04, wall), (d.middle_m, wide / 2 - 0.02, low + 0.07 + wall / 2))],
            color,
            Material.SATIN,
            pair=True,
        )
        self.put(
            [
                box((0.04, wide, wall), (x, 0.0, low + 0.07 + wall / 2))
                for x in (d.rear_m + 0.02, d.front_m - 0.02)
            ],
            color,
            Material.SATIN,
        )
        count = round(d.length_m / 0.55)
        posts = [
            box(
                (0.05, 0.045, high - low - 0.1),
                (
                    d.rear_m + 0.03 + (d.length_m - 0.06) * k / count,
                    wide / 2 - 0.025,
                    (low + high) / 2 + 0.03,
                ),
            )
            for k in range(count + 1)
        ]
        rails = [
            box((d.length_m, 0.03, 0.06), (d.middle_m, wide / 2 - 0.02, z))
            for z in np.linspace(low + 0.95, high - 0.04, 3)
        ]
        self.put([*posts, *rails], shade(color, 0.85), pair=True)
        self.put(
            [
                box((0.04, wide, 0.06), (x, 0.0, z))
                for x in (d.rear_m + 0.02, d.front_m - 0.02)
                for z in (low + 1.0, high - 0.04)
            ],
            color,
        )
        fill = self.lots.span(0.45, 0.9)
        kind = self.lots.pick(("tarp", "crates", "empty"))
        if kind == "tarp":
            top = low + 0.1 + (high - low) * fill
            rings = [
                [
                    (x, -wide / 2 + 0.06, low + 0.1),
                    (x, wide / 2 - 0.06, low + 0.1),
                    (x, wide / 2 - 0.06, top - 0.15),
                    (x, wide * 0.2, top + self.lots.span(-0.04, 0.08)),
                    (x, -wide * 0.22, top + self.lots.span(-0.04, 0.08)),
                    (x, -wide / 2 + 0.06, top - 0.15),
                ]
                for x in np.linspace(d.rear_m + 0.08, d.front_m - 0.08, 7)
            ]
            self.out.add(
                loft(np.array(rings)),
                self.finish(
                    self.lots.pick(((44, 74, 56), (52, 78, 120), (92, 78, 58), (70, 72, 74))), Material.MATTE
                ),
                crease_rad=0.9,
            )
        elif kind == "crates":
            self.crates(low + 0.08, (high - low) * 0.8)
        self.big_number(d.rear_m - 0.002, low + 0.07 + wall / 2, (236, 236, 234))

    def crates(self, floor_m: float, tall_m: float) -> None:
        """Boxes on a bed."""
        d = self.deck
        x = d.front_m - 0.12
        while x > d.rear_m + 0.7:
            size = self.lots.span(0.7, 1.3)
            size = min(size, x - d.rear_m - 0.08)
            if self.lots.chance(0.85):
                top = tall_m * self.lots.span(0.35, 1.0)
                self.put(
                    [
                        box(
                            (size * 0.96, (d.width_m - 0.2) * self.lots.span(0.7, 1.0), top),
                            (x - size / 2, 0.0, floor_m + top / 2),
                            0.015,
                        )
                    ],
                    self.lots.pick(CARGO),
                )
            x -= size

    def flatbed(self, color: Rgb) -> None:
        """Low drop sides."""
        d = self.deck
        wide, low = d.width_m, d.floor_m
        wall = 0.42
        self.put([box((d.length_m, wide, 0.12), (d.middle_m, 0.0, low + 0.02))], (70, 62, 54))
        self.put(
            [box((d.length_m, 0.035, wall), (d.middle_m, wide / 2 - 0.018, low + 0.08 + wall / 2))],
            color,
            Material.SATIN,
            pair=True,
        )
        self.put(
            [box((0.035, wide, wall), (d.rear_m + 0.018, 0.0, low + 0.08 + wall / 2))], color, Material.SATIN
        )
        self.put(
            [box((0.05, wide, d.top_m - low), (d.front_m - 0.03, 0.0, (d.top_m + low) / 2))],
            color,
            Material.SATIN,
        )
        count = round(d.length_m / 1.0)
        posts = [
            box(
                (0.06, 0.05, wall + 0.06),
                (d.rear_m + 0.03 + (d.length_m - 0.06) * k / count, wide / 2 - 0.012, low + 0.08 + wall / 2),
            )
            for k in range(count + 1)
        ]
        self.put(posts, FRAME, pair=True)
        if self.lots.chance(0.75):
            self.crates(low + 0.08, (d.top_m - low) * 0.95)
        self.big_number(d.rear_m - 0.001, low + 0.08 + wall / 2, (236, 236, 234))

    def dump(self, color: Rgb) -> None:
        """A tipping body with ribs, tailgate, a visor over the cab, earth in it or a cover."""
        d = self.deck
        low, high, wide = d.floor_m + 0.10, d.top_m - 0.12, d.width_m
        a, b = d.rear_m + 0.05, d.front_m - 0.02
        rings = [
            [(b, y, low), (b + 0.0, y, high), (a - 0.02, y, high), (a + 0.25, y, low)]
            for y in (-wide / 2 + 0.05, wide / 2 - 0.05)
        ]
        self.out.add(loft(np.array(rings)), self.finish(color, Material.SATIN), crease_rad=0.1)
        count = round((b - a) / 0.62)
        ribs = [
            box(
                (0.10, 0.06, high - low - 0.1),
                (a + 0.35 + (b - a - 0.45) * k / count, wide / 2 - 0.03, (low + high) / 2),
            )
            for k in range(count + 1)
        ]
        ribs.append(box((b - a, 0.08, 0.12), ((a + b) / 2, wide / 2 - 0.04, high - 0.03)))
        self.put(ribs, shade(color, 0.88), Material.SATIN, pair=True)
        heap = self.lots.pick(("earth", "cover", "cover"))
        n = 9
        x = np.linspace(a + 0.1, b - 0.1, n)
        if heap == "cover":
            rings = [
                [
                    (u, -wide / 2 + 0.08, high - 0.02),
                    (u, wide / 2 - 0.08, high - 0.02),
                    (u, wide * 0.25, high + 0.08),
                    (u, -wide * 0.25, high + 0.08),
                ]
                for u in x
            ]
            self.out.add(
                loft(np.array(rings)),
                self.finish(self.lots.pick(((44, 96, 58), (60, 62, 64), (52, 84, 126)))),
                crease_rad=0.9,
            )
        else:
            rise = [self.lots.span(0.02, 0.11) for _ in x]
            rings = [
                [
                    (u, -wide / 2 + 0.10, high - 0.04),
                    (u, wide / 2 - 0.10, high - 0.04),
                    (u, wide * 0.2, high - 0.03 + r),
                    (u, -wide * 0.22, high - 0.03 + r * 0.8),
                ]
                for u, r in zip(x, rise, strict=True)
            ]
            self.out.add(loft(np.array(rings)), self.finish((112, 92, 66)), crease_rad=0.9)
        self.put(
            [box((0.04, wide - 0.1, 0.08), (a + 0.02, 0.0, z)) for z in (low + 0.35, high - 0.2)],
            shade(color, 0.85),
            Material.SATIN,
        )
        self.big_number(a - 0.012 + 0.12, (low + high) / 2, (240, 240, 236))
        hood = box((0.7, wide - 0.15, 0.06), (b + 0.33, 0.0, high + 0.02), 0.01)
        self.put([hood], color, Material.SATIN)
