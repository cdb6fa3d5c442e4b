"""Who runs into whom: props and all that stands fast, beside vehicles and walkers."""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Float64

from drivegen.core.geometry import Mat4, Pose, rotation_from_rpy
from drivegen.embedded.dynamics.contacts import SCENERY_ID, Contacts
from drivegen.embedded.dynamics.ground import GroundHeights
from drivegen.embedded.dynamics.obstacles import Obstacles
from drivegen.embedded.dynamics.props import PropDynamics
from drivegen.embedded.dynamics.stepping import Surroundings
from drivegen.embedded.dynamics.vehicles import VehicleDynamics
from drivegen.embedded.dynamics.walkers import WalkerDynamics
from drivegen.embedded.world.actors import Actor, ActorKind, ActorRegistry
from drivegen.embedded.world.blueprints.library import variant_of
from drivegen.embedded.world.occupancy import SLACK_M, box_meets
from drivegen.embedded.world.placement import Placement
from drivegen.embedded.world.prop_bodies import prop_mass_kg, prop_solids
from drivegen.embedded.world.standing import Standing


class Collisions:
    """One episode's props and obstacles, and the contacts of its last step."""

    def __init__(self, actors: ActorRegistry, standing: Standing, placement: Placement) -> None:
        self.props = PropDynamics()
        self.contacts = Contacts.none()
        self._actors = actors
        self._standing = standing
        self._placement = placement

    @property
    def obstacles(self) -> Obstacles:
        """All that stands fast now."""
        return self._standing.obstacles

    def step(
        self, delta_s: float, ground: GroundHeights, vehicles: VehicleDynamics, walkers: WalkerDynamics
    ) -> None:
        """Moves vehicles, walkers and props on."""
        if not len(vehicles) and not len(walkers) and not len(self.props):
            self.contacts = Contacts.none()
            return
        if len(walkers):
            walkers.step(delta_s, ground)
        self.props.fall(delta_s, ground)
        loose = np.array(self.props.moving[1]).reshape(-1, 3)
        bodies = np.concatenate([vehicles.position_m, walkers.position_m, loose])
        fast = self._standing.around(bodies[:, :2])
        around = Surroundings(walkers=walkers, props=self.props, obstacles=fast)
        vehicles.step(delta_s, ground, around)
        for prop, position_m, rpy_rad in zip(*self.props.moving, strict=True):
            pose = np.eye(4)
            pose[:3, :3] = rotation_from_rpy(*(float(angle) for angle in rpy_rad))
            pose[:3, 3] = position_m
            self._actors.find(int(prop)).local = pose
            self._placement.moved(int(prop))
        self.contacts = self._with_tags(vehicles.contacts)

    def _with_tags(self, contacts: Contacts) -> Contacts:
        """With the tags of actors, which dynamics does not know."""
        tags = contacts.second_tag.copy()
        for k, second in enumerate(contacts.second_id.tolist()):
            actor = self._actors.get(second) if second != SCENERY_ID else None
            if actor is not None and actor.tags and not tags[k]:
                tags[k] = actor.tags[0]
        return dataclasses.replace(contacts, second_tag=tags)

    # -- props --------------------------------------------------------------------------------------------

    def add(self, actor: Actor) -> None:
        """Takes a prop that hangs on nothing in; other actors are no business of this."""
        if actor.kind is not ActorKind.PROP or actor.parent_id or actor.blueprint is None:
            return
        size = actor.blueprint.size_m
        solids = prop_solids(actor.type_id, size, variant_of(actor.attributes))
        mass_kg = prop_mass_kg(actor.type_id, size)
        self.props.add(actor.id, solids, mass_kg, Pose.from_matrix(actor.local))

    def remove(self, actor: Actor) -> None:
        """Takes a prop out, if it is one of these."""
        if actor.id in self.props:
            self.props.remove(actor.id)

    def put(self, actor: Actor) -> None:
        """Follows a prop that was put somewhere."""
        if actor.id in self.props:
            self.props.set_pose(actor.id, Pose.from_matrix(actor.local))

    # -- room ---------------------------------------------------------------------------------------------

    def is_in_the_way(self, world_box: Mat4, half_m: Float64[np.ndarray, "3"]) -> bool:
        """Whether something that stands fast is where a box would be."""
        return box_meets(world_box, half_m - SLACK_M, self._standing.around(world_box[None, :2, 3]))
