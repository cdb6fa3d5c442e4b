"""Two-wheelers that stand parked without riders: shared bicycles and e-bikes on their stands."""

from __future__ import annotations

import math

import numpy as np

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import rotation_about, torus
from drivegen.embedded.assets.props.making import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    LIGHT_GREY,
    RED,
    RUBBER,
    STEEL,
    WHITE,
    YELLOW,
    Color,
    Design,
    Maker,
    PropDesign,
    between,
    chance,
    darker,
    extruded,
    pick,
    rounded_slab,
    shaded,
)
from drivegen.embedded.mesh import Material

_LIVERIES: tuple[tuple[Color, Color], ...] = (
    ((246, 200, 20), (40, 40, 42)),
    ((30, 132, 220), (236, 238, 240)),
    ((40, 190, 140), (60, 62, 64)),
    ((236, 100, 40), (190, 194, 196)),
    ((230, 232, 232), (60, 62, 64)),
)


def _spoked(m: Maker, x: float, radius: float, tyre: float, rim: Color) -> None:
    turn = rotation_about(0, math.pi / 2)
    m.add(torus(radius - tyre, tyre, 16, 5).turned(turn).moved((x, 0, radius)), RUBBER, Material.RUBBER)
    hub = torus(0.02, 0.018, 8, 4).turned(turn).moved((x, 0, radius))
    m.add(hub, GREY, Material.METAL)
    for k in range(6):
        a = math.pi * k / 6 + 0.2
        c, s = (radius - 1.8 * tyre) * math.cos(a), (radius - 1.8 * tyre) * math.sin(a)
        m.bar((x - c, 0, radius - s), (x + c, 0, radius + s), 0.004, rim, sides=3)


def _bike(rng: np.random.Generator) -> Design:
    """A shared bicycle on its side stand, its handlebar turned."""
    frame, rim = pick(rng, _LIVERIES)
    frame, rim = shaded(rng, frame), shaded(rng, rim)
    radius, base = pick(rng, (0.305, 0.33)), between(rng, 0.98, 1.08)
    basket, rack = chance(rng, 0.8), chance(rng, 0.25)
    bar_z, seat_z = between(rng, 0.98, 1.06), between(rng, 0.82, 0.95)
    kind = pick(rng, ("low", "cross", "curved"))
    plate = pick(rng, (WHITE, darker(frame, 0.8)))
    width = between(rng, 0.54, 0.62)

    def sculpt(m: Maker) -> None:
        rear, front = -base / 2, base / 2
        for x in (rear, front):
            _spoked(m, x, radius, 0.022, rim)
        crank, seat = (rear + 0.40, 0.30), (rear + 0.26, seat_z)
        head = (front - 0.20, bar_z - 0.16)
        low_head = (front - 0.145, bar_z - 0.34)
        m.bar((crank[0], 0, crank[1]), (seat[0], 0, seat[1] - 0.03), 0.018, frame, Material.SATIN)
        if kind == "curved":
            path = [(*crank,), (crank[0] + 0.22, crank[1] + 0.08), low_head]
            m.pipe([(x, 0, z) for x, z in path], 0.026, frame, Material.SATIN)
        else:
            m.bar((crank[0], 0, crank[1]), (low_head[0], 0, low_head[1]), 0.026, frame, Material.SATIN)
        if kind == "cross":
            m.bar((crank[0] - 0.06, 0, crank[1] + 0.30), (head[0], 0, head[1]), 0.02, frame, Material.SATIN)
        m.bar(
            (head[0] - 0.02, 0, bar_z - 0.02),
            (low_head[0] + 0.02, 0, low_head[1] - 0.04),
            0.022,
            frame,
            Material.SATIN,
        )
        for y in (-0.045, 0.045):
            m.bar(
                (low_head[0] + 0.01, y * 0.6, low_head[1] - 0.02),
                (front, y, radius),
                0.013,
                frame,
                Material.SATIN,
                sides=5,
            )
            m.bar((crank[0], y * 0.7, crank[1]), (rear, y, radius), 0.011, frame, Material.SATIN, sides=5)
            m.bar(
                (crank[0] - 0.08, y * 0.5, crank[1] + 0.30),
                (rear, y, radius),
                0.010,
                frame,
                Material.SATIN,
                sides=5,
            )
        for x, span in ((rear, (0.15, 1.05)), (front, (0.25, 0.85))):
            points = [
                (
                    x + (radius + 0.03) * math.cos(math.pi * t),
                    0,
                    radius + (radius + 0.03) * math.sin(math.pi * t),
                )
                for t in np.linspace(*span, 6)
            ]
            m.pipe(points, 0.022, darker(frame, 0.85), Material.SATIN, sides=4)
        m.block((0.26, 0.16, 0.06), (seat[0] - 0.03, 0, seat_z), BLACK, Material.SATIN, bevel=0.025)
        m.bar((head[0] - 0.03, -width / 2, bar_z), (head[0] - 0.03, width / 2, bar_z), 0.014, GREY, sides=6)
        for side in (-1, 1):
            m.bar(
                (head[0] - 0.03, side * (width / 2 - 0.11), bar_z),
                (head[0] - 0.05, side * width / 2, bar_z),
                0.02,
                BLACK,
                Material.RUBBER,
            )
        m.block((0.05, 0.12, 0.09), (rear - 0.02, 0, radius + 0.20), plate, Material.SATIN, bevel=0.01)
        m.block((0.02, 0.05, 0.03), (rear - 0.05, 0, radius + 0.20), RED, Material.RETRO)
        if basket:
            _basket(m, front + 0.05, bar_z - 0.20, darker(frame, 0.9) if chance_dark else LIGHT_GREY)
        if rack:
            m.block((0.34, 0.13, 0.02), (rear - 0.04, 0, radius * 2 + 0.10), GREY, Material.METAL)
            m.bar((rear - 0.04, 0.05, radius), (rear - 0.04, 0.05, radius * 2 + 0.1), 0.008, GREY)
        m.add(
            torus(0.085, 0.012, 12, 4)
            .turned(rotation_about(0, math.pi / 2))
            .moved((crank[0], -0.05, crank[1])),
            GREY,
            Material.METAL,
        )
        for side in (-1, 1):
            m.bar(
                (crank[0], side * 0.05, crank[1]),
                (crank[0] + side * 0.10, side * 0.09, crank[1] - side * 0.12),
                0.011,
                GREY,
            )
            m.block((0.09, 0.08, 0.025), (crank[0] + side * 0.10, side * 0.13, crank[1] - side * 0.12), BLACK)
        m.bar((crank[0] - 0.05, 0.05, crank[1] - 0.02), (crank[0] - 0.02, 0.22, 0.006), 0.010, GREY)

    chance_dark = chance(rng, 0.5)
    length = base + 2 * radius
    return Design(size=(round(length, 3), width, round(max(bar_z + 0.02, seat_z + 0.03), 3)), sculpt=sculpt)


