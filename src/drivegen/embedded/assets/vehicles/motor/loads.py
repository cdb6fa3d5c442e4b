"""What trucks carry: frames, boxes, stakes, beds, tanks, drums, containers, equipment; marks at side and rear."""

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
from drivegen.embedded.assets.vehicles.motor.panels import BRIGHT_RED, LENS, RED_LENS, Panels, Rgb
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
    x_m: float, z_m: float, radius_m: float, across_m: tuple[float, float], open_rad: float, top_m: float = 9.0
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
            self.put(bars, tuple(round(c * 0.93) for c in color), pair=True)  # type: ignore[arg-type]
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
        self.put([*posts, *rails], tuple(round(c * 0.85) for c in color), pair=True)  # type: ignore[arg-type]
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
        self.put(ribs, tuple(round(c * 0.88) for c in color), Material.SATIN, pair=True)  # type: ignore[arg-type]
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
            tuple(round(c * 0.85) for c in color),
            Material.SATIN,
        )  # type: ignore[arg-type]
        self.big_number(a - 0.012 + 0.12, (low + high) / 2, (240, 240, 236))
        hood = box((0.7, wide - 0.15, 0.06), (b + 0.33, 0.0, high + 0.02), 0.01)
        self.put([hood], color, Material.SATIN)

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
        self.put(seams, tuple(round(c * 0.9) for c in color), Material.METAL if metal else Material.SATIN)  # type: ignore[arg-type]
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
        darker: Rgb = tuple(round(c * 0.9) for c in color)  # type: ignore[assignment]
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
        self.put(straps, tuple(round(c * 0.8) for c in color), pair=True)  # type: ignore[arg-type]

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
