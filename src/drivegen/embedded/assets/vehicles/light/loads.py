"""What light vehicles carry and wear: baskets, boxes, child seats, quilts against the wind, rain capes."""

from __future__ import annotations

import math

import numpy as np

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import box, ellipsoid, loft, mirrored_pair, rod, tube
from drivegen.embedded.assets.people.head import body_ring
from drivegen.embedded.assets.people.limbs import Vec3
from drivegen.embedded.assets.sculpt import Finish, Sculpture
from drivegen.embedded.assets.vehicles.light.kit import Color, Finishes, darker, vec
from drivegen.embedded.mesh import Material

COURIER_KITS: tuple[tuple[Color, Color], ...] = (
    # main colour, second colour
    ((246, 190, 22), (28, 28, 30)),
    ((24, 124, 214), (236, 240, 244)),
    ((238, 108, 32), (40, 40, 44)),
    ((34, 160, 132), (238, 240, 238)),
    ((206, 34, 44), (236, 236, 234)),
)
"""Colours of meal and parcel services; nobody's in particular."""


def wire_basket(out: Sculpture, base: Vec3, size_m: tuple[float, float, float], finish: Finish) -> None:
    """An open basket of wire about the middle of its floor."""
    lx, ly, lz = size_m[0] / 2, size_m[1] / 2, size_m[2]
    for dz, grow in ((0.0, 0.84), (lz * 0.5, 0.92), (lz, 1.0)):
        loop = [base + vec(a * lx * grow, b * ly * grow, dz) for a, b in ((1, 1), (-1, 1), (-1, -1), (1, -1))]
        for p, q in zip(loop, loop[1:] + loop[:1], strict=True):
            out.add(rod(p, q, 0.006 if dz == lz else 0.004, 4), finish)
    posts = [(x, y) for x in (-1.0, -0.33, 0.33, 1.0) for y in (-1.0, 1.0)]
    posts += [(x, y) for x in (-1.0, 1.0) for y in (-0.5, 0.0, 0.5)]
    for a, b in posts:
        low = base + vec(a * lx * 0.84, b * ly * 0.84, 0.0)
        out.add(rod(low, base + vec(a * lx, b * ly, lz), 0.0035, 4), finish)
    out.add(box((size_m[0] * 0.84, size_m[1] * 0.84, 0.006), base), finish)


def tub_basket(out: Sculpture, base: Vec3, size_m: tuple[float, float, float], finish: Finish) -> None:
    """An open basket of plastic about the middle of its floor."""
    lx, ly, lz = size_m[0] / 2, size_m[1] / 2, size_m[2]
    rings = []
    for dz, grow, inner in ((0.0, 0.80, 0.0), (lz, 1.0, 0.0), (lz + 0.006, 0.97, 0.0), (0.02, 0.78, 0.0)):
        corner = 0.25
        outline = [(1, corner - 1), (1, 1 - corner), (1 - corner, 1), (corner - 1, 1)]
        outline += [(-a, -b) for a, b in outline]
        rings.append(np.array([base + vec(a * lx * grow, b * ly * grow, dz + inner) for a, b in outline]))
    out.add(loft(rings), finish)


def insulated_box(
    out: Sculpture, f: Finishes, base: Vec3, size_m: tuple[float, float, float], main: Color, second: Color
) -> None:
    """A courier's box, about the middle of its floor: lid, edge bands, a bright field, reflecting strips."""
    lx, ly, lz = size_m
    out.add(
        box((lx, ly, lz * 0.80), base + vec(0, 0, lz * 0.40), 0.022),
        f.of(main, Material.SATIN),
        crease_rad=0.5,
    )
    out.add(
        box((lx * 1.02, ly * 1.02, lz * 0.15), base + vec(0, 0, lz * 0.885), 0.03), f.of(main, Material.SATIN)
    )
    out.add(box((lx * 1.005, ly * 1.005, 0.022), base + vec(0, 0, lz * 0.80)), f.of(second))
    out.add(box((lx * 1.01, ly * 1.01, 0.05), base + vec(0, 0, 0.03)), f.dark)
    field = f.of(second, Material.SATIN)
    out.add(box((lx * 0.62, ly * 1.012, lz * 0.26), base + vec(0, 0, lz * 0.46)), field)
    out.add(box((lx * 1.012, ly * 0.62, lz * 0.26), base + vec(0, 0, lz * 0.46)), field)
    silver = f.of((206, 210, 214), Material.RETRO)
    out.add(box((lx * 1.014, ly * 0.86, 0.03), base + vec(0, 0, lz * 0.20)), silver)
    out.add(box((lx * 0.86, ly * 1.014, 0.03), base + vec(0, 0, lz * 0.20)), silver)


