"""What every prop is made with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import box, lathe, rod
from drivegen.embedded.assets.sculpt import Finish, Sculpture, Shape
from drivegen.embedded.mesh import Material

Color = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kit:
    """A prop in the making; x along its length, y across, z up from the ground."""

    sculpture: Sculpture
    name: str
    size_lwh_m: Float64[np.ndarray, "3"]
    rng: np.random.Generator
    tag: Tag

    def finish(self, color: Color, material: Material = Material.MATTE) -> Finish:
        """A finish with the prop's tag."""
        return Finish(color, material, self.tag)

    def add(self, shape: Shape, color: Color, material: Material = Material.MATTE) -> None:
        """Adds a shape of one colour."""
        self.sculpture.add(shape, self.finish(color, material))

    def block(
        self,
        centre: Sequence[float],
        size: Sequence[float],
        color: Color,
        material: Material = Material.MATTE,
        bevel_m: float = 0.0,
    ) -> None:
        """A box given in shares of the prop's size; z from the ground."""
        s = self.size_lwh_m
        self.add(box(np.asarray(size) * s, np.asarray(centre) * s, bevel_m), color, material)

    def turned(
        self,
        profile: Sequence[tuple[float, float]],
        color: Color,
        material: Material = Material.MATTE,
        sides: int = 16,
    ) -> None:
        """A solid of revolution through (radius share, height share), as oval as the prop's box."""
        l, w, h = self.size_lwh_m  # noqa: E741
        shape = lathe(profile, sides).scaled((l / 2, w / 2, h))
        self.add(shape, color, material)

    def bar(
        self,
        a: Sequence[float],
        b: Sequence[float],
        radius_m: float,
        color: Color,
        material: Material = Material.METAL,
    ) -> None:
        """A round bar between points given in shares of the prop's size."""
        s = self.size_lwh_m
        self.add(rod(np.asarray(a) * s, np.asarray(b) * s, radius_m, 7), color, material)
