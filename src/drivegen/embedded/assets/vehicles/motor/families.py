"""All families of motor vehicles."""

from __future__ import annotations

from drivegen.embedded.assets.vehicles.family import VehicleFamily
from drivegen.embedded.assets.vehicles.motor.busfamilies import FAMILIES as BUSES
from drivegen.embedded.assets.vehicles.motor.carfamilies import FAMILIES as CARS
from drivegen.embedded.assets.vehicles.motor.lorries import FAMILIES as LORRIES
from drivegen.embedded.assets.vehicles.motor.machines import FAMILIES as MACHINES

FAMILIES: tuple[VehicleFamily, ...] = (*CARS, *BUSES, *LORRIES, *MACHINES)
