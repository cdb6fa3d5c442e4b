"""Vehicles: parametric meshes of cars, vans, trucks, buses and two-wheelers with their riders."""

from drivegen.embedded.assets.vehicles.asset import VehicleAsset, make_vehicle

__all__ = ["VehicleAsset", "make_vehicle"]
