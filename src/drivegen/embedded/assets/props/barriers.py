"""Barriers and railings: along x, in one field each."""

from __future__ import annotations

import numpy as np

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import icosphere, loft
from drivegen.embedded.assets.props.making import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    LIGHT_GREY,
    ORANGE,
    RED,
    RUBBER,
    STEEL,
    WHITE,
    YELLOW,
    Design,
    Maker,
    PropDesign,
    across,
    between,
    chance,
    darker,
    pick,
    shaded,
)
from drivegen.embedded.assets.sculpt import join
from drivegen.embedded.mesh import Material

GOLD = (206, 160, 66)


def _water_barrier(rng: np.random.Generator) -> Design:
    """A hollow plastic barrier that is filled with water, with two openings through it."""
    length, height = pick(rng, ((1.0, 0.70), (1.3, 0.75), (1.5, 0.80), (1.8, 0.80), (2.0, 1.0)))
    width = between(rng, 0.38, 0.48)
    color = shaded(rng, pick(rng, (RED, (226, 66, 34), WHITE, YELLOW, RED, (214, 44, 40))))
    holes, band = int(rng.integers(1, 3)), pick(rng, (WHITE, YELLOW, WHITE))
    lug = chance(rng, 0.7)

    def sculpt(m: Maker) -> None:
        h, w = height, width
        body = [
            (-w / 2, 0.0),
            (w / 2, 0.0),
            (w / 2, 0.22 * h),
            (w * 0.28, 0.40 * h),
            (w * 0.24, 0.92 * h),
            (w * 0.18, h),
            (-w * 0.18, h),
            (-w * 0.24, 0.92 * h),
            (-w * 0.28, 0.40 * h),
            (-w / 2, 0.22 * h),
        ]
        end = 0.06 if lug else 0.0
        foot = [(y, z) for y, z in body]
        m.add(across(foot, length - end), color, Material.SATIN)
        # The openings: darker fields a little proud of the sides, and a sleeve through the body.
        for k in range(holes):
            x = (k - (holes - 1) / 2) * length * 0.46
            for side in (-1, 1):
                y = side * (w * 0.268)
                m.block((length * 0.22, 0.02, 0.22 * h), (x, y, 0.60 * h), darker(color, 0.45), bevel=0.008)
                m.block((0.22, 0.025, 0.025), (x, side * w * 0.27, 0.72 * h), darker(color, 0.8))
        for side in (-1, 1):
            m.block((length * 0.86, 0.012, 0.09 * h), (0, side * w * 0.245, 0.86 * h), band, Material.RETRO)
        m.turned([(0.05, h - 0.02), (0.05, h)], darker(color, 0.7), at=(length * 0.3, 0, 0), sides=10)
        if lug:
            m.block((0.05, w * 0.34, 0.62 * h), (length / 2 - 0.025, 0, 0.48 * h), color)
            m.block((0.05, w * 0.34, 0.62 * h), (-length / 2 + 0.025, 0, 0.48 * h), darker(color, 0.8))

    return Design(size=(length, width, height), sculpt=sculpt)


