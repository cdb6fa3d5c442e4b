"""Delivery vans without a cab, and stalls that drive to their customers."""

from __future__ import annotations

import math

import numpy as np

from drivegen.core.rng import derive_rng
from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import box, lathe, mirrored_pair, rod
from drivegen.embedded.assets.sculpt import Sculpture, Shape, join
from drivegen.embedded.assets.vehicles.light.kit import Color, Finishes, slab, vec
from drivegen.embedded.assets.vehicles.unmanned import kit
from drivegen.embedded.assets.vehicles.unmanned.kit import Chassis, Design, Section
from drivegen.embedded.mesh import Material

EDGE_RAD = math.radians(30.0)
"""Sharper edges of boxes stay edges, so that their large faces shade flat."""
GLOWS: tuple[Color, ...] = ((90, 200, 255), (120, 255, 190), (255, 255, 255), (255, 214, 90))


def _pick(rng: np.random.Generator, options: tuple[Color, ...]) -> Color:
    return options[int(rng.integers(len(options)))]


def _chassis(long: float, half: float, radius: float, front: float, rear: float) -> Chassis:
    """Axles at shares of the length behind the nose and before the tail."""
    return Chassis(
        radius_m=radius,
        tyre_m=0.15,
        front_m=long / 2 - front,
        rear_m=-long / 2 + rear,
        track_half_m=half - 0.095,
    )


def _bumpers(out: Sculpture, f: Finishes, x_rear: float, x_front: float, half: float, z: float) -> None:
    for x in (x_rear, x_front):
        out.add(box((0.07, 2 * half * 0.92, 0.13), (x, 0, z), 0.03), f.dark)
        for y in (-0.6, -0.2, 0.2, 0.6):
            spot = vec(x + (0.034 if x > 0 else -0.034), y * half, z + 0.01)
            out.add(box((0.01, 0.026, 0.026), spot, 0.004), f.grey)


def _pod(out: Sculpture, f: Finishes, rng: np.random.Generator, second: Color) -> Chassis:
    """One rounded body with compartments in its sides."""
    u = rng.uniform(-1.0, 1.0, 5)
    long, half, top = 2.58 + 0.16 * u[0], 0.51 + 0.04 * u[1], 1.56 + 0.09 * u[2]
    slant = 0.24 + 0.10 * u[3]
    c = _chassis(long, half, 0.27, 0.48, 0.46)
    back, nose = -long / 2, long / 2
    rows: list[Section] = [
        (back + 0.02, half * 0.90, 0.36, top - 0.10),
        (back + 0.07, half * 0.985, 0.27, top - 0.03),
        (back + 0.16, half, 0.25, top),
        (nose - slant - 0.12, half, 0.25, top),
        (nose - slant, half * 0.99, 0.25, top - 0.03),
        (nose - slant * 0.30, half * 0.97, 0.27, 1.02),
        (nose - 0.05, half * 0.93, 0.31, 0.86),
        (nose - 0.01, half * 0.84, 0.38, 0.76),
    ]
    out.add(kit.hull(rows, 0.075, c.axles_m, 0.335, c.radius_m), f.paint)
    kit.chassis_parts(out, f, c, 0.20, 0.48, half)
    shield = [
        (vec(nose - slant * 0.22, 0, 1.03), half * 0.80, 0.5),
        (vec(nose - slant * 0.62, 0, (1.03 + top) / 2), half * 0.80, 0.5),
        (vec(nose - slant - 0.015, 0, top - 0.09), half * 0.76, 0.5),
    ]
    out.add(
        slab([(p + vec(0.022, 0, 0), h, b) for p, h, b in shield], 0.04, 0.04),
        f.of((18, 20, 24), Material.SATIN),
    )
    glow = _pick(rng, GLOWS)
    lit = f.of(glow, Material.LIT_SIGN)
    eye_z = 1.03 + (top - 1.03) * 0.45
    eye_x = nose - slant * 0.55 + 0.02
    if rng.random() < 0.5:
        for y in (half * 0.36, -half * 0.36):
            out.add(box((0.05, 0.09, 0.09), (eye_x - 0.012, y, eye_z), 0.02), lit)
    else:
        out.add(box((0.05, half * 1.1, 0.035), (eye_x - 0.012, 0, eye_z), 0.01), lit)
    low, high = 0.60, top - 0.12
    kit.panel_lines(
        out,
        f,
        half + 0.002,
        (back + 0.22, nose - slant - 0.16),
        (low, high),
        int(rng.integers(2, 5)),
        int(rng.integers(1, 4)),
    )
    out.add(box((long * 0.60, 2 * half + 0.010, 0.06), (-0.06, 0, 0.54), 0.01), f.of(second, Material.SATIN))
    kit.emblem(out, f, half + 0.006, (nose - slant - 0.40, high - 0.10), 0.16, second)
    _bumpers(out, f, back + 0.035, nose - 0.02, half, 0.36)
    kit.front_lamps(out, f, nose - 0.008, half * 0.62, 0.64)
    kit.rear_lamps(out, f, back + 0.005, half * 0.74, 0.86)
    out.add(
        box((0.014, half * 1.16, top * 0.52), (back + 0.018, 0, 0.92), 0.004), f.of(second, Material.SATIN)
    )
    kit.rear_plate_of(out, f, back + 0.008, 0.52, int(rng.integers(64)))
    _roof_sensors(out, f, rng, nose - slant - 0.22, half, top)
    return c


