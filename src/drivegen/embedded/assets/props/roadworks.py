"""Cones, barriers, warnings, boards."""

from __future__ import annotations

import numpy as np

from drivegen.embedded.assets.forms import loft
from drivegen.embedded.assets.props.kit import Kit
from drivegen.embedded.mesh import Material

ORANGE, WHITE, RED, BLACK, YELLOW, STEEL = (
    (226, 88, 26), (236, 236, 232), (200, 34, 30), (26, 26, 27), (240, 196, 40), (150, 153, 156),
)  # fmt: skip


def cone(kit: Kit) -> None:
    """A traffic cone with two white bands on a square foot."""
    kit.block((0, 0, 0.02), (1.0, 1.0, 0.04), BLACK, bevel_m=0.01)
    bands = (
        (0.04, 0.62, 0.30, 0.46),
        (0.30, 0.46, 0.48, 0.35),
        (0.48, 0.35, 0.62, 0.265),
        (0.62, 0.265, 0.80, 0.16),
    )
    for k, (low, r_low, high, r_high) in enumerate((*bands, (0.80, 0.16, 1.0, 0.06))):
        kit.turned(((r_low, low), (r_high, high)), WHITE if k in (1, 3) else ORANGE)


def barrier(kit: Kit) -> None:
    """A barrier board on two feet, striped red and white."""
    for x in (-0.38, 0.38):
        kit.block((x, 0, 0.03), (0.06, 1.0, 0.06), STEEL, Material.METAL)
        kit.block((x, 0, 0.5), (0.05, 0.12, 0.95), STEEL, Material.METAL)
    for row, z in enumerate((0.86, 0.52)):
        for k in range(6):
            color = RED if (k + row) % 2 else WHITE
            kit.block((-0.5 + (k + 0.5) / 6, 0, z), (1 / 6, 0.16, 0.24), color)


def chain_posts(kit: Kit) -> None:
    """A post, with a second one and a sagging chain where there is room."""
    ends = (
        (-0.5 + 0.12 / kit.size_lwh_m[0], 0.5 - 0.12 / kit.size_lwh_m[0])
        if kit.size_lwh_m[0] > 0.6
        else (0.0,)
    )
    l, w, h = kit.size_lwh_m  # noqa: E741
    for x in ends:
        rings = []
        for r, z in (
            (0.12, 0.0),
            (0.12, 0.03),
            (0.04, 0.08),
            (0.035, 0.86),
            (0.055, 0.90),
            (0.05, 0.96),
            (0.01, 1.0),
        ):
            angle = np.arange(12) * np.pi / 6
            rings.append(
                np.stack(
                    [x * l + r * np.cos(angle), min(r, w / 2) * np.sin(angle), np.full(12, z * h)], axis=1
                )
            )
        kit.add(loft(rings), BLACK, Material.METAL)
    if len(ends) == 2:
        for k in range(10):
            a, b = k / 10, (k + 1) / 10
            drop = [0.80 - 0.8 * t * (1 - t) for t in (a, b)]
            kit.bar(
                (ends[0] + (ends[1] - ends[0]) * a, 0, drop[0]),
                (ends[0] + (ends[1] - ends[0]) * b, 0, drop[1]),
                0.014,
                STEEL,
            )


def plate(kit: Kit) -> None:
    """A steel plate."""
    kit.block((0, 0, 0.5), (1, 1, 1), (120, 110, 100), Material.METAL)


def board(kit: Kit) -> None:
    """A board on two legs."""
    for x in (-0.40, 0.40):
        kit.block((x, 0, 0.5), (0.05, 0.30, 1.0), STEEL, Material.METAL)
    face = ((40, 92, 168), (206, 66, 52), (52, 130, 84), (224, 178, 60))[int(kit.rng.integers(4))]
    kit.block((0, 0, 0.70), (1.0, 0.6, 0.58), (60, 62, 64), bevel_m=0.01)
    for side in (-1, 1):
        kit.block((0, side * 0.34, 0.70), (0.92, 0.24, 0.52), face)
        for z, wide in ((0.84, 0.66), (0.72, 0.5), (0.60, 0.58)):
            kit.block((0, side * 0.475, z), (wide, 0.05, 0.05), WHITE)


def warning_triangle(kit: Kit) -> None:
    """A triangular warning sign on a folding stand."""
    l, _, h = kit.size_lwh_m  # noqa: E741
    for x in (-0.35, 0.35):
        kit.bar((x, -0.48, 0.01), (x * 0.3, 0, 0.5), 0.02, STEEL)
        kit.bar((x, 0.48, 0.01), (x * 0.3, 0, 0.5), 0.02, STEEL)
    inner = YELLOW if kit.name == "warningconstruction" else WHITE
    for share, color, depth in ((1.0, RED, 0.02), (0.68, inner, 0.028)):
        middle = h * 0.62
        outline = [
            (-l / 2 * share, middle - h * 0.22 * share),
            (l / 2 * share, middle - h * 0.22 * share),
            (0.0, middle + h * 0.38 * share),
        ]
        rings = [np.array([(x, y, z) for x, z in outline]) for y in (-depth, depth)]
        kit.add(loft(rings), color)
    kit.block((0, 0, 0.64), (0.05, 0.08, 0.16), BLACK)
    kit.block((0, 0, 0.52), (0.05, 0.08, 0.04), BLACK)


def arrow_trailer(kit: Kit) -> None:
    """A trailer with a large arrow of lamps."""
    kit.block((0, 0, 0.16), (1.0, 0.75, 0.06), YELLOW)
    for y in (-0.42, 0.42):
        _, w, h = kit.size_lwh_m
        angle = np.arange(14) * 2 * np.pi / 14
        r = 0.13 * h
        rings = [
            np.stack([r * np.cos(angle), np.full(14, (y + d) * w), r + r * np.sin(angle)], axis=1)
            for d in (-0.06, 0.06)
        ]
        kit.add(loft(rings), (24, 24, 25), Material.RUBBER)
    for y in (-0.3, 0.3):
        kit.block((0, y, 0.5), (0.04, 0.03, 0.7), STEEL, Material.METAL)
    kit.block((0, 0, 0.70), (0.06, 1.0, 0.60), BLACK, bevel_m=0.02)
    for k in range(5):
        kit.block((-0.035, -0.30 + 0.13 * k, 0.70), (0.01, 0.09, 0.06), YELLOW)
    for k in range(1, 3):
        for s in (-1, 1):
            kit.block((-0.035, 0.30 - 0.11 * k, 0.70 + s * 0.09 * k), (0.01, 0.08, 0.06), YELLOW)


def barrel(kit: Kit) -> None:
    """A steel drum."""
    blue = (44, 84, 140)
    kit.turned(
        (
            (0.96, 0.0),
            (0.96, 0.30),
            (1.0, 0.33),
            (0.96, 0.36),
            (0.96, 0.64),
            (1.0, 0.67),
            (0.96, 0.70),
            (0.96, 0.97),
            (1.0, 1.0),
        ),
        blue,
        Material.METAL,
        18,
    )
