"""All families of vehicles."""

from __future__ import annotations

from drivegen.embedded.assets.vehicles.family import VehicleFamily

VEHICLE_FAMILIES: tuple[VehicleFamily, ...] = ()
FAMILY_OF_BLUEPRINT = {family.blueprint_id: family for family in VEHICLE_FAMILIES}
