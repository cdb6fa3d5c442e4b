"""The bodies of riders: a pool that all light vehicles share, so that a street of them needs few meshes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

import numpy as np

from drivegen.core.rng import derive_rng
from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import loft, tube
from drivegen.embedded.assets.people.build import Bottom, Build, Color, Hair, Kind, Luggage, Top, draw_build
from drivegen.embedded.assets.people.head import body_ring
from drivegen.embedded.assets.people.parts import PersonParts, make_parts
from drivegen.embedded.assets.sculpt import Finish, Sculpture
from drivegen.embedded.assets.vehicles.light.headgear import Headgear
from drivegen.embedded.mesh import Material, Mesh, MeshLibrary


class Sort(StrEnum):
    """Who rides, as far as it changes the body."""

    ANYBODY = "anybody"
    COURIER = "courier"
    WORKER = "worker"
    """Cargo and passenger tricycles."""
    SPORTY = "sporty"
    CHILD = "child"
    """A small passenger."""


BODIES = {Sort.ANYBODY: 24, Sort.COURIER: 6, Sort.WORKER: 6, Sort.SPORTY: 6, Sort.CHILD: 4}
"""How many bodies of each sort there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outfit:
    """A body of the pool and what it wears."""

    sort: Sort
    index: int
    headgear: Headgear
    headgear_rgb: Color
    top_rgb: Color
    bottom_rgb: Color
    gloves_rgb: Color | None = None

    @property
    def build(self) -> Build:
        """The body."""
        return body(self.sort, self.index)


@lru_cache(maxsize=128)
def body(sort: Sort, index: int) -> Build:
    """One of the pool."""
    rng = derive_rng("light vehicle rider", str(sort), index % BODIES[sort])
    draw = float(rng.random())
    if sort == Sort.CHILD:
        kind, height = (Kind.BOY if draw < 0.5 else Kind.GIRL), 1.02 + 0.04 * (index % 4)
    elif sort == Sort.COURIER:
        kind, height = (Kind.MAN if draw < 0.88 else Kind.WOMAN), float(rng.uniform(1.64, 1.80))
    elif sort == Sort.WORKER:
        kind, height = (Kind.OLD_MAN if draw < 0.35 else Kind.MAN), float(rng.uniform(1.62, 1.76))
    elif sort == Sort.SPORTY:
        kind, height = (Kind.MAN if draw < 0.75 else Kind.WOMAN), float(rng.uniform(1.64, 1.82))
    elif draw < 0.44:
        kind, height = Kind.MAN, float(rng.uniform(1.64, 1.84))
    elif draw < 0.80:
        kind, height = Kind.WOMAN, float(rng.uniform(1.54, 1.70))
    elif draw < 0.92:
        kind, height = Kind.OLD_MAN, float(rng.uniform(1.58, 1.72))
    else:
        kind, height = Kind.OLD_WOMAN, float(rng.uniform(1.50, 1.60))
    build = draw_build(kind, round(height, 3), rng)
    backpack = sort in (Sort.ANYBODY, Sort.SPORTY) and rng.random() < 0.28 and "old" not in kind
    shorts = build.bottom == Bottom.SHORTS and sort not in (Sort.COURIER, Sort.CHILD)
    return replace(
        build,
        bottom=Bottom.SHORTS if shorts else Bottom.TROUSERS,
        luggage=Luggage.BACKPACK if backpack else Luggage.NONE,
        top=Top.JACKET if build.top == Top.COAT or sort == Sort.COURIER else build.top,
        hair=Hair.SHORT if build.hair in (Hair.CAP, Hair.BALD) else build.hair,
    )


@lru_cache(maxsize=128)
def body_parts(sort: Sort, index: int) -> tuple[PersonParts, tuple[Mesh, ...]]:
    """Meshes of a body of the pool, and which is which; made once in a process."""
    scratch = MeshLibrary()
    parts = make_parts(scratch, body(sort, index), Tag.RIDER, f"light rider/{sort}/{index % BODIES[sort]}")
    return parts, tuple(scratch.meshes)


@lru_cache(maxsize=64)
def hidden_head(build_head_m: float, skin: Color) -> Mesh:
    """Neck and a plain face for under a closed helmet; origin and size as those of `add_head`.

    Args:
        build_head_m: height of a head.
        skin: its colour.
    """
    out = Sculpture()
    finish = Finish(skin, Material.SKIN, Tag.RIDER)
    u = build_head_m
    neck = [(-0.02, 0.25, 0.13, -0.33), (0.25, 0.22, 0.12, -0.33), (0.60, 0.22, 0.10, -0.32)]
    out.add(loft([body_ring(z * u, w * u, f * u, b * u, 2.0, 10) for z, w, f, b in neck]), finish)
    return out.mesh(f"light rider/hidden_head/{u:.4f}/{skin}")


@lru_cache(maxsize=512)
def fist_mesh(hand_m: float, left: bool, color: Color, bare: bool) -> Mesh:
    """A hand round a bar: the bar along y through the origin, the forearm behind and above it towards -x.

    Args:
        hand_m: from wrist to finger tips of the open hand.
        left: which hand; its thumb is on the inside.
        color: of skin or glove.
        bare: skin, else a glove.
    """
    unit = _fist(left, bare)
    return replace(
        unit,
        name=f"light rider/fist/{'left' if left else 'right'}/{hand_m:.4f}/{color}/{bare}",
        positions_m=unit.positions_m * np.float32(hand_m),
        colors=np.tile(np.array(color, np.uint8), (len(unit.colors), 1)),
    )


@lru_cache(maxsize=4)
def _fist(left: bool, bare: bool) -> Mesh:
    """The same for a hand one unit long."""
    out = Sculpture()
    finish = Finish((255, 255, 255), Material.SKIN if bare else Material.MATTE, Tag.RIDER)
    h = 1.0
    palm = [
        # x, half width, low, high
        (-0.50, 0.15, -0.02, 0.28),
        (-0.34, 0.17, 0.00, 0.30),
        (-0.12, 0.22, 0.05, 0.31),
        (0.06, 0.235, 0.07, 0.29),
        (0.16, 0.21, 0.06, 0.24),
    ]
    angle = np.arange(8) * (2 * np.pi / 8)
    rings = []
    for x, half, low, high in palm:
        y, z = half * np.cos(angle), (low + high) / 2 + (high - low) / 2 * np.sin(angle)
        rings.append(np.stack([np.full(8, x * h), y * h, z * h], axis=1))
    out.add(loft(rings), finish)
    for k in range(4):
        y = (-0.165 + 0.11 * k) * h
        curl = [(0.06, 0.20), (0.22, 0.10), (0.19, -0.10), (-0.02, -0.16)]
        out.add(tube([(x * h, y, z * h) for x, z in curl], 0.062 * h, 4), finish)
    side = -1.0 if left else 1.0
    thumb = [(-0.24, side * 0.13, 0.13), (-0.10, side * 0.25, 0.02), (0.06, side * 0.27, -0.10)]
    out.add(tube([(x * h, y * h, z * h) for x, y, z in thumb], [0.085 * h, 0.075 * h, 0.05 * h], 6), finish)
    if not bare:
        cuff = [body_ring(z, 0.19 * h, 0.30 * h, -0.04 * h, 2.0, 8) for z in (0.0, 0.12 * h)]
        turned = [np.stack([-0.56 * h + r[:, 2], r[:, 1], r[:, 0]], axis=1) for r in cuff]
        out.add(loft(turned), finish)
    return out.mesh("fist")
