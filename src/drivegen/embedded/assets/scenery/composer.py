"""Collects what stands on a site."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from drivegen.core.geometry import Box, Pose, rotation_from_rpy
from drivegen.core.tags import Tag
from drivegen.embedded.assets.scenery.layers import MapLayer, layer_of
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import MeshLibrary


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SceneryObject:
    """Something that stands beside the road."""

    id: int
    """From 1 on, in the order of building: the same for equal maps and seeds."""
    name: str
    tag: Tag
    pose: Pose
    """Of its foot."""
    box: Box
    """In the map frame."""
    row: int = -1
    """Of `Scenery.drawables`; -1 for what is drawn with the actors."""
    whole: bool = True
    """False for ground: the piece is all triangles of its tag in that row's mesh."""

    @property
    def layer(self) -> MapLayer:
        """What the piece is loaded and unloaded with."""
        return layer_of(self.name, self.tag)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scenery:
    """All that stands beside the road, and the ground itself."""

    drawables: Drawables
    """Street lamps carry LIGHT_STREET_LAMP: clear the bit by day."""
    objects: tuple[SceneryObject, ...]


class Composer:
    """Places meshes and keeps account of them."""

    def __init__(
        self,
        library: MeshLibrary,
        window: tuple[float, float, float, float] | None = None,
        first: int = 0,
    ) -> None:
        """A collection of what stands in a window, if one is given: the rest is left out.

        Args:
            library: Takes the meshes.
            window: Least x and y, greatest x and y.
            first: Ids are counted from the number behind this one.
        """
        self.library = library
        self._window = window
        self._first = first
        self.objects: list[SceneryObject] = []
        self._mesh: list[int] = []
        self._world: list[Float64[np.ndarray, "4 4"]] = []
        self._lights: list[int] = []
        self._bounds: dict[int, tuple[Float64[np.ndarray, "3"], Float64[np.ndarray, "3"]]] = {}

    def ground(self, mesh: int) -> None:
        """A mesh in the map frame that is no object of its own."""
        self._add(mesh, np.eye(4), 0)

    def holds(self, x_m: float, y_m: float) -> bool:
        """Whether what has its foot here is collected."""
        if self._window is None:
            return True
        x0, y0, x1, y1 = self._window
        return x0 <= x_m < x1 and y0 <= y_m < y1

    def put(
        self,
        mesh: int,
        xyz_m: tuple[float, float, float],
        yaw_rad: float,
        name: str,
        tag: Tag,
        lights: int = 0,
        pitch_rad: float = 0.0,
    ) -> None:
        """A mesh on its foot; positive pitch: its x axis points down."""
        if not self.holds(xyz_m[0], xyz_m[1]):
            return
        world = np.eye(4)
        world[:3, :3] = rotation_from_rpy(0.0, pitch_rad, yaw_rad)
        world[:3, 3] = xyz_m
        self._add(mesh, world, lights)
        low, high = self._bounds_of(mesh)
        pose = Pose.from_matrix(world)
        box = Box(
            pose=Pose(
                position_m=world[:3, :3] @ ((low + high) / 2) + world[:3, 3],
                orientation_wxyz=pose.orientation_wxyz,
            ),
            size_m=high - low,
        )
        number = self._first + len(self.objects) + 1
        self.objects.append(
            SceneryObject(
                id=number,
                name=f"{name}_{number:05d}",
                tag=tag,
                pose=pose,
                box=box,
                row=len(self._mesh) - 1,
            )
        )

    def bottom_m(self, mesh: int) -> float:
        """Height of a mesh's lowest point over its foot."""
        return float(self._bounds_of(mesh)[0][2])

    def _add(self, mesh: int, world: Float64[np.ndarray, "4 4"], lights: int) -> None:
        self._mesh.append(mesh)
        self._world.append(world)
        self._lights.append(lights)

    def _bounds_of(self, mesh: int) -> tuple[Float64[np.ndarray, "3"], Float64[np.ndarray, "3"]]:
        if mesh not in self._bounds:
            points = self.library.meshes[mesh].positions_m.astype(np.float64)
            self._bounds[mesh] = points.min(axis=0), points.max(axis=0)
        return self._bounds[mesh]

    def scenery(self) -> Scenery:
        """All of it."""
        count = len(self._mesh)
        return Scenery(
            drawables=Drawables(
                mesh_index=np.array(self._mesh, np.int32),
                world_mesh=np.array(self._world, np.float32).reshape(count, 4, 4),
                object_id=np.zeros(count, np.uint32),
                tint=np.full((count, 3), 255, np.uint8),
                lights=np.array(self._lights, np.uint32),
            ),
            objects=tuple(self.objects),
        )
