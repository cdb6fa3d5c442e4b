"""What an actor is built of, as the client may ask: components, bones, sockets.

Names of components are those that Unreal and CARLA's own classes give by default, for CARLA's content is
made of more. A vehicle's bones are its parts that move; a walker's are its skeleton; others have none. As in
Unreal, every bone is also a socket; there are no others.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64

from drivegen.core.geometry import Mat4
from drivegen.core.skeleton import PARENT_BONE
from drivegen.embedded.assets.vehicles.asset import BODY_BONE
from drivegen.embedded.rpc.bones import feet_of, own_bones
from drivegen.embedded.rpc.dispatch import CallError
from drivegen.embedded.world.actors import Actor, ActorKind
from drivegen.embedded.world.scenery import Scenery
from drivegen.embedded.world.world import World


def components(world: World, actor: Actor) -> dict[str, Mat4]:
    """Poses of an actor's components in its frame, by name; its root is the first."""
    if actor.kind is ActorKind.VEHICLE:
        return {"VehicleMesh": np.eye(4), "VehicleBounds": _shifted(actor.box.centre_m)}
    if actor.kind is ActorKind.WALKER:
        half_m = float(world.walkers.size_m[world.walkers.row_of(actor.id), 2]) / 2
        return {"CollisionCylinder": np.eye(4), "CharacterMesh0": _shifted(np.array([0.0, 0.0, -half_m]))}
    if actor.kind is ActorKind.PROP:
        return {"StaticMeshComponent0": np.eye(4)}
    return {"RootComponent": np.eye(4)}


def component(world: World, actor: Actor, name: str) -> Mat4:
    """One of `components`. Raises CallError that names them all."""
    found = components(world, actor)
    if name not in found:
        raise CallError(
            f"actor {actor.id} ({actor.type_id}) has no component {name[:60]!r}; it has {', '.join(found)}"
        )
    return found[name]


def bones(world: World, scenery: Scenery, actor: Actor) -> tuple[dict[str, Mat4], dict[str, str]]:
    """Poses of an actor's bones in its frame, by name, and the bone that each hangs on, where it does."""
    if actor.kind is ActorKind.WALKER:
        base = np.linalg.inv(world.placement.world_actor(actor.id)) @ feet_of(world, actor)
        own = own_bones(world, scenery, actor)
        return {name: base @ own[name] for name in PARENT_BONE}, PARENT_BONE
    if actor.kind is ActorKind.VEHICLE:
        own = scenery.bodies.vehicle_bones(world, actor)
        return own, {name: BODY_BONE for name in own if name != BODY_BONE}
    return {}, {}


def in_world(world: World, actor: Actor, poses: dict[str, Mat4]) -> Float64[np.ndarray, "b 4 4"]:
    """Poses in an actor's frame, in the world."""
    stacked = np.stack(list(poses.values())) if poses else np.zeros((0, 4, 4))
    return np.asarray(world.placement.world_actor(actor.id) @ stacked)


def in_parents(poses: dict[str, Mat4], parents: dict[str, str]) -> Float64[np.ndarray, "b 4 4"]:
    """Poses in an actor's frame, each in that of the bone it hangs on."""
    rows = [
        np.linalg.inv(poses[parents[name]]) @ pose if parents.get(name) else pose
        for name, pose in poses.items()
    ]
    return np.stack(rows) if rows else np.zeros((0, 4, 4))


def _shifted(by_m: Float64[np.ndarray, "3"]) -> Mat4:
    out = np.eye(4)
    out[:3, 3] = by_m
    return out
