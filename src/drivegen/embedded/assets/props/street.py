"""Furniture of pavements: benches, bins, planters, parasols."""

from __future__ import annotations

import math

import numpy as np

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import icosphere, lathe, loft, rotation_about
from drivegen.embedded.assets.props.making import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    LIGHT_GREY,
    RED,
    STEEL,
    WHITE,
    WOOD,
    YELLOW,
    Color,
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
from drivegen.embedded.assets.sculpt import Shape
from drivegen.embedded.mesh import Material

LEAF = (66, 104, 48)


def _bench(rng: np.random.Generator) -> Design:
    length, depth = between(rng, 1.2, 2.0), between(rng, 0.42, 0.62)
    back = chance(rng, 0.6)
    seat = between(rng, 0.42, 0.46)
    slat = shaded(rng, pick(rng, (WOOD, (122, 76, 48), (176, 142, 100), STEEL, (84, 96, 90))), 18)
    metal = slat == STEEL
    leg = shaded(rng, pick(rng, (BLACK, (60, 72, 66), (160, 158, 152), GREY)))
    legs = pick(rng, ("block", "frame", "frame"))
    slats, arms = int(rng.integers(4, 8)), chance(rng, 0.5)
    height = between(rng, 0.78, 0.90) if back else seat + (0.20 if arms else 0.0)

    def sculpt(m: Maker) -> None:
        surface = Material.METAL if metal else Material.SATIN
        seat_depth = depth - (0.12 if back else 0.0)
        front = -depth / 2
        for k in range(slats):
            y = front + seat_depth * (k + 0.5) / slats
            m.block((length, seat_depth / slats - 0.014, 0.035), (0, y, seat - 0.018), slat, surface)
        for x in (-length / 2 + 0.16, length / 2 - 0.16):
            if legs == "block":
                m.block(
                    (0.14, seat_depth * 0.9, seat - 0.035),
                    (x, front + seat_depth / 2, (seat - 0.035) / 2),
                    leg,
                    Material.MATTE,
                    bevel=0.015,
                )
            else:
                for y in (front + 0.06, front + seat_depth - 0.04):
                    m.block((0.05, 0.05, seat - 0.06), (x, y, (seat - 0.06) / 2), leg, Material.METAL)
                m.block(
                    (0.05, seat_depth - 0.02, 0.035),
                    (x, front + seat_depth / 2, seat - 0.05),
                    leg,
                    Material.METAL,
                )
                m.block((0.05, depth, 0.025), (x, 0, 0.0125), leg, Material.METAL)
            if back:
                m.bar(
                    (x, front + seat_depth - 0.05, seat - 0.1),
                    (x, depth / 2 - 0.03, height - 0.02),
                    0.022,
                    leg,
                )
            if arms:
                top = seat + 0.20
                m.block(
                    (0.05, seat_depth * 0.85, 0.03),
                    (x, front + seat_depth * 0.45, top - 0.015),
                    leg,
                    Material.METAL,
                )
                m.bar((x, front + 0.08, seat - 0.05), (x, front + 0.08, top - 0.02), 0.016, leg)
        if back:
            for k in range(3):
                share = (0.42, 0.70, 0.97)[k]
                y = front + seat_depth - 0.05 + (depth - seat_depth) * share
                m.block(
                    (length, 0.03, 0.09),
                    (0, min(y, depth / 2 - 0.015), seat + (height - seat) * share - 0.045),
                    slat,
                    surface,
                )

    return Design(size=(length, depth, height), sculpt=sculpt)


