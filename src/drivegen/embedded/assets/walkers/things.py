"""Meshes of what people hold and push. Hand-held things have their grip at the origin and z up along them."""

from __future__ import annotations

import math

import numpy as np

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import (
    box,
    ellipsoid,
    grid_faces,
    lathe,
    loft,
    mirrored_pair,
    rod,
    torus,
    tube,
)
from drivegen.embedded.assets.people.build import Color
from drivegen.embedded.assets.people.surface import body_ring
from drivegen.embedded.assets.sculpt import FLAT_RAD, Finish, Sculpture, Shape
from drivegen.embedded.mesh import Material

STEEL = (168, 172, 178)
BLACK = (30, 30, 33)
ACROSS = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
"""Turns what is round about z to be round about y."""


def paint(color: Color, material: Material = Material.MATTE) -> Finish:
    """A finish of what people have."""
    return Finish(color, material, Tag.PEDESTRIAN)


def shade(color: Color, share: float) -> Color:
    """The colour with a share of its light."""
    return (int(color[0] * share), int(color[1] * share), int(color[2] * share))


def umbrella(top_m: float, radius_m: float, color: Color, second: Color) -> Sculpture:
    """An open umbrella of eight panels.

    Args:
        top_m: from the grip to the canopy's top.
        radius_m: of the canopy.
        color: of the canopy.
        second: of every other panel, and of its hem.
    """
    out = Sculpture()
    out.add(rod((0, 0, -0.03), (0, 0, top_m + 0.03), 0.006, 6), paint(STEEL, Material.METAL))
    hook = [
        (0, 0, 0.05),
        (0, 0, -0.05),
        (0, 0, -0.10),
        (0.012, 0, -0.125),
        (0.035, 0, -0.128),
        (0.048, 0, -0.105),
    ]
    out.add(tube(hook, 0.013, 6), paint(BLACK, Material.SATIN))
    panels, rows = 8, 5
    angle = np.arange(2 * panels) * (math.pi / panels)
    rib = np.where(np.arange(2 * panels) % 2 == 0, 1.0, 0.955)
    share = np.linspace(0.03, 1.0, rows)
    rise = 0.30 * radius_m * (1.0 - share**2.2)
    r = radius_m * share[:, None] * (1.0 + (rib - 1.0) * share[:, None])
    z = top_m - 0.30 * radius_m + rise[:, None] - 0.02 * (1.0 - rib) / 0.045 * share[:, None]
    points = np.stack([r * np.cos(angle), r * np.sin(angle), np.broadcast_to(z, r.shape)], axis=-1)
    faces = grid_faces(rows, 2 * panels, wrap=True)
    cell = np.arange(len(faces)) // 2
    column, row = cell % (2 * panels), cell // (2 * panels)
    index = (((column + 1) // 2 % 2 == 0) | (row == rows - 2)).astype(np.int64)
    canopy = Shape(points_m=points.reshape(-1, 3), faces=faces).facing((0, 0, 1))
    out.add(canopy, ((paint(color), paint(second)), index))
    under = Shape(points_m=canopy.points_m - (0.0, 0.0, 0.004), faces=canopy.faces[:, ::-1])
    out.add(under, ((paint(shade(color, 0.8)), paint(shade(second, 0.8))), index))
    for k in range(0, 2 * panels, 2):
        tip = points[-1, k] - (0, 0, 0.008)
        out.add(
            rod((0, 0, top_m - 0.32 * radius_m), tip * (0.72, 0.72, 1.0), 0.003, 3),
            paint(STEEL, Material.METAL),
        )
    out.add(lathe([(0.02, top_m - 0.01), (0.014, top_m + 0.02), (0.004, top_m + 0.05)], 6), paint(BLACK))
    return out


def cane(length_m: float, color: Color) -> Sculpture:
    """A walking stick; its tip is `length_m` under the grip."""
    out = Sculpture()
    handle = [(-0.055, 0, 0.0), (0.0, 0, 0.0), (0.05, 0, 0.004), (0.07, 0, -0.008)]
    out.add(tube(handle, [0.012, 0.014, 0.013, 0.008], 6), paint(color, Material.SATIN))
    out.add(rod((0.01, 0, 0.0), (0, 0, -length_m + 0.03), 0.009, 6), paint(color, Material.SATIN))
    out.add(rod((0, 0, -length_m + 0.04), (0, 0, -length_m), 0.013, 6), paint(BLACK, Material.RUBBER))
    return out


def suitcase(length_m: float, height_m: float, color: Color) -> Sculpture:
    """A trolley case; its wheels touch the ground `length_m` under the grip, the case lies behind the rods.

    Args:
        length_m: from the grip to the wheels' lowest point.
        height_m: of the shell.
        color: of the shell.
    """
    out = Sculpture()
    low = -length_m + 0.05
    wide, deep = 0.62 * height_m, 0.24 if height_m > 0.55 else 0.20
    shell = paint(color, Material.SATIN)
    middle = (0.01 - deep / 2, 0.0, low + height_m / 2)
    out.add(box((deep, wide, height_m), middle, 0.035), shell)
    for y in np.linspace(-0.36, 0.36, 5) * wide:
        ridge = box((deep + 0.008, 0.018, height_m * 0.80), (middle[0], float(y), middle[2]), 0.008)
        out.add(ridge, paint(shade(color, 0.82), Material.SATIN))
    band = box((0.012, wide * 1.004, height_m * 1.004), middle)
    out.add(band, paint(BLACK))
    for y in (0.085, -0.085):
        out.add(rod((-0.02, y, low + height_m - 0.02), (0.0, y, 0.0), 0.008, 6), paint(STEEL, Material.METAL))
    out.add(tube([(0, -0.095, 0), (0, 0, 0), (0, 0.095, 0)], 0.014, 6), paint(BLACK, Material.SATIN))
    wheel = torus(0.020, 0.009, 8, 4).turned(ACROSS)
    for x in (-0.015, 0.035 - deep):
        for y in (0.40 * wide, -0.40 * wide):
            out.add(wheel.moved((x, y, low - 0.021)), paint(BLACK, Material.RUBBER))
            out.add(box((0.03, 0.02, 0.03), (x, y, low - 0.005)), paint((70, 70, 74)))
    return out


def shopping_bag(color: Color, second: Color) -> Sculpture:
    """A bag with two handles that hangs from the grip, its flat sides along x."""
    out = Sculpture()
    drop = 0.19
    rings = [
        body_ring(-drop - 0.32, 0.055, 0.13, -0.13, 4.0, 12),
        body_ring(-drop - 0.30, 0.065, 0.145, -0.145, 4.0, 12),
        body_ring(-drop - 0.10, 0.060, 0.155, -0.155, 4.0, 12),
        body_ring(-drop, 0.030, 0.160, -0.160, 4.0, 12),
    ]
    out.add(loft(rings), paint(color))
    out.add(box((0.20, 0.128, 0.09), (0.0, 0.0, -drop - 0.19), 0.004), paint(second))
    for y in (0.022, -0.022):
        path = [
            (-0.08, y, -drop - 0.01),
            (-0.05, y * 0.7, -0.07),
            (-0.02, 0, -0.005),
            (0.02, 0, -0.005),
            (0.05, y * 0.7, -0.07),
            (0.08, y, -drop - 0.01),
        ]
        out.add(tube(path, 0.006, 4), paint(shade(color, 0.6)))
    return out


def briefcase(color: Color) -> Sculpture:
    """A case that hangs from the grip, its flat sides along x."""
    out = Sculpture()
    leather = paint(color, Material.SATIN)
    out.add(box((0.40, 0.095, 0.29), (0.0, 0.0, -0.205), 0.02), leather)
    out.add(box((0.404, 0.05, 0.012), (0.0, 0.0, -0.13), 0.004), paint(shade(color, 0.6)))
    out.add(
        tube(
            [(-0.075, 0, -0.07), (-0.065, 0, -0.005), (0.0, 0, 0.003), (0.065, 0, -0.005), (0.075, 0, -0.07)],
            0.010,
            5,
        ),
        leather,
    )
    for x in (0.12, -0.12):
        out.add(box((0.03, 0.1, 0.03), (x, 0.0, -0.12), 0.004), paint((190, 170, 110), Material.METAL))
    return out


def phone(color: Color) -> Sculpture:
    """A telephone that the hand at the origin holds; its screen looks back along x."""
    out = Sculpture()
    out.add(box((0.009, 0.074, 0.158), (0.012, 0.0, 0.030), 0.003), paint(color, Material.SATIN))
    out.add(box((0.002, 0.066, 0.148), (0.0065, 0.0, 0.030)), paint((20, 24, 34), Material.GLASS))
    return out


def wheelchair_wheel(radius_m: float) -> Sculpture:
    """A large wheel about y with spokes and a push rim outside (y > 0 is outside on the left)."""
    out = Sculpture()
    out.add(torus(radius_m - 0.012, 0.012, 28, 5).turned(ACROSS), paint(BLACK, Material.RUBBER))
    out.add(torus(radius_m - 0.030, 0.008, 24, 4).turned(ACROSS), paint(STEEL, Material.METAL))
    out.add(lathe([(0.028, -0.03), (0.030, 0.03)], 8).turned(ACROSS), paint(STEEL, Material.METAL))
    for k in range(12):
        a, b = 2 * math.pi * k / 12, 2 * math.pi * (k + (0.6 if k % 2 else -0.6)) / 12
        end = (radius_m - 0.03) * np.array([math.cos(b), 0.0, math.sin(b)])
        start = 0.026 * np.array([math.cos(a), 0.0, math.sin(a)])
        out.add(rod(start, end, 0.0022, 3), paint(STEEL, Material.METAL))
    return out


def push_rim(radius_m: float, side: float, offset_m: float) -> Shape:
    """The rim that hands push, beside a wheel."""
    return torus(radius_m, 0.010, 24, 5).turned(ACROSS).moved((0.0, side * offset_m, 0.0))


def wheelchair(seat_m: float, half_m: float, leg_m: float, color: Color) -> Sculpture:
    """A wheelchair without its large wheels, whose axle is over the origin.

    Args:
        seat_m: height of the seat.
        half_m: half the width of the seat.
        leg_m: from the seat's front edge down to the foot rests.
        color: of seat and back.
    """
    out = Sculpture()
    cloth, tube_finish = paint(color), paint((70, 74, 80), Material.METAL)
    out.add(box((0.42, 2 * half_m, 0.05), (0.17, 0.0, seat_m - 0.025), 0.018), cloth)
    back = box((0.03, 2 * half_m, 0.42), (0.0, 0.0, 0.0), 0.010)
    tilt = np.array([[0.985, 0.0, -0.17], [0.0, 1.0, 0.0], [0.17, 0.0, 0.985]])
    out.add(back.turned(tilt).moved((-0.105, 0.0, seat_m + 0.24)), cloth)
    for side in (1.0, -1.0):
        y = side * half_m
        path = [
            (-0.30, y, seat_m + 0.47),
            (-0.20, y, seat_m + 0.48),
            (-0.145, y, seat_m + 0.44),
            (-0.08, y, seat_m),
            (-0.06, y, 0.30),
            (-0.06, y, 0.22),
            (0.36, y, 0.20),
        ]
        out.add(tube(path, 0.012, 6), tube_finish)
        out.add(
            rod((-0.32, y, seat_m + 0.47), (-0.22, y, seat_m + 0.478), 0.017, 6),
            paint(BLACK, Material.RUBBER),
        )
        front = [
            (-0.08, y, seat_m - 0.02),
            (0.36, y, seat_m - 0.02),
            (0.42, y, seat_m - 0.06),
            (0.50, y * 0.8, seat_m - leg_m + 0.02),
            (0.53, y * 0.8, seat_m - leg_m),
        ]
        out.add(tube(front, 0.012, 6), tube_finish)
        out.add(rod((0.36, y, 0.20), (0.36, y, seat_m - 0.03), 0.011, 6), tube_finish)
        arm = [
            (-0.11, y, seat_m + 0.20),
            (0.22, y, seat_m + 0.20),
            (0.28, y, seat_m + 0.16),
            (0.28, y, seat_m - 0.02),
        ]
        out.add(tube(arm, 0.010, 6), tube_finish)
        out.add(box((0.28, 0.045, 0.025), (0.06, y, seat_m + 0.215), 0.010), paint(BLACK))
        out.add(box((0.26, 0.006, 0.18), (0.08, y * 0.99, seat_m + 0.10)), paint(shade(color, 0.8)))
        out.add(box((0.17, 0.13, 0.014), (0.60, side * 0.085, seat_m - leg_m), 0.005), paint(BLACK))
        out.add(
            rod((0.53, y * 0.8, seat_m - leg_m), (0.58, side * 0.09, seat_m - leg_m), 0.010, 5), tube_finish
        )
        caster = torus(0.072, 0.016, 14, 5).turned(ACROSS).moved((0.36, y, 0.088))
        out.add(caster, paint(BLACK, Material.RUBBER))
        out.add(
            lathe([(0.05, -0.008), (0.05, 0.008)], 10).turned(ACROSS).moved((0.36, y, 0.088)), paint(STEEL)
        )
        out.add(rod((0.36, y, 0.088), (0.36, y, 0.21), 0.013, 6), tube_finish)
    out.add(rod((0.0, -half_m - 0.03, 0.30), (0.0, half_m + 0.03, 0.30), 0.014, 6), tube_finish)
    return out


def stroller(bar_m: float, half_m: float, color: Color, frame: Color, child: Color, skin: Color) -> Sculpture:
    """A pram with a child in it; the origin is on the ground under its bar, the pram lies ahead.

    Args:
        bar_m: height of the bar.
        half_m: half the distance between the hands.
        color: of seat and hood.
        frame: of the tubes.
        child: of the child's blanket.
        skin: of the child's face.
    """
    out = Sculpture()
    tubes, cloth = paint(frame, Material.METAL), paint(color)
    wide = half_m + 0.045
    bar = [
        (0.10, wide, bar_m - 0.10),
        (0.012, wide, bar_m - 0.01),
        (0.0, half_m, bar_m),
        (0.0, 0.0, bar_m),
        (0.0, -half_m, bar_m),
        (0.012, -wide, bar_m - 0.01),
        (0.10, -wide, bar_m - 0.10),
    ]
    out.add(tube(bar, 0.014, 6), paint(BLACK, Material.RUBBER))
    for side in (1.0, -1.0):
        y = side * wide
        out.add(rod((0.08, y, bar_m - 0.08), (0.86, y, 0.14), 0.013, 6), tubes)
        out.add(rod((0.36, y, bar_m - 0.36), (0.24, y, 0.13), 0.013, 6), tubes)
        for x, radius in ((0.24, 0.125), (0.88, 0.095)):
            out.add(
                torus(radius - 0.016, 0.016, 18, 5).turned(ACROSS).moved((x, y * 1.06, radius)),
                paint(BLACK, Material.RUBBER),
            )
            disc = lathe(
                [(0.012, -0.012), (radius - 0.03, -0.006), (radius - 0.03, 0.006), (0.012, 0.012)], 14
            )
            out.add(disc.turned(ACROSS).moved((x, y * 1.06, radius)), paint((150, 152, 156)))
    for x, z in ((0.24, 0.125), (0.88, 0.095)):
        out.add(rod((x, -wide, z), (x, wide, z), 0.010, 5), tubes)
    basket = box((0.46, 2 * wide - 0.06, 0.13), (0.52, 0.0, 0.24), 0.02)
    out.add(basket, paint(shade(color, 0.6)))
    _seat(out, wide, cloth, paint(shade(color, 0.75)))
    _hood(out, wide, cloth)
    _baby(out, child, skin)
    return out


def _seat(out: Sculpture, wide: float, cloth: Finish, inner: Finish) -> None:
    half = wide - 0.025
    profile = [
        (0.36, 0.80),
        (0.40, 0.58),
        (0.46, 0.45),
        (0.70, 0.46),
        (0.80, 0.44),
        (0.88, 0.30),
        (0.92, 0.22),
    ]
    for y0, y1, finish in (
        (-half, half, inner),
        (half - 0.012, half + 0.004, cloth),
        (-half - 0.004, -half + 0.012, cloth),
    ):
        thick = 0.03 if finish is inner else 0.10
        rings = []
        for x, z in profile:
            drop = thick if finish is inner else -0.09
            rings.append(
                np.array([(x, y0, z), (x, y1, z), (x + 0.02, y1, z - drop), (x + 0.02, y0, z - drop)])
            )
        out.add(loft(rings), finish, crease_rad=FLAT_RAD if finish is not inner else 0.6)


def _hood(out: Sculpture, wide: float, cloth: Finish) -> None:
    turn = np.linspace(math.radians(125.0), math.radians(38.0), 6)
    across = np.linspace(-1.0, 1.0, 9)
    points = np.empty((6, 9, 3))
    for k, a in enumerate(turn):
        r = 0.34
        bow = np.sqrt(np.maximum(1.0 - np.abs(across) ** 3.0, 0.0))
        points[k, :, 0] = 0.40 + (r * bow * math.cos(a))
        points[k, :, 1] = wide * np.sign(across) * np.abs(across) ** 0.7
        points[k, :, 2] = 0.70 + r * bow * math.sin(a)
    outside = Shape(points_m=points.reshape(-1, 3), faces=grid_faces(6, 9)).facing((0.2, 0, 1))
    inside = Shape(
        points_m=outside.points_m * (1.0, 0.97, 1.0) - (0.012, 0, 0.012), faces=outside.faces[:, ::-1]
    )
    out.add(outside, cloth)
    out.add(inside, paint(shade(cloth.color, 0.6)))


def _baby(out: Sculpture, blanket: Color, skin: Color) -> None:
    out.add(ellipsoid((0.085, 0.088, 0.098), (0.475, 0.0, 0.785), 12, 8), paint(skin, Material.SKIN))
    hat = ellipsoid((0.096, 0.098, 0.085), (0.463, 0.0, 0.815), 12, 6)
    out.add(hat, paint(shade(blanket, 0.8)))
    out.add(mirrored_pair(ellipsoid((0.012, 0.012, 0.012), (0.552, 0.034, 0.79), 5, 3)), paint((36, 26, 22)))
    out.add(
        ellipsoid((0.012, 0.018, 0.008), (0.556, 0.0, 0.745), 5, 3), paint((190, 110, 104), Material.SKIN)
    )
    out.add(ellipsoid((0.11, 0.115, 0.16), (0.500, 0.0, 0.585), 10, 6), paint(blanket))
    for side in (1.0, -1.0):
        out.add(
            tube(
                [(0.52, side * 0.10, 0.64), (0.60, side * 0.12, 0.57), (0.66, side * 0.07, 0.56)],
                [0.040, 0.036, 0.030],
                6,
            ),
            paint(blanket),
        )
        out.add(
            ellipsoid((0.030, 0.026, 0.026), (0.685, side * 0.06, 0.56), 6, 4), paint(skin, Material.SKIN)
        )
        leg = [
            (0.54, side * 0.06, 0.50),
            (0.72, side * 0.075, 0.51),
            (0.80, side * 0.075, 0.45),
            (0.85, side * 0.075, 0.36),
        ]
        out.add(tube(leg, [0.060, 0.055, 0.050, 0.042], 7), paint(shade(blanket, 0.7)))
        out.add(ellipsoid((0.055, 0.032, 0.034), (0.882, side * 0.075, 0.335), 6, 4), paint((236, 236, 232)))
