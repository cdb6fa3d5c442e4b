"""What clients send every tick for many actors, given to dynamics at once."""

from __future__ import annotations

import numpy as np
from jaxtyping import UInt32

from drivegen.embedded.dynamics.vehicles import VehicleControls
from drivegen.embedded.wire.actors import VehicleControl
from drivegen.embedded.wire.commands import ApplyWalkerState
from drivegen.embedded.wire.frames import locations_to_carla
from drivegen.embedded.wire.tables import ControlTable, StepTable
from drivegen.embedded.world.actors import ActorKind
from drivegen.embedded.world.world import World


def drive(world: World, table: ControlTable) -> None:
    """Sets drivers' controls. Raises ActorError, having set none, when one is about no vehicle."""
    for actor in table.actors:
        world.actors.find(actor, ActorKind.VEHICLE)
    throttle, steer, brake = table.numbers
    hand_brake, reverse, manual_gear = table.switches
    world.vehicles.set_control(
        np.array(table.actors, np.uint32),
        VehicleControls(
            throttle=throttle,
            steer=steer,
            brake=brake,
            hand_brake=hand_brake,
            reverse=reverse,
            manual_gear=manual_gear,
            gear=table.gear,
        ),
    )


def lead(world: World, table: StepTable) -> None:
    """Leads walkers. Raises ActorError, having led none, when one is about no walker."""
    for actor in table.actors:
        world.actors.find(actor, ActorKind.WALKER)
    world.walkers.lead(
        table.actors,
        locations_to_carla(table.location_m)[:, :2],
        -np.radians(table.yaw_deg),
        table.speed_mps,
    )


def step_of(command: ApplyWalkerState) -> StepTable:
    """One walker's step as a row."""
    at, turn = command.transform.location, command.transform.rotation
    return StepTable(
        actors=(command.actor,),
        location_m=np.array([[at.x, at.y, at.z]]),
        yaw_deg=np.array([turn.yaw]),
        speed_mps=np.array([command.speed]),
    )


def control_arrays(actor: int, control: VehicleControl) -> tuple[UInt32[np.ndarray, "1"], VehicleControls]:
    """One vehicle's control as a row."""
    return np.array([actor], np.uint32), VehicleControls(
        throttle=np.array([control.throttle], np.float64),
        steer=np.array([control.steer], np.float64),
        brake=np.array([control.brake], np.float64),
        hand_brake=np.array([control.hand_brake], np.bool_),
        reverse=np.array([control.reverse], np.bool_),
        manual_gear=np.array([control.manual_gear_shift], np.bool_),
        gear=np.array([control.gear], np.int32),
    )
