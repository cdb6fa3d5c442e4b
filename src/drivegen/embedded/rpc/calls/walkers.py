"""Calls about walkers."""

from __future__ import annotations

from drivegen.embedded.rpc.bones import walker_bones
from drivegen.embedded.rpc.session import Session
from drivegen.embedded.wire.actors import WalkerBones, WalkerControl
from drivegen.embedded.wire.codec import U32
from drivegen.embedded.wire.frames import vector_of
from drivegen.embedded.world.actors import ActorKind


def apply_control_to_walker(session: Session, actor: U32, control: WalkerControl) -> None:
    """Where a walker goes until told otherwise."""
    session.world.actors.find(actor, ActorKind.WALKER)
    session.world.walkers.set_control(actor, vector_of(control.direction), control.speed, control.jump)


def get_bones_transform(session: Session, actor: U32) -> WalkerBones:
    """A walker's pose, bone by bone."""
    found = session.world.actors.find(actor, ActorKind.WALKER)
    return walker_bones(session.world, session.simulation.scenery, found)
