"""Street and garden furniture, machines, plants."""

from __future__ import annotations

import math

import numpy as np

from drivegen.embedded.assets.forms import ellipsoid, lathe, tube
from drivegen.embedded.assets.props.kit import Kit
from drivegen.embedded.mesh import Material

WOOD, STEEL, DARK, GREEN, WHITE, STONE, LEAF = (
    (150, 104, 62), (150, 153, 156), (46, 48, 50), (54, 92, 62), (232, 232, 228), (168, 164, 156),
    (66, 104, 48),
)  # fmt: skip


def bin_round(kit: Kit) -> None:
    """A round litter bin with a hood."""
    kit.turned(((0.80, 0.0), (0.92, 0.04), (1.0, 0.66), (0.96, 0.70)), GREEN)
    kit.turned(((0.80, 0.70), (0.80, 0.84)), DARK)
    kit.turned(((1.0, 0.84), (0.96, 0.92), (0.4, 1.0)), GREEN)


def bin_square(kit: Kit) -> None:
    """A litter bin with two openings, as in Beijing's streets."""
    kit.block((0, 0, 0.04), (0.9, 0.9, 0.08), DARK)
    hull = {"trashcan02": (70, 84, 110), "trashcan03": (64, 98, 72), "trashcan04": (122, 92, 64)}
    kit.block((0, 0, 0.44), (0.96, 0.94, 0.76), hull.get(kit.name, (96, 100, 96)), bevel_m=0.02)
    for x, color in ((-0.24, (44, 104, 60)), (0.24, (52, 84, 140))):
        for y in (-0.475, 0.475):
            kit.block((x, y, 0.66), (0.34, 0.03, 0.12), (16, 16, 16))
            kit.block((x, y, 0.42), (0.34, 0.03, 0.22), color)
    kit.block((0, 0, 0.92), (1.0, 1.0, 0.16), DARK, bevel_m=0.03)


def bench(kit: Kit) -> None:
    """A bench of slats; with a back where it is high enough."""
    backed = kit.size_lwh_m[2] > 0.7
    seat = 0.46 if backed else 0.94
    for x in (-0.42, 0.42):
        kit.block((x, 0, seat / 2), (0.04, 0.85, seat), DARK, Material.METAL)
        if backed:
            kit.block((x, -0.42, 0.5 + seat / 2), (0.04, 0.10, 1.0 - seat), DARK, Material.METAL)
    for k in range(4):
        kit.block((0, -0.36 + 0.28 * k, seat), (1.0, 0.22, 0.06), WOOD)
    if backed:
        for z in (0.66, 0.80, 0.94):
            kit.block((0, -0.46, z), (1.0, 0.06, 0.10), WOOD)


def table(kit: Kit) -> None:
    """A table with two benches."""
    kit.block((0, 0, 0.96), (1.0, 0.42, 0.08), WOOD)
    for x in (-0.35, 0.35):
        kit.block((x, 0, 0.46), (0.06, 0.30, 0.92), WOOD)
        kit.block((x, 0, 0.45), (0.05, 0.94, 0.06), WOOD)
    for y in (-0.42, 0.42):
        kit.block((0, y, 0.52), (1.0, 0.16, 0.07), WOOD)


def parasol_table(kit: Kit) -> None:
    """A round table under a parasol."""
    kit.turned(((0.22, 0.0), (0.22, 0.02), (0.02, 0.03), (0.02, 0.98)), STEEL, Material.METAL)
    kit.turned(((0.44, 0.28), (0.44, 0.30)), WHITE, sides=20)
    kit.turned(((1.0, 0.82), (1.0, 0.825), (0.5, 0.93), (0.02, 1.0)), (196, 60, 52), sides=12)


def map_table(kit: Kit) -> None:
    """A slanted map on a stand."""
    for x in (-0.40, 0.40):
        kit.block((x, 0.1, 0.40), (0.05, 0.12, 0.80), DARK, Material.METAL)
    kit.block((0, 0, 0.86), (1.0, 0.9, 0.06), DARK)
    kit.block((0, 0, 0.95), (0.96, 0.86, 0.05), (206, 212, 190))


