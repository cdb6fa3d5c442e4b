"""What people have with them and leave behind: cases, shopping trolleys."""

from __future__ import annotations

import math

import numpy as np

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import rotation_about
from drivegen.embedded.assets.props.making import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    LIGHT_GREY,
    RED,
    STEEL,
    WHITE,
    YELLOW,
    Design,
    Maker,
    PropDesign,
    between,
    chance,
    darker,
    pick,
    rounded_slab,
    shaded,
)
from drivegen.embedded.mesh import Material


def _suitcase(rng: np.random.Generator) -> Design:
    kind = pick(rng, ("trolley", "trolley", "bag"))
    if kind == "trolley":
        size = (between(rng, 0.36, 0.50), between(rng, 0.22, 0.32), between(rng, 0.55, 0.78))
    else:
        size = (between(rng, 0.45, 0.65), between(rng, 0.25, 0.34), between(rng, 0.30, 0.42))
    color = shaded(
        rng,
        pick(
            rng,
            (
                (40, 48, 72),
                (150, 34, 44),
                (30, 30, 32),
                LIGHT_GREY,
                (226, 170, 178),
                (52, 110, 106),
                YELLOW,
                BLUE,
            ),
        ),
    )
    grip = between(rng, 0.18, 0.34) if kind == "trolley" and chance(rng, 0.5) else 0.03
    ribs = int(rng.integers(3, 8))

    def sculpt(m: Maker) -> None:
        l, w, h = size  # noqa: E741
        if kind == "trolley":
            shell = rounded_slab(l, h - 0.06, -w / 2 + 0.01, w / 2 - 0.01, 0.06, 4).turned(
                rotation_about(0, math.pi / 2)
            )
            m.add(shell.moved((0, 0, 0.06 + (h - 0.06) / 2)), color, Material.SATIN)
            for k in range(ribs):
                x = (k - (ribs - 1) / 2) * l * 0.8 / ribs
                m.block(
                    (0.016, w - 0.004, (h - 0.06) * 0.86),
                    (x, 0, 0.06 + (h - 0.06) / 2),
                    darker(color, 0.9),
                    Material.SATIN,
                )
            m.block((l * 0.04, w, h * 0.7), (l * 0.0, 0, 0.1 + h * 0.4), darker(color, 0.5))
            for x in (-l * 0.38, l * 0.38):
                for y in (-w * 0.34, w * 0.34):
                    m.wheel((x, y, 0.03), 0.03, 0.022, sides=10)
                    m.block((0.03, 0.03, 0.04), (x, y, 0.055), BLACK)
                m.bar((x * 0.5, w * 0.30, h - 0.05), (x * 0.5, w * 0.30, h + grip - 0.015), 0.008)
            m.bar(
                (-l * 0.19, w * 0.30, h + grip - 0.015),
                (l * 0.19, w * 0.30, h + grip - 0.015),
                0.015,
                BLACK,
                Material.SATIN,
            )
        else:
            body = rounded_slab(l, h * 0.78, -w / 2, w / 2, h * 0.22, 4).turned(
                rotation_about(0, math.pi / 2)
            )
            m.add(body.moved((0, 0, h * 0.39)), color, Material.SATIN)
            m.block((l * 0.05, w * 1.004, h * 0.74), (-l * 0.22, 0, h * 0.39), darker(color, 0.6))
            m.block((l * 0.05, w * 1.004, h * 0.74), (l * 0.22, 0, h * 0.39), darker(color, 0.6))
            for y in (-w * 0.22, w * 0.22):
                m.pipe(
                    [
                        (-l * 0.22, y, h * 0.74),
                        (-l * 0.14, y, h - 0.012),
                        (l * 0.14, y, h - 0.012),
                        (l * 0.22, y, h * 0.74),
                    ],
                    0.011,
                    darker(color, 0.5),
                    Material.MATTE,
                )

    return Design(size=(size[0], size[1], size[2] + (grip if kind == "trolley" else 0.0)), sculpt=sculpt)