def _basket(m: Maker, x: float, z: float, color: Color) -> None:
    wall = 0.012
    m.block((0.26, 0.32, wall), (x, 0, z), color, Material.SATIN)
    for side in (-1, 1):
        m.block((0.28, wall, 0.19), (x, side * 0.16, z + 0.10), color, Material.SATIN)
        m.block((wall, 0.32, 0.19), (x + side * 0.135, 0, z + 0.10), color, Material.SATIN)


def _ebike(rng: np.random.Generator) -> Design:
    """A light e-bike on its stand, many with a box, a basket or a windshield quilt."""
    paint = shaded(
        rng,
        pick(rng, (WHITE, RED, BLUE, BLACK, (226, 170, 180), (90, 150, 130), YELLOW, GREEN, (120, 124, 130))),
    )
    base, radius = between(rng, 1.08, 1.22), pick(rng, (0.20, 0.225))
    bar_z, width = between(rng, 0.98, 1.08), between(rng, 0.62, 0.70)
    box = pick(rng, ("none", "none", "top", "delivery"))
    basket, quilt = chance(rng, 0.45), chance(rng, 0.2)
    load = pick(rng, (YELLOW, (30, 132, 220), BLACK, GREEN))
    seat = shaded(rng, pick(rng, (BLACK, (70, 50, 40), (60, 62, 66))))
    fill = pick(rng, (WHITE, YELLOW, RED))
    box_h = {"none": 0.0, "top": 0.30, "delivery": 0.45}[box]

    def sculpt(m: Maker) -> None:
        rear, front = -base / 2, base / 2
        for x in (rear, front):
            m.wheel((x, 0, radius), radius, 0.085, sides=16)
            m.add(
                torus(radius * 0.45, 0.02, 10, 4)
                .turned(rotation_about(0, math.pi / 2))
                .moved((x, 0, radius))
                .scaled((1, 4.4, 1)),
                STEEL,
                Material.METAL,
            )
        m.block((0.46, 0.26, 0.08), (0.02, 0, 0.26), darker(paint, 0.5), Material.SATIN, bevel=0.02)
        m.add(
            extruded(
                [
                    (-0.12, 0.30),
                    (rear + 0.1, 0.42),
                    (rear - 0.12, 0.62),
                    (rear - 0.10, 0.70),
                    (-0.02, 0.70),
                    (-0.06, 0.45),
                ],
                0.24,
            ),
            paint,
            Material.PAINT,
        )
        m.add(
            extruded(
                [(0.20, 0.24), (0.34, 0.24), (front - 0.12, bar_z - 0.14), (front - 0.22, bar_z - 0.10)], 0.26
            ),
            paint,
            Material.PAINT,
        )
        m.add(
            extruded(
                [
                    (front - 0.22, bar_z - 0.16),
                    (front - 0.08, bar_z - 0.20),
                    (front - 0.12, bar_z + 0.02),
                    (front - 0.22, bar_z + 0.02),
                ],
                0.18,
            ),
            darker(paint, 0.8),
            Material.SATIN,
        )
        m.add(rounded_slab(0.60, 0.26, 0.70, 0.78, 0.10).moved((rear + 0.24, 0, 0)), seat, Material.SATIN)
        for y in (-0.07, 0.07):
            m.bar((front - 0.14, y, bar_z - 0.30), (front, y, radius), 0.02, GREY)
            m.bar((rear + 0.10, y * 1.3, 0.52), (rear, y * 1.3, radius), 0.022, GREY)
        points = [
            (front + (radius + 0.03) * math.cos(t), 0, radius + (radius + 0.03) * math.sin(t))
            for t in np.linspace(0.35, 2.3, 6)
        ]
        m.pipe(points, 0.05, paint, Material.PAINT, sides=6)
        m.bar((front - 0.18, -width / 2 + 0.04, bar_z), (front - 0.18, width / 2 - 0.04, bar_z), 0.016, GREY)
        for side in (-1, 1):
            m.bar(
                (front - 0.18, side * (width / 2 - 0.14), bar_z),
                (front - 0.20, side * width / 2, bar_z),
                0.022,
                BLACK,
                Material.RUBBER,
            )
            m.bar((front - 0.18, side * 0.20, bar_z), (front - 0.20, side * 0.24, bar_z + 0.17), 0.007, BLACK)
            m.block(
                (0.02, 0.10, 0.07),
                (front - 0.21, side * 0.25, bar_z + 0.20),
                BLACK,
                Material.SATIN,
                bevel=0.006,
            )
        m.block(
            (0.05, 0.12, 0.08),
            (front - 0.075, 0, bar_z - 0.07),
            (220, 226, 230),
            Material.CHROME,
            bevel=0.015,
        )
        m.block((0.03, 0.14, 0.05), (rear - 0.12, 0, 0.62), RED, Material.RETRO)
        m.block((0.006, 0.17, 0.10), (rear - 0.15, 0, 0.50), WHITE, Material.PLATE)
        m.bar((rear - 0.12, 0, 0.60), (rear - 0.15, 0, 0.52), 0.012, GREY)
        for y in (-0.10, 0.10):
            m.bar((-0.12, y * 0.6, 0.24), (-0.16, y * 1.5, 0.005), 0.012, GREY)
        if box != "none":
            z, long = 0.79, 0.34 if box == "top" else 0.46
            x = rear - 0.12 + long / 2
            m.block(
                (long, long * 0.98, box_h),
                (x, 0, z + box_h / 2),
                load if box == "delivery" else BLACK,
                Material.SATIN,
                bevel=0.02,
            )
            m.block(
                (long * 1.01, long * 0.6, 0.05),
                (x, 0, z + box_h * 0.6),
                WHITE if load != WHITE else BLACK,
                Material.RETRO,
            )
            m.block((0.30, 0.12, 0.10), (x + 0.02, 0, 0.74), GREY)
        if basket:
            _basket(m, front + 0.0, bar_z - 0.22, BLACK)
        if quilt:
            m.add(
                extruded(
                    [
                        (front - 0.02, 0.36),
                        (front + 0.0, 0.36),
                        (front - 0.10, bar_z + 0.03),
                        (front - 0.13, bar_z + 0.03),
                    ],
                    width * 0.84,
                ),
                fill,
                Material.CLOTH,
            )

    low, high = (
        -base / 2 - max(radius, 0.153),
        base / 2 + max(radius + 0.03 + 0.05 * 0.9, 0.141 if basket else 0.0),
    )
    height = max(bar_z + 0.235, 0.79 + box_h)
    return Design(size=(round(high - low, 3), round(width, 3), round(height, 3)), sculpt=sculpt)


DESIGNS = (
    PropDesign(name="shared_bike", tags=(Tag.BICYCLE,), design=_bike, mass_kg=18.0),
    PropDesign(name="parked_ebike", tags=(Tag.MOTORCYCLE,), design=_ebike, mass_kg=52.0),
)
