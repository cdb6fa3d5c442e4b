"""Waste, and what it is put into."""

from __future__ import annotations

import math

import numpy as np

from drivegen.embedded.assets.forms import box, icosphere, prism, rotation_about
from drivegen.embedded.assets.props.kit import Color, Kit
from drivegen.embedded.assets.props.small import CARDBOARD, can
from drivegen.embedded.mesh import Material

DARK, RUBBER = (46, 48, 50), (24, 24, 24)


def wheeled_container(kit: Kit) -> None:
    """A waste container on wheels with a sloping lid and grips."""
    green = (52, 88, 62)
    kit.block((0, 0, 0.42), (0.90, 0.88, 0.68), green, bevel_m=0.03)
    for x in (-0.30, 0.0, 0.30):
        kit.block((x, 0, 0.42), (0.05, 0.92, 0.66), (44, 76, 54))
    kit.block((0, 0, 0.78), (1.0, 1.0, 0.06), DARK, bevel_m=0.02)
    l, w, h = kit.size_lwh_m  # noqa: E741
    turn = np.array([[0.0, 0, 1.0], [1.0, 0, 0], [0, 1.0, 0]])
    lid = prism(
        [(-0.48 * w, 0.80 * h), (0.48 * w, 0.80 * h), (0.30 * w, h), (-0.40 * w, h)], -0.47 * l, 0.47 * l
    )
    kit.add(lid.closed().turned(turn), (40, 70, 50))
    for x in (-0.38, 0.38):
        for y in (-0.34, 0.34):
            kit.block((x, y, 0.05), (0.09, 0.07, 0.10), RUBBER, Material.RUBBER)
    for x in (-0.49, 0.49):
        kit.bar((x, -0.3, 0.66), (x, 0.3, 0.66), 0.018, (150, 153, 156))


def bottle_bank(kit: Kit) -> None:
    """A bell for glass with round holes."""
    green = (38, 120, 66)
    kit.turned(((0.86, 0.0), (0.92, 0.05)), DARK, sides=24)
    kit.turned(((0.94, 0.05), (1.0, 0.30), (0.96, 0.62), (0.74, 0.86), (0.40, 0.97)), green, sides=24)
    kit.turned(((0.12, 0.96), (0.12, 1.0)), DARK, sides=10)
    l, w, h = kit.size_lwh_m  # noqa: E741
    for k in range(4):
        angle = k * math.pi / 2
        c, s = math.cos(angle), math.sin(angle)
        ring = icosphere(2).scaled((0.16, 0.16, 0.16))
        kit.add(ring.moved((c * 0.42 * l, s * 0.42 * w, 0.66 * h)), (20, 22, 22))
        kit.add(box((0.5, 0.5, 0.30)).moved((c * 0.28 * l, s * 0.28 * w, 0.36 * h)), (232, 232, 228))


def clothes_bank(kit: Kit) -> None:
    """A steel bin for clothes with a tilting hatch."""
    blue = (196, 150, 40)
    kit.block((0, 0, 0.03), (0.94, 0.96, 0.06), DARK)
    kit.block((0, 0, 0.46), (0.96, 0.98, 0.82), blue, bevel_m=0.02)
    kit.block((0, 0, 0.92), (1.0, 1.0, 0.16), (150, 112, 30), bevel_m=0.04)
    kit.block((0.485, 0, 0.72), (0.03, 0.62, 0.24), (60, 62, 66), Material.METAL)
    kit.block((0.495, 0, 0.62), (0.01, 0.40, 0.03), (190, 193, 196), Material.METAL)
    kit.block((0.485, 0, 0.34), (0.02, 0.56, 0.30), (236, 234, 226))
    kit.block((0.492, 0, 0.36), (0.014, 0.34, 0.12), (60, 110, 170))


def creased_box(kit: Kit) -> None:
    """A carton torn open: its flaps lie around its bottom."""
    l, w, h = kit.size_lwh_m  # noqa: E741
    thick = min(0.006, 0.3 * h)
    kit.add(box((0.42 * l, 0.50 * w, thick), (0, 0, thick / 2)), CARDBOARD)
    rise = math.asin(min((h - thick) / (0.30 * l), 0.9))
    for k, (reach, span) in enumerate(((l, 0.50 * w), (w, 0.42 * l))):
        for side in (1.0, -1.0):
            near, far = 0.21 * l if k == 0 else 0.25 * w, reach / 2
            flap = box((far - near, span, thick), ((far - near) / 2, 0, thick / 2))
            tilt = -rise if side > 0 else -0.35 * rise
            shade = CARDBOARD if (k + side) > 0 else (172, 134, 92)
            turned = flap.turned(rotation_about(1, tilt)).moved((near, 0, 0))
            kit.add(
                turned.turned(rotation_about(2, (0.5 * math.pi * k) + (0 if side > 0 else math.pi))), shade
            )
    kit.add(box((0.42 * l, 0.03, thick * 1.05), (0, 0, thick * 0.53)), (206, 178, 130))


