"""Families of props of drivegen's own: one blueprint each, with as many members as there are variants."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from drivegen.core.tags import Tag
from drivegen.embedded.mesh import Mesh

PREFIX = "static.prop.drivegen."


@dataclass(frozen=True, slots=True, kw_only=True)
class PropFamily:
    """What the blueprint `static.prop.drivegen.<name>` stands for."""

    name: str
    tags: tuple[Tag, ...]
    """Semantic tags of its surfaces, the most of it first."""
    size_m: Callable[[int], tuple[float, float, float]]
    """Full length, width, height of the box of a variant; quick, no mesh is made."""
    mesh: Callable[[int], Mesh]
    """Of a variant, inside its box; origin on the ground under the box's centre, x forward."""
    mass_kg: float = 0.0
    """Of a variant of middling size; 0 for what is fixed to the ground."""

    @property
    def blueprint_id(self) -> str:
        """The blueprint's id."""
        return PREFIX + self.name