def chair(kit: Kit) -> None:
    """A garden chair."""
    for x in (-0.38, 0.38):
        for y in (-0.38, 0.38):
            kit.block((x, y, 0.18), (0.07, 0.07, 0.36), WHITE)
    kit.block((0, 0, 0.38), (0.92, 0.92, 0.05), WHITE, bevel_m=0.01)
    kit.block((-0.44, 0, 0.70), (0.08, 0.90, 0.58), WHITE, bevel_m=0.02)
    for y in (-0.46, 0.46):
        kit.block((0, y, 0.60), (0.9, 0.08, 0.04), WHITE)
        kit.block((0.40, y, 0.49), (0.07, 0.07, 0.22), WHITE)


def bus_stop(kit: Kit) -> None:
    """A shelter: roof, glazed back, bench, timetable. Its open side is a long one."""
    long_x = kit.size_lwh_m[0] >= kit.size_lwh_m[1]

    def put(
        along: float,
        across: float,
        z: float,
        size: tuple[float, float, float],
        color: tuple[int, int, int],
        material: Material = Material.MATTE,
    ) -> None:
        a, c, h = size
        kit.block(
            (along, across, z) if long_x else (across, along, z),
            (a, c, h) if long_x else (c, a, h),
            color,
            material,
        )

    for a in (-0.46, 0.46):
        for c in (-0.40, 0.10):
            put(a, c, 0.48, (0.025, 0.05, 0.96), DARK, Material.METAL)
    put(0, -0.40, 0.52, (0.90, 0.02, 0.72), (150, 170, 176), Material.GLASS)
    put(-0.46, -0.15, 0.52, (0.012, 0.46, 0.72), (150, 170, 176), Material.GLASS)
    put(0, 0.0, 0.97, (1.0, 1.0, 0.06), (70, 74, 78), Material.METAL)
    put(0.05, -0.25, 0.17, (0.62, 0.18, 0.03), WOOD)
    for a in (-0.2, 0.3):
        put(a, -0.25, 0.08, (0.03, 0.14, 0.16), DARK, Material.METAL)
    put(0.40, -0.10, 0.50, (0.05, 0.50, 0.62), (46, 96, 160))
    put(0.40, -0.10, 0.50, (0.056, 0.42, 0.50), (226, 228, 224))


def kiosk(kit: Kit) -> None:
    """A small stall with a counter and a roof."""
    kit.block((0, 0, 0.20), (0.82, 0.82, 0.40), (52, 104, 92), bevel_m=0.02)
    for x in (-0.38, 0.38):
        for y in (-0.38, 0.38):
            kit.block((x, y, 0.60), (0.05, 0.05, 0.42), DARK, Material.METAL)
    kit.block((0, 0, 0.41), (0.92, 0.92, 0.03), WOOD)
    kit.block((-0.30, 0, 0.60), (0.04, 0.7, 0.36), (210, 206, 196))
    kit.turned(((1.0, 0.80), (1.0, 0.83), (0.55, 0.94), (0.1, 1.0)), (176, 54, 46), sides=4)
    kit.block((0, 0, 0.81), (1.0, 1.0, 0.04), (232, 228, 220))


def vending(kit: Kit) -> None:
    """A machine with a glazed front and a keypad."""
    kit.block(
        (0, 0, 0.5),
        (0.96, 0.98, 1.0),
        (172, 40, 44) if kit.name == "vendingmachine" else (52, 92, 150),
        bevel_m=0.02,
    )
    kit.block((0.47, -0.10, 0.60), (0.06, 0.62, 0.60), (30, 36, 42), Material.GLASS)
    kit.block((0.485, 0.34, 0.62), (0.03, 0.18, 0.22), DARK)
    kit.block((0.485, -0.10, 0.16), (0.03, 0.50, 0.12), DARK)
    kit.block((0.485, 0, 0.95), (0.03, 0.90, 0.06), WHITE)


def mailbox(kit: Kit) -> None:
    """A pillar box: green, as China's post has them."""
    post_green = (24, 110, 66)
    kit.block((0, 0, 0.05), (0.80, 0.80, 0.10), DARK)
    kit.block((0, 0, 0.48), (0.94, 0.94, 0.78), post_green, bevel_m=0.03)
    kit.block((0, 0, 0.92), (1.0, 1.0, 0.14), post_green, bevel_m=0.05)
    kit.block((0.48, 0, 0.76), (0.04, 0.60, 0.03), (14, 14, 14))
    kit.block((0.475, 0, 0.50), (0.03, 0.56, 0.22), (226, 214, 120))