def _concrete(rng: np.random.Generator) -> Design:
    """A barrier with the New Jersey profile or a square block, some striped."""
    kind = pick(rng, ("jersey", "jersey", "block"))
    length = pick(rng, (1.0, 1.5, 2.0, 3.0, 4.0)) if kind == "jersey" else pick(rng, (0.8, 1.0, 1.2))
    height = between(rng, 0.80, 0.92) if kind == "jersey" else between(rng, 0.45, 0.7)
    width = between(rng, 0.56, 0.64) if kind == "jersey" else between(rng, 0.40, 0.60)
    stone = shaded(rng, pick(rng, ((168, 166, 160), (186, 184, 178), (146, 146, 142))))
    stripes = chance(rng, 0.5)
    colors = pick(rng, ((YELLOW, BLACK), (RED, WHITE), (WHITE, BLACK)))

    def sculpt(m: Maker) -> None:
        h, w = height, width
        if kind == "jersey":
            half = [(w / 2, 0.0), (w / 2, 0.09 * h), (0.30 * w, 0.40 * h), (0.155 * w, h)]
            top_face = 0.155
        else:
            half = [(w / 2, 0.0), (w / 2, 0.92 * h), (0.44 * w, h)]
            top_face = 0.44
        profile = [(-y, z) for y, z in half][::-1]
        m.add(across([*half, *profile], length), stone, Material.MATTE)
        for x in (-0.32, 0.32):
            m.block((0.22, w * 1.0, 0.06), (x * length, 0, 0.03), darker(stone, 0.4))
        if stripes:
            count = max(3, round(length / 0.35))
            for k in range(count):
                x0 = -length / 2 + 0.02 + k * (length - 0.04) / count
                x1 = x0 + (length - 0.04) / count
                for side in (-1, 1):
                    y0 = side * (0.20 if kind == "jersey" else 0.50) * w
                    y1 = side * (0.165 if kind == "jersey" else 0.50) * w
                    z0, z1 = (0.72 * h, 0.95 * h) if kind == "jersey" else (0.25 * h, 0.85 * h)
                    lift = side * 0.013 if kind == "jersey" else side * 0.003
                    middle = ((x0 + x1) / 2, (y0 + y1) / 2 + lift, (z0 + z1) / 2)
                    sheet_up = (0.0, (y1 - y0) / 2, (z1 - z0) / 2)
                    m.sheet(middle, (-side * (x1 - x0) / 2, 0, 0), sheet_up, colors[k % 2], Material.RETRO)
        m.bar((0, 0, h - 0.01), (0, 0, h), top_face * w * 0.2, GREY)

    return Design(size=(length, width, height), sculpt=sculpt)


def _crowd(rng: np.random.Generator) -> Design:
    """A barrier of bent tube with bars, on two feet."""
    length, height = pick(rng, (1.5, 2.0, 2.2)), between(rng, 1.0, 1.15)
    color = shaded(rng, pick(rng, (STEEL, STEEL, YELLOW, RED, BLUE, WHITE)))
    bars, width = int(rng.integers(9, 16)), between(rng, 0.48, 0.62)
    board = chance(rng, 0.35)
    sign = pick(rng, (BLUE, RED, YELLOW, GREEN))

    def sculpt(m: Maker) -> None:
        half, r = length / 2 - 0.02, 0.019
        low, top = 0.17, height - r
        frame = [
            (-half, 0, low),
            (-half, 0, top - 0.1),
            (-half + 0.1, 0, top),
            (half - 0.1, 0, top),
            (half, 0, top - 0.1),
            (half, 0, low),
            (-half, 0, low),
        ]
        m.pipe(frame, r, color, sides=6)
        for k in range(bars):
            x = -half + 2 * half * (k + 1) / (bars + 1)
            m.bar((x, 0, low), (x, 0, top - 0.002), 0.007, color, sides=4)
        for x in (-half * 0.72, half * 0.72):
            foot = [(x, -width / 2, 0.01), (x, -0.1, 0.05), (x, 0, low), (x, 0.1, 0.05), (x, width / 2, 0.01)]
            m.pipe(foot, 0.012, color, sides=5)
        if board:
            m.block((length * 0.55, 0.012, 0.36), (0, 0, height * 0.62), sign)
            m.block((length * 0.50, 0.018, 0.05), (0, 0, height * 0.66), WHITE, Material.RETRO)

    return Design(size=(length, width, height), sculpt=sculpt)


