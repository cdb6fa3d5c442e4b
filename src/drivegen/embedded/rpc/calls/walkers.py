"""Calls about walkers."""

from __future__ import annotations

import math
from dataclasses import replace

from drivegen.core.skeleton import PARENT_BONE
from drivegen.embedded.assets.people.posing import CustomPose
from drivegen.embedded.rpc.bones import walker_bones, with_pose_of_now
from drivegen.embedded.rpc.session import Session
from drivegen.embedded.wire.actors import WalkerBones, WalkerControl, WalkerPose
from drivegen.embedded.wire.codec import U32
from drivegen.embedded.wire.frames import pose_of, vector_of
from drivegen.embedded.world.actors import ActorKind


def apply_control_to_walker(session: Session, actor: U32, control: WalkerControl) -> None:
    """Where a walker goes until told otherwise."""
    session.world.actors.find(actor, ActorKind.WALKER)
    session.world.walkers.set_control(actor, vector_of(control.direction), control.speed, control.jump)


def get_bones_transform(session: Session, actor: U32) -> WalkerBones:
    """A walker's pose, bone by bone."""
    found = session.world.actors.find(actor, ActorKind.WALKER)
    return walker_bones(session.world, session.simulation.scenery, found)


def set_bones_transform(session: Session, actor: U32, pose: WalkerPose) -> None:
    """Sets bones of a walker's custom pose, each in the frame of the bone before it.

    Bones that are not listed stay as the custom pose has them; a walker without one gets the pose of this
    moment first, as CARLA does. It is seen as far as `blend_pose` mixes it in. Names that are no bones are
    left out and the log says so.
    """
    walker = session.world.actors.find(actor, ActorKind.WALKER)
    custom = walker.pose
    if custom is None or not custom.relative:
        custom = with_pose_of_now(session.world, session.simulation.scenery, walker)
    given = {name: pose_of(transform).matrix for name, transform in pose.bones if name in PARENT_BONE}
    walker.pose = replace(custom, relative={**custom.relative, **given})
    wrong = sorted({name for name, _ in pose.bones} - PARENT_BONE.keys())
    if wrong:
        session.simulation.warn(
            f"set_bones of walker {actor}: no bones are called {', '.join(repr(n[:60]) for n in wrong[:5])}; "
            "get_bones names them all"
        )


def blend_pose(session: Session, actor: U32, blend: float) -> None:
    """Mixes a walker's custom pose with its movement: 0 shows the movement alone, 1 the pose alone."""
    walker = session.world.actors.find(actor, ActorKind.WALKER)
    share = min(max(blend, 0.0), 1.0) if math.isfinite(blend) else 0.0
    walker.pose = replace(walker.pose or CustomPose(relative={}), blend=share)


def get_pose_from_animation(session: Session, actor: U32) -> None:
    """Takes what a walker's body does at this moment as its custom pose."""
    walker = session.world.actors.find(actor, ActorKind.WALKER)
    walker.pose = with_pose_of_now(session.world, session.simulation.scenery, walker)
