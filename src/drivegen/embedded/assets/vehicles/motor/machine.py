"""What machines are built from: cabs, lamps, girders, wheels with lugs, drums."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from drivegen.core.actors import TAG_OF_CLASS, ObjectClass
from drivegen.embedded.assets.forms import box, lathe, loft, mirrored_pair, rod, rotation_about
from drivegen.embedded.assets.sculpt import Finish, Sculpture, Shape, join
from drivegen.embedded.assets.vehicles.motor.lots import Lots
from drivegen.embedded.assets.vehicles.motor.panels import (
    AMBER,
    BRIGHT_RED,
    GLASS,
    LENS,
    RED_LENS,
    WHITE,
    Rgb,
)
from drivegen.embedded.assets.vehicles.plates import PlateForm, add_plate, invented_number, plate_at
from drivegen.embedded.assets.vehicles.wheel import TYRE, _about_axle, _hoop
from drivegen.embedded.mesh import Material, Mesh

TAG = TAG_OF_CLASS[ObjectClass.CONSTRUCTION]
PAINTS = ("236,172,28", "238,190,40", "226,120,30", "92,156,72", "232,232,228")
STEEL: Rgb = (70, 72, 76)
BLACK: Rgb = (30, 31, 33)
STOOD_M = 0.012
"""How far panels stand out from flat walls."""


def lug_wheel(radius_m: float, width_m: float, rim: Rgb, name: str) -> Mesh:
    """A wheel with deep lugs."""
    out = Sculpture()
    half, r = width_m / 2, radius_m * 0.56
    core = radius_m * 0.93
    tyre = [
        (r, -half * 0.95),
        (core * 0.92, -half),
        (core, -half * 0.8),
        (core, half * 0.8),
        (core * 0.92, half),
        (r, half * 0.95),
    ]
    rubber = Finish(TYRE, Material.RUBBER, TAG)
    out.add(_about_axle(_hoop(tyre, 24)), rubber)
    lugs = []
    for k in range(18):
        side = 1.0 if k % 2 else -1.0
        lug = box(
            (radius_m - core + 0.03, radius_m * 0.11, half * 0.98),
            ((radius_m + core - 0.03) / 2, 0.0, side * half * 0.46),
            0.006,
        )
        lugs.append(lug.turned(rotation_about(2, k * 2 * math.pi / 18)))
    out.add(_about_axle(join(lugs)), rubber)
    metal = Finish(rim, Material.SATIN, TAG)
    out.add(
        _about_axle(lathe([(r * 1.02, -half * 0.9), (r * 1.02, half * 0.35)], 16)),
        Finish(BLACK, Material.MATTE, TAG),
    )
    out.add(
        _about_axle(
            lathe(
                [
                    (r * 0.98, half * 0.30),
                    (r * 0.80, half * 0.52),
                    (r * 0.40, half * 0.48),
                    (r * 0.32, half * 0.75),
                    (r * 0.20, half * 0.78),
                ],
                16,
            )
        ),
        metal,
    )
    return out.mesh(name)


def half_drum(radius_m: float, width_m: float, name: str) -> Mesh:
    """One half of a roller's drum, its outer end open."""
    out = Sculpture()
    steel = Finish((126, 128, 131), Material.METAL, TAG)
    half = width_m / 2
    out.add(
        _about_axle(
            _hoop(
                [(radius_m - 0.05, -half), (radius_m, -half), (radius_m, half), (radius_m - 0.05, half)], 36
            )
        ),
        steel,
    )
    out.add(
        _about_axle(lathe([(radius_m - 0.06, half - 0.24), (radius_m - 0.06, half - 0.20)], 24)),
        Finish((60, 62, 65), Material.MATTE, TAG),
    )
    for k in range(6):
        spoke = box((radius_m * 0.6, 0.08, 0.03), (radius_m * 0.55, 0.0, half - 0.19)).turned(
            rotation_about(2, k * math.pi / 3)
        )
        out.add(_about_axle(spoke), Finish((90, 92, 96), Material.METAL, TAG))
    return out.mesh(name)


