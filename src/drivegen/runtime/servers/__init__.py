"""CARLA servers: drivegen's own, and real ones that are launched or joined."""
