"""The families of light vehicles."""

from __future__ import annotations

from drivegen.embedded.assets.vehicles.family import VehicleFamily
from drivegen.embedded.assets.vehicles.light.cycles import BICYCLE
from drivegen.embedded.assets.vehicles.light.ebikes import EBIKE
from drivegen.embedded.assets.vehicles.light.motorbikes import MOTORCYCLE
from drivegen.embedded.assets.vehicles.light.tricycles import ETRICYCLE

FAMILIES: tuple[VehicleFamily, ...] = (EBIKE, BICYCLE, MOTORCYCLE, ETRICYCLE)
