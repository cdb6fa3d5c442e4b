"""Parts that light vehicles share: finishes, bodies along x, mudguards, lamps, grips, mirrors, plates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import (
    box,
    ellipsoid,
    lathe,
    loft,
    mirrored_pair,
    plate,
    rod,
    rotation_about,
    torus,
    tube,
)
from drivegen.embedded.assets.people.limbs import Vec3
from drivegen.embedded.assets.sculpt import Finish, Sculpture, Shape
from drivegen.embedded.assets.vehicles import wheel as wheels
from drivegen.embedded.mesh import Material, Mesh

Color = tuple[int, int, int]
AHEAD = rotation_about(1, math.pi / 2)
"""Turns what looks up so that it looks forward."""
BACK = rotation_about(1, -math.pi / 2)


def vec(x: float, y: float, z: float) -> Vec3:
    """A point."""
    return np.array([x, y, z], dtype=np.float64)


def darker(color: Color, share: float) -> Color:
    """A colour with less light."""
    return (int(color[0] * share), int(color[1] * share), int(color[2] * share))


class Finishes:
    """The finishes of a vehicle of one tag."""

    def __init__(self, tag: Tag) -> None:
        self.tag = tag
        self.paint = Finish((255, 255, 255), Material.PAINT, tag)
        self.dark = Finish((28, 28, 30), Material.MATTE, tag)
        self.grey = Finish((74, 76, 80), Material.MATTE, tag)
        self.metal = Finish((150, 152, 156), Material.METAL, tag)
        self.chrome = Finish((206, 208, 212), Material.CHROME, tag)
        self.leather = Finish((30, 28, 28), Material.SATIN, tag)
        self.lens = Finish((230, 233, 236), Material.HEAD_LAMP, tag)
        self.red = Finish((160, 16, 20), Material.TAIL_LAMP, tag)
        self.brake = Finish((186, 20, 24), Material.BRAKE_LAMP, tag)
        self.glass = Finish((46, 54, 60), Material.GLASS, tag)
        self.left = Finish((214, 120, 20), Material.INDICATOR_LEFT, tag)
        self.right = Finish((214, 120, 20), Material.INDICATOR_RIGHT, tag)
        self.reverse = Finish((226, 230, 234), Material.REVERSE_LAMP, tag)

    def of(self, color: Color, material: Material = Material.MATTE) -> Finish:
        """Another one."""
        return Finish(color, material, self.tag)


def sweep(rows: Sequence[tuple[float, float, float, float]], power: float = 2.6, sides: int = 12) -> Shape:
    """A body along x through sections (x, half width, low z, high z), rounded by a superellipse."""
    angle = (np.arange(sides) + 0.5) * (2 * math.pi / sides)
    c, s = np.cos(angle), np.sin(angle)
    round_to = 2.0 / power
    across, up = np.sign(c) * np.abs(c) ** round_to, np.sign(s) * np.abs(s) ** round_to
    grow = 1.0 / max(float(across.max()), 1e-9)
    rings = [
        np.stack(
            [np.full(sides, x), half * grow * across, (low + high) / 2 + (high - low) / 2 * grow * up], axis=1
        )
        for x, half, low, high in rows
    ]
    return loft(rings)


def slab(rows: Sequence[tuple[Vec3, float, float]], bow_m: float = 0.05, thick_m: float = 0.03) -> Shape:
    """A bowed panel across the vehicle; rows upward: (middle of the front face, half width, bow)."""
    share = np.array([-1.0, -0.82, -0.45, 0.0, 0.45, 0.82, 1.0])
    rings = []
    for point, half, bow in rows:
        curve = bow_m * bow * (1 - share**2)
        front = np.stack(
            [point[0] - bow_m * bow + curve, half * share, np.full(len(share), point[2])], axis=1
        )
        back = front[::-1] - np.array([thick_m, 0.0, 0.0])
        rings.append(np.concatenate([front, back * np.array([1.0, 0.94, 1.0])]))
    return loft(rings)


def guard(
    axle: Vec3, radius_m: float, start_rad: float, end_rad: float, half_m: float, gap_m: float = 0.02
) -> Shape:
    """A mudguard round a wheel from one angle to another, counted from the front over the top."""
    rows = []
    for angle in np.linspace(start_rad, end_rad, 9):
        c, s = math.cos(angle), math.sin(angle)
        rim = [
            (radius_m + gap_m - 0.02, -half_m),
            (radius_m + gap_m + 0.012, -half_m * 0.72),
            (radius_m + gap_m + 0.018, 0.0),
            (radius_m + gap_m + 0.012, half_m * 0.72),
            (radius_m + gap_m - 0.02, half_m),
            (radius_m + gap_m + 0.004, 0.0),
        ]
        rows.append(np.array([(axle[0] + r * c, y, axle[2] + r * s) for r, y in rim]))
    return loft(rows)


def round_lamp(out: Sculpture, f: Finishes, centre: Vec3, radius_m: float, rim: Finish) -> None:
    """A round head lamp in its housing, looking forward."""
    housing = lathe(
        [(radius_m * 0.5, -0.9 * radius_m), (radius_m * 0.95, -0.3 * radius_m), (radius_m, 0.1 * radius_m)],
        14,
    )
    out.add(housing.turned(AHEAD).moved(centre), rim)
    glass = lathe([(radius_m * 0.93, 0.0), (radius_m * 0.86, 0.2 * radius_m), (0.0, 0.34 * radius_m)], 14)
    out.add(glass.turned(AHEAD).moved(centre), f.lens)


def blob_lamp(out: Sculpture, centre: Vec3, size_m: tuple[float, float, float], finish: Finish) -> None:
    """A flat bevelled lens."""
    out.add(box(size_m, centre, min(size_m) * 0.35), finish)


def indicators(out: Sculpture, f: Finishes, at: Vec3, stalk: bool = False) -> None:
    """A pair, at a place on the left and its mirror image."""
    for sign, finish in ((1.0, f.left), (-1.0, f.right)):
        centre = at * np.array([1.0, sign, 1.0])
        out.add(ellipsoid((0.028, 0.026, 0.020), centre, 8, 4), finish)
        if stalk:
            out.add(rod(centre, centre * np.array([1.0, 0.25, 1.0]), 0.007, 5), f.dark)


def rear_plate(out: Sculpture, f: Finishes, centre: Vec3, color: Color, size_m: tuple[float, float]) -> None:
    """A number plate that looks back, on its holder."""
    w, h = size_m[0] / 2, size_m[1] / 2
    shape, uvs = plate(centre, (0.0, -w, 0.0), (0.0, 0.0, h))
    out.add(shape.facing((-1.0, 0.0, 0.0)), f.of(color, Material.PLATE), uvs=uvs)
    out.add(box((0.008, 2 * w + 0.01, 2 * h + 0.01), centre + vec(0.006, 0, 0)), f.dark)
    ink = darker(color, 0.25) if sum(color) > 380 else (235, 235, 235)
    rng = np.random.default_rng(int(abs(centre[0]) * 1e4))
    for k in range(5):
        y = -w * 0.72 + k * w * 0.36
        tall = h * (0.34 + 0.1 * rng.random())
        mark, _ = plate(centre + vec(-0.002, y, -0.12 * h), (0.0, -w * 0.11, 0.0), (0.0, 0.0, tall))
        out.add(mark.facing((-1.0, 0.0, 0.0)), f.of(ink))


def mirrors(out: Sculpture, f: Finishes, foot: Vec3, head: Vec3, round_one: bool = True) -> None:
    """A pair of mirrors on stalks, from a place on the left bar."""
    shell = (
        ellipsoid((0.018, 0.055, 0.040), head, 10, 5) if round_one else box((0.03, 0.12, 0.07), head, 0.012)
    )
    out.add(mirrored_pair(shell), f.dark)
    glass, _ = plate(head - vec(0.0185, 0, 0), (0.0, -0.038, 0.0), (0.0, 0.0, 0.026))
    out.add(mirrored_pair(glass.facing((-1.0, 0.0, 0.0))), f.of((150, 158, 166), Material.CHROME))
    out.add(
        mirrored_pair(tube([foot, head * 0.5 + foot * 0.5 + vec(-0.01, 0.01, 0.0), head], 0.007, 5)), f.dark
    )


def bar(out: Sculpture, f: Finishes, path: Sequence[Vec3], finish: Finish, radius_m: float = 0.012) -> None:
    """Handlebars from the stem to the left end, mirrored; the last piece is the grip with its lever."""
    out.add(mirrored_pair(tube(np.array(path), radius_m, 7)), finish)
    a, b = path[-2], path[-1]
    out.add(mirrored_pair(rod(a * 0.72 + b * 0.28, b, radius_m + 0.006, 8)), f.dark)
    lever = [a * 0.85 + b * 0.15 + vec(0.035, 0, -0.005), a * 0.1 + b * 0.9 + vec(0.055, 0, -0.022)]
    out.add(mirrored_pair(rod(lever[0], lever[1], 0.006, 5)), f.metal)


def grip_on(path: Sequence[Vec3]) -> tuple[Vec3, Vec3]:
    """Where a hand holds the last piece of a bar, and the direction of that, to the left."""
    a, b = path[-2], path[-1]
    along = b - a
    return a * 0.34 + b * 0.66, along / np.linalg.norm(along)


def spring(out: Sculpture, f: Finishes, low: Vec3, high: Vec3, radius_m: float, color: Color) -> None:
    """A shock absorber with its coil as a ribbed sleeve."""
    out.add(rod(low, high, radius_m * 0.45, 6), f.metal)
    turns = 3
    path = [low + (high - low) * (0.25 + 0.6 * k / (2 * turns)) for k in range(2 * turns + 1)]
    radii = [radius_m if k % 2 else radius_m * 0.72 for k in range(2 * turns + 1)]
    out.add(tube(np.array(path), radii, 6), f.of(color))


@lru_cache(maxsize=64)
def cast_wheel(radius_m: float, width_m: float, spokes: int, tag: Tag) -> Mesh:
    """A wheel with cast spokes, as scooters and e-bikes have, the same from both sides."""
    out, f = Sculpture(), Finishes(tag)
    lay = rotation_about(0, -math.pi / 2)
    out.add(
        torus(radius_m - width_m / 2, width_m / 2, 22, 6).turned(lay), f.of((26, 26, 27), Material.RUBBER)
    )
    rim = radius_m - width_m * 0.90
    alloy = f.of((70, 72, 76) if spokes % 2 else (168, 170, 174), Material.METAL)
    out.add(torus(rim, width_m * 0.20, 20, 4).turned(lay), alloy)
    hub = min(0.07, rim * 0.5)
    drum = [
        (hub * 0.7, -width_m * 0.5),
        (hub, -width_m * 0.42),
        (hub, width_m * 0.42),
        (hub * 0.7, width_m * 0.5),
    ]
    out.add(lathe(drum, 12).turned(lay), f.of((96, 98, 102), Material.METAL))
    for k in range(spokes):
        spoke = box((rim - hub * 0.6, width_m * 0.34, 0.026), ((rim + hub * 0.6) / 2, 0, 0))
        out.add(spoke.turned(rotation_about(1, k * 2 * math.pi / spokes)), alloy)
    disc = lathe([(rim * 0.56, width_m * 0.52), (rim * 0.56, width_m * 0.56)], 14)
    out.add(disc.turned(lay), f.metal)
    return out.mesh(f"light/cast_wheel/{tag}/{radius_m:.3f}/{width_m:.3f}/{spokes}")


@lru_cache(maxsize=64)
def wire_wheel(radius_m: float, tyre_m: float, spokes: int, tag: Tag, rim_rgb: Color) -> Mesh:
    """A wheel with wire spokes."""
    name = f"light/wire_wheel/{tag}/{radius_m:.3f}/{tyre_m:.3f}/{spokes}/{rim_rgb}"
    return wheels.spoked_wheel(radius_m, tyre_m, spokes, tag, name, rim_rgb)


@lru_cache(maxsize=32)
def disc_wheel(radius_m: float, width_m: float, tag: Tag) -> Mesh:
    """A wheel with a pressed disc, the same from both sides; tricycles and small vans."""
    out = Sculpture()
    f = Finishes(tag)
    lay = rotation_about(0, -math.pi / 2)
    half, rim = width_m / 2, radius_m * 0.64
    tyre = [(rim, -half * 0.9), (radius_m * 0.94, -half), (radius_m, -half * 0.6)]
    tyre += [(radius_m, half * 0.6), (radius_m * 0.94, half), (rim, half * 0.9)]
    out.add(lathe(tyre, 18).turned(lay), f.of((26, 26, 27), Material.RUBBER))
    for sign in (1.0, -1.0):
        dish = [(rim * 0.97, 0.95 * half), (rim * 0.74, 0.70 * half), (rim * 0.34, 0.92 * half)]
        flat = lathe([(rim * 0.98, 0.5 * half), *dish, (rim * 0.2, half)], 14)
        out.add(flat.scaled((1.0, 1.0, sign)).turned(lay), f.metal)
        for k in range(5):
            angle = k * 2 * math.pi / 5
            hole = lathe([(rim * 0.09, 0.6 * half), (rim * 0.09, 0.86 * half)], 5)
            spot = hole.moved((rim * 0.56 * math.cos(angle), rim * 0.56 * math.sin(angle), 0.0))
            out.add(spot.scaled((1.0, 1.0, sign)).turned(lay), f.dark)
    return out.mesh(f"light/disc_wheel/{tag}/{radius_m:.3f}/{width_m:.3f}")