def plant(kit: Kit) -> None:
    """A planter with a bush."""
    flat = kit.size_lwh_m[2] < 0.3
    pot = 0.5 if not flat else 0.7
    if abs(kit.size_lwh_m[0] - kit.size_lwh_m[1]) < 0.08:
        kit.turned(((0.72, 0.0), (0.95, pot - 0.06), (1.0, pot - 0.05), (1.0, pot)), (150, 92, 66))
    else:
        kit.block((0, 0, pot / 2), (1.0, 1.0, pot), STONE, bevel_m=0.02)
    l, w, h = kit.size_lwh_m  # noqa: E741
    count = max(1, int(l / max(w, 0.2)))
    for k in range(count):
        x = (-0.5 + (k + 0.5) / count) * l
        kit.add(
            ellipsoid((l / count * 0.46, w * 0.46, h * (1 - pot) * 0.98), (x, 0, h * pot), 10, 6),
            LEAF,
            Material.FOLIAGE,
        )


def drinking_fountain(kit: Kit) -> None:
    """A pillar with a basin and a tap."""
    iron = (38, 62, 52)
    kit.block((0, -0.24, 0.04), (1.0, 0.50, 0.08), STONE)
    kit.block((0, -0.26, 0.52), (0.72, 0.34, 0.92), iron, Material.METAL, bevel_m=0.02)
    kit.block((0, -0.26, 0.97), (0.86, 0.42, 0.06), iron, Material.METAL, bevel_m=0.02)
    kit.block((0, 0.18, 0.52), (0.84, 0.60, 0.08), STONE, bevel_m=0.02)
    kit.block((0, 0.18, 0.565), (0.62, 0.42, 0.012), (70, 96, 108), Material.GLASS)
    kit.block((0, 0.12, 0.26), (0.24, 0.16, 0.48), STONE)
    kit.bar((0, -0.12, 0.78), (0, 0.12, 0.78), 0.018, STEEL)
    kit.bar((0, 0.12, 0.79), (0, 0.12, 0.70), 0.016, STEEL)


def clothes_line(kit: Kit) -> None:
    """Two frames, a line between them, and washing on it."""
    frame(kit)
    for x, wide, drop, color in (
        (-0.30, 0.10, 0.34, (214, 222, 230)),
        (-0.16, 0.08, 0.26, (190, 70, 66)),
        (-0.02, 0.11, 0.42, (70, 110, 160)),
        (0.13, 0.07, 0.22, (236, 210, 96)),
        (0.27, 0.12, 0.38, (96, 150, 104)),
    ):
        kit.block((x, 0, 0.93 - drop / 2), (wide, 0.012, drop), color)


def calibration_board(kit: Kit) -> None:
    """A chequered board on a low trestle."""
    kit.block((0, 0, 0.82), (1.0, 1.0, 0.28), WHITE)
    for i in range(10):
        for k in range(4):
            if (i + k) % 2:
                kit.block((-0.45 + 0.1 * i, -0.375 + 0.25 * k, 0.97), (0.1, 0.25, 0.06), (18, 18, 18))
    for x in (-0.40, 0.40):
        kit.block((x, 0, 0.34), (0.04, 0.9, 0.68), DARK, Material.METAL)


def fountain(kit: Kit) -> None:
    """Basins above each other."""
    kit.turned(((1.0, 0.0), (1.0, 0.10), (0.92, 0.11), (0.92, 0.07), (0.1, 0.07)), STONE, sides=24)
    kit.turned(((0.16, 0.07), (0.10, 0.40), (0.14, 0.44)), STONE)
    kit.turned(((0.1, 0.42), (0.50, 0.48), (0.52, 0.52), (0.1, 0.50)), STONE, sides=20)
    kit.turned(((0.07, 0.5), (0.05, 0.78), (0.22, 0.82), (0.23, 0.85), (0.05, 0.86), (0.02, 1.0)), STONE)