def _trolley(rng: np.random.Generator) -> Design:
    """A shopping trolley of wire or plastic, empty or with bags."""
    length, width, height = between(rng, 0.85, 1.05), between(rng, 0.52, 0.60), between(rng, 0.96, 1.06)
    wire = shaded(rng, pick(rng, (STEEL, LIGHT_GREY, (96, 100, 104))))
    grip = shaded(rng, pick(rng, (RED, BLUE, GREEN, YELLOW, (236, 120, 30))))
    full = chance(rng, 0.5)
    goods = [
        (
            between(rng, -0.2, 0.2),
            between(rng, -0.1, 0.1),
            shaded(rng, pick(rng, (WHITE, RED, GREEN, (184, 146, 102), BLUE))),
        )
        for _ in range(4)
    ]

    def sculpt(m: Maker) -> None:
        l, w, h = length, width, height  # noqa: E741
        low, top = 0.46, 0.90
        base = [(l * 0.40, w * 0.33), (-l * 0.30, w * 0.38), (-l * 0.30, -w * 0.38), (l * 0.40, -w * 0.33)]
        rim = [
            (l * 0.5 - 0.01, w * 0.40),
            (-l * 0.36, w * 0.48),
            (-l * 0.36, -w * 0.48),
            (l * 0.5 - 0.01, -w * 0.40),
        ]
        for share in (0.0, 0.34, 0.67, 1.0):
            loop = [
                (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, low + (top - low) * share)
                for a, b in zip(base, rim, strict=True)
            ]
            for p, q in zip(loop, loop[1:] + loop[:1], strict=True):
                m.bar(p, q, 0.007 if 0 < share < 1 else 0.010, wire, sides=4)
        for k in range(4):
            p0, p1, q0, q1 = base[k], base[(k + 1) % 4], rim[k], rim[(k + 1) % 4]
            steps = 7 if k in (0, 2) else 4
            for j in range(steps):
                t = j / steps
                a = (p0[0] + (p1[0] - p0[0]) * t, p0[1] + (p1[1] - p0[1]) * t, low)
                b = (q0[0] + (q1[0] - q0[0]) * t, q0[1] + (q1[1] - q0[1]) * t, top)
                m.bar(a, b, 0.0045, wire, sides=3)
        for j in range(6):
            y = (j / 5 - 0.5) * w * 0.66
            m.bar((-l * 0.30, y, low), (l * 0.40, y, low), 0.004, wire, sides=3)
        for y in (-w * 0.36, w * 0.36):
            m.pipe(
                [
                    (l * 0.40, y, 0.17),
                    (-l * 0.28, y, 0.20),
                    (-l * 0.36, y * 1.2, top),
                    (-l * 0.48, y * 1.28, h - 0.02),
                ],
                0.013,
                wire,
            )
            m.bar((l * 0.30, y, 0.18), (l * 0.34, y, low), 0.011, wire)
            for x in (-l * 0.28, l * 0.38):
                m.wheel((x, y, 0.06), 0.06, 0.03, GREY, sides=12)
                m.bar((x, y, 0.06), (x, y, 0.19), 0.011, wire)
        m.bar((-l * 0.48, -w * 0.46, h - 0.02), (-l * 0.48, w * 0.46, h - 0.02), 0.02, grip, Material.SATIN)
        if full:
            for x, y, color in goods:
                m.block((0.22, 0.18, 0.26), (x + 0.02, y, low + 0.15), color, Material.SATIN, bevel=0.03)

    return Design(size=(length, width * 0.98, height), sculpt=sculpt)


DESIGNS = (
    PropDesign(name="suitcase", tags=(Tag.DYNAMIC,), design=_suitcase, mass_kg=14.0),
    PropDesign(name="shopping_trolley", tags=(Tag.DYNAMIC,), design=_trolley, mass_kg=22.0),
)
