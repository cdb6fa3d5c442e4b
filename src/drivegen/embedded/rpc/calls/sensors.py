"""Calls about sensors."""

from __future__ import annotations

from drivegen.embedded.rpc.dispatch import CallError
from drivegen.embedded.rpc.session import Session
from drivegen.embedded.wire.codec import U32
from drivegen.embedded.world.actors import ActorKind


def set_ignored_vehicles(session: Session, sensor: U32, vehicles: tuple[U32, ...]) -> None:
    """The vehicles that a sensor does not see, in place of those before.

    In CARLA only the Cosmos camera heeds it; here every sensor that looks at something does.
    """
    found = session.world.actors.find(sensor, ActorKind.SENSOR)
    if found.sensor is None:
        raise CallError(f"actor {sensor} ({found.type_id}) is worked out by the client: it looks at nothing")
    for vehicle in vehicles:
        session.world.actors.find(vehicle, ActorKind.VEHICLE)
    found.sensor.ignored = frozenset(vehicles)