def lamp(kit: Kit) -> None:
    """A garden lamp."""
    kit.turned(((0.6, 0.0), (0.6, 0.04), (0.16, 0.08), (0.14, 0.60)), DARK, Material.METAL)
    kit.turned(((0.6, 0.60), (0.85, 0.84)), (250, 240, 214), Material.STREET_LAMP, 12)
    kit.turned(((1.0, 0.84), (0.5, 0.94), (0.1, 1.0)), DARK, Material.METAL, 12)


def shelter(kit: Kit) -> None:
    """Posts that carry a roof of beams."""
    for x in (-0.44, 0.44):
        for y in (-0.44, 0.44):
            kit.block((x, y, 0.46), (0.04, 0.04, 0.92), WOOD)
    for y in (-0.44, 0.44):
        kit.block((0, y, 0.92), (1.0, 0.04, 0.06), WOOD)
    for k in range(9):
        kit.block((-0.46 + 0.115 * k, 0, 0.975), (0.025, 1.0, 0.05), WOOD)
    if kit.name == "swingcouch":
        kit.block((0, 0, 0.28), (0.55, 0.8, 0.08), (120, 140, 96))
        kit.block((-0.25, 0, 0.42), (0.10, 0.8, 0.30), (120, 140, 96))


def frame(kit: Kit) -> None:
    """Two pairs of slanted legs with a bar between them, and what hangs from it."""
    long_x = kit.size_lwh_m[0] >= kit.size_lwh_m[1]

    def at(along: float, across: float, z: float) -> tuple[float, float, float]:
        return (along, across, z) if long_x else (across, along, z)

    for a in (-0.47, 0.47):
        for c in (-0.48, 0.48):
            kit.bar(at(a, c, 0.01), at(a, 0, 0.98), 0.03, (176, 60, 50))
    kit.bar(at(-0.48, 0, 0.98), at(0.48, 0, 0.98), 0.03, (60, 100, 160))
    for a in (-0.2, 0.2):
        for d in (-0.06, 0.06):
            kit.bar(at(a + d, 0, 0.98), at(a + d, 0, 0.20), 0.008, STEEL)
        centre, size = at(a, 0, 0.19), (0.14, 0.12, 0.02) if long_x else (0.12, 0.14, 0.02)
        kit.block(centre, size, DARK)


def slide(kit: Kit) -> None:
    """A chute with a ladder."""
    kit.bar((-0.4, 0.44, 0.0), (-0.4, 0.36, 1.0), 0.025, (60, 100, 160))
    kit.bar((0.4, 0.44, 0.0), (0.4, 0.36, 1.0), 0.025, (60, 100, 160))
    for k in range(6):
        t = (k + 0.5) / 6
        kit.bar((-0.4, 0.44 - 0.08 * t, t * 0.72), (0.4, 0.44 - 0.08 * t, t * 0.72), 0.02, STEEL)
    s = kit.size_lwh_m
    path = np.array([(0, 0.36, 0.72), (0, 0.2, 0.66), (0, -0.2, 0.26), (0, -0.42, 0.08), (0, -0.5, 0.07)]) * s
    for x in (-0.4, -0.15, 0.15, 0.4):
        kit.add(
            tube(path + np.array([x * s[0], 0, 0]), 0.06 if abs(x) > 0.3 else 0.12, 8, flatten=0.5),
            (200, 70, 56),
        )


def trampoline(kit: Kit) -> None:
    """A round mat within a net."""
    kit.turned(((0.98, 0.26), (1.0, 0.30), (0.98, 0.32)), (40, 90, 160), sides=24)
    kit.turned(((0.86, 0.30), (0.86, 0.31)), DARK, sides=24)
    for k in range(8):
        angle = k * math.pi / 4
        c, s = 0.48 * math.cos(angle), 0.48 * math.sin(angle)
        kit.bar((c, s, 0.0), (c, s, 1.0), 0.02, STEEL)