class Machine:
    """A machine being built, in the frame of its box."""

    def __init__(self, name: str, variant: int) -> None:
        self.name, self.variant = name, variant
        self.size = Lots(name, variant, "size")
        self.lots = Lots(name, variant, "body")
        self.out = Sculpture()

    def put(
        self,
        shape: Shape | list[Shape],
        color: Rgb | None,
        material: Material = Material.SATIN,
        *,
        pair: bool = False,
        crease_rad: float = 0.5,
    ) -> None:
        """Adds shapes; no colour is the paint."""
        whole = join(shape) if isinstance(shape, list) else shape
        finish = Finish(WHITE, Material.PAINT, TAG) if color is None else Finish(color, material, TAG)
        self.out.add(mirrored_pair(whole) if pair else whole, finish, crease_rad=crease_rad)

    def cab(
        self, x: float, y: float, low: float, size: tuple[float, float, float], *, slope: float = 0.12
    ) -> None:
        """A glazed cab: posts, panes, roof, a driver on the pane."""
        length, width, tall = size
        a, b, high = x + length / 2, x - length / 2, low + tall
        rings = [
            [
                (a + dx, y - width / 2 * s, z),
                (a + dx, y + width / 2 * s, z),
                (b, y + width / 2 * s, z),
                (b, y - width / 2 * s, z),
            ]
            for z, dx, s in ((low, 0.0, 1.0), (low + tall * 0.42, 0.06, 1.0), (high - 0.08, -slope, 0.94))
        ]
        self.put(loft(np.array(rings)), (24, 26, 28), Material.SATIN, crease_rad=0.1)
        self.put(
            box((length - slope + 0.14, width + 0.06, 0.11), (x - slope / 2 + 0.04, y, high - 0.035), 0.04),
            None,
        )
        glass = Finish(GLASS, Material.GLASS, TAG)

        def pane(
            corners: list[tuple[float, float, float]],
            away: tuple[float, float, float],
            color: Rgb = GLASS,
            out: float = STOOD_M,
        ) -> None:
            quad = np.array(corners) + np.array(away) * out
            finish = glass if color == GLASS else Finish(color, Material.GLASS, TAG)
            self.out.add(Shape(points_m=quad, faces=np.array([[0, 1, 2], [0, 2, 3]])).facing(away), finish)

        m, z0, z1 = 0.06, low + tall * 0.42, high - 0.14
        for sign in (1.0, -1.0):
            w0, w1 = width / 2, width / 2 * 0.95
            pane(
                [
                    (b + m, y + sign * w0, z0),
                    (a + 0.06 - m, y + sign * w0, z0),
                    (a - slope - m + 0.02, y + sign * w1, z1),
                    (b + m, y + sign * w1, z1),
                ],
                (0.0, sign, 0.0),
            )
            pane(
                [
                    (x - 0.02, y + sign * w0, low + 0.12),
                    (a - m, y + sign * w0, low + 0.12),
                    (a + 0.05 - m, y + sign * w0, z0 - 0.05),
                    (x - 0.02, y + sign * w0, z0 - 0.05),
                ],
                (0.0, sign, 0.0),
            )
            pane(
                [
                    (x - 0.30, y + sign * w0, z0),
                    (x + 0.02, y + sign * w0, z0),
                    (x - 0.02, y + sign * w0, z0 + 0.26),
                    (x - 0.24, y + sign * w0, z0 + 0.26),
                ],
                (0.0, sign, 0.0),
                (196, 110, 36),
                STOOD_M + 0.006,
            )
            pane(
                [
                    (x - 0.20, y + sign * w0, z0 + 0.27),
                    (x - 0.02, y + sign * w0, z0 + 0.27),
                    (x - 0.02, y + sign * w0 * 0.99, z0 + 0.49),
                    (x - 0.20, y + sign * w0 * 0.99, z0 + 0.49),
                ],
                (0.0, sign, 0.0),
                (104, 80, 64),
                STOOD_M + 0.006,
            )
            pane(
                [
                    (x - 0.22, y + sign * w0, z0 + 0.42),
                    (x + 0.02, y + sign * w0, z0 + 0.42),
                    (x - 0.02, y + sign * w0 * 0.99, z0 + 0.54),
                    (x - 0.20, y + sign * w0 * 0.99, z0 + 0.54),
                ],
                (0.0, sign, 0.0),
                (206, 176, 40),
                STOOD_M + 0.010,
            )
        half = width / 2 - m
        pane(
            [
                (a + 0.06, y - half, z0),
                (a + 0.06, y + half, z0),
                (a - slope + 0.01, y + half * 0.95, z1),
                (a - slope + 0.01, y - half * 0.95, z1),
            ],
            (1.0, 0.0, 0.1),
        )
        pane(
            [
                (a, y - half, low + 0.15),
                (a, y + half, low + 0.15),
                (a + 0.055, y + half, z0 - 0.05),
                (a + 0.055, y - half, z0 - 0.05),
            ],
            (1.0, 0.0, 0.0),
        )
        pane(
            [(b, y + half, z0), (b, y - half, z0), (b, y - half * 0.95, z1), (b, y + half * 0.95, z1)],
            (-1.0, 0.0, 0.0),
        )
        self.put(
            lathe([(0.07, high + 0.02), (0.07, high + 0.10), (0.04, high + 0.125)], 10).moved(
                (b + 0.25, y, 0.0)
            ),
            (226, 140, 20),
            Material.BEACON_FIRST,
        )
        self.put(rod((b + 0.25, y, high - 0.01), (b + 0.25, y, high + 0.03), 0.05, 8), BLACK)

    def lamps(self, front: tuple[float, float, float], rear: tuple[float, float, float]) -> None:
        """Lamps and plates: (x, y, z) of the left one in front and behind."""
        x, y, z = front
        self.put(box((0.05, 0.14, 0.11), (x, y, z), 0.02), LENS, Material.HEAD_LAMP, pair=True)
        u, v, w = rear
        self.put(box((0.05, 0.11, 0.11), (u, v, w)), RED_LENS, Material.TAIL_LAMP, pair=True)
        self.put(box((0.05, 0.11, 0.07), (u, v, w - 0.10)), BRIGHT_RED, Material.BRAKE_LAMP, pair=True)
        self.put(box((0.05, 0.11, 0.07), (u, v, w - 0.18)), LENS, Material.REVERSE_LAMP, pair=True)
        for sign, material in ((1.0, Material.INDICATOR_LEFT), (-1.0, Material.INDICATOR_RIGHT)):
            self.out.add(box((0.05, 0.08, 0.11), (x, sign * (y + 0.12), z)), Finish(AMBER, material, TAG))
            self.out.add(box((0.05, 0.11, 0.06), (u, sign * v, w + 0.10)), Finish(AMBER, material, TAG))

    def plate(self, x: float, z: float) -> None:
        """The yellow plate of a wheeled machine, behind."""
        add_plate(
            self.out,
            invented_number(PlateForm.YELLOW, self.name, self.variant),
            plate_at(x, z, front=False),
            TAG,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Built:
    """A machine and how it stands."""

    size_m: tuple[float, float, float]
    axles: tuple[tuple[float, float, float, float], ...]
    """(x, radius, width, y of the outer face) from the front."""
    drums: bool


def beam(path: list[tuple[float, float]], tall: list[float], half: float) -> Shape:
    """A box girder along points (x, z), so tall at each."""
    rings = []
    points = np.array(path)
    along = np.gradient(points, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    for (x, z), (dx, dz), h in zip(points, along, tall, strict=True):
        up = np.array([-dz, dx]) * h / 2
        rings.append(
            [
                (x - up[0], -half, z - up[1]),
                (x - up[0], half, z - up[1]),
                (x + up[0], half, z + up[1]),
                (x + up[0], -half, z + up[1]),
            ]
        )
    return loft(np.array(rings))
