"""Beacons and hazard lights, which the Traffic Manager leaves alone or is kept from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import carla

_LIGHT = carla.VehicleLightState
BEACON = int(_LIGHT.Special1) | int(_LIGHT.Special2)
HAZARD = int(_LIGHT.LeftBlinker) | int(_LIGHT.RightBlinker)

CHECK_S = 1.0
"""Beacons are looked after so often."""


class Lamps:
    """Lights that plans and orders switch on.

    The Traffic Manager changes position lights, indicators and brake lights alone, from the state that the
    server tells, so that beacons stay; it is looked after all the same, since servers differ. Hazard lights
    are indicators: `update_vehicle_lights` must be off while they blink.
    """

    def __init__(self, world: Any) -> None:
        self._world = world
        self._beacons: set[int] = set()
        self._checked_s = -CHECK_S

    def beacon(self, actor: int) -> None:
        """Keeps an actor's beacon on from the next `commands`."""
        self._beacons.add(actor)

    def forget(self, actor: int) -> None:
        """Of an actor that has left."""
        self._beacons.discard(actor)

    def commands(self, time_s: float, present: Iterable[int]) -> list[Any]:
        """What keeps beacons on; asks the server for its lights every `CHECK_S`, if there are beacons."""
        wanted = sorted(self._beacons.intersection(present))
        if not wanted or time_s < self._checked_s + CHECK_S - 1e-6:
            return []
        self._checked_s = time_s
        shown = {int(actor): int(state) for actor, state in self._world.get_vehicles_light_states().items()}
        return [
            carla.command.SetVehicleLightState(actor, shown.get(actor, 0) | BEACON)
            for actor in wanted
            if shown.get(actor, 0) & BEACON != BEACON
        ]

    def hazard(self, actor: int, on: bool) -> Any:
        """The command that switches an actor's hazard lights; its other lights go off, but for its beacon."""
        state = (HAZARD if on else 0) | (BEACON if actor in self._beacons else 0)
        return carla.command.SetVehicleLightState(actor, state | int(_LIGHT.Position))
