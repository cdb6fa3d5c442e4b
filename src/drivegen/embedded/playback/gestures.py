"""Doors that swing and walkers that clients have posed, as recordings keep them."""

from __future__ import annotations

from drivegen.core.skeleton import PARENT_BONE
from drivegen.embedded.assets.people.posing import relatives
from drivegen.embedded.assets.vehicles.doors import DOORS
from drivegen.embedded.playback.frames import pose_of_matrix
from drivegen.embedded.playback.log import packets as p
from drivegen.embedded.world.actors import Actor, ActorKind
from drivegen.embedded.world.doors import DoorStates
from drivegen.embedded.world.world import World


class DoorLog:
    """Notices what doors were told since it last looked."""

    def __init__(self) -> None:
        self._known: dict[int, DoorStates] = {}

    def told(self, world: World) -> tuple[p.VehicleDoor, ...]:
        """A record for each door of each vehicle that was told something new."""
        records = []
        known, self._known = self._known, {}
        for actor in world.actors.of_kind(ActorKind.VEHICLE):
            self._known[actor.id] = actor.doors
            before = known.get(actor.id, DoorStates())
            if actor.doors is before:
                continue
            for door, swing, last in zip(DOORS, actor.doors.swings, before.swings, strict=True):
                if swing is not None and swing != last:
                    records.append(p.VehicleDoor(actor=actor.id, door=int(door), open=swing.opens))
        return tuple(records)


def walker_bones(world: World) -> tuple[p.WalkerBones, ...]:
    """The bones, as they are seen, of walkers whose pose a client shows."""
    return tuple(
        p.WalkerBones(actor=actor.id, bones=_bones(world, actor))
        for actor in world.actors.of_kind(ActorKind.WALKER)
        if actor.pose is not None and actor.pose.shows and actor.asset is not None
    )


def _bones(world: World, walker: Actor) -> tuple[p.Bone, ...]:
    row = world.walkers.row_of(walker.id)
    seen = walker.asset.bones(
        float(world.walkers.gait_phase_rad[row]), float(world.walkers.speed_mps[row]), walker.pose
    )
    bones = []
    for name, relative in relatives(seen).items():
        if name in PARENT_BONE:
            location, rotation = pose_of_matrix(relative)
            bones.append(p.Bone(name=name, location_cm=location, rotation_deg=rotation))
    return tuple(bones)