def _railing(rng: np.random.Generator) -> Design:
    """One field of Beijing's median railing: white steel, some with golden caps and ornaments."""
    golden = chance(rng, 0.45)
    length, height = pick(rng, (2.5, 3.0, 3.08)), between(rng, 0.95, 1.25)
    color = shaded(rng, WHITE if not golden else pick(rng, (WHITE, (226, 222, 206), (196, 152, 70))), 6)
    bars = int(rng.integers(10, 19))
    ornament = pick(rng, ("ring", "flower", "none")) if golden else pick(rng, ("none", "none", "ring"))
    foot = shaded(rng, pick(rng, ((150, 150, 148), WHITE, (88, 90, 92))))
    reflectors, band = chance(rng, 0.7), chance(rng, 0.4)
    width = between(rng, 0.28, 0.36)

    def sculpt(m: Maker) -> None:
        half = length / 2 - 0.05
        for x in (-half, half):
            m.block((0.08, 0.08, height - 0.06), (x, 0, (height - 0.06) / 2), color, Material.SATIN)
            m.block((0.16, width, 0.07), (x, 0, 0.035), foot, Material.MATTE, bevel=0.015)
            cap = GOLD if golden else color
            m.turned(
                [(0.055, height - 0.075), (0.055, height - 0.05), (0.02, height)], cap, at=(x, 0, 0), sides=8
            )
        rails = (0.16, height - 0.12, height - 0.30) if height > 1.05 else (0.16, height - 0.12)
        for z in rails:
            m.block((2 * half, 0.035, 0.045), (0, 0, z), color, Material.SATIN)
        shapes = []
        for k in range(bars):
            x = -half + 2 * half * (k + 0.5) / bars
            ring = np.array([(x + 0.013, 0.0), (x, 0.013), (x - 0.013, 0.0), (x, -0.013)])
            shapes.append(
                loft([np.column_stack([ring, np.full(4, z)]) for z in (0.16, rails[-1])], cap=False)
            )
        m.add(join(shapes), color, Material.SATIN)
        if ornament != "none" and len(rails) == 3:
            z = (rails[1] + rails[2]) / 2
            for k in range(7):
                x = -half + 2 * half * (k + 0.5) / 7
                knob = icosphere(1 if ornament == "flower" else 0).scaled((0.045, 0.018, 0.055))
                m.add(knob.moved((x, 0, z)), GOLD if golden else color, Material.METAL)
        if band:
            m.block((2 * half * 0.98, 0.04, 0.10), (0, 0, 0.34), pick_band, Material.MATTE)
        if reflectors:
            for x in (-half, half):
                m.block(
                    (0.085, 0.085, 0.07), (x, 0, height - 0.16), RED if not golden else YELLOW, Material.RETRO
                )

    pick_band = pick(rng, (BLUE, GREEN, LIGHT_GREY, (210, 60, 50)))
    return Design(size=(length, width, height), sculpt=sculpt)


def _board_fence(rng: np.random.Generator) -> Design:
    """A field of a building site's hoarding: sheets on posts, some with a strip of lawn cloth or letters."""
    length, height = pick(rng, (1.9, 2.4, 3.0)), pick(rng, (1.8, 2.0, 2.5))
    color = shaded(rng, pick(rng, (BLUE, (64, 132, 190), GREEN, YELLOW, LIGHT_GREY, ORANGE)))
    plinth = shaded(rng, pick(rng, ((150, 148, 144), RUBBER, WHITE)))
    stripes, ribs = chance(rng, 0.6), int(rng.integers(6, 12))

    def sculpt(m: Maker) -> None:
        m.block((length, 0.20, 0.22), (0, 0, 0.11), plinth, Material.MATTE, bevel=0.02)
        for k in range(ribs):
            x = -length / 2 + length * (k + 0.5) / ribs
            m.block((length / ribs - 0.012, 0.045, height - 0.30), (x, 0, 0.22 + (height - 0.30) / 2), color)
        for x in (-length / 2 + 0.03, length / 2 - 0.03):
            m.block((0.06, 0.08, height - 0.02), (x, 0, (height - 0.02) / 2), WHITE, Material.METAL)
        for z in (0.25, height - 0.04):
            m.block((length, 0.07, 0.06), (0, 0, z), WHITE, Material.METAL)
        m.block((length * 0.98, 0.05, 0.02), (0, 0, height - 0.01), WHITE, Material.METAL)
        if stripes:
            count = int(length / 0.25)
            for k in range(count):
                x = -length / 2 + length * (k + 0.5) / count
                for side in (-1, 1):
                    at = (x, side * 0.1015, 0.11)
                    tone = (YELLOW, BLACK)[k % 2]
                    m.sheet(at, (-side * length / count / 2, 0, 0), (0, 0, 0.085), tone, Material.RETRO)

    return Design(size=(length, 0.21, height), sculpt=sculpt)


DESIGNS = (
    PropDesign(name="water_barrier", tags=(Tag.DYNAMIC,), design=_water_barrier, mass_kg=180.0),
    PropDesign(name="concrete_barrier", tags=(Tag.STATIC,), design=_concrete),
    PropDesign(name="crowd_barrier", tags=(Tag.FENCE,), design=_crowd, mass_kg=18.0),
    PropDesign(name="railing", tags=(Tag.FENCE,), design=_railing),
    PropDesign(name="hoarding", tags=(Tag.FENCE,), design=_board_fence),
)