def hut(kit: Kit) -> None:
    """A small house with a pitched roof and a doorway."""
    kit.block((0, 0, 0.30), (0.86, 0.86, 0.60), WOOD)
    for side in (-1, 1):
        for k in range(5):
            kit.block((0, side * (0.45 - 0.1 * k), 0.60 + 0.085 * k), (1.0, 0.14, 0.05), (140, 52, 44))
    kit.block((0, 0, 0.74), (0.84, 0.40, 0.30), WOOD)
    kit.block((0.43, 0, 0.25), (0.02, 0.36, 0.50), (20, 18, 16))
    kit.block((0, 0, 0.97), (1.0, 0.12, 0.06), (140, 52, 44))
    kit.block((0, 0, 0.02), (0.9, 1.0, 0.04), WOOD)


def barbecue(kit: Kit) -> None:
    """A kettle on legs."""
    for x in (-0.3, 0.3):
        for y in (-0.3, 0.3):
            kit.bar((x * 1.3, y * 1.3, 0.0), (x, y, 0.55), 0.015, STEEL)
    kit.turned(
        ((0.3, 0.48), (0.8, 0.56), (1.0, 0.70), (1.0, 0.74), (0.8, 0.90), (0.3, 0.97), (0.1, 1.0)),
        (30, 30, 32),
        Material.METAL,
        18,
    )


def tree(kit: Kit) -> None:
    """A broad-leaved tree."""
    l, w, h = kit.size_lwh_m  # noqa: E741
    trunk = [(0, 0, 0), (0.02 * l, 0, 0.2 * h), (0, 0.01 * w, 0.5 * h)]
    kit.add(tube(trunk, [0.035 * h, 0.022 * h, 0.012 * h], 9), (92, 74, 58))
    kit.add(
        ellipsoid((l * 0.40, w * 0.40, h * 0.30), (0, 0, h * 0.68), 16, 10), (58, 94, 44), Material.FOLIAGE
    )
    for k in range(9):
        angle = k * 2.4
        r = 0.24 + 0.08 * float(kit.rng.uniform(-1, 1))
        z = 0.50 + 0.35 * float(kit.rng.random())
        size = 0.20 + 0.06 * float(kit.rng.random())
        centre = (r * l * math.cos(angle), r * w * math.sin(angle), z * h)
        kit.add(
            ellipsoid((size * l, size * w, size * 0.7 * h), centre, 10, 6),
            (60 + 4 * (k % 3), 100, 46),
            Material.FOLIAGE,
        )


def conifer(kit: Kit) -> None:
    """A slim conifer."""
    kit.turned(((0.08, 0.0), (0.08, 0.08)), (92, 74, 58))
    for k in range(6):
        low = 0.05 + 0.14 * k
        r = 1.0 - 0.14 * k
        kit.turned(
            ((r * 0.5, low), (r, low + 0.05), (r * 0.62, low + 0.20), (0.1, low + 0.25)),
            (46, 82, 50),
            Material.FOLIAGE,
            14,
        )


def palm(kit: Kit) -> None:
    """A palm with hanging fronds."""
    l, w, h = kit.size_lwh_m  # noqa: E741
    trunk = [(0, 0, 0), (0.05 * l, 0, 0.3 * h), (0.02 * l, 0, 0.6 * h), (0, 0, 0.9 * h)]
    kit.add(tube(trunk, [0.02 * h, 0.014 * h, 0.012 * h, 0.010 * h], 9), (120, 100, 76))
    for k in range(14):
        angle = k * 2 * math.pi / 14
        c, s = math.cos(angle), math.sin(angle)
        drop = 0.10 + 0.06 * (k % 3)
        path = np.array(
            [
                (0, 0, 0.9 * h),
                (0.2 * l * c, 0.2 * w * s, 0.99 * h),
                (0.4 * l * c, 0.4 * w * s, (0.96 - drop * 0.5) * h),
                (0.5 * l * c, 0.5 * w * s, (0.88 - drop) * h),
            ]
        )
        kit.add(tube(path, [0.1, 0.5, 0.4, 0.02], 6, flatten=0.3), (74, 110, 50), Material.FOLIAGE)


def bale(kit: Kit) -> None:
    """A round bale lying on its side."""
    l, w, h = kit.size_lwh_m  # noqa: E741
    drum = lathe([(1.0, -0.5), (1.0, 0.5)], 20).turned(np.array([[0.0, 0, 1], [0, 1, 0], [-1, 0, 0]]))
    kit.add(drum.scaled((l, w / 2, h / 2)).moved((0, 0, h / 2)), (196, 168, 96))
