"""A walker's bones as the client reads them."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64

from drivegen.embedded.rpc.describe import transforms_of_matrices
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
    names = list(own)
    component = np.stack([own[name] for name in names])
    places = {name: i for i, name in enumerate(names)}
    parents = [places.get(PARENT_BONE.get(name, ""), -1) for name in names]
    # Row -1 is the frame of those that hang on none.
    frames = np.concatenate([component, np.eye(4)[None]])[parents]
    relative = np.matmul(_inverses(frames), component)
    columns = zip(
        names,
        transforms_of_matrices(world_feet @ component),
        transforms_of_matrices(component),
        transforms_of_matrices(relative),
        strict=True,
    )
    return WalkerBones(
        bones=tuple(BoneTransforms(name=n, world=w, component=c, relative=r) for n, w, c, r in columns)
    )


def _inverses(rigid: Float64[np.ndarray, "b 4 4"]) -> Float64[np.ndarray, "b 4 4"]:
    inverse = np.zeros_like(rigid)
    inverse[:, :3, :3] = rigid[:, :3, :3].transpose(0, 2, 1)
    inverse[:, :3, 3] = -np.einsum("bij,bj->bi", inverse[:, :3, :3], rigid[:, :3, 3])
    inverse[:, 3, 3] = 1.0
    return inverse