def _bin(rng: np.random.Generator) -> Design:
    """Beijing's pair of litter bins, a single one, or the wheeled kind in the four colours of sorting."""
    kind = pick(rng, ("pair", "pair", "wheeled", "round"))
    if kind == "pair":
        size = (between(rng, 0.90, 1.15), between(rng, 0.36, 0.46), between(rng, 0.95, 1.25))
    elif kind == "wheeled":
        size = (between(rng, 0.55, 0.75), between(rng, 0.48, 0.60), between(rng, 0.95, 1.10))
    else:
        width = between(rng, 0.38, 0.52)
        size = (width, width, between(rng, 0.75, 1.05))
    colors = pick(
        rng, (((30, 104, 60), GREY), (BLUE, GREY), ((88, 94, 98), (58, 90, 76)), (BLUE, (58, 60, 62)))
    )
    sorting = pick(rng, (GREEN, BLUE, RED, (70, 72, 74)))
    frame = shaded(rng, pick(rng, (STEEL, (66, 68, 70), (110, 84, 60))))
    roof = pick(rng, ("flat", "slope"))
    lid_open = chance(rng, 0.2)

    def sculpt(m: Maker) -> None:
        l, w, h = size  # noqa: E741
        if kind == "pair":
            for side, color in zip((-1, 1), colors, strict=True):
                x = side * l * 0.235
                m.block((l * 0.42, w * 0.86, h * 0.72), (x, 0, h * 0.43), color, Material.SATIN, bevel=0.015)
                for y in (-1, 1):
                    m.block(
                        (l * 0.26, 0.02, h * 0.09), (x, y * w * 0.43, h * 0.70), (12, 12, 12), bevel=0.006
                    )
                    m.block((l * 0.16, 0.012, l * 0.16), (x, y * w * 0.43, h * 0.42), WHITE)
            for x in (-l / 2 + 0.025, 0.0, l / 2 - 0.025):
                m.block((0.05, w * 0.74, h * 0.94), (x, 0, h * 0.47), frame, Material.METAL)
            if roof == "flat":
                m.block((l, w, 0.05), (0, 0, h - 0.025), frame, Material.METAL, bevel=0.012)
            else:
                top = [(-w / 2, h * 0.93), (w / 2, h * 0.93), (w / 2, h * 0.95), (0.0, h), (-w / 2, h * 0.95)]
                rings = [np.array([(x, y, z) for y, z in top]) for x in (-l / 2, l / 2)]
                m.add(loft(rings), frame, Material.METAL)
        elif kind == "wheeled":
            low, high = (l * 0.36, w * 0.38), (l * 0.44, w * 0.48)
            rings = [
                np.array([(sx * a + 0.02, sy * b, z) for sx, sy in ((-1, -1), (1, -1), (1, 1), (-1, 1))])
                for (a, b), z in ((low, 0.05), (high, h * 0.86))
            ]
            m.add(loft(rings), sorting, Material.SATIN)
            m.block((l * 0.92, w, 0.03), (0.02, 0, h * 0.87), sorting)
            lid = rounded_slab(l * 0.94, w, 0.0, 0.05, 0.08)
            if lid_open:
                lid = lid.turned(rotation_about(1, -0.12))
            m.add(lid.moved((0.0, 0, h - 0.06)), darker(sorting, 0.85), Material.SATIN)
            m.bar(
                (-l / 2 + 0.02, -w * 0.35, h * 0.90),
                (-l / 2 + 0.02, w * 0.35, h * 0.90),
                0.018,
                darker(sorting, 0.7),
                Material.MATTE,
            )
            for side in (-1, 1):
                m.wheel((-l * 0.30, side * w * 0.40, 0.10), 0.10, 0.05)
            m.block((0.006, w * 0.4, h * 0.20), (l * 0.435, 0, h * 0.60), WHITE)
            m.block((0.05, w * 0.5, 0.05), (l * 0.30, 0, 0.025), darker(sorting, 0.6))
        else:
            r = w / 2
            m.turned(
                [(r * 0.86, 0.0), (r * 0.86, 0.03), (r * 0.92, 0.05), (r, h * 0.74), (r, h * 0.78)],
                colors[0],
                Material.SATIN,
                sides=18,
            )
            m.turned([(r * 0.9, h * 0.78), (r * 0.9, h * 0.80)], (10, 10, 10), sides=18)
            for k in range(4):
                a = math.pi / 4 + k * math.pi / 2
                m.bar(
                    (r * 0.8 * math.cos(a), r * 0.8 * math.sin(a), h * 0.76),
                    (r * 0.8 * math.cos(a), r * 0.8 * math.sin(a), h * 0.90),
                    0.014,
                    frame,
                )
            m.turned(
                [(r, h * 0.88), (r, h * 0.91), (r * 0.6, h * 0.98), (0.0, h)], frame, Material.METAL, sides=18
            )

    return Design(size=size, sculpt=sculpt)


def _leaves(
    m: Maker, at: tuple[float, float, float], size: tuple[float, float, float], seed: int, color: Color
) -> None:
    """A clipped bush: a ball with an uneven skin."""
    ball = icosphere(2)
    wave = np.sin(ball.points_m @ np.array([5.0, 7.0, 3.0]) + seed) * np.cos(
        ball.points_m @ np.array([6.0, -4.0, 8.0]) + 2 * seed
    )
    shape = Shape(points_m=ball.points_m * (1.0 + 0.10 * wave)[:, None], faces=ball.faces)
    m.add(
        shape.scaled((size[0] / 2.1, size[1] / 2.1, size[2] / 2.1)).moved(at),
        color,
        Material.MATTE,
        tag=Tag.VEGETATION,
    )


