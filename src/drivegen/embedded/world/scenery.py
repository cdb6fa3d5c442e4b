"""What stands on a map: ground, buildings, trees, lamps, signals."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from drivegen.core.geometry import Box, Pose
from drivegen.core.tags import Tag
from drivegen.embedded.assets.placed import Row, place_rows
from drivegen.embedded.assets.surfaces import surface_meshes
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import MeshLibrary
from drivegen.embedded.world.bodies import Bodies
from drivegen.embedded.world.world import World


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Piece:
    """Something of the level that is not an actor."""

    name: str
    tag: Tag
    pose: Pose
    box: Box
    """In the world."""


class Scenery:
    """One episode's meshes: those of the map and those of its actors."""

    def __init__(self, world: World, seed: int) -> None:
        self.library = MeshLibrary()
        self.bodies = Bodies(self.library, seed)
        self._world = world
        self._seed = seed

    @cached_property
    def static(self) -> Drawables:
        """Everything that never moves."""
        meshes = [self.library.add(mesh) for mesh in surface_meshes(self._world.map.surfaces)]
        return place_rows([Row(mesh=m, asset_mesh=np.eye(4)) for m in meshes], np.eye(4), 0, 0)

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """Buildings, trees, lamps and so on, in a fixed order."""
        return ()

    def light_boxes(self, row: int) -> tuple[Box, ...]:
        """The heads of a traffic light in the world."""
        actor = self._world.light_actors[row]
        world_actor = Pose.from_matrix(actor.local)
        boxes = self.bodies.traffic_light(actor).light_boxes
        return tuple(Box(pose=world_actor @ box.pose, size_m=box.size_m) for box in boxes)
