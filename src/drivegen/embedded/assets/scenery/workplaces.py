"""Buildings where Yizhuang works: towers of glass, factory halls, old courtyards between them."""

from __future__ import annotations

import numpy as np

from drivegen.embedded.assets.forms import prism
from drivegen.embedded.assets.scenery.building_maker import PLINTH_M, SHOP_M, STOREY_M, BuildingMaker, shade
from drivegen.embedded.assets.sculpt import FLAT_RAD
from drivegen.embedded.mesh import Material

CLADDING = ((58, 78, 94), (70, 92, 88), (84, 88, 98), (66, 82, 110))
"""Colours of glass."""
SHEETS = ((226, 230, 232), (196, 206, 214), (232, 226, 210))
"""Of a hall's steel sheets."""
STRIPES = ((40, 92, 156), (34, 118, 88), (176, 52, 44))
GREY_BRICK = (124, 124, 120)
GREY_TILE = (84, 86, 88)
LACQUER = (128, 36, 30)


def add_curtain(maker: BuildingMaker) -> None:
    """A tower of glass: fins from foot to top, a dark band at each floor, a set-back crown."""
    x, d, high = maker.length_m / 2, maker.depth_m, maker.height_m
    glass = CLADDING[int(maker.rng.integers(len(CLADDING)))]
    fin = (198, 202, 206) if maker.rng.random() < 0.6 else (92, 98, 106)
    base = (-x - 0.2, -0.2, -PLINTH_M), (x + 0.2, d + 0.2, 0.4)
    maker.block(*base, (134, 134, 136), Material.CONCRETE)
    maker.block((-x + 0.25, 0.25, 0.4), (x - 0.25, d - 0.25, high), glass, Material.GLASS)
    for storey in range(1, maker.storeys):
        z = SHOP_M + 0.9 + (storey - 1) * STOREY_M
        maker.block((-x + 0.12, 0.12, z - 0.22), (x - 0.12, d - 0.12, z + 0.06), shade(fin, 0.55))
    for k in range(count := max(4, int(maker.length_m / 1.8))):
        fx = -x + 2 * x * (k + 0.5) / count
        for y0, y1 in ((-0.08, 0.2), (d - 0.2, d + 0.08)):
            maker.block((fx - 0.05, y0, SHOP_M + 0.4), (fx + 0.05, y1, high), fin, Material.METAL)
    for k in range(count := max(3, int(d / 1.8))):
        fy = d * (k + 0.5) / count
        for x0, x1 in ((-x - 0.08, -x + 0.2), (x - 0.2, x + 0.08)):
            maker.block((x0, fy - 0.05, SHOP_M + 0.4), (x1, fy + 0.05, high), fin, Material.METAL)
    # A lobby with columns, its ceiling, a canopy.
    maker.block((-x, 0.0, SHOP_M - 0.2), (x, d, SHOP_M + 0.45), shade(fin, 0.9))
    for fx in np.linspace(-x + 0.4, x - 0.4, max(3, int(maker.length_m / 6))):
        maker.block((float(fx) - 0.3, -0.05, 0.0), (float(fx) + 0.3, 0.55, SHOP_M), shade(fin, 0.95))
    maker.block((-5.0, -3.2, 3.5), (5.0, 0.2, 3.75), shade(fin, 0.7), Material.METAL)
    maker.block((-x, 0.0, high), (x, d, high + 1.4), shade(fin, 0.85), Material.METAL)
    maker.block((-x * 0.55, d * 0.2, high + 1.4), (x * 0.55, d * 0.8, high + 4.6), shade(fin, 0.75))
    maker.block((-x * 0.4, -0.12, high + 0.2), (x * 0.1, 0.0, high + 1.2), (214, 40, 36), Material.LIT_SIGN)


