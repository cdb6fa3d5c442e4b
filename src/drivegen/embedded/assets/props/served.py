"""Boxes that serve people: kiosks, vending machines, parcel lockers, letter boxes, charging piles."""

from __future__ import annotations

import numpy as np

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import loft
from drivegen.embedded.assets.props.making import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    LIGHT_GREY,
    ORANGE,
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
from drivegen.embedded.assets.props.stops import poster
from drivegen.embedded.mesh import Material


def _kiosk(rng: np.random.Generator) -> Design:
    """A booth for papers, tickets or guards: a hatch to -y under an awning."""
    size = (between(rng, 1.8, 3.2), between(rng, 1.4, 2.2), between(rng, 2.3, 2.8))
    body = shaded(
        rng, pick(rng, ((40, 92, 64), (206, 208, 208), (54, 84, 130), (150, 44, 40), (236, 226, 200), STEEL))
    )
    roof = pick(rng, ("flat", "hip", "bow"))
    awning = pick(rng, (RED, GREEN, BLUE, YELLOW, WHITE))
    look, shelves = int(rng.integers(6)), chance(rng, 0.6)
    wares = [shaded(rng, pick(rng, (RED, YELLOW, BLUE, GREEN, WHITE, ORANGE)), 20) for _ in range(24)]

    def sculpt(m: Maker) -> None:
        l, w, h = size  # noqa: E741
        deep = w - 0.5
        y0 = 0.25
        m.block((l - 0.2, deep, 0.10), (0, y0, 0.05), (120, 118, 114), Material.MATTE)
        wall = h - 0.45
        m.block((l - 0.24, deep - 0.04, wall), (0, y0, 0.10 + wall / 2), body, Material.SATIN, bevel=0.02)
        front = y0 - deep / 2 + 0.02
        m.block((l * 0.62, 0.05, wall * 0.42), (0, front, 0.10 + wall * 0.66), (60, 76, 84), Material.GLASS)
        m.block((l * 0.70, 0.32, 0.05), (0, front - 0.12, 0.10 + wall * 0.42), LIGHT_GREY, Material.METAL)
        if shelves:
            for k, tone in enumerate(wares):
                x = ((k % 8) - 3.5) * l * 0.085
                m.block((l * 0.07, 0.02, 0.16), (x, front - 0.02, 0.28 + 0.20 * (k // 8)), tone)
        for side in (-1, 1):
            x = side * (l / 2 - 0.12)
            m.block(
                (0.03, deep * 0.55, wall * 0.40), (x, y0, 0.10 + wall * 0.66), (60, 76, 84), Material.GLASS
            )
        poster(m, (0, y0 + deep / 2 - 0.01, 0.1 + wall * 0.55), l * 0.5, wall * 0.6, look, 1.0)
        top = 0.10 + wall
        if roof == "flat":
            m.block((l, w - 0.1, 0.22), (0, 0.05, top + 0.11), darker(body, 0.8), Material.SATIN)
            m.block((l * 0.5, 0.06, 0.28), (0, -w / 2 + 0.18, h - 0.14), awning, Material.LIT_SIGN)
        else:
            share = 0.0 if roof == "hip" else 0.55
            rings = [
                np.array(
                    [
                        (sx * l / 2 * k, sy * (w - 0.1) / 2 * k2 + 0.05, z)
                        for sx, sy in ((-1, -1), (1, -1), (1, 1), (-1, 1))
                    ]
                )
                for k, k2, z in (
                    (1.0, 1.0, top),
                    (1.0, 1.0, top + 0.06),
                    (max(share, 0.25), max(share, 0.10), h),
                )
            ]
            m.add(loft(rings), darker(body, 0.7), Material.SATIN)
        lower = top - 0.30
        strip = [(front, top - 0.03), (front, top), (-w / 2, lower + 0.04), (-w / 2, lower)]
        count = 8
        for k in range(count):
            x0 = -l * 0.42 + l * 0.84 * k / count
            x1 = x0 + l * 0.84 / count
            m.add(
                loft([np.array([(x, y, z) for y, z in strip]) for x in (x0, x1)]),
                (awning, WHITE)[k % 2],
                Material.CLOTH,
            )

    return Design(size=size, sculpt=sculpt)


def _vending(rng: np.random.Generator) -> Design:
    size = (between(rng, 0.85, 1.25), between(rng, 0.70, 0.90), between(rng, 1.75, 2.0))
    color = shaded(rng, pick(rng, (RED, BLUE, WHITE, BLACK, (70, 150, 110), ORANGE)))
    rows, columns = int(rng.integers(4, 7)), int(rng.integers(5, 8))
    wares = [
        shaded(rng, pick(rng, (RED, BLUE, GREEN, YELLOW, WHITE, ORANGE, (110, 66, 40))), 20)
        for _ in range(42)
    ]
    screen = chance(rng, 0.5)

    def sculpt(m: Maker) -> None:
        l, w, h = size  # noqa: E741
        m.block((l, w - 0.03, h - 0.06), (0, 0.015, 0.06 + (h - 0.06) / 2), color, Material.SATIN, bevel=0.02)
        m.block((l * 0.9, w * 0.86, 0.06), (0, 0.02, 0.03), BLACK)
        y = -w / 2 + 0.026
        glass, low, high = l * 0.64, h * 0.34, h * 0.90
        x0 = -l * 0.14
        m.sheet(
            (x0, y, (low + high) / 2),
            (glass / 2, 0, 0),
            (0, 0, (high - low) / 2),
            (232, 240, 244),
            Material.LIT_SIGN,
        )
        for r in range(rows):
            z = low + (high - low) * (r + 0.12) / rows
            m.block((glass, 0.012, 0.018), (x0, y - 0.004, z), GREY)
            for c in range(columns):
                x = x0 - glass / 2 + glass * (c + 0.5) / columns
                tall = (high - low) / rows * 0.62
                m.sheet(
                    (x, y - 0.005, z + 0.01 + tall / 2),
                    (glass / columns * 0.32, 0, 0),
                    (0, 0, tall / 2),
                    wares[(r * columns + c) % 42],
                    Material.LIT_SIGN,
                )
        for x in (x0 - glass / 2, x0 + glass / 2):
            m.block((0.03, 0.03, high - low + 0.03), (x, y - 0.01, (low + high) / 2), darker(color, 0.6))
        m.block((glass * 0.9, 0.03, h * 0.12), (x0, y - 0.01, h * 0.20), (20, 20, 22), bevel=0.008)
        tone = (120, 190, 230) if screen else (40, 44, 48)
        m.block((l * 0.18, 0.02, h * 0.20), (l * 0.36, y - 0.005, h * 0.68), tone, Material.LIT_SIGN)
        m.block((l * 0.12, 0.025, h * 0.06), (l * 0.36, y - 0.008, h * 0.48), (30, 30, 32))
        m.block((l * 0.96, 0.03, h * 0.07), (0, y - 0.012, h * 0.955), darker(color, 1.1), Material.LIT_SIGN)

    return Design(size=size, sculpt=sculpt)


def _locker(rng: np.random.Generator) -> Design:
    """Parcel lockers (快递柜): columns of doors, one with a screen, under a narrow roof."""
    columns = int(rng.integers(3, 9))
    pitch = between(rng, 0.42, 0.50)
    size = (columns * pitch + 0.08, between(rng, 0.50, 0.62), between(rng, 1.9, 2.15))
    color = shaded(rng, pick(rng, (YELLOW, (230, 232, 232), GREEN, (40, 140, 200), ORANGE)))
    frame = shaded(rng, pick(rng, (darker(color, 0.7), (70, 74, 78), WHITE)))
    rows = [int(v) for v in rng.integers(4, 9, columns)]
    screen, roof = int(rng.integers(columns)), chance(rng, 0.5)

    def sculpt(m: Maker) -> None:
        l, w, h = size  # noqa: E741
        top = h - (0.14 if roof else 0.0)
        deep = w - 0.10
        m.block((l - 0.04, deep, top - 0.08), (0, 0.05, 0.08 + (top - 0.08) / 2), frame, Material.SATIN)
        m.block((l - 0.1, deep * 0.9, 0.08), (0, 0.05, 0.04), BLACK)
        y = 0.05 - deep / 2
        for c in range(columns):
            x = -l / 2 + 0.04 + pitch * (c + 0.5)
            if c == screen:
                m.sheet(
                    (x, y - 0.004, top * 0.55),
                    (pitch * 0.45, 0, 0),
                    (0, 0, (top - 0.2) / 2 * 0.98),
                    darker(frame, 0.8),
                    Material.SATIN,
                )
                m.block(
                    (pitch * 0.66, 0.02, 0.22), (x, y - 0.006, top * 0.68), (90, 160, 220), Material.LIT_SIGN
                )
                m.block((pitch * 0.5, 0.02, 0.10), (x, y - 0.006, top * 0.52), (30, 32, 34))
                continue
            each = (top - 0.14) / rows[c]
            for r in range(rows[c]):
                z = 0.11 + each * (r + 0.5)
                m.sheet(
                    (x, y - 0.004, z), (pitch * 0.465, 0, 0), (0, 0, each / 2 - 0.008), color, Material.SATIN
                )
                m.sheet((x + pitch * 0.34, y - 0.006, z), (0.022, 0, 0), (0, 0, 0.014), darker(color, 0.45))
        if roof:
            m.block((l, w, 0.05), (0, 0, h - 0.025), frame, Material.SATIN)
            for x in (-l * 0.45, l * 0.45):
                m.block((0.05, 0.05, 0.12), (x, 0.1, top + 0.05), frame)
        else:
            m.block((l, w, 0.03), (0, 0, h - 0.015), frame, Material.SATIN)

    return Design(size=size, sculpt=sculpt)


def _mailbox(rng: np.random.Generator) -> Design:
    """China Post's green letter box, one slot or two."""
    size = (between(rng, 0.45, 0.80), between(rng, 0.38, 0.50), between(rng, 1.10, 1.45))
    green = shaded(rng, (22, 104, 62))
    round_top, two = chance(rng, 0.5), size[0] > 0.62

    def sculpt(m: Maker) -> None:
        l, w, h = size  # noqa: E741
        m.block((l * 0.9, w * 0.9, 0.16), (0, 0, 0.08), darker(green, 0.6), Material.SATIN)
        if round_top:
            m.block(
                (l * 0.96, w * 0.94, h - 0.34),
                (0, 0, 0.14 + (h - 0.34) / 2),
                green,
                Material.SATIN,
                bevel=0.015,
            )
            outline = [(-w / 2, h - 0.22), (w / 2, h - 0.22)]
            outline += [
                (w / 2 * np.cos(a), h - 0.20 + 0.20 * np.sin(a)) for a in np.linspace(0.1, np.pi - 0.1, 9)
            ]
            m.add(
                loft([np.array([(x, y, z) for y, z in outline]) for x in (-l / 2, l / 2)]),
                green,
                Material.SATIN,
            )
        else:
            m.block(
                (l * 0.96, w * 0.94, h - 0.22),
                (0, 0, 0.14 + (h - 0.22) / 2),
                green,
                Material.SATIN,
                bevel=0.02,
            )
            m.add(rounded_slab(l, w, h - 0.09, h, 0.05), darker(green, 0.8), Material.SATIN)
        y = -w * 0.47
        for x in (-l * 0.22, l * 0.22) if two else (0.0,):
            m.block((l * (0.34 if two else 0.6), 0.02, 0.035), (x, y - 0.004, h * 0.76), (10, 14, 12))
            m.block((l * (0.36 if two else 0.64), 0.024, 0.02), (x, y, h * 0.79), darker(green, 0.8))
        m.sheet((0, y - 0.004, h * 0.52), (l * 0.26, 0, 0), (0, 0, h * 0.07), (240, 214, 60))
        m.sheet((0, y - 0.004, h * 0.36), (l * 0.30, 0, 0), (0, 0, h * 0.05), WHITE)

    return Design(size=size, sculpt=sculpt)


def _charger(rng: np.random.Generator) -> Design:
    """A charging pile (充电桩) with a screen and one or two hanging cables."""
    fast = chance(rng, 0.55)
    size = (
        (between(rng, 0.72, 0.95), between(rng, 0.42, 0.60), between(rng, 1.65, 1.95))
        if fast
        else (between(rng, 0.38, 0.50), between(rng, 0.22, 0.30), between(rng, 1.25, 1.55))
    )
    color = shaded(rng, pick(rng, (WHITE, (226, 230, 232), (60, 64, 68), (20, 120, 110))))
    accent = pick(rng, (GREEN, BLUE, (0, 150, 140), ORANGE, RED))
    cables = 2 if fast and chance(rng, 0.7) else 1
    stop = chance(rng, 0.5)

    def sculpt(m: Maker) -> None:
        l, w, h = size  # noqa: E741
        m.block((l - 0.01, w, 0.10), (0, 0, 0.05), (140, 138, 134), Material.MATTE, bevel=0.01)
        body_l = l - 0.13 * cables
        shift = -0.065 if cables == 1 else 0.0
        if fast:
            m.add(rounded_slab(body_l, w * 0.9, 0.10, h, 0.06).moved((shift, 0, 0)), color, Material.SATIN)
        else:
            m.block((l * 0.35, w * 0.5, h * 0.55), (shift, 0, 0.10 + h * 0.275), (90, 94, 98), Material.METAL)
            m.add(
                rounded_slab(body_l, w * 0.9, h * 0.58, h, 0.04).moved((shift, 0, 0)), color, Material.SATIN
            )
        y = -w * 0.45
        low = 0.10 if fast else h * 0.58
        m.sheet(
            (shift, y - 0.004, h * 0.95), (body_l * 0.40, 0, 0), (0, 0, h * 0.022), accent, Material.LIT_SIGN
        )
        m.sheet(
            (shift, y - 0.004, low + (h - low) * 0.70),
            (body_l * 0.30, 0, 0),
            (0, 0, (h - low) * 0.09),
            (36, 66, 96),
            Material.LIT_SIGN,
        )
        m.sheet(
            (shift, y - 0.004, low + (h - low) * 0.25),
            (body_l * 0.36, 0, 0),
            (0, 0, (h - low) * 0.10),
            accent,
        )
        if stop:
            m.block((0.06, 0.03, 0.06), (shift + body_l * 0.34, y - 0.01, h * 0.80), RED)
        for k in range(cables):
            side = (1, -1)[k]
            x = shift + side * body_l / 2
            hook, low_z = (x + side * 0.05, 0.0, h * 0.72), h * 0.24
            m.block((0.10, 0.09, 0.16), (x + side * 0.03, 0, h * 0.72), (24, 26, 28), bevel=0.01)
            path = [
                hook,
                (x + side * 0.105, -0.02, h * 0.5),
                (x + side * 0.10, -0.03, low_z),
                (x + side * 0.02, 0.02, h * 0.20),
                (x, 0.05, h * 0.45),
                (x - side * 0.02, 0.06, h * 0.62),
            ]
            m.pipe(path, 0.016, BLACK, Material.RUBBER, sides=5)

    return Design(size=size, sculpt=sculpt)


DESIGNS = (
    PropDesign(name="kiosk", tags=(Tag.STATIC,), design=_kiosk),
    PropDesign(name="vending_machine", tags=(Tag.STATIC,), design=_vending),
    PropDesign(name="parcel_locker", tags=(Tag.STATIC,), design=_locker),
    PropDesign(name="mailbox", tags=(Tag.STATIC,), design=_mailbox),
    PropDesign(name="charging_pile", tags=(Tag.STATIC,), design=_charger),
)
