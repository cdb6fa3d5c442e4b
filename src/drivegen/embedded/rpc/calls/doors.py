"""Calls about vehicles' doors."""

from __future__ import annotations

from drivegen.embedded.assets.vehicles.catalogue import DOORED
from drivegen.embedded.assets.vehicles.doors import Door
from drivegen.embedded.rpc.dispatch import CallError
from drivegen.embedded.rpc.session import Session
from drivegen.embedded.wire.codec import U8, U32
from drivegen.embedded.world.actors import ActorKind


def open_vehicle_door(session: Session, actor: U32, door: U8) -> None:
    """Opens a door (front left 0, front right 1, rear left 2, rear right 3, all 6) within a second.

    As in CARLA, nothing happens to a vehicle whose blueprint says that it has no dynamic doors.
    """
    _tell(session, actor, door, opens=True)


def close_vehicle_door(session: Session, actor: U32, door: U8) -> None:
    """Shuts a door, or all, within a second."""
    _tell(session, actor, door, opens=False)


def _tell(session: Session, actor: int, door: int, *, opens: bool) -> None:
    vehicle = session.world.actors.find(actor, ActorKind.VEHICLE)
    try:
        wanted = Door(door)
    except ValueError:
        numbers = ", ".join(f"{int(d)} {d.name.lower().replace('_', ' ')}" for d in Door)
        raise CallError(f"vehicle {actor}: door {door} is none of {numbers}") from None
    if vehicle.type_id not in DOORED:
        session.simulation.warn(f"{vehicle.type_id} has no doors that open (has_dynamic_doors is false)")
        return
    vehicle.doors = vehicle.doors.told(wanted, opens=opens, now_s=session.world.elapsed_s)