def top_case(out: Sculpture, f: Finishes, base: Vec3, color: Color, wide_m: float = 0.38) -> None:
    """A rounded lockable case about the middle of its floor."""
    rings = []
    for z, grow in (
        (0.0, 0.74),
        (0.03, 0.90),
        (0.13, 1.0),
        (0.16, 1.0),
        (0.25, 0.92),
        (0.29, 0.70),
        (0.30, 0.3),
    ):
        rings.append(
            body_ring(z, wide_m / 2 * grow, wide_m * 0.48 * grow, -wide_m * 0.48 * grow, 3.2, 14) + base
        )
    out.add(loft(rings), f.of(color, Material.SATIN))
    band = [
        body_ring(z, wide_m / 2 * 1.012, wide_m * 0.487, -wide_m * 0.487, 3.2, 14) + base
        for z in (0.138, 0.152)
    ]
    out.add(loft(band), f.dark)
    out.add(box((0.02, wide_m * 0.55, 0.05), base + vec(-wide_m * 0.475, 0, 0.09), 0.008), f.red)


def rack(out: Sculpture, f: Finishes, front: Vec3, length_m: float, half_m: float) -> None:
    """A luggage rack of tubes that runs back from a place over the rear wheel."""
    for y in (half_m, -half_m, 0.0):
        out.add(rod(front + vec(0, y, 0), front + vec(-length_m, y, 0), 0.008, 5), f.metal)
    for x in (-0.02, -length_m * 0.5, -length_m):
        out.add(rod(front + vec(x, -half_m, 0), front + vec(x, half_m, 0), 0.008, 5), f.metal)


def child_seat(out: Sculpture, f: Finishes, base: Vec3, color: Color) -> tuple[Vec3, Vec3, Vec3]:
    """A child's seat about the middle of its pan; gives hips' place, left hand's and left foot's."""
    shell = f.of(color, Material.SATIN)
    out.add(box((0.27, 0.28, 0.05), base + vec(0, 0, 0.0), 0.02), shell)
    rings = []
    for z, half, back in ((0.0, 0.14, -0.15), (0.15, 0.15, -0.17), (0.33, 0.135, -0.20), (0.40, 0.09, -0.21)):
        rings.append(body_ring(z, half, back + 0.035, back, 3.0, 10) + base)
    out.add(loft(rings), shell)
    out.add(mirrored_pair(box((0.22, 0.025, 0.14), base + vec(-0.03, 0.145, 0.07), 0.01)), shell)
    bow = [base + vec(-0.05, 0.145, 0.13), base + vec(0.16, 0.13, 0.19), base + vec(0.18, 0.0, 0.20)]
    out.add(mirrored_pair(tube(np.array(bow), 0.012, 6)), f.dark)
    out.add(mirrored_pair(box((0.13, 0.075, 0.02), base + vec(0.155, 0.185, -0.245), 0.006)), f.dark)
    out.add(
        mirrored_pair(rod(base + vec(0.10, 0.14, -0.02), base + vec(0.12, 0.18, -0.24), 0.012, 5)), f.dark
    )
    return base + vec(-0.03, 0, 0.025), base + vec(0.165, 0.10, 0.20), base + vec(0.17, 0.185, -0.23)


def quilt(
    out: Sculpture,
    f: Finishes,
    bar_m: Vec3,
    grip_m: Vec3,
    knee_m: Vec3,
    half_m: float,
    color: Color,
    trim: Color,
) -> None:
    """The padded apron of winter, from the bars down over the knees, with muffs over the hands.

    Args:
        out: takes it.
        f: finishes.
        bar_m: middle of the bars.
        grip_m: the left one.
        knee_m: middle of its hem before the shins.
        half_m: half its width at the bars.
        color: of the cloth.
        trim: of its border.
    """
    cloth, border = f.of(color), f.of(trim)
    share = np.linspace(-1.0, 1.0, 9)
    rings = []
    for k, z in enumerate(np.linspace(knee_m[2], bar_m[2] + 0.05, 8)):
        t = k / 7
        x = knee_m[0] + (bar_m[0] - knee_m[0]) * t
        half = half_m * (0.74 + 0.26 * math.sin(min(t * 1.25, 1.0) * math.pi / 2))
        pad = 0.012 if k % 2 else 0.0
        back = 0.17 * np.abs(share) ** 2.4
        front = np.stack([x - back + pad, half * share, np.full(9, z)], axis=1)
        behind = front[::-1] - np.array([0.035 + pad, 0.0, 0.0])
        rings.append(np.concatenate([front, behind * np.array([1.0, 0.95, 1.0])]))
    out.add(loft(rings), cloth)
    hem = [rings[0] - vec(0, 0, 0.02), rings[0] + vec(0, 0, 0.012)]
    grown = [h * np.array([1.0, 1.02, 1.0]) + vec(0.004, 0, 0) for h in hem]
    out.add(loft(grown), border)
    muff = ellipsoid((0.135, 0.105, 0.10), grip_m + vec(0.01, 0.01, 0.025), 12, 8)
    out.add(mirrored_pair(muff), cloth, crease_rad=1.2)


