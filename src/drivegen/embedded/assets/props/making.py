"""Making the members of families: a variant is drawn as a design, a design is sculpted in metres.

A design knows its box before anything is sculpted; the finished mesh is stretched to it by as little as the
sculptor was off, so that box and mesh agree.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from jaxtyping import Float

from drivegen.core.rng import derive_rng
from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import (
    Ring,
    box,
    grid_faces,
    lathe,
    loft,
    plate,
    rod,
    rotation_about,
    tube,
)
from drivegen.embedded.assets.panels.panel import Panel, add_panel
from drivegen.embedded.assets.props.family import PREFIX, PropFamily
from drivegen.embedded.assets.sculpt import Finish, Sculpture, Shape, Vector
from drivegen.embedded.mesh import Material, Mesh

Color = tuple[int, int, int]
Size = tuple[float, float, float]
T = TypeVar("T")
CLEARANCE_M = 0.003
"""Between a mesh and the sides and top of its box."""
WHITE: Color = (236, 237, 236)
BLACK: Color = (26, 27, 28)
GREY: Color = (122, 126, 129)
LIGHT_GREY: Color = (186, 190, 192)
RED: Color = (196, 30, 34)
YELLOW: Color = (240, 186, 24)
ORANGE: Color = (236, 92, 22)
BLUE: Color = (26, 84, 162)
GREEN: Color = (32, 112, 66)
RUBBER: Color = (24, 24, 25)
STEEL: Color = (150, 154, 157)
WOOD: Color = (158, 116, 74)


class Maker:
    """A member in the making, in metres; z from the ground, x forward."""

    def __init__(self, tag: Tag) -> None:
        self.sculpture = Sculpture()
        self.tag = tag

    def add(
        self,
        shape: Shape,
        color: Color,
        material: Material = Material.MATTE,
        *,
        tag: Tag | None = None,
        crease_rad: float | None = None,
    ) -> None:
        """Adds a shape of one colour."""
        finish = Finish(color, material, self.tag if tag is None else tag)
        if crease_rad is None:
            self.sculpture.add(shape, finish)
        else:
            self.sculpture.add(shape, finish, crease_rad=crease_rad)

    def block(
        self,
        size: Vector,
        centre: Vector,
        color: Color,
        material: Material = Material.MATTE,
        *,
        bevel: float = 0.0,
        tag: Tag | None = None,
    ) -> None:
        """A box."""
        self.add(box(size, centre, bevel), color, material, tag=tag)

    def bar(
        self,
        a: Vector,
        b: Vector,
        radius: float,
        color: Color = STEEL,
        material: Material = Material.METAL,
        *,
        sides: int = 6,
        tag: Tag | None = None,
    ) -> None:
        """A round bar."""
        self.add(rod(a, b, radius, sides), color, material, tag=tag)

    def pipe(
        self,
        path: Sequence[Vector],
        radius: float | Sequence[float],
        color: Color = STEEL,
        material: Material = Material.METAL,
        *,
        sides: int = 6,
        tag: Tag | None = None,
    ) -> None:
        """A bent round bar."""
        self.add(tube(np.array(path, dtype=np.float64), radius, sides), color, material, tag=tag)

    def turned(
        self,
        profile_rz: Sequence[tuple[float, float]],
        color: Color,
        material: Material = Material.MATTE,
        *,
        at: Vector = (0.0, 0.0, 0.0),
        sides: int = 14,
        tag: Tag | None = None,
    ) -> None:
        """A solid of revolution about an upright axis."""
        self.add(lathe(profile_rz, sides).moved(at), color, material, tag=tag)

    def wheel(self, at: Vector, radius: float, width: float, color: Color = RUBBER, sides: int = 14) -> None:
        """A wheel that rolls along x, about its hub."""
        shape = lathe(
            [
                (radius * 0.86, -width / 2),
                (radius, -width * 0.3),
                (radius, width * 0.3),
                (radius * 0.86, width / 2),
            ],
            sides,
        )
        self.add(shape.turned(rotation_about(0, math.pi / 2)).moved(at), color, Material.RUBBER)

    def sheet(
        self,
        centre: Vector,
        across: Vector,
        up: Vector,
        color: Color,
        material: Material = Material.MATTE,
        *,
        tag: Tag | None = None,
    ) -> None:
        """A flat quad that faces `across` x `up`, given by its half axes: lies on the side of a solid."""
        shape, _ = plate(centre, across, up)
        self.add(shape, color, material, tag=tag)

    def panel(
        self,
        panel: Panel,
        centre: Vector,
        *,
        yaw_rad: float = 0.0,
        thick: float = 0.012,
        scale: float = 1.0,
        material: Material = Material.RETRO,
        tag: Tag = Tag.TRAFFIC_SIGN,
        back: Color = STEEL,
    ) -> None:
        """A sign's plate whose face looks along x, turned about z."""
        part = Sculpture()
        add_panel(part, panel, thick_m=thick / scale, material=material, tag=tag, back=back)
        # A part of its own, since sculptures cannot be turned.
        self.sculpture.add_turned(part, rotation_about(2, yaw_rad) * scale, centre)


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """One member before it is sculpted."""

    size: Size
    """Full length, width, height of its box."""
    sculpt: Callable[[Maker], None]
    """Makes it about as large as its box, anywhere along x and y, from z = 0 up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PropDesign:
    """How a family is made."""

    name: str
    tags: tuple[Tag, ...]
    """As `PropFamily.tags`; the first is that of everything that says nothing else."""
    design: Callable[[np.random.Generator], Design]
    mass_kg: float = 0.0

    def of_variant(self, variant: int) -> Design:
        """The design of a variant; always the same."""
        return self.design(derive_rng("prop", self.name, variant))

    def sculpted(self, variant: int) -> Mesh:
        """The mesh as the sculptor left it."""
        design = self.of_variant(variant)
        maker = Maker(self.tags[0])
        design.sculpt(maker)
        return maker.sculpture.mesh(f"{PREFIX}{self.name}/{variant}")

    def size_m(self, variant: int) -> Size:
        """The box of a variant."""
        return self.of_variant(variant).size

    def mesh(self, variant: int) -> Mesh:
        """The mesh of a variant, in its box."""
        return fitted(self.sculpted(variant), self.size_m(variant))

    def family(self) -> PropFamily:
        """The family as the blueprints see it."""
        return PropFamily(
            name=self.name, tags=self.tags, size_m=self.size_m, mesh=self.mesh, mass_kg=self.mass_kg
        )


def fitted(mesh: Mesh, size: Size) -> Mesh:
    """The mesh stretched to a box and set on the ground under its middle."""
    low = mesh.positions_m.min(axis=0).astype(np.float64)
    high = mesh.positions_m.max(axis=0).astype(np.float64)
    gap = np.minimum(CLEARANCE_M, np.array(size) / 20) * (2.0, 2.0, 1.0)
    scale = (np.array(size) - gap) / np.maximum(high - low, 1e-6)
    matrix = np.diag([*scale, 1.0])
    matrix[:3, 3] = -scale * (low + high) / 2
    matrix[2, 3] = -scale[2] * low[2]
    return mesh.transformed(matrix)


def pick(rng: np.random.Generator, values: Sequence[T]) -> T:
    """One of several, each as likely."""
    return values[int(rng.integers(len(values)))]


def between(rng: np.random.Generator, low: float, high: float) -> float:
    """A number between two, to the millimetre."""
    return round(float(rng.uniform(low, high)), 3)


def chance(rng: np.random.Generator, share: float) -> bool:
    """True in a share of the cases."""
    return bool(rng.random() < share)


def shaded(rng: np.random.Generator, color: Color, spread: int = 14) -> Color:
    """The colour, a little lighter or darker, as sun and dirt make it."""
    by = int(rng.integers(-spread, spread + 1))
    tint = rng.integers(-4, 5, 3)
    r, g, b = (int(np.clip(c + by + t, 6, 246)) for c, t in zip(color, tint, strict=True))
    return r, g, b


def darker(color: Color, share: float = 0.75) -> Color:
    """The colour with a share of its light."""
    r, g, b = (int(c * share) for c in color)
    return r, g, b


def rounded_slab(
    length: float, width: float, low: float, high: float, radius: float, steps: int = 3
) -> Shape:
    """An upright slab whose plan has rounded corners."""
    radius = min(radius, length / 2 - 1e-4, width / 2 - 1e-4)
    outline = []
    for cx, cy, start in ((1, 1, 0.0), (-1, 1, 90.0), (-1, -1, 180.0), (1, -1, 270.0)):
        for a in np.radians(np.linspace(start, start + 90.0, steps + 1)):
            outline.append(
                (
                    cx * (length / 2 - radius) + radius * math.cos(a),
                    cy * (width / 2 - radius) + radius * math.sin(a),
                )
            )
    flat = np.array(outline)
    rings: list[Ring] = [np.column_stack([flat, np.full(len(flat), z)]) for z in (low, high)]
    return loft(rings)


def extruded(outline_xz: Sequence[tuple[float, float]], width: float, y: float = 0.0) -> Shape:
    """A solid with a profile in x and z, `width` wide along y. The profile must be star-shaped."""
    flat = np.array(outline_xz, dtype=np.float64)
    rings = [
        np.column_stack([flat[:, 0], np.full(len(flat), y + side * width / 2), flat[:, 1]])
        for side in (-1, 1)
    ]
    return loft(rings)


def across(outline_yz: Sequence[tuple[float, float]], length: float, x: float = 0.0) -> Shape:
    """A solid with a profile in y and z, `length` long along x. The profile must be star-shaped."""
    flat = np.array(outline_yz, dtype=np.float64)
    rings = [np.column_stack([np.full(len(flat), x + side * length / 2), flat]) for side in (-1, 1)]
    return loft(rings)


def ring_of(sections_m: Float[np.ndarray, "m n 3"]) -> Shape:
    """A closed solid through sections that run round in a circle: tyres."""
    rows = np.concatenate([sections_m, sections_m[:1]])
    faces = grid_faces(len(rows), sections_m.shape[1], wrap=True)
    return Shape(points_m=rows.reshape(-1, 3), faces=faces).closed()
