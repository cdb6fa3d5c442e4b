"""Calls about vehicles."""

from __future__ import annotations

from drivegen.embedded.rpc.controls import control_arrays
from drivegen.embedded.rpc.session import Session
from drivegen.embedded.wire.actors import VehicleControl, VehicleLightState
from drivegen.embedded.wire.codec import U32
from drivegen.embedded.world.actors import ActorKind


def apply_control_to_vehicle(session: Session, actor: U32, control: VehicleControl) -> None:
    """What the driver does from the next tick on."""
    session.world.actors.find(actor, ActorKind.VEHICLE)
    session.world.vehicles.set_control(*control_arrays(actor, control))


def get_vehicle_light_state(session: Session, actor: U32) -> VehicleLightState:
    """A vehicle's lights."""
    return VehicleLightState(flags=session.world.actors.find(actor, ActorKind.VEHICLE).light_flags)


def set_vehicle_light_state(session: Session, actor: U32, lights: VehicleLightState) -> None:
    """Switches a vehicle's lights."""
    session.world.actors.find(actor, ActorKind.VEHICLE).light_flags = lights.flags


def get_vehicle_light_states(session: Session) -> tuple[tuple[U32, U32], ...]:
    """All vehicles' lights: (id, flags)."""
    return tuple((a.id, a.light_flags) for a in session.world.actors.of_kind(ActorKind.VEHICLE))