def _truck(out: Sculpture, f: Finishes, rng: np.random.Generator, second: Color) -> Chassis:
    """A low nose without a cab, and a large box behind it."""
    u = rng.uniform(-1.0, 1.0, 5)
    long, half, top = 2.80 + 0.22 * u[0], 0.60 + 0.06 * u[1], 1.66 + 0.10 * u[2]
    c = _chassis(long, half, 0.28, 0.46, 0.50)
    back, nose = -long / 2, long / 2
    wall = nose - 0.52 - 0.08 * u[3]
    head: list[Section] = [
        (wall - 0.02, half * 0.97, 0.28, 1.16),
        (wall + 0.20, half * 0.98, 0.26, 1.18),
        (nose - 0.16, half * 0.96, 0.26, 0.98),
        (nose - 0.04, half * 0.90, 0.32, 0.82),
        (nose - 0.01, half * 0.80, 0.40, 0.70),
    ]
    out.add(kit.hull(head, 0.08, (c.front_m,), 0.345, c.radius_m), f.paint)
    kit.chassis_parts(out, f, c, 0.22, 0.52, half)
    tray: list[Section] = [(back + 0.03, half * 0.96, 0.40, 0.60), (wall + 0.02, half * 0.96, 0.36, 0.60)]
    out.add(kit.hull(tray, 0.02, c.axles_m, 0.345, c.radius_m), f.dark)
    cargo = f.paint if rng.random() < 0.5 else f.of((236, 238, 238), Material.SATIN)
    tall = top - 0.60
    out.add(
        box((wall - back - 0.05, 2 * half, tall), ((wall + back) / 2, 0, 0.60 + tall / 2), 0.04),
        cargo,
        crease_rad=EDGE_RAD,
    )
    out.add(
        box(
            (wall - back - 0.14, 2 * half + 0.010, tall * 0.30),
            ((wall + back) / 2, 0, 0.60 + tall * 0.34),
            0.004,
        ),
        f.of(second, Material.SATIN),
    )
    kit.emblem(out, f, half + 0.004, ((wall + back) / 2 + 0.25, 0.60 + tall * 0.72), 0.22, second)
    for x in (back + 0.05, wall - 0.08):
        out.add(
            mirrored_pair(box((0.05, 0.012, tall * 0.96), (x, half - 0.002, 0.60 + tall / 2), 0.004)), f.metal
        )
    out.add(box((0.012, 0.012, tall * 0.92), (back + 0.022, 0, 0.60 + tall / 2)), f.dark)
    for y in (0.07, -0.07):
        out.add(rod(vec(back + 0.008, y, 0.68), vec(back + 0.008, y, top - 0.10), 0.010, 5), f.metal)
    kit.screen_face(
        out,
        f,
        nose - 0.075,
        0.90 if u[4] > 0 else 0.87,
        half * 0.62,
        0.15,
        _pick(rng, GLOWS),
        bool(rng.random() < 0.5),
    )
    _bumpers(out, f, back + 0.03, nose - 0.02, half, 0.38)
    kit.front_lamps(out, f, nose - 0.008, half * 0.60, 0.63)
    kit.rear_lamps(out, f, back - 0.002, half * 0.86, 0.78)
    kit.rear_plate_of(out, f, back + 0.0, 0.52, int(rng.integers(64)))
    bar = vec(wall - 0.03, 0, top)
    out.add(box((0.16, 2 * half * 0.86, 0.07), bar + vec(0, 0, 0.02), 0.02), f.dark)
    kit.lidar(out, bar + vec(0.0, 0, 0.055), 0.06, 0.085)
    for y in (half * 0.70, -half * 0.70):
        kit.camera(out, bar + vec(0.085, y * 0.6, 0.02), (1.0, 0.0, -0.1), 0.02)
        kit.lidar(out, vec(wall + 0.10, y * 1.12, 1.165), 0.04, 0.06)
    return c


