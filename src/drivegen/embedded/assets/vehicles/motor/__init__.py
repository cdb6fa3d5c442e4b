"""Motor vehicles of drivegen's own: hulls, cabins, faces and loads of the families `vehicle.drivegen.*`."""
