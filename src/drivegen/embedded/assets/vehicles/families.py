"""All families of vehicles."""

from __future__ import annotations

from drivegen.embedded.assets.vehicles.family import VehicleFamily
from drivegen.embedded.assets.vehicles.light.families import FAMILIES as LIGHT

VEHICLE_FAMILIES: tuple[VehicleFamily, ...] = (*LIGHT,)
FAMILY_OF_BLUEPRINT = {family.blueprint_id: family for family in VEHICLE_FAMILIES}