def broken_tile(kit: Kit) -> None:
    """A shard with uneven edges."""
    l, w, h = kit.size_lwh_m  # noqa: E741
    count = int(kit.rng.integers(5, 8))
    angle = np.sort(np.arange(count) * 2 * math.pi / count + kit.rng.uniform(-0.35, 0.35, count))
    reach = kit.rng.uniform(0.30, 0.5, count)
    outline = [(l * r * math.cos(a), w * r * math.sin(a)) for a, r in zip(angle, reach, strict=True)]
    kit.add(prism(outline, 0.0, 0.75 * h), (172, 112, 88))
    kit.add(prism([(0.97 * x, 0.97 * y) for x, y in outline], 0.75 * h, h), (206, 196, 182))


def litter(kit: Kit) -> None:
    """A can, a trodden can, a cup, a crumpled paper, a pizza carton, a trodden carton: by number."""
    number = int(kit.name.removeprefix("garbage"))
    {1: can, 2: _trodden, 3: _cup, 4: _crumpled, 5: _pizza, 6: creased_box}.get(number, _crumpled)(kit)


def _trodden(kit: Kit) -> None:
    kit.turned(
        ((0.9, 0.0), (1.0, 0.3), (0.94, 0.6), (0.98, 0.8), (0.7, 1.0)), (186, 40, 40), Material.METAL, 14
    )
    kit.turned(((0.62, 0.9), (0.6, 1.06)), (190, 192, 196), Material.METAL, 12)


def _cup(kit: Kit) -> None:
    kit.turned(((0.70, 0.0), (0.92, 0.90)), (224, 216, 200), sides=14)
    kit.turned(((0.78, 0.30), (0.87, 0.62)), (120, 70, 44), sides=14)
    kit.turned(((1.0, 0.90), (1.0, 0.95), (0.8, 1.0)), (240, 240, 238), sides=14)


def _crumpled(kit: Kit) -> None:
    l, w, h = kit.size_lwh_m  # noqa: E741
    ball = icosphere(2)
    noise = kit.rng.uniform(0.72, 1.0, size=(len(ball.points_m), 1))
    shaped = type(ball)(points_m=ball.points_m * noise, faces=ball.faces)
    kit.sculpture.add(
        shaped.scaled((l / 2, w / 2, h / 2)).moved((0, 0, h / 2)), kit.finish((222, 220, 212)), crease_rad=0.0
    )


def _pizza(kit: Kit) -> None:
    kit.block((0, 0, 0.40), (1.0, 1.0, 0.8), (206, 186, 150))
    kit.block((0, 0, 0.90), (1.0, 1.0, 0.2), (226, 214, 190))
    for x, y in ((0.0, 0.0), (0.28, 0.24), (-0.26, -0.22)):
        kit.block((x, y, 0.97), (0.16, 0.16, 0.06), (186, 52, 40))


def bag(kit: Kit, at_m: tuple[float, float, float], size_m: tuple[float, float, float], color: Color) -> None:
    """A tied bag standing somewhere."""
    ball = icosphere(2)
    lumps = 1.0 + 0.12 * np.sin(ball.points_m[:, 0] * 7 + 1) * np.cos(ball.points_m[:, 1] * 6)
    points = ball.points_m * lumps[:, None]
    points[:, 2] = np.maximum(points[:, 2], -0.7)
    shaped = type(ball)(points_m=points, faces=ball.faces)
    l, w, h = size_m  # noqa: E741
    kit.add(shaped.scaled((l / 2, w / 2, h * 0.55)).moved((at_m[0], at_m[1], at_m[2] + h * 0.40)), color)


def platform(kit: Kit) -> None:
    """A pallet of boards with bags and cartons thrown on it."""
    l, w, h = kit.size_lwh_m  # noqa: E741
    wood = (146, 112, 76)
    for y in (-0.44, 0.0, 0.44):
        kit.block((0, y, 0.10), (1.0, 0.08, 0.20), wood)
    for k in range(9):
        kit.block((-0.46 + 0.115 * k, 0, 0.24), (0.09, 1.0, 0.08), wood)
    for k in range(8):
        x, y = (float(v) for v in kit.rng.uniform(-0.36, 0.36, 2))
        size = (0.42, 0.40, 0.72 * h)
        if k % 3 == 2:
            kit.add(box((0.36, 0.28, 0.5 * h), (x * l, y * w, 0.53 * h)), CARDBOARD)
        else:
            color = ((34, 36, 40), (196, 198, 200), (40, 70, 120))[k % 3]
            bag(kit, (x * l, y * w, 0.28 * h), size, color)
