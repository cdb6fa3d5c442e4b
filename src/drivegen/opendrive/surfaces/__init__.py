"""Triangle surfaces of a road network: floors, kerbs, markings, the ground around."""

from drivegen.opendrive.surfaces.mesh import mesh_network
from drivegen.opendrive.surfaces.surface import Surface, SurfaceKind

__all__ = ["Surface", "SurfaceKind", "mesh_network"]
