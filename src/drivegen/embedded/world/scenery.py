"""What stands on a map: ground, buildings, trees, lamps, signs; and the bodies of actors."""

from __future__ import annotations

import dataclasses
from functools import cached_property

import numpy as np

from drivegen.core.geometry import Box, Pose
from drivegen.embedded.assets import scenery as assets
from drivegen.embedded.drawables import LIGHT_STREET_LAMP, Drawables
from drivegen.embedded.mesh import MeshLibrary
from drivegen.embedded.world.bodies import Bodies
from drivegen.embedded.world.kept_meshes import scenery_of, scenery_to_arrays
from drivegen.embedded.world.shelf import Arrays, from_shelf
from drivegen.embedded.world.world import World

LAMPS_ON_BELOW_DEG = 3.0
"""Sun's altitude; street lamps are switched around sunset."""


class Scenery:
    """One episode's meshes: those of the map and those of its actors."""

    def __init__(self, world: World, seed: int) -> None:
        self.library = MeshLibrary()
        self.bodies = Bodies(self.library, seed)
        self._world = world
        self._seed = seed

    def build(self) -> bool:
        """Builds the map's scenery, if it is not there yet; false if it was."""
        if "_built" in self.__dict__:
            return False
        return len(self._built.drawables) > 0

    @cached_property
    def _built(self) -> assets.Scenery:
        loaded = self._world.map
        made_from = (loaded.text, loaded.network.name, self._seed)
        return scenery_of(from_shelf("scenery", made_from, self._make), self.library)

    def _make(self) -> Arrays:
        """Into a library of its own, so that what is kept does not depend on what was made before."""
        loaded, library = self._world.map, MeshLibrary()
        made = assets.build_scenery(loaded.network, loaded.surfaces, library, self._seed, loaded.ground)
        return scenery_to_arrays(made, library.meshes)

    @property
    def static(self) -> Drawables:
        """Everything that never moves, with the street lamps lit when the sun is down.

        The same object until the lamps are switched.
        """
        return self._lit if self._world.weather.sun_altitude_deg < LAMPS_ON_BELOW_DEG else self._unlit

    @property
    def _lit(self) -> Drawables:
        return self._built.drawables

    @cached_property
    def _unlit(self) -> Drawables:
        drawables = self._built.drawables
        return dataclasses.replace(
            drawables, lights=drawables.lights & np.uint32(~LIGHT_STREET_LAMP & 2**32 - 1)
        )

    @property
    def pieces(self) -> tuple[assets.SceneryObject, ...]:
        """Buildings, trees, lamps and so on, in a fixed order."""
        return self._built.objects

    def light_boxes(self, row: int) -> tuple[Box, ...]:
        """The heads of a traffic light in the world."""
        actor = self._world.light_actors[row]
        world_actor = Pose.from_matrix(actor.local)
        boxes = self.bodies.traffic_light(actor).light_boxes
        return tuple(Box(pose=world_actor @ box.pose, size_m=box.size_m) for box in boxes)
