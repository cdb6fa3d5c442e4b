"""A walker's bones as the client reads them."""

from __future__ import annotations

import numpy as np

from drivegen.embedded.rpc.describe import transform_of_matrix
from drivegen.embedded.wire.actors import BoneTransforms, WalkerBones
from drivegen.embedded.world.actors import Actor
from drivegen.embedded.world.scenery import Scenery
from drivegen.embedded.world.world import World

PARENT_BONE = {
    "crl_hips__C": "crl_root",
    "crl_spine__C": "crl_hips__C",
    "crl_spine01__C": "crl_spine__C",
    "crl_neck__C": "crl_spine01__C",
    "crl_Head__C": "crl_neck__C",
    **{
        f"{bone}__{side}": parent.format(side)
        for side in ("L", "R")
        for bone, parent in (
            ("crl_eye", "crl_Head__C"),
            ("crl_shoulder", "crl_spine01__C"),
            ("crl_arm", "crl_shoulder__{}"),
            ("crl_foreArm", "crl_arm__{}"),
            ("crl_hand", "crl_foreArm__{}"),
            ("crl_handMiddle", "crl_hand__{}"),
            ("crl_handMiddleEnd", "crl_handMiddle__{}"),
            ("crl_thigh", "crl_hips__C"),
            ("crl_leg", "crl_thigh__{}"),
            ("crl_foot", "crl_leg__{}"),
            ("crl_toe", "crl_foot__{}"),
            ("crl_toeEnd", "crl_toe__{}"),
        )
    },
}
"""The bone that each hangs on, as in CARLA's skeleton; markers that are not listed hang on none."""


def walker_bones(world: World, scenery: Scenery, walker: Actor) -> WalkerBones:
    """All bones in the world, in the walker's own frame (feet on the ground), and in their parent's frame."""
    row = world.walkers.row_of(walker.id)
    own = scenery.bodies.walker(walker).bones(
        float(world.walkers.gait_phase_rad[row]), float(world.walkers.speed_mps[row])
    )
    world_feet = world.placement.world_actor(walker.id).copy()
    world_feet[:3, 3] -= world_feet[:3, 2] * (float(world.walkers.size_m[row, 2]) / 2)
    bones = []
    for name, pose in own.items():
        parent = own.get(PARENT_BONE.get(name, ""))
        relative = pose if parent is None else np.linalg.inv(parent) @ pose
        bones.append(
            BoneTransforms(
                name=name,
                world=transform_of_matrix(world_feet @ pose),
                component=transform_of_matrix(pose),
                relative=transform_of_matrix(relative),
            )
        )
    return WalkerBones(bones=tuple(bones))