def _planter(rng: np.random.Generator) -> Design:
    kind = pick(rng, ("box", "round", "long"))
    length = between(rng, 0.6, 1.0) if kind != "long" else between(rng, 1.2, 2.2)
    width = length if kind != "long" else between(rng, 0.40, 0.55)
    pot = between(rng, 0.40, 0.62)
    bush = between(rng, 0.30, 0.55)
    color = shaded(rng, pick(rng, ((150, 148, 142), WOOD, (98, 70, 56), WHITE, (84, 88, 92))))
    leaf = shaded(rng, pick(rng, (LEAF, (84, 118, 52), (52, 92, 56))))
    bloom = pick(rng, ((212, 60, 120), (236, 196, 40), (240, 240, 236), (200, 40, 44), None))
    flowers = [(between(rng, -0.4, 0.4), between(rng, -0.4, 0.4), between(rng, 0.5, 0.95)) for _ in range(14)]
    seed = int(rng.integers(100))

    def sculpt(m: Maker) -> None:
        if kind == "round":
            r = length / 2
            m.turned(
                [(r * 0.62, 0.0), (r * 0.80, pot * 0.4), (r, pot * 0.9), (r, pot), (r * 0.88, pot)],
                color,
                Material.MATTE,
                sides=18,
            )
        else:
            m.block((length, width, 0.05), (0, 0, pot - 0.025), darker(color, 0.85), Material.SATIN)
            m.block(
                (length * 0.95, width * 0.95, pot - 0.04),
                (0, 0, 0.02 + (pot - 0.04) / 2),
                color,
                Material.SATIN,
                bevel=0.01,
            )
            m.block((length * 0.88, width * 0.88, 0.04), (0, 0, 0.02), BLACK)
        m.block((length * 0.62, width * 0.62, 0.02), (0, 0, pot), (70, 54, 40))
        count = 1 if kind != "long" else 3
        for k in range(count):
            x = 0.0 if count == 1 else (k - 1) * length * 0.29
            wide = length * 0.86 if count == 1 else length * 0.32
            _leaves(m, (x, 0, pot + bush * 0.42), (wide, width * 0.86, bush * 1.16), seed + k, leaf)
        if bloom is not None:
            for x, y, z in flowers:
                ball = icosphere(0).scaled((0.035, 0.035, 0.03))
                m.add(
                    ball.moved((x * length * 0.72, y * width * 0.72, pot + bush * (0.35 + 0.5 * z))),
                    bloom,
                    tag=Tag.VEGETATION,
                )

    return Design(size=(length, width, pot + bush), sculpt=sculpt)


def _parasol(rng: np.random.Generator) -> Design:
    """A large umbrella over a traffic warden's or a vendor's place, some with stools."""
    spread, height = between(rng, 1.8, 3.0), between(rng, 2.2, 2.7)
    ribs = pick(rng, (6, 8, 8, 10))
    colors = pick(
        rng,
        ((RED, WHITE), (BLUE, WHITE), (GREEN, GREEN), (YELLOW, RED), (BLUE, BLUE), ((230, 226, 210),) * 2),
    )
    colors = (shaded(rng, colors[0]), shaded(rng, colors[1]))
    base = pick(rng, ("plate", "tub"))
    drop = between(rng, 0.28, 0.45)
    stools = int(rng.integers(0, 3))

    def sculpt(m: Maker) -> None:
        m.bar((0, 0, 0.05), (0, 0, height - 0.03), 0.022, LIGHT_GREY, sides=8)
        if base == "plate":
            m.turned([(0.28, 0.0), (0.28, 0.05), (0.06, 0.09), (0.04, 0.35)], GREY, Material.METAL, sides=14)
        else:
            m.turned(
                [(0.24, 0.0), (0.26, 0.30), (0.22, 0.34), (0.05, 0.36)], darker(colors[0], 0.8), sides=14
            )
        r, rim, top = spread / 2, height - 0.06 - drop, height - 0.06
        angle = np.arange(ribs + 1) * 2 * math.pi / ribs
        for k in range(ribs):
            a, b = angle[k], angle[k + 1]
            outer = [(r * math.cos(t), r * math.sin(t), rim) for t in (a, b)]
            middle = [(r * 0.55 * math.cos(t), r * 0.55 * math.sin(t), rim + drop * 0.62) for t in (a, b)]
            lap = [(r * math.cos(t), r * math.sin(t), rim - 0.10) for t in (a, b)]
            quads = np.array([lap[0], lap[1], outer[0], outer[1], middle[0], middle[1], (0.0, 0.0, top)])
            faces = np.array([(0, 1, 3), (0, 3, 2), (2, 3, 5), (2, 5, 4), (4, 5, 6)])
            both = np.concatenate([faces, faces[:, ::-1] + 7])
            shape = Shape(points_m=np.concatenate([quads, quads - (0, 0, 0.004)]), faces=both)
            m.add(shape, colors[k % 2], Material.CLOTH, crease_rad=0.3)
            m.bar(
                (0, 0, height - 0.5),
                (r * 0.55 * math.cos(a), r * 0.55 * math.sin(a), rim + drop * 0.60),
                0.006,
                LIGHT_GREY,
                sides=4,
            )
        m.turned([(0.03, height - 0.08), (0.02, height)], LIGHT_GREY, sides=8)
        for k in range(stools):
            x = (0.62, -0.62)[k]
            m.turned([(0.15, 0.40), (0.15, 0.44)], colors[0], at=(x, 0.2, 0), sides=12)
            for q in range(4):
                a = math.pi / 4 + q * math.pi / 2
                m.bar(
                    (x + 0.13 * math.cos(a), 0.2 + 0.13 * math.sin(a), 0.0),
                    (x + 0.10 * math.cos(a), 0.2 + 0.10 * math.sin(a), 0.40),
                    0.012,
                    darker(colors[0]),
                    Material.MATTE,
                    sides=4,
                )

    wide = spread * math.cos(math.pi / ribs) if ribs in (6, 10) else spread
    return Design(
        size=(spread, wide if ribs != 10 else spread * math.sin(math.radians(72)), height), sculpt=sculpt
    )