def _roof_sensors(
    out: Sculpture, f: Finishes, rng: np.random.Generator, x: float, half: float, top: float
) -> None:
    """A mast, a bridge, or a hump with LiDARs and cameras."""
    kind = int(rng.integers(3))
    if kind == 0:
        kit.sensor_mast(out, f, vec(x, 0, top - 0.01), 0.16 + 0.10 * float(rng.random()), 0.058)
    elif kind == 1:
        out.add(box((0.16, 2 * half * 0.94, 0.06), (x, 0, top + 0.05), 0.02), f.dark)
        for y in (half * 0.84, -half * 0.84):
            out.add(box((0.10, 0.06, 0.08), (x, y, top + 0.01), 0.01), f.dark)
            kit.lidar(out, vec(x, y * 0.98, top + 0.075), 0.042, 0.06)
        kit.lidar(out, vec(x, 0, top + 0.075), 0.06, 0.085)
        for y in (-0.2, 0.2):
            kit.camera(out, vec(x + 0.085, y, top + 0.05), (1.0, 0.0, 0.0), 0.018)
    else:
        rows: list[Section] = [
            (x - 0.24, 0.12, top - 0.02, top + 0.02),
            (x - 0.10, 0.20, top - 0.02, top + 0.09),
            (x + 0.12, 0.20, top - 0.02, top + 0.09),
            (x + 0.20, 0.16, top - 0.02, top + 0.02),
        ]
        out.add(kit.hull(rows, 0.03), f.dark)
        kit.lidar(out, vec(x, 0, top + 0.085), 0.062, 0.09)
    out.add(
        rod(vec(x - 0.55, half * 0.6, top - 0.01), vec(x - 0.55, half * 0.6, top + 0.16), 0.006, 5), f.dark
    )


def delivery(variant: int) -> Design:
    """The delivery van of a variant."""
    rng = derive_rng("unmanned delivery", variant)
    out, f = Sculpture(), Finishes(Tag.CAR)
    main, second = kit.LIVERIES[int(rng.integers(len(kit.LIVERIES)))]
    chassis = _pod(out, f, rng, second) if rng.random() < 0.58 else _truck(out, f, rng, second)
    return Design(body=out, chassis=chassis, paint=main)


GOODS: tuple[Color, ...] = (
    (200, 40, 44), (240, 190, 40), (60, 150, 80), (230, 230, 226), (60, 110, 190), (236, 130, 50),
    (120, 70, 50), (220, 120, 160),
)  # fmt: skip

BOTTLE = lathe([(1.0, 0.0), (1.0, 0.66), (0.4, 0.82), (0.4, 1.0)], 5)
CARTON = box((2.0, 2.0, 1.0), (0.0, 0.0, 0.5))
"""Goods one unit wide to each side and high."""


def retail(variant: int) -> Design:
    """The driving stall of a variant: lit shelves of goods behind open glass on both sides."""
    rng = derive_rng("unmanned retail", variant)
    out, f = Sculpture(), Finishes(Tag.CAR)
    main, second = kit.LIVERIES[int(rng.integers(len(kit.LIVERIES)))]
    u = rng.uniform(-1.0, 1.0, 5)
    long, half, top = 2.62 + 0.18 * u[0], 0.54 + 0.04 * u[1], 1.72 + 0.08 * u[2]
    c = _chassis(long, half, 0.27, 0.50, 0.48)
    back, nose = -long / 2, long / 2
    waist, eaves = 0.80 + 0.04 * u[3], top - 0.20
    base: list[Section] = [
        (back + 0.01, half * 0.90, 0.34, waist - 0.03),
        (back + 0.06, half * 0.985, 0.26, waist),
        (nose - 0.16, half * 0.985, 0.26, waist),
        (nose - 0.04, half * 0.93, 0.30, waist - 0.02),
        (nose - 0.01, half * 0.84, 0.38, waist - 0.10),
    ]
    out.add(kit.hull(base, 0.05, c.axles_m, 0.335, c.radius_m), f.paint)
    kit.chassis_parts(out, f, c, 0.20, 0.48, half)
    hood: list[Section] = [
        (back + 0.02, half * 0.94, eaves, top - 0.03),
        (back + 0.08, half, eaves - 0.01, top),
        (nose - 0.34, half, eaves - 0.01, top),
        (nose - 0.22, half * 0.95, eaves, top - 0.05),
    ]
    out.add(kit.hull(hood, 0.05), f.paint)
    _shelves(out, f, rng, (back + 0.16, nose - 0.48), (waist, eaves), half)
    face: list[Section] = [
        (nose - 0.50, half * 0.96, waist - 0.05, eaves + 0.03),
        (nose - 0.30, half * 0.96, waist - 0.05, eaves + 0.02),
        (nose - 0.13, half * 0.92, waist - 0.05, waist + 0.12),
    ]
    out.add(kit.hull(face, 0.04), f.of((26, 28, 32), Material.SATIN))
    tail: list[Section] = [
        (back + 0.03, half * 0.95, waist - 0.05, eaves + 0.03),
        (back + 0.17, half * 0.96, waist - 0.05, eaves + 0.03),
    ]
    out.add(kit.hull(tail, 0.04), f.paint)
    lit = f.of(_pick(rng, ((255, 236, 190), (190, 226, 255), (255, 210, 120))), Material.LIT_SIGN)
    board = (long * 0.52, 2 * half + 0.016, 0.11)
    out.add(box(board, (-0.12, 0, top - 0.10), 0.006), lit)
    for k in range(5):
        out.add(
            box((0.09, 2 * half + 0.022, 0.055), (-0.12 + (k - 2) * 0.16, 0, top - 0.10), 0.003),
            f.of(second, Material.SATIN),
        )
    kit.screen_face(
        out, f, nose - 0.155, (waist + eaves) / 2 - 0.10, half * 0.5, 0.16, _pick(rng, GLOWS), True
    )
    out.add(box((0.10, 2 * half + 0.010, 0.05), (0.0, 0, waist - 0.10), 0.01), f.of(second, Material.SATIN))
    out.add(
        box((long * 0.70, 2 * half + 0.012, 0.07), (-0.05, 0, waist - 0.12), 0.008),
        f.of(second, Material.SATIN),
    )
    _bumpers(out, f, back + 0.03, nose - 0.02, half, 0.36)
    kit.front_lamps(out, f, nose - 0.008, half * 0.62, 0.58)
    kit.rear_lamps(out, f, back - 0.003, half * 0.72, 0.62)
    kit.rear_plate_of(out, f, back - 0.002, 0.50, int(rng.integers(64)))
    if rng.random() < 0.5:
        awning(out, f, second, (back + 0.18, nose - 0.50), eaves, half)
    kit.sensor_mast(out, f, vec(nose - 0.46, 0, top - 0.01), 0.14 + 0.08 * float(rng.random()), 0.058)
    return Design(body=out, chassis=c, paint=main)


