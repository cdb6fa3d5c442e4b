"""Trees and hedges: a trunk, crowns of leaf clumps around a dark core."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import box, icosphere, tube
from drivegen.embedded.assets.sculpt import Finish, Sculpture, Shape
from drivegen.embedded.mesh import Material, MeshLibrary

Color = tuple[int, int, int]
Vec3 = Float64[np.ndarray, "3"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeForm:
    """What one kind of tree looks like."""

    height_m: float
    crown_low_m: float
    """Below it there is only trunk."""
    crown_radius_m: float
    blobs: int
    trunk_m: float
    """Radius at the foot."""
    leaf: Color
    upright: bool = False
    """A column of leaves, as poplars have."""


SCHOLAR = TreeForm(
    height_m=8.2, crown_low_m=3.0, crown_radius_m=2.9, blobs=7, trunk_m=0.16, leaf=(74, 104, 52)
)
SCHOLAR_YOUNG = TreeForm(
    height_m=6.4, crown_low_m=2.7, crown_radius_m=2.1, blobs=6, trunk_m=0.12, leaf=(82, 112, 56)
)
PLANE = TreeForm(height_m=10.2, crown_low_m=3.3, crown_radius_m=3.4, blobs=8, trunk_m=0.20, leaf=(66, 96, 48))
POPLAR = TreeForm(
    height_m=13.5,
    crown_low_m=3.0,
    crown_radius_m=1.7,
    blobs=10,
    trunk_m=0.17,
    leaf=(78, 108, 60),
    upright=True,
)
ORNAMENTAL = TreeForm(
    height_m=3.6, crown_low_m=1.5, crown_radius_m=1.1, blobs=3, trunk_m=0.06, leaf=(128, 74, 66)
)
BUSH = TreeForm(height_m=1.3, crown_low_m=0.05, crown_radius_m=0.9, blobs=2, trunk_m=0.04, leaf=(70, 100, 46))
LEAVES = 54
"""Sprays on one lump of a crown."""
BARK: Color = (86, 74, 62)


def clump(
    out: Sculpture, centre: Vec3, radii: Vec3, leaf: Color, rng: np.random.Generator, cards: int
) -> None:
    """A lump of foliage: a dark core and leaf sprays on its skin, their normals pointing out of the lump."""
    ball = icosphere(0)
    bumpy = ball.points_m * rng.uniform(0.60, 0.80, size=(len(ball.points_m), 1))
    shade = rng.uniform(0.85, 1.1)
    core = Finish(_scaled(leaf, 0.58 * shade), Material.FOLIAGE, Tag.VEGETATION)
    out.add(Shape(points_m=bumpy * radii + centre, faces=ball.faces), core, normals=ball.points_m)
    lift = np.arange(cards) + 0.5
    z = 1 - 1.86 * lift / cards
    turn = lift * math.pi * (1 + math.sqrt(5)) + rng.uniform(0, 6)
    flat = np.sqrt(1 - z**2)
    directions = np.stack([flat * np.cos(turn), flat * np.sin(turn), z], axis=1)
    middles = centre + directions * radii * rng.uniform(0.74, 1.08, size=(cards, 1))
    bright = 0.80 + 0.26 * np.maximum(z, -0.4) + rng.uniform(-0.14, 0.14, cards)
    size = float(np.mean(radii)) * rng.uniform(0.9, 1.1) * math.sqrt(8.5 / cards)
    add_sprays(out, middles, directions, size, [_scaled(leaf, float(v) * shade) for v in bright], rng)


def add_sprays(
    out: Sculpture,
    middles: Float64[np.ndarray, "n 3"],
    outward: Float64[np.ndarray, "n 3"],
    size_m: float,
    colors: list[Color],
    rng: np.random.Generator,
) -> None:
    """Leaf sprays: tilted triangles whose normals point outward from what they grow on."""
    count = len(middles)
    tilt = outward + rng.normal(0, 0.42, (count, 3))
    tilt /= np.linalg.norm(tilt, axis=1, keepdims=True)
    tilt = np.where((tilt * outward).sum(axis=1, keepdims=True) < 0.3, outward, tilt)
    side = np.cross(tilt, rng.normal(size=(count, 3)))
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    other = np.cross(tilt, side)
    a = size_m * rng.uniform(0.7, 1.15, (count, 1))
    b = size_m * rng.uniform(0.5, 0.9, (count, 1))
    corners = np.stack(
        [
            middles - side * a - other * b * 0.6,
            middles + side * a - other * b * 0.6,
            middles + other * b * 1.2,
        ],
        axis=1,
    )
    faces = np.arange(3 * count).reshape(-1, 3)
    lifted = outward + np.array([0.0, 0.0, 0.35])
    lifted /= np.linalg.norm(lifted, axis=1, keepdims=True)
    finishes = [Finish(color, Material.FOLIAGE, Tag.VEGETATION) for color in colors]
    out.add(
        Shape(points_m=corners.reshape(-1, 3), faces=faces),
        (finishes, np.arange(count)),
        normals=np.repeat(
            np.where((tilt * lifted).sum(axis=1, keepdims=True) > 0.05, lifted, outward), 3, axis=0
        ),
    )


def _scaled(color: Color, share: float) -> Color:
    r, g, b = (int(np.clip(c * share, 0, 255)) for c in color)
    return r, g, b


def make_tree(library: MeshLibrary, form: TreeForm, rng: np.random.Generator, name: str) -> int:
    """A tree's mesh; its foot at the origin."""
    out = Sculpture()
    bark = Finish(_scaled(BARK, float(rng.uniform(0.9, 1.1))), Material.BARK, Tag.VEGETATION)
    top = form.height_m
    lean = rng.normal(0, 0.012 * top, 2)
    fork = form.crown_low_m + 0.15 * (top - form.crown_low_m)
    trunk = [
        (0, 0, -0.1),
        (lean[0] * 0.3, lean[1] * 0.3, fork * 0.6),
        (lean[0], lean[1], fork),
        (lean[0], lean[1], fork + 0.3 * (top - fork)),
    ]
    out.add(
        tube(
            np.array(trunk),
            [form.trunk_m * 1.15, form.trunk_m * 0.85, form.trunk_m * 0.7, form.trunk_m * 0.3],
            7,
        ),
        bark,
    )
    crown = top - form.crown_low_m
    for k in range(form.blobs):
        angle = k * 2.39996 + rng.uniform(-0.3, 0.3)
        if form.upright:
            t = (k + 0.5) / form.blobs
            width = form.crown_radius_m * (0.62 + 0.38 * math.sin(math.pi * min(t * 1.15 + 0.08, 1.0)))
            radii = np.array([width, width, crown / form.blobs * 1.35]) * 0.78
            centre = np.array(
                [
                    0.22 * width * math.cos(angle),
                    0.22 * width * math.sin(angle),
                    form.crown_low_m + crown * (0.06 + 0.86 * t),
                ]
            )
        else:
            t = k / max(form.blobs - 1, 1)
            radius = form.crown_radius_m * rng.uniform(0.46, 0.60)
            reach = (form.crown_radius_m - radius) * (1.0 if k else 0.0) * math.sqrt(1 - 0.75 * t * t)
            radii = np.array([radius, radius, min(radius * 0.86, crown * 0.42)])
            low, high = form.crown_low_m + radii[2] * 0.92, top - radii[2]
            centre = np.array(
                [reach * math.cos(angle), reach * math.sin(angle), low + (high - low) * (t if k else 0.5)]
            )
            if k and form.trunk_m > 0.08:
                branch = [
                    (lean[0], lean[1], fork * 0.94),
                    tuple(centre * np.array([0.5, 0.5, 0.85])),
                    tuple(centre),
                ]
                out.add(tube(np.array(branch), [form.trunk_m * 0.42, form.trunk_m * 0.3, 0.02], 5), bark)
        clump(
            out,
            centre + np.array([lean[0], lean[1], 0.0]),
            radii,
            form.leaf,
            rng,
            LEAVES if form.height_m > 2 else LEAVES // 2,
        )
    return library.add(out.mesh(name))


