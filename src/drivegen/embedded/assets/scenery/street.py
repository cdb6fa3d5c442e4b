"""Street furniture that stands in rows: lamps, railings, bollards, cabinets."""

from __future__ import annotations

import numpy as np

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import box, lathe, loft, plate, rod, tube
from drivegen.embedded.assets.sculpt import Finish, Sculpture, join
from drivegen.embedded.mesh import Material, MeshLibrary

STEEL = (132, 136, 140)
RAILING_M = 3.0
"""Length of one field of a railing."""


def make_lamp(library: MeshLibrary, height_m: float, reach_m: float, back_m: float, name: str) -> int:
    """A lamp post; the long arm reaches `reach_m` along +x, a short one `back_m` along -x (0: none)."""
    out = Sculpture()
    steel = Finish(STEEL, Material.METAL, Tag.POLE)
    out.add(
        lathe(
            [(0.20, 0.0), (0.20, 0.04), (0.12, 0.08), (0.105, 0.9), (0.09, 0.95), (0.055, height_m - 0.6)], 10
        ),
        steel,
    )
    for sign, reach, top in ((1.0, reach_m, height_m), (-1.0, back_m, height_m * 0.62)):
        if reach <= 0:
            continue
        arm = [(0, 0, top - 0.65), (sign * reach * 0.25, 0, top - 0.12), (sign * reach, 0, top)]
        out.add(tube(arm, [0.05, 0.042, 0.034], 7), steel)
        head = box((0.75, 0.28, 0.10), (sign * (reach + 0.30), 0, top + 0.01), 0.03)
        out.add(head, Finish((96, 99, 103), Material.METAL, Tag.POLE))
        lens, _ = plate((sign * (reach + 0.30), 0, top - 0.042), (0.29, 0.0, 0.0), (0.0, 0.10, 0.0))
        out.add(lens.facing((0.0, 0.0, -1.0)), Finish((238, 236, 226), Material.STREET_LAMP, Tag.POLE))
    out.add(box((0.02, 0.14, 0.3), (0.115, 0, 0.6)), Finish((90, 92, 96), Material.METAL, Tag.POLE))
    return library.add(out.mesh(name))


def make_railing(library: MeshLibrary, name: str) -> int:
    """One field of a white railing along x, middle at the origin."""
    out = Sculpture()
    white = Finish((226, 228, 228), Material.MATTE, Tag.FENCE)
    half = RAILING_M / 2
    out.add(box((0.08, 0.08, 1.06), (-half, 0, 0.53)), white)
    out.add(box((0.30, 0.34, 0.05), (-half, 0, 0.025)), Finish((150, 150, 148), Material.CONCRETE, Tag.FENCE))
    for z in (0.96, 0.22):
        out.add(box((RAILING_M, 0.04, 0.05), (0, 0, z)), white)
    bars = []
    for k in range(8):
        x = -half + RAILING_M * (k + 0.5) / 8
        ring = np.array([(x + 0.014, 0.0), (x - 0.007, 0.012), (x - 0.007, -0.012)])
        bars.append(loft([np.column_stack([ring, np.full(3, z)]) for z in (0.22, 0.96)], cap=False))
    out.add(join(bars), white)
    out.add(box((0.10, 0.02, 0.10), (0, 0, 0.90)), Finish((204, 40, 36), Material.MATTE, Tag.FENCE))
    return library.add(out.mesh(name))


def make_bollard(library: MeshLibrary, name: str) -> int:
    """A steel bollard with two reflecting bands."""
    out = Sculpture()
    out.add(
        lathe([(0.09, 0.0), (0.055, 0.03), (0.055, 0.74), (0.03, 0.80), (0.0, 0.81)], 10),
        Finish((150, 153, 157), Material.METAL, Tag.POLE),
    )
    for z in (0.50, 0.66):
        out.add(lathe([(0.058, z), (0.058, z + 0.07)], 10), Finish((226, 190, 40), Material.MATTE, Tag.POLE))
    return library.add(out.mesh(name))


