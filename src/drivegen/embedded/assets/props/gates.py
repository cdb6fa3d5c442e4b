"""What stands at gates: barriers with their booms up, and keepers' houses."""

from __future__ import annotations

import math

import numpy as np

from drivegen.core.tags import Tag
from drivegen.embedded.assets.props.making import (
    BLACK,
    GREY,
    LIGHT_GREY,
    ORANGE,
    RED,
    WHITE,
    YELLOW,
    Design,
    Maker,
    PropDesign,
    between,
    chance,
    darker,
    pick,
    shaded,
)
from drivegen.embedded.mesh import Material

_LEAN_RAD = math.radians(5.0)
"""A raised boom still leans so far over the road."""


def _boom_barrier(rng: np.random.Generator) -> Design:
    """A cabinet with its boom raised; lowered it would lie along x."""
    reach = between(rng, 2.8, 4.0)
    wide, deep, high = between(rng, 0.30, 0.38), between(rng, 0.26, 0.34), between(rng, 0.95, 1.10)
    color = shaded(rng, pick(rng, (ORANGE, YELLOW, LIGHT_GREY, RED, (60, 90, 150))))
    stripes, band = int(rng.integers(5, 9)), pick(rng, (RED, RED, BLACK))
    skirt = chance(rng, 0.4)
    lean = reach * math.sin(_LEAN_RAD)
    length = wide / 2 + max(wide / 2 + 0.04, lean + 0.035)

    def sculpt(m: Maker) -> None:
        x = -length / 2 + wide / 2
        m.block((wide + 0.04, deep + 0.04, 0.04), (x + 0.02, 0.0, 0.02), GREY, Material.CONCRETE)
        m.block((wide, deep - 0.08, high - 0.04), (x, -0.03, 0.04 + (high - 0.04) / 2), color, bevel=0.015)
        m.block((wide * 0.7, 0.006, high * 0.5), (x, -deep / 2 + 0.007, high * 0.5), darker(color, 0.8))
        m.turned(
            [(0.05, high), (0.055, high + 0.05), (0.0, high + 0.08)], RED, Material.LIT_SIGN, at=(x, -0.03, 0)
        )
        axle = np.array([x, deep / 2 - 0.035, high - 0.14])
        along = np.array([math.sin(_LEAN_RAD), 0.0, math.cos(_LEAN_RAD)])
        m.bar((x, deep / 2 - 0.085, high - 0.14), (x, deep / 2 - 0.01, high - 0.14), 0.05, GREY, sides=10)
        for k in range(stripes):
            a, b = axle + along * reach * k / stripes, axle + along * reach * (k + 1) / stripes
            m.bar(tuple(a), tuple(b), 0.032, band if k % 2 else WHITE, Material.SATIN, sides=8)
        if skirt:
            for k in range(2, stripes):
                foot = axle + along * reach * k / stripes
                m.bar(tuple(foot), (float(foot[0]) - 0.16, float(foot[1]), float(foot[2]) - 0.1), 0.01, WHITE)

    return Design(size=(length, deep + 0.04, high - 0.14 + reach * math.cos(_LEAN_RAD)), sculpt=sculpt)


def _gatehouse(rng: np.random.Generator) -> Design:
    """A keeper's house with windows all round; its door looks along -y."""
    length, width, height = between(rng, 1.8, 2.6), between(rng, 1.5, 2.0), between(rng, 2.4, 2.7)
    wall = shaded(rng, pick(rng, (WHITE, LIGHT_GREY, (70, 104, 150), (206, 200, 184), (84, 92, 96))))
    roof = shaded(rng, pick(rng, (GREY, (52, 76, 120), (128, 52, 44), (60, 62, 66))))
    eaves, sill = between(rng, 0.10, 0.22), between(rng, 0.85, 1.0)

    def sculpt(m: Maker) -> None:
        l, w = length - 2 * eaves, width - 2 * eaves  # noqa: E741
        top = height - 0.16
        m.block((l + 0.06, w + 0.06, 0.12), (0, 0, 0.06), GREY, Material.CONCRETE)
        m.block((l, w, sill - 0.12), (0, 0, 0.12 + (sill - 0.12) / 2), wall, Material.SATIN)
        m.block(
            (l - 0.08, w - 0.08, top - 0.25 - sill),
            (0, 0, (sill + top - 0.25) / 2),
            (60, 76, 84),
            Material.GLASS,
        )
        m.block((l, w, 0.25), (0, 0, top - 0.125), wall, Material.SATIN)
        for x in (-l / 2 + 0.04, l / 2 - 0.04):
            for y in (-w / 2 + 0.04, w / 2 - 0.04):
                m.block(
                    (0.08, 0.08, top - 0.25 - sill), (x, y, (sill + top - 0.25) / 2), wall, Material.SATIN
                )
        m.block((0.8, 0.04, top - 0.35), (l * 0.12, -w / 2, 0.12 + (top - 0.35) / 2), darker(wall, 0.7))
        m.block((0.6, 0.05, 0.7), (l * 0.12, -w / 2, 1.45), (60, 76, 84), Material.GLASS)
        m.block((0.03, 0.08, 0.12), (l * 0.12 + 0.32, -w / 2 - 0.02, 1.05), BLACK, Material.METAL)
        m.block((length, width, 0.16), (0, 0, height - 0.08), roof, Material.SATIN, bevel=0.02)

    return Design(size=(length, width, height), sculpt=sculpt)


DESIGNS = (
    PropDesign(name="boom_barrier", tags=(Tag.STATIC,), design=_boom_barrier),
    PropDesign(name="gatehouse", tags=(Tag.STATIC,), design=_gatehouse),
)
