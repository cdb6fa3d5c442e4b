"""All families of vehicles."""

from __future__ import annotations

from drivegen.embedded.assets.vehicles.family import VehicleFamily
from drivegen.embedded.assets.vehicles.light.families import FAMILIES as LIGHT
from drivegen.embedded.assets.vehicles.motor.families import FAMILIES as MOTOR
from drivegen.embedded.assets.vehicles.unmanned.families import FAMILIES as UNMANNED

VEHICLE_FAMILIES: tuple[VehicleFamily, ...] = (*MOTOR, *LIGHT, *UNMANNED)
FAMILY_OF_BLUEPRINT = {family.blueprint_id: family for family in VEHICLE_FAMILIES}
