"""A walker's bones as the client reads them."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64

from drivegen.core.skeleton import PARENT_BONE
from drivegen.embedded.assets.people.posing import CustomPose, relatives
from drivegen.embedded.rpc.describe import plain_transforms
from drivegen.embedded.wire.actors import WalkerBones
from drivegen.embedded.world.actors import Actor
from drivegen.embedded.world.scenery import Scenery
from drivegen.embedded.world.world import World


def own_bones(world: World, scenery: Scenery, walker: Actor) -> dict[str, Float64[np.ndarray, "4 4"]]:
    """All bones in the walker's own frame (feet on the ground), as they are drawn now."""
    row = world.walkers.row_of(walker.id)
    return scenery.bodies.walker(walker).bones(
        float(world.walkers.gait_phase_rad[row]),
        float(world.walkers.speed_mps[row]),
        walker.pose,
        lying=scenery.bodies.lies(world, walker),
    )


def feet_of(world: World, walker: Actor) -> Float64[np.ndarray, "4 4"]:
    """The walker's own frame in the world: on the ground under it."""
    row = world.walkers.row_of(walker.id)
    out = world.placement.world_actor(walker.id).copy()
    out[:3, 3] -= out[:3, 2] * (float(world.walkers.size_m[row, 2]) / 2)
    return out


def with_pose_of_now(world: World, scenery: Scenery, walker: Actor) -> CustomPose:
    """The walker's custom pose with the bones of what it does at this moment."""
    row = world.walkers.row_of(walker.id)
    own = scenery.bodies.walker(walker).bones(
        float(world.walkers.gait_phase_rad[row]), float(world.walkers.speed_mps[row])
    )
    blend = walker.pose.blend if walker.pose is not None else 0.0
    return CustomPose(relative={n: m for n, m in relatives(own).items() if n in PARENT_BONE}, blend=blend)


def walker_bones(world: World, scenery: Scenery, walker: Actor) -> WalkerBones:
    """All bones in the world, in the walker's own frame (feet on the ground), and in their parent's frame."""
    own = own_bones(world, scenery, walker)
    component = np.stack(list(own.values()))
    relative = np.stack(list(relatives(own).values()))
    transforms = plain_transforms(np.concatenate([feet_of(world, walker) @ component, component, relative]))
    count = len(own)
    columns = (transforms[:count], transforms[count : 2 * count], transforms[2 * count :])
    return WalkerBones(bones=tuple([name, *row] for name, *row in zip(own, *columns, strict=True)))
