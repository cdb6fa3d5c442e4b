"""Heads: neck, face, hair, headgear. Origin at the foot of the neck; lengths in head heights until scaled."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float64

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import box, ellipsoid, loft, mirrored_pair, tube
from drivegen.embedded.assets.people.build import Build, Hair
from drivegen.embedded.assets.sculpt import Finish, Sculpture, Shape
from drivegen.embedded.mesh import Material

Ring = Float64[np.ndarray, "n 3"]
Put = Callable[[Shape, Finish], None]


def body_ring(
    z: float,
    half_width: float,
    front: float,
    back: float,
    power: float = 2.3,
    sides: int = 12,
    y: float = 0.0,
) -> Ring:
    """A level section of a body: from `back` to `front` along x, rounded by a superellipse."""
    angle = np.arange(sides) * (2 * math.pi / sides)
    c, s = np.cos(angle), np.sin(angle)
    round_to = 2.0 / power
    middle, half = (front + back) / 2, (front - back) / 2
    x = middle + half * np.sign(c) * np.abs(c) ** round_to
    across = half_width * np.sign(s) * np.abs(s) ** round_to
    return np.stack([x, y + across, np.full(sides, z)], axis=1)


FACE = (
    # rise, half width, front, back: a head one unit high from chin to crown
    (-0.01, 0.10, 0.34, 0.02),
    (0.03, 0.19, 0.39, -0.10),
    (0.14, 0.255, 0.41, -0.24),
    (0.27, 0.29, 0.415, -0.34),
    (0.42, 0.32, 0.41, -0.42),
    (0.52, 0.33, 0.405, -0.45),
    (0.60, 0.335, 0.43, -0.46),
    (0.74, 0.325, 0.41, -0.44),
    (0.86, 0.27, 0.32, -0.36),
    (0.95, 0.16, 0.17, -0.22),
    (1.0, 0.02, 0.0, -0.05),
)
SHORT_HAIR = (
    (0.20, 0.20, -0.14, -0.37),
    (0.34, 0.33, -0.08, -0.45),
    (0.50, 0.36, 0.02, -0.50),
    (0.64, 0.375, 0.16, -0.51),
    (0.74, 0.37, 0.34, -0.49),
    (0.80, 0.345, 0.43, -0.46),
    (0.90, 0.28, 0.38, -0.38),
    (1.0, 0.16, 0.20, -0.22),
    (1.045, 0.02, 0.02, -0.04),
)
LONG_HAIR = (
    (-0.55, 0.25, -0.17, -0.38),
    (-0.35, 0.32, -0.12, -0.44),
    (-0.10, 0.36, -0.06, -0.46),
    (0.15, 0.375, -0.02, -0.47),
)


def _solid(rows: Sequence[tuple[float, float, float, float]], sides: int = 12, power: float = 2.25) -> Shape:
    return loft([body_ring(z, w, f, b, power, sides) for z, w, f, b in rows])


def head_top(build: Build) -> float:
    """Top of hair or headgear above the chin, in head heights."""
    return {Hair.CAP: 1.07, Hair.HELMET: 1.10, Hair.FULL_HELMET: 1.12, Hair.BALD: 1.0}.get(build.hair, 1.045)


def add_head(sculpture: Sculpture, build: Build, tag: Tag) -> None:
    """Adds neck and head in metres, with the foot of the neck at the origin."""
    unit = build.head * build.height_m / head_top(build)
    neck_m = (1.0 - build.head) * build.height_m - _neck_foot(build) * build.height_m
    chin = np.array([0.02 * unit / 0.22, 0.0, neck_m])

    def put(shape: Shape, finish: Finish) -> None:
        sculpture.add(shape.scaled((unit, unit, unit)).moved(chin), finish)

    skin = Finish(build.skin, Material.MATTE, tag)
    shade = tuple(int(c * 0.80) for c in build.skin)
    neck = [
        (-0.10, 0.245, 0.13, -0.34),
        (neck_m / unit * 0.55, 0.22, 0.12, -0.34),
        (neck_m / unit + 0.22, 0.22, 0.10, -0.33),
    ]
    sculpture.add(
        loft([body_ring(z * unit, w * unit, f * unit, b * unit, 2.0, 10) for z, w, f, b in neck]), skin
    )
    if build.hair == Hair.FULL_HELMET:
        _add_full_helmet(put, build, tag)
        return
    put(_solid(FACE), skin)
    put(mirrored_pair(ellipsoid((0.075, 0.03, 0.12), (-0.02, 0.335, 0.44), 6, 3)), skin)
    put(ellipsoid((0.09, 0.055, 0.10), (0.41, 0.0, 0.335), 6, 3), skin)
    put(tube([(0.40, 0.0, 0.54), (0.455, 0.0, 0.36)], [0.035, 0.052], 5), skin)
    put(
        mirrored_pair(ellipsoid((0.045, 0.062, 0.034), (0.375, 0.145, 0.485), 6, 3)),
        Finish((236, 234, 230), Material.MATTE, tag),
    )
    put(
        mirrored_pair(ellipsoid((0.03, 0.03, 0.03), (0.405, 0.14, 0.485), 5, 2)),
        Finish((34, 24, 20), Material.MATTE, tag),
    )
    brow = Finish(build.hair_color, Material.MATTE, tag)
    put(mirrored_pair(box((0.05, 0.13, 0.024), (0.40, 0.145, 0.56))), brow)
    lips = (min(shade[0] + 20, 255), int(shade[1] * 0.78), int(shade[2] * 0.78))
    put(ellipsoid((0.05, 0.095, 0.026), (0.385, 0.0, 0.185), 6, 3), Finish(lips, Material.MATTE, tag))
    _add_hair(put, build, tag)


def _neck_foot(build: Build) -> float:
    """Height of the foot of the neck, as a share of the body's."""
    return build.shoulder + 0.030


