"""Vehicles: parametric meshes of cars, vans, trucks, buses and two-wheelers with their riders."""

from drivegen.embedded.assets.vehicles.asset import VehicleAsset
from drivegen.embedded.assets.vehicles.factory import make_vehicle

__all__ = ["VehicleAsset", "make_vehicle"]