def _utility_box(rng: np.random.Generator) -> Design:
    """A cabinet for power, signals or telephones on its plinth."""
    size = (between(rng, 0.55, 1.5), between(rng, 0.35, 0.62), between(rng, 0.85, 1.65))
    color = shaded(
        rng, pick(rng, ((150, 158, 156), (96, 124, 108), LIGHT_GREY, (176, 172, 160), (88, 108, 128)))
    )
    doors = max(1, round(size[0] / 0.55))
    stone = shaded(rng, (132, 130, 126))
    slope, sticker = chance(rng, 0.4), pick(rng, (YELLOW, RED, BLUE))
    louvres, painting = int(rng.integers(3, 7)), chance(rng, 0.3)
    art = [
        (
            between(rng, -0.4, 0.4),
            between(rng, 0.2, 0.8),
            between(rng, 0.06, 0.18),
            pick(rng, (GREEN, BLUE, YELLOW, (206, 120, 150), WHITE)),
        )
        for _ in range(7)
    ]

    def sculpt(m: Maker) -> None:
        l, w, h = size  # noqa: E741
        foot = 0.14
        m.block((l * 0.98, w * 0.96, foot), (0, 0, foot / 2), stone, Material.MATTE)
        m.block(
            (l * 0.94, w * 0.88, h - foot - 0.06),
            (0, 0, foot + (h - foot - 0.06) / 2),
            color,
            Material.SATIN,
            bevel=0.012,
        )
        if slope:
            outline = [(-w / 2, h - 0.07), (w / 2, h - 0.07), (w / 2, h - 0.03), (-w / 2, h)]
            m.add(
                loft([np.array([(x, y, z) for y, z in outline]) for x in (-l / 2, l / 2)]),
                darker(color, 0.85),
                Material.METAL,
            )
        else:
            m.block((l, w, 0.06), (0, 0, h - 0.03), darker(color, 0.85), Material.SATIN, bevel=0.015)
        for side in (-1, 1):
            y = side * w * 0.44
            for k in range(doors):
                x = -l * 0.47 + l * 0.94 * (k + 0.5) / doors
                m.block(
                    (l * 0.94 / doors - 0.03, 0.014, h - foot - 0.16),
                    (x, y, foot + (h - foot - 0.06) / 2),
                    darker(color, 1.0 + 0.06 * side),
                    Material.SATIN,
                )
                if side < 0:
                    m.block(
                        (0.025, 0.03, 0.14),
                        (x + l * 0.36 / doors, y - 0.012, h * 0.52),
                        (60, 62, 64),
                        Material.METAL,
                    )
                    for q in range(louvres):
                        m.block(
                            (l * 0.5 / doors, 0.006, 0.012),
                            (x, y - 0.009, foot + 0.12 + 0.035 * q),
                            darker(color, 0.5),
                        )
        if painting:
            for x, z, r, tone in art:
                flat = lathe([(r, 0.0), (r, 0.004)], 10).turned(rotation_about(0, math.pi / 2))
                m.add(flat.moved((x * l * 0.75, -w * 0.44 - 0.008, foot + 0.2 + z * (h - 0.6))), tone)
        else:
            m.block((0.12, 0.006, 0.12), (l * 0.2, -w * 0.44 - 0.008, h * 0.76), sticker)

    return Design(size=size, sculpt=sculpt)


DESIGNS = (
    PropDesign(name="bench", tags=(Tag.STATIC,), design=_bench),
    PropDesign(name="bin", tags=(Tag.STATIC,), design=_bin),
    PropDesign(name="planter", tags=(Tag.STATIC, Tag.VEGETATION), design=_planter),
    PropDesign(name="parasol", tags=(Tag.STATIC,), design=_parasol),
    PropDesign(name="utility_box", tags=(Tag.STATIC,), design=_utility_box),
)
