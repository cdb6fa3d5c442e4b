"""What clients send every tick for many actors, as the arrays that dynamics takes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from jaxtyping import UInt32

from drivegen.embedded.dynamics.vehicles import VehicleControls
from drivegen.embedded.wire.actors import VehicleControl
from drivegen.embedded.wire.commands import ApplyVehicleControl, ApplyWalkerState
from drivegen.embedded.wire.frames import locations_to_carla
from drivegen.embedded.world.actors import ActorKind
from drivegen.embedded.world.world import World


class Gathered:
    """Drivers' controls and walkers' steps of a batch, to be set at once."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._controls: dict[int, VehicleControl] = {}
        self._steps: dict[int, ApplyWalkerState] = {}

    def take(self, command: ApplyVehicleControl | ApplyWalkerState) -> None:
        """Keeps a command until `apply`. Raises ActorError if its actor is not there."""
        if isinstance(command, ApplyVehicleControl):
            self._world.actors.find(command.actor, ActorKind.VEHICLE)
            self._controls[command.actor] = command.control
        else:
            self._world.actors.find(command.actor, ActorKind.WALKER)
            self._steps[command.actor] = command

    def apply(self) -> None:
        """Carries out and forgets what was taken."""
        if self._controls:
            self._world.vehicles.set_control(*control_arrays(self._controls))
            self._controls.clear()
        if self._steps:
            rows = [(s.transform.location, s.transform.rotation.yaw, s.speed) for s in self._steps.values()]
            places = locations_to_carla(np.array([(at.x, at.y, at.z) for at, _, _ in rows], np.float64))
            self._world.walkers.lead(
                list(self._steps),
                places[:, :2],
                -np.radians(np.array([yaw for _, yaw, _ in rows], np.float64)),
                np.array([speed for _, _, speed in rows], np.float64),
            )
            self._steps.clear()


def control_arrays(
    controls: Mapping[int, VehicleControl],
) -> tuple[UInt32[np.ndarray, "n"], VehicleControls]:
    """Controls by vehicle, as rows."""
    rows = list(controls.values())
    return np.fromiter(controls, np.uint32, len(controls)), VehicleControls(
        throttle=np.array([c.throttle for c in rows], np.float64),
        steer=np.array([c.steer for c in rows], np.float64),
        brake=np.array([c.brake for c in rows], np.float64),
        hand_brake=np.array([c.hand_brake for c in rows], np.bool_),
        reverse=np.array([c.reverse for c in rows], np.bool_),
        manual_gear=np.array([c.manual_gear_shift for c in rows], np.bool_),
        gear=np.array([c.gear for c in rows], np.int32),
    )