def _add_hair(put: Put, build: Build, tag: Tag) -> None:
    hair = Finish(build.hair_color, Material.MATTE, tag)
    if build.hair == Hair.BALD:
        rim = (
            (0.22, 0.20, -0.16, -0.40),
            (0.36, 0.345, -0.08, -0.46),
            (0.52, 0.36, -0.06, -0.49),
            (0.66, 0.34, -0.14, -0.48),
        )
        put(_solid(rim), hair)
        return
    if build.hair == Hair.LONG:
        put(_solid(LONG_HAIR + SHORT_HAIR[1:]), hair)
        return
    if build.hair in (Hair.SHORT, Hair.TAIL):
        put(_solid(SHORT_HAIR), hair)
        if build.hair == Hair.TAIL:
            put(
                tube(
                    [(-0.46, 0, 0.72), (-0.54, 0, 0.60), (-0.54, 0, 0.25), (-0.50, 0, -0.05)],
                    [0.09, 0.10, 0.09, 0.02],
                    8,
                ),
                hair,
            )
        return
    put(_solid(SHORT_HAIR[:5]), hair)
    if build.hair == Hair.CAP:
        cloth = Finish(build.accent, Material.MATTE, tag)
        rows = (
            (0.68, 0.375, 0.44, -0.50),
            (0.78, 0.37, 0.44, -0.49),
            (0.93, 0.31, 0.36, -0.42),
            (1.03, 0.17, 0.20, -0.24),
            (1.07, 0.03, 0.0, -0.06),
        )
        put(_solid(rows), cloth)
        put(loft([body_ring(z, 0.27, 0.72, 0.20, 2.6, 12) for z in (0.685, 0.715)]), cloth)
        return
    shell = Finish(build.accent, Material.PAINT, tag)
    rows = (
        (0.66, 0.37, 0.42, -0.50),
        (0.72, 0.41, 0.48, -0.55),
        (0.88, 0.37, 0.42, -0.50),
        (1.03, 0.22, 0.24, -0.31),
        (1.10, 0.03, 0.0, -0.06),
    )
    put(_solid(rows), shell)
    for y in (-0.16, 0.0, 0.16):
        slot = ellipsoid((0.30, 0.035, 0.03), (-0.03, y, 1.055 - abs(y) * 0.35), 6, 4)
        put(slot, Finish((24, 24, 26), Material.MATTE, tag))
    strap = tube([(0.05, 0.36, 0.66), (0.10, 0.30, 0.20), (0.22, 0.12, -0.02)], 0.022, 4)
    put(mirrored_pair(strap), Finish((24, 24, 26), Material.MATTE, tag))


def _add_full_helmet(put: Put, build: Build, tag: Tag) -> None:
    rows = (
        (-0.04, 0.25, 0.34, -0.30),
        (0.02, 0.33, 0.50, -0.40),
        (0.26, 0.40, 0.56, -0.52),
        (0.50, 0.43, 0.50, -0.57),
        (0.76, 0.42, 0.48, -0.56),
        (0.96, 0.31, 0.34, -0.42),
        (1.08, 0.15, 0.14, -0.20),
        (1.12, 0.02, 0.0, -0.04),
    )
    put(_solid(rows), Finish(build.accent, Material.PAINT, tag))
    visor = []
    for z, half, front in (
        (0.40, 0.425, 0.545),
        (0.52, 0.437, 0.525),
        (0.66, 0.435, 0.50),
        (0.74, 0.425, 0.48),
    ):
        angle = np.linspace(-1.15, 1.15, 9)
        visor.append(np.stack([front * np.cos(angle) ** 0.8, half * np.sin(angle), np.full(9, z)], axis=1))
    put(_visor(np.array(visor)), Finish((26, 30, 34), Material.GLASS, tag))


def _visor(rows: Float64[np.ndarray, "m n 3"]) -> Shape:
    """A thin closed sheet through a curved patch."""
    inner = rows * np.array([0.9, 0.97, 1.0])
    rings = [np.concatenate([outer, back[::-1]]) for outer, back in zip(rows, inner, strict=True)]
    return loft(rings)
