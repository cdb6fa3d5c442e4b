"""The ground under wheels and feet: height, normal, and what it is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float, Float64

from drivegen.core.errors import MapError
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.surfaces.surface import Surface, SurfaceKind
from drivegen.opendrive.triangle_index import WIDE_SLACK_M, TriangleIndex

_NO_GROUND = frozenset(
    {
        SurfaceKind.MARKING,
        SurfaceKind.CROSSWALK,
        SurfaceKind.STOP_LINE,
        SurfaceKind.BRIDGE,
        SurfaceKind.WALL,
    }
)
"""Paint lies on ground; on walls and beams nobody walks."""
_FARTHEST_M = 400.0
"""Triangles longer than this are the ground towards the horizon; it goes on at the height of its edge."""


class Ground:
    """Height and kind of the ground; built once, read-only, the same answers in any order of calls."""

    def __init__(self, network: RoadNetwork, surfaces: Sequence[Surface]) -> None:
        """From `mesh_network(network)`."""
        solid = [s for s in surfaces if s.kind not in _NO_GROUND]
        corners = [s.positions_m[s.triangles].astype(np.float64) for s in solid]
        if not corners:
            raise MapError(f"{network.name}: there are no surfaces to stand on. Mesh the network first.")
        every = np.concatenate(corners)
        driving = np.concatenate(
            [np.full(len(c), s.kind is SurfaceKind.DRIVING) for c, s in zip(corners, solid, strict=True)]
        )
        near = np.ptp(every[:, :, :2], axis=1).max(axis=1) < _FARTHEST_M
        # Upright faces would answer for the edge of what stands on them.
        normal = np.cross(every[:, 1] - every[:, 0], every[:, 2] - every[:, 0])
        flat = normal[:, 2] > 0.2 * np.linalg.norm(normal, axis=1)
        keep = near & flat
        self._index = TriangleIndex(every[keep])
        self._driving = driving[keep][self._index.kept]
        self._roads = TriangleIndex(every[keep & driving])
        plan = every[keep][:, :, :2].reshape(-1, 2)
        self._low, self._high = plan.min(axis=0) + 0.01, plan.max(axis=0) - 0.01

    def height(
        self, xy_m: Float[np.ndarray, "n 2"]
    ) -> tuple[Float64[np.ndarray, "n"], Float64[np.ndarray, "n 3"]]:
        """(z_m, unit normal) of the highest surface at points of the map frame; defined everywhere."""
        inside = np.clip(np.asarray(xy_m, dtype=np.float64), self._low, self._high)
        found = self._index.find(inside)
        missing = found < 0
        if missing.any():
            found[missing] = self._index.find(inside[missing], slack_m=WIDE_SLACK_M)
        height = self._index.height(inside, found)
        normal = self._index.normals[found]
        lost = found < 0
        height[lost] = 0.0
        normal[lost] = (0.0, 0.0, 1.0)
        return height, normal

    def height_near(self, xyz_m: Float[np.ndarray, "n 3"]) -> Float64[np.ndarray, "n"]:
        """z_m at points; of surfaces above each other (bridges) that of the one nearest to the point's z.

        What dynamics asks every tick, thousands of times.
        """
        return self._index.heights_near(np.asarray(xyz_m, dtype=np.float64), self._low, self._high)

    def on_driving_lane(self, xy_m: Float[np.ndarray, "n 2"]) -> Bool[np.ndarray, "n"]:
        """True on driving lanes and junction floors, on whatever level."""
        return np.asarray(self._roads.find(np.asarray(xy_m, dtype=np.float64), slack_m=0.005) >= 0)