def make_hedge(
    library: MeshLibrary,
    length_m: float,
    width_m: float,
    height_m: float,
    rng: np.random.Generator,
    name: str,
) -> int:
    """A clipped hedge along x, middle at the origin, with leaves that stand out of its faces."""
    out = Sculpture()
    leaf = (72, 100, 48)
    core = box((length_m, width_m * 0.9, height_m * 0.92), (0, 0, height_m * 0.46), 0.08)
    out.add(core, Finish(_scaled(leaf, 0.75), Material.FOLIAGE, Tag.VEGETATION))
    count = int(9 * length_m * (width_m + 2 * height_m) / 3)
    x = rng.uniform(-0.48, 0.48, count) * length_m
    place = rng.uniform(0, width_m + 2 * height_m, count)
    near, top = place < height_m, (place >= height_m) & (place < height_m + width_m)
    y = np.where(near, -width_m / 2, np.where(top, place - height_m - width_m / 2, width_m / 2))
    z = np.where(near, place, np.where(top, height_m, place - height_m - width_m))
    outward = np.where(
        near[:, None], [0.0, -1.0, 0.0], np.where(top[:, None], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0])
    )
    middles = np.stack([x, y * 0.97, np.clip(z, 0.12, height_m - 0.02)], axis=1)
    colors = [_scaled(leaf, float(v)) for v in rng.uniform(0.85, 1.25, count)]
    add_sprays(out, middles, outward, 0.20, colors, rng)
    return library.add(out.mesh(name))


def make_tree_line(
    library: MeshLibrary, length_m: float, height_m: float, rng: np.random.Generator, name: str
) -> int:
    """A far row of trees along x as one rugged bank of leaves."""
    out = Sculpture()
    x = -length_m / 2
    while x < length_m / 2:
        radius = float(rng.uniform(0.42, 0.62)) * height_m
        ball = icosphere(0)
        bumpy = ball.points_m * rng.uniform(0.85, 1.1, size=(len(ball.points_m), 1))
        shape = Shape(
            points_m=bumpy * np.array([radius, radius * 0.8, height_m * 0.55])
            + np.array([x, float(rng.uniform(-2, 2)), height_m * 0.42]),
            faces=ball.faces,
        )
        leaf = _scaled((70, 98, 50), float(rng.uniform(0.75, 1.1)))
        out.add(shape, Finish(leaf, Material.FOLIAGE, Tag.VEGETATION), normals=ball.points_m)
        x += radius * 1.1
    return library.add(out.mesh(name))