def make_cabinet(library: MeshLibrary, name: str) -> int:
    """A grey cabinet for signals and power."""
    out = Sculpture()
    grey = Finish((150, 158, 156), Material.MATTE, Tag.STATIC)
    out.add(box((0.95, 0.50, 0.15), (0, 0, 0.075)), Finish((120, 118, 114), Material.CONCRETE, Tag.STATIC))
    out.add(box((0.90, 0.45, 1.25), (0, 0, 0.775), 0.02), grey)
    out.add(box((0.98, 0.53, 0.06), (0, 0, 1.43), 0.02), Finish((120, 127, 126), Material.MATTE, Tag.STATIC))
    for x in (-0.22, 0.22):
        out.add(
            box((0.42, 0.012, 1.10), (x, -0.226, 0.78)), Finish((160, 168, 166), Material.MATTE, Tag.STATIC)
        )
        out.add(
            box((0.02, 0.03, 0.16), (x * 0.2, -0.236, 0.80)), Finish((60, 62, 64), Material.METAL, Tag.STATIC)
        )
    return library.add(out.mesh(name))


def make_bench(library: MeshLibrary, name: str) -> int:
    """A bench of wooden slats on concrete feet."""
    out = Sculpture()
    wood = Finish((140, 98, 60), Material.MATTE, Tag.STATIC)
    for x in (-0.65, 0.65):
        out.add(
            box((0.12, 0.42, 0.40), (x, 0, 0.20), 0.02),
            Finish((150, 148, 142), Material.CONCRETE, Tag.STATIC),
        )
    for y in (-0.16, -0.05, 0.06, 0.17):
        out.add(box((1.7, 0.09, 0.05), (0, y, 0.43)), wood)
    return library.add(out.mesh(name))


def make_bin(library: MeshLibrary, name: str) -> int:
    """A pair of litter bins under one roof."""
    out = Sculpture()
    for x, color in ((-0.24, (40, 92, 60)), (0.24, (58, 84, 120))):
        out.add(box((0.42, 0.36, 0.78), (x, 0, 0.45), 0.03), Finish(color, Material.MATTE, Tag.STATIC))
        out.add(box((0.26, 0.37, 0.10), (x, 0, 0.72)), Finish((14, 14, 14), Material.MATTE, Tag.STATIC))
    for x in (-0.47, 0.47):
        out.add(box((0.04, 0.30, 1.05), (x, 0, 0.525)), Finish((90, 92, 94), Material.METAL, Tag.STATIC))
    out.add(box((1.02, 0.44, 0.06), (0, 0, 1.07), 0.02), Finish((70, 72, 74), Material.METAL, Tag.STATIC))
    return library.add(out.mesh(name))


def make_bus_stop(library: MeshLibrary, name: str) -> int:
    """A bus shelter along x, open to -y, with a lit panel and a pole with the stop's plate."""
    out = Sculpture()
    steel, glass = (
        Finish((84, 88, 92), Material.METAL, Tag.STATIC),
        Finish((150, 168, 174), Material.GLASS, Tag.STATIC),
    )
    for x in (-3.4, -1.1, 1.1, 3.4):
        out.add(rod((x, 0.5, 0), (x, 0.5, 2.55), 0.045, 8), steel)
    out.add(box((7.2, 1.5, 0.10), (0, 0.1, 2.60), 0.03), steel)
    out.add(box((4.4, 0.02, 1.7), (-1.2, 0.5, 1.35)), glass)
    out.add(box((1.9, 0.12, 1.9), (2.25, 0.5, 1.30), 0.02), Finish((50, 54, 58), Material.MATTE, Tag.STATIC))
    out.add(box((1.7, 0.14, 1.6), (2.25, 0.5, 1.35)), Finish((206, 86, 60), Material.LIT_SIGN, Tag.STATIC))
    out.add(box((1.2, 0.15, 0.5), (2.25, 0.5, 1.70)), Finish((240, 236, 226), Material.LIT_SIGN, Tag.STATIC))
    out.add(box((2.6, 0.34, 0.05), (-1.3, 0.28, 0.46)), Finish((150, 110, 70), Material.MATTE, Tag.STATIC))
    for x in (-2.4, -0.2):
        out.add(box((0.06, 0.28, 0.44), (x, 0.28, 0.22)), steel)
    out.add(rod((4.3, -0.2, 0), (4.3, -0.2, 2.6), 0.04, 8), steel)
    out.add(
        box((0.62, 0.05, 0.9), (4.3, -0.2, 2.15), 0.01),
        Finish((28, 96, 70), Material.MATTE, Tag.TRAFFIC_SIGN),
    )
    out.add(
        box((0.5, 0.06, 0.2), (4.3, -0.2, 2.40)), Finish((236, 236, 232), Material.MATTE, Tag.TRAFFIC_SIGN)
    )
    return library.add(out.mesh(name))
