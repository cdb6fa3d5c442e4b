"""Calls about what an actor is built of: components, bones, sockets."""

from __future__ import annotations

from drivegen.embedded.rpc import rig
from drivegen.embedded.rpc.describe import transforms_of_matrices
from drivegen.embedded.rpc.session import Session
from drivegen.embedded.wire.codec import U32
from drivegen.embedded.wire.values import Transform
from drivegen.embedded.world.actors import ActorKind


def get_actor_component_names(session: Session, actor: U32) -> tuple[str, ...]:
    """Names of an actor's components, its root first."""
    return tuple(rig.components(session.world, session.world.actors.find(actor)))


def get_actor_component_world_transform(session: Session, actor: U32, component: str) -> Transform:
    """Where a component is in the world."""
    world = session.world
    found = world.actors.find(actor)
    pose = world.placement.world_actor(actor) @ rig.component(world, found, component)
    return transforms_of_matrices(pose[None])[0]


def get_actor_component_relative_transform(session: Session, actor: U32, component: str) -> Transform:
    """Where a component is in its actor's frame."""
    found = session.world.actors.find(actor)
    return transforms_of_matrices(rig.component(session.world, found, component)[None])[0]


def get_actor_bone_names(session: Session, actor: U32) -> tuple[str, ...]:
    """Names of an actor's bones: a walker's skeleton, or a vehicle's moving parts."""
    found = session.world.actors.find(actor)
    return tuple(rig.bones(session.world, session.simulation.scenery, found)[0])


def get_actor_bone_world_transforms(session: Session, actor: U32) -> tuple[Transform, ...]:
    """Where an actor's bones are in the world, in the order of their names."""
    found = session.world.actors.find(actor)
    poses, _ = rig.bones(session.world, session.simulation.scenery, found)
    return tuple(transforms_of_matrices(rig.in_world(session.world, found, poses)))


def get_actor_bone_relative_transforms(session: Session, actor: U32) -> tuple[Transform, ...]:
    """An actor's bones, each in the frame of the bone that it hangs on, in the order of their names."""
    found = session.world.actors.find(actor)
    poses, parents = rig.bones(session.world, session.simulation.scenery, found)
    return tuple(transforms_of_matrices(rig.in_parents(poses, parents)))


def get_actor_socket_names(session: Session, actor: U32) -> tuple[str, ...]:
    """Names of an actor's sockets, which are its bones."""
    return get_actor_bone_names(session, actor)


def get_actor_socket_world_transforms(session: Session, actor: U32) -> tuple[Transform, ...]:
    """Where an actor's sockets are in the world, in the order of their names."""
    return get_actor_bone_world_transforms(session, actor)


def get_actor_socket_relative_transforms(session: Session, actor: U32) -> tuple[Transform, ...]:
    """An actor's sockets, each in the frame of the bone that it hangs on, in the order of their names."""
    return get_actor_bone_relative_transforms(session, actor)


def get_vehicle_bone_world_transforms(session: Session, actor: U32) -> tuple[Transform, ...]:
    """Where a vehicle's body, wheels and doors are in the world."""
    session.world.actors.find(actor, ActorKind.VEHICLE)
    return get_actor_bone_world_transforms(session, actor)
