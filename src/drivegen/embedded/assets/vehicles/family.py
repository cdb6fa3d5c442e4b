"""Families of vehicles of drivegen's own: one blueprint each, with as many members as there are variants."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from drivegen.core.actors import ObjectClass
from drivegen.embedded.assets.vehicles.asset import VehicleAsset
from drivegen.embedded.mesh import MeshLibrary

PREFIX = "vehicle.drivegen."


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleFamily:
    """What the blueprint `vehicle.drivegen.<name>` stands for."""

    name: str
    base_type: str
    """CARLA's word (car, van, truck, bus, motorcycle, bicycle), or tricycle, construction, unmanned."""
    object_class: ObjectClass
    paints: tuple[str, ...]
    """Recommended values of `color`, "r,g,b"; the first is the default. Each variant may keep its livery."""
    size_m: Callable[[int], tuple[float, float, float]]
    """Full length, width, height of the box of a variant; quick, no mesh is made."""
    make: Callable[[MeshLibrary, str, tuple[float, float, float], int], VehicleAsset]
    """(library, blueprint id, size, variant) to an asset; called once for each variant in a library."""
    special_type: str = ""
    """CARLA's word: emergency, taxi, electric; or empty."""
    wheels: int = 4
    has_lights: bool = True

    @property
    def blueprint_id(self) -> str:
        """The blueprint's id."""
        return PREFIX + self.name