def cape(
    out: Sculpture, neck_m: Vec3, shoulder_half_m: float, hand_m: Vec3, back_m: float, color: Color
) -> None:
    """A rain cape over a rider: from the neck over shoulders and hands, hanging behind and at the sides.

    Args:
        out: takes it.
        neck_m: foot of the neck.
        shoulder_half_m: of the rider.
        hand_m: the left hand.
        back_m: x of the rider's back at the hips.
        color: of the cape.
    """
    finish = Finish(color, Material.MATTE, Tag.RIDER)
    x, z = float(neck_m[0]), float(neck_m[2])
    wide = max(abs(float(hand_m[1])) + 0.07, shoulder_half_m + 0.10)
    hem, over, chest = float(hand_m[2]) - 0.22, float(hand_m[2]) + 0.085, z - 0.08
    broad = shoulder_half_m + 0.15
    rows = [
        # level, half width, front, back, squareness
        (hem, wide * 1.02, float(hand_m[0]) + 0.14, back_m - 0.12, 3.6),
        (hem + 0.08, wide, float(hand_m[0]) + 0.14, back_m - 0.10, 3.8),
        (float(hand_m[2]) + 0.035, wide, float(hand_m[0]) + 0.12, back_m - 0.07, 4.0),
        (over, wide * 0.97, float(hand_m[0]) + 0.04, back_m - 0.06, 3.6),
        (over * 0.62 + chest * 0.38, wide * 0.50 + broad * 0.50, x + 0.24, back_m - 0.05, 3.0),
        (over * 0.25 + chest * 0.75, wide * 0.14 + broad * 0.86, x + 0.15, x - 0.20, 2.7),
        (chest, shoulder_half_m + 0.125, x + 0.125, x - 0.175, 2.6),
        (z - 0.015, shoulder_half_m * 1.0, x + 0.10, x - 0.145, 2.3),
        (z + 0.035, 0.085, x + 0.075, x - 0.085, 2.1),
        (z + 0.06, 0.07, x + 0.06, x - 0.07, 2.0),
    ]
    wave = np.cos(np.arange(24) * 6 * 2 * math.pi / 24)
    rings = []
    for k, (level, half, front, back, power) in enumerate(rows):
        ring = body_ring(level, half, front, back, power, 24)
        flutter = 0.018 * max(0.0, 1.0 - k / 3.0)
        middle = np.array([(front + back) / 2, 0.0, level])
        out_by = ring - middle
        length = np.linalg.norm(out_by, axis=1, keepdims=True)
        rings.append(ring + out_by / np.maximum(length, 1e-9) * flutter * wave[:, None])
    inside = [
        (np.asarray(r) - np.array([np.mean(r[:, 0]), 0, 0])) * np.array([0.94, 0.94, 1.0])
        + np.array([np.mean(r[:, 0]), 0, 0])
        for r in (rings[0], rings[2])
    ]
    out.add(loft([inside[1] - vec(0, 0, 0.02), inside[0], *rings]), finish, crease_rad=1.2)


def sacks(out: Sculpture, f: Finishes, places: list[tuple[Vec3, float, Color]]) -> None:
    """Bags of plastic or cloth: (middle, radius, colour)."""
    for centre, radius, color in places:
        out.add(ellipsoid((radius, radius * 0.85, radius * 1.1), centre, 9, 6), f.of(color, Material.SATIN))
        out.add(
            rod(centre + vec(0, 0, radius * 0.95), centre + vec(0, 0, radius * 1.4), radius * 0.18, 5),
            f.of(darker(color, 0.9)),
        )


def cartons(
    out: Sculpture, f: Finishes, low: Vec3, size_m: tuple[float, float, float], rng: np.random.Generator
) -> None:
    """A stack of parcels that fills a block whose lowest corner in x and y is `low`."""
    lx, ly, lz = size_m
    tones: tuple[Color, ...] = (
        (184, 146, 100),
        (170, 130, 86),
        (196, 160, 116),
        (206, 204, 198),
        (158, 120, 80),
    )
    columns, rows = max(1, round(lx / 0.38)), max(1, round(ly / 0.36))
    for i in range(columns):
        for j in range(rows):
            z = 0.0
            while True:
                tall = float(rng.uniform(0.18, 0.34))
                if z + tall > lz:
                    break
                dx, dy = lx / columns, ly / rows
                size = (dx * float(rng.uniform(0.84, 0.97)), dy * float(rng.uniform(0.84, 0.97)), tall * 0.98)
                centre = low + vec(dx * (i + 0.5), dy * (j + 0.5), z + tall / 2)
                out.add(box(size, centre), f.of(tones[int(rng.integers(len(tones)))]))
                out.add(
                    box((size[0] * 1.004, 0.05, size[2] * 1.004), centre),
                    f.of((214, 196, 150), Material.SATIN),
                )
                z += tall