def _shelves(
    out: Sculpture,
    f: Finishes,
    rng: np.random.Generator,
    x: tuple[float, float],
    z: tuple[float, float],
    half: float,
) -> None:
    """Back-lit shelves with goods on both sides of a wall in the middle."""
    deep = 0.17
    inner = half - deep
    long, middle = x[1] - x[0], (x[0] + x[1]) / 2
    out.add(
        box((long, 2 * inner, z[1] - z[0]), (middle, 0, (z[0] + z[1]) / 2)),
        f.of((250, 246, 232), Material.LIT_SIGN),
    )
    rows = int(rng.integers(2, 5))
    tall = (z[1] - z[0] - 0.02) / rows
    goods: dict[int, list[Shape]] = {}
    for j in range(rows):
        level = z[0] + 0.015 + j * tall
        board = box((long, deep - 0.02, 0.016), (middle, half - deep / 2 - 0.01, level))
        out.add(mirrored_pair(board), f.metal)
        at = x[0] + 0.06
        while at < x[1] - 0.08:
            wide, high = float(rng.uniform(0.08, 0.13)), tall * float(rng.uniform(0.5, 0.78))
            spot = vec(at + wide / 2, half - deep * 0.5, level + 0.008)
            thing, size = (BOTTLE, wide * 0.42) if rng.random() < 0.55 else (CARTON, wide * 0.45)
            placed = thing.scaled((size, min(size, 0.05), min(high, 0.36))).moved(spot)
            goods.setdefault(int(rng.integers(len(GOODS))), []).append(placed)
            at += wide + 0.012
    for number, shapes in sorted(goods.items()):
        out.add(mirrored_pair(join(shapes)), f.of(GOODS[number], Material.SATIN))
    for k in range(3):
        post = x[0] + 0.012 + (long - 0.024) * k / 2
        out.add(
            mirrored_pair(box((0.022, 0.022, z[1] - z[0] + 0.02), (post, half - 0.018, (z[0] + z[1]) / 2))),
            f.metal,
        )


def awning(out: Sculpture, f: Finishes, color: Color, x: tuple[float, float], z: float, half: float) -> None:
    """A short striped roof over each side, where the customers stand."""
    count = 8
    step = (x[1] - x[0]) / count
    white = f.of((240, 240, 238))
    striped = f.of(color)
    for k in range(count):
        rows: list[Section] = [
            (x[0] + k * step, 0.09, z - 0.075, z - 0.055),
            (x[0] + (k + 1) * step, 0.09, z - 0.075, z - 0.055),
        ]
        out.add(
            mirrored_pair(kit.hull(rows, 0.004).moved((0, half + 0.07, 0.03))), white if k % 2 else striped
        )
    for at in (x[0] + 0.05, x[1] - 0.05):
        out.add(
            mirrored_pair(rod(vec(at, half - 0.01, z - 0.20), vec(at, half + 0.14, z - 0.045), 0.007, 5)),
            f.metal,
        )