def add_hall(maker: BuildingMaker) -> None:
    """A factory hall: steel sheets, a coloured stripe, rolling gates with docks, windows below the eaves."""
    x, d, high = maker.length_m / 2, maker.depth_m, maker.height_m
    sheet = SHEETS[int(maker.rng.integers(len(SHEETS)))]
    stripe = STRIPES[int(maker.rng.integers(len(STRIPES)))]
    maker.block((-x - 0.06, -0.06, -PLINTH_M), (x + 0.06, d + 0.06, 0.9), (146, 142, 136), Material.CONCRETE)
    maker.block((-x, 0.0, 0.9), (x, d, high), sheet, Material.PLASTER)
    maker.block((-x - 0.03, -0.03, high - 1.7), (x + 0.03, d + 0.03, high - 0.9), stripe)
    maker.block(
        (-x - 0.03, -0.03, high - 3.1), (x + 0.03, d + 0.03, high - 2.0), (64, 78, 88), Material.GLASS
    )
    for k in range(count := max(2, int(maker.length_m / 9))):
        gx = -x + 2 * x * (k + 0.5) / count
        if k % 3 == 2:
            maker.block((gx - 0.55, -0.05, 0.1), (gx + 0.55, 0.03, 2.3), (96, 104, 112))
            maker.block((gx - 1.1, -1.3, 2.5), (gx + 1.1, 0.0, 2.62), stripe)
            continue
        maker.block((gx - 2.1, -0.06, 0.0), (gx + 2.1, 0.03, 4.3), (172, 178, 182), Material.METAL)
        for z in np.arange(0.5, 4.2, 0.62):
            maker.block((gx - 2.1, -0.075, float(z)), (gx + 2.1, -0.05, float(z) + 0.05), (138, 144, 150))
        maker.block((gx - 2.5, -1.5, 4.5), (gx + 2.5, 0.0, 4.65), shade(sheet, 0.8))
        for side in (-2.3, 2.3):
            maker.block((gx + side - 0.1, -0.3, 0.0), (gx + side + 0.1, -0.1, 1.1), (226, 182, 30))
    gable = [(-d * 0.5 - 0.3, high - 0.05), (d * 0.5 + 0.3, high - 0.05), (0.0, high + 0.07 * d)]
    _add_roof(maker, gable, x + 0.3, (150, 158, 164), Material.METAL)
    for fx in np.linspace(-x * 0.7, x * 0.7, max(2, int(maker.length_m / 14))):
        maker.block(
            (float(fx) - 0.7, d * 0.5 - 0.7, high), (float(fx) + 0.7, d * 0.5 + 0.7, high + 0.07 * d + 0.9),
            (176, 180, 184), Material.METAL,
        )  # fmt: skip


def add_courtyard(maker: BuildingMaker) -> None:
    """A low house of grey brick with a roof of grey tiles, red doors and lattice windows."""
    x, d = maker.length_m / 2, maker.depth_m
    eaves = 3.3
    maker.height_m = eaves + 0.42 * d
    maker.block((-x - 0.25, -0.25, -PLINTH_M), (x + 0.25, d + 0.25, 0.35), (150, 148, 142), Material.CONCRETE)
    maker.block((-x, 0.0, 0.35), (x, d, eaves), GREY_BRICK, Material.BRICK)
    for k in range(count := max(2, int(maker.length_m / 4.5))):
        cx = -x + 2 * x * (k + 0.5) / count
        if k % 3 == 1:
            maker.block((cx - 0.95, -0.05, 0.35), (cx + 0.95, 0.04, 2.75), LACQUER, Material.SATIN)
            maker.block((cx - 1.15, -0.12, 2.75), (cx + 1.15, 0.04, 3.0), (42, 92, 84))
            for knob in (-0.12, 0.12):
                maker.block((cx + knob - 0.04, -0.09, 1.5), (cx + knob + 0.04, -0.05, 1.58), (200, 160, 60))
        else:
            maker.block((cx - 0.85, -0.03, 1.15), (cx + 0.85, 0.04, 2.6), (52, 60, 62), Material.GLASS)
            for bar in np.linspace(-0.85, 0.85, 5):
                maker.block(
                    (cx + float(bar) - 0.035, -0.06, 1.1), (cx + float(bar) + 0.035, 0.0, 2.65), LACQUER
                )
            for z in (1.1, 1.85, 2.6):
                maker.block((cx - 0.9, -0.06, z), (cx + 0.9, 0.0, z + 0.06), LACQUER)
    over = 0.75
    gable = [
        (-d / 2 - over, eaves - 0.12), (-d / 2 - over, eaves - 0.3), (d / 2 + over, eaves - 0.3),
        (d / 2 + over, eaves - 0.12), (d * 0.22, eaves + 0.20 * d), (0.0, maker.height_m),
        (-d * 0.22, eaves + 0.20 * d),
    ]  # fmt: skip
    _add_roof(maker, gable, x + 0.35, GREY_TILE, Material.ROOF)
    top = maker.height_m
    maker.block(
        (-x - 0.35, d / 2 - 0.16, top - 0.12), (x + 0.35, d / 2 + 0.16, top + 0.28), shade(GREY_TILE, 0.8)
    )


def _add_roof(
    maker: BuildingMaker,
    gable: list[tuple[float, float]],
    half_m: float,
    color: tuple[int, int, int],
    material: Material,
) -> None:
    """A solid along x with the outline (y from the middle of the depth, z)."""
    middle = maker.depth_m / 2
    solid = prism(gable, -half_m, half_m)
    # The prism rises along z over (y, z): lay it down along x.
    turned = solid.turned(np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]))
    maker.out.add(turned.moved((0.0, middle, 0.0)), maker.finish(color, material), crease_rad=FLAT_RAD)
