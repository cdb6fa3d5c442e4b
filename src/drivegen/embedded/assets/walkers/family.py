"""Families of people of drivegen's own: one blueprint each, with as many members as there are variants."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from drivegen.core.actors import ObjectClass
from drivegen.embedded.assets.walkers.asset import WalkerAsset
from drivegen.embedded.assets.walkers.stride import Pace
from drivegen.embedded.mesh import MeshLibrary

PREFIX = "walker.drivegen."


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkerFamily:
    """What the blueprint `walker.drivegen.<name>` stands for."""

    name: str
    object_class: ObjectClass
    age: str
    """adult, child or old; CARLA's attribute `age`."""
    speeds_mps: tuple[float, float]
    """Walking and running."""
    size_m: Callable[[int], tuple[float, float, float]]
    """Full length, width, height of the box of a variant; quick, no mesh is made."""
    gender: Callable[[int], str]
    """female or male, of a variant."""
    pace: Callable[[int], Pace]
    """How the phase of a variant follows its speed."""
    make: Callable[[MeshLibrary, str, tuple[float, float, float], int], WalkerAsset]
    """(library, blueprint id, size, variant) to an asset; called once for each variant in a library."""

    @property
    def blueprint_id(self) -> str:
        """The blueprint's id."""
        return PREFIX + self.name
