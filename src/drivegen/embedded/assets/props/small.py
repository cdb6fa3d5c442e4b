"""Things that lie about: boxes, bags, cases, litter."""

from __future__ import annotations

import itertools
import math

import numpy as np

from drivegen.embedded.assets.forms import ellipsoid, icosphere
from drivegen.embedded.assets.props.kit import Kit
from drivegen.embedded.mesh import Material

CARDBOARD = (186, 148, 104)
BLACK = (30, 30, 32)


def carton(kit: Kit) -> None:
    """A carton closed with tape."""
    kit.block((0, 0, 0.5), (1.0, 1.0, 1.0), CARDBOARD, bevel_m=0.01)
    kit.block((0, 0, 0.5), (1.001, 0.10, 1.003), (206, 178, 130))


def bag(kit: Kit) -> None:
    """A tied bag."""
    color = (34, 36, 40) if kit.name == "trashbag" else (214, 218, 222)
    l, w, h = kit.size_lwh_m  # noqa: E741
    ball = icosphere(2)
    lumps = (
        1.0
        + 0.10 * np.sin(ball.points_m[:, 0] * 7 + 1) * np.cos(ball.points_m[:, 1] * 6)
        + 0.05 * np.sin(ball.points_m[:, 2] * 11)
    )
    points = ball.points_m * lumps[:, None]
    points[:, 2] = np.maximum(points[:, 2], -0.75)
    shaped = type(ball)(points_m=points, faces=ball.faces)
    kit.add(shaped.scaled((l / 2, w / 2, h * 0.42)).moved((0, 0, h * 0.33)), color)
    kit.turned(((0.16, 0.66), (0.08, 0.80), (0.26, 0.97), (0.05, 1.0)), color, sides=8)


def carrier(kit: Kit) -> None:
    """A bag with two handles."""
    color = (196, 60, 70) if kit.name == "purse" else (216, 200, 168)
    kit.block((0, 0, 0.32), (1.0, 1.0, 0.64), color, bevel_m=0.02)
    wide = 0 if kit.size_lwh_m[0] >= kit.size_lwh_m[1] else 1
    for side in (-0.3, 0.3):
        points = [(-0.25, 0.60), (-0.22, 0.92), (0.0, 0.985), (0.22, 0.92), (0.25, 0.60)]
        for (a, za), (b, zb) in itertools.pairwise(points):
            p, q = ((a, side, za), (b, side, zb)) if wide == 0 else ((side, a, za), (side, b, zb))
            kit.bar(p, q, 0.008, BLACK, Material.MATTE)


def case(kit: Kit) -> None:
    """A case with a handle; on wheels where it is tall."""
    color = {"briefcase": (72, 48, 34), "guitarcase": (28, 28, 30)}.get(kit.name, (58, 76, 104))
    tall = kit.size_lwh_m[2] > 0.8
    top = 0.62 if tall else 0.90
    kit.block((0, 0, top / 2 + 0.03), (1.0, 1.0, top - 0.06), color, bevel_m=0.02)
    for k in (-0.3, 0.0, 0.3):
        kit.block((k, 0, top / 2 + 0.03), (0.03, 1.004, top * 0.8), tuple(int(c * 0.8) for c in color))  # type: ignore[arg-type]
    for x in (-0.16, 0.16):
        kit.bar((x, 0, top - 0.05), (x, 0, 0.985), 0.008 if not tall else 0.012, (150, 153, 156))
    kit.bar((-0.16, 0, 0.985), (0.16, 0, 0.985), 0.012, BLACK, Material.MATTE)
    for x in (-0.4, 0.4):
        kit.block((x, 0, 0.02), (0.10, 0.9, 0.04), BLACK, Material.RUBBER)


def trolley(kit: Kit) -> None:
    """A basket of wire on wheels with a handle."""
    long_y = kit.size_lwh_m[1] > kit.size_lwh_m[0]
    steel = (160, 163, 167)
    corners = [(-0.45, -0.42), (0.45, -0.42), (0.45, 0.42), (-0.45, 0.42)]
    for z, k in ((0.36, 0.8), (0.58, 0.9), (0.80, 1.0)):
        loop = [(x * k, y * k, z) for x, y in corners]
        for a, b in zip(loop, loop[1:] + loop[:1], strict=True):
            kit.bar(a, b, 0.008, steel)
    for k in range(20):
        angle = k * math.pi / 10
        c, s = math.cos(angle), math.sin(angle)
        edge = 1.0 / max(abs(c) / 0.45, abs(s) / 0.42)
        kit.bar((c * edge * 0.8, s * edge * 0.8, 0.36), (c * edge, s * edge, 0.80), 0.005, steel)
    kit.block((0, 0, 0.36), (0.72, 0.66, 0.01), steel, Material.METAL)
    for x, y in corners:
        kit.bar((x * 0.8, y * 0.8, 0.36), (x * 0.8, y * 0.8, 0.06), 0.010, steel)
        kit.block((x * 0.8, y * 0.8, 0.04), (0.08, 0.05, 0.08), BLACK, Material.RUBBER)
    if long_y:
        kit.bar((-0.4, -0.48, 0.985), (0.4, -0.48, 0.985), 0.014, (190, 40, 40), Material.MATTE)
        for x in (-0.4, 0.4):
            kit.bar((x, -0.42, 0.80), (x, -0.48, 0.985), 0.010, steel)
    else:
        kit.bar((-0.48, -0.4, 0.985), (-0.48, 0.4, 0.985), 0.014, (190, 40, 40), Material.MATTE)
        for y in (-0.4, 0.4):
            kit.bar((-0.42, y, 0.80), (-0.48, y, 0.985), 0.010, steel)


def gnome(kit: Kit) -> None:
    """A garden gnome."""
    kit.turned(((0.7, 0.0), (0.8, 0.06), (0.85, 0.25), (0.6, 0.45)), (52, 84, 150))
    kit.turned(((0.5, 0.44), (0.58, 0.54), (0.45, 0.62)), (224, 178, 148))
    kit.turned(((0.62, 0.60), (0.4, 0.74), (0.1, 0.97), (0.02, 1.0)), (190, 36, 36))
    l, w, h = kit.size_lwh_m  # noqa: E741
    kit.add(ellipsoid((l * 0.2, w * 0.28, h * 0.14), (l * 0.22, 0, h * 0.44), 10, 6), (236, 236, 234))


def can(kit: Kit) -> None:
    """A can."""
    kit.turned(
        ((0.8, 0.0), (1.0, 0.05), (1.0, 0.90), (0.82, 0.97), (0.82, 1.0)), (190, 30, 34), Material.METAL, 14
    )


def heap(kit: Kit) -> None:
    """A low heap of rubble."""
    l, w, h = kit.size_lwh_m  # noqa: E741
    for _ in range(26):
        x, y = kit.rng.uniform(-0.42, 0.42, 2)
        size = float(kit.rng.uniform(0.05, 0.16))
        z = h * (0.15 + 0.35 * float(kit.rng.random()))
        shade = int(kit.rng.integers(84, 150))
        ball = icosphere(1)
        noise = kit.rng.uniform(0.6, 1.0, size=(len(ball.points_m), 1))
        stone = type(ball)(points_m=ball.points_m * noise, faces=ball.faces)
        kit.add(
            stone.scaled((size * l, size * w, h * 0.35)).moved((x * l, y * w, z)),
            (shade, int(shade * 0.92), int(shade * 0.82)),
        )
