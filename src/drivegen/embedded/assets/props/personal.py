"""What people carry: helmets, a guitar's case, a telephone, a watering can."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from jaxtyping import Bool

from drivegen.embedded.assets.forms import ellipsoid, prism, tube
from drivegen.embedded.assets.props.kit import Kit
from drivegen.embedded.assets.sculpt import Points, Shape
from drivegen.embedded.mesh import Material

BLACK, STEEL = (26, 27, 30), (160, 163, 167)


def bike_helmet(kit: Kit) -> None:
    """A shell with vents from front to back, its front along y."""
    l, w, h = kit.size_lwh_m  # noqa: E741
    shell = ellipsoid((l / 2, w / 2, h * 0.86), (0, 0, h * 0.14), 22, 12)
    kit.add(_part(shell, lambda p: p[:, 2] >= h * 0.10), (36, 96, 190), Material.PAINT)
    inner = ellipsoid((l * 0.45, w * 0.45, h * 0.78), (0, 0, h * 0.14), 16, 8)
    kit.add(inner, BLACK)
    for x in (-0.30, -0.10, 0.10, 0.30):
        reach = 0.5 * math.sqrt(1.0 - (2 * x) ** 2) * 0.9
        ends = [(x * l * 1.0, s * reach * w, h * 0.42) for s in (-1, 1)]
        top = (x * l, 0.0, h * (0.14 + 0.875 * math.sqrt(1.0 - (2 * x) ** 2)))
        middles = [
            ((a[0] + top[0]) / 2 * 1.04, (a[1] + top[1]) / 2 * 1.35, (a[2] + top[2]) / 2 * 1.09) for a in ends
        ]
        kit.add(tube([ends[0], middles[0], top, middles[1], ends[1]], l * 0.035, 6), BLACK)
    kit.add(tube([(-0.42 * l, 0, h * 0.2), (0, 0, 0.0), (0.42 * l, 0, h * 0.2)], l * 0.02, 5), BLACK)


def motor_helmet(kit: Kit) -> None:
    """A full helmet with a visor, its front along y."""
    l, w, h = kit.size_lwh_m  # noqa: E741
    kit.add(ellipsoid((l / 2, w / 2, h * 0.52), (0, 0, h * 0.48), 24, 14), (190, 30, 36), Material.PAINT)
    visor = ellipsoid((l * 0.51, w * 0.51, h * 0.53), (0, 0, h * 0.48), 28, 18)
    seen = _part(visor, lambda p: (p[:, 1] > w * 0.12) & (p[:, 2] > h * 0.40) & (p[:, 2] < h * 0.72))
    kit.add(seen, (20, 24, 30), Material.GLASS)
    kit.turned(((0.74, 0.0), (0.78, 0.10)), BLACK)


def guitar_case(kit: Kit) -> None:
    """A case in the outline of its guitar, standing on its side."""
    l, w, h = kit.size_lwh_m  # noqa: E741
    half = [
        (-0.50, 0.18), (-0.46, 0.38), (-0.36, 0.49), (-0.24, 0.46), (-0.15, 0.34), (-0.05, 0.36),
        (0.04, 0.34), (0.10, 0.20), (0.30, 0.15), (0.46, 0.17), (0.50, 0.10),
    ]  # fmt: skip
    outline = [(x * l, z * h) for x, z in half] + [(x * l, -z * h) for x, z in half[::-1]]
    turn = np.array([[1.0, 0, 0], [0, 0, -1.0], [0, 1.0, 0]])
    for low, high, grow, color in ((-0.5, 0.5, 0.97, (34, 30, 30)), (-0.06, 0.06, 1.0, (70, 62, 58))):
        solid = prism([(x * grow, z * grow) for x, z in outline[::-1]], low * w, high * w).closed()
        kit.add(solid.turned(turn).moved((0, 0, h / 2)), color)
    handle = [(-0.16, 0.86), (-0.14, 0.93), (-0.04, 0.93), (-0.02, 0.85)]
    kit.add(tube([(x * l, 0, z * h) for x, z in handle], 0.012, 6), BLACK)


def telephone(kit: Kit) -> None:
    """A telephone standing on its edge, its screen along y."""
    kit.block((0, 0, 0.5), (1.0, 0.7, 1.0), BLACK, bevel_m=0.002)
    kit.block((0, 0.40, 0.5), (0.92, 0.2, 0.94), (70, 110, 150), Material.GLASS)
    kit.block((-0.28, -0.42, 0.88), (0.28, 0.16, 0.14), (60, 62, 66))


def watering_can(kit: Kit) -> None:
    """A can with a spout and a handle, along y."""
    l, w, h = kit.size_lwh_m  # noqa: E741
    green = (46, 116, 72)
    body = ellipsoid((l / 2, w * 0.24, h * 0.40), (0, -w * 0.12, h * 0.36), 16, 10)
    kit.add(_flat(body, 0.0), green)
    spout = [(0, w * 0.02, h * 0.20), (0, w * 0.24, h * 0.46), (0, w * 0.42, h * 0.86)]
    kit.add(tube(spout, [0.09 * h, 0.06 * h, 0.05 * h], 8), green)
    kit.add(ellipsoid((l * 0.30, w * 0.06, h * 0.10), (0, w * 0.44, h * 0.90), 10, 6), STEEL, Material.METAL)
    grip = [
        (0, w * 0.02, h * 0.66),
        (0, -w * 0.10, h * 0.97),
        (0, -w * 0.34, h * 0.94),
        (0, -w * 0.46, h * 0.40),
    ]
    kit.add(tube(grip, 0.05 * h, 6), green)


def _part(shape: Shape, chosen: Callable[[Points], Bool[np.ndarray, "t"]]) -> Shape:
    """The faces whose middle is chosen."""
    middle = shape.points_m[shape.faces].mean(axis=1)
    return Shape(points_m=shape.points_m, faces=shape.faces[chosen(middle)])


def _flat(shape: Shape, low_m: float) -> Shape:
    """The shape with a flat foot."""
    points = shape.points_m.copy()
    points[:, 2] = np.maximum(points[:, 2], low_m)
    return Shape(points_m=points, faces=shape.faces)
